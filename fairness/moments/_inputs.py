"""What every moment checks of what it is given."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from ranker.errors import ConstraintError, DataError, FitError
from ranker.ranking.labels import as_labels


def checked_bound(bound: Any) -> float:
    """Return a difference bound, or raise ConstraintError where it bounds nothing."""
    number = not isinstance(bound, bool) and isinstance(bound, (int, float))
    if not number or not (bound >= 0 and math.isfinite(bound)):
        raise ConstraintError(
            f"difference_bound {bound!r} must be a finite number, 0 or more: the largest gap allowed"
        )
    return float(bound)


def job_codes(job: Any, n: int) -> np.ndarray:
    """Give each job a code from 0 on: (n,) labels -> (n,) int64, or raise DataError."""
    labels = as_labels(job, what="job")
    if len(labels) != n:
        raise DataError(f"job has {len(labels)} rows and y {n}: give one a row")
    return pd.factorize(labels)[0].astype(np.int64)


def checked_labels(y: Any) -> pd.Series:
    """Return the labels as a Series of (n,) float64, or raise FitError."""
    try:
        labels = np.asarray(y, dtype=np.float64).ravel()
    except (TypeError, ValueError):
        raise FitError("y holds something that is no number: a label says how relevant a row is") from None
    bad = np.flatnonzero(~np.isfinite(labels))
    if bad.size:
        raise FitError(f"y of row {bad[0]} is {labels[bad[0]]} ({bad.size} such): leave those rows out")
    return pd.Series(labels)


def in_order(series: pd.Series, index: pd.Index) -> np.ndarray:
    """Values of a series by the rows of an index, (n_rows,) float64; NaN where it lacks one.

    Most come in that very order, and pandas takes longer to reindex a few rows than to compare them.
    """
    same = series.index.equals(index)
    return (series if same else series.reindex(index)).to_numpy(dtype=np.float64)


def predicted(predictor: Callable, X: Any) -> np.ndarray:
    """Ask a predictor for the scores of all rows: (n,) float64, or raise DataError.

    Scores of shape (n, 1) are read as (n,).
    """
    scores = np.asarray(predictor(X), dtype=np.float64).ravel()
    if len(scores) != X.shape[0]:
        raise DataError(f"the predictor gave {len(scores)} scores for {X.shape[0]} rows: one a row is needed")
    bad = np.flatnonzero(~np.isfinite(scores))
    if bad.size:
        raise DataError(f"the predictor gave row {bad[0]} the score {scores[bad[0]]}: scores must be finite")
    return scores
