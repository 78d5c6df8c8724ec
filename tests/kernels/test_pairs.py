"""Kernels of pairs against their plain twins, and laws that hold whatever the lists."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference_pairs import (
    all_lambda_gradients_reference,
    all_pair_gradients_reference,
    inversions_reference,
    pairs_won_reference,
    pairwise_accuracy_reference,
)

from ranker.kernels.all_pairs import all_lambda_gradients, all_pair_gradients
from ranker.kernels.inversions import inversions
from ranker.kernels.job_slices import job_slices
from ranker.kernels.pair_gradients import lambda_gradients, pair_gradients
from ranker.kernels.pairwise_accuracy import pairs_won, pairwise_accuracy

# Ties, the ends of what one exponential a row can tell apart, and beyond them.
SCORES = st.one_of(
    st.integers(-3, 3).map(float),
    st.floats(-4, 4),
    st.sampled_from([-0.0, -700.0, 700.0, 701.0, 1e6, -1e308, 1e308]),
)
LABELS = st.one_of(st.sampled_from([0.0, 0.0, 1.0, 3.0]), st.floats(0, 9))
WEIGHTS = st.sampled_from([0.0, 0.5, 1.0, 2.0])
SIZES = st.lists(st.integers(0, 12), max_size=5)
TWINS = {
    all_pair_gradients: all_pair_gradients_reference,
    all_lambda_gradients: all_lambda_gradients_reference,
}


def indptr_of(sizes):
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


@st.composite
def jobs(draw):
    """Ragged jobs, some of them empty or of one row: scores, labels, weights, indptr."""
    sizes = draw(SIZES)
    columns = [draw(st.lists(c, min_size=sum(sizes), max_size=sum(sizes))) for c in (SCORES, LABELS, WEIGHTS)]
    return (*(np.array(column, dtype=np.float64) for column in columns), indptr_of(sizes))


def drawn(sizes, seed=0):
    rng = np.random.default_rng(seed)
    n = int(np.sum(sizes))
    scores, labels = rng.normal(size=n), rng.integers(0, 5, n).astype(np.float64)
    return scores, labels, rng.uniform(0.5, 2.0, n), indptr_of(sizes)


@pytest.mark.parametrize(("kernel", "twin"), TWINS.items(), ids=lambda f: f.__name__)
@given(case=jobs())
def test_gradients_of_all_pairs_agree_with_their_plain_twin(kernel, twin, case):
    expected = twin(*(one.tolist() for one in case))
    np.testing.assert_allclose(kernel(*case), np.reshape(expected, (2, -1)), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("kernel", TWINS, ids=lambda f: f.__name__)
@given(case=jobs())
def test_what_a_pair_gives_the_better_row_it_takes_from_the_worse(kernel, case):
    gradient, hessian = kernel(*case)
    assert (hessian >= 0).all()
    for start, end in zip(case[3][:-1], case[3][1:], strict=True):
        assert abs(gradient[start:end].sum()) <= 1e-9 * max(1.0, np.abs(gradient[start:end]).sum())


@pytest.mark.parametrize("kernel", TWINS, ids=lambda f: f.__name__)
def test_gradients_do_not_depend_on_the_threads_to_the_last_bit(kernel):
    case = drawn([30, 0, 1, 200, 7, 64, 3, 90])
    for n_threads in (2, 3):
        np.testing.assert_array_equal(kernel(*case, n_threads=n_threads), kernel(*case))


@pytest.mark.parametrize("kernel", TWINS, ids=lambda f: f.__name__)
def test_gradients_of_strided_arrays_are_those_of_their_copies(kernel):
    *columns, indptr = drawn([9, 20, 2])
    strided = [np.repeat(column, 2)[::2] for column in columns]
    np.testing.assert_array_equal(kernel(*strided, indptr), kernel(*columns, indptr))


def test_all_pairs_are_the_sampled_and_the_truncated_ones_where_these_leave_nothing_out():
    case = drawn([15, 40, 1, 0, 33])
    for all_of_them, some, limits in (
        (all_pair_gradients, pair_gradients, (99, 0)),
        (all_lambda_gradients, lambda_gradients, (99,)),
    ):
        found = np.empty((2, len(case[0])))
        some(*case, *limits, *found)
        np.testing.assert_allclose(all_of_them(*case), found, rtol=1e-9, atol=1e-12)


GROUP = st.lists(
    st.one_of(st.integers(-2, 2).map(float), st.sampled_from([-0.0, np.inf, -np.inf])), max_size=60
)


@given(GROUP, GROUP)
def test_pairs_won_between_groups_agree_with_their_plain_twin(first, second):
    found = pairs_won(np.array(first, dtype=np.float64), np.array(second, dtype=np.float64))
    assert found == pairs_won_reference(first, second)


@given(st.lists(st.floats(-9, 9, width=32), max_size=90), st.lists(st.floats(-9, 9, width=32), max_size=90))
def test_pairwise_accuracy_of_a_group_and_of_the_other_sum_to_one(first, second):
    one, other = np.array(first, dtype=np.float32), np.array(second, dtype=np.float32)
    found = pairwise_accuracy(one, other)
    np.testing.assert_equal(found, pairwise_accuracy_reference(first, second))
    if first and second:
        assert found + pairwise_accuracy(other, one) == pytest.approx(1.0, abs=1e-12)


def test_pairwise_accuracy_is_unknown_where_a_group_is_empty_or_a_score_is_missing():
    scores = np.array([0.5, np.nan, 1.0])
    for first, second in ((scores, scores[:1]), (scores[:1], scores), (scores[:0], scores[:1])):
        assert np.isnan(pairwise_accuracy(first, second))


def test_pairwise_accuracy_reads_a_strided_column():
    table = np.random.default_rng(0).normal(size=(50, 2))
    assert pairwise_accuracy(table[:, 0], table[::-1, 1]) == pairwise_accuracy_reference(
        table[:, 0].tolist(), table[:, 1].tolist()
    )


@given(st.lists(st.lists(st.one_of(st.integers(0, 4).map(float), st.floats(-9, 9)), max_size=20), max_size=5))
def test_inversions_agree_with_their_plain_twin(segments):
    values = np.array([value for segment in segments for value in segment], dtype=np.float64)
    indptr = indptr_of([len(segment) for segment in segments])
    assert inversions(values, indptr).tolist() == inversions_reference(values.tolist(), indptr)


@given(st.lists(st.floats(0, 9), max_size=30), st.integers(1, 8))
def test_slices_cover_every_job_once(cost, n_slices):
    cuts = job_slices(np.array(cost), n_slices)
    assert [job for first, last in cuts for job in range(first, last)] == list(range(len(cost)))
    assert len(cuts) <= n_slices
