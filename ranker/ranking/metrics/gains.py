"""Gains from real-valued labels."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ranker.errors import DataError
from ranker.ranking.labels import as_labels
from ranker.ranking.metrics._relevance import as_relevance

__all__ = ["shift_gains"]


def shift_gains(relevance: ArrayLike, job: Any) -> NDArray[np.float64]:
    """Shift real-valued labels, such as z-scores, so that the lowest of each job is 0.

    `ndcg` then reads them as gains. NDCG depends on where 0 lies: compare only values
    that were shifted alike.

    Parameters
    ----------
    relevance : array_like of shape (n,)
        Any finite numbers.
    job : array_like of shape (n,)
        Job of each row.

    Returns
    -------
    ndarray of shape (n,)
        Relevance less the job's lowest, in the same unit and order; 0 or more.

    Raises
    ------
    DataError
        If relevance is not finite, a job label is missing, or lengths differ.

    Examples
    --------
    >>> shift_gains([-1.0, 0.5, 2.0], ["a", "a", "b"]).tolist()
    [0.0, 1.5, 0.0]
    """
    values = as_relevance(relevance)
    jobs = as_labels(job, what="job")
    if jobs.size != values.size:
        raise DataError(f"{values.size} relevances but {jobs.size} job labels: give one of each per row")
    codes, found = pd.factorize(jobs)
    lowest = np.full(found.size, np.inf)
    np.minimum.at(lowest, codes, values)
    return values - lowest[codes]
