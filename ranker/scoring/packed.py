"""Scorers laid out for the kernels: the same scores, to the last bit, at the speed of memory."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from numpy.typing import DTypeLike, NDArray

from ranker.errors import DataError
from ranker.kernels.tables import add_terms, fill_terms
from ranker.scoring.binned_pool import BinnedPool, Codes, Columns, Layout
from ranker.scoring.blocks import codes_of, numbers_of
from ranker.scoring.columns import column_at, places_of
from ranker.scoring.program import Program

if TYPE_CHECKING:
    from ranker.scoring.additive import AdditiveScorer

__all__ = ["PackedScorer", "packed"]

# Rows whose columns are read in one go: of 16 columns in float64, 17.0 ns a row, 17.5 at 32,768 and 19.1 at
# 16,384 (a call costs .7 us). One call for all columns, passed by address, was slower: 21 ns, as
# memory likes long runs of one column better than short ones of sixteen.
BLOCK = 65_536
# Of an array in C order, whose rows hold all features: a block of them should stay there as well.
SMALL_BLOCK = 4_096
FEW = 1_024  # rows: up to here one copy of a frame is quicker than finding its columns
LEAST = 8_192  # rows that are worth a thread
EXACT = np.dtype(np.float64)

Kernel = Callable[[NDArray[Any], int, Codes, NDArray[np.int64]], None]


@dataclass(frozen=True, slots=True, eq=False)
class PackedScorer:
    """An ``AdditiveScorer`` that is ready to score many rows, or a few at once.

    Bins of all resolutions of a feature are united, so that a value is looked up once; the
    tables of single features are spread over the union. Sums run in the order of the terms.
    :func:`packed` makes it; it does not follow later changes to the scorer's tables.

    Parameters
    ----------
    layout : Layout
        Where the codes of each axis stand.
    program : Program
        The terms.
    """

    layout: Layout
    program: Program
    # The last frame's names, the columns' places, and whether it holds nothing but numbers: the
    # jobs of one frame share its index of names.
    _seen: list[tuple[pd.Index, list[int], bool]] = field(default_factory=list, repr=False)

    @classmethod
    def of(cls, scorer: "AdditiveScorer") -> Self:
        """Lay a scorer out; :func:`packed` keeps what this returns."""
        layout = Layout.of(scorer.axes)
        return cls(layout, Program.of(scorer, layout))

    def score(
        self,
        X: Any,
        *,
        dtype: DTypeLike = np.float64,
        out: NDArray[Any] | None = None,
        n_threads: int = 1,
    ) -> NDArray[Any]:
        """Score of each row.

        Parameters
        ----------
        X : pandas.DataFrame, pyarrow.Table, ndarray of shape (n, n_features) or BinnedPool
            As for ``AdditiveScorer.score``; float32 columns are read as they are.
        dtype : float64 or float32
            Of tables and sums: float64 is exact, float32 within ``program.error`` of it. Bins
            are exact in either.
        out : ndarray of shape (n,), optional
            Contiguous, of that type: where the scores go.
        n_threads : int
            Most threads to use; the result does not depend on it.

        Returns
        -------
        ndarray of shape (n,)
            In the score's unit; ``out`` if it was given.

        Raises
        ------
        UnknownFieldError, DataError
            As ``AdditiveScorer.score``; DataError as well where ``out`` has another shape or
            type, or a pool was binned by other cuts.
        """
        program, wanted = self.program, np.dtype(dtype)
        if wanted not in program.tables:
            raise DataError(f"no scores of type {wanted} are made: ask for float64 (exact) or float32")
        intercept, tables = program.tables[wanted]

        # Not a function with types: those of an inner one are built at every call, 5 us.
        add: Kernel = lambda scores, first, codes, rows: add_terms(  # noqa: E731
            scores, intercept, first, *codes, rows, *program.steps, program.runs, tables
        )
        return self._run(X, add, (), wanted, out, n_threads)

    def contributions(
        self, X: Any, *, out: NDArray[np.float64] | None = None, n_threads: int = 1
    ) -> NDArray[np.float64]:
        """Tell what each term adds to each row's score.

        Parameters
        ----------
        X, n_threads
            As for :meth:`score`, which also says what is raised.
        out : ndarray of shape (n, n_terms), optional
            Contiguous, of type float64: where they go.

        Returns
        -------
        ndarray of shape (n, n_terms)
            In the score's unit, exact; ``out`` if it was given.
        """
        program = self.program
        _, tables = program.tables[EXACT]

        fill: Kernel = lambda found, first, codes, rows: fill_terms(  # noqa: E731
            found, first, *codes, rows, *program.steps, program.runs, tables
        )
        return self._run(X, fill, (program.n_terms,), EXACT, out, n_threads)

    def bin(self, X: Any, *, n_threads: int = 1) -> BinnedPool:
        """Bin rows once, to score them with any scorer of the same cuts.

        Parameters
        ----------
        X : pandas.DataFrame, pyarrow.Table or ndarray of shape (n, n_features)
            As for :meth:`score`, which also says what is raised.
        n_threads : int
            Most threads to use; the result does not depend on it.

        Returns
        -------
        BinnedPool
            Codes of every feature that has cuts or categories, a byte or two each.
        """
        columns = self._columns(X, self.layout.binned)
        codes = self.layout.empty(columns.n)

        def fill(start: int, stop: int) -> None:
            for begin, end in _blocks(start, stop, _block_size(columns)):
                columns.fill(self.layout, codes, begin, end, begin)

        _in_threads(fill, columns.n, n_threads)
        return BinnedPool(self.layout, codes, columns.n)

    def _run(
        self,
        X: Any,
        kernel: Kernel,
        width: tuple[int, ...],
        dtype: np.dtype[Any],
        out: NDArray[Any] | None,
        n_threads: int,
    ) -> NDArray[Any]:
        """Let a kernel write rows of the result: of a pool at once, of columns block by block."""
        axes = self.program.axes
        if isinstance(X, BinnedPool):
            result = _result(out, (X.n, *width), dtype)
            rows = X.layout.rows_for(self.layout, self.program.read)[axes]
            _in_threads(lambda start, stop: kernel(result[start:stop], start, X.codes, rows), X.n, n_threads)
            return result
        columns = self._columns(X, self.program.read)
        result = _result(out, (columns.n, *width), dtype)
        rows, size = np.array(self.layout.rows, np.int64)[axes], _block_size(columns)

        def run(start: int, stop: int) -> None:
            codes = self.layout.empty(min(size, stop - start))
            for begin, end in _blocks(start, stop, size):
                columns.fill(self.layout, codes, begin, end)
                kernel(result[begin:end], 0, codes, rows)

        _in_threads(run, columns.n, n_threads)
        return result

    def _columns(self, X: Any, wanted: Sequence[int]) -> Columns:
        """Find the columns of some axes, as they are stored."""
        places, values = self._places(X)
        columns = Columns(len(X), [], [])
        for f in wanted:
            binning = self.layout.binning(f)
            if values is not None:
                columns.numbers.append((f, values[:, places[f]]))
                continue
            column = column_at(X, places[f])
            if isinstance(binning.level, dict):
                found = codes_of(column, binning.level, binning.n_codes - 1, binning.spelling)
                columns.texts.append((f, found))
            else:
                columns.numbers.append((f, numbers_of(column, self.layout.names[f])))
        return columns

    def _places(self, X: Any) -> tuple[list[int], NDArray[np.float64] | None]:
        """Find the axes' columns; of a small frame of nothing but numbers, its values as well."""
        if not isinstance(X, pd.DataFrame):
            return places_of(X, self.layout.names), None
        if self._seen and self._seen[0][0].is_(X.columns):
            _, places, uniform = self._seen[0]
        else:
            places, uniform = places_of(X, self.layout.names), self.layout.numeric
        values = np.asfortranarray(X.to_numpy()) if uniform and len(X) <= FEW else None
        if values is not None and values.dtype != EXACT:
            values, uniform = None, False
        self._seen[:] = [(X.columns, places, uniform)]
        return places, values


def _result(out: NDArray[Any] | None, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    if out is None:
        return np.empty(shape, dtype)
    if out.shape != shape or out.dtype != dtype or not (out.flags.c_contiguous and out.flags.writeable):
        raise DataError(
            f"out is of shape {out.shape} and type {out.dtype}: pass a contiguous array of shape {shape} "
            f"and type {dtype} that may be written to"
        )
    return out


def _block_size(columns: Columns) -> int:
    arrays = (numbers for _, numbers in columns.numbers if isinstance(numbers, np.ndarray))
    return BLOCK if all(numbers.flags.c_contiguous for numbers in arrays) else SMALL_BLOCK


def _blocks(start: int, stop: int, size: int) -> Iterator[tuple[int, int]]:
    for begin in range(start, stop, size):
        yield begin, min(begin + size, stop)


def _in_threads(work: Callable[[int, int], None], n: int, n_threads: int) -> None:
    """Do the work on rows 0 .. n - 1 in even slices, a thread each."""
    n_slices = max(min(n_threads, n // LEAST), 1)
    if n_slices == 1:
        work(0, n)
        return
    bounds = [n * part // n_slices for part in range(n_slices + 1)]
    with ThreadPoolExecutor(n_slices) as threads:
        list(threads.map(work, bounds[:-1], bounds[1:]))


_kept: "WeakKeyDictionary[AdditiveScorer, PackedScorer]" = WeakKeyDictionary()


def packed(scorer: "AdditiveScorer") -> PackedScorer:
    """Lay a scorer out for the kernels, once; kept for as long as the scorer lives."""
    found = _kept.get(scorer)
    if found is None:
        found = _kept[scorer] = PackedScorer.of(scorer)
    return found
