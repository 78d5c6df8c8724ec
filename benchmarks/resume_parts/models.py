"""What labels are given by: our ordinal EBM, interpret's multiclass EBM, LightGBM and XGBoost."""

import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from interpret.glassbox import ExplainableBoostingClassifier

from benchmarks.frontier_parts.trials import Skipped
from benchmarks.resume_parts.cases import Case, Part
from ranker.resume.balancing import class_weights
from ranker.scoring.ordinal import OrdinalEBM
from ranker.scoring.training import draw_bags

__all__ = ["GLASS", "MODELS", "Fitted", "chosen"]

TREES, PATIENCE = 1_000, 50
Proba = Callable[[pd.DataFrame], np.ndarray]

OURS = ({"interactions": 0}, {"interactions": "2x"}, {"interactions": "2x", "learning_rate": 0.02})
MULTICLASS = ({"learning_rate": 0.04}, {"learning_rate": 0.015})
LIGHTGBM = (
    {"num_leaves": 7, "learning_rate": 0.05},
    {"num_leaves": 15, "learning_rate": 0.05},
    {"num_leaves": 31, "learning_rate": 0.03, "min_child_samples": 50},
    {"num_leaves": 7, "learning_rate": 0.05, "class_weight": "balanced"},
)
XGBOOST = (
    {"max_depth": 3, "learning_rate": 0.05},
    {"max_depth": 5, "learning_rate": 0.05},
    {"max_depth": 4, "learning_rate": 0.05, "min_child_weight": 10},
    {"max_depth": 3, "learning_rate": 0.05, "balanced": True},
)


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """One model of one case, and what it says.

    Parameters
    ----------
    tune, test : (n, K) arrays
        Probabilities of the labels.
    seconds : float
        Processor time of this fit.
    setting : dict
        What it was fitted with.
    model : object
        The model, where explanations are taken from it.
    said : (n_test,) int array, optional
        Labels that the model gives itself; else the most probable.
    best : (n_test,) int array, optional
        Labels by the model's own thresholds for macro-F1.
    before : (n_test, K) array, optional
        Probabilities before calibration.
    """

    tune: np.ndarray
    test: np.ndarray
    seconds: float
    setting: Mapping[str, Any]
    model: Any = None
    said: np.ndarray | None = None
    best: np.ndarray | None = None
    before: np.ndarray | None = None


def ours(case: Case, setting: Mapping[str, Any]) -> Fitted:
    """One score with ordered thresholds, as it ships."""
    from ranker.scoring.ordinal_labels import best_thresholds

    X, y, part, person = _training(case)
    start = time.process_time()
    model = OrdinalEBM(case.labels, n_threads=1, **setting).fit(X, y, part=part, candidate=person)
    seconds = time.process_time() - start
    scores, tune = model.decision_function(case.test.X), model.decision_function(case.tune.X)
    labels = model.labels_
    best = np.searchsorted(best_thresholds(labels.calibration, tune), scores, side="right")
    return Fitted(
        labels.predict_proba(tune), labels.predict_proba(scores), seconds, setting, model,
        said=labels.predict(scores), best=best, before=model.uncalibrated_.predict_proba(scores),
    )  # fmt: skip


def multiclass(case: Case, setting: Mapping[str, Any]) -> Fitted:
    """One additive score a label (interpret); of two labels, one score and pairs."""
    part, start = case.train, time.process_time()
    model = ExplainableBoostingClassifier(
        outer_bags=8, interactions="2x" if len(case.labels) == 2 else 0, n_jobs=1, random_state=0, **setting
    )
    bags = draw_bags(part.y, 8, candidate=part.person, validation_size=0.15, random_state=0)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Missing values detected")
        model.fit(part.X, part.y, bags=bags)
    seconds = time.process_time() - start
    tune, test = model.predict_proba(case.tune.X), model.predict_proba(case.test.X)
    return Fitted(tune, test, seconds, setting)


def lightgbm(case: Case, setting: Mapping[str, Any]) -> Fitted:
    """Boosted trees, stopped early by the tune part's log-loss."""
    try:
        import lightgbm as package
    except ImportError as error:
        raise Skipped(f"LightGBM is not installed ({error}): pip install lightgbm") from None
    coded, start = coder(case.train), time.process_time()
    model = package.LGBMClassifier(
        n_estimators=TREES, n_jobs=1, random_state=0, deterministic=True, verbose=-1, **setting
    )
    with warnings.catch_warnings():
        # 4.7 has another name for eval_set; 4.5 knows no other.
        warnings.filterwarnings("ignore", message="The argument 'eval_set' is deprecated")
        model.fit(
            coded(case.train.X), case.train.y, eval_set=[(coded(case.tune.X), case.tune.y)],
            callbacks=[package.early_stopping(PATIENCE, verbose=False)],
        )  # fmt: skip
    return _fitted(model, case, coded, start, setting)


def xgboost(case: Case, setting: Mapping[str, Any]) -> Fitted:
    """Boosted trees, stopped early by the tune part's log-loss."""
    try:
        import xgboost as package
    except ImportError as error:
        raise Skipped(f"XGBoost is not installed ({error}): pip install xgboost") from None
    given = {name: value for name, value in setting.items() if name != "balanced"}
    coded, start = coder(case.train), time.process_time()
    model = package.XGBClassifier(
        n_estimators=TREES, early_stopping_rounds=PATIENCE, n_jobs=1, random_state=0,
        enable_categorical=True, eval_metric="logloss" if len(case.labels) == 2 else "mlogloss", **given,
    )  # fmt: skip
    weight = class_weights(case.train.y.tolist())
    weights = np.array([weight[label] for label in case.train.y.tolist()])
    model.fit(
        coded(case.train.X), case.train.y, sample_weight=weights if "balanced" in setting else None,
        eval_set=[(coded(case.tune.X), case.tune.y)], verbose=False,
    )  # fmt: skip
    return _fitted(model, case, coded, start, setting)


def coder(train: Part) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Write texts as categories of the train part; others are missing."""
    known = {name: train.X[name].dropna().unique() for name in train.X if train.X[name].dtype == object}
    return lambda X: X.assign(**{name: pd.Categorical(X[name], values) for name, values in known.items()})


def chosen(fits: list[Fitted], y: np.ndarray) -> Fitted:
    """Return the fit whose probabilities say most of the tune part, by log-loss."""
    own = np.arange(len(y)), y
    return max(fits, key=lambda fit: float(np.log(np.maximum(fit.tune[own], 1e-12)).mean()))


def _training(case: Case) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, np.ndarray]:
    X = pd.concat([case.train.X, case.tune.X], ignore_index=True)
    part = np.repeat(np.array(["train", "tune"], dtype=object), [len(case.train.y), len(case.tune.y)])
    return (
        X,
        np.concatenate([case.train.y, case.tune.y]),
        part,
        np.concatenate([case.train.person, case.tune.person]),
    )


def _fitted(model: Any, case: Case, coded: Any, start: float, setting: Mapping[str, Any]) -> Fitted:
    seconds = time.process_time() - start
    tune, test = (model.predict_proba(coded(part.X)) for part in (case.tune, case.test))
    return Fitted(np.float64(tune), np.float64(test), seconds, setting, model)


Model = Callable[[Case, Mapping[str, Any]], Fitted]
GLASS = "candor ordinal EBM"
MODELS: Mapping[str, tuple[Model, tuple[Mapping[str, Any], ...]]] = {
    GLASS: (ours, OURS),
    "multiclass EBM": (multiclass, MULTICLASS),
    "LightGBM": (lightgbm, LIGHTGBM),
    "XGBoost": (xgboost, XGBOOST),
}
