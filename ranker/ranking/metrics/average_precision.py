"""Average precision."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ranker.kernels.segments import segment_sums
from ranker.ranking.metrics._relevance import mean_over_jobs, relevance_in_rank_order
from ranker.ranking.ranking import Ranking

__all__ = ["average_precision", "average_precision_per_job"]


def average_precision(ranking: Ranking, relevance: ArrayLike, *, k: int | None = None) -> float:
    """Precision at the rank of each relevant candidate, mean over them, then over jobs (MAP).

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs.
    relevance : array_like of shape (n_rows,)
        Relevance of each row that the ranking was made from; above 0 is relevant.
    k : int, optional
        Relevant candidates below rank ``k`` count as never found: their precision is 0,
        as in trec_eval's ``map_cut``. All ranks by default.

    Returns
    -------
    float
        In [0, 1], dimensionless. Jobs where nobody is relevant are left out of the mean
        (`average_precision_per_job` shows which); NaN where that leaves no job.

    Raises
    ------
    DataError
        If relevance is not finite or not one per row, or `k` is no whole number from 1.

    References
    ----------
    Manning, Raghavan & Schütze (2008), Introduction to Information Retrieval, section 8.4.

    Examples
    --------
    >>> ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=["a", "a", "a"])
    >>> round(average_precision(ranking, [1, 0, 1]), 4)
    0.8333
    """
    return mean_over_jobs(average_precision_per_job(ranking, relevance, k=k))


def average_precision_per_job(
    ranking: Ranking, relevance: ArrayLike, *, k: int | None = None
) -> NDArray[np.float64]:
    """Average precision of each job, in the order of ``ranking.jobs``.

    Parameters
    ----------
    ranking, relevance, k
        As in `average_precision`.

    Returns
    -------
    ndarray of shape (n_jobs,)
        In [0, 1]; NaN for jobs where nobody is relevant.

    Raises
    ------
    DataError
        As `average_precision` does.
    """
    relevant = relevance_in_rank_order(ranking, relevance) > 0
    # Relevant candidates down to each rank: a running count over all jobs, less that before the job.
    running = np.concatenate(([0], np.cumsum(relevant)))
    found = running[1:] - running[ranking.indptr[:-1]][ranking.job_of]
    counted = relevant if k is None else relevant & ranking.in_top(k)
    precision = segment_sums(np.where(counted, found / ranking.ranks, 0.0), ranking.indptr)
    n_relevant = segment_sums(relevant.astype(np.float64), ranking.indptr)
    return np.divide(precision, n_relevant, out=np.full(precision.shape, np.nan), where=n_relevant > 0)
