"""Pairs between two groups of scores, counted by one sort of each group and a merge.

Nothing is checked here: callers pass what the docstrings say.
"""

import numpy as np
from numpy.typing import NDArray

from ranker.kernels.compiled import kernel
from ranker.kernels.descending import LAST, sort_key

__all__ = ["pairs_won", "pairwise_accuracy"]

CHAINS = 16  # walks at once


@kernel()
def _keys(scores: NDArray[np.float64], keys: NDArray[np.int64]) -> None:
    """Sort keys of the scores, with a LAST after them."""
    for i in range(scores.size):
        keys[i] = sort_key(scores[i])
    keys[scores.size] = LAST


@kernel()
def _where(one: NDArray[np.int64], other: NDArray[np.int64], step: int, with_ties: bool) -> int:
    """How many entries of ``one`` are among the first ``step`` of the merger."""
    n, m = one.size - 1, other.size - 1
    low, high = max(0, step - m), min(step, n)
    while low < high:
        i = (low + high) // 2
        # one[i] goes before other[step - i - 1]: then one gives more than i.
        there = other[step - i - 1]
        if (one[i] < there) | (with_ties & (one[i] == there)):
            low = i + 1
        else:
            high = i
    return low


@kernel()
def _below(one: NDArray[np.int64], other: NDArray[np.int64], with_ties: bool) -> tuple[int, np.bool_]:
    """Count pairs with a lower key in ``one`` (or an equal one, ``with_ties``); whether any are equal.

    Both ascend and end in a LAST that does not count.
    """
    # A merge waits for its own last step, 3.5 ns; cut into 16 walks that do not wait for each other it takes
    # a quarter of that.
    total = one.size + other.size - 2
    at, to = np.empty(CHAINS, dtype=np.int64), np.empty(CHAINS, dtype=np.int64)
    won, equal = np.zeros(CHAINS, dtype=np.int64), np.zeros(CHAINS, dtype=np.int64)
    steps = total // CHAINS
    for chain in range(CHAINS):
        at[chain] = _where(one, other, chain * steps, with_ties)
        to[chain] = chain * steps - at[chain]
    for _ in range(steps):
        for chain in range(CHAINS):
            i, j = at[chain], to[chain]
            same = one[i] == other[j]
            first = (one[i] < other[j]) | (with_ties & same)
            equal[chain] |= same
            won[chain] += 0 if first else i
            at[chain] = i + first
            to[chain] = j + (not first)
    found, tied = won.sum(), equal.any()
    i, j = at[CHAINS - 1], to[CHAINS - 1]
    while j < other.size - 1:
        same = one[i] == other[j]
        tied |= same
        if (one[i] < other[j]) | (with_ties & same):
            i += 1
        else:
            found += i
            j += 1
    return found, tied


def pairs_won(first: NDArray[np.floating], second: NDArray[np.floating]) -> tuple[int, int]:
    """Count the pairs of one score of each group that the first group wins, and those that are tied.

    Parameters
    ----------
    first, second : (n,), (m,) float64 or float32 arrays
        Scores of two groups, higher is better; no NaN, infinities are numbers.

    Returns
    -------
    above, tied : int
        Of ``n * m`` pairs, exact.
    """
    one, other = _sorted_keys(first), _sorted_keys(second)
    return _pairs_won(one, other)


def _pairs_won(one: NDArray[np.int64], other: NDArray[np.int64]) -> tuple[int, int]:
    above, some_tied = _below(one, other, False)
    tied = _below(one, other, True)[0] - above if some_tied else 0
    return int(above), int(tied)


def _sorted_keys(scores: NDArray[np.floating]) -> NDArray[np.int64]:
    keys = np.empty(scores.size + 1, dtype=np.int64)
    _keys(np.ascontiguousarray(scores), keys)
    keys[:-1].sort()  # in vector instructions, as numpy has them
    return keys


def pairwise_accuracy(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    """Chance that a score of the first group is above one of the second, ties one half: their AUC.

    Parameters
    ----------
    first, second : (n,), (m,) float64 or float32 arrays
        Scores of two groups, higher is better.

    Returns
    -------
    float
        In [0, 1], dimensionless; NaN where a group is empty or holds NaN.

    References
    ----------
    Beutel et al. (2019), Fairness in Recommendation Ranking through Pairwise Comparisons, KDD:
    inter-group pairwise accuracy.
    """
    if first.size == 0 or second.size == 0:
        return float("nan")
    one, other = _sorted_keys(first), _sorted_keys(second)
    if one[-2] == LAST or other[-2] == LAST:  # NaN sorts last
        return float("nan")
    above, tied = _pairs_won(one, other)
    return (above + tied / 2) / (first.size * second.size)
