"""Gradients and losses of pairs within jobs: RankNet and LambdaRank.

Rows are sorted by job; job ``j`` is ``indptr[j]:indptr[j + 1]``. A pair is two rows of
one job whose labels differ; the loss of a pair is ``log(1 + exp(s_worse - s_better))``.
Gradients are of the loss with respect to the scores; hessians are the diagonal.
Nothing is checked here: callers pass what the docstrings say.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["lambda_gradients", "ndcg_loss", "pair_gradients", "pair_loss"]


@njit(cache=True, nogil=True)
def pair_gradients(
    scores: NDArray[np.float64],
    labels: NDArray[np.float64],
    weights: NDArray[np.float64],
    indptr: NDArray[np.int64],
    n_opponents: int,
    turn: int,
    gradient: NDArray[np.float64],
    hessian: NDArray[np.float64],
) -> None:
    """Fill RankNet's gradient and hessian in place.

    scores, labels, weights: (n,); indptr: (n_jobs + 1,); gradient, hessian: (n,).
    A pair weighs the difference of its labels times both rows' weights. In a job of more
    than ``2 * n_opponents + 1`` rows each row meets ``n_opponents`` others, evenly spaced
    round the job from an offset that ``turn`` moves on, and they stand for all of them.
    """
    gradient[:] = 0.0
    hessian[:] = 0.0
    for job in range(indptr.size - 1):
        start, size = indptr[job], indptr[job + 1] - indptr[job]
        if size < 2:
            continue
        # Row i meets i + 1 .. i + half, round the job: every pair once.
        half = size // 2
        meets = min(half, n_opponents)
        for k in range(meets):
            if meets == half:
                step, share = k + 1, 1.0
            else:
                # The ladder of strides covers 1 .. half evenly and moves on with each turn.
                step = 1 + (k * half + turn * 7919) // meets % half
                share = half / meets
            if 2 * step == size:
                share *= 0.5  # the pair opposite is met from both ends
            for i in range(size):
                j = i + step
                if j >= size:
                    j -= size
                a, b = start + i, start + j
                difference = labels[a] - labels[b]
                if difference == 0.0:
                    continue
                if difference < 0.0:
                    a, b, difference = b, a, -difference
                weight = share * difference * weights[a] * weights[b]
                odds = 1.0 / (1.0 + math.exp(min(scores[a] - scores[b], 500.0)))
                gradient[a] -= weight * odds
                gradient[b] += weight * odds
                curve = weight * odds * (1.0 - odds)
                hessian[a] += curve
                hessian[b] += curve


@njit(cache=True, nogil=True)
def lambda_gradients(
    scores: NDArray[np.float64],
    labels: NDArray[np.float64],
    weights: NDArray[np.float64],
    indptr: NDArray[np.int64],
    top: int,
    gradient: NDArray[np.float64],
    hessian: NDArray[np.float64],
) -> None:
    """Fill LambdaRank's gradient and hessian in place.

    As :func:`pair_gradients`, a pair weighing what swapping its two rows would change in
    the job's NDCG@top: pairs with neither row among the first ``top`` weigh nothing, so
    that a job of n rows costs ``top * n`` pairs.
    """
    gradient[:] = 0.0
    hessian[:] = 0.0
    for job in range(indptr.size - 1):
        start, end = indptr[job], indptr[job + 1]
        size = end - start
        if size < 2:
            continue
        order = np.argsort(-scores[start:end], kind="mergesort")
        best = np.sort(labels[start:end])[::-1]
        ideal = 0.0
        for r in range(min(top, size)):
            ideal += best[r] / math.log2(2.0 + r)
        if ideal <= 0.0:
            continue
        for r in range(min(top, size)):
            worth = 1.0 / math.log2(2.0 + r)
            for q in range(r + 1, size):
                a, b = start + order[r], start + order[q]
                difference = labels[a] - labels[b]
                if difference == 0.0:
                    continue
                other = 1.0 / math.log2(2.0 + q) if q < top else 0.0
                if difference < 0.0:
                    a, b, difference = b, a, -difference
                weight = (worth - other) * difference / ideal * weights[a] * weights[b]
                odds = 1.0 / (1.0 + math.exp(min(scores[a] - scores[b], 500.0)))
                gradient[a] -= weight * odds
                gradient[b] += weight * odds
                curve = weight * odds * (1.0 - odds)
                hessian[a] += curve
                hessian[b] += curve


@njit(cache=True, nogil=True)
def pair_loss(
    scores: NDArray[np.float64],
    labels: NDArray[np.float64],
    weights: NDArray[np.float64],
    indptr: NDArray[np.int64],
    n_opponents: int,
) -> float:
    """Mean RankNet loss of the pairs that ``pair_gradients`` meets on turn 0; 0 where there is none."""
    loss, total = 0.0, 0.0
    for job in range(indptr.size - 1):
        start, size = indptr[job], indptr[job + 1] - indptr[job]
        half = size // 2
        meets = min(half, n_opponents)
        for k in range(meets):
            step = k + 1 if meets == half else 1 + k * half // meets
            share = 0.5 if 2 * step == size else 1.0  # the pair opposite is met from both ends
            for i in range(size):
                j = i + step
                if j >= size:
                    j -= size
                a, b = start + i, start + j
                difference = labels[a] - labels[b]
                if difference == 0.0:
                    continue
                if difference < 0.0:
                    a, b, difference = b, a, -difference
                weight = share * difference * weights[a] * weights[b]
                margin = scores[a] - scores[b]
                loss += weight * (math.log1p(math.exp(-abs(margin))) + max(-margin, 0.0))
                total += weight
    return loss / total if total > 0.0 else 0.0


@njit(cache=True, nogil=True)
def ndcg_loss(scores: NDArray[np.float64], labels: NDArray[np.float64], indptr: NDArray[np.int64]) -> float:
    """One minus the mean NDCG of whole lists over jobs with some relevance; labels are not negative.

    Rows of equal score share the mean of their labels, as a random order would on average.
    """
    total, n_jobs = 0.0, 0
    for job in range(indptr.size - 1):
        start, end = indptr[job], indptr[job + 1]
        order = np.argsort(-scores[start:end], kind="mergesort")
        best = np.sort(labels[start:end])[::-1]
        gained, ideal = 0.0, 0.0
        first = 0
        while first < end - start:
            after, sum_of_labels, sum_of_worth = first, 0.0, 0.0
            while after < end - start and scores[start + order[after]] == scores[start + order[first]]:
                worth = 1.0 / math.log2(2.0 + after)
                sum_of_labels += labels[start + order[after]]
                sum_of_worth += worth
                ideal += best[after] * worth
                after += 1
            gained += sum_of_labels / (after - first) * sum_of_worth
            first = after
        if ideal > 0.0:
            total += gained / ideal
            n_jobs += 1
    return 1.0 - total / n_jobs if n_jobs > 0 else 0.0
