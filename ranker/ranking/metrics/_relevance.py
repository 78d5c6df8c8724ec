"""What the metrics share: reading relevance, and the mean over the jobs that have a value."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ranker.errors import DataError
from ranker.ranking.labels import as_array
from ranker.ranking.ranking import Ranking


def as_relevance(relevance: ArrayLike) -> NDArray[np.float64]:
    """Read relevance as finite numbers, (n,) in the order given, or raise DataError."""
    array = as_array(relevance, what="relevance")
    try:
        values = array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"relevance must be numbers, one per row: {error}") from error
    strange = np.flatnonzero(~np.isfinite(values))
    if strange.size:
        raise DataError(
            f"relevance of row {strange[0]} is {values[strange[0]]} ({strange.size} such in all): "
            "leave rows without a finite relevance out, of the ranking too"
        )
    return values


def relevance_in_rank_order(ranking: Ranking, relevance: ArrayLike) -> NDArray[np.float64]:
    """Relevance of each ranked entry, (n,), from relevance of the original rows, or raise DataError."""
    return ranking.aligned(as_relevance(relevance), what="relevance")


def mean_over_jobs(per_job: NDArray[np.float64]) -> float:
    """Mean of the values that are not NaN; NaN where there are none."""
    defined = per_job[~np.isnan(per_job)]
    return float(defined.mean()) if defined.size else float("nan")
