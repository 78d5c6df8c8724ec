"""Cyclic boosting of additive tables on pairs of candidates, with early stopping.

Nothing is checked here: callers pass what the docstrings say.
"""

import numpy as np
from numpy.typing import NDArray

from ranker.kernels.compiled import kernel
from ranker.kernels.pair_gradients import lambda_gradients, ndcg_loss, pair_gradients, pair_loss
from ranker.kernels.steps import step_of_categories, step_of_one, step_of_two, sum_cells

__all__ = ["LAMBDA", "PAIRS", "boost"]

PAIRS, LAMBDA = 0, 1
CURVATURE = 1e-3  # floor of the hessian, in shares of its mean: rows that no pair moves stay put


@kernel()
def boost(
    objective: int,
    cells: NDArray[np.int32],
    shapes: NDArray[np.int64],
    nominal: NDArray[np.bool_],
    monotone: NDArray[np.int64],
    labels: NDArray[np.float64],
    weights: NDArray[np.float64],
    indptr: NDArray[np.int64],
    base: NDArray[np.float64],
    held_cells: NDArray[np.int32],
    held_labels: NDArray[np.float64],
    held_weights: NDArray[np.float64],
    held_indptr: NDArray[np.int64],
    held_base: NDArray[np.float64],
    n_opponents: int,
    top: int,
    rate: float,
    least: float,
    cuts: NDArray[np.float64],
    patience: int,
    max_rounds: int,
) -> tuple[NDArray[np.float64], int]:
    """Boost one bag.

    Parameters
    ----------
    objective : 0 (pairs) or 1 (lambda)
    cells : (n_terms, n) int32
        Flat cell of each training row in each term's table; rows sorted by job.
    shapes : (n_terms, 2) int64
        Bins along each axis; the second is 1 for a term of one feature.
    nominal : (n_terms,) bool
        Terms of one unordered feature.
    monotone : (n_terms,) int64 of -1, 0, 1
        Direction that a term of one feature must keep.
    labels, weights, base : (n,)
        Labels, row weights and scores to start from.
    indptr : (n_jobs + 1,) int64
        Jobs of the training rows.
    held_cells, held_labels, held_weights, held_base, held_indptr
        The same for the rows that stop it early.
    n_opponents, top : int
        See ``pair_gradients`` and ``lambda_gradients``.
    rate : float
        Share of each Newton step that is taken.
    least : float
        Rows that a leaf must hold.
    cuts : (n_smoothing, n_terms)
        Shares of the rows at which the first rounds cut: places at random smooth a shape.
    patience, max_rounds : int
        Rounds without improvement after which it stops; most rounds.

    Returns
    -------
    tables : (sum of cells over terms,) float64
        The tables of the best round, one after another.
    best_round : int
        0 where nothing improved on the start: all tables are 0.
    """
    n_terms, n = cells.shape
    smoothing = cuts.shape[0]
    n_cells = shapes[:, 0] * shapes[:, 1]
    starts = np.zeros(n_terms + 1, np.int64)
    starts[1:] = np.cumsum(n_cells)
    tables = np.zeros(starts[-1])
    best_tables, best_round = tables.copy(), 0
    scores, held = base.copy(), held_base.copy()
    gradient, hessian = np.zeros(n), np.zeros(n)
    sums, step = np.zeros((n_cells.max(), 3)), np.zeros(n_cells.max())
    best = np.inf
    for turn in range(1, max_rounds + 1):
        if objective == 0:
            pair_gradients(scores, labels, weights, indptr, n_opponents, turn, gradient, hessian)
        else:
            lambda_gradients(scores, labels, weights, indptr, top, gradient, hessian)
        mean = hessian.mean()
        if mean <= 0.0:
            break
        hessian += CURVATURE * mean
        for term in range(n_terms):
            k = n_cells[term]
            sum_cells(cells[term], gradient, hessian, sums[:k])
            cut = cuts[turn - 1, term] if turn <= smoothing else -1.0
            if shapes[term, 1] > 1:
                step_of_two(sums[:k], shapes[term, 0], shapes[term, 1], least, mean, rate, step[:k])
            elif nominal[term]:
                step_of_categories(sums[:k], cut, least, mean, rate, step[:k])
            else:
                step_of_one(sums[:k], cut, monotone[term], least, mean, rate, step[:k])
            tables[starts[term] : starts[term + 1]] += step[:k]
            for i in range(n):
                moved = step[cells[term, i]]
                scores[i] += moved
                # To second order; the next term sees what this one has explained.
                gradient[i] += hessian[i] * moved
            for i in range(held.size):
                held[i] += step[held_cells[term, i]]
        loss = _loss(objective, held, held_labels, held_weights, held_indptr, n_opponents)
        if loss < best:
            best, best_round = loss, turn
            best_tables[:] = tables
        elif turn - max(best_round, smoothing) >= patience:
            break
    return best_tables, best_round


@kernel()
def _loss(
    objective: int,
    scores: NDArray[np.float64],
    labels: NDArray[np.float64],
    weights: NDArray[np.float64],
    indptr: NDArray[np.int64],
    n_opponents: int,
) -> float:
    if objective == 0:
        return pair_loss(scores, labels, weights, indptr, 2 * n_opponents)
    return ndcg_loss(scores, labels, indptr)
