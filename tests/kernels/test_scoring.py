import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal

from ranker.kernels.tables import BIN_TILE, TILE, WIDE_TILE, add_terms, bin_numbers, fill_terms
from ranker.scoring.binning import grid_of, round_up
from tests.kernels.reference_scoring import bin_numbers_reference, contributions_reference, scores_reference

ODD = [0.0, -0.0, np.nan, np.inf, -np.inf, 1e308, -1e308, 5e-324, -5e-324, 2.0**-149, 1e300]
FINITE = st.floats(allow_nan=False, allow_infinity=False)


def binned(values, cuts, dtype=np.uint32):
    codes = np.full(len(values), 77, dtype)
    bin_numbers(values, *grid_of(cuts), codes)
    return codes


@st.composite
def columns_and_cuts(draw, width=64):
    floats = st.floats(allow_nan=False, allow_infinity=False, width=width)
    cuts = draw(st.lists(st.one_of(floats, st.integers(-9, 9).map(float)), max_size=40, unique=True))
    cuts = np.array(sorted(cuts), np.float64 if width == 64 else np.float32)
    with np.errstate(over="ignore"):
        near = [np.nextafter(cuts, -np.inf), cuts, np.nextafter(cuts, np.inf)]
        pool = np.concatenate([np.array(ODD).astype(cuts.dtype), *near])
    picks = draw(st.lists(st.integers(0, len(pool) - 1), max_size=60))
    return pool[picks], cuts


@settings(deadline=None)
@given(columns_and_cuts(64))
def test_codes_of_doubles_agree_with_the_plain_twin(found):
    values, cuts = found
    assert binned(values, cuts).tolist() == bin_numbers_reference(values.tolist(), cuts.tolist())


@settings(deadline=None)
@given(columns_and_cuts(32))
def test_codes_of_singles_agree_with_the_plain_twin(found):
    values, cuts = found
    assert binned(values, cuts).tolist() == bin_numbers_reference(values.tolist(), cuts.tolist())


@settings(deadline=None)
@given(arrays(np.float32, st.integers(0, 30)), st.lists(FINITE, max_size=20, unique=True))
def test_cuts_rounded_upwards_bin_singles_as_the_cuts_themselves_do(values, cuts):
    """Values on the rounded cuts and next to them are the ones that could go wrong."""
    cuts = np.array(sorted(cuts), np.float64)
    rounded = round_up(cuts)
    with np.errstate(over="ignore"):
        near = np.nextafter(rounded, np.float32(-np.inf)), np.nextafter(rounded, np.float32(np.inf))
    values = np.concatenate([values, rounded, *near])
    expected = bin_numbers_reference(values.tolist(), cuts.tolist())
    assert binned(values, rounded).tolist() == expected


@pytest.mark.parametrize("spread", [1, 3, 9, 300], ids="{} cuts a cell".format)
@pytest.mark.parametrize("n", [0, 1, BIN_TILE - 1, BIN_TILE, 2 * BIN_TILE + 1])
def test_crowded_cells_are_halved_as_often_as_they_need(spread, n):
    """A far-off cut makes cells wide, so that many cuts share one."""
    crowd = np.linspace(0.0, 1e-9, spread)
    cuts = np.concatenate([[-1e6], crowd, [1e6]]) if spread > 1 else np.array([0.0])
    values = np.random.default_rng(0).choice(
        np.concatenate([cuts, crowd + 1e-13, crowd - 1e-13, [np.nan]]), n
    )
    n_steps = grid_of(cuts).n_steps
    assert n_steps == spread.bit_length()
    assert binned(values, cuts).tolist() == bin_numbers_reference(values.tolist(), cuts.tolist())


def test_as_many_cuts_as_do_not_fit_two_bytes_have_four():
    cuts = np.arange(70_000.0)
    values = np.array([np.nan, -1.0, 0.0, 65_534.5, 69_999.0])
    assert binned(values, cuts).tolist() == [0, 1, 1 + 1, 1 + 65_535, 1 + 70_000]


@st.composite
def programs(draw):
    """Features with few or many codes, terms of one to three of them, and rows of any number."""
    sizes = draw(st.lists(st.sampled_from([1, 3, 40, 300]), min_size=1, max_size=6))
    choices = st.lists(st.integers(0, len(sizes) - 1), min_size=1, max_size=3, unique=True)
    singles = draw(st.lists(st.integers(0, len(sizes) - 1).map(lambda f: [f]), max_size=9))
    features = singles + draw(st.lists(choices, max_size=4))
    features = [f for f in features if np.prod([sizes[g] for g in f]) < 20_000]
    n = draw(st.sampled_from([0, 1, 2, WIDE_TILE + 1, TILE, TILE + 3]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    codes = [rng.integers(0, size, n) for size in sizes]
    tables = [rng.normal(size=[sizes[g] for g in f]) for f in features]
    return (
        sizes,
        features,
        tables,
        codes,
        n,
        draw(st.sampled_from([0, 5])),
        draw(st.sampled_from(["u2", "u4"])),
    )


def arguments(sizes, features, tables, codes, n, first, wide_type):
    """What the kernels take: the layout and the program, built here in the plainest way."""
    small = [f for f, size in enumerate(sizes) if size <= 256]
    large = [f for f, size in enumerate(sizes) if size > 256]
    narrow, wide = np.zeros((len(small), first + n), "u1"), np.zeros((len(large), first + n), wide_type)
    for matrix, own in ((narrow, small), (wide, large)):
        for r, f in enumerate(own):
            matrix[r, first:] = codes[f]
    row = {f: r for r, f in enumerate(small)} | {f: -1 - r for r, f in enumerate(large)}
    maps, lengths = [np.empty(0)], []
    for f, table in zip(features, tables, strict=True):
        for k, g in enumerate(f):
            steps = np.arange(sizes[g]) * int(np.prod(table.shape[k + 1 :])) if len(f) > 1 else np.empty(0)
            maps.append(steps)
            lengths.append(len(steps))
    kinds = [0 if len(f) > 1 else 1 if row[f[0]] >= 0 else 2 for f in features]
    runs = [kinds[t] if kinds[t : t + 4] == [kinds[t]] * 4 else 0 for t in range(len(kinds))]

    def starts(counts):
        return np.cumsum([0, *counts]).astype(np.int64)

    steps = (
        starts([len(f) for f in features]),
        np.concatenate(maps).astype(np.uint32),
        starts(lengths),
        starts([table.size for table in tables]),
    )
    rows = np.array([row[g] for f in features for g in f], np.int64)
    flat = np.concatenate([np.empty(0), *(table.ravel() for table in tables)])
    return first, narrow, wide, rows, steps, np.array(runs, np.int64), flat


@settings(deadline=None, max_examples=60)
@given(programs())
def test_sums_and_contributions_agree_with_their_plain_twins_to_the_last_bit(program):
    _, features, tables, codes, n, *_ = program
    first, narrow, wide, rows, steps, runs, flat = arguments(*program)
    nested, codes = [table.tolist() for table in tables], [own.tolist() for own in codes]
    scores = np.full(n, np.nan)
    add_terms(scores, np.array([0.3]), first, narrow, wide, rows, *steps, runs, flat)
    assert scores.tolist() == scores_reference(0.3, nested, features, codes)
    contributions = np.full((n, len(features)), np.nan)
    fill_terms(contributions, first, narrow, wide, rows, *steps, runs, flat)
    expected = np.array(contributions_reference(nested, features, codes), float).reshape(n, len(features))
    assert_array_equal(contributions, expected)
    scores = np.zeros(n, np.float32)
    singles = [table.astype(np.float32) for table in tables]
    add_terms(
        scores, np.array([0.3], np.float32), first, narrow, wide, rows, *steps, runs, flat.astype(np.float32)
    )
    assert_array_equal(
        scores, np.array(scores_reference(np.float32(0.3), singles, features, codes), np.float32)
    )
