"""Data, models and drawn candidates that every method is tried on."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from explain.posthoc import TreeShap
from ranker.app.data import load_records
from ranker.app.task import Task, read_task
from ranker.records import Records
from ranker.records.splits import split_parts
from ranker.scoring import AdditiveScorer, EBMRanker
from ranker.scoring.training import centre

TASK = Path(__file__).parents[1] / "tasks" / "findhr.toml"
SEED = 0
BACKGROUND = 92
POOL = 734


@dataclass(frozen=True, eq=False)
class Setting:
    """One data set, an EBM and boosted trees trained on the same part of it.

    Parameters
    ----------
    task : Task
        What the data are.
    records : Records
        All its pairs.
    scorer : AdditiveScorer
        The white box.
    trees : LGBMRegressor
        Trained on the same features, pairs and labels.
    drawn : (n,) int array
        Pairs that are explained; none was trained on.
    """

    task: Task
    records: Records
    scorer: AdditiveScorer
    trees: Any
    drawn: np.ndarray

    @classmethod
    def of(cls, n_candidates: int, bags: int) -> "Setting":
        """Train both models on the train part, and draw candidates from the test part."""
        from lightgbm import LGBMRegressor

        task = read_task(TASK)
        records = load_records(task, labelled=True)
        split = task.split
        parts = split_parts(records, by=split.by, tune=split.tune, test=split.test, seed=split.seed)
        table, train = task.features.compute(records), parts == "train"
        labels, job = np.asarray(records.relevance)[train], records.job[train]
        ranker = EBMRanker("centred", outer_bags=bags, random_state=SEED)
        ranker.fit(table[train], labels, job=job, candidate=records.candidate[train])
        trees = LGBMRegressor(n_estimators=100, num_leaves=15, random_state=SEED, n_jobs=1, verbose=-1)
        trees.fit(table[train], centre(labels, job))
        test = np.flatnonzero(parts == "test")
        drawn = np.sort(np.random.default_rng(SEED).choice(test, n_candidates, replace=False))
        return cls(task, records, ranker.scorer_, trees, drawn)

    def predict(self, records: Records) -> np.ndarray:
        """Score raw records by the EBM, as if nothing were known of it."""
        return self.scorer.score(self.task.features.compute(records))

    def without_interactions(self) -> "Setting":
        """Return the same with the terms of one feature alone: each amount is then nobody's but its feature's."""
        alone = tuple(term for term in self.scorer.terms if len(term.features) == 1)
        return replace(self, scorer=replace(self.scorer, terms=alone))

    @property
    def tree_shap(self) -> TreeShap:
        """The explainer of the trees."""
        return TreeShap(self.trees)

    @cached_property
    def background(self) -> np.ndarray:
        """Return the pairs whose records stand for "not known"; those that `explain_black_box` draws."""
        rng = np.random.default_rng(SEED)
        return np.sort(rng.choice(len(self.records), BACKGROUND, replace=False))

    def for_job_of(self, pair: int, candidates: np.ndarray) -> Records:
        """Return the candidates of some pairs as if they had applied for a pair's job."""
        rows = {entity: of_pair[candidates] for entity, of_pair in self.records.rows.items()}
        rows["job"] = np.full(len(candidates), self.records.rows["job"][pair])
        return replace(
            self.records,
            rows=rows,
            candidate=self.records.candidate[candidates],
            job=np.full(len(candidates), self.records.job[pair], dtype=object),
            relevance=None,
        )

    def pool(self, size: int = POOL) -> Records:
        """Return that many different people as one pool, for the job with the largest one."""
        jobs, counts = np.unique(self.records.job.astype(str), return_counts=True)
        pair = int(np.flatnonzero(self.records.job == jobs[counts.argmax()])[0])
        own_first = np.argsort(self.records.job != self.records.job[pair], kind="stable")
        _, first = np.unique(self.records.candidate[own_first].astype(str), return_index=True)
        return self.for_job_of(pair, own_first[np.sort(first)[:size]])


@dataclass(slots=True)
class Counted:
    """A model that counts the rows that it is asked about."""

    model: Callable[[Any], np.ndarray]
    rows: int = 0

    def __call__(self, given: Records | pd.DataFrame) -> np.ndarray:
        """Score them."""
        self.rows += len(given)
        return self.model(given)
