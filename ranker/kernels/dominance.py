"""Counting what an entry dominates within its segment, in O(n log n).

Nothing is checked here: callers pass what the docstrings say.
"""

import numpy as np
from numpy.typing import NDArray

from ranker.kernels.compiled import kernel
from ranker.kernels.heads import longest

__all__ = ["lower_before"]


@kernel()
def lower_before(keys: NDArray[np.int64], indptr: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count the earlier entries of the same segment that have a lower key: (n,), (n_segments + 1,) -> (n,).

    Runs of growing width are merged: when an entry of the later run is taken, whatever was taken of
    the earlier one is lower. An empty segment counts nothing.
    """
    found = np.zeros(keys.size, dtype=np.int64)
    most = longest(0, indptr.size - 1, indptr)
    halves = np.empty((2, most), dtype=np.int64)
    for job in range(indptr.size - 1):
        first, size = indptr[job], indptr[job + 1] - indptr[job]
        given, counts = keys[first : first + size], found[first : first + size]
        here, there = halves[0, :size], halves[1, :size]  # entries, each run in ascending order of keys
        for i in range(size):
            here[i] = i
        width = 1
        while width < size:
            for start in range(0, size, 2 * width):
                middle, end = min(start + width, size), min(start + 2 * width, size)
                i, j = start, middle
                for place in range(start, end):
                    # Of equal keys the later entry first: the earlier one is not lower.
                    if i < middle and (j == end or given[here[i]] < given[here[j]]):
                        there[place] = here[i]
                        i += 1
                    else:
                        counts[here[j]] += i - start
                        there[place] = here[j]
                        j += 1
            here, there = there, here
            width *= 2
    return found
