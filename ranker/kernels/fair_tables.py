"""Minimum tables of ranked lists: chances of counts in random prefixes, place by place.

A list is drawn member by member, each protected with a fixed chance (an endless pool) or
without replacement from a finite pool. Nothing is checked here: callers pass what the
docstrings say. ``pool`` is the size of a finite pool, 0 for an endless one; ``hits`` is the
number of its protected members, or the chance of one.
"""

import numpy as np
from numpy.typing import NDArray

from ranker.kernels.compiled import kernel

__all__ = ["chance_of_failing", "lower_tails", "table_at"]

# Chances below are left out at both ends of a row: a list of 10,000 loses 1e-26 in all. One walk over
# 1,000 places then takes .14 ms; with 0 here, .27.
_TINY = 1e-30


@kernel()
def _drawn_once_more(
    chances: NDArray[np.float64], first: int, last: int, drawn: int, pool: int, hits: float
) -> tuple[int, int]:
    """Turn chances of counts among ``drawn`` members into those among one more, in place.

    Only ``chances[first : last + 1]`` are above 0; returns the new ``first, last``. All terms are
    positive, so that the relative error grows by two roundings a place.
    """
    total = float(pool - drawn) if pool > 0 else 1.0
    gone = 1.0 if pool > 0 else 0.0  # what a protected member drawn takes from those left
    for count in range(last + 1, first - 1, -1):
        stay = chances[count] * (total - hits + gone * count)
        rise = chances[count - 1] * (hits - gone * (count - 1)) if count > first else 0.0
        chances[count] = (stay + rise) / total
    last += 1
    while first < last and chances[first] < _TINY:
        chances[first] = 0.0
        first += 1
    while last > first and chances[last] < _TINY:
        chances[last] = 0.0
        last -= 1
    return first, last


@kernel()
def lower_tails(
    k: int, pool: int, hits: float, low: float, high: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Chances of at most so many protected among the first 1 .. k, as far as they lie in ``low .. high``.

    Returns (k,) counts whose chance is below ``low``, (k + 1,) where the values of each place begin
    and end, and the values, rising within each place: the first belongs to the count that the first
    array names, each further one to the next count. ``low`` is above 1e-20 and below 1.
    """
    chances = np.zeros(k + 2)
    chances[0] = 1.0
    first, last, used = 0, 0, 0
    start = np.empty(k, dtype=np.int64)
    indptr = np.zeros(k + 1, dtype=np.int64)
    values = np.empty(16 * (k + 1))
    for drawn in range(k):
        first, last = _drawn_once_more(chances, first, last, drawn, pool, hits)
        count, tail = first, chances[first]
        while tail < low and count < last:
            count += 1
            tail += chances[count]
        start[drawn] = count
        while tail <= high and count <= last:
            if used == values.size:
                longer = np.empty(2 * used)
                longer[:used] = values
                values = longer
            values[used] = tail
            used += 1
            count += 1
            tail += chances[count]
        indptr[drawn + 1] = used
    return start, indptr, values[:used].copy()


@kernel()
def table_at(
    level: float, start: NDArray[np.int64], indptr: NDArray[np.int64], values: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Smallest count of each place whose tail is ``level`` or more, (k,), from `lower_tails`."""
    table = np.empty(start.size, dtype=np.int64)
    for place in range(start.size):
        left, right = indptr[place], indptr[place + 1]
        while left < right:
            middle = (left + right) // 2
            if values[middle] < level:
                left = middle + 1
            else:
                right = middle
        table[place] = start[place] + left - indptr[place]
    return table


@kernel()
def chance_of_failing(table: NDArray[np.int64], pool: int, hits: float, enough: float) -> float:
    """Chance that a random list holds fewer than ``table`` asks at some place; dimensionless.

    Lists that failed leave the walk where they first do, so every sum is of positive terms. Ends
    as soon as the chance is above ``enough``, which it then is, however far.
    """
    chances = np.zeros(table.size + 2)
    chances[0] = 1.0
    first, last, failed = 0, 0, 0.0
    for drawn in range(table.size):
        first, last = _drawn_once_more(chances, first, last, drawn, pool, hits)
        while first <= last and first < table[drawn]:
            failed += chances[first]
            chances[first] = 0.0
            first += 1
        if failed > enough or first > last:
            break
    return failed
