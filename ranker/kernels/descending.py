"""Descending order within segments, by whole numbers that sort as the scores do.

Segment ``j`` of an array of ``n`` entries is ``indptr[j]:indptr[j + 1]``; it may be empty.
Nothing is checked here: callers pass what the docstrings say.
"""

import numpy as np
from numpy.typing import NDArray

from ranker.kernels.compiled import kernel

__all__ = ["descending_order", "score_of", "sort_key"]

LAST = int(np.iinfo(np.int64).max)
SMALL = 24  # entries: up to here an insertion sort is quicker than a call of numpy's


@kernel()
def sort_key(score: float) -> np.int64:
    """Whole number that ascends as scores descend: equal for equal scores, NaN after all of them.

    Of a float64 (or a float32, which is one) the bits without the sign ascend with the magnitude.
    """
    bits = np.float64(score + 0.0).view(np.int64)  # + 0.0 turns -0.0 into 0.0
    key = ~(bits ^ ((bits >> 63) & LAST))
    return np.int64(key if score == score else LAST)


@kernel()
def score_of(key: int) -> float:
    """Score of which this is the sort key."""
    bits = ~np.int64(key)
    return np.int64(bits ^ ((bits >> 63) & LAST)).view(np.float64)


@kernel()
def insert(keys: NDArray[np.int64]) -> None:
    """Sort a few keys in place: (n,)."""
    for i in range(1, keys.size):
        key, j = keys[i], i
        while j > 0 and keys[j - 1] > key:
            keys[j] = keys[j - 1]
            j -= 1
        keys[j] = key


@kernel()
def n_bits(size: int) -> int:
    """Bits that tell ``size`` entries apart."""
    bits = 0
    while (size - 1) >> bits > 0:
        bits += 1
    return bits


@kernel()
def _pack(scores: NDArray[np.float64], indptr: NDArray[np.int64], packed: NDArray[np.int64]) -> None:
    """Put each entry's place in its segment in the low bits of its key; sort small segments."""
    for job in range(indptr.size - 1):
        start, end = indptr[job], indptr[job + 1]
        low = n_bits(end - start)
        given, keys = scores[start:end], packed[start:end]
        for i in range(given.size):
            keys[i] = sort_key(given[i]) >> low << low | i
        if keys.size <= SMALL:
            insert(keys)


@kernel()
def _unpack(
    scores: NDArray[np.float64],
    indptr: NDArray[np.int64],
    packed: NDArray[np.int64],
    order: NDArray[np.int64],
) -> None:
    """Read the places back; where keys were alike but for the bits that made room, sort these again."""
    for job in range(indptr.size - 1):
        start, end = indptr[job], indptr[job + 1]
        low = n_bits(end - start)
        mask = (1 << low) - 1
        given, keys, places = scores[start:end], packed[start:end], order[start:end]
        n_alike = 0
        for i in range(keys.size):
            places[i] = keys[i] & mask
            n_alike += i > 0 and keys[i] >> low == keys[i - 1] >> low
        first = 0
        while n_alike > 0 and first < keys.size:
            last, same = first + 1, True
            while last < keys.size and keys[last] >> low == keys[first] >> low:
                same &= given[places[last]] == given[places[first]]
                last += 1
            if not same:
                run = places[first:last].copy()
                whole = np.array([sort_key(given[place]) for place in run])
                places[first:last] = run[np.argsort(whole, kind="mergesort")]
            first = last
        for i in range(places.size):
            places[i] += start


def descending_order(scores: NDArray[np.floating], indptr: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions that put each segment in descending score: (n,), (n_segments + 1,) -> (n,).

    Stable: equal scores (0.0 and -0.0 among them) keep the order they came in. Infinities sort
    as numbers do; NaN comes last.
    """
    # numpy sorts whole numbers with vector instructions, positions (argsort) and pairs not nearly as
    # fast, so the position travels in the low bits of the key: 1,000,000 scores in 1,000 segments take
    # 6 ms, where a lexsort takes 185 (benchmarks/speed/segments.py).
    scores = np.ascontiguousarray(scores)
    packed = np.empty(scores.size, dtype=np.int64)
    _pack(scores, indptr, packed)
    large = np.flatnonzero(np.diff(indptr) > SMALL)
    for start, end in zip(indptr[large].tolist(), indptr[large + 1].tolist(), strict=True):
        packed[start:end].sort()
    order = np.empty(scores.size, dtype=np.int64)
    _unpack(scores, indptr, packed, order)
    return order
