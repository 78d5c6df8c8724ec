"""NDCG of ragged lists: gains of the first k over those of the best possible order.

Job ``j`` is ``indptr[j]:indptr[j + 1]``; it may be empty. Nothing is checked here: callers pass
what the docstrings say.
"""

import numpy as np
from numpy.typing import NDArray

from ranker.kernels.compiled import kernel
from ranker.kernels.descending import LAST
from ranker.kernels.four_heads import FEW, SHORT, fill_lowest, pack_places, read_places
from ranker.kernels.heads import head_of, longest
from ranker.kernels.job_slices import over_jobs

__all__ = ["ndcg_in_order", "ndcg_of_scores"]


@kernel()
def _head(
    values: NDArray[np.float64],
    lowest: NDArray[np.int64],
    scratch: NDArray[np.int64],
    order: NDArray[np.int64],
) -> None:
    """Fill the places of the first k, from the lowest keys if these tell: (n,), (k + 1,) or (0,), .., (k,)."""
    if lowest.size == 0 or not read_places(values, lowest, order):
        head_of(values, order[:0], scratch, order)


@kernel()
def _gained(gains: NDArray[np.float64], discounts: NDArray[np.float64], order: NDArray[np.int64]) -> float:
    gained = 0.0
    for rank in range(order.size):
        gained += gains[order[rank]] * discounts[rank]
    return gained


@kernel()
def _ideal(gains: NDArray[np.float64], discounts: NDArray[np.float64], best: NDArray[np.float64]) -> float:
    """Discounted sum of the k largest gains: (n,), (>= k,), scratch of (k,).

    By insertion: gains are graded, so that few of them are above the k-th yet. Which of equal ones
    comes first makes no difference here, so their places are not asked for.
    """
    k, n_found = best.size, 0
    for gain in gains:
        if n_found == k and gain <= best[k - 1]:
            continue
        at = n_found if n_found < k else k - 1
        n_found = min(n_found + 1, k)
        while at > 0 and best[at - 1] < gain:
            best[at] = best[at - 1]
            at -= 1
        best[at] = gain
    total = 0.0
    for rank in range(n_found):
        total += best[rank] * discounts[rank]
    return total


@kernel()
def _ndcg_of_jobs(
    first: int,
    last: int,
    scores: NDArray[np.float64],
    gains: NDArray[np.float64],
    indptr: NDArray[np.int64],
    discounts: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Fill the NDCG of jobs ``first .. last - 1``; in the order of the gains where ``scores`` is empty."""
    most = longest(first, last, indptr)
    in_order = scores.size == 0
    short = not in_order and discounts.size <= FEW and most <= SHORT
    packed = np.full((4, (most + 31) // 32 * 32 if short else 0), LAST)
    lowest = np.empty((discounts.size + 1 if short else 0, 4), dtype=np.int64)
    scratch = np.empty((5, 0 if in_order else most + 1), dtype=np.int64)
    order = np.empty(discounts.size, dtype=np.int64)
    best = np.empty(discounts.size)
    for start_of_group in range(first, last, 4):  # lists that are searched at once
        group = range(start_of_group, min(start_of_group + 4, last))
        if short:
            for job in group:
                pack_places(scores[indptr[job] : indptr[job + 1]], packed[job - start_of_group])
            fill_lowest(packed, lowest)
        for job in group:
            of_job = gains[indptr[job] : indptr[job + 1]]
            k, row = min(discounts.size, of_job.size), job - start_of_group
            ideal = _ideal(of_job, discounts, best[:k])
            if not ideal > 0.0:
                out[job] = np.nan
                continue
            if in_order:
                gained = 0.0
                for rank in range(k):
                    gained += of_job[rank] * discounts[rank]
            else:
                n_lowest = k + 1 if short else 0
                _head(scores[indptr[job] : indptr[job + 1]], lowest[:n_lowest, row], scratch, order[:k])
                gained = _gained(of_job, discounts, order[:k])
            out[job] = gained / ideal


@kernel()
def ndcg_in_order(
    gains: NDArray[np.float64], indptr: NDArray[np.int64], discounts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """NDCG of lists in rank order.

    Parameters
    ----------
    gains : (n,) float64 array
        0 or more, in rank order.
    indptr : (n_jobs + 1,) int64 array
        Where each job begins and ends.
    discounts : (k,) float64 array
        Of ranks 1 .. k; later ranks count nothing.

    Returns
    -------
    (n_jobs,) float64 array
        In [0, 1]; NaN where no gain is above 0.
    """
    out = np.empty(indptr.size - 1)
    _ndcg_of_jobs(0, out.size, gains[:0], gains, indptr, discounts, out)
    return out


def ndcg_of_scores(
    scores: NDArray[np.float64],
    gains: NDArray[np.float64],
    indptr: NDArray[np.int64],
    k: int,
    *,
    n_threads: int = 1,
) -> NDArray[np.float64]:
    """NDCG of the first k by score; equal scores stand as they came.

    Parameters
    ----------
    scores : (n,) float64 array
        Higher is better; NaN comes last.
    gains : (n,) float64 array
        0 or more.
    indptr : (n_jobs + 1,) int64 array
        Where each job begins and ends.
    k : int
        From 1.
    n_threads : int, default=1
        Threads that share the jobs; the result is the same to the last bit.

    Returns
    -------
    (n_jobs,) float64 array
        In [0, 1]; NaN where no gain is above 0.
    """
    scores, gains = np.ascontiguousarray(scores), np.ascontiguousarray(gains)
    sizes = np.diff(indptr)
    discounts = 1.0 / np.log2(2.0 + np.arange(min(k, int(sizes.max(initial=0)))))
    out = np.empty(sizes.size)
    over_jobs(
        lambda first, last: _ndcg_of_jobs(first, last, scores, gains, indptr, discounts, out),
        sizes.astype(np.float64),
        n_threads,
    )
    return out
