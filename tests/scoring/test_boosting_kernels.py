"""Each boosting kernel against its plain twin, and what pairs and steps must keep whatever they meet."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference_boosting import (
    lambda_gradients_reference,
    ndcg_loss_reference,
    pair_gradients_reference,
    pair_loss_reference,
    push_reference,
    step_of_categories_reference,
    step_of_one_reference,
    step_of_two_reference,
    sum_cells_reference,
)

from ranker.kernels.pair_gradients import lambda_gradients, ndcg_loss, pair_gradients, pair_loss
from ranker.kernels.steps import step_of_categories, step_of_one, step_of_two, sum_cells


def gradients(kernel, scores, *given):
    """Run a kernel that fills gradient and hessian, over what they held before."""
    gradient, hessian = np.full(len(scores), 9.0), np.full(len(scores), 9.0)
    kernel(scores, *given, gradient, hessian)
    return gradient, hessian


def step(kernel, sums, *given):
    found = np.full(len(sums), 9.0)
    kernel(sums, *given, found)
    return found


def summed(cells, gradient, hessian, n_cells):
    sums = np.full((n_cells, 3), 9.0)
    sum_cells(cells, gradient, hessian, sums)
    return sums


# Whole and tied scores, and some far enough apart to overflow an exponential.
SCORES = st.one_of(st.integers(-3, 3).map(float), st.floats(-4, 4), st.sampled_from([-900.0, 900.0]))
LABELS = st.sampled_from([0.0, 0.0, 0.25, 0.5, 1.0, 3.0])
WEIGHTS = st.sampled_from([0.0, 0.5, 1.0, 1.0, 2.0])


@st.composite
def jobs(draw, weighted=True, largest=13):
    """Ragged jobs, some of them empty or of one row: scores, labels, (weights,) indptr."""
    sizes = draw(st.lists(st.integers(0, largest), max_size=5))
    n = sum(sizes)
    columns = [SCORES, LABELS, WEIGHTS] if weighted else [SCORES, LABELS]
    arrays = [np.array(draw(st.lists(c, min_size=n, max_size=n)), np.float64) for c in columns]
    return (*arrays, np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64))


@st.composite
def tables(draw, n_cells):
    """Sums of gradient, hessian and rows; whole, so that twins may add in any order."""
    cell = st.tuples(st.integers(-9, 9), st.integers(0, 9), st.sampled_from([0, 1, 2, 4, 4, 7]))
    cells = draw(st.lists(cell, min_size=n_cells, max_size=n_cells))
    return np.array([(g, h, n) if n else (0, 0, 0) for g, h, n in cells], np.float64).reshape(n_cells, 3)


LEAST = st.sampled_from([1.0, 4.0])
RIDGE = st.sampled_from([0.5, 1.0])
CUT = st.one_of(st.just(-1.0), st.floats(0, 1, exclude_max=True))
MONOTONE = st.sampled_from([-1, 0, 1])
ONE = st.integers(2, 9).flatmap(tables)


@st.composite
def sides(draw):
    n_first, n_second = draw(st.integers(2, 5)), draw(st.integers(2, 5))
    return draw(tables(n_first * n_second)), n_first, n_second


@st.composite
def rows_in_cells(draw):
    cells = np.array(draw(st.lists(st.integers(0, 4), max_size=30)), np.int32)
    numbers = st.lists(st.floats(-5, 5), min_size=len(cells), max_size=len(cells))
    return cells, np.array(draw(numbers)), np.array(draw(numbers)), 5


def with_(cases, *more):
    return st.tuples(cases, *more).map(lambda found: (*found[0], *found[1:]))


TWINS = {
    pair_gradients: (pair_gradients_reference, with_(jobs(), st.integers(1, 7), st.integers(0, 99))),
    lambda_gradients: (lambda_gradients_reference, with_(jobs(), st.integers(1, 15))),
    pair_loss: (pair_loss_reference, with_(jobs(), st.integers(1, 7))),
    ndcg_loss: (ndcg_loss_reference, jobs(weighted=False)),
    sum_cells: (sum_cells_reference, rows_in_cells()),
    step_of_one: (step_of_one_reference, st.tuples(ONE, CUT, MONOTONE, LEAST, RIDGE, st.just(0.5))),
    step_of_categories: (step_of_categories_reference, st.tuples(ONE, CUT, LEAST, RIDGE, st.just(0.5))),
    step_of_two: (step_of_two_reference, with_(sides(), LEAST, RIDGE, st.just(0.5))),
}
RUN = {
    pair_gradients: lambda *given: gradients(pair_gradients, *given),
    lambda_gradients: lambda *given: gradients(lambda_gradients, *given),
    sum_cells: summed,
    step_of_one: lambda *given: step(step_of_one, *given),
    step_of_categories: lambda *given: step(step_of_categories, *given),
    step_of_two: lambda *given: step(step_of_two, *given),
}


@pytest.mark.parametrize("kernel", TWINS, ids=lambda kernel: kernel.__name__)
def test_a_kernel_agrees_with_its_plain_twin(kernel):
    twin, cases = TWINS[kernel]

    @given(cases)
    def agree(case):
        expected = np.array(twin(*case), np.float64)
        found = np.array(RUN.get(kernel, kernel)(*case), np.float64)
        np.testing.assert_allclose(found, expected.reshape(found.shape), rtol=1e-10, atol=1e-12)

    agree()


@given(jobs(), st.integers(0, 99))
def test_rows_with_enough_opponents_meet_all_others_once(case, turn):
    scores, labels, weights, indptr = case
    gradient, hessian = np.zeros(len(scores)), np.zeros(len(scores))
    for start, end in pairwise(indptr):
        for a, b in combinations(range(start, end), 2):
            better, worse = (a, b) if labels[a] > labels[b] else (b, a)
            weight = (labels[better] - labels[worse]) * weights[a] * weights[b]
            push_reference(gradient, hessian, scores, better, worse, weight)
    found = gradients(pair_gradients, *case, 6, turn)  # half of the largest job
    np.testing.assert_allclose(found, (gradient, hessian), rtol=1e-10, atol=1e-12)


def total_weight(labels, weights, indptr):
    return sum(
        abs(labels[a] - labels[b]) * weights[a] * weights[b]
        for start, end in pairwise(indptr)
        for a, b in combinations(range(start, end), 2)
    )


@pytest.mark.parametrize("sizes", [(7, 4, 1, 0, 6), (12,)])
def test_the_gradient_is_the_slope_of_the_loss_and_the_hessian_the_slope_of_the_gradient(sizes):
    rng = np.random.default_rng(3)
    indptr = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    n = indptr[-1]
    scores, labels = rng.normal(size=n), rng.integers(0, 4, n).astype(float)
    weights = rng.uniform(0.5, 2, n)
    gradient, hessian = gradients(pair_gradients, scores, labels, weights, indptr, 8, 0)
    total = total_weight(labels, weights, indptr)
    for i in range(n):
        nudge = np.where(np.arange(n) == i, 1e-5, 0.0)
        up, down = scores + nudge, scores - nudge
        rise = pair_loss(up, labels, weights, indptr, 8) - pair_loss(down, labels, weights, indptr, 8)
        assert gradient[i] == pytest.approx(total * rise / 2e-5, abs=1e-6)
        slopes = [gradients(pair_gradients, s, labels, weights, indptr, 8, 0)[0][i] for s in (up, down)]
        assert hessian[i] == pytest.approx((slopes[0] - slopes[1]) / 2e-5, abs=1e-6)


@pytest.mark.parametrize("size", [41, 42, 97])
def test_the_opponents_of_a_large_job_stand_for_all_others(size):
    rng = np.random.default_rng(size)
    scores, labels = rng.normal(size=size), rng.integers(0, 5, size).astype(float)
    given = (scores, labels, rng.uniform(0.5, 2, size), np.array([0, size]))
    exact = np.array(gradients(pair_gradients, *given, size, 0))
    # After half the job times the opponents turns every pair was met equally often.
    cycle = [gradients(pair_gradients, *given, 4, turn) for turn in range(4 * (size // 2))]
    np.testing.assert_allclose(np.mean(cycle, axis=0), exact, rtol=1e-9)
    # One turn is a sample; ten in a row come within a fifth of the exact gradient, by norm.
    few = np.mean(cycle[:10], axis=0)
    assert np.linalg.norm(few - exact) < 0.2 * np.linalg.norm(exact)
    assert np.linalg.norm(cycle[0] - exact) > 1e-3 * np.linalg.norm(exact)


@given(jobs(), st.integers(1, 7), st.integers(0, 99))
def test_pairs_push_apart_what_they_pull_together(case, n_opponents, turn):
    gradient, hessian = gradients(pair_gradients, *case, n_opponents, turn)
    indptr = case[-1]
    for start, end in pairwise(indptr):
        assert gradient[start:end].sum() == pytest.approx(0.0, abs=1e-9)
    assert (hessian >= 0).all()


@given(ONE, CUT, st.sampled_from([-1, 1]), LEAST, RIDGE)
def test_a_monotone_step_never_breaks_its_direction(sums, cut, monotone, least, ridge):
    found = step(step_of_one, sums, cut, monotone, least, ridge, 0.5)
    assert (monotone * np.diff(found[1:-1]) >= 0).all()


def test_a_monotone_step_goes_where_it_may():
    sums = np.array([[0, 0, 0], [4, 4, 4], [0, 4, 4], [-4, 4, 4], [0, 0, 0]], float)
    assert (np.diff(step(step_of_one, sums, -1.0, 1, 4.0, 1.0, 0.5)[1:-1]) > 0).all()
    assert not step(step_of_one, sums, -1.0, -1, 4.0, 1.0, 0.5).any()
