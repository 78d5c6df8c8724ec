"""The first k entries of each segment.

Segment ``j`` of an array of ``n`` entries is ``indptr[j]:indptr[j + 1]``; it may be empty.
Nothing is checked here: callers pass what the docstrings say.
"""

import numpy as np
from numpy.typing import NDArray

from ranker.kernels.compiled import kernel
from ranker.kernels.heads import head_of, longest
from ranker.kernels.job_slices import over_jobs

__all__ = ["top_k"]


@kernel()
def _top_of_jobs(
    first: int,
    last: int,
    scores: NDArray[np.float64],
    ties: NDArray[np.int64],
    indptr: NDArray[np.int64],
    top: NDArray[np.int64],
    top_indptr: NDArray[np.int64],
) -> None:
    scratch = np.empty((5, longest(first, last, indptr) + 1), dtype=np.int64)
    for job in range(first, last):
        start, end = indptr[job], indptr[job + 1]
        order = top[top_indptr[job] : top_indptr[job + 1]]
        if order.size > 0:
            head_of(scores[start:end], ties[start:end] if ties.size > 0 else ties, scratch, order)
            order += start


def top_k(
    scores: NDArray[np.floating],
    indptr: NDArray[np.int64],
    k: int,
    *,
    ties: NDArray[np.int64] | None = None,
    n_threads: int = 1,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of the k highest scores of each segment, best first: the head of a full stable sort.

    Parameters
    ----------
    scores : (n,) float64 or float32 array
        Higher is better; NaN comes last.
    indptr : (n_segments + 1,) int64 array
        Where each segment begins and ends.
    k : int
        From 0; segments with fewer entries give all of theirs.
    ties : (n,) int64 array, optional
        What orders equal scores, smallest first; equal ones, or all without it, stay as they came.
    n_threads : int, default=1
        Threads that share the segments; the result is the same.

    Returns
    -------
    top : (n_top,) int64 array
        Positions in ``scores``, segment by segment.
    top_indptr : (n_segments + 1,) int64 array
        Where each segment begins and ends in ``top``.
    """
    scores = np.ascontiguousarray(scores)
    given = np.empty(0, dtype=np.int64) if ties is None else np.ascontiguousarray(ties, dtype=np.int64)
    sizes = np.diff(indptr)
    top_indptr = np.concatenate(([0], np.cumsum(np.minimum(sizes, k)))).astype(np.int64)
    top = np.empty(top_indptr[-1], dtype=np.int64)
    over_jobs(
        lambda first, last: _top_of_jobs(first, last, scores, given, indptr, top, top_indptr),
        sizes.astype(np.float64),
        n_threads,
    )
    return top, top_indptr
