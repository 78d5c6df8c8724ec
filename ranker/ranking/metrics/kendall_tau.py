"""Kendall's tau-b between the order of a ranking and relevance."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ranker.kernels.inversions import inversions
from ranker.kernels.segments import descending_order
from ranker.ranking.metrics._relevance import mean_over_jobs, relevance_in_rank_order
from ranker.ranking.ranking import Ranking

__all__ = ["kendall_tau", "kendall_tau_per_job"]


def kendall_tau(ranking: Ranking, relevance: ArrayLike) -> float:
    """Pairs in the order of relevance less pairs against it, normalised for ties (tau-b), mean over jobs.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs. Ranks have no ties; only relevance may.
    relevance : array_like of shape (n_rows,)
        Relevance of each row that the ranking was made from, any finite number.

    Returns
    -------
    float
        In [-1, 1], dimensionless: 1 where no pair stands against its relevance and none is
        tied. Jobs where all are equally relevant are left out of the mean
        (`kendall_tau_per_job` shows which); NaN where that leaves no job.

    Raises
    ------
    DataError
        If relevance is not finite or not one per row.

    References
    ----------
    Kendall (1945), The treatment of ties in ranking problems, Biometrika 33(3).

    Examples
    --------
    >>> ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=["a", "a", "a"])
    >>> round(kendall_tau(ranking, [0.9, 0.1, 0.5]), 4)
    0.3333
    """
    return mean_over_jobs(kendall_tau_per_job(ranking, relevance))


def kendall_tau_per_job(ranking: Ranking, relevance: ArrayLike) -> NDArray[np.float64]:
    """Tau-b of each job, in the order of ``ranking.jobs``.

    Parameters
    ----------
    ranking, relevance
        As in `kendall_tau`.

    Returns
    -------
    ndarray of shape (n_jobs,)
        In [-1, 1]; NaN for jobs where all are equally relevant, one candidate among them.

    Raises
    ------
    DataError
        As `kendall_tau` does.
    """
    values = relevance_in_rank_order(ranking, relevance)
    n_pairs = _pairs_of(ranking.sizes)
    in_order = values[descending_order(values, ranking.indptr)]
    job_of = ranking.job_of
    first = np.ones(values.size, dtype=bool)
    first[1:] = (in_order[1:] != in_order[:-1]) | (job_of[1:] != job_of[:-1])
    starts = np.flatnonzero(first)
    alike = _pairs_of(np.diff(starts, append=values.size))
    tied = np.bincount(job_of[starts], weights=alike, minlength=ranking.n_jobs)
    # Whoever stands before a more relevant candidate is against the order of relevance.
    against = inversions(-values, ranking.indptr)
    untied = n_pairs - tied
    taus = np.full(ranking.n_jobs, np.nan)
    some = untied > 0
    # In the order of scipy's kendalltau, which it matches to the last bit.
    taus[some] = (untied - 2 * against)[some] / np.sqrt(n_pairs[some]) / np.sqrt(untied[some])
    return np.clip(taus, -1.0, 1.0)


def _pairs_of(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pairs among so many entries: (m,) -> (m,)."""
    return sizes * (sizes - 1) // 2
