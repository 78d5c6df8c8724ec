"""Work on ragged jobs cut into slices of about equal cost, for threads.

Kernels leave the interpreter's lock alone, so plain threads share a machine's cores; jobs are
whole, so that no result depends on how many threads there are.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = ["job_slices", "over_jobs"]


def job_slices(cost: NDArray[np.floating], n_slices: int) -> list[tuple[int, int]]:
    """Cut jobs into runs of about equal cost: (n_jobs,) -> at most ``n_slices`` pairs of first and past-last."""
    total = np.cumsum(cost)
    wanted = np.arange(1, n_slices) / n_slices * (total[-1] if total.size else 0)
    cuts = [0, *np.searchsorted(total, wanted).tolist(), cost.size]
    return [(first, last) for first, last in pairwise(cuts) if first < last]


def over_jobs(work: Callable[[int, int], object], cost: NDArray[np.floating], n_threads: int) -> None:
    """Do ``work(first, last)`` on slices of the jobs, one slice a thread."""
    if n_threads <= 1:
        work(0, cost.size)
        return
    # Four slices a thread: whoever gets the dear ones does fewer.
    with ThreadPoolExecutor(n_threads) as threads:
        list(threads.map(lambda cut: work(*cut), job_slices(cost, 4 * n_threads)))
