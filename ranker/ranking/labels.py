"""Labels of jobs and candidates: one text per thing, however the caller's column stored it."""

import re
from collections.abc import Iterable
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ranker.errors import DataError

__all__ = ["as_array", "as_labels", "label_of", "natural_key"]

_NUMERIC = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)


def label_of(value: object) -> str:
    """Write one value as the text that names a job, a candidate or a group.

    Parameters
    ----------
    value : object
        A text, a number, a boolean or anything with a ``str``.

    Returns
    -------
    str
        The text itself; ``"12"`` for ``12``, ``numpy.int64(12)`` and ``12.0``, since
        a column of whole numbers turns to floats as soon as one is missing.
    """
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, Integral):
        return str(int(value))
    if isinstance(value, Real):
        number = float(value)
        return str(int(number)) if number.is_integer() else repr(number)
    return str(value)


def natural_key(label: str) -> tuple[int, Decimal, str]:
    """Sort key that puts numeric labels first, by value, then texts by code point.

    Parameters
    ----------
    label : str
        A label as `label_of` writes it.

    Returns
    -------
    tuple
        Different for different labels, so that an order by it is total.
    """
    if _NUMERIC.fullmatch(label):
        return 0, Decimal(label), label
    return 1, Decimal(0), label


def as_array(values: Any, *, what: str) -> NDArray[Any]:
    """Read a column of any kind into a one-dimensional array, changing no value.

    Parameters
    ----------
    values : array_like of shape (n,)
        A list, array, pandas Series or Arrow array.
    what : str
        What the values are, for the error message.

    Returns
    -------
    ndarray of shape (n,)
        Of the values' own dtype; object for lists and other iterables, because numpy
        would turn ``["a", None]`` and ``[1.0, "a"]`` into texts of its own making.

    Raises
    ------
    DataError
        If there is not one value per row.
    """
    if isinstance(values, (str, bytes)) or not (hasattr(values, "__array__") or isinstance(values, Iterable)):
        raise DataError(f"{what} is the single value {values!r}: give one value per row")
    array = np.asarray(values) if hasattr(values, "__array__") else np.fromiter(values, dtype=object)
    if array.ndim != 1:
        raise DataError(f"{what} has shape {array.shape}: give one value per row, in one dimension")
    return array


def as_labels(values: Any, *, what: str) -> NDArray[np.object_]:
    """Write a column as labels.

    Parameters
    ----------
    values : array_like of shape (n,)
        Texts, numbers or booleans; see `label_of` for how each is written.
    what : str
        What the labels name, for the error message.

    Returns
    -------
    ndarray of shape (n,)
        ``str`` objects.

    Raises
    ------
    DataError
        If a label is missing (None, NaN, NA), or there is not one per row.
    """
    array = as_array(values, what=what)
    missing = np.flatnonzero(pd.isna(array))
    if missing.size:
        raise DataError(
            f"{what} label of row {missing[0]} is missing ({missing.size} missing in all): "
            "give every row a label, or leave those rows out"
        )
    # infer_dtype looks in C, which spares a call per row where every entry is a text already.
    if array.dtype == object and pd.api.types.infer_dtype(array) == "string":
        return array.copy()
    if array.dtype.kind == "M":
        array = array.astype(str)
    # str alone is right for integers, and 200,000 of them take .03 s instead of .3.
    write = str if array.dtype.kind in "iu" else label_of
    return np.fromiter(map(write, array.tolist()), dtype=object, count=array.size)
