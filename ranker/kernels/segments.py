"""Sums, orders and discounts over segments: arrays cut by ``indptr``, one segment a job.

Segment ``j`` of an array of ``n`` entries is ``indptr[j]:indptr[j + 1]``; it may
be empty. Nothing is checked here: callers pass what the docstrings say.
"""

import numpy as np
from numpy.typing import NDArray

from ranker.kernels.compiled import kernel
from ranker.kernels.descending import descending_order

__all__ = ["descending_order", "discounts", "ranks_in_segments", "segment_of", "segment_sums"]


def segment_of(indptr: NDArray[np.int64]) -> NDArray[np.int64]:
    """Segment of each entry: (n_segments + 1,) -> (n,), 0-based."""
    return np.repeat(np.arange(indptr.size - 1, dtype=np.int64), np.diff(indptr))


def ranks_in_segments(indptr: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count entries from 1 within each segment: (n_segments + 1,) -> (n,)."""
    return np.arange(1, int(indptr[-1]) + 1, dtype=np.int64) - np.repeat(indptr[:-1], np.diff(indptr))


def discounts(ranks: NDArray[np.int64]) -> NDArray[np.float64]:
    """Discount of each rank from 1, dimensionless: 1 / log2(1 + rank), so 1, .631, .5, ...; (n,) -> (n,)."""
    return 1.0 / np.log2(1.0 + ranks)


@kernel()
def segment_sums(values: NDArray[np.float64], indptr: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sum of each segment, in the unit of ``values``: (n,), (n_segments + 1,) -> (n_segments,).

    Added one after the other; an empty segment sums to 0.
    """
    out = np.zeros(indptr.size - 1)
    for segment in range(out.size):
        for value in values[indptr[segment] : indptr[segment + 1]]:
            out[segment] += value
    return out
