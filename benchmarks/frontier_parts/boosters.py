"""Boosted trees that are trained to rank: LightGBM's lambdarank and XGBoost's rank:ndcg."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from benchmarks.frontier_parts.cases import Case, Part
from benchmarks.frontier_parts.trials import Score, Setting, Settings, Skipped, Trial, search

MAX_GRADES = 31  # grades 0 .. 30: LightGBM's default; real-valued labels are cut at train quantiles
TREES, PATIENCE = 500, 50

LIGHTGBM: tuple[Setting, ...] = (
    {"num_leaves": 15, "learning_rate": 0.05, "lambdarank_truncation_level": 60, "min_child_samples": 20},
    {"num_leaves": 7, "learning_rate": 0.1, "lambdarank_truncation_level": 60, "min_child_samples": 20},
    {"num_leaves": 31, "learning_rate": 0.05, "lambdarank_truncation_level": 60, "min_child_samples": 20},
    {"num_leaves": 7, "learning_rate": 0.03, "lambdarank_truncation_level": 200, "min_child_samples": 50},
    {"num_leaves": 15, "learning_rate": 0.05, "lambdarank_truncation_level": 1000, "min_child_samples": 20},
    {"num_leaves": 4, "learning_rate": 0.05, "lambdarank_truncation_level": 200, "min_child_samples": 5},
)
XGBOOST: tuple[Setting, ...] = (
    {"max_depth": 4, "learning_rate": 0.1, "lambdarank_pair_method": "topk", "min_child_weight": 1},
    {"max_depth": 3, "learning_rate": 0.05, "lambdarank_pair_method": "mean", "min_child_weight": 1},
    {"max_depth": 6, "learning_rate": 0.05, "lambdarank_pair_method": "topk", "min_child_weight": 1},
    {"max_depth": 3, "learning_rate": 0.1, "lambdarank_pair_method": "topk", "min_child_weight": 10},
    {"max_depth": 5, "learning_rate": 0.1, "lambdarank_pair_method": "mean", "min_child_weight": 10},
    {"max_depth": 2, "learning_rate": 0.1, "lambdarank_pair_method": "mean", "min_child_weight": 1},
)
PAIRS_PER_PERSON = {"topk": 60, "mean": 4}


def lightgbm(case: Case, settings: Settings) -> list[Trial]:
    """LambdaMART of LightGBM, stopped early by NDCG@50 of the tune part."""
    try:
        import lightgbm as package
    except ImportError as error:
        raise Skipped(f"LightGBM is not installed ({error}): pip install lightgbm") from None
    data = Graded.of(case)

    def fit(_: Case, **setting: Any) -> Score:
        model = package.LGBMRanker(
            objective="lambdarank",
            n_estimators=TREES,
            label_gain=list(range(MAX_GRADES + 1)),
            n_jobs=1,
            random_state=case.split,
            deterministic=True,
            verbose=-1,
            **setting,
        )
        model.fit(
            data.train.X,
            data.train.grades,
            group=data.train.sizes,
            eval_set=[(data.tune.X, data.tune.grades)],
            eval_group=[data.tune.sizes],
            eval_at=[50],
            callbacks=[package.early_stopping(PATIENCE, verbose=False)],
        )
        return lambda part: model.predict(data.coded(part.X))

    return search(case, settings.grid(LIGHTGBM), fit)


def xgboost(case: Case, settings: Settings) -> list[Trial]:
    """LambdaMART of XGBoost, stopped early by NDCG@50 of the tune part."""
    try:
        import xgboost as package
    except ImportError as error:
        raise Skipped(f"XGBoost is not installed ({error}): pip install xgboost") from None
    data = Graded.of(case)

    def fit(_: Case, **setting: Any) -> Score:
        model = package.XGBRanker(
            objective="rank:ndcg",
            ndcg_exp_gain=False,
            lambdarank_num_pair_per_sample=PAIRS_PER_PERSON[setting["lambdarank_pair_method"]],
            n_estimators=TREES,
            early_stopping_rounds=PATIENCE,
            eval_metric="ndcg@50",
            enable_categorical=True,
            n_jobs=1,
            random_state=case.split,
            **setting,
        )
        model.fit(
            data.train.X,
            data.train.grades,
            group=data.train.sizes,
            eval_set=[(data.tune.X, data.tune.grades)],
            eval_group=[data.tune.sizes],
            verbose=False,
        )
        return lambda part: model.predict(data.coded(part.X))

    return search(case, settings.grid(XGBOOST), fit)


@dataclass(frozen=True, slots=True, eq=False)
class Sorted:
    """Rows of a part sorted by job, as both packages want them: features, grades, rows of each job."""

    X: pd.DataFrame
    grades: np.ndarray
    sizes: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Graded:
    """Train and tune part with categories as codes and labels as whole grades."""

    train: Sorted
    tune: Sorted
    categories: dict[str, pd.Index]

    @classmethod
    def of(cls, case: Case) -> Self:
        """Prepare a case; categories and cuts of labels are those of its train part."""
        frame = case.train.X
        categories = {
            name: pd.Index(frame[name].dropna().unique()) for name in frame if frame[name].dtype == object
        }
        self = cls(None, None, categories)  # type: ignore[arg-type]
        train, tune = (self._sorted(part, case.train.labels) for part in (case.train, case.tune))
        return cls(train, tune, categories)

    def coded(self, X: pd.DataFrame) -> pd.DataFrame:
        """Write texts as categories of the train part; others are missing."""
        return X.assign(**{name: pd.Categorical(X[name], known) for name, known in self.categories.items()})

    def _sorted(self, part: Part, train_labels: np.ndarray) -> Sorted:
        order = np.argsort(part.job.astype(str), kind="stable")
        _, sizes = np.unique(part.job.astype(str), return_counts=True)
        return Sorted(self.coded(part.X.iloc[order]), grades(part.labels[order], train_labels), sizes)


def grades(labels: np.ndarray, train_labels: np.ndarray) -> np.ndarray:
    """Return whole grades from 0: labels that are such, or positions among the train part's quantiles."""
    whole = np.array_equal(train_labels, np.round(train_labels))
    if whole and train_labels.min() >= 0 and train_labels.max() < MAX_GRADES:
        return np.clip(labels, 0, MAX_GRADES - 1).astype(np.int64)
    cuts = np.unique(np.quantile(train_labels, np.linspace(0, 1, MAX_GRADES + 1)[1:-1]))
    return np.searchsorted(cuts, labels, side="right")
