"""One 1-D array per feature, out of a DataFrame, an Arrow table or a 2-D array.

This is what a column means; ``blocks`` reads it faster.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from ranker.errors import DataError, UnknownFieldError, did_you_mean

if TYPE_CHECKING:
    from ranker.scoring.additive import Axis

__all__ = [
    "column_at",
    "columns_of",
    "infer_kinds",
    "number_column",
    "places_of",
    "series_of",
    "spelling_of",
    "text_column",
]

# As interpret spells booleans, so that a model answers the same through its EBM.
TRUE_FALSE, WORDS = ("1", "0"), ("True", "False")
FORMS = "pass a pandas DataFrame, an Arrow table or a 2-D array, one column per feature"


def columns_of(X: Any, axes: "Sequence[Axis]") -> list[NDArray[Any]]:
    """Columns of the axes, in the axes' order.

    Parameters
    ----------
    X : pandas.DataFrame, pyarrow.Table or ndarray of shape (n, n_axes)
        Columns of a DataFrame or a table are found by name, whatever their order
        and whatever else there is; those of an array by position.
    axes : sequence of Axis
        The features that are wanted.

    Returns
    -------
    list of ndarray of shape (n,)
        float64 with NaN where missing for a continuous axis; object, holding
        ``str`` or None where missing, for a nominal or ordinal one. Whole floats are
        spelled as integers ("3", as interpret does, lest one missing value that turns
        a column to floats make every category unseen). Booleans are spelled "1"
        and "0", or "True" and "False" for an axis that knows only those.

    Raises
    ------
    UnknownFieldError
        If a column is missing.
    DataError
        If ``X`` has another form or width, a name occurs twice, or a continuous
        column holds something that is no number.
    """
    columns = _select(X, [axis.name for axis in axes])
    return [
        number_column(column, axis.name)
        if axis.kind == "continuous"
        else text_column(column, *spelling_of(axis))
        for column, axis in zip(columns, axes, strict=True)
    ]


def infer_kinds(X: Any) -> tuple[tuple[str, ...], tuple[Literal["continuous", "nominal"], ...]]:
    """Names of the columns, and what each seems to hold.

    Parameters
    ----------
    X : pandas.DataFrame, pyarrow.Table or ndarray of shape (n, n_columns)
        Columns of an array are named ``x0``, ``x1``, ...

    Returns
    -------
    names : tuple of str
    kinds : tuple of {"continuous", "nominal"}
        "continuous" for numbers; "nominal" for booleans, text and categories.
        A column of Python objects is continuous if it holds numbers and nothing
        else but missing values.

    Raises
    ------
    DataError
        If ``X`` has another form, a name occurs twice, or a column holds times or
        complex numbers.
    """
    names = _names(X)
    columns = _select(X, names)
    return tuple(names), tuple(_kind(column, name) for column, name in zip(columns, names, strict=True))


def _names(X: Any) -> list[str]:
    if isinstance(X, pd.DataFrame):
        return [str(name) for name in X.columns]
    if isinstance(X, pa.Table | pa.RecordBatch):
        return list(X.schema.names)
    if isinstance(X, np.ndarray) and X.ndim == 2:
        return [f"x{position}" for position in range(X.shape[1])]
    shape = f" and shape {X.shape}" if isinstance(X, np.ndarray) else ""
    raise DataError(f"X is of type {type(X).__name__}{shape}: {FORMS}")


def places_of(X: Any, wanted: Sequence[str]) -> list[int]:
    """Positions of the wanted columns.

    Parameters
    ----------
    X : pandas.DataFrame, pyarrow.Table or ndarray of shape (n, n_wanted)
        As for :func:`columns_of`.
    wanted : sequence of str
        Names; an array has these columns in this order.

    Returns
    -------
    list of int

    Raises
    ------
    UnknownFieldError, DataError
        As :func:`columns_of`.
    """
    names = _names(X)
    if isinstance(X, np.ndarray):
        if len(names) != len(wanted):
            raise DataError(
                f"X has {len(names)} columns where {len(wanted)} are wanted: give an array the "
                f"columns {', '.join(wanted)} in this order, or pass a DataFrame, whose columns have names"
            )
        return list(range(len(names)))
    positions = {name: position for position, name in enumerate(names)}
    if len(positions) < len(names):
        for name, count in Counter(names).items():
            if count > 1 and name in wanted:
                raise DataError(f"column {name!r} occurs {count} times in X: keep one of them")
    for name in wanted:
        if name not in positions:
            raise UnknownFieldError(f"X has no column {name!r}{did_you_mean(name, names)}")
    return [positions[name] for name in wanted]


def column_at(X: Any, place: int) -> "pd.Series | NDArray[Any] | pa.ChunkedArray":
    """Take a column as it is stored."""
    if isinstance(X, np.ndarray):
        return X[:, place]
    if isinstance(X, pd.DataFrame):
        return X.iloc[:, place]
    column = X.column(place)
    return column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])


def series_of(column: "pa.ChunkedArray | pa.Array") -> pd.Series:
    """Make a Series of an Arrow column, without a copy."""
    # pandas 3.1 knows no string views, which Polars exports.
    text = column.cast(pa.large_string()) if pa.types.is_string_view(column.type) else column
    return pd.Series(pd.arrays.ArrowExtensionArray(text))


def _select(X: Any, wanted: Sequence[str]) -> "list[pd.Series | NDArray[Any]]":
    """Find the wanted columns; Arrow columns come as Arrow-backed Series."""
    columns = [column_at(X, place) for place in places_of(X, wanted)]
    return [series_of(column) if isinstance(column, pa.ChunkedArray) else column for column in columns]


def _kind(column: "pd.Series | NDArray[Any]", name: str) -> Literal["continuous", "nominal"]:
    dtype = column.dtype
    if pd.api.types.is_object_dtype(dtype):
        present = [value for value in column if not _missing(value)]
        numeric = all(isinstance(value, int | float | np.number) and not _boolean(value) for value in present)
        return "continuous" if present and numeric else "nominal"
    if pd.api.types.is_bool_dtype(dtype):
        return "nominal"
    if pd.api.types.is_complex_dtype(dtype):
        raise DataError(f"column {name!r} holds complex numbers: split it into real columns")
    if pd.api.types.is_numeric_dtype(dtype):
        return "continuous"
    if isinstance(dtype, pd.CategoricalDtype | pd.StringDtype) or pd.api.types.is_string_dtype(dtype):
        return "nominal"
    if isinstance(dtype, pd.ArrowDtype):
        arrow = dtype.pyarrow_dtype
        if pa.types.is_dictionary(arrow) or pa.types.is_null(arrow):
            return "nominal"
    raise DataError(f"column {name!r} holds {dtype}: turn it into numbers (days, months) or text")


def number_column(column: "pd.Series | NDArray[Any]", name: str) -> NDArray[np.float64]:
    """Numbers of a column, NaN where missing."""
    dtype = column.dtype
    if pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_complex_dtype(dtype):
        if isinstance(column, pd.Series):
            return column.to_numpy(dtype=np.float64, na_value=np.nan)
        return np.ascontiguousarray(column, np.float64)
    numbers = np.empty(len(column), np.float64)
    for row, value in enumerate(_objects(column)):
        try:
            numbers[row] = np.nan if _missing(value) else float(value)
        except (TypeError, ValueError, OverflowError):
            raise DataError(
                f"column {name!r}, row {row} (the first is 0): {value!r} is not a number: correct it, "
                "leave it empty if it is not known, or train with this column as text"
            ) from None
    return numbers


def text_column(column: "pd.Series | NDArray[Any]", true: str, false: str) -> NDArray[np.object_]:
    """Texts of a column, None where missing."""
    texts = np.empty(len(column), np.object_)
    for row, value in enumerate(_objects(column)):
        if isinstance(value, str):
            texts[row] = str(value)
        elif _missing(value):
            texts[row] = None
        elif _boolean(value):
            texts[row] = true if value else false
        elif isinstance(value, float | np.floating):
            # + 0.0 makes -0.0 a zero like any other.
            texts[row] = str(float(value) + 0.0).removesuffix(".0")
        else:
            texts[row] = str(value)
    return texts


def spelling_of(axis: "Axis") -> tuple[str, str]:
    """How the axis writes true and false: interpret trains on booleans as "1" and "0"."""
    known = {category for level in axis.levels for category in level}
    return WORDS if known & {*WORDS} and not known & {*TRUE_FALSE} else TRUE_FALSE


def _objects(column: "pd.Series | NDArray[Any]") -> Iterable[Any]:
    return column.to_numpy(dtype=object) if isinstance(column, pd.Series) else column


def _missing(value: Any) -> bool:
    nan = isinstance(value, float | np.floating) and value != value
    return nan or value is None or value is pd.NA or value is pd.NaT


def _boolean(value: Any) -> bool:
    return isinstance(value, bool | np.bool_)
