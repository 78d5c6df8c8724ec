"""One split of one task, as every method is given it."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from fairness.groups import Groups
from ranker.app.data import groups_of, load_records
from ranker.app.task import read_task
from ranker.ranking.metrics import shift_gains
from ranker.records.splits import PARTS, share_out

FOLDER = Path(__file__).parents[1] / "tasks"
SHARES = {"tune": 0.2, "test": 0.2}
FEW_JOBS = 20  # below this the candidates of each job are shared out instead of whole jobs

# Tasks of which a part is drawn, once for all splits, so that twenty of them can be run.
ROWS = {"adult": 10_000}

# Each task with the attributes that it is measured by; () is measured for quality alone.
TASKS: dict[str, tuple[str, ...]] = {
    "adult": ("candidate.sex",),
    "findhr": ("candidate.gender_c", "candidate.agg_perceived_foreign_c"),
    "compas": ("candidate.race",),
    "law_school": ("candidate.race",),
    "chile_engineering": ("candidate.highschool",),
    "stackoverflow_applicants": ("candidate.Gender",),
    "bertrand_mullainathan": ("candidate.race",),
    "lightgbm_rank": (),
}


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Rows of the train, tune or test part.

    Parameters
    ----------
    X : DataFrame of n rows
        Features.
    labels, gains : (n,) float64 arrays
        Relevance as recorded, and for NDCG: shifted per job where any is negative.
    job, person : (n,) object arrays
        Labels.
    groups : Groups or None
        Those with at least 2 % of the train part; members of others count as undisclosed.
    """

    X: pd.DataFrame
    labels: np.ndarray
    gains: np.ndarray
    job: np.ndarray
    person: np.ndarray
    groups: Groups | None

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, rows: np.ndarray) -> "Part":
        """Take some rows, by position."""
        return Part(
            self.X.iloc[rows].reset_index(drop=True),
            self.labels[rows],
            self.gains[rows],
            self.job[rows],
            self.person[rows],
            None if self.groups is None else self.groups.take(rows),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One split of one task by one attribute.

    Parameters
    ----------
    task : str
        Name of the task.
    attribute : str
        Path of the protected field; ``""`` where nobody is protected.
    split : int
        Number of the split, which is its seed and that of every method.
    train, tune, test : Part
        What fits, what chooses, what is measured.
    """

    task: str
    attribute: str
    split: int
    train: Part
    tune: Part
    test: Part

    @property
    def binary(self) -> bool:
        """Whether labels are 0 and 1."""
        return set(np.unique(self.train.labels)) <= {0.0, 1.0}


def attributes(task: str) -> tuple[str, ...]:
    """Attributes that a task is measured by; ``("",)`` where nobody is protected."""
    return TASKS[task] or ("",)


def case_of(task: str, attribute: str, split: int) -> Case:
    """Read a task, share it out and keep the groups that are large enough in its train part.

    Raises
    ------
    SourceError
        If the data are not where the task file looks for them.
    """
    everything = _load(task, attribute)
    parts = parts_of(everything.job, everything.person, split)
    rows = {name: np.flatnonzero(parts == name) for name in PARTS}
    if everything.groups is None:
        taken = {name: everything.take(at) for name, at in rows.items()}
    else:
        kept = everything.groups.only(everything.groups.take(rows["train"]).large())
        fields = (everything.X, everything.labels, everything.gains, everything.job, everything.person)
        taken = {name: Part(*fields, kept).take(at) for name, at in rows.items()}
    return Case(task, attribute, split, **taken)


def parts_of(job: np.ndarray, person: np.ndarray, split: int) -> np.ndarray:
    """Share rows out over train, tune and test: whole jobs where there are 20, else candidates."""
    by = "job" if len(set(job)) >= FEW_JOBS else "candidate"
    return share_out(job, person, by=by, seed=split, **SHARES)


@lru_cache(maxsize=2)
def _load(name: str, attribute: str) -> Part:
    task = read_task(FOLDER / f"{name}.toml")
    records = load_records(task, labelled=True)
    labels = np.asarray(records.relevance, dtype=np.float64)
    if name in ROWS:
        records = records.take(np.random.default_rng(0).permutation(len(records))[: ROWS[name]])
        labels = np.asarray(records.relevance, dtype=np.float64)
    return Part(
        pd.DataFrame(task.features.compute(records)),
        labels,
        shift_gains(labels, records.job) if (labels < 0).any() else labels,
        records.job.astype(object),
        records.candidate.astype(object),
        groups_of(records, (attribute,)) if attribute else None,
    )
