"""Skew: the logarithm of a group's share of the top of a list over the share that it should have."""

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairness.groups import Groups
from fairness.metrics._over_jobs import mean_of_groups
from fairness.metrics._position_values import by_label, divide, sums_by_group
from fairness.metrics._prefixes import Tops
from fairness.metrics._targets import Target
from ranker.errors import DataError
from ranker.ranking.metrics._relevance import mean_over_jobs
from ranker.ranking.ranking import Ranking

__all__ = [
    "max_skew",
    "max_skew_per_job",
    "min_skew",
    "min_skew_per_job",
    "skew",
    "skew_per_job",
]


def skew(
    ranking: Ranking,
    groups: Groups,
    *,
    top_k: int | None,
    target: Target = "pool",
    smoothing: float = 0.0,
) -> pd.Series:
    """Natural logarithm of each group's share of the top ``k`` over its desired share, mean over jobs.

    0 is the desired share, ``ln 2 = .69`` twice of it, ``-.69`` half of it. It says nothing of
    who stands where within the top, and moves in steps as large as ``1 / k`` allows: in a top
    of 10, one person more or less of a group that should have 2 is ``ln 1.5`` or ``-ln 2``.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, ``n`` candidates in all.
    groups : Groups
        Group of each row that the ranking was made from. Undisclosed members keep their
        ranks; shares are of the disclosed members of the top.
    top_k : int or None
        Ranks ``1 .. top_k`` are the top; the whole list with None, of which only a given
        target can differ.
    target : "pool" or mapping of str to float, default="pool"
        Desired shares: the groups' shares of each pool, or one amount for each label, shares
        or counts, such as those of a census.
    smoothing : float, default=0
        Added to both shares before they are divided.

    Returns
    -------
    Series
        Label to skew, in nats. A group that should be in the top and is not has ``-inf``, and
        then so has the mean: that one job holds none of it can be read off, where smoothing
        makes of it a large number that depends on the smoothing. A group that should not be
        there and is has ``inf``. NaN where no judged job holds or desires the group. Jobs
        whose top holds nobody disclosed, and under "pool" those with fewer than two groups,
        are left out.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.
    DataError
        If `top_k` is no whole number from 1, the target does not fit the groups, or `smoothing`
        is no number from 0.

    References
    ----------
    Geyik, Ambler & Kenthapadi (2019), Fairness-Aware Ranking in Search & Recommendation
    Systems with Application to LinkedIn Talent Search, KDD: Skew@k.

    Examples
    --------
    >>> ranking = Ranking.from_scores([4.0, 3.0, 2.0, 1.0], job=["a"] * 4)
    >>> groups = Groups.from_values(["m", "f", "m", "f"], attribute="gender")
    >>> skew(ranking, groups, top_k=3).round(4).to_dict()
    {'f': -0.4055, 'm': 0.2877}
    """
    per_job = skew_per_job(ranking, groups, top_k=top_k, target=target, smoothing=smoothing)
    return by_label(groups, mean_of_groups(per_job), "skew")


def skew_per_job(
    ranking: Ranking,
    groups: Groups,
    *,
    top_k: int | None,
    target: Target = "pool",
    smoothing: float = 0.0,
) -> NDArray[np.float64]:
    """Skew of each group in each job, in the order of ``ranking.jobs``.

    Parameters
    ----------
    ranking, groups, top_k, target, smoothing
        As in `skew`.

    Returns
    -------
    ndarray of shape (n_jobs, n_groups)
        In nats; NaN where the job is left out, or neither holds nor desires the group. A
        bootstrap interval of infinite values is not defined: resample with a smoothing.

    Raises
    ------
    UnknownCandidateError, DataError
        As `skew` does.
    """
    refuse_smoothing(smoothing)
    tops = Tops.of(ranking, groups, top_k, target)
    codes = np.where(ranking.ranks <= tops.lengths[ranking.job_of], tops.codes, -1)
    counts = sums_by_group(ranking, codes, tops.n_groups, None).astype(np.float64)
    held, desired = divide(counts, counts.sum(axis=1, keepdims=True)), tops.desired
    out = np.full(counts.shape, np.nan)
    # Judged is where there is a share to speak of; 0 / 0 is a group that has no part in the job.
    known = (held > 0) | (desired > 0) & ~np.isnan(held)
    with np.errstate(divide="ignore"):  # ln 0 is -inf, and a share over 0 inf, on purpose
        out[known] = np.log((held[known] + smoothing) / (desired[known] + smoothing))
    return out


def min_skew(
    ranking: Ranking,
    groups: Groups,
    *,
    top_k: int | None,
    target: Target = "pool",
    smoothing: float = 0.0,
) -> float:
    """Skew of the group that is worst off in the top ``k`` of a job, mean over jobs.

    Which group that is may differ between jobs.

    Parameters
    ----------
    ranking, groups, top_k, target, smoothing
        As in `skew`.

    Returns
    -------
    float
        At most 0, in nats; ``-inf`` where the top of any judged job lacks a group that should be
        in it; NaN where no job is judged.

    Raises
    ------
    UnknownCandidateError, DataError
        As `skew` does.

    References
    ----------
    Geyik, Ambler & Kenthapadi (2019), Fairness-Aware Ranking in Search & Recommendation
    Systems with Application to LinkedIn Talent Search, KDD: MinSkew@k.

    Examples
    --------
    >>> ranking = Ranking.from_scores([4.0, 3.0, 2.0, 1.0], job=["a"] * 4)
    >>> groups = Groups.from_values(["m", "f", "m", "f"], attribute="gender")
    >>> round(min_skew(ranking, groups, top_k=3), 4)
    -0.4055
    """
    return mean_over_jobs(min_skew_per_job(ranking, groups, top_k=top_k, target=target, smoothing=smoothing))


def min_skew_per_job(
    ranking: Ranking,
    groups: Groups,
    *,
    top_k: int | None,
    target: Target = "pool",
    smoothing: float = 0.0,
) -> NDArray[np.float64]:
    """Lowest skew of a group in each job, (n_jobs,) in nats; NaN for jobs that are left out.

    Parameters
    ----------
    ranking, groups, top_k, target, smoothing
        As in `skew`.

    Raises
    ------
    UnknownCandidateError, DataError
        As `skew` does.
    """
    per_job = skew_per_job(ranking, groups, top_k=top_k, target=target, smoothing=smoothing)
    return np.fmin.reduce(per_job, axis=1, initial=np.nan)


def max_skew(
    ranking: Ranking,
    groups: Groups,
    *,
    top_k: int | None,
    target: Target = "pool",
    smoothing: float = 0.0,
) -> float:
    """Skew of the group that is best off in the top ``k`` of a job, mean over jobs.

    Which group that is may differ between jobs.

    Parameters
    ----------
    ranking, groups, top_k, target, smoothing
        As in `skew`.

    Returns
    -------
    float
        At least 0, in nats; ``inf`` where the top of any judged job holds a group that should not
        be in it; NaN where no job is judged.

    Raises
    ------
    UnknownCandidateError, DataError
        As `skew` does.

    References
    ----------
    Geyik, Ambler & Kenthapadi (2019), Fairness-Aware Ranking in Search & Recommendation
    Systems with Application to LinkedIn Talent Search, KDD: MaxSkew@k.

    Examples
    --------
    >>> ranking = Ranking.from_scores([4.0, 3.0, 2.0, 1.0], job=["a"] * 4)
    >>> groups = Groups.from_values(["m", "f", "m", "f"], attribute="gender")
    >>> round(max_skew(ranking, groups, top_k=3), 4)
    0.2877
    """
    return mean_over_jobs(max_skew_per_job(ranking, groups, top_k=top_k, target=target, smoothing=smoothing))


def max_skew_per_job(
    ranking: Ranking,
    groups: Groups,
    *,
    top_k: int | None,
    target: Target = "pool",
    smoothing: float = 0.0,
) -> NDArray[np.float64]:
    """Highest skew of a group in each job, (n_jobs,) in nats; NaN for jobs that are left out.

    Parameters
    ----------
    ranking, groups, top_k, target, smoothing
        As in `skew`.

    Raises
    ------
    UnknownCandidateError, DataError
        As `skew` does.
    """
    per_job = skew_per_job(ranking, groups, top_k=top_k, target=target, smoothing=smoothing)
    return np.fmax.reduce(per_job, axis=1, initial=np.nan)


def refuse_smoothing(smoothing: object) -> None:
    """Refuse an amount added to shares that is no number from 0."""
    if not isinstance(smoothing, (int, float, np.floating)) or not 0 <= smoothing < math.inf:
        raise DataError(
            f"smoothing cannot be {smoothing!r}: it is added to every share, so give a small number from 0, "
            "such as 1e-7"
        )
