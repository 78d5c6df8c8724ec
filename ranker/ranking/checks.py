"""What is asked of scores and labels before they make a ranking."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ranker.errors import DataError
from ranker.ranking.labels import as_array, natural_key

__all__ = ["as_scores", "job_codes", "refuse_nan", "refuse_repeats"]


def as_scores(scores: ArrayLike) -> NDArray[np.float64]:
    """Read one number a row, (n,) float64."""
    array = as_array(scores, what="scores")
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"scores must be numbers, one per row: {error}") from error


def refuse_nan(
    scores: NDArray[np.float64], jobs: NDArray[np.object_], candidates: NDArray[np.object_]
) -> None:
    """Refuse scores that cannot be ordered, naming the first."""
    missing = np.flatnonzero(np.isnan(scores))
    if missing.size:
        first = missing[0]
        raise DataError(
            f"candidate {candidates[first]!r} of job {jobs[first]!r} has the score NaN "
            f"({missing.size} NaN in all): only numbers can be ordered; score these rows or leave them out"
        )


def job_codes(labels: NDArray[np.object_]) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Return each row's place among the jobs, and the jobs' labels in natural order."""
    codes, found = pd.factorize(labels)
    by_label = np.array(sorted(range(found.size), key=lambda code: natural_key(str(found[code]))))
    place_of = np.empty(found.size, dtype=np.int64)
    place_of[by_label] = np.arange(found.size)
    return place_of[codes], found[by_label]


def refuse_repeats(
    codes: NDArray[np.int64], jobs: NDArray[np.object_], candidates: NDArray[np.object_]
) -> None:
    """Refuse a candidate who occurs twice in a job, naming the first; ``codes`` are those of the jobs."""
    candidate_codes, found = pd.factorize(candidates)
    pairs = codes * found.size + candidate_codes
    repeated = np.flatnonzero(pd.Series(pairs).duplicated())
    if repeated.size:
        first = repeated[0]
        times = int((pairs == pairs[first]).sum())
        raise DataError(
            f"candidate {candidates[first]!r} occurs {times} times in job {jobs[first]!r} "
            f"({repeated.size} rows repeat an earlier one in all): keep one row per candidate and job"
        )
