"""Clicks that groups' exposure brings them over their relevance: the disparate impact of Singh & Joachims."""

import numpy as np
import pandas as pd
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
from ranker.errors import DataError
from ranker.ranking.ranking import Ranking

__all__ = [
    "exposure_to_clicks",
    "exposure_to_clicks_per_job",
    "exposure_to_clicks_ratio",
    "exposure_to_clicks_ratio_per_job",
    "relative_exposure_to_clicks",
    "relative_exposure_to_clicks_per_job",
]


def exposure_to_clicks(
    ranking: Ranking,
    groups: Groups,
    relevance: ArrayLike,
    *,
    clicks: ArrayLike | None = None,
    over: Over = "jobs",
    policy: Policy | None = None,
    browsing: BrowsingByRank = "log",
    patience: float | None = None,
    top_k: int | None = None,
) -> pd.Series:
    """Mean clicks of each group over its mean relevance.

    Clicks stand for what exposure brings a candidate: an opened record, an invitation.
    Unlike exposure, they are weighed by who gets the exposure within the group. Equal
    values mean clicks in proportion to relevance.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, ``n`` candidates in all.
    groups : Groups
        Group of each row that the ranking was made from. Undisclosed members take up
        ranks but belong to no group.
    relevance : array_like of shape (n_rows,)
        Merit of each row, 0 or more.
    clicks : array_like of shape (n_rows,), optional
        Clicks observed on each row, a number or a rate, 0 or more: the order is then read
        no more. By default they are expected, exposure times relevance, as in the paper.
    over : {"jobs", "people"}, default="jobs"
        The mean of the jobs' values, each as the paper has it for a query. Or the clicks of all
        members in all jobs over their relevance.
    policy, browsing, patience, top_k
        As in `exposure_to_relevance`; only for expected clicks.

    Returns
    -------
    Series
        Label to ratio, in clicks per unit of relevance, 0 or more. Jobs without two disclosed
        groups are left out, and so is a group from a job where its mean relevance is 0.
        NaN where that leaves nothing.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code, no relevance or no clicks.
    DataError
        If relevance or clicks are negative or not finite, `top_k` is no whole number from 1, or
        clicks are given beside options of expected ones.

    References
    ----------
    Singh & Joachims (2018), Fairness of Exposure in Rankings, KDD (disparate impact
    constraints and ratio).

    Examples
    --------
    >>> ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=["a", "a", "a"])
    >>> groups = Groups.from_values(["m", "f", "m"], attribute="gender")
    >>> exposure_to_clicks(ranking, groups, [1, 1, 0]).round(4).to_dict()
    {'f': 0.6309, 'm': 1.0}
    """
    found = _over_merit(ranking, groups, relevance, clicks, policy, browsing, patience, top_k)
    return by_label(groups, found.means(over), "exposure_to_clicks")


def exposure_to_clicks_per_job(
    ranking: Ranking,
    groups: Groups,
    relevance: ArrayLike,
    *,
    clicks: ArrayLike | None = None,
    policy: Policy | None = None,
    browsing: BrowsingByRank = "log",
    patience: float | None = None,
    top_k: int | None = None,
) -> NDArray[np.float64]:
    """Mean clicks over mean relevance of each group of each job.

    Parameters
    ----------
    ranking, groups, relevance, clicks, policy, browsing, patience, top_k
        As in `exposure_to_clicks`.

    Returns
    -------
    ndarray of shape (n_jobs, n_groups)
        In the order of ``ranking.jobs`` and ``groups.labels``; NaN where a group is absent,
        merits nothing, or is alone in its job.

    Raises
    ------
    UnknownCandidateError, DataError
        As `exposure_to_clicks` does.
    """
    return _over_merit(ranking, groups, relevance, clicks, policy, browsing, patience, top_k).per_job()


def exposure_to_clicks_ratio(
    ranking: Ranking,
    groups: Groups,
    relevance: ArrayLike,
    *,
    clicks: ArrayLike | None = None,
    over: Over = "jobs",
    policy: Policy | None = None,
    browsing: BrowsingByRank = "log",
    patience: float | None = None,
    top_k: int | None = None,
) -> float:
    """Least of the groups' clicks to relevance over the most (disparate impact ratio, DIR).

    The paper's ratio of two groups, the lesser above; of several, the two furthest apart. It
    is not the impact ratio of selection law: that one is `impact_ratio`.

    Parameters
    ----------
    ranking, groups, relevance, clicks, over, policy, browsing, patience, top_k
        As in `exposure_to_clicks`.

    Returns
    -------
    float
        In [0, 1], dimensionless; 1 is proportion. Mean over the jobs where two groups have
        a value, or the ratio over all people; NaN where there is none. A single list is
        below 1 by chance, as `exposure_to_relevance_ratio` says.

    Raises
    ------
    UnknownCandidateError, DataError
        As `exposure_to_clicks` does.

    References
    ----------
    Singh & Joachims (2018), Fairness of Exposure in Rankings, KDD.

    Examples
    --------
    >>> ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=["a", "a", "a"])
    >>> groups = Groups.from_values(["m", "f", "m"], attribute="gender")
    >>> round(exposure_to_clicks_ratio(ranking, groups, [1, 1, 0]), 4)
    0.6309
    """
    return _over_merit(ranking, groups, relevance, clicks, policy, browsing, patience, top_k).ratio(over)


def exposure_to_clicks_ratio_per_job(
    ranking: Ranking,
    groups: Groups,
    relevance: ArrayLike,
    *,
    clicks: ArrayLike | None = None,
    policy: Policy | None = None,
    browsing: BrowsingByRank = "log",
    patience: float | None = None,
    top_k: int | None = None,
) -> NDArray[np.float64]:
    """Least of the groups' clicks to relevance over the most, of each job.

    Parameters
    ----------
    ranking, groups, relevance, clicks, policy, browsing, patience, top_k
        As in `exposure_to_clicks`.

    Returns
    -------
    ndarray of shape (n_jobs,)
        In [0, 1]; NaN for jobs where fewer than two groups have a value.

    Raises
    ------
    UnknownCandidateError, DataError
        As `exposure_to_clicks` does.
    """
    found = _over_merit(ranking, groups, relevance, clicks, policy, browsing, patience, top_k)
    return least_over_most_per_job(found.per_job())


def relative_exposure_to_clicks(
    ranking: Ranking,
    groups: Groups,
    relevance: ArrayLike,
    *,
    clicks: ArrayLike | None = None,
    over: Over = "jobs",
    policy: Policy | None = None,
    browsing: BrowsingByRank = "log",
    patience: float | None = None,
    top_k: int | None = None,
) -> pd.Series:
    """Clicks to relevance of each group over that of all other disclosed groups together.

    Of two groups this is the paper's DIR, with the group above and the other below.

    Parameters
    ----------
    ranking, groups, relevance, clicks, over, policy, browsing, patience, top_k
        As in `exposure_to_clicks`.

    Returns
    -------
    Series
        Label to ratio, dimensionless, 0 or more; above 1 a group gets more clicks than its
        relevance asks for. NaN where no job has a value.

    Raises
    ------
    UnknownCandidateError, DataError
        As `exposure_to_clicks` does.

    References
    ----------
    Singh & Joachims (2018), Fairness of Exposure in Rankings, KDD.

    Examples
    --------
    >>> ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=["a", "a", "a"])
    >>> groups = Groups.from_values(["m", "f", "m"], attribute="gender")
    >>> relative_exposure_to_clicks(ranking, groups, [1, 1, 0]).round(4).to_dict()
    {'f': 0.6309, 'm': 1.585}
    """
    found = _over_merit(ranking, groups, relevance, clicks, policy, browsing, patience, top_k)
    return by_label(groups, found.relative(over), "relative_exposure_to_clicks")


def relative_exposure_to_clicks_per_job(
    ranking: Ranking,
    groups: Groups,
    relevance: ArrayLike,
    *,
    clicks: ArrayLike | None = None,
    policy: Policy | None = None,
    browsing: BrowsingByRank = "log",
    patience: float | None = None,
    top_k: int | None = None,
) -> NDArray[np.float64]:
    """Clicks to relevance of each group over that of the others together, of each job.

    Parameters
    ----------
    ranking, groups, relevance, clicks, policy, browsing, patience, top_k
        As in `exposure_to_clicks`.

    Returns
    -------
    ndarray of shape (n_jobs, n_groups)
        0 or more; NaN where the group or the others merit nothing, or the others get nothing.

    Raises
    ------
    UnknownCandidateError, DataError
        As `exposure_to_clicks` does.
    """
    found = _over_merit(ranking, groups, relevance, clicks, policy, browsing, patience, top_k)
    return found.relative_per_job()


def _over_merit(
    ranking: Ranking,
    groups: Groups,
    relevance: ArrayLike,
    clicks: ArrayLike | None,
    policy: Policy | None,
    browsing: BrowsingByRank,
    patience: float | None,
    top_k: int | None,
) -> OverMerit:
    merits = relevance_from_zero(ranking, relevance)
    reader = reader_by_rank(browsing, patience, top_k)
    if clicks is None:
        return OverMerit.of(
            ranking, groups, expected_attention(ranking, policy, reader, None) * merits, merits
        )
    if policy is not None or top_k is not None or browsing != "log":
        raise DataError(
            "clicks were given, so none are expected from the order: leave policy, browsing and top_k out"
        )
    return OverMerit.of(ranking, groups, _observed(ranking, clicks), merits)


def _observed(ranking: Ranking, clicks: ArrayLike) -> NDArray[np.float64]:
    try:
        values = ranking.aligned(clicks, what="clicks").astype(np.float64)
    except (TypeError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"clicks must be numbers, one per row: {error}") from error
    strange = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
    if strange.size:
        raise DataError(
            f"clicks of candidate {ranking.candidates[strange[0]]!r} are {values[strange[0]]}: "
            "give finite numbers of 0 or more"
        )
    return values
