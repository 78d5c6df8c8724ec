"""Rank-biased exposure of groups in proportion to their size (ERBP)."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairness.groups import Groups
from fairness.metrics._browsing import reader_by_rank
from fairness.metrics._over_jobs import (
    least_over_most_per_job,
    mean_of_groups,
    present_in_compared,
    spread_per_job,
)
from fairness.metrics._position_values import by_label, codes_in_rank_order, divide, sums_by_group
from ranker.ranking.metrics._relevance import mean_over_jobs
from ranker.ranking.ranking import Ranking

__all__ = [
    "erbp",
    "erbp_difference",
    "erbp_difference_per_job",
    "erbp_per_job",
    "erbp_ratio",
    "erbp_ratio_per_job",
]


def erbp(ranking: Ranking, groups: Groups, *, patience: float, top_k: int | None = None) -> pd.Series:
    """Mean rank-biased exposure of each group, mean over jobs.

    A reader who starts at the top and goes on to each next rank with a chance `patience`
    looks last at rank ``r`` with a chance ``(1 - patience) * patience ** (r - 1)``: the
    exposure of that rank, after rank-biased precision. A group's is its members' mean, so
    that equal values are exposure in proportion to size.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, ``n`` candidates in all.
    groups : Groups
        Group of each row that the ranking was made from. Undisclosed members take up
        ranks but belong to no group.
    patience : float
        Chance that a reader goes on to the next rank, above 0 and below 1. The paper that
        it follows calls it decay.
    top_k : int, optional
        Ranks beyond it have no exposure; all have by default.

    Returns
    -------
    Series
        Label to mean exposure in [0, 1], dimensionless; over the jobs that hold the group and
        another, NaN where there is none.

    Notes
    -----
    100 times this, with ``patience=1 - p``, is the mean attention in per cent of a geometric
    attention that gives the first rank a share ``p`` (Ghosh, Dutt & Wilson 2021, SIGIR), which
    a peer prints under the name AWRF: no target enters it, so it is not `awrf`.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.
    DataError
        If `patience` is no chance between 0 and 1, or `top_k` no whole number from 1.

    References
    ----------
    Kirnap, Diaz, Biega, Ekstrand, Carterette & Yilmaz (2021), Estimation of Fair Ranking
    Metrics with Incomplete Judgments, WWW.
    Moffat & Zobel (2008), Rank-biased precision for measurement of retrieval effectiveness,
    ACM TOIS 27(1).

    Examples
    --------
    >>> ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=["a", "a", "a"])
    >>> groups = Groups.from_values(["m", "f", "m"], attribute="gender")
    >>> erbp(ranking, groups, patience=0.5).to_dict()
    {'f': 0.25, 'm': 0.3125}
    """
    means = mean_of_groups(erbp_per_job(ranking, groups, patience=patience, top_k=top_k))
    return by_label(groups, means, "erbp")


def erbp_per_job(
    ranking: Ranking, groups: Groups, *, patience: float, top_k: int | None = None
) -> NDArray[np.float64]:
    """Mean rank-biased exposure of each group of each job.

    Parameters
    ----------
    ranking, groups, patience, top_k
        As in `erbp`.

    Returns
    -------
    ndarray of shape (n_jobs, n_groups)
        In [0, 1]; NaN where a group is absent or alone in its job.

    Raises
    ------
    UnknownCandidateError, DataError
        As `erbp` does.
    """
    reader = reader_by_rank("rbp", patience, top_k)
    worth = (1.0 - patience) * reader.attention(ranking.ranks, ranking.indptr, None)
    codes = codes_in_rank_order(ranking, groups)
    counts = sums_by_group(ranking, codes, len(groups.labels), None)
    sums = sums_by_group(ranking, codes, len(groups.labels), worth)
    means = divide(sums, counts.astype(np.float64))
    return np.where(present_in_compared(ranking, groups), means, np.nan)


def erbp_difference(ranking: Ranking, groups: Groups, *, patience: float, top_k: int | None = None) -> float:
    """Most exposed group's mean rank-biased exposure less the least exposed one's, mean over jobs.

    The paper's measure of two groups, their absolute difference; of several, the two
    furthest apart.

    Parameters
    ----------
    ranking, groups, patience, top_k
        As in `erbp`.

    Returns
    -------
    float
        In [0, 1], dimensionless; NaN where no job holds two groups.

    Raises
    ------
    UnknownCandidateError, DataError
        As `erbp` does.

    References
    ----------
    Kirnap et al. (2021), Estimation of Fair Ranking Metrics with Incomplete Judgments, WWW.

    Examples
    --------
    >>> ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=["a", "a", "a"])
    >>> groups = Groups.from_values(["m", "f", "m"], attribute="gender")
    >>> erbp_difference(ranking, groups, patience=0.5)
    0.0625
    """
    return mean_over_jobs(erbp_difference_per_job(ranking, groups, patience=patience, top_k=top_k))


def erbp_difference_per_job(
    ranking: Ranking, groups: Groups, *, patience: float, top_k: int | None = None
) -> NDArray[np.float64]:
    """Most less least of the groups' mean rank-biased exposures, of each job.

    Parameters
    ----------
    ranking, groups, patience, top_k
        As in `erbp`.

    Returns
    -------
    ndarray of shape (n_jobs,)
        In [0, 1]; NaN for jobs without two groups.

    Raises
    ------
    UnknownCandidateError, DataError
        As `erbp` does.
    """
    return spread_per_job(erbp_per_job(ranking, groups, patience=patience, top_k=top_k))


def erbp_ratio(ranking: Ranking, groups: Groups, *, patience: float, top_k: int | None = None) -> float:
    """Least exposed group's mean rank-biased exposure over the most exposed one's, mean over jobs.

    Parameters
    ----------
    ranking, groups, patience, top_k
        As in `erbp`.

    Returns
    -------
    float
        In [0, 1], dimensionless; NaN where no job holds two groups of which one is exposed.

    Raises
    ------
    UnknownCandidateError, DataError
        As `erbp` does.

    References
    ----------
    Ghosh, Dutt & Wilson (2021), When Fair Ranking Meets Uncertain Inference, SIGIR: the
    attention bias ratio, which is this with ``patience=1 - p``.

    Examples
    --------
    >>> ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=["a", "a", "a"])
    >>> groups = Groups.from_values(["m", "f", "m"], attribute="gender")
    >>> erbp_ratio(ranking, groups, patience=0.5)
    0.8
    """
    return mean_over_jobs(erbp_ratio_per_job(ranking, groups, patience=patience, top_k=top_k))


def erbp_ratio_per_job(
    ranking: Ranking, groups: Groups, *, patience: float, top_k: int | None = None
) -> NDArray[np.float64]:
    """Least over most of the groups' mean rank-biased exposures, of each job.

    Parameters
    ----------
    ranking, groups, patience, top_k
        As in `erbp`.

    Returns
    -------
    ndarray of shape (n_jobs,)
        In [0, 1]; NaN for jobs without two groups of which one is exposed.

    Raises
    ------
    UnknownCandidateError, DataError
        As `erbp` does.
    """
    return least_over_most_per_job(erbp_per_job(ranking, groups, patience=patience, top_k=top_k))
