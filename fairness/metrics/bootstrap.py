"""Intervals for fairness metrics, by resampling jobs or, where jobs are few, candidates."""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fairness.groups import Groups
from fairness.metrics._position_values import (
    JobSums,
    Parts,
    codes_in_rank_order,
    compare,
    job_sums,
    position_values,
    sums_by_group,
    weigh,
)
from fairness.metrics.compared_jobs import compared_jobs
from fairness.metrics.measure import MeasureStatistic
from ranker.ranking.metrics.intervals import check_resampling, percentile_interval
from ranker.ranking.ranking import Ranking

__all__ = ["MIN_JOBS", "BootstrapInterval", "bootstrap_over_jobs"]

# Below this, resampled jobs are too few kinds of resample for a percentile to mean much.
MIN_JOBS: Final = 20


class BootstrapInterval(NamedTuple):
    """A percentile interval and what was resampled for it.

    Parameters
    ----------
    low, high : float
        In the unit of the statistic; NaN where no resample had a value.
    unit : {"jobs", "candidates"}
        What was drawn with replacement.
    """

    low: float
    high: float
    unit: str


def bootstrap_over_jobs(
    ranking: Ranking,
    groups: Groups,
    statistic: Callable[[Ranking, Groups], float],
    *,
    n_resamples: int = 1000,
    level: float = 0.95,
    random_state: int | np.random.Generator | None = 0,
) -> BootstrapInterval:
    """Percentile interval of a statistic of rankings and groups.

    With 20 compared jobs or more (`compared_jobs`), jobs are drawn with replacement and
    ranks stay as they are. With fewer, candidates are drawn with replacement within each
    job, as many of each group as it has, the undisclosed among them, so that no group
    vanishes; they are ranked anew in the order of the ranking, copies one after another.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, ``n`` candidates in all.
    groups : Groups
        Group of each row that the ranking was made from.
    statistic : callable
        ``statistic(ranking, groups) -> float``. A `MeasureStatistic` is worked out from sums
        per job and group, which takes milliseconds where any other callable is called once a
        resample, on a ranking that holds copies.
    n_resamples : int, default=1000
        Resamples to draw.
    level : float, default=0.95
        Share of resampled statistics inside the interval, between 0 and 1.
    random_state : int, numpy Generator or None, default=0
        Seed of the resampling; None draws a fresh one.

    Returns
    -------
    BootstrapInterval
        ``low``, ``high`` and the ``unit`` that was resampled. Resamples whose statistic is
        NaN are left out.

    Notes
    -----
    The extremes of several groups scatter away from parity: the least over the most of a
    resample tends to lie below that of the data, and the largest gap above it, the more so
    the smaller and more numerous the groups. The interval then errs towards disparity.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.
    DataError
        If `level` is not between 0 and 1, or `n_resamples` is below 1.

    References
    ----------
    Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapter 13.

    Examples
    --------
    >>> ranking = Ranking.from_scores(np.arange(8.0), job=["a"] * 8)
    >>> groups = Groups.from_values(["f", "m"] * 4, attribute="gender")
    >>> interval = bootstrap_over_jobs(ranking, groups, MeasureStatistic("exposure", "ratio"))
    >>> interval.unit, interval.low < 0.8 < interval.high
    ('candidates', True)
    """
    check_resampling(n_resamples, level)
    rng = np.random.default_rng(random_state)
    by_job = int(compared_jobs(ranking, groups).sum()) >= MIN_JOBS
    if isinstance(statistic, MeasureStatistic):
        sample = _measured_over_jobs if by_job else _measured_over_candidates
        values = sample(ranking, groups, statistic, n_resamples, rng)
    elif by_job:
        values = [statistic(_of_jobs(ranking, _draw_jobs(ranking, rng)), groups) for _ in range(n_resamples)]
    else:
        strata = _Strata(ranking, codes_in_rank_order(ranking, groups))
        values = [
            statistic(_of_positions(ranking, strata.draw(rng), ranking.jobs, ranking.indptr), groups)
            for _ in range(n_resamples)
        ]
    low, high = percentile_interval(values, level=level)
    return BootstrapInterval(low, high, "jobs" if by_job else "candidates")


def _measured_over_jobs(
    ranking: Ranking, groups: Groups, statistic: MeasureStatistic, n_resamples: int, rng: np.random.Generator
) -> list[float]:
    # Drawing jobs changes no rank within a job, so each resample is a weighted sum of the same parts.
    of_jobs = job_sums(ranking, groups, statistic.measure, statistic.top_k)
    parts = weigh(of_jobs, statistic.measure, statistic.kind)
    stacked = np.concatenate((parts.values, parts.weights, parts.pool), axis=1)
    values = []
    for _ in range(n_resamples):
        times = np.bincount(_draw_jobs(ranking, rng), minlength=ranking.n_jobs).astype(np.float64)
        # One row: the sum over jobs that Parts takes is then of a single term.
        totals = np.split((times @ stacked)[None, :], 3, axis=1)
        values.append(compare(Parts(*totals), statistic.kind))
    return values


def _measured_over_candidates(
    ranking: Ranking, groups: Groups, statistic: MeasureStatistic, n_resamples: int, rng: np.random.Generator
) -> list[float]:
    # Pool sizes and group counts stay, so does the worth of each place: only who holds it changes.
    codes = codes_in_rank_order(ranking, groups)
    worth = position_values(ranking, statistic.measure, statistic.top_k)
    given = job_sums(ranking, groups, statistic.measure, statistic.top_k)
    strata = _Strata(ranking, codes)
    values = []
    for _ in range(n_resamples):
        sums = sums_by_group(ranking, codes[strata.draw(rng)], len(groups.labels), worth)
        of_jobs = JobSums(sums, given.counts, given.pool, given.sizes)
        values.append(compare(weigh(of_jobs, statistic.measure, statistic.kind), statistic.kind))
    return values


class _Strata:
    """Entries by job and group, from which as many are drawn as each holds."""

    def __init__(self, ranking: Ranking, codes: NDArray[np.int64]) -> None:
        self.members = np.lexsort((codes, ranking.job_of))
        keys = np.stack((ranking.job_of, codes))[:, self.members]
        starts = np.flatnonzero(np.concatenate(([True], (keys[:, 1:] != keys[:, :-1]).any(axis=0))))
        sizes = np.diff(np.append(starts, len(ranking)))
        self.start = np.repeat(starts, sizes)
        self.size = np.repeat(sizes, sizes)

    def draw(self, rng: np.random.Generator) -> NDArray[np.int64]:
        """Positions drawn with replacement, in rank order within each job, (n,)."""
        drawn = self.start + (rng.random(self.size.size) * self.size).astype(np.int64)
        times = np.bincount(self.members[drawn], minlength=self.size.size)
        return np.repeat(np.arange(self.size.size), times)


def _draw_jobs(ranking: Ranking, rng: np.random.Generator) -> NDArray[np.int64]:
    return rng.integers(ranking.n_jobs, size=ranking.n_jobs)


def _of_jobs(ranking: Ranking, drawn: NDArray[np.int64]) -> Ranking:
    sizes = ranking.sizes[drawn]
    indptr = np.concatenate(([0], np.cumsum(sizes)))
    positions = np.arange(indptr[-1]) + np.repeat(ranking.indptr[drawn] - indptr[:-1], sizes)
    return _of_positions(ranking, positions, ranking.jobs[drawn], indptr)


def _of_positions(
    ranking: Ranking, positions: NDArray[np.int64], jobs: NDArray[np.object_], indptr: NDArray[np.int64]
) -> Ranking:
    return Ranking(
        jobs=jobs,
        indptr=indptr,
        candidates=ranking.candidates[positions],
        scores=ranking.scores[positions],
        row=ranking.row[positions],
        tie_rule=ranking.tie_rule,
        n_rows=ranking.n_rows,
    )
