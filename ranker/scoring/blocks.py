"""Columns as kernels read them: numbers in blocks without copies, texts as whole numbers.

What a column means is said in ``columns``; here it is only read faster, and what has no fast way
takes the slow one.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from ranker.scoring.columns import number_column, series_of, text_column

__all__ = ["Numbers", "block_of", "codes_of", "numbers_of"]

Numbers: TypeAlias = "NDArray[Any] | pa.ChunkedArray"
FLOATS = (np.dtype(np.float64), np.dtype(np.float32))
ARROW_FLOATS = (pa.float64(), pa.float32())
FEW = 128  # texts: below, a loop over Python objects is quicker than Arrow's set-up


def numbers_of(column: Any, name: str) -> Numbers:
    """Find the numbers of a column, without a copy where that is possible.

    Parameters
    ----------
    column : pandas.Series, ndarray of shape (n,) or pyarrow.ChunkedArray
        As a DataFrame, an array or a table has it.
    name : str
        For the message where it holds no numbers.

    Returns
    -------
    ndarray or pyarrow.ChunkedArray
        Integers, booleans or floats of any width; for :func:`block_of`.

    Raises
    ------
    DataError
        If the column holds something that is no number.
    """
    if isinstance(column, pd.Series):
        if isinstance(column.dtype, np.dtype):
            column = column.to_numpy()
        elif isinstance(column.dtype, pd.ArrowDtype):
            column = chunks_of(column)
    if isinstance(column, pa.ChunkedArray):
        if column.null_count == 0 and column.num_chunks == 1 and _plain(column.type):
            return column.chunk(0).to_numpy()
        if column.type in ARROW_FLOATS:
            return column
        column = series_of(column)
    if isinstance(column, np.ndarray) and column.dtype.kind in "biuf" and column.dtype.itemsize <= 8:
        return column
    return number_column(column, name)


def block_of(numbers: Numbers, start: int, stop: int) -> NDArray[Any]:
    """Rows ``start .. stop - 1`` as a contiguous, read-only array of float64 or float32, NaN where missing."""
    if isinstance(numbers, np.ndarray):
        block = numbers[start:stop]
        if block.dtype not in FLOATS:
            block = block.astype(np.float64)
        elif not block.flags.c_contiguous:
            block = block.copy()
    else:
        rows = numbers.slice(start, stop - start)
        whole = rows.num_chunks == 1 and rows.null_count == 0
        block = rows.chunk(0).to_numpy() if whole else rows.to_numpy()
    # Kernels are compiled once for arrays that may be written to and once for those that may not;
    # Arrow and pandas give the latter. Only a view is marked: a slice or a fresh array.
    block.flags.writeable = False
    return block


def codes_of(
    column: Any, categories: Mapping[str, int], unseen: int, spelling: tuple[str, str]
) -> NDArray[np.int64]:
    """Code of each text: missing is 0.

    Parameters
    ----------
    column : pandas.Series, ndarray of shape (n,) or pyarrow.ChunkedArray
        Texts, or what can be spelled as a text (see ``columns_of``).
    categories : dict of str to int
        Codes, from 1.
    unseen : int
        Code of a text that is no category.
    spelling : (str, str)
        How true and false are written.

    Returns
    -------
    ndarray of shape (n,), int64
        In 0 .. ``unseen``.
    """

    def coded(values: Any) -> NDArray[np.int64]:
        texts = text_column(values, *spelling)
        found = (0 if text is None else categories.get(text, unseen) for text in texts)
        return np.fromiter(found, np.int64, len(texts))

    if isinstance(column, pd.Series):
        if isinstance(column.dtype, pd.CategoricalDtype):
            # The code of "missing" is -1, the last.
            return np.append(coded(column.cat.categories.to_series()), 0)[column.cat.codes.to_numpy()]
        if isinstance(column.dtype, pd.ArrowDtype | pd.StringDtype):
            column = chunks_of(column)
        else:
            column = column.to_numpy() if isinstance(column.dtype, np.dtype) else column
    if isinstance(column, np.ndarray) and len(column) > FEW:
        if column.dtype.kind in "biuf" and column.dtype.isnative:
            positions, values = pd.factorize(column)
            return np.append(coded(values), 0)[positions]
        if column.dtype == object:
            column = _arrow_texts(column)
    if isinstance(column, pa.ChunkedArray):
        if not column.num_chunks or not _dictionary_like(column.type):
            return coded(series_of(column))
        return np.concatenate([_of_chunk(chunk, coded) for chunk in column.chunks])
    return coded(column)


def chunks_of(column: pd.Series) -> pa.ChunkedArray:
    """Give the Arrow arrays behind a Series, or make them."""
    found = pa.array(column.array, from_pandas=True)
    return found if isinstance(found, pa.ChunkedArray) else pa.chunked_array([found])


def _of_chunk(chunk: pa.Array, coded: Any) -> NDArray[np.int64]:
    if not pa.types.is_dictionary(chunk.type):
        chunk = chunk.dictionary_encode()
    values = np.append(coded(series_of(chunk.dictionary)), 0)
    positions = chunk.indices
    if positions.null_count:
        positions = positions.cast(pa.int64()).fill_null(len(values) - 1)
    return values[positions.to_numpy(zero_copy_only=False)]


def _arrow_texts(column: NDArray[np.object_]) -> Any:
    """Texts of Python objects as an Arrow array, or the objects where one is something else."""
    if pd.api.types.infer_dtype(column, skipna=True) != "string":
        return column  # Arrow would take bytes for texts
    try:
        return pa.chunked_array([pa.array(column, pa.large_string(), from_pandas=True)])
    except UnicodeError:  # half a surrogate pair
        return column


def _plain(kind: pa.DataType) -> bool:
    return pa.types.is_integer(kind) or kind in ARROW_FLOATS


def _dictionary_like(kind: pa.DataType) -> bool:
    """Whether equal values of this type are spelled alike, and Arrow finds the distinct ones."""
    test = pa.types
    return (
        test.is_string(kind)
        or test.is_large_string(kind)
        or test.is_dictionary(kind)
        or test.is_boolean(kind)
        or test.is_integer(kind)
    )
