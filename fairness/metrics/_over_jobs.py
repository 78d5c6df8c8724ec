"""Means over the jobs where a metric has a value, and what jobs have one."""

import numpy as np
from numpy.typing import NDArray

from fairness.groups import Groups
from fairness.metrics._position_values import codes_in_rank_order, divide, sums_by_group
from fairness.metrics._targets import Target, target_shares
from ranker.ranking.ranking import Ranking


def mean_of_groups(per_job: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of each group over the jobs where it has a value: (n_jobs, n_groups) -> (n_groups,), NaN without one."""
    known = ~np.isnan(per_job)
    return divide(np.where(known, per_job, 0.0).sum(axis=0), known.sum(axis=0).astype(np.float64))


def least_over_most_per_job(per_job: NDArray[np.float64]) -> NDArray[np.float64]:
    """Least over most of each job: (n_jobs, n_groups) -> (n_jobs,).

    NaN where fewer than two groups have a value, or the highest is 0.
    """
    least, most, two = _least_and_most(per_job)
    out = np.full(len(per_job), np.nan)
    judged = two & (most > 0)
    out[judged] = least[judged] / most[judged]
    return out


def spread_per_job(per_job: NDArray[np.float64]) -> NDArray[np.float64]:
    """Most less least of each job: (n_jobs, n_groups) -> (n_jobs,), NaN where fewer than two groups have a value."""
    least, most, two = _least_and_most(per_job)
    out = np.full(len(per_job), np.nan)
    out[two] = most[two] - least[two]
    return out


def present_in_compared(ranking: Ranking, groups: Groups) -> NDArray[np.bool_]:
    """Whether a group is present in a job that holds two disclosed groups or more, (n_jobs, n_groups)."""
    counts = sums_by_group(ranking, codes_in_rank_order(ranking, groups), len(groups.labels), None)
    return (counts > 0) & ((counts > 0).sum(axis=1) >= 2)[:, None]


def wanted_shares(
    ranking: Ranking, groups: Groups, target: Target
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return desired shares, (n_jobs, n_groups), and whether a job can be judged by them, (n_jobs,).

    Jobs cannot that hold no disclosed member, nor those whose target has all of it go to one
    group: no order could come closer to it or go further from it.
    """
    shares = target_shares(ranking, groups, target)
    counts = sums_by_group(ranking, codes_in_rank_order(ranking, groups), len(groups.labels), None)
    return shares, (counts.sum(axis=1) > 0) & ((shares > 0).sum(axis=1) >= 2)


def _least_and_most(
    per_job: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Least and most of each job, (n_jobs,) each, and whether two groups or more have a value."""
    known = ~np.isnan(per_job)
    least = np.where(known, per_job, np.inf).min(axis=1, initial=np.inf)
    most = np.where(known, per_job, -np.inf).max(axis=1, initial=-np.inf)
    return least, most, known.sum(axis=1) >= 2
