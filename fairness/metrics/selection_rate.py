"""Selection rates of groups where the top ``k`` of every job are selected."""

from typing import Final

import pandas as pd

from fairness.groups import Groups
from fairness.metrics._position_values import by_label, job_sums, least_over_most
from ranker.ranking.ranking import Ranking

__all__ = ["UNDISCLOSED", "impact_ratio", "selection_counts", "selection_gap", "selection_rate"]

UNDISCLOSED: Final = "(undisclosed)"


def selection_rate(ranking: Ranking, groups: Groups, *, top_k: int) -> pd.Series:
    """Share of each group's candidates who are selected, pooled over all jobs.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, ``n`` candidates in all.
    groups : Groups
        Group of each row that the ranking was made from.
    top_k : int
        Ranks ``1 .. top_k`` of each job are selected.

    Returns
    -------
    Series
        Label to selected / candidates in [0, 1], dimensionless; NaN for a group without
        candidates. `selection_counts` gives the counts.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.
    DataError
        If `top_k` is no whole number from 1.

    References
    ----------
    6 RCNY 5-300 (New York City Local Law 144), "selection rate".

    Examples
    --------
    >>> ranking = Ranking.from_scores([4.0, 3.0, 2.0, 1.0], job=["a", "a", "a", "a"])
    >>> groups = Groups.from_values(["m", "m", "f", "m"], attribute="gender")
    >>> selection_rate(ranking, groups, top_k=3).round(4).to_dict()
    {'f': 1.0, 'm': 0.6667}
    """
    means = job_sums(ranking, groups, "selection_rate", top_k).pooled().means()
    return by_label(groups, means, "selection_rate")


def selection_counts(ranking: Ranking, groups: Groups, *, top_k: int) -> pd.DataFrame:
    """Count candidates and selected candidates of each group.

    Parameters
    ----------
    ranking, groups, top_k
        As in `selection_rate`.

    Returns
    -------
    DataFrame
        Columns ``candidates``, ``selected`` (persons) and ``selection_rate`` (share, NaN
        where nobody applied); one row per group and, where anyone's group is undisclosed,
        a last row ``"(undisclosed)"``, so that the columns add up to everyone.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.
    DataError
        If `top_k` is no whole number from 1.

    References
    ----------
    6 RCNY 5-301 (New York City Local Law 144): candidates of unknown category are counted.

    Examples
    --------
    >>> ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=["a", "a", "a"])
    >>> groups = Groups.from_values(["m", "", "f"], attribute="gender")
    >>> selection_counts(ranking, groups, top_k=2)["selected"].to_dict()
    {'f': 0, 'm': 1, '(undisclosed)': 1}
    """
    of_jobs = job_sums(ranking, groups, "selection_rate", top_k)
    candidates, selected = of_jobs.counts.sum(axis=0).tolist(), of_jobs.sums.sum(axis=0).tolist()
    labels = list(groups.labels)
    if undisclosed := len(ranking) - sum(candidates):
        labels.append(UNDISCLOSED)
        candidates.append(undisclosed)
        selected.append(of_jobs.pool.sum() - sum(selected))
    index = pd.Index(labels, name=groups.attribute, dtype=object)
    frame = pd.DataFrame({"candidates": candidates, "selected": selected}, index=index).astype("int64")
    frame["selection_rate"] = frame["selected"] / frame["candidates"]
    return frame


def impact_ratio(ranking: Ranking, groups: Groups, *, top_k: int) -> float:
    """Lowest selection rate of a group over the highest.

    Parameters
    ----------
    ranking, groups, top_k
        As in `selection_rate`.

    Returns
    -------
    float
        In [0, 1], dimensionless; NaN where fewer than two groups have candidates, or nobody
        of a disclosed group is selected.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.
    DataError
        If `top_k` is no whole number from 1.

    References
    ----------
    6 RCNY 5-300 (New York City Local Law 144), "impact ratio"; 29 CFR 1607.4 D (four fifths).

    Examples
    --------
    >>> ranking = Ranking.from_scores([4.0, 3.0, 2.0, 1.0], job=["a", "a", "a", "a"])
    >>> groups = Groups.from_values(["m", "m", "f", "m"], attribute="gender")
    >>> round(impact_ratio(ranking, groups, top_k=3), 4)
    0.6667
    """
    return least_over_most(selection_rate(ranking, groups, top_k=top_k).to_numpy())


def selection_gap(ranking: Ranking, groups: Groups, *, top_k: int) -> pd.Series:
    """Relate the selection rate of each group to that of the pools it stands in: one over the other, less 1.

    Unlike `selection_rate`, and like `exposure_gap`: a group's rate is taken within each
    job, then averaged over jobs weighted by pool size, jobs with fewer than two disclosed
    groups left out; the rate of the whole pool is averaged over the same jobs with the
    same weights. So a group that applies where few are selected is not found wanting for it.

    Parameters
    ----------
    ranking, groups, top_k
        As in `selection_rate`.

    Returns
    -------
    Series
        Label to relative gap, from -1, dimensionless; NaN for a group that no kept job holds.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.
    DataError
        If `top_k` is no whole number from 1.

    References
    ----------
    Zehlike, Yang & Stoyanovich (2022), Fairness in Ranking, ACM Computing Surveys 55(6).

    Examples
    --------
    >>> ranking = Ranking.from_scores([4.0, 3.0, 2.0, 1.0], job=["a", "a", "a", "a"])
    >>> groups = Groups.from_values(["m", "m", "f", "m"], attribute="gender")
    >>> selection_gap(ranking, groups, top_k=3).round(4).to_dict()
    {'f': 0.3333, 'm': -0.1111}
    """
    gaps = job_sums(ranking, groups, "selection_rate", top_k).by_pool_size().gaps()
    return by_label(groups, gaps, "selection_gap")
