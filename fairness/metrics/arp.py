"""Attribute rank parity (ARP): how many of its pairs with others each group wins."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairness.groups import Groups
from fairness.metrics._over_jobs import mean_of_groups, present_in_compared, spread_per_job
from fairness.metrics._position_values import by_label, codes_in_rank_order, divide, sums_by_group
from ranker.ranking.metrics._relevance import mean_over_jobs
from ranker.ranking.ranking import Ranking

__all__ = [
    "arp",
    "arp_per_job",
    "favored_pair_representation",
    "favored_pair_representation_per_job",
]


def favored_pair_representation(ranking: Ranking, groups: Groups) -> pd.Series:
    """Share of its pairs with members of other groups that a group wins, mean over jobs (FPR).

    A pair is two candidates of one job and two groups; the one who stands above wins it.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, ``n`` candidates in all.
    groups : Groups
        Group of each row that the ranking was made from. Undisclosed members are in no
        pair: they may belong to the same group.

    Returns
    -------
    Series
        Label to share in [0, 1], dimensionless: 1 above all others, 0 below all, .5 spread
        evenly. Jobs without two disclosed groups are left out; NaN for a group that no kept
        job holds.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.

    References
    ----------
    Cachel, Rundensteiner & Harrison (2022), MANI-Rank: Multiple Attribute and Intersectional
    Group Fairness for Consensus Ranking, ICDE: favored pair representation.

    Examples
    --------
    >>> ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=["a", "a", "a"])
    >>> groups = Groups.from_values(["m", "m", "f"], attribute="gender")
    >>> favored_pair_representation(ranking, groups).to_dict()
    {'f': 0.0, 'm': 1.0}
    """
    means = mean_of_groups(favored_pair_representation_per_job(ranking, groups))
    return by_label(groups, means, "favored_pair_representation")


def favored_pair_representation_per_job(ranking: Ranking, groups: Groups) -> NDArray[np.float64]:
    """Share of its pairs with members of other groups that each group of each job wins.

    Parameters
    ----------
    ranking, groups
        As in `favored_pair_representation`.

    Returns
    -------
    ndarray of shape (n_jobs, n_groups)
        In [0, 1]; NaN where a group is absent or alone in its job.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.
    """
    codes = codes_in_rank_order(ranking, groups)
    counts = sums_by_group(ranking, codes, len(groups.labels), None).astype(np.float64)
    disclosed = counts.sum(axis=1)
    # Disclosed entries down to each one: a running count over all jobs, less that before the job.
    running = np.concatenate(([0], np.cumsum(codes >= 0)))
    below = disclosed[ranking.job_of] - (running[1:] - running[ranking.indptr[:-1]][ranking.job_of])
    # Whoever stands below is of another group or of one's own: pairs among one's own are taken off.
    won = sums_by_group(ranking, codes, len(groups.labels), below) - counts * (counts - 1.0) / 2.0
    shares = divide(won, counts * (disclosed[:, None] - counts))
    return np.where(present_in_compared(ranking, groups), shares, np.nan)


def arp(ranking: Ranking, groups: Groups) -> float:
    """Highest favored pair representation of a group less the lowest, mean over jobs (ARP).

    Parameters
    ----------
    ranking, groups
        As in `favored_pair_representation`.

    Returns
    -------
    float
        In [0, 1], dimensionless: 0 where all groups win as often, 1 where one stands above
        another altogether. NaN where no job holds two groups.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.

    References
    ----------
    Cachel, Rundensteiner & Harrison (2022), MANI-Rank, ICDE: attribute rank parity, and for an
    intersection of attributes intersectional rank parity.

    Examples
    --------
    >>> ranking = Ranking.from_scores([4.0, 3.0, 2.0, 1.0], job=["a", "a", "a", "a"])
    >>> groups = Groups.from_values(["m", "f", "m", "f"], attribute="gender")
    >>> arp(ranking, groups)
    0.5
    """
    return mean_over_jobs(arp_per_job(ranking, groups))


def arp_per_job(ranking: Ranking, groups: Groups) -> NDArray[np.float64]:
    """Attribute rank parity of each job.

    Parameters
    ----------
    ranking, groups
        As in `favored_pair_representation`.

    Returns
    -------
    ndarray of shape (n_jobs,)
        In [0, 1]; NaN for jobs without two disclosed groups.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.
    """
    return spread_per_job(favored_pair_representation_per_job(ranking, groups))
