"""What a candidate has of what a job wants, for given pairs of them, on sets of ids.

Set ``r`` of a side is ``ids[indptr[r]:indptr[r + 1]]``; pair ``i`` is set ``rows[i]`` of each
side. Membership is a stamp per id, set anew only where the pairs come to another job (or
candidate). Nothing is checked here: callers pass what the docstrings say.
"""

import numpy as np
from numpy.typing import NDArray

from ranker.kernels.compiled import kernel

__all__ = ["count_of_pairs", "sum_of_items", "sum_of_wanted_items", "sums_of_wanted_weights"]


@kernel()
def count_of_pairs(
    has_indptr: NDArray[np.int64],
    has_ids: NDArray[np.int32],
    has_rows: NDArray[np.int64],
    want_indptr: NDArray[np.int64],
    want_ids: NDArray[np.int32],
    want_rows: NDArray[np.int64],
    n_ids: int,
) -> NDArray[np.int64]:
    """Count the ids that both sets of each pair hold: ids in 0 .. n_ids - 1, rows (n,) -> (n,)."""
    counts = np.zeros(has_rows.size, np.int64)
    stamps, stamp, last = np.zeros(n_ids, np.int64), 0, -1
    for i in range(has_rows.size):
        want = want_rows[i]
        if want != last:
            last, stamp = want, stamp + 1
            for k in range(want_indptr[want], want_indptr[want + 1]):
                stamps[want_ids[k]] = stamp
        for k in range(has_indptr[has_rows[i]], has_indptr[has_rows[i] + 1]):
            counts[i] += stamps[has_ids[k]] == stamp
    return counts


@kernel()
def sums_of_wanted_weights(
    has_indptr: NDArray[np.int64],
    has_ids: NDArray[np.int32],
    has_rows: NDArray[np.int64],
    want_indptr: NDArray[np.int64],
    want_ids: NDArray[np.int32],
    weights: NDArray[np.float64],
    want_rows: NDArray[np.int64],
    n_ids: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sum the weights of the wanted ids that the other set holds, and of all wanted ids.

    As :func:`count_of_pairs`; weights: (n_wanted,), beside want_ids. Returns two (n,) arrays in
    the weights' unit, both added from left to right in the order of the wanted ids.
    """
    found, whole = np.zeros(has_rows.size), np.zeros(has_rows.size)
    stamps, stamp, last = np.zeros(n_ids, np.int64), 0, -1
    for i in range(has_rows.size):
        has, want = has_rows[i], want_rows[i]
        if has != last:
            last, stamp = has, stamp + 1
            for k in range(has_indptr[has], has_indptr[has + 1]):
                stamps[has_ids[k]] = stamp
        for k in range(want_indptr[want], want_indptr[want + 1]):
            whole[i] += weights[k]
            if stamps[want_ids[k]] == stamp:
                found[i] += weights[k]
    return found, whole


@kernel()
def sum_of_items(indptr: NDArray[np.int64], amounts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum the amounts of each row's items in their order: (n_rows + 1,), (n_items,) -> (n_rows,)."""
    sums = np.zeros(indptr.size - 1)
    for row in range(sums.size):
        for k in range(indptr[row], indptr[row + 1]):
            sums[row] += amounts[k]
    return sums


@kernel()
def sum_of_wanted_items(
    indptr: NDArray[np.int64],
    ids: NDArray[np.int32],
    amounts: NDArray[np.float64],
    rows: NDArray[np.int64],
    want_indptr: NDArray[np.int64],
    want_ids: NDArray[np.int32],
    want_rows: NDArray[np.int64],
    n_ids: int,
) -> NDArray[np.float64]:
    """Sum the amounts of the items whose id is wanted, in the order of the items.

    As :func:`count_of_pairs`; an id may stand in several items of a row. amounts: (n_items,),
    beside ids. Returns (n,) in the amounts' unit.
    """
    sums = np.zeros(rows.size)
    stamps, stamp, last = np.zeros(n_ids, np.int64), 0, -1
    for i in range(rows.size):
        want = want_rows[i]
        if want != last:
            last, stamp = want, stamp + 1
            for k in range(want_indptr[want], want_indptr[want + 1]):
                stamps[want_ids[k]] = stamp
        for k in range(indptr[rows[i]], indptr[rows[i] + 1]):
            if stamps[ids[k]] == stamp:
                sums[i] += amounts[k]
    return sums
