"""Rankings of the first k alone, for whom the others need not be put in order."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranker.errors import DataError
from ranker.ranking import Ranking
from ranker.ranking.labels import as_labels
from ranker.scoring.additive import AdditiveScorer
from ranker.scoring.pool import Pool
from ranker.scoring.pool_top import reach_kth, top_of_pool

__all__ = ["rank_pool", "rank_rows"]


def rank_rows(
    scores: NDArray[np.float64], *, job: Any, candidate: Any = None, top_k: int | None = None
) -> Ranking:
    """Rank scored rows; see :meth:`ranker.scoring.EBMRanker.rank`."""
    if top_k is None:
        return Ranking.from_scores(scores, job=job, candidate=candidate)
    _check(top_k)
    jobs = as_labels(job, what="job")
    names = as_labels(np.arange(len(jobs)) if candidate is None else candidate, what="candidate")
    if not len(jobs) == len(names) == len(scores) or np.isnan(scores).any():
        return Ranking.from_scores(scores, job=jobs, candidate=names)  # says what is wrong
    _, codes = np.unique(jobs, return_inverse=True)
    order = np.argsort(codes, kind="stable")
    kept = order[reach_kth(codes[order], scores[order], top_k, int(codes.max(initial=-1)) + 1)]
    return Ranking.from_scores(scores[kept], job=jobs[kept], candidate=names[kept])


def rank_pool(
    scorer: AdditiveScorer, pool: Pool, *, job: Any = None, candidate: Any = None, top_k: int | None = None
) -> Ranking:
    """Rank everybody for every job; see :meth:`ranker.scoring.EBMRanker.rank`."""
    if top_k is None:
        raise DataError(
            f"a pool of {len(pool)} pairs is ranked side by side for its first k alone: give top_k, "
            "or pool.rows(...) for a row for each pair"
        )
    _check(top_k)
    names = {}
    for what, given, table in (("job", job, pool.jobs), ("candidate", candidate, pool.candidates)):
        names[what] = as_labels(np.arange(len(table)) if given is None else given, what=what)
        if len(names[what]) != len(table):
            raise DataError(f"{len(names[what])} {what} labels for {len(table)} {what}s: give one each")
        if len(set(names[what].tolist())) < len(table):
            raise DataError(f"two {what}s of the pool have one label: give each its own")
    found = top_of_pool(scorer, pool, top_k)
    return Ranking.from_scores(
        found.scores, job=names["job"][found.job], candidate=names["candidate"][found.candidate]
    )


def _check(top_k: int) -> None:
    if isinstance(top_k, bool) or not isinstance(top_k, (int, np.integer)) or top_k < 1:
        raise DataError(f"the top of a list cannot be {top_k!r} long: give a whole number from 1")
