from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.errors import UsageError
from ranker.text.attribution.windows import Window, cut_windows

sizes = st.integers(1, 80)
lengths = st.integers(1, 500)
overlaps = st.floats(0, 0.95)


def test_a_text_that_fits_is_one_window():
    assert cut_windows(10, 10) == (Window(0, 10, 1.0),)


def test_a_text_without_tokens_is_one_empty_window():
    assert cut_windows(0, 10) == (Window(0, 0, 1.0),)


def test_each_window_weighs_the_tokens_it_adds():
    assert cut_windows(10, 6) == (Window(0, 6, 0.6), Window(4, 10, 0.4))


@given(lengths, sizes, overlaps)
def test_every_token_is_in_a_window_and_adds_its_weight_once(n, size, overlap):
    windows = cut_windows(n, size, overlap)
    added = [set(range(w.start, w.stop)) for w in windows]
    for i, tokens in enumerate(added):
        new = tokens - set().union(*added[:i])
        assert windows[i].weight == pytest.approx(len(new) / n)
        assert new
    assert set().union(*added) == set(range(n))
    assert sum(w.weight for w in windows) == pytest.approx(1)


@given(lengths, sizes, overlaps)
def test_windows_are_full_and_overlap_as_asked(n, size, overlap):
    windows = cut_windows(n, size, overlap)
    assert {w.stop - w.start for w in windows} == {min(n, size)}
    for before, after in pairwise(windows):
        # A window moves on by one token at least, whatever was asked.
        assert before.stop - after.start >= min(overlap * size, size - 1) - 1e-9


@given(lengths, sizes, overlaps)
def test_no_window_could_be_left_out(n, size, overlap):
    windows = cut_windows(n, size, overlap)
    step = max(1, int(size * (1 - overlap)))
    assert len(windows) == 1 or size + (len(windows) - 2) * step < n


@pytest.mark.parametrize("overlap", [-0.1, 1.0, float("nan")])
def test_an_overlap_out_of_range_is_refused(overlap):
    with pytest.raises(UsageError, match="window_overlap"):
        cut_windows(10, 5, overlap)


def test_a_window_without_room_is_refused():
    with pytest.raises(UsageError, match="larger max_tokens"):
        cut_windows(10, 0)
