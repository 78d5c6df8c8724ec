"""Counting what an entry dominates within its segment, in O(n log n) without a loop over entries.

Nothing is checked here: callers pass what the docstrings say.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["lower_before"]


def lower_before(keys: NDArray[np.int64], indptr: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count the earlier entries of the same segment that have a lower key: (n,), (n_segments + 1,) -> (n,).

    A wavelet tree, read while it is built: two entries part at the highest bit in which
    their keys differ, and there the lower one has a 0. From the highest bit down, each
    entry with a 1 counts the 0s before it, and its segment is split into 0s and 1s, each
    in the order they came in. A bit costs O(n): O(n log m) in all for keys 0 .. m - 1, so
    a handful of passes for graded labels.

    Keys are whole numbers from 0; an empty segment counts nothing.
    """
    place = np.arange(keys.size)
    entry = place
    sizes = np.diff(indptr)
    start, stop = np.repeat(indptr[:-1], sizes), np.repeat(indptr[1:], sizes)
    found = np.zeros(keys.size, dtype=np.int64)
    for bit in reversed(range(int(keys.max(initial=0)).bit_length())):
        one = (keys[entry] >> bit & 1).astype(bool)
        zeros = np.concatenate([[0], np.cumsum(~one)])  # before each place, and in all
        before = zeros[place] - zeros[start]
        found[entry] += np.where(one, before, 0)
        split = start + zeros[stop] - zeros[start]
        to = np.where(one, split + (place - start) - before, start + before)
        moved = np.empty((3, keys.size), dtype=np.int64)
        moved[:, to] = entry, np.where(one, split, start), np.where(one, stop, split)
        entry, start, stop = moved
    return found
