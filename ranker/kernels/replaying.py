"""The order that raises lead to, without shifting the list at each of them.

Nothing is checked here: callers pass what the docstrings say.
"""

import numpy as np
from numpy.typing import NDArray

from ranker.kernels.compiled import kernel

__all__ = ["replay_raises"]


@kernel()
def replay_raises(
    order: NDArray[np.int64], source: NDArray[np.int64], target: NDArray[np.int64], indptr: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Replay moves that only raise, from the top down: positions (n,), moves (m,) and (m,) -> (n,).

    Each move takes whoever stands at ``source`` up to ``target`` of the same job, after the moves before
    it; targets rise strictly. So the places above a target are settled, and behind it those not yet raised
    stand as at first: a Fenwick tree of the raised finds whom a source means, in log n steps instead of n.
    """
    out = order.copy()
    move = 0
    for job in range(indptr.size - 1):
        start, stop = indptr[job], indptr[job + 1]
        if move == source.size or target[move] >= stop:
            continue
        size = stop - start
        highest = 1
        while highest * 2 <= size:
            highest *= 2
        raised = np.zeros(size, dtype=np.bool_)
        tree = np.zeros(size + 1, dtype=np.int64)
        head, unraised = 0, 0  # the first who stands where he or she stood, and how many such stand above
        for place in range(start, stop):
            if move < source.size and target[move] == place:
                wanted = unraised + source[move] - place
                at, step = 0, highest
                while step > 0:
                    reached = at + step
                    if reached <= size and step - tree[reached] <= wanted:
                        at = reached
                        wanted -= step - tree[reached]
                    step //= 2
                out[place] = order[start + at]
                raised[at] = True
                node = at + 1
                while node <= size:
                    tree[node] += 1
                    node += node & -node
                move += 1
            else:
                while raised[head]:
                    head += 1
                out[place] = order[start + head]
                head += 1
                unraised += 1
    return out
