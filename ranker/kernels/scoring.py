"""Bins of columns, and sums of step-function tables over bins.

A table has one axis per feature of its term; along each, bin 0 is "missing" and
the last bin "unknown". Nothing is checked here: callers pass what the docstrings
say. Scores have the model's unit.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

__all__ = ["add_term", "bin_categories", "bin_continuous"]


def bin_continuous(values: NDArray[np.float64], cuts: NDArray[np.float64]) -> NDArray[np.int64]:
    """Bin of each value: (n,), increasing (n_cuts,) -> (n,), NaN in 0, others in 1 .. n_cuts + 1.

    A value equal to a cut falls right of it; -inf falls in bin 1, +inf in bin n_cuts + 1.
    """
    bins = np.searchsorted(cuts, values, side="right") + 1
    bins[np.isnan(values)] = 0
    return bins.astype(np.int64, copy=False)


def bin_categories(
    values: NDArray[np.object_], categories: Mapping[str, int], unseen: int
) -> NDArray[np.int64]:
    """Bin of each text: (n,) -> (n,), None in 0, a text that is no category in ``unseen``."""
    bins = (0 if value is None else categories.get(value, unseen) for value in values)
    return np.fromiter(bins, np.int64, len(values))


def add_term(
    scores: NDArray[np.float64], table: NDArray[np.float64], bins: tuple[NDArray[np.int64], ...]
) -> None:
    """Add a term to ``scores`` in place: (n,), a table of d axes, d times (n,)."""
    scores += table[bins]
