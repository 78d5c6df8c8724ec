"""Figures of several rankings of the same candidates over the same resamples, so that they can be subtracted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from fairness.groups import Groups
from fairness.metrics._position_values import codes_in_rank_order, divide, worth_of_places
from fairness.metrics.bootstrap import MIN_JOBS
from fairness.metrics.compared_jobs import compared_jobs
from ranker.kernels.segments import discounts
from ranker.ranking.ranking import Ranking

MOST_CELLS = 4_000_000  # resamples x candidates that are worked on at once


@dataclass(frozen=True, slots=True, eq=False)
class PairedDraws:
    """What was drawn, for all rankings alike.

    With 20 compared jobs or more, jobs are drawn; with fewer, candidates within each job and
    group, as in ``fairness.metrics.bootstrap_over_jobs``.

    Parameters
    ----------
    unit : {"jobs", "candidates"}
        What was drawn with replacement.
    times : (n_resamples, n_jobs) or (n_resamples, n_rows) int array
        How often each job, or each row, was drawn.
    """

    unit: str
    times: NDArray[np.integer]

    @classmethod
    def of(
        cls, ranking: Ranking, groups: Groups, n_resamples: int, rng: np.random.Generator
    ) -> "PairedDraws":
        """Draw for a ranking and all others of its jobs and candidates."""
        if int(compared_jobs(ranking, groups).sum()) >= MIN_JOBS:
            drawn = rng.integers(ranking.n_jobs, size=(n_resamples, ranking.n_jobs))
            return cls("jobs", _counts(drawn, ranking.n_jobs))
        codes = codes_in_rank_order(ranking, groups)
        # Rows in the order of jobs and groups, so that each stratum is a run.
        order = np.lexsort((ranking.row, codes, ranking.job_of))
        keys = np.stack((ranking.job_of, codes))[:, order]
        first = np.ones(len(order), dtype=bool)
        first[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
        starts = np.flatnonzero(first)
        sizes = np.diff(np.append(starts, len(order)))
        start, size = np.repeat(starts, sizes), np.repeat(sizes, sizes)
        times = np.empty((n_resamples, ranking.n_rows), dtype=np.int32)
        rows = ranking.row[order]
        for one in times:
            drawn = start + (rng.random(len(order)) * size).astype(np.int64)
            one[:] = np.bincount(rows[drawn], minlength=ranking.n_rows)
        return cls("candidates", times)

    def figures(
        self,
        ranking: Ranking,
        groups: Groups,
        gains: NDArray[np.float64],
        *,
        cuts: Sequence[int],
        top_k: int,
    ) -> NDArray[np.float64]:
        """Measure every resample.

        Parameters
        ----------
        ranking : Ranking
            One order of the jobs and candidates that were drawn for.
        groups : Groups
            Group of each row.
        gains : (n_rows,) float64 array
            0 or more.
        cuts : sequence of int
            Of NDCG.
        top_k : int
            How many of each job are selected.

        Returns
        -------
        (n_resamples, n_cuts + 2 + 2 * n_groups) float64 array
            NDCG at each cut, exposure ratio, impact ratio; selection rate of each group,
            and its mean score less that of all others.
        """
        lists = _Lists.of(ranking, groups, gains, tuple(cuts), top_k)
        if self.unit == "jobs":
            once = np.ones((1, len(ranking)), dtype=np.int64)
            return lists.figures(once, self.times)
        size = max(1, MOST_CELLS // max(len(ranking), 1))
        every = np.ones((1, ranking.n_jobs), dtype=np.int64)
        blocks = [
            lists.figures(self.times[at : at + size, ranking.row], every)
            for at in range(0, len(self.times), size)
        ]
        return np.concatenate(blocks)


@dataclass(frozen=True, slots=True, eq=False)
class _Lists:
    """Ranked lists of ``n`` entries, ready to be measured with copies of their entries.

    A list keeps its length however often each entry was drawn, so an entry's copies stand at
    places that running counts tell, and are worth a difference of running sums.
    """

    worth: tuple[NDArray[np.float64], ...]  # of all places before each: exposure, selection, NDCG by cut
    job: csr_array  # (n, n_jobs)
    cell: csr_array  # (n, n_jobs * n_groups)
    counts: NDArray[np.float64]  # (n_jobs, n_groups)
    sizes: NDArray[np.float64]  # (n_jobs,)
    gains: NDArray[np.float64]  # (n,)
    scores: NDArray[np.float64]  # (n,)
    best: NDArray[np.int64]  # entries by falling gain within jobs, (n,)

    @classmethod
    def of(
        cls, ranking: Ranking, groups: Groups, gains: NDArray[np.float64], cuts: tuple[int, ...], top_k: int
    ) -> "_Lists":
        n, n_jobs, n_groups = len(ranking), ranking.n_jobs, len(groups.labels)
        ranks, sizes, job_of = ranking.ranks, ranking.sizes, ranking.job_of
        worth = [worth_of_places(ranks, sizes[job_of], "exposure", None), (ranks <= top_k).astype(np.float64)]
        worth += [np.where(ranks <= cut, discounts(ranks), 0.0) for cut in cuts]
        codes = codes_in_rank_order(ranking, groups)
        known = np.flatnonzero(codes >= 0)
        cell = csr_array(
            (np.ones(len(known)), (known, job_of[known] * n_groups + codes[known])),
            shape=(n, n_jobs * n_groups),
        )
        job = csr_array((np.ones(n), (np.arange(n), job_of)), shape=(n, n_jobs))
        own = gains[ranking.row]
        return cls(
            tuple(np.concatenate(([0.0], np.cumsum(one))) for one in worth),
            job, cell, cell.sum(axis=0).reshape(n_jobs, n_groups), sizes.astype(np.float64),
            own, ranking.scores, np.lexsort((-own, job_of)),
        )  # fmt: skip

    def figures(self, times: NDArray[np.integer], jobs: NDArray[np.integer]) -> NDArray[np.float64]:
        """Measure lists in which entry ``i`` stands ``times[r, i]`` times, job ``j`` counting ``jobs[r, j]`` times."""
        last = np.cumsum(times, axis=1)
        first = last - times
        exposed, selected, *discounted = (worth[last] - worth[first] for worth in self.worth)
        best = times[:, self.best]
        last = np.cumsum(best, axis=1)
        first = last - best
        out = []
        for here, worth in zip(discounted, self.worth[2:], strict=True):
            ideal = ((worth[last] - worth[first]) * self.gains[self.best]) @ self.job
            ndcg = divide((here * self.gains) @ self.job, ideal)
            known = ~np.isnan(ndcg)
            sums = _over_jobs(np.where(known, ndcg, 0.0), jobs)
            out.append(divide(sums, _over_jobs(known.astype(np.float64), jobs)))
        exposure, selection = (self._by_group(one) for one in (exposed, selected))
        compared = ((self.counts > 0).sum(axis=1) >= 2)[:, None] & (self.counts > 0)
        weight = compared * self.sizes[:, None]
        means = divide(
            _over_jobs(weight * exposure / np.maximum(self.counts, 1), jobs), _over_jobs(weight[None], jobs)
        )
        rates = divide(_over_jobs(selection, jobs), _over_jobs(self.counts[None], jobs))
        scores = self._by_group(times * self.scores)
        others = self.counts.sum(axis=1, keepdims=True) - self.counts
        both = ((self.counts > 0) & (others > 0)) * self.sizes[:, None]
        apart = scores / np.maximum(self.counts, 1) - (
            scores.sum(axis=2, keepdims=True) - scores
        ) / np.maximum(others, 1)
        gaps = divide(_over_jobs(both * apart, jobs), _over_jobs(both[None], jobs))
        ratios = [_ratio(np.broadcast_to(one, (len(means), one.shape[1]))) for one in (means, rates)]
        return np.column_stack([*out, *ratios, rates, gaps])

    def _by_group(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum values by job and group: (m, n) -> (m, n_jobs, n_groups)."""
        return (values @ self.cell).reshape(len(values), *self.counts.shape)


def _over_jobs(values: NDArray[np.float64], jobs: NDArray[np.integer]) -> NDArray[np.float64]:
    """Sum over jobs, each as often as it counts: (m or 1, n_jobs, ...), (m or 1, n_jobs) -> (m, ...)."""
    if len(values) == 1:
        return np.tensordot(jobs, values[0], axes=1)
    return values.sum(axis=1)


def _ratio(means: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the lowest over the highest, (m, n_groups) -> (m,); NaN where there are not two, or the highest is 0."""
    known = ~np.isnan(means)
    low = np.where(known, means, np.inf).min(axis=1, initial=np.inf)
    high = np.where(known, means, -np.inf).max(axis=1, initial=-np.inf)
    high = np.where(known.sum(axis=1) >= 2, high, 0.0)
    return divide(np.where(high > 0, low, 0.0), np.maximum(high, 0.0))


def _counts(drawn: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Count how often each of ``n`` was drawn in each row: (m, k) -> (m, n)."""
    offset = np.arange(len(drawn))[:, None] * n
    return np.bincount((drawn + offset).ravel(), minlength=len(drawn) * n).reshape(len(drawn), n)
