"""What is asked of scores and labels before they make a ranking."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ranker.errors import DataError
from ranker.ranking.labels import as_array, as_labels, natural_key

FEW = 4_096  # rows of one job, which sets of Python take less time for than tables of pandas to be made

__all__ = ["as_scores", "job_codes", "refuse_length", "refuse_nan", "refuse_repeats"]


def as_scores(scores: ArrayLike) -> NDArray[np.float64]:
    """Read one number a row, (n,) float64."""
    array = as_array(scores, what="scores")
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"scores must be numbers, one per row: {error}") from error


def refuse_length(k: object) -> None:
    """Refuse a length of the top of a list that is no whole number from 1."""
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)) or k < 1:
        raise DataError(f"the top of a list cannot be {k!r} long: give a whole number from 1")


def refuse_nan(
    scores: NDArray[np.float64],
    codes: NDArray[np.int64],
    jobs: NDArray[np.object_],
    candidates: NDArray[np.object_],
) -> None:
    """Refuse scores that cannot be ordered, naming the first; ``codes`` are places in ``jobs``."""
    missing = np.flatnonzero(np.isnan(scores))
    if missing.size:
        first = missing[0]
        raise DataError(
            f"candidate {candidates[first]!r} of job {jobs[codes[first]]!r} has the score NaN "
            f"({missing.size} NaN in all): only numbers can be ordered; score these rows or leave them out"
        )


def job_codes(job: Any) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Return each row's place among the jobs, and the jobs' labels in natural order."""
    array = as_array(job, what="job")
    if 0 < array.size <= FEW and array.dtype == object and _is_one_text(array.tolist()):
        return np.zeros(array.size, dtype=np.int64), array[:1].copy()
    # Whole numbers are told apart as they are: only one row a job then needs to be written as a text.
    whole = array.dtype.kind in "iu"
    codes, found = pd.factorize(array if whole else as_labels(array, what="job"))
    labels = as_labels(found, what="job") if whole else found
    by_label = np.array(
        sorted(range(labels.size), key=lambda code: natural_key(str(labels[code]))), dtype=np.int64
    )
    place_of = np.empty(labels.size, dtype=np.int64)
    place_of[by_label] = np.arange(labels.size)
    return place_of[codes], labels[by_label]


def _is_one_text(values: list[Any]) -> bool:
    return type(values[0]) is str and values.count(values[0]) == len(values) and {*map(type, values)} == {str}


def refuse_repeats(
    codes: NDArray[np.int64], jobs: NDArray[np.object_], candidates: NDArray[np.object_]
) -> None:
    """Refuse a candidate who occurs twice in a job, naming the first; ``codes`` are places in ``jobs``."""
    if jobs.size == 1 and candidates.size <= FEW and len(set(candidates.tolist())) == candidates.size:
        return
    candidate_codes, found = pd.factorize(candidates)
    pairs = codes * found.size + candidate_codes
    repeated = np.flatnonzero(pd.Series(pairs).duplicated())
    if repeated.size:
        first = repeated[0]
        times = int((pairs == pairs[first]).sum())
        raise DataError(
            f"candidate {candidates[first]!r} occurs {times} times in job {jobs[codes[first]]!r} "
            f"({repeated.size} rows repeat an earlier one in all): keep one row per candidate and job"
        )
