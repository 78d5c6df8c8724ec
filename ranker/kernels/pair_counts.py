"""Wanted items that candidates have, pair by pair, where pairs are few among all there could be.

Nothing is checked here: callers pass what the docstrings say.
"""

import numpy as np
from numpy.typing import NDArray

from ranker.kernels.compiled import kernel

__all__ = ["count_pairs"]


@kernel()
def count_pairs(
    had_starts: NDArray[np.int64],
    had: NDArray[np.int32],
    wanted_starts: NDArray[np.int64],
    wanted: NDArray[np.int32],
    n_items: int,
    job: NDArray[np.int64],
    candidate: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Count the wanted items that each pair's candidate has: (n,), (n,) -> (n,).

    Candidate c has ``had[had_starts[c]:had_starts[c + 1]]``, job j wants
    ``wanted[wanted_starts[j]:wanted_starts[j + 1]]``, each item once; nobody has an item outside
    0 .. ``n_items`` - 1. Pairs of one job should stand together: its items are marked once a run.
    """
    marked = np.full(n_items, -1, np.int64)
    counts = np.zeros(job.size, np.int64)
    for pair in range(job.size):
        j, c = job[pair], candidate[pair]
        if pair == 0 or j != job[pair - 1]:
            for at in range(wanted_starts[j], wanted_starts[j + 1]):
                if 0 <= wanted[at] < n_items:
                    marked[wanted[at]] = j
        for at in range(had_starts[c], had_starts[c + 1]):
            counts[pair] += marked[had[at]] == j
    return counts
