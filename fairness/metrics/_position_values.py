"""What a place in a list is worth, and its sums per job and group: the metrics are thin over these."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairness.constraint import MEASURES
from fairness.groups import Groups
from ranker.errors import ConstraintError, did_you_mean
from ranker.kernels.group_sums import group_counts, group_sums
from ranker.kernels.segments import discounts, segment_sums
from ranker.ranking.ranking import Ranking


def position_values(ranking: Ranking, measure: str, top_k: int | None) -> NDArray[np.float64]:
    """Worth of each ranked place, (n,), dimensionless, in [0, 1].

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, ``n`` candidates in all.
    measure : {"exposure", "selection_rate", "mean_rank"}
        ``1 / log2(1 + rank)``, 0 beyond `top_k`; 1 up to rank `top_k` and 0 beyond;
        ``(size - rank) / (size - 1)``, which is 1 at the top, 0 at the end and .5 for a
        candidate who is alone.
    top_k : int or None
        Optional for exposure, needed for the selection rate, without meaning for the mean rank.

    Raises
    ------
    ConstraintError
        If the measure is unknown, or `top_k` is missing or out of place.
    DataError
        If `top_k` is no whole number from 1.
    """
    if measure not in MEASURES:
        raise ConstraintError(f"no measure is called {measure!r}{did_you_mean(str(measure), MEASURES)}")
    if measure == "selection_rate" and top_k is None:
        raise ConstraintError("a selection rate needs top_k: say how many candidates a job selects")
    if measure == "mean_rank" and top_k is not None:
        raise ConstraintError(
            f"a mean rank is over the whole list: leave top_k={top_k} out, or measure exposure"
        )
    if top_k is not None:
        ranking.in_top(top_k)  # refuses what is no whole number from 1
    return worth_of_places(ranking.ranks, ranking.sizes[ranking.job_of], measure, top_k)


def worth_of_places(
    ranks: NDArray[np.int64], sizes: NDArray[np.int64], measure: str, top_k: int | None
) -> NDArray[np.float64]:
    """Worth of places by rank (1-based) and size of the pool, (n,); see :func:`position_values`."""
    if measure == "exposure":
        worth = discounts(ranks)
    elif measure == "selection_rate":
        worth = np.ones(len(ranks))
    else:
        worth = np.where(sizes > 1, (sizes - ranks) / np.maximum(sizes - 1, 1), 0.5)
    return worth if top_k is None else np.where(ranks <= top_k, worth, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class JobSums:
    """Sums of position values of each job: all that the metrics here need.

    Parameters
    ----------
    sums : ndarray of shape (n_jobs, n_groups)
        Values summed over a group's members in a job.
    counts : ndarray of shape (n_jobs, n_groups)
        Members.
    pool : ndarray of shape (n_jobs,)
        Values summed over the whole job, undisclosed members included: so that it depends
        on the size of the pool alone, not on who stands where.
    sizes : ndarray of shape (n_jobs,)
        Candidates, undisclosed included.
    """

    sums: NDArray[np.float64]
    counts: NDArray[np.int64]
    pool: NDArray[np.float64]
    sizes: NDArray[np.int64]

    @property
    def compared(self) -> NDArray[np.bool_]:
        """Whether a job holds two disclosed groups or more, (n_jobs,)."""
        return (self.counts > 0).sum(axis=1) >= 2

    def by_pool_size(self) -> "Parts":
        """Parts of the mean over compared jobs, weighted by pool size, of a group's mean within a job."""
        kept = (self.compared[:, None] & (self.counts > 0)).astype(np.float64)
        within = self.sums / np.maximum(self.counts, 1)
        weights = kept * self.sizes[:, None]
        return Parts(weights * within, weights, kept * self.pool[:, None])

    def pooled(self) -> "Parts":
        """Parts of the plain mean over all members of a group, whatever their job."""
        counts = self.counts.astype(np.float64)
        return Parts(self.sums, counts, counts * (self.pool / np.maximum(self.sizes, 1))[:, None])


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Numerators and denominators per job and group; means are sums of one over sums of the other.

    Parameters
    ----------
    values : ndarray of shape (n_jobs, n_groups)
        Weighted values of the group.
    weights : ndarray of shape (n_jobs, n_groups)
        Weights behind them, 0 where the group is absent or the job left out.
    pool : ndarray of shape (n_jobs, n_groups)
        What the values would be if everyone in the job had the job's mean.
    """

    values: NDArray[np.float64]
    weights: NDArray[np.float64]
    pool: NDArray[np.float64]

    def means(self) -> NDArray[np.float64]:
        """Mean of each group, (n_groups,); NaN where it is absent."""
        return divide(self.values.sum(axis=0), self.weights.sum(axis=0))

    def gaps(self) -> NDArray[np.float64]:
        """Mean of each group over that of the same jobs' pools, less 1, (n_groups,); NaN where absent."""
        return divide(self.values.sum(axis=0), self.pool.sum(axis=0)) - 1.0


def job_sums(ranking: Ranking, groups: Groups, measure: str, top_k: int | None) -> JobSums:
    """Sum position values per job and group.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.
    ConstraintError, DataError
        As `position_values` does.
    """
    values = position_values(ranking, measure, top_k)
    codes = codes_in_rank_order(ranking, groups)
    return JobSums(
        sums=sums_by_group(ranking, codes, len(groups.labels), values),
        counts=sums_by_group(ranking, codes, len(groups.labels), None),
        pool=segment_sums(values, ranking.indptr),
        sizes=ranking.sizes,
    )


def codes_in_rank_order(ranking: Ranking, groups: Groups) -> NDArray[np.int64]:
    """Group code of each ranked entry, (n,), or raise UnknownCandidateError."""
    return ranking.aligned(groups.codes, what=f"groups by {groups.attribute!r}").astype(np.int64)


def sums_by_group(
    ranking: Ranking, codes: NDArray[np.int64], n_groups: int, values: NDArray[np.float64] | None
) -> NDArray:
    """Sum values, or count entries, per job and group: (n,), (n,) -> (n_jobs, n_groups)."""
    if values is None:
        return group_counts(codes, ranking.indptr, n_groups)
    return group_sums(values, codes, ranking.indptr, n_groups)


def group_means(ranking: Ranking, groups: Groups, measure: str, top_k: int | None, *, name: str) -> pd.Series:
    """Mean of each group over compared jobs, weighted by pool size: label -> value."""
    return by_label(groups, job_sums(ranking, groups, measure, top_k).by_pool_size().means(), name)


def by_label(groups: Groups, values: NDArray[np.float64], name: str) -> pd.Series:
    """Name the values of the groups: (n_groups,) -> Series."""
    return pd.Series(values, index=pd.Index(groups.labels, name=groups.attribute, dtype=object), name=name)


def least_over_most(means: NDArray[np.float64]) -> float:
    """Lowest mean over the highest; NaN where fewer than two groups have one, or the highest is 0."""
    known = means[~np.isnan(means)]
    return float(known.min() / known.max()) if known.size >= 2 and known.max() > 0 else float("nan")


def largest_gap(gaps: NDArray[np.float64]) -> float:
    """Largest absolute gap; NaN where there is none."""
    known = gaps[~np.isnan(gaps)]
    return float(np.abs(known).max()) if known.size else float("nan")


def weigh(of_jobs: JobSums, measure: str, kind: str) -> Parts:
    """Weigh jobs as a comparison does: impact ratios pool people, as in law, all else averages jobs."""
    if measure == "selection_rate" and kind == "ratio":
        return of_jobs.pooled()
    return of_jobs.by_pool_size()


def compare(parts: Parts, kind: str) -> float:
    """Reduce the parts of all jobs: to the lowest mean over the highest (ratio), or the largest gap."""
    return least_over_most(parts.means()) if kind == "ratio" else largest_gap(parts.gaps())


def divide(numerator: NDArray[np.float64], denominator: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide, NaN where the denominator is 0."""
    shape = np.broadcast_shapes(np.shape(numerator), np.shape(denominator))
    return np.divide(numerator, denominator, out=np.full(shape, np.nan), where=np.asarray(denominator) != 0)
