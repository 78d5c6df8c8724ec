"""Matching skills, and the whole way from raw applications to a ranked list.

People have 12 of 5,000 skills and jobs want 8, drawn by Zipf's law. The index of the people's side is
ready on both sides, ours and scipy's; results are made anew each time. The whole way begins with tables
of raw texts in memory: it joins and cleans them, parses their nested fields, computes 7 features, scores
with 7 terms and 6 pairs, orders, and makes a DataFrame; nothing is kept from one call to the next.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from benchmarks.speed.row import Case, Row
from ranker.app.task import Task, read_task
from ranker.features.matching import SkillIndex
from ranker.ranking import Ranking
from ranker.records import Records, join_records, read_table
from ranker.records.cleaning import Keys
from ranker.records.ledger import Ledger
from ranker.scoring.additive import AdditiveScorer, Axis, Term

__all__ = ["ROWS", "draw_skills"]

N_SKILLS, PER_PERSON, PER_JOB = 5_000, 12, 8
DRAWN_AT_ONCE = 100_000  # sets
TASK = Path(__file__).parents[1] / "tasks" / "findhr.toml"
LARGEST_JOB = "2"  # 734 applications, of 589 people


def draw_skills(n: int, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw sets of ``size`` skills by Zipf's law: skill ``i`` comes 1 / (i + 1) as often as skill 0.

    Returns
    -------
    indptr, ids : (n + 1,) int64, (n * size,) int32
        Sorted within a set.
    """
    share = np.cumsum(1 / (1 + np.arange(N_SKILLS)))
    ids = np.empty((n, size), np.int32)
    for start in range(0, n, DRAWN_AT_ONCE):
        _draw(ids[start : start + DRAWN_AT_ONCE], share, rng)
    return np.arange(0, n * size + 1, size), ids.ravel()


def _draw(ids: np.ndarray, share: np.ndarray, rng: np.random.Generator) -> None:
    """Fill some sets in place: (n, size)."""
    size = ids.shape[1]
    todo = np.arange(len(ids))
    while todo.size:
        # Drawn again as a whole where a skill came twice would favour rare skills: only the repeated ones are.
        drawn = np.searchsorted(share, rng.random((todo.size, 5 * size)) * share[-1])
        order = np.argsort(drawn, axis=1, kind="stable")
        in_order = np.take_along_axis(drawn, order, axis=1)
        first = np.ones(drawn.shape, bool)
        np.put_along_axis(first, order[:, 1:], in_order[:, 1:] != in_order[:, :-1], axis=1)
        first &= np.cumsum(first, axis=1) <= size
        full = first.sum(axis=1) == size
        ids[todo[full]] = np.sort(drawn[full][first[full]].reshape(-1, size), axis=1)
        todo = todo[~full]


def _sparse(indptr: np.ndarray, ids: np.ndarray, dtype: Any) -> sp.csr_array:
    shape = (indptr.size - 1, N_SKILLS)
    return sp.csr_array((np.ones(ids.size, dtype), ids, indptr.astype(np.int32)), shape)


def _many_jobs(scale: float, n_threads: int) -> Case:
    rng = np.random.default_rng(0)
    n_jobs, n_people = max(1, round(1_000 * scale)), max(1, round(10_000 * scale))
    people, jobs = draw_skills(n_people, PER_PERSON, rng), draw_skills(n_jobs, PER_JOB, rng)
    index = SkillIndex.of(*people, n_skills=N_SKILLS)
    wanted, had = _sparse(*jobs, np.uint8), _sparse(*people, np.uint8).T.tocsr()
    return Case(
        ours=lambda: index.counts(*jobs, n_threads=n_threads),
        peers={
            "scipy sparse product": lambda: wanted @ had,
            "scipy sparse product, dense": lambda: (wanted @ had).toarray(),
        },
        n=n_jobs * n_people,
        n_bytes=float(n_jobs * n_people),
    )


def _many_people(scale: float, n_threads: int) -> Case:
    rng = np.random.default_rng(0)
    n_people = max(1, round(1_000_000 * scale))
    people, job = draw_skills(n_people, PER_PERSON, rng), draw_skills(1, PER_JOB, rng)
    index = SkillIndex.of(*people, n_skills=N_SKILLS)
    # float32 is the quickest dtype for scipy: 4.4 ns a person, uint8 4.8, float64 6.0.
    had, wanted = _sparse(*people, np.float32), _sparse(*job, np.float32).toarray()[0]
    return Case(
        ours=lambda: index.counts(*job),
        peers={"scipy CSR . vector": lambda: had @ wanted},
        n=n_people,
        n_bytes=float(n_people),
    )


def _whole_way(scale: float, n_threads: int) -> Case:
    """Prepare what lies in memory: three tables of texts as a CSV file holds them, and a scorer."""
    task = read_task(TASK)
    tables = {
        entity: read_table(path, table=entity, ledger=Ledger()) for entity, (path, _) in task.sources.items()
    }
    applications, candidates = tables["application"], tables["candidate"]
    applications = applications[applications[task.keys.job] == LARGEST_JOB]
    applications = applications.head(max(1, round(len(applications) * scale)))
    key = task.sources["candidate"][1]
    candidates = candidates[candidates[key].isin(applications[task.keys.candidate])]
    tables |= {"application": applications, "candidate": candidates}
    scorer = _scorer(task.features.compute(_records(task, tables)))

    def rank() -> pd.DataFrame:
        records = _records(task, tables)
        scores = scorer.score(task.features.compute(records))
        ranking = Ranking.from_scores(
            scores, job=records.job, candidate=records.candidate, lot=records.lots()
        )
        return ranking.to_frame()

    return Case(ours=rank, peers={}, n=1)


def _records(task: Task, tables: dict[str, pd.DataFrame]) -> Records:
    sources = {entity: (tables[entity], str(key)) for entity, (_, key) in task.sources.items()}
    return join_records(
        tables["application"],
        Keys(task.keys.job, task.keys.candidate),
        candidates=sources["candidate"],
        jobs=sources["job"],
        fields=task.features.fields,
        requirements=task.requirements,
        ledger=Ledger(),
    )


def _scorer(table: pd.DataFrame, n_cuts: int = 32) -> AdditiveScorer:
    """Cut every feature at the quantiles of its values, as training does; the heights are drawn."""
    rng = np.random.default_rng(0)
    values = [column[~np.isnan(column)] for column in table.to_numpy().T]
    cuts = [np.unique(np.quantile(v, np.linspace(0, 1, n_cuts))) if v.size else np.zeros(0) for v in values]
    axes = tuple(Axis(name, "continuous", (c,)) for name, c in zip(table.columns, cuts, strict=True))
    pairs = [(a, a + 1) for a in range(len(axes) - 1)]
    terms = [
        Term(on, rng.normal(size=[cuts[a].size + 3 for a in on]))
        for on in [(a,) for a in range(len(axes))] + pairs
    ]
    return AdditiveScorer(axes, tuple(terms), 0.0)


def _same(ours: np.ndarray, peer: Any) -> bool:
    dense = peer.toarray() if sp.issparse(peer) else peer
    return bool(np.array_equal(ours, dense.reshape(ours.shape)))


ROWS: tuple[Row, ...] = (
    Row(
        name="match 1,000 jobs x 10,000 people",
        work="count the skills in common of 1,000 jobs x 10,000 people",
        unit="pair",
        prepare=_many_jobs,
        same=_same,
        agreement="to the last bit",
        targets={"scipy sparse product": 7.0},
        aims={"scipy sparse product": 20.0},
        with_threads=True,
        more=2,
    ),
    Row(
        name="match 1 job x 1M people",
        work="count the skills in common of 1 job x 1,000,000 people",
        unit="person",
        prepare=_many_people,
        same=_same,
        agreement="to the last bit",
        targets={"scipy CSR . vector": 25.0},
        aims={"scipy CSR . vector": 60.0},
    ),
)

if all(path.is_file() for path, _ in read_task(TASK).sources.values()):
    ROWS += (
        Row(
            name="raw applications to ranked list",
            work="raw applications to a ranked list, 734 for one job of findhr",
            unit="list",
            prepare=_whole_way,
            same=lambda ours, peer: bool(ours.equals(peer)),
            agreement="to the last bit",
        ),
    )
