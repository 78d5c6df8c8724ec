"""The two tasks, who may change what in them, and the cases that are drawn."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from explain.change.changes import Prices
from explain.change.cheapest_change import pool_of, pool_rows
from explain.change.goal import Goal, Pool
from explain.change.person import Person
from explain.change.space import Space, space_of
from ranker.app.model import Model
from ranker.app.task import parse_task
from ranker.app.training import train
from ranker.records import Records
from ranker.records.synthetic import generate

TASKS = Path(__file__).parents[1] / "tasks"
TOP_K = 10


# Both sides of every comparison may change these and nothing else; a gap and a city stay as they are.
@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """A trained task and its features."""

    name: str
    model: Model
    records: Records
    table: pd.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One candidate who is not among the first ten and asks how to get there."""

    setting: Setting
    pairs: np.ndarray
    pool: Pool
    goal: Goal
    person: Person

    def space(self) -> Space:
        """Work out what could be done."""
        task = self.setting.model.task
        return space_of(self.person, task.actions or (), task.requirements)


def setting_of(name: str, folder: Path, *, bags: int) -> Setting:
    """Train a task, or read what an earlier run trained."""
    home = folder / f"{name}-{bags}"
    text = task_text(name, home.with_name(home.name + "-data"), bags)
    if not (home / "task.toml").is_file() or (home / "task.toml").read_text("utf-8") != text:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".gitignore").write_text("*\n", "utf-8")
        train(parse_task(text, TASKS, name=name)).save(home)
    model = Model.load(home)
    records = model.load_records()
    return Setting(name, model, records, model.task.features.compute(records))


def task_text(name: str, data: Path, bags: int) -> str:
    """Write the task with its actions; the fairness constraint is left out, which no cost depends on."""
    training = f'objective = "centred"\nouter_bags = {bags}\n'
    if name == "findhr":
        text = (TASKS / "findhr.toml").read_text("utf-8") + f"\n[training]\n{training}"
    else:
        text = generate(data, seed=42).read_text("utf-8").replace("[training]\n", f"[training]\n{training}")
        for file in ("candidates.jsonl", "jobs.jsonl", "applications.csv"):
            text = text.replace(f'"{file}"', f'"{(data / file).resolve()}"')
    return text.partition("[fairness]")[0] + _after_fairness(text)


def _after_fairness(text: str) -> str:
    """Return the sections behind [fairness]."""
    rest = text.partition("[fairness]")[2]
    return "\n[" + rest.partition("\n[")[2] if "\n[" in rest else ""


def drawn(setting: Setting, n: int, seed: int = 0) -> list[Case]:
    """Draw candidates who are not among the first ten of their job."""
    ranking = setting.model.rank(setting.records, setting.table)
    outside = np.sort(ranking.row[ranking.ranks > TOP_K])
    chosen = np.random.default_rng(seed).permutation(outside)[:n]
    return [_case(setting, int(row)) for row in chosen]


def _case(setting: Setting, row: int) -> Case:
    model, records = setting.model, setting.records
    job, candidate = records.job[row], records.candidate[row]
    pairs, at = pool_rows(records, job, candidate)
    pool = pool_of(model.scorer, model.task.features, records, pairs, at, setting.table)
    person = Person(records, row, model.task.features, model.scorer, Prices(str(candidate)))
    return Case(setting, pairs, pool, Goal.top(pool, TOP_K), person)
