"""A small ranker and a small classifier, trained once a process on generated data."""

import csv
import json
import re
import tempfile
from functools import cache
from pathlib import Path

import pytest

from ranker.app.resume_model import train_resumes
from ranker.app.resume_task import read_resume_task
from ranker.app.served import Served
from ranker.app.task import parse_task, read_task
from ranker.app.training import train
from ranker.records.generated_resumes import generate_resumes
from ranker.records.synthetic import generate

PROTECTED = ("gender", "origin")
_kept = []  # folders that live as long as the process


@cache
def folder() -> Path:
    _kept.append(tempfile.TemporaryDirectory())
    return Path(_kept[0].name)


@cache
def ranker_directory() -> Path:
    """The directory of a ranker of two bags; the data lie beside it in ``data``."""
    task = generate(folder() / "data", n_candidates=120, n_jobs=12, applications_per_job=20)
    text = re.sub(r"\[training\][^\[]*", "", task.read_text(encoding="utf-8"))
    text += '\n[training]\nobjective = "pairwise"\nouter_bags = 2\ninteractions = 2\n'
    task.write_text(text, encoding="utf-8")
    train(read_task(task)).save(folder() / "ranker")
    return folder() / "ranker"


@cache
def classifier_directory() -> Path:
    """The directory of a classifier of two bags; the data lie beside it in ``resumes``."""
    task = generate_resumes(folder() / "resumes", n=300, seed=3, dirt=0.1)
    with task.open("a", encoding="utf-8") as file:
        file.write("\n[training]\nouter_bags = 2\ninteractions = 2\n")
    train_resumes(read_resume_task(task)).save(folder() / "classifier")
    return folder() / "classifier"


@cache
def make_served() -> Served:
    """Both, served."""
    return Served.load(ranker_directory(), classifier_directory())


@pytest.fixture(scope="session", name="served")
def served_fixture() -> Served:
    return make_served()


@cache
def _files() -> tuple[list, list, list]:
    data = ranker_directory().parent / "data"
    lists = [
        [json.loads(line) for line in (data / name).read_text(encoding="utf-8").splitlines()]
        for name in ("candidates.jsonl", "jobs.jsonl")
    ]
    with (data / "applications.csv").open(encoding="utf-8", newline="") as file:
        return lists[0], lists[1], list(csv.DictReader(file))


def pool_body(job: int = 0, **more) -> dict:
    """A body for one of the jobs and those who applied for it, without protected fields."""
    candidates, jobs, applications = json.loads(json.dumps(_files()))
    own = [row for row in applications if row["job_id"] == jobs[job]["id"]]
    who = {row["candidate_id"] for row in own}
    people = [{k: v for k, v in one.items() if k not in PROTECTED} for one in candidates if one["id"] in who]
    rows = [{k: row[k] for k in ("candidate_id", "job_id", "work_permit")} for row in own]
    return {"job": jobs[job], "candidates": people, "applications": rows, **more}


def resumes(n: int = 60) -> list[dict]:
    """Résumés as they were written, those that have an id and a domain."""
    classifier_directory()
    lines = (folder() / "resumes" / "resumes.jsonl").read_text(encoding="utf-8").splitlines()
    found = []
    for line in lines:
        try:
            one = json.loads(line)
        except ValueError:
            continue
        if isinstance(one, dict) and one.get("id") and isinstance(one.get("preferred_domain"), str):
            found.append(one)
    return found[:n]


def task_of(text: str):
    """A task from its text, for readers of pools; nothing is read."""
    return parse_task(text, Path())
