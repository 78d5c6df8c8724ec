"""Counting the pairs of one job that a ranking orders rightly, by the groups of their members."""

from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from fairness.groups import Groups
from fairness.metrics._position_values import codes_in_rank_order, divide
from ranker.errors import DataError, did_you_mean
from ranker.kernels.dominance import lower_before
from ranker.kernels.group_sums import group_sums
from ranker.ranking.metrics._relevance import relevance_in_rank_order
from ranker.ranking.ranking import Ranking

Over = Literal["pairs", "jobs"]


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Rightly and wrongly ordered pairs of each job: (n_jobs, n_groups[, n_groups]) whole numbers."""

    right: NDArray[np.int64]
    wrong: NDArray[np.int64]

    def per_job(self) -> NDArray[np.float64]:
        """Share of right pairs of each job, NaN without a pair."""
        return divide(self.right.astype(np.float64), (self.right + self.wrong).astype(np.float64))

    def pooled(self) -> NDArray[np.float64]:
        """Share of right pairs of all jobs, NaN without a pair."""
        right, wrong = self.right.sum(axis=0), self.wrong.sum(axis=0)
        return divide(right.astype(np.float64), (right + wrong).astype(np.float64))


def over_jobs(pairs: Pairs, over: str) -> NDArray[np.float64]:
    """Share of right pairs, of all of them or as the mean of the jobs' shares, or raise DataError."""
    if over == "pairs":
        return pairs.pooled()
    if over == "jobs":
        per_job = pairs.per_job()
        known = ~np.isnan(per_job)
        return divide(np.where(known, per_job, 0.0).sum(axis=0), known.sum(axis=0, dtype=np.float64))
    raise DataError(f"accuracy cannot be averaged over {over!r}{did_you_mean(str(over), ('pairs', 'jobs'))}")


def pairs_of_groups(ranking: Ranking, groups: Groups, relevance: ArrayLike) -> Pairs:
    """Count pairs by job, group of the more relevant one and group of the other."""
    codes, keys = _codes_and_keys(ranking, groups, relevance)
    n_groups = len(groups.labels)
    counts = np.zeros((2, ranking.n_jobs, n_groups, n_groups), dtype=np.int64)
    # Counts among two groups, less those within one's own, are against the other: n_groups sorts of
    # everybody, and no pair is looked at.
    for one in range(n_groups):
        counts[:, :, one, one] = _among(ranking, codes, keys, codes == one, n_groups)[:, :, one]
    for one, other in combinations(range(n_groups), 2):
        found = _among(ranking, codes, keys, (codes == one) | (codes == other), n_groups)
        counts[:, :, one, other] = found[:, :, one] - counts[:, :, one, one]
        counts[:, :, other, one] = found[:, :, other] - counts[:, :, other, other]
    return Pairs(counts[0], counts[1])


def pairs_with_anybody(ranking: Ranking, groups: Groups, relevance: ArrayLike) -> Pairs:
    """Count pairs by job and group of the more relevant one."""
    codes, keys = _codes_and_keys(ranking, groups, relevance)
    everybody = np.ones(codes.size, dtype=bool)
    return Pairs(*_among(ranking, codes, keys, everybody, len(groups.labels)))


def _among(
    ranking: Ranking,
    codes: NDArray[np.int64],
    keys: NDArray[np.int64],
    kept: NDArray[np.bool_],
    n_groups: int,
) -> NDArray[np.int64]:
    """Right and wrong pairs among the kept entries, by group of the more relevant one: (2, n_jobs, n_groups)."""
    indptr = np.concatenate(([0], np.cumsum(kept)))[ranking.indptr]
    return np.stack(
        [
            # Sums of counts are whole numbers below 2 ** 53, which float64 holds exactly.
            group_sums(counts.astype(np.float64), codes[kept], indptr, n_groups).astype(np.int64)
            for counts in _less_relevant(keys[kept], indptr)
        ]
    )


def _codes_and_keys(
    ranking: Ranking, groups: Groups, relevance: ArrayLike
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Group codes and whole numbers in the order of relevance, in rank order: (n,), (n,)."""
    values = relevance_in_rank_order(ranking, relevance)
    return codes_in_rank_order(ranking, groups), np.unique(values, return_inverse=True)[1].astype(np.int64)


def _less_relevant(
    keys: NDArray[np.int64], indptr: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Less relevant entries below each entry of its job, and above it: (n,), (n,)."""
    # Backwards, whoever stands below comes before.
    backwards = np.ascontiguousarray(keys[::-1])
    below = lower_before(backwards, np.ascontiguousarray(indptr[-1] - indptr[::-1]))[::-1]
    return below, lower_before(keys, indptr)


def count_frame(pairs: Pairs, index: pd.Index, name: str) -> pd.DataFrame:
    """Write the counts over all jobs as a table."""
    both = pairs.right + pairs.wrong
    return pd.DataFrame(
        {
            "jobs": (both > 0).sum(axis=0).ravel(),
            "pairs": both.sum(axis=0).ravel(),
            "right": pairs.right.sum(axis=0).ravel(),
            name: pairs.pooled().ravel(),
        },
        index=index,
    )
