"""Exposure of groups over their relevance: the disparate treatment of Singh & Joachims."""

import pandas as pd
from numpy import float64
from numpy.typing import ArrayLike, NDArray

from fairness.groups import Groups
from fairness.metrics._browsing import (
    BrowsingByRank,
    Policy,
    expected_attention,
    reader_by_rank,
    relevance_from_zero,
)
from fairness.metrics._merit import Over, OverMerit
from fairness.metrics._over_jobs import least_over_most_per_job
from fairness.metrics._position_values import by_label
from ranker.ranking.ranking import Ranking

__all__ = [
    "exposure_to_relevance",
    "exposure_to_relevance_per_job",
    "exposure_to_relevance_ratio",
    "exposure_to_relevance_ratio_per_job",
    "relative_exposure_to_relevance",
    "relative_exposure_to_relevance_per_job",
]


def exposure_to_relevance(
    ranking: Ranking,
    groups: Groups,
    relevance: ArrayLike,
    *,
    over: Over = "jobs",
    policy: Policy | None = None,
    browsing: BrowsingByRank = "log",
    patience: float | None = None,
    top_k: int | None = None,
) -> pd.Series:
    """Mean exposure of each group over its mean relevance.

    Equal values mean exposure in proportion to relevance. That relevance itself was judged
    without regard to the group is assumed, not shown: where past judgements favoured a
    group, a ranking in proportion to them favours it too.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, ``n`` candidates in all.
    groups : Groups
        Group of each row that the ranking was made from. Undisclosed members take up
        ranks but belong to no group.
    relevance : array_like of shape (n_rows,)
        Merit of each row, graded or not, 0 or more.
    over : {"jobs", "people"}, default="jobs"
        The mean of the jobs' values, each as the paper has it for a query. Or the exposure of
        all members in all jobs over their relevance: defined more often, and steadier where
        few are relevant, since one relevant member more or less then moves a job's value far.
    policy : Ranking, sequence of Ranking, or array_like of shape (n_rows,), optional
        A lottery over orders in place of the ranking's own: orders drawn from it, or each
        row's expected exposure. The ranking then only says who stands in which job.
    browsing : {"log", "trec", "rbp"}, default="log"
        Exposure of rank ``r``: ``1 / log2(1 + r)``, ``1 / log2(max(r, 2))`` or
        ``patience ** (r - 1)``.
    patience : float, optional
        For "rbp": chance that a reader goes on to the next rank.
    top_k : int, optional
        Ranks beyond it have no exposure; all have by default.

    Returns
    -------
    Series
        Label to ratio, in exposure per unit of relevance, 0 or more. Only ratios of it between
        groups mean anything. Jobs without two disclosed groups are left out, and so is a
        group from a job where its mean relevance is 0: there is nothing to be in proportion
        to. NaN where that leaves nothing.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code or no relevance.
    DataError
        If relevance is negative or not finite, `top_k` is no whole number from 1, a policy is
        of other rows, or an option is unknown.

    References
    ----------
    Singh & Joachims (2018), Fairness of Exposure in Rankings, KDD (disparate treatment
    constraints and ratio).

    Examples
    --------
    >>> ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=["a", "a", "a"])
    >>> groups = Groups.from_values(["m", "f", "m"], attribute="gender")
    >>> exposure_to_relevance(ranking, groups, [1, 1, 0]).round(4).to_dict()
    {'f': 0.6309, 'm': 1.5}
    """
    found = _over_merit(ranking, groups, relevance, policy, browsing, patience, top_k)
    return by_label(groups, found.means(over), "exposure_to_relevance")


def exposure_to_relevance_per_job(
    ranking: Ranking,
    groups: Groups,
    relevance: ArrayLike,
    *,
    policy: Policy | None = None,
    browsing: BrowsingByRank = "log",
    patience: float | None = None,
    top_k: int | None = None,
) -> NDArray[float64]:
    """Mean exposure over mean relevance of each group of each job.

    Parameters
    ----------
    ranking, groups, relevance, policy, browsing, patience, top_k
        As in `exposure_to_relevance`.

    Returns
    -------
    ndarray of shape (n_jobs, n_groups)
        In the order of ``ranking.jobs`` and ``groups.labels``; NaN where a group is absent,
        merits nothing, or is alone in its job.

    Raises
    ------
    UnknownCandidateError, DataError
        As `exposure_to_relevance` does.
    """
    return _over_merit(ranking, groups, relevance, policy, browsing, patience, top_k).per_job()


def exposure_to_relevance_ratio(
    ranking: Ranking,
    groups: Groups,
    relevance: ArrayLike,
    *,
    over: Over = "jobs",
    policy: Policy | None = None,
    browsing: BrowsingByRank = "log",
    patience: float | None = None,
    top_k: int | None = None,
) -> float:
    """Least of the groups' exposures to relevance over the most (disparate treatment ratio, DTR).

    The paper's ratio of two groups, the lesser above; of several, the two furthest apart.

    Parameters
    ----------
    ranking, groups, relevance, over, policy, browsing, patience, top_k
        As in `exposure_to_relevance`.

    Returns
    -------
    float
        In [0, 1], dimensionless; 1 is proportion. Mean over the jobs where two groups have
        a value (`exposure_to_relevance_ratio_per_job` shows which), or the ratio over all
        people. NaN where there is none.

    Notes
    -----
    Least over most is below 1 in almost every single list, by chance alone, and its mean over
    jobs with it: the smaller the jobs, the lower. Read it beside ``over="people"``, where
    chances cancel over jobs, or beside the same figure of shuffled lists.

    Raises
    ------
    UnknownCandidateError, DataError
        As `exposure_to_relevance` does.

    References
    ----------
    Singh & Joachims (2018), Fairness of Exposure in Rankings, KDD.

    Examples
    --------
    >>> ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=["a", "a", "a"])
    >>> groups = Groups.from_values(["m", "f", "m"], attribute="gender")
    >>> round(exposure_to_relevance_ratio(ranking, groups, [1, 1, 0]), 4)
    0.4206
    """
    return _over_merit(ranking, groups, relevance, policy, browsing, patience, top_k).ratio(over)


def exposure_to_relevance_ratio_per_job(
    ranking: Ranking,
    groups: Groups,
    relevance: ArrayLike,
    *,
    policy: Policy | None = None,
    browsing: BrowsingByRank = "log",
    patience: float | None = None,
    top_k: int | None = None,
) -> NDArray[float64]:
    """Least of the groups' exposures to relevance over the most, of each job.

    Parameters
    ----------
    ranking, groups, relevance, policy, browsing, patience, top_k
        As in `exposure_to_relevance`.

    Returns
    -------
    ndarray of shape (n_jobs,)
        In [0, 1]; NaN for jobs where fewer than two groups have a value.

    Raises
    ------
    UnknownCandidateError, DataError
        As `exposure_to_relevance` does.
    """
    found = _over_merit(ranking, groups, relevance, policy, browsing, patience, top_k)
    return least_over_most_per_job(found.per_job())


def relative_exposure_to_relevance(
    ranking: Ranking,
    groups: Groups,
    relevance: ArrayLike,
    *,
    over: Over = "jobs",
    policy: Policy | None = None,
    browsing: BrowsingByRank = "log",
    patience: float | None = None,
    top_k: int | None = None,
) -> pd.Series:
    """Exposure to relevance of each group over that of all other disclosed groups together.

    Of two groups this is the paper's DTR, with the group above and the other below.

    Parameters
    ----------
    ranking, groups, relevance, over, policy, browsing, patience, top_k
        As in `exposure_to_relevance`. With ``over="people"`` the others are summed over the jobs
        where the group is present.

    Returns
    -------
    Series
        Label to ratio, dimensionless, 0 or more; above 1 a group is more exposed than its
        relevance asks for. Two groups' means over jobs need not be inverse to each other: a
        mean of ratios is not the ratio of means. NaN where no job has a value.

    Raises
    ------
    UnknownCandidateError, DataError
        As `exposure_to_relevance` does.

    References
    ----------
    Singh & Joachims (2018), Fairness of Exposure in Rankings, KDD.

    Examples
    --------
    >>> ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=["a", "a", "a"])
    >>> groups = Groups.from_values(["m", "f", "m"], attribute="gender")
    >>> relative_exposure_to_relevance(ranking, groups, [1, 1, 0]).round(4).to_dict()
    {'f': 0.4206, 'm': 2.3774}
    """
    found = _over_merit(ranking, groups, relevance, policy, browsing, patience, top_k)
    return by_label(groups, found.relative(over), "relative_exposure_to_relevance")


def relative_exposure_to_relevance_per_job(
    ranking: Ranking,
    groups: Groups,
    relevance: ArrayLike,
    *,
    policy: Policy | None = None,
    browsing: BrowsingByRank = "log",
    patience: float | None = None,
    top_k: int | None = None,
) -> NDArray[float64]:
    """Exposure to relevance of each group over that of the others together, of each job.

    Parameters
    ----------
    ranking, groups, relevance, policy, browsing, patience, top_k
        As in `exposure_to_relevance`.

    Returns
    -------
    ndarray of shape (n_jobs, n_groups)
        0 or more; NaN where the group or the others merit nothing, or the others get nothing.

    Raises
    ------
    UnknownCandidateError, DataError
        As `exposure_to_relevance` does.
    """
    return _over_merit(ranking, groups, relevance, policy, browsing, patience, top_k).relative_per_job()


def _over_merit(
    ranking: Ranking,
    groups: Groups,
    relevance: ArrayLike,
    policy: Policy | None,
    browsing: BrowsingByRank,
    patience: float | None,
    top_k: int | None,
) -> OverMerit:
    merits = relevance_from_zero(ranking, relevance)
    reader = reader_by_rank(browsing, patience, top_k)
    return OverMerit.of(ranking, groups, expected_attention(ranking, policy, reader, None), merits)
