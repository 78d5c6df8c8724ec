"""The first few entries of four short lists at once, one rank after the other.

Nothing is checked here: callers pass what the docstrings say.
"""

import numpy as np
from numpy.typing import NDArray

from ranker.kernels.compiled import kernel
from ranker.kernels.descending import LAST, n_bits, sort_key

__all__ = ["FEW", "SHORT", "fill_lowest", "pack_places", "read_places"]

FEW, SHORT = 32, 1024  # entries wanted, and given: up to here a search a rank is quickest


@kernel()
def pack_places(scores: NDArray[np.float64], packed: NDArray[np.int64]) -> None:
    """Fill sort keys with the places in their low bits, then LAST: (n,), (n or more,)."""
    low = n_bits(scores.size)
    for i in range(scores.size):
        packed[i] = sort_key(scores[i]) >> low << low | i
    packed[scores.size :] = LAST


@kernel()
def fill_lowest(packed: NDArray[np.int64], lowest: NDArray[np.int64]) -> None:
    """Fill the lowest keys of each list, ascending: (4, width), (k, 4); LAST where a list has no more.

    Each rank is one pass in vectors over a whole list. The next pass must wait for it: 15 ns for 100
    entries one list at a time, 6 with four.
    """
    one, two, three, four = packed[0], packed[1], packed[2], packed[3]
    after_one = after_two = after_three = after_four = -LAST
    for rank in range(lowest.shape[0]):
        a = b = c = d = LAST
        for i in range(one.size):
            a = min(a, one[i] if one[i] > after_one else LAST)
            b = min(b, two[i] if two[i] > after_two else LAST)
            c = min(c, three[i] if three[i] > after_three else LAST)
            d = min(d, four[i] if four[i] > after_four else LAST)
        lowest[rank, 0], lowest[rank, 1], lowest[rank, 2], lowest[rank, 3] = a, b, c, d
        after_one, after_two, after_three, after_four = a, b, c, d


@kernel()
def read_places(scores: NDArray[np.float64], lowest: NDArray[np.int64], order: NDArray[np.int64]) -> bool:
    """Read the places of the first k; whether they are sure: (n,), (k + 1,), (k,), k from 1 to n.

    They are not where keys differ in no more than the bits that the places took, and their scores do.
    """
    low = n_bits(scores.size)
    mask = (1 << low) - 1
    for rank in range(order.size):
        order[rank] = lowest[rank] & mask
    for rank in range(1, order.size):
        here, before = lowest[rank], lowest[rank - 1]
        if here >> low == before >> low and sort_key(scores[here & mask]) != sort_key(scores[before & mask]):
            return False
    if order.size == scores.size or lowest[order.size] >> low != lowest[order.size - 1] >> low:
        return True
    # The last one is followed by its like: whether all of these are its equals, the whole list tells.
    last = sort_key(scores[order[order.size - 1]])
    n_others = 0
    for score in scores:
        key = sort_key(score)
        n_others += (key >> low == last >> low) & (key != last)
    return n_others == 0
