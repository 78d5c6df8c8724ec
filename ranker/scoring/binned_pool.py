"""Codes of rows: where each feature of each row lies, a byte or two each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from ranker.errors import DataError, UnknownFieldError, did_you_mean
from ranker.kernels.tables import bin_numbers
from ranker.scoring.additive import Axis
from ranker.scoring.binning import Binning, Grid
from ranker.scoring.blocks import Numbers, block_of

__all__ = ["BinnedPool", "Codes", "Columns", "Layout"]


class Codes(NamedTuple):
    """Codes of features, each in a row of its own of the narrowest array that holds them.

    ``narrow`` is (n_narrow, n) uint8, ``wide`` (n_wide, n) uint16 or uint32.
    """

    narrow: NDArray[np.uint8]
    wide: NDArray[np.unsignedinteger]

    def row(self, row: int) -> NDArray[np.unsignedinteger]:
        """Row ``r`` of ``narrow``, or of ``wide`` where it is given as ``-1 - r``."""
        return self.narrow[row] if row >= 0 else self.wide[-1 - row]


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """In which row the codes of each feature stand.

    Parameters
    ----------
    names : tuple of str
        The axes of a scorer, in order.
    binnings : tuple of Binning or None
        None for an axis without cuts or categories: no term reads it.
    rows : tuple of int
        See :meth:`Codes.row`; 0 where there is no binning.
    wide : dtype
        uint16, or uint32 where one feature has more codes than fit that.
    shape : (int, int)
        Rows of ``narrow`` and of ``wide``.
    grids : dict of (int, dtype) to Grid
        Of each axis of numbers, for columns of float64 and of float32.
    """

    names: tuple[str, ...]
    binnings: tuple[Binning | None, ...]
    rows: tuple[int, ...]
    wide: np.dtype[Any]
    shape: tuple[int, int]
    grids: dict[tuple[int, np.dtype[Any]], Grid]

    @classmethod
    def of(cls, axes: Sequence[Axis]) -> Self:
        """Lay out the codes of some axes."""
        binnings = tuple(Binning.of(axis) if axis.levels else None for axis in axes)
        rows, n_narrow, n_wide = [], 0, 0
        for binning in binnings:
            narrow = binning is None or binning.n_codes <= 2**8
            rows.append(n_narrow if narrow else -1 - n_wide)
            n_narrow += binning is not None and narrow
            n_wide += not narrow
        most = max((binning.n_codes for binning in binnings if binning is not None), default=0)
        wide = np.dtype(np.uint16 if most <= 2**16 else np.uint32)
        grids = {
            (f, dtype): grid
            for f, binning in enumerate(binnings)
            if binning is not None and binning.grids is not None
            for dtype, grid in binning.grids.items()
        }
        names = tuple(axis.name for axis in axes)
        return cls(names, binnings, tuple(rows), wide, (n_narrow, n_wide), grids)

    @property
    def binned(self) -> tuple[int, ...]:
        """Positions of the axes that have a row."""
        return tuple(f for f, binning in enumerate(self.binnings) if binning is not None)

    @property
    def numeric(self) -> bool:
        """Whether no axis holds texts."""
        return not any(binning is not None and isinstance(binning.level, dict) for binning in self.binnings)

    def binning(self, f: int) -> Binning:
        """Binning of an axis that has one."""
        found = self.binnings[f]
        assert found is not None, self.names[f]
        return found

    def empty(self, n: int) -> Codes:
        """Make room for the codes of n rows."""
        n_narrow, n_wide = self.shape
        return Codes(np.empty((n_narrow, n), np.uint8), np.empty((n_wide, n), self.wide))

    def rows_for(self, reader: "Layout", read: Sequence[int]) -> NDArray[np.int64]:
        """Where another layout's axes stand in this one.

        Parameters
        ----------
        reader : Layout
            Of the scorer that reads codes of this layout.
        read : sequence of int
            Positions of the axes that it reads.

        Returns
        -------
        ndarray of shape (axes of the reader,), int64
            0 for those that are not read.

        Raises
        ------
        UnknownFieldError
            If a feature that is read has no codes here.
        DataError
            If it was cut elsewhere.
        """
        if reader is self:
            return np.array(self.rows, np.int64)
        places = {self.names[f]: f for f in self.binned}
        rows = np.zeros(len(reader.names), np.int64)
        for f in read:
            name = reader.names[f]
            if name not in places:
                hint = did_you_mean(name, list(places))
                raise UnknownFieldError(f"the pool holds no codes of {name!r}{hint}: bin its rows anew")
            if not self.binning(places[name]).same(reader.binning(f)):
                raise DataError(
                    f"the pool was binned with other bins of {name!r} than this scorer's: bin its rows anew "
                    "with a scorer of the same cuts and categories"
                )
            rows[f] = self.rows[places[name]]
        return rows


class Columns(NamedTuple):
    """What is read of a table: by axis numbers, as they are stored, and codes of texts."""

    n: int
    numbers: list[tuple[int, Numbers]]
    texts: list[tuple[int, NDArray[np.int64]]]

    def fill(self, layout: Layout, codes: Codes, start: int, stop: int, first: int = 0) -> None:
        """Write the codes of rows ``start .. stop - 1``, from column ``first`` on."""
        last = first + stop - start
        for f, numbers in self.numbers:
            block = block_of(numbers, start, stop)
            bin_numbers(block, *layout.grids[f, block.dtype], codes.row(layout.rows[f])[first:last])
        for f, found in self.texts:
            codes.row(layout.rows[f])[first:last] = found[start:stop]


@dataclass(frozen=True, slots=True, eq=False)
class BinnedPool:
    """Rows that were binned once, to be scored by any scorer of the same cuts.

    Parameters
    ----------
    layout : Layout
        Of the scorer that binned them.
    codes : Codes
        A column per row of the pool.
    n : int
        Rows.
    """

    layout: Layout
    codes: Codes
    n: int

    def __len__(self) -> int:
        return self.n
