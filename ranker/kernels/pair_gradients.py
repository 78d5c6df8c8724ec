"""Gradients and losses of pairs within jobs: RankNet and LambdaRank.

Rows are sorted by job; job ``j`` is ``indptr[j]:indptr[j + 1]``. A pair is two rows of
one job whose labels differ; the loss of a pair is ``log(1 + exp(s_worse - s_better))``.
Gradients are of the loss with respect to the scores; hessians are the diagonal.
Nothing is checked here: callers pass what the docstrings say.
"""

import math

import numpy as np
from numpy.typing import NDArray

from ranker.kernels.compiled import kernel

__all__ = ["lambda_gradients", "ndcg_loss", "pair_gradients", "pair_loss"]


@kernel()
def _stride(size: int, n_opponents: int, turn: int, k: int) -> tuple[int, float]:
    """How far round the job of ``size`` rows each row's k-th opponent stands, and how many it stands for.

    Row i meets ``i + 1 .. i + size // 2``: every pair once. With fewer opponents than that, a ladder of
    strides covers the same range evenly and moves on with each turn.
    """
    half = size // 2
    stride, share = k + 1, 1.0
    if n_opponents < half:
        stride, share = 1 + (k * half + turn * 7919) // n_opponents % half, half / n_opponents
    # The pair opposite is met from both ends.
    return stride, share * 0.5 if 2 * stride == size else share


@kernel()
def _better_and_worse(labels: NDArray[np.float64], a: int, b: int) -> tuple[int, int]:
    return (a, b) if labels[a] > labels[b] else (b, a)


@kernel()
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
        for k in range(min(size // 2, n_opponents)):
            stride, share = _stride(size, n_opponents, turn, k)
            for i in range(size):
                j = i + stride - size if i + stride >= size else i + stride
                a, b = _better_and_worse(labels, start + i, start + j)
                difference = labels[a] - labels[b]
                if difference == 0.0:
                    continue
                weight = share * difference * weights[a] * weights[b]
                odds = 1.0 / (1.0 + math.exp(min(scores[a] - scores[b], 500.0)))
                gradient[a] -= weight * odds
                gradient[b] += weight * odds
                curve = weight * odds * (1.0 - odds)
                hessian[a] += curve
                hessian[b] += curve


@kernel()
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
                a, b = _better_and_worse(labels, start + order[r], start + order[q])
                difference = labels[a] - labels[b]
                if difference == 0.0:
                    continue
                other = 1.0 / math.log2(2.0 + q) if q < top else 0.0
                weight = (worth - other) * difference / ideal * weights[a] * weights[b]
                odds = 1.0 / (1.0 + math.exp(min(scores[a] - scores[b], 500.0)))
                gradient[a] -= weight * odds
                gradient[b] += weight * odds
                curve = weight * odds * (1.0 - odds)
                hessian[a] += curve
                hessian[b] += curve


@kernel()
def pair_loss(
    scores: NDArray[np.float64],
    labels: NDArray[np.float64],
    weights: NDArray[np.float64],
    indptr: NDArray[np.int64],
    n_opponents: int,
) -> float:
    """Mean RankNet loss of the pairs that ``pair_gradients`` meets on turn 0; 0 where there is none.

    The pairs met stand for all of their job here too, so that a job counts by its pairs, sampled or not.
    """
    loss, total = 0.0, 0.0
    for job in range(indptr.size - 1):
        start, size = indptr[job], indptr[job + 1] - indptr[job]
        for k in range(min(size // 2, n_opponents)):
            stride, share = _stride(size, n_opponents, 0, k)
            for i in range(size):
                j = i + stride - size if i + stride >= size else i + stride
                a, b = _better_and_worse(labels, start + i, start + j)
                difference = labels[a] - labels[b]
                if difference == 0.0:
                    continue
                weight = share * difference * weights[a] * weights[b]
                margin = scores[a] - scores[b]
                loss += weight * (math.log1p(math.exp(-abs(margin))) + max(-margin, 0.0))
                total += weight
    return loss / total if total > 0.0 else 0.0


@kernel()
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
