"""The union of several levels of an axis, and where its bins lie in each of them."""

from collections.abc import Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from ranker.scoring.additive import Level

__all__ = ["parent_bins", "refine", "split_weights", "union"]


def union(levels: Sequence[Level]) -> Level:
    """Finest common level: all the cuts, or all the categories in order of appearance."""
    known = [level for level in levels if isinstance(level, dict)]
    if not known:
        return np.unique(np.concatenate([np.asarray(level) for level in levels]))
    if all(level == known[0] for level in known):
        return known[0]
    # A bin each, even where an edited model puts several categories into one.
    categories = dict.fromkeys(category for level in known for category in level)
    return {category: position for position, category in enumerate(categories, start=1)}


def parent_bins(finer: Level, own: Level) -> NDArray[np.int64]:
    """Bin of ``own`` that each bin of ``finer`` lies in, "missing" and "unknown" included.

    A category that ``own`` does not know lies in its "unknown".
    """
    if isinstance(finer, dict) and isinstance(own, dict):
        unknown = max(own.values(), default=0) + 1
        if finer == own:
            return np.arange(unknown + 1)
        return np.array([0, *(own.get(category, unknown) for category in finer), unknown])
    # A bin lies where its left edge lies, and the first, which has none, in the first.
    edges = np.searchsorted(np.asarray(own), np.asarray(finer), side="right") + 1
    return np.concatenate([[0, 1], edges, [len(own) + 2]])


def refine(table: NDArray[np.float64], parents: Sequence[NDArray[np.int64]]) -> NDArray[np.float64]:
    """Spread a step function over a finer grid; leading axes without parents stay."""
    kept = [np.arange(length) for length in table.shape[: table.ndim - len(parents)]]
    return table[np.ix_(*kept, *parents)]


def split_weights(weights: NDArray[np.float64], parents: Sequence[NDArray[np.int64]]) -> NDArray[np.float64]:
    """Spread weights over a finer grid: the parts of a bin get equal shares, so that sums stay."""
    shares = [1.0 / np.bincount(parent)[parent] for parent in parents]
    return refine(weights, parents) * reduce(np.multiply.outer, shares)
