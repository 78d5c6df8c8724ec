"""Reciprocal rank of the first relevant candidate."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ranker.ranking.metrics._relevance import mean_over_jobs, relevance_in_rank_order
from ranker.ranking.ranking import Ranking

__all__ = ["reciprocal_rank", "reciprocal_rank_per_job"]


def reciprocal_rank(ranking: Ranking, relevance: ArrayLike, *, k: int | None = None) -> float:
    """One over the rank of the first relevant candidate, mean over jobs (MRR).

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs.
    relevance : array_like of shape (n_rows,)
        Relevance of each row that the ranking was made from; above 0 is relevant.
    k : int, optional
        A first relevant candidate below rank ``k`` counts as never found: 0. All ranks by
        default.

    Returns
    -------
    float
        In [0, 1], dimensionless. Jobs where nobody is relevant are left out of the mean, as
        they are of `average_precision`; trec_eval counts them as 0
        (`reciprocal_rank_per_job` shows which they are). NaN where that leaves no job.

    Raises
    ------
    DataError
        If relevance is not finite or not one per row, or `k` is no whole number from 1.

    References
    ----------
    Voorhees (1999), The TREC-8 Question Answering Track Report, TREC-8.

    Examples
    --------
    >>> ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=["a", "a", "a"])
    >>> reciprocal_rank(ranking, [0, 1, 1])
    0.5
    """
    return mean_over_jobs(reciprocal_rank_per_job(ranking, relevance, k=k))


def reciprocal_rank_per_job(
    ranking: Ranking, relevance: ArrayLike, *, k: int | None = None
) -> NDArray[np.float64]:
    """Reciprocal rank of each job, in the order of ``ranking.jobs``.

    Parameters
    ----------
    ranking, relevance, k
        As in `reciprocal_rank`.

    Returns
    -------
    ndarray of shape (n_jobs,)
        In [0, 1]; 0 where relevant candidates stand below rank `k` only, NaN for jobs where
        nobody is relevant.

    Raises
    ------
    DataError
        As `reciprocal_rank` does.
    """
    relevant = relevance_in_rank_order(ranking, relevance) > 0
    job_of, ranks = ranking.job_of, ranking.ranks
    counted = relevant if k is None else relevant & ranking.in_top(k)
    values = np.full(ranking.n_jobs, np.nan)
    values[job_of[relevant]] = 0.0
    found = np.flatnonzero(counted)
    # Entries are in rank order, so the first of a job among those found is its best.
    jobs, first = np.unique(job_of[found], return_index=True)
    values[jobs] = 1.0 / ranks[found[first]]
    return values
