"""Sums per job and group.

Nothing is checked here: callers pass what the docstrings say.
"""

import numpy as np
from numpy.typing import NDArray

from ranker.kernels.compiled import kernel

__all__ = ["group_counts", "group_sums"]


@kernel()
def group_sums(
    values: NDArray[np.float64], codes: NDArray[np.int64], indptr: NDArray[np.int64], n_groups: int
) -> NDArray[np.float64]:
    """Sum the values of each group's members in each job: (n,), (n,) -> (n_jobs, n_groups).

    Code -1 belongs to no group; values in the order of the entries, so that sums agree to the last bit
    with numpy.bincount's.
    """
    out = np.zeros((indptr.size - 1, n_groups))
    for job in range(indptr.size - 1):
        for entry in range(indptr[job], indptr[job + 1]):
            if codes[entry] >= 0:
                out[job, codes[entry]] += values[entry]
    return out


@kernel()
def group_counts(codes: NDArray[np.int64], indptr: NDArray[np.int64], n_groups: int) -> NDArray[np.int64]:
    """Count each group's members in each job: (n,) -> (n_jobs, n_groups); code -1 belongs to none."""
    out = np.zeros((indptr.size - 1, n_groups), dtype=np.int64)
    for job in range(indptr.size - 1):
        for entry in range(indptr[job], indptr[job + 1]):
            if codes[entry] >= 0:
                out[job, codes[entry]] += 1
    return out
