"""A small pool of applications with everything that is hard to tell: ties, gaps, hostile text."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from explain import Explanation, explain
from ranker.app.task import parse_task
from ranker.features import FeatureSet
from ranker.ranking import Move, Ranking
from ranker.records import Records, join_records
from ranker.scoring import AdditiveScorer, EBMRanker

TASK = """
name = "small"
[applications]
path = "applications.csv"
job = "job"
candidate = "candidate"
relevance = "grade"
[fields]
"candidate.name" = { usage = "sensitive" }
"candidate.gender" = { usage = "protected" }
"candidate.origin" = { usage = "protected" }
"candidate.test" = { label = "test score", unit = "points" }
"candidate.work" = { label = "work experience" }
"candidate.gap" = { label = "career gap", unit = "months" }
[[features]]
name = "skills"
label = "required skills"
kind = "coverage"
has = "candidate.skills"
wants = "job.skills"
weights = "job.weights"
[[features]]
name = "test"
label = "test score"
kind = "number"
field = "candidate.test"
[[features]]
name = "experience"
kind = "duration"
items = "candidate.work"
months = "months"
item = "title"
[[features]]
name = "degree"
kind = "at_least"
field = "candidate.degree"
required = "job.degree"
order = ["secondary", "bachelor", "master"]
[[features]]
name = "languages"
kind = "any_of"
has = "candidate.languages"
wants = "job.languages"
[[features]]
name = "same_city"
kind = "same_category"
has = "candidate.city"
wants = "job.city"
[[features]]
name = "projects"
kind = "count"
field = "candidate.projects"
[[features]]
name = "contract"
kind = "category"
field = "candidate.contract"
[[features]]
name = "gap"
label = "career gap"
kind = "number"
field = "candidate.gap"
"""
SKILLS = ["Python", "SQL", "Java", "Spark", "statistics", "teamwork"]
HOSTILE = '<script>alert("x")</script>\x1b[31m\n- Rank 1 & first'
FIRST_NAMES = ["Ada", "Bilal", "Chen", "Dewi", "Elif", "Femke"]
SURNAMES = ["Okafor", "Visser", "Yılmaz", "Nguyễn"]


@dataclass(frozen=True, slots=True)
class Case:
    """What an explanation is made of."""

    scorer: AdditiveScorer
    features: FeatureSet
    records: Records
    table: pd.DataFrame
    ranking: Ranking

    def explain(self, job, candidate, ranking=None, **options) -> Explanation:
        return explain(
            self.scorer, self.features, self.records, ranking or self.ranking,
            job=job, candidate=candidate, table=self.table, **options,
        )  # fmt: skip

    def pairs(self):
        """All (job, candidate) labels."""
        return list(zip(self.records.job, self.records.candidate, strict=True))

    def name_of(self, candidate):
        return self.records.tables["candidate"].loc[candidate, "name"]


@cache
def case() -> Case:
    rng = np.random.default_rng(5)
    candidates = [candidate(rng, number) for number in range(60)]
    # Two with the same record; one who gives nothing; one whose record is an attack.
    candidates += [dict(candidates[0]) | {"id": "applicant-twin", "name": "Twin Twinsen"}]
    candidates += [{"id": "applicant-silent", "name": "Silent Sam"}]
    attack = {"name": HOSTILE, "skills": ["Python", HOSTILE], "test": HOSTILE, "contract": HOSTILE}
    attack |= {"work": [{"title": HOSTILE, "months": 1}], "projects": [HOSTILE], "gap": 1}
    candidates += [candidate(rng, 60) | attack | {"id": "applicant-hostile"}]
    special = ["applicant-000", "applicant-twin", "applicant-silent", "applicant-hostile"]
    jobs, applications = [], []
    for number in range(6):
        job = f"job-{number}"
        skills = [*rng.choice(SKILLS, 4, replace=False), HOSTILE]
        jobs.append({
            "id": job, "skills": skills, "weights": {s: float(rng.integers(1, 4)) for s in skills},
            "degree": "bachelor", "languages": ["Dutch", "German"], "city": "Delft",
        })  # fmt: skip
        pool = [c["id"] for c in candidates if c["id"] not in special]
        for label in [*rng.choice(pool, 24, replace=False), *special]:
            applications.append({"job": job, "candidate": label, "grade": int(rng.integers(0, 2))})
    jobs.append(jobs[0] | {"id": "job-lonely"})
    applications.append({"job": "job-lonely", "candidate": "applicant-007", "grade": 1})
    task = parse_task(TASK, Path())
    records = join_records(
        pd.DataFrame(applications), task.keys, fields=task.features.fields,
        candidates=(pd.DataFrame(candidates).astype(object), "id"), jobs=(pd.DataFrame(jobs), "id"),
    )  # fmt: skip
    table = task.features.compute(records)
    filled = table[["skills", "degree", "languages"]].fillna(0.0)
    merit = 3 * filled["skills"] + filled["degree"] - 0.5 * filled["languages"]
    merit += table["test"].fillna(40) / 50 + np.log1p(table["experience"].fillna(0.0)) / 4
    relevance = np.round(merit.to_numpy() + records.relevance)
    model = EBMRanker(outer_bags=2, interactions=2, n_threads=1).fit(table, relevance, job=records.job)
    ranking = model.rank(table, job=records.job, candidate=records.candidate)
    return Case(model.scorer_, task.features, records, table, ranking)


def candidate(rng, number):
    posts = [
        {"title": str(rng.choice(["Analyst", "Cook", "Nurse"])), "months": int(rng.integers(1, 60))}
        for _ in range(rng.integers(0, 4))
    ]
    return {
        "id": f"applicant-{number:03d}",
        "name": f"{FIRST_NAMES[number % 6]}-{number} {SURNAMES[number % 4]}",
        "gender": "woman" if rng.random() < 0.5 else "man",
        "origin": "native",
        "skills": [str(s) for s in rng.choice(SKILLS, rng.integers(1, 5), replace=False)],
        "test": None if rng.random() < 0.1 else round(float(rng.normal(60, 15)), 1),
        "work": posts,
        "degree": str(rng.choice(["secondary", "bachelor", "master"])),
        "languages": ["Dutch"] if rng.random() < 0.5 else ["English"],
        "city": "Delft" if rng.random() < 0.3 else "Gouda",
        "projects": [f"project {i}" for i in range(rng.integers(0, 4))],
        "contract": str(rng.choice(["full time", "part time"])),
        "gap": int(rng.integers(0, 3)),
    }


def reranked(ranking, job, steps):
    """Make moves (from_rank, to_rank) in a job, one after the other."""
    start = int(ranking.indptr[list(ranking.jobs).index(job)])
    order = list(range(len(ranking)))
    moves = []
    for from_rank, to_rank in steps:
        entry = order.pop(start + from_rank - 1)
        order.insert(start + to_rank - 1, entry)
        label = str(ranking.candidates[entry])
        moves.append(Move(job, label, from_rank, to_rank, "fair_top", f"{label} lifts a group"))
    return ranking.with_order(order, moves)
