"""One order of training rows, whatever order they come in: so that permuting them changes nothing."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["canonical_order", "take_rows"]


def canonical_order(job: np.ndarray, candidate: np.ndarray | None, *columns: Any) -> np.ndarray:
    """Positions that sort rows by job, candidate and, where those do not tell rows apart, by content.

    Parameters
    ----------
    job : (n,) array
        Job labels.
    candidate : (n,) array or None
        Candidate labels.
    *columns : (n,) arrays, or None
        What else may tell two rows apart: features, labels, weights, groups.

    Returns
    -------
    (n,) int64 array
        Rows that are equal in everything keep the order they came in; they are interchangeable.
    """
    keys = [_codes(job)]
    if candidate is not None:
        keys.append(_codes(candidate))
        pairs = keys[0] * (int(keys[1].max(initial=0)) + 1) + keys[1]
        if len(np.unique(pairs)) == len(pairs):
            return np.argsort(pairs, kind="stable")
    keys += [_codes(column) for column in columns if column is not None]
    return np.lexsort(keys[::-1])


def take_rows(X: Any, rows: np.ndarray) -> Any:
    """Take rows of a DataFrame, an Arrow table or an array."""
    if isinstance(X, pd.DataFrame):
        return X.iloc[rows]
    return X[rows] if isinstance(X, np.ndarray) else X.take(rows)


def columns_in(X: Any) -> Iterable[np.ndarray]:
    """Yield the columns of a DataFrame, an Arrow table or a 2-D array as arrays."""
    if isinstance(X, np.ndarray):
        yield from X.T
    elif isinstance(X, pd.DataFrame):
        yield from (X.iloc[:, c].to_numpy(dtype=object) for c in range(X.shape[1]))
    else:
        yield from (column.to_numpy(zero_copy_only=False) for column in X.columns)


def _codes(values: Any) -> np.ndarray:
    array = np.asarray(values)
    if array.dtype.kind in "fiub":
        return np.unique(array, return_inverse=True)[1].astype(np.int64)
    column = pd.Series(array, dtype=object)
    texts = np.unique(column.map(str).to_numpy(dtype=object).astype(str), return_inverse=True)[1]
    numbers = pd.to_numeric(column, errors="coerce").fillna(np.inf).to_numpy(np.float64)
    # Numbers by value, what is none by its text.
    pairs = (
        np.unique(numbers, return_inverse=True)[1].astype(np.int64) * (int(texts.max(initial=0)) + 1) + texts
    )
    return np.unique(pairs, return_inverse=True)[1].astype(np.int64)
