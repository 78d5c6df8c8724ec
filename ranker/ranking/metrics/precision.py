"""Precision of the top of a list."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ranker.kernels.segments import segment_sums
from ranker.ranking.metrics._relevance import mean_over_jobs, relevance_in_rank_order
from ranker.ranking.ranking import Ranking

__all__ = ["precision", "precision_per_job"]


def precision(ranking: Ranking, relevance: ArrayLike, *, k: int = 10) -> float:
    """Share of the first ``k`` places that relevant candidates hold, mean over jobs (P@k).

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs.
    relevance : array_like of shape (n_rows,)
        Relevance of each row that the ranking was made from; above 0 is relevant.
    k : int, default=10
        Places ``1 .. k``. A job with fewer candidates leaves places empty, and empty places
        are not relevant: two relevant candidates who are alone have a P@10 of .2, as in
        trec_eval.

    Returns
    -------
    float
        In [0, 1], dimensionless. Every job counts: where nobody is relevant it is 0.

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
    >>> precision(ranking, [1, 0, 1], k=2)
    0.5
    """
    return mean_over_jobs(precision_per_job(ranking, relevance, k=k))


def precision_per_job(ranking: Ranking, relevance: ArrayLike, *, k: int = 10) -> NDArray[np.float64]:
    """Precision of each job's first ``k`` places, in the order of ``ranking.jobs``.

    Parameters
    ----------
    ranking, relevance, k
        As in `precision`.

    Returns
    -------
    ndarray of shape (n_jobs,)
        In [0, 1]; never NaN.

    Raises
    ------
    DataError
        As `precision` does.
    """
    found = (relevance_in_rank_order(ranking, relevance) > 0) & ranking.in_top(k)
    return segment_sums(found.astype(np.float64), ranking.indptr) / k
