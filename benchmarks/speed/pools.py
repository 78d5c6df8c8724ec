"""From raw skill ids to the exact first hundred of every job."""

from collections.abc import Callable
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from interpret.glassbox import ExplainableBoostingRegressor

from benchmarks.speed.matching import N_SKILLS, PER_JOB, PER_PERSON, draw_skills
from benchmarks.speed.row import Case, Row
from ranker import AdditiveScorer, Ranking
from ranker.features.matching import IdSets
from ranker.ranking.metrics import ndcg
from ranker.scoring.pool import Pool
from ranker.scoring.pool_counts import CountMatch
from ranker.scoring.pool_top import PoolTop, top_of_pool

__all__ = ["GROWS", "ROWS"]

OWN = (
    *("experience", "test_score", "months_since_last_job", "n_projects", "n_languages"),
    *(f"rating_{number}" for number in range(1, 10)),
)
FEATURES = (*OWN, "seniority", "coverage")
TOP = 100
PEER_JOBS = 10  # of the 1,000; the others would take peers minutes, and no job differs from the next


@lru_cache(maxsize=2)
def models(n_jobs: int, per_job: int) -> tuple[ExplainableBoostingRegressor, Any, dict[str, float]]:
    """Train an EBM and LightGBM's 100 trees on the same pairs; NDCG@10 of both on jobs that neither saw."""
    rng = np.random.default_rng(1)
    frame, relevance, job = _training_pairs(n_jobs, per_job, rng)
    seen = job < n_jobs // 2
    ebm = ExplainableBoostingRegressor(
        interactions=[("experience", "seniority")], outer_bags=2, max_rounds=400, n_jobs=1, random_state=0
    ).fit(frame[seen], relevance[seen])
    scorer = AdditiveScorer.from_ebm(ebm)

    def measured(scores: np.ndarray) -> float:
        return float(ndcg(Ranking.from_scores(scores, job=job[~seen]), relevance[~seen], k=10))

    quality = {"NDCG@10, EBM": measured(scorer.score(frame[~seen]))}
    trees = None
    if find_spec("lightgbm"):
        import lightgbm

        data = lightgbm.Dataset(frame[seen].to_numpy(), relevance[seen])
        settings = {"objective": "regression", "verbose": -1, "num_threads": 1, "seed": 0}
        trees = lightgbm.train(settings, data, num_boost_round=100)
        quality["NDCG@10, LightGBM"] = measured(trees.predict(frame[~seen].to_numpy(), num_threads=1))
    return ebm, trees, quality


def _training_pairs(n_jobs: int, per_job: int, rng: np.random.Generator) -> tuple[Any, Any, Any]:
    job = np.repeat(np.arange(n_jobs), per_job)
    frame = _people(len(job), rng)
    frame["seniority"] = rng.integers(0, 4, n_jobs).astype(float)[job]
    frame["coverage"] = rng.binomial(PER_JOB, 0.2, len(job)) / PER_JOB
    worth = (
        3.0 * frame["coverage"]
        + 0.03 * frame["test_score"]
        + np.minimum(frame["experience"], 3.0 + 4.0 * frame["seniority"]) / 5.0
        - 0.01 * np.minimum(frame["months_since_last_job"], 60.0)
        + 0.1 * np.sqrt(frame["n_projects"])
    )
    for number in range(1, 10):
        worth += 0.05 * number * np.sin(frame[f"rating_{number}"])
    noisy = worth + rng.normal(0, 0.7, len(job))
    return frame, np.clip(np.round(noisy - noisy.mean() + 1.0), 0, 4).to_numpy(), job


def _people(n: int, rng: np.random.Generator) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "experience": rng.gamma(2.0, 4.0, n),
            "test_score": np.clip(rng.normal(65.0, 20.0, n), 0.0, 100.0),
            "months_since_last_job": rng.exponential(12.0, n),
            "n_projects": rng.poisson(3.0, n).astype(float),
            "n_languages": rng.integers(1, 5, n).astype(float),
            **{f"rating_{number}": rng.normal(size=n) for number in range(1, 10)},
        }
    )


def drawn_pool(n_candidates: int, n_jobs: int) -> tuple[Pool, IdSets, IdSets]:
    """Draw people and jobs, their skills by Zipf's law."""
    rng = np.random.default_rng(2)
    had = IdSets.checked(*draw_skills(n_candidates, PER_PERSON, rng), what="skills of people")
    wanted = IdSets.checked(*draw_skills(n_jobs, PER_JOB, rng), what="skills of jobs")
    jobs = pd.DataFrame({"seniority": rng.integers(0, 4, n_jobs).astype(float)})
    pool = Pool(_people(n_candidates, rng), jobs, {"coverage": CountMatch(had, wanted, N_SKILLS)})
    return pool, had, wanted


def _first_hundred(scale: float, n_threads: int) -> Case:
    n_candidates, n_jobs = max(1, round(100_000 * scale)), max(1, round(1_000 * scale))
    pool, had, wanted = drawn_pool(n_candidates, n_jobs)
    ebm, trees, quality = models(*((400, 100) if scale > 0.01 else (40, 20)))
    scorer = AdditiveScorer.from_ebm(ebm)
    n_peer = min(PEER_JOBS, n_jobs)
    people = _sparse(had).T.tocsr()

    def by(predict: Callable[[np.ndarray], np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
        """Match, predict, and partition, job by job."""
        rows = np.empty((n_candidates, len(FEATURES)))
        rows[:, : len(OWN)] = pool.candidates.to_numpy()
        counts = (_sparse(wanted)[:n_peer] @ people).toarray()
        found = []
        for job in range(n_peer):
            rows[:, -2], rows[:, -1] = pool.jobs["seniority"].iloc[job], counts[job] / PER_JOB
            scores = predict(rows)
            top = np.argpartition(-scores, min(TOP, n_candidates) - 1)[:TOP]
            top = top[np.argsort(-scores[top], kind="stable")]
            found.append((top, scores[top]))
        return found

    peers: dict[str, Callable[[], Any]] = {
        "scipy, interpret, argpartition": lambda: by(ebm.predict),
    }
    if trees is not None:
        peers["scipy, LightGBM 100 trees, argpartition"] = lambda: by(
            lambda rows: trees.predict(rows, num_threads=1)
        )
    return Case(
        ours=lambda: top_of_pool(scorer, pool, TOP, n_threads=n_threads),
        peers=peers,
        n=n_candidates * n_jobs,
        n_of_peer=dict.fromkeys(peers, n_candidates * n_peer),
        quality=quality,
    )


def _sparse(sets: IdSets) -> sp.csr_array:
    shape = (sets.n_sets, N_SKILLS)
    return sp.csr_array((np.ones(sets.ids.size, np.uint8), sets.ids, sets.indptr.astype(np.int32)), shape)


def _same(ours: PoolTop, theirs: Any) -> bool:
    """Whether the scores of each job's first hundred are the same; of another model's, whether there are as many."""
    if isinstance(theirs, PoolTop):
        return all(
            np.array_equal(getattr(ours, name), getattr(theirs, name))
            for name in ("job", "candidate", "scores")
        )
    mine = [
        np.sort(ours.scores[ours.job == job])[::-1][: len(found)] for job, (found, _) in enumerate(theirs)
    ]
    return all(len(line) == len(found) for line, (found, _) in zip(mine, theirs, strict=True))


ROWS = (
    Row(
        name="first hundred of a pool",
        work="raw skill ids to the exact top 100, 1,000 jobs x 100,000 people",
        unit="pair",
        prepare=_first_hundred,
        same=_same,
        agreement="to the last bit with interpret; LightGBM ranks by a model of its own",
        targets={"scipy, LightGBM 100 trees, argpartition": 500, "scipy, interpret, argpartition": 100},
        aims={"scipy, LightGBM 100 trees, argpartition": 2000},
        with_threads=True,
    ),
)


def _grown(n_candidates: int, n_jobs: int) -> Case:
    pool, _, _ = drawn_pool(n_candidates, n_jobs)
    scorer = AdditiveScorer.from_ebm(models(400, 100)[0])
    return Case(lambda: top_of_pool(scorer, pool, TOP), {}, n_candidates * n_jobs)


GROWS = {
    "first hundred of ten jobs": (lambda n: _grown(n, 10), (100_000, 1_000_000, 10_000_000)),
    "first hundred of many jobs, 10,000 people": (lambda n: _grown(10_000, n), (10, 100, 1_000, 10_000)),
}
