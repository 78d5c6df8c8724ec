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
def _largest_below(bits: NDArray[np.int64], below: int) -> np.int64:
    largest = np.int64(0)
    for one in bits:
        largest = max(largest, one if one < below else np.int64(0))
    return largest


@kernel()
def _ideal(gains: NDArray[np.float64], discounts: NDArray[np.float64], k: int) -> float:
    """Discounted sum of the k largest gains: (n,), (>= k,).

    From one distinct value down to the next, each found and counted in vectors: gains are graded, so
    that two or three of them fill the list. Of floats from 0 up the bits ascend with the value.
    """
    bits = gains.view(np.int64)
    below, rank, total = np.int64(LAST), 0, 0.0
    while rank < k:
        below = _largest_below(bits, below)
        if below <= 0:
            break  # gains of 0 add nothing
        n_equal = 0
        for one in bits:
            n_equal += one == below
        gain = np.int64(below).view(np.float64)
        for at in range(rank, min(rank + n_equal, k)):
            total += gain * discounts[at]
        rank += n_equal
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
    for start_of_group in range(first, last, 4):  # lists that are searched at once
        group = range(start_of_group, min(start_of_group + 4, last))
        if short:
            for job in group:
                pack_places(scores[indptr[job] : indptr[job + 1]], packed[job - start_of_group])
            fill_lowest(packed, lowest)
        for job in group:
            of_job = gains[indptr[job] : indptr[job + 1]]
            k, row = min(discounts.size, of_job.size), job - start_of_group
            ideal = _ideal(of_job, discounts, k)
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
