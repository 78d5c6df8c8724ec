"""Discordant pairs of ragged orders, counted by merging.

Nothing is checked here: callers pass what the docstrings say.
"""

import numpy as np
from numpy.typing import NDArray

from ranker.kernels.compiled import kernel
from ranker.kernels.heads import longest

__all__ = ["inversions"]


@kernel()
def inversions(values: NDArray[np.float64], indptr: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count pairs of entries of one segment of which the earlier is larger: (n,) -> (n_segments,).

    values: no NaN; indptr: (n_segments + 1,). Ties count nothing. The values of one order laid out in
    another one give the pairs in which the two disagree. Runs of growing width are merged, and
    whatever is left of a run when a smaller entry of the next one comes is an inversion: O(n log n).
    """
    out = np.zeros(indptr.size - 1, dtype=np.int64)
    halves = np.empty((2, longest(0, out.size, indptr)))
    for job in range(out.size):
        size = indptr[job + 1] - indptr[job]
        here, there = halves[0, :size], halves[1, :size]
        here[:] = values[indptr[job] : indptr[job + 1]]
        found, width = 0, 1
        while width < size:
            for start in range(0, size, 2 * width):
                middle, end = min(start + width, size), min(start + 2 * width, size)
                i, j = start, middle
                for place in range(start, end):
                    if i < middle and (j == end or here[i] <= here[j]):
                        there[place] = here[i]
                        i += 1
                    else:
                        there[place] = here[j]
                        found += middle - i
                        j += 1
            here, there = there, here
            width *= 2
        out[job] = found
    return out
