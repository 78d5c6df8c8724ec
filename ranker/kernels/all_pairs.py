"""Gradients of all pairs within jobs, nothing sampled and no list cut: RankNet and LambdaRank.

Jobs, pairs and losses are those of :mod:`ranker.kernels.pair_gradients`; here every pair is met.
Nothing is checked here: callers pass what the docstrings say.
"""

import math

import numpy as np
from numpy.typing import NDArray

from ranker.kernels.compiled import kernel
from ranker.kernels.descending import descending_order
from ranker.kernels.heads import longest
from ranker.kernels.job_slices import over_jobs

__all__ = ["all_lambda_gradients", "all_pair_gradients"]

# exp stays finite, and above 0 in full precision, up to here on either side of the middle of a job.
WIDE = 700.0
NONE = np.empty(0, dtype=np.int64)
SUMS = {"reassoc", "contract", "nsz"}  # may be added in any order


@kernel()
def _about_the_middle(scores: NDArray[np.float64], indptr: NDArray[np.int64]) -> NDArray[np.float64]:
    """Scores less the middle of their job; 0 throughout jobs too wide for one exponential a row."""
    out = np.zeros(scores.size)
    for job in range(indptr.size - 1):
        given = scores[indptr[job] : indptr[job + 1]]
        if given.size == 0:
            continue
        low, high = given.min(), given.max()
        if high / 2 - low / 2 <= WIDE:
            out[indptr[job] : indptr[job + 1]] = given - (low / 2 + high / 2)
    return out


@kernel(fastmath=SUMS, error_model="numpy")
def _meet(
    strength: NDArray[np.float64],
    worth: NDArray[np.float64],
    labels: NDArray[np.float64],
    weights: NDArray[np.float64],
    alike: float,
    gradient: NDArray[np.float64],
    hessian: NDArray[np.float64],
) -> None:
    """Let every row of one job, labels descending, meet all rows of lower labels.

    A pair weighs ``alike + |difference of worth|`` times the difference of its labels and both weights;
    ``strength`` is exp(score), so the odds that the worse row comes first are a quotient of sums.
    """
    # One division a pair: .31 ns, against 1.9 with an exponential a pair. numba's own error model tests
    # each divisor for 0, which keeps the loop from vectors: 1.45 ns. Four better rows at a time: .31 too.
    first = 0
    while first < labels.size:
        after = first + 1
        while after < labels.size and labels[after] == labels[first]:
            after += 1
        strength_, worth_, labels_, weights_ = (
            strength[after:],
            worth[after:],
            labels[after:],
            weights[after:],
        )
        gradient_, hessian_ = gradient[after:], hessian[after:]
        for i in range(first, after):
            push, curve = 0.0, 0.0
            for j in range(labels_.size):
                share = 1.0 / (strength[i] + strength_[j])
                weight = (
                    (alike + abs(worth[i] - worth_[j])) * (labels[i] - labels_[j]) * weights[i] * weights_[j]
                )
                pull = weight * (strength_[j] * share)
                bend = pull * (strength[i] * share)
                push += pull
                curve += bend
                gradient_[j] += pull
                hessian_[j] += bend
            gradient[i] -= push
            hessian[i] += curve
        first = after


@kernel()
def _meet_far_apart(
    scores: NDArray[np.float64],
    worth: NDArray[np.float64],
    labels: NDArray[np.float64],
    weights: NDArray[np.float64],
    alike: float,
    gradient: NDArray[np.float64],
    hessian: NDArray[np.float64],
) -> None:
    """As :func:`_meet`, with an exponential a pair: for jobs of scores more than 2 * WIDE apart."""
    for i in range(labels.size):
        for j in range(i + 1, labels.size):
            if labels[j] == labels[i]:
                continue
            weight = (alike + abs(worth[i] - worth[j])) * (labels[i] - labels[j]) * weights[i] * weights[j]
            odds = 1.0 / (1.0 + math.exp(min(scores[i] - scores[j], WIDE)))
            gradient[i] -= weight * odds
            gradient[j] += weight * odds
            hessian[i] += weight * odds * (1.0 - odds)
            hessian[j] += weight * odds * (1.0 - odds)


@kernel()
def _gradients_of_jobs(
    scores: NDArray[np.float64],
    strength: NDArray[np.float64],
    labels: NDArray[np.float64],
    weights: NDArray[np.float64],
    indptr: NDArray[np.int64],
    by_label: NDArray[np.int64],
    by_score: NDArray[np.int64],
    discounts: NDArray[np.float64],
    gradient: NDArray[np.float64],
    hessian: NDArray[np.float64],
) -> None:
    """Fill gradient and hessian of each job's rows; RankNet's where ``discounts`` is empty."""
    lambdas = discounts.size > 0
    most = longest(0, indptr.size - 1, indptr)
    rows = np.empty((6, most))
    worth_of_row = np.zeros(most)
    for job in range(indptr.size - 1):
        start, end = indptr[job], indptr[job + 1]
        size = end - start
        ideal = 0.0
        if lambdas:
            for rank in range(size):
                worth_of_row[by_score[start + rank] - start] = discounts[rank]
                ideal += labels[by_label[start + rank]] * discounts[rank]
            if ideal <= 0.0:
                gradient[start:end] = 0.0
                hessian[start:end] = 0.0
                continue
        unit = 1.0 / ideal if lambdas else 1.0
        strength_, worth_, labels_, weights_ = rows[0, :size], rows[1, :size], rows[2, :size], rows[3, :size]
        gradient_, hessian_ = rows[4, :size], rows[5, :size]
        lowest, highest = np.inf, -np.inf
        for place in range(size):
            row = by_label[start + place]
            strength_[place] = strength[row]
            worth_[place] = worth_of_row[row - start] * unit
            labels_[place] = labels[row]
            weights_[place] = weights[row]
            gradient_[place], hessian_[place] = 0.0, 0.0
            lowest, highest = min(lowest, scores[row]), max(highest, scores[row])
        alike = 0.0 if lambdas else 1.0
        if highest / 2 - lowest / 2 <= WIDE:
            _meet(strength_, worth_, labels_, weights_, alike, gradient_, hessian_)
        else:
            for place in range(size):
                strength_[place] = scores[by_label[start + place]]
            _meet_far_apart(strength_, worth_, labels_, weights_, alike, gradient_, hessian_)
        for place in range(size):
            row = by_label[start + place]
            gradient[row], hessian[row] = gradient_[place], hessian_[place]


def _gradients(
    scores: NDArray[np.float64],
    labels: NDArray[np.float64],
    weights: NDArray[np.float64],
    indptr: NDArray[np.int64],
    discounts: NDArray[np.float64],
    n_threads: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    scores, labels, weights = (np.ascontiguousarray(one) for one in (scores, labels, weights))
    gradient, hessian = np.empty((2, scores.size))
    # Sorted before the threads part: a thread lets go of the interpreter's lock for every list it sorts, and two
    # of them then wait for each other longer than they sort.
    by_score = descending_order(scores, indptr) if discounts.size else NONE
    by_label = descending_order(labels, indptr)

    def fill(first: int, last: int) -> None:
        start = int(indptr[first])
        rows = slice(start, int(indptr[last]))
        own_indptr = indptr[first : last + 1] - start
        strength = np.exp(_about_the_middle(scores[rows], own_indptr))
        given = (scores[rows], strength, labels[rows], weights[rows], own_indptr)
        orders = by_label[rows] - start, by_score[rows] - start
        _gradients_of_jobs(*given, *orders, discounts, gradient[rows], hessian[rows])

    over_jobs(fill, np.diff(indptr) ** 2.0, n_threads)
    return gradient, hessian


def all_pair_gradients(
    scores: NDArray[np.float64],
    labels: NDArray[np.float64],
    weights: NDArray[np.float64],
    indptr: NDArray[np.int64],
    *,
    n_threads: int = 1,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """RankNet's gradient and hessian over all pairs of each job.

    Parameters
    ----------
    scores : (n,) float64 array
        Finite, in nats of odds: a difference of 1 makes the better row e times as likely first.
    labels : (n,) float64 array
        Finite grades; a pair weighs the difference of its labels times both weights.
    weights : (n,) float64 array
        0 or more.
    indptr : (n_jobs + 1,) int64 array
        Where each job begins and ends.
    n_threads : int, default=1
        Threads that share the jobs; the result is the same to the last bit.

    Returns
    -------
    gradient, hessian : (n,) float64 arrays
        Of the loss with respect to the scores; the hessian's diagonal.
    """
    return _gradients(scores, labels, weights, indptr, np.empty(0), n_threads)


def all_lambda_gradients(
    scores: NDArray[np.float64],
    gains: NDArray[np.float64],
    weights: NDArray[np.float64],
    indptr: NDArray[np.int64],
    *,
    n_threads: int = 1,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """LambdaRank's gradient and hessian over all pairs of each job.

    A pair weighs what swapping its rows would change in the NDCG of the whole list, times both
    weights: LightGBM's lambdarank with ``lambdarank_truncation_level`` at the longest list,
    ``sigmoid=1`` and ``lambdarank_norm=False``, for gains of ``2 ** label - 1``. Equal scores stand
    in the order of the rows.

    Parameters
    ----------
    scores, weights, indptr, n_threads
        As in :func:`all_pair_gradients`.
    gains : (n,) float64 array
        0 or more; jobs without any gain have no gradient.

    Returns
    -------
    gradient, hessian : (n,) float64 arrays
        Of the loss with respect to the scores; the hessian's diagonal.

    References
    ----------
    Burges (2010), From RankNet to LambdaRank to LambdaMART, MSR-TR-2010-82.
    """
    discounts = 1.0 / np.log2(2.0 + np.arange(np.diff(indptr).max(initial=0)))
    return _gradients(scores, gains, weights, indptr, discounts, n_threads)
