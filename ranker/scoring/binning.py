"""How the values of an axis become codes, on the union of all its levels."""

from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from ranker.scoring.additive import Axis, Level
from ranker.scoring.columns import spelling_of
from ranker.scoring.grids import parent_bins, union

__all__ = ["Binning", "Grid"]

GRIDS = (256, 1024, 4096)


class Grid(NamedTuple):
    """Arguments of ``kernels.tables.bin_numbers``, for columns of one type."""

    scale: NDArray[np.floating]
    starts: NDArray[Any]
    cuts: NDArray[np.floating]
    n_steps: int


@dataclass(frozen=True, slots=True, eq=False)
class Binning:
    """Codes of one axis: bins of the union of its levels, each within one bin of every level.

    Parameters
    ----------
    axis : Axis
        With at least one level.
    level : ndarray or dict
        The union: cuts in the feature's unit, or category -> code (from 1).
    n_codes : int
        Codes are 0 .. ``n_codes - 1``; the last is "unknown", which no number has.
    grids : dict of dtype to Grid, or None
        For float64 and float32; None where the axis holds texts.
    spelling : (str, str)
        How the axis writes true and false.
    """

    axis: Axis
    level: Level
    n_codes: int
    grids: dict[np.dtype[Any], Grid] | None
    spelling: tuple[str, str]

    @classmethod
    def of(cls, axis: Axis) -> Self:
        """Bin as an axis does."""
        level = union(axis.levels)
        if isinstance(level, dict):
            return cls(axis, level, max(level.values(), default=0) + 2, None, spelling_of(axis))
        grids: dict[np.dtype[Any], Grid] = {
            np.dtype(np.float64): grid_of(level.astype(np.float64)),
            np.dtype(np.float32): grid_of(round_up(level)),
        }
        return cls(axis, level, len(level) + 3, grids, spelling_of(axis))

    def bins(self, level: int) -> NDArray[np.int64]:
        """Bin along a table of one of the axis's levels, for each code: (n_codes,)."""
        return parent_bins(self.level, self.axis.levels[level])

    def same(self, other: "Binning") -> bool:
        """Tell whether every value has the same code in both."""
        if self is other:
            return True
        if isinstance(self.level, dict):
            return isinstance(other.level, dict) and (
                self.level == other.level and self.spelling == other.spelling
            )
        return not isinstance(other.level, dict) and np.array_equal(self.level, other.level)


def round_up(cuts: NDArray[np.float64]) -> NDArray[np.float32]:
    """Least float32 that is no less than each cut: (n,) -> (n,).

    A float32 value reaches the one exactly if it reaches the other, so that binning is exact.
    """
    with np.errstate(over="ignore", under="ignore"):
        near = np.asarray(cuts).astype(np.float32)
        return np.where(near < cuts, np.nextafter(near, np.float32(np.inf)), near)


def grid_of(cuts: NDArray[Any]) -> Grid:
    """Divide the range of increasing cuts, (n_cuts,), into equal cells.

    The kernel finds a value's cell by the same arithmetic as is used for the cuts here, and
    rounding is monotone: a cut in a cell further left is less than the value, one further right
    is greater.
    """
    dtype = cuts.dtype.type
    finite = cuts[np.isfinite(cuts)]
    low, high = (finite[0], finite[-1]) if finite.size else (dtype(0), dtype(0))
    with np.errstate(all="ignore"):
        for n_cells in GRIDS:
            per_unit = dtype(n_cells) / (high - low)
            if not np.isfinite(per_unit):
                per_unit = dtype(0)
            scale = np.array([low, per_unit, n_cells - 1], dtype)
            places = (cuts - scale[0]) * scale[1]
            places = np.where(places > 0, places, dtype(0))
            cells = np.minimum(places, scale[2]).astype(np.int64)
            most = int(np.bincount(cells).max(initial=0))
            if most <= 1:
                break
    starts = np.zeros(n_cells + 1, np.uint16 if cuts.size < 2**16 - 1 else np.uint32)
    starts[:-1] = 1 + np.searchsorted(cells, np.arange(n_cells))
    n_steps = max(most.bit_length(), 1)
    padded = np.full(1 + cuts.size + 2**n_steps, np.nan, dtype)
    padded[1 : 1 + cuts.size] = cuts
    return Grid(scale, starts, padded, n_steps)
