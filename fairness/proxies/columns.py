"""What a source says, as columns of numbers of order 1 that a small linear model can read."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

from ranker.scoring.additive import Axis
from ranker.scoring.columns import columns_of, infer_kinds

__all__ = [
    "MOST_COLUMNS",
    "category_columns",
    "feature_columns",
    "item_columns",
    "joint_columns",
    "number_columns",
    "rank_column",
]

MOST_COLUMNS: Final = 256  # of a source: their products are taken apart once a fold, 25 ms at 256
MOST_OF_PAIRS: Final = 512  # of all features together
MOST_BINS: Final = 16  # of a number
MIN_HOLDERS: Final = 5  # a category or item of fewer rows tells of persons, not of groups


def rank_column(amounts: NDArray[np.float64]) -> csr_array:
    """Return average ranks, (n, 1) in [-.5, .5], 0 where missing: what has a direction and no shape."""
    known = ~np.isnan(amounts)
    _, code, counts = np.unique(amounts[known], return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts + 1) / 2
    out = np.zeros((len(amounts), 1))
    out[known, 0] = (middle[code] / max(int(known.sum()) - 1, 1)) - 0.5
    return csr_array(out)


def number_columns(values: NDArray[np.float64]) -> csr_array:
    """Return the ranks of numbers and up to 16 equally filled bins, one for "missing" besides."""
    return _side_by_side([rank_column(values), _one_hot(_bins(values, MOST_BINS))])


def category_columns(
    values: Sequence[str | None] | NDArray[np.object_], most: int = MOST_COLUMNS
) -> csr_array:
    """Return a column for each of the most frequent texts, one for "missing", none for rare ones."""
    return _one_hot(_frequent(values, most))


def item_columns(items: Sequence[Sequence[str]], most: int = MOST_COLUMNS) -> csr_array:
    """Return a column for each of the most frequent items of lists, 1 where a row's list holds it.

    Parameters
    ----------
    items : sequence of sequence of str, n long
        The items of each row, none twice.
    most : int
        Most columns; an item of fewer than 5 rows gets none.
    """
    sizes = np.fromiter(map(len, items), np.int64, len(items))
    flat = np.array([item for row in items for item in row], dtype=object)
    code = _frequent(flat, most)
    kept = code >= 0
    rows = np.repeat(np.arange(len(items)), sizes)[kept]
    shape = (len(items), int(code.max(initial=-1)) + 1)
    return csr_array((np.ones(len(rows)), (rows, code[kept])), shape=shape)


def feature_columns(table: Any) -> dict[str, csr_array]:
    """Return the columns of each feature of a table, by name."""
    return {
        name: number_columns(values) if values.dtype == np.float64 else category_columns(values)
        for name, values in _features(table).items()
    }


def joint_columns(table: Any, n_people: int) -> csr_array:
    """Return the columns of all features together, and those of pairs as finely as there is room for.

    Each feature has up to 16 bins, fewer where features are many; each two have the cells of
    4 x 4, 3 x 3 or 2 x 2 bins, so that what only a pair tells is found. Where even those are
    more than 512, or than one for 8 people, they are left out.
    """
    features = _features(table)
    n, n_features = len(table), max(len(features), 1)
    n_bins = int(np.clip(MOST_COLUMNS // (2 * n_features) - 2, 2, MOST_BINS))

    def cut(values: NDArray[Any], most: int) -> NDArray[np.int64]:
        return _bins(values, most) if values.dtype == np.float64 else _frequent(values, most)

    parts = [_one_hot(cut(values, n_bins)) for values in features.values()]
    parts += [rank_column(values) for values in features.values() if values.dtype == np.float64]
    n_pairs = n_features * (n_features - 1) // 2
    room = min(MOST_OF_PAIRS, n_people // 8)
    per_axis = next((m for m in (4, 3, 2) if 0 < n_pairs * m * m <= room), 0)
    # A bin more, for what is missing or rare.
    coarse = [cut(values, per_axis) for values in features.values()] if per_axis else []
    coarse = [np.where(code < 0, per_axis + 1, code) for code in coarse]
    for i, one in enumerate(coarse):
        for other in coarse[:i]:
            cell = one * (per_axis + 2) + other
            parts.append(_one_hot(np.unique(cell, return_inverse=True)[1]))
    return _side_by_side(parts) if parts else csr_array((n, 0))


def _features(table: Any) -> dict[str, NDArray[Any]]:
    names, kinds = infer_kinds(table)
    axes = [Axis(name, kind, ()) for name, kind in zip(names, kinds, strict=True)]
    return dict(zip(names, columns_of(table, axes), strict=True))


def _bins(values: NDArray[np.float64], most: int) -> NDArray[np.int64]:
    """Cut numbers into bins that hold equally many, one a value where there are no more: (n,) -> codes."""
    known = ~np.isnan(values)
    distinct = np.unique(values[known])
    cuts = distinct[1:]
    if len(distinct) > most:
        cuts = np.unique(np.quantile(values[known], np.arange(1, most) / most, method="higher"))
    code = np.searchsorted(cuts, values, side="right")
    return np.where(known, code, len(cuts) + 1)


def _frequent(values: Sequence[str | None] | NDArray[np.object_], most: int) -> NDArray[np.int64]:
    """Code texts by how many rows hold them, from 0; missing ones first after these; -1 for rare ones."""
    code, found = pd.factorize(np.asarray(values, dtype=object))
    counts = np.bincount(code[code >= 0], minlength=len(found))
    # By name among equally frequent ones, so that the order of rows changes nothing.
    order = sorted(np.flatnonzero(counts >= MIN_HOLDERS).tolist(), key=lambda c: (-counts[c], found[c]))[
        :most
    ]
    place = np.full(len(found) + 1, -1, dtype=np.int64)
    place[order] = np.arange(len(order))
    place[-1] = len(order)
    return place[code]


def _one_hot(code: NDArray[np.int64]) -> csr_array:
    """Return a column for each code that occurs, none for -1."""
    rows = np.flatnonzero(code >= 0)
    found, column = np.unique(code[rows], return_inverse=True)
    return csr_array((np.ones(len(rows)), (rows, column)), shape=(len(code), len(found)))


def _side_by_side(parts: Sequence[csr_array]) -> csr_array:
    return csr_array(hstack(parts, format="csr"))
