"""Exposure of groups: how much of the readers' attention their ranks give them."""

import pandas as pd

from fairness.groups import Groups
from fairness.metrics._position_values import (
    by_label,
    divide,
    group_means,
    job_sums,
    least_over_most,
)
from ranker.ranking.ranking import Ranking

__all__ = ["exposure", "exposure_gap", "exposure_ratio", "relative_exposure"]


def exposure(ranking: Ranking, groups: Groups, *, top_k: int | None = None) -> pd.Series:
    """Mean exposure of each group.

    The exposure of a candidate at rank ``r`` is ``1 / log2(1 + r)``; of a group within a
    job, its members' mean; over jobs, the mean weighted by pool size. Jobs with fewer than
    two disclosed groups have nobody to compare and are left out (`compared_jobs` counts
    them); a group's mean runs over the jobs, of those kept, where it is present.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, ``n`` candidates in all.
    groups : Groups
        Group of each row that the ranking was made from. Undisclosed members take up
        ranks and pool size but belong to no group.
    top_k : int, optional
        Ranks beyond it have no exposure; all have by default.

    Returns
    -------
    Series
        Label to mean exposure in [0, 1], dimensionless; NaN for a group that no kept job holds.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.
    DataError
        If `top_k` is no whole number from 1.

    References
    ----------
    Singh & Joachims (2018), Fairness of Exposure in Rankings, KDD.

    Examples
    --------
    >>> ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=["a", "a", "a"])
    >>> groups = Groups.from_values(["m", "f", "m"], attribute="gender")
    >>> exposure(ranking, groups).round(4).to_dict()
    {'f': 0.6309, 'm': 0.75}
    """
    return group_means(ranking, groups, "exposure", top_k, name="exposure")


def exposure_ratio(ranking: Ranking, groups: Groups, *, top_k: int | None = None) -> float:
    """Least-exposed group's mean exposure over the most-exposed group's.

    Groups that apply to different jobs also differ by the sizes of those jobs, since a
    small pool exposes everyone more; where three groups or more are spread unevenly,
    `exposure_gap`, which compares each with its own pools, is the one to read.

    Parameters
    ----------
    ranking, groups, top_k
        As in `exposure`.

    Returns
    -------
    float
        In [0, 1], dimensionless; NaN where no job holds two groups, or no disclosed
        candidate has any exposure.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.
    DataError
        If `top_k` is no whole number from 1.

    References
    ----------
    Singh & Joachims (2018), Fairness of Exposure in Rankings, KDD.

    Examples
    --------
    >>> ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=["a", "a", "a"])
    >>> groups = Groups.from_values(["m", "f", "m"], attribute="gender")
    >>> round(exposure_ratio(ranking, groups), 4)
    0.8412
    """
    return least_over_most(exposure(ranking, groups, top_k=top_k).to_numpy())


def exposure_gap(ranking: Ranking, groups: Groups, *, top_k: int | None = None) -> pd.Series:
    """Mean exposure of each group over that of the pools it stands in, less 1.

    A pool's exposure is the mean over the whole job, undisclosed members included, which
    depends on its size alone. It is averaged over the same jobs, with the same weights,
    as the group's, so that the sizes of its jobs neither help nor harm a group.

    Parameters
    ----------
    ranking, groups, top_k
        As in `exposure`.

    Returns
    -------
    Series
        Label to relative gap, from -1, dimensionless: -.05 is 5 % less exposure than the
        pool's. NaN for a group that no kept job holds.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.
    DataError
        If `top_k` is no whole number from 1.

    References
    ----------
    Singh & Joachims (2018), Fairness of Exposure in Rankings, KDD.

    Examples
    --------
    >>> ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=["a", "a", "a"])
    >>> groups = Groups.from_values(["m", "f", "m"], attribute="gender")
    >>> exposure_gap(ranking, groups).round(4).to_dict()
    {'f': -0.1118, 'm': 0.0559}
    """
    return by_label(
        groups, job_sums(ranking, groups, "exposure", top_k).by_pool_size().gaps(), "exposure_gap"
    )


def relative_exposure(ranking: Ranking, groups: Groups, *, top_k: int | None = None) -> pd.Series:
    """Mean exposure of each group over that of all other disclosed groups together.

    Others are averaged within each job where the group is present, then over those jobs
    weighted by pool size, as the group is. Undisclosed members are not among them: they
    may belong to the group.

    Parameters
    ----------
    ranking, groups, top_k
        As in `exposure`.

    Returns
    -------
    Series
        Label to ratio, dimensionless, 0 or more; may exceed 1. NaN for a group that no
        kept job holds, or whose others have no exposure.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.
    DataError
        If `top_k` is no whole number from 1.

    References
    ----------
    Singh & Joachims (2018), Fairness of Exposure in Rankings, KDD.

    Examples
    --------
    >>> ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=["a", "a", "a"])
    >>> groups = Groups.from_values(["m", "f", "m"], attribute="gender")
    >>> relative_exposure(ranking, groups).round(4).to_dict()
    {'f': 0.8412, 'm': 1.1887}
    """
    of_jobs = job_sums(ranking, groups, "exposure", top_k)
    parts = of_jobs.by_pool_size()
    other_sums = of_jobs.sums.sum(axis=1, keepdims=True) - of_jobs.sums
    other_counts = of_jobs.counts.sum(axis=1, keepdims=True) - of_jobs.counts
    # Weights are the group's own: 0 where it is absent, and elsewhere a kept job has others.
    others = parts.weights * other_sums / other_counts.clip(min=1)
    return by_label(groups, divide(parts.values.sum(axis=0), others.sum(axis=0)), "relative_exposure")
