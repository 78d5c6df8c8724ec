"""From where each entry comes when a list is built anew from its top.

Nothing is checked here: callers pass what the docstrings say.
"""

import numpy as np
from numpy.typing import NDArray

from ranker.kernels.compiled import kernel

__all__ = ["raised_from"]


@kernel()
def raised_from(order: NDArray[np.int64], indptr: NDArray[np.int64]) -> NDArray[np.int64]:
    """Place of each wanted entry just before it is raised, (n,): positions over all jobs.

    ``order`` holds positions in the old order, in the new one, job by job. Entries go up to their
    place one after the other, from the top of each job; those between shift down by one. Whoever
    is not placed yet keeps the old order, so an entry stands behind those placed and behind the
    unplaced ones that stood before it: a Fenwick tree counts them.
    """
    out = np.empty(order.size, dtype=np.int64)
    for job in range(indptr.size - 1):
        start, size = indptr[job], indptr[job + 1] - indptr[job]
        tree = np.zeros(size + 1, dtype=np.int64)
        for place in range(1, size + 1):
            tree[place] = place & -place  # everyone is unplaced
        for place in range(size):
            wanted = order[start + place] - start
            before = 0
            node = wanted
            while node > 0:
                before += tree[node]
                node -= node & -node
            out[start + place] = start + place + before
            node = wanted + 1
            while node <= size:
                tree[node] -= 1
                node += node & -node
    return out
