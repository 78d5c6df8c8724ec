"""Infeasible index and count: at how many ranks a list holds too few of a group."""

import numpy as np
from numpy.typing import NDArray

from fairness.groups import Groups
from fairness.metrics._prefixes import Tops
from fairness.metrics._targets import Target
from ranker.kernels.prefixes import lagging_prefixes
from ranker.ranking.metrics._relevance import mean_over_jobs
from ranker.ranking.ranking import Ranking

__all__ = [
    "infeasible_count",
    "infeasible_count_per_job",
    "infeasible_index",
    "infeasible_index_per_job",
]


def infeasible_index(
    ranking: Ranking, groups: Groups, *, top_k: int | None = None, target: Target = "pool"
) -> float:
    """Count the ranks down to which a list holds too few of some group, mean over jobs.

    Down to rank ``k``, a group with the desired share ``q`` is too few where it has fewer than
    ``floor(q * k)`` members: its share in whole persons, rounded down. How many persons it
    lacks does not count, and longer lists can have more such ranks.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, ``n`` candidates in all.
    groups : Groups
        Group of each row that the ranking was made from. Undisclosed members keep their
        ranks; down to a rank, ``q`` is of the disclosed members.
    top_k : int, optional
        Look at ranks ``1 .. top_k`` only; at the whole list by default.
    target : "pool" or mapping of str to float, default="pool"
        Desired shares: the groups' shares of each pool, or one amount for each label, shares
        or counts, such as those of a census. Of a given share the pool may hold too few: then no
        order has an index of 0.

    Returns
    -------
    float
        Ranks, from 0. Jobs without a disclosed member, and under "pool" those with fewer
        than two groups, are left out of the mean; NaN where that leaves none.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.
    DataError
        If `top_k` is no whole number from 1, or the target does not fit the groups.

    References
    ----------
    Geyik, Ambler & Kenthapadi (2019), Fairness-Aware Ranking in Search & Recommendation
    Systems with Application to LinkedIn Talent Search, KDD: InfeasibleIndex. AIF360
    0.6.1 has it for two groups, and leaves out the last rank.

    Examples
    --------
    >>> ranking = Ranking.from_scores([4.0, 3.0, 2.0, 1.0], job=["a"] * 4)
    >>> groups = Groups.from_values(["m", "m", "f", "f"], attribute="gender")
    >>> infeasible_index(ranking, groups)
    1.0
    """
    return mean_over_jobs(infeasible_index_per_job(ranking, groups, top_k=top_k, target=target))


def infeasible_index_per_job(
    ranking: Ranking, groups: Groups, *, top_k: int | None = None, target: Target = "pool"
) -> NDArray[np.float64]:
    """Infeasible index of each job, (n_jobs,) in ranks; NaN for jobs that are left out.

    Parameters
    ----------
    ranking, groups, top_k, target
        As in `infeasible_index`.

    Raises
    ------
    UnknownCandidateError, DataError
        As `infeasible_index` does.
    """
    return _per_job(ranking, groups, top_k, target)[:, 0]


def infeasible_count(
    ranking: Ranking, groups: Groups, *, top_k: int | None = None, target: Target = "pool"
) -> float:
    """Count the pairs of a rank and a group that is too few down to it, mean over jobs.

    As `infeasible_index`, but a rank where two groups are too few counts twice.

    Parameters
    ----------
    ranking, groups, top_k, target
        As in `infeasible_index`.

    Returns
    -------
    float
        Pairs, from the index to as many times it as there are groups less 1; NaN as the index.

    Raises
    ------
    UnknownCandidateError, DataError
        As `infeasible_index` does.

    References
    ----------
    Geyik, Ambler & Kenthapadi (2019), Fairness-Aware Ranking in Search & Recommendation
    Systems with Application to LinkedIn Talent Search, KDD: InfeasibleCount.

    Examples
    --------
    >>> ranking = Ranking.from_scores(-np.arange(9.0), job=["a"] * 9)
    >>> groups = Groups.from_values(list("mmmfffxxx"), attribute="gender")
    >>> infeasible_index(ranking, groups), infeasible_count(ranking, groups)
    (5.0, 6.0)
    """
    return mean_over_jobs(infeasible_count_per_job(ranking, groups, top_k=top_k, target=target))


def infeasible_count_per_job(
    ranking: Ranking, groups: Groups, *, top_k: int | None = None, target: Target = "pool"
) -> NDArray[np.float64]:
    """Infeasible count of each job, (n_jobs,) in pairs; NaN for jobs that are left out.

    Parameters
    ----------
    ranking, groups, top_k, target
        As in `infeasible_count`.

    Raises
    ------
    UnknownCandidateError, DataError
        As `infeasible_index` does.
    """
    return _per_job(ranking, groups, top_k, target)[:, 1]


def _per_job(ranking: Ranking, groups: Groups, top_k: int | None, target: Target) -> NDArray[np.float64]:
    tops = Tops.of(ranking, groups, top_k, target)
    found = lagging_prefixes(tops.codes, tops.indptr, tops.desired, tops.lengths)
    return np.where((tops.lengths > 0)[:, None], found, np.nan)
