"""Mean normalised rank of groups: every place in the list counts alike, not its top alone."""

import numpy as np
import pandas as pd

from fairness.groups import Groups
from fairness.metrics._position_values import by_label, group_means, job_sums
from ranker.ranking.ranking import Ranking

__all__ = ["mean_rank", "mean_rank_difference", "mean_rank_gap"]


def mean_rank(ranking: Ranking, groups: Groups) -> pd.Series:
    """Mean normalised rank of each group.

    Rank ``r`` in a list of ``n`` counts ``(n - r) / (n - 1)``: the share of the others who
    stand below. Within a job it is the members' mean; over jobs, the mean weighted by pool
    size, jobs with fewer than two disclosed groups left out.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, ``n`` candidates in all.
    groups : Groups
        Group of each row that the ranking was made from.

    Returns
    -------
    Series
        Label to value in [0, 1], dimensionless: 1 at the top, .5 for a group spread
        evenly; NaN for a group that no kept job holds.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.

    References
    ----------
    Narasimhan et al. (2020), Pairwise Fairness for Ranking and Regression, AAAI: parity of
    mean ranks is demographic parity over pairs.

    Examples
    --------
    >>> ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=["a", "a", "a"])
    >>> groups = Groups.from_values(["m", "m", "f"], attribute="gender")
    >>> mean_rank(ranking, groups).to_dict()
    {'f': 0.0, 'm': 0.75}
    """
    return group_means(ranking, groups, "mean_rank", None, name="mean_rank")


def mean_rank_difference(ranking: Ranking, groups: Groups) -> float:
    """Highest mean normalised rank of a group less the lowest.

    Parameters
    ----------
    ranking, groups
        As in `mean_rank`.

    Returns
    -------
    float
        In [0, 1], dimensionless; NaN where no job holds two groups.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.

    References
    ----------
    Narasimhan et al. (2020), Pairwise Fairness for Ranking and Regression, AAAI.

    Examples
    --------
    >>> ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=["a", "a", "a"])
    >>> groups = Groups.from_values(["m", "m", "f"], attribute="gender")
    >>> mean_rank_difference(ranking, groups)
    0.75
    """
    means = mean_rank(ranking, groups).to_numpy()
    known = means[~np.isnan(means)]
    return float(np.ptp(known)) if known.size else float("nan")


def mean_rank_gap(ranking: Ranking, groups: Groups) -> pd.Series:
    """Mean normalised rank of each group over that of the pools it stands in, which is .5, less 1.

    Parameters
    ----------
    ranking, groups
        As in `mean_rank`.

    Returns
    -------
    Series
        Label to relative gap in [-1, 1], dimensionless; NaN for a group that no kept job holds.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.

    References
    ----------
    Narasimhan et al. (2020), Pairwise Fairness for Ranking and Regression, AAAI.

    Examples
    --------
    >>> ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=["a", "a", "a"])
    >>> groups = Groups.from_values(["m", "m", "f"], attribute="gender")
    >>> mean_rank_gap(ranking, groups).to_dict()
    {'f': -1.0, 'm': 0.5}
    """
    gaps = job_sums(ranking, groups, "mean_rank", None).by_pool_size().gaps()
    return by_label(groups, gaps, "mean_rank_gap")
