"""The first k of every job of a pool, exactly, looking at no more pairs than it takes."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranker.errors import DataError, EmptyPoolError
from ranker.kernels.pools import add_coded, keep_largest, push, push_coded
from ranker.scoring.additive import AdditiveScorer
from ranker.scoring.pool import Pool
from ranker.scoring.pool_plan import Group, Plan

__all__ = ["PoolTop", "reach_kth", "top_of_pool"]

JOBS = 64  # at most in a block: its sums of 8,192 candidates take 4 MB
CODES = 1 << 26  # pairs that a block may hold codes of
HELD = 1 << 23  # and those that may be among the first: 128 MB
FIRST, LARGEST = 512, 8192  # candidates looked at before the first look at what is left, and at most at once


@dataclass(frozen=True, slots=True, eq=False)
class PoolTop:
    """Pairs among which the first k of each job are: all that reach the k-th score, ties included.

    Parameters
    ----------
    job, candidate : (n,) int64 arrays
        Positions in the pool, job by job.
    scores : (n,) float64 array
        As ``scorer.score`` gives them, to the last bit.
    n_looked_at : int
        Pairs whose match was computed.
    """

    job: NDArray[np.int64]
    candidate: NDArray[np.int64]
    scores: NDArray[np.float64]
    n_looked_at: int


def top_of_pool(scorer: AdditiveScorer, pool: Pool, k: int, *, n_threads: int = 1) -> PoolTop:
    """Find the pairs among which the first ``k`` of each job are.

    Parameters
    ----------
    scorer : AdditiveScorer
        What ranks.
    pool : Pool
        All of its features.
    k : int
        From 1.
    n_threads : int, default=1
        Threads that share the jobs; the result does not depend on it.

    Returns
    -------
    PoolTop

    Raises
    ------
    DataError
        If ``k`` is less than 1.
    EmptyPoolError
        If the pool has no candidate or no job.
    UnknownFieldError
        If the scorer reads a feature that the pool does not have.

    Notes
    -----
    Sums by side round otherwise than sums by term do, by less than ``Plan.rounding``; so all that come
    within twice that of the k-th are scored again, term by term, and the k-th of these decides. Fagin,
    Lotem & Naor (2003), Optimal aggregation algorithms for middleware, JCSS 66(4), stop at a bound alike.
    """
    if k < 1:
        raise DataError(f"the top of a list cannot be {k} long: give a whole number from 1")
    if not len(pool):
        raise EmptyPoolError(f"nobody to rank: {len(pool.candidates)} candidates for {len(pool.jobs)} jobs")
    plan = Plan.of(scorer, pool)
    room = min(len(pool.candidates), 2 * k + 2 * LARGEST)
    step = max(1, min(JOBS, CODES // len(pool.candidates), HELD // room))
    blocks = [
        (group, group.jobs[at : at + step]) for group in plan.groups for at in range(0, len(group.jobs), step)
    ]
    search = partial(_search, plan, k)
    if n_threads > 1 and len(blocks) > 1:
        with ThreadPoolExecutor(n_threads) as threads:
            found = list(threads.map(search, blocks))
    else:
        found = [search(block) for block in blocks]
    job = np.concatenate([jobs for jobs, _, _ in found])
    candidate = np.concatenate([candidates for _, candidates, _ in found])
    by_job = np.argsort(job, kind="stable")
    job, candidate = job[by_job], candidate[by_job]
    scores = scorer.score(pool.rows(job, candidate))
    reach = reach_kth(job, scores, k, len(pool.jobs))
    return PoolTop(job[reach], candidate[reach], scores[reach], sum(looked for _, _, looked in found))


def _search(
    plan: Plan, k: int, block: tuple[Group, NDArray[np.int64]]
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Find who comes within rounding of the k-th of some jobs: job, candidate, and pairs looked at."""
    group, jobs = block
    n_candidates = len(plan.order)
    n_held = np.zeros(len(jobs), np.int64)
    room = min(n_candidates, 2 * k + 2 * LARGEST)
    held, places = np.empty((len(jobs), room)), np.empty((len(jobs), room), np.int64)
    least = np.full(len(jobs), -np.inf)
    amounts, base, most = plan.of_jobs(jobs)
    readers = plan.readers(jobs)
    if plan.one_match:
        amounts = [amounts[0] + base[:, None]]
    lines = np.arange(len(jobs))  # of the block, still open
    start, size, looked = 0, min(FIRST, n_candidates), 0
    while start < n_candidates and len(lines):
        if held.shape[1] < n_held.max() + size:  # many equal scores: nobody of them may be dropped
            held, places = _wider(held, n_held.max() + 2 * size), _wider(places, n_held.max() + 2 * size)
        stretch = slice(start, start + size)
        here = (start, lines, least, n_held, held, places)
        own, codes = group.own[stretch], [read(lines, stretch) for read in readers]
        if plan.one_match:
            push_coded(own, group.reach[start], amounts[0], codes[0], *here)
        else:
            sums = own + base[lines][:, None]
            for table, code in zip(amounts, codes, strict=True):
                add_coded(sums, table, code, lines)
            plan.add_mixed(sums, jobs[lines], start, codes)
            push(sums, *here)
        keep_largest(k, 2 * plan.rounding, *here[1:])
        looked += size * len(lines)
        start += size
        size = min(2 * size, LARGEST, n_candidates - start)
        if start < n_candidates:
            lines = lines[group.reach[start] + base[lines] + most[lines] >= least[lines]]
    job = np.repeat(jobs, n_held)
    place = np.concatenate([line[:n] for line, n in zip(places, n_held, strict=True)])
    return job, plan.order[place], looked


def _wider(array: NDArray[Any], width: int) -> NDArray[Any]:
    out = np.empty((len(array), int(width)), array.dtype)
    out[:, : array.shape[1]] = array
    return out


def reach_kth(job: NDArray[np.int64], scores: NDArray[np.float64], k: int, n_jobs: int) -> NDArray[np.int64]:
    """Positions of the scores that reach the k-th of their job; jobs stand one after the other."""
    ends = np.searchsorted(job, np.arange(n_jobs + 1))
    kept = []
    for start, end in pairwise(ends):
        mine = scores[start:end]
        kth = np.partition(mine, len(mine) - k)[len(mine) - k] if len(mine) > k else -np.inf
        kept.append(start + np.flatnonzero(mine >= kth))
    return np.concatenate(kept)
