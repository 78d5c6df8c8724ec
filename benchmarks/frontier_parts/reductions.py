"""fairlearn's reduction with an EBM as its estimator, the stock way to a fair glass box."""

import time
from typing import Any

import numpy as np
from fairlearn.reductions import DemographicParity, ExponentiatedGradient
from interpret.glassbox import ExplainableBoostingClassifier
from sklearn.dummy import DummyClassifier

from benchmarks.frontier_parts.cases import Case, Part
from benchmarks.frontier_parts.ebms import stock
from benchmarks.frontier_parts.trials import Settings, Trial, quality

BOUNDS = (0.005, 0.2)  # spread geometrically over the trials
RATE = 0.3  # the faster of the grid: every point asks for 20 to 40 fits, and quality hardly depends on it
CUTS = {"median": 0.5, "top fifth": 0.8}  # where graded labels are cut, within each job


def fairlearn_eg(case: Case, settings: Settings) -> list[Trial]:
    """ExponentiatedGradient under demographic parity, its mixture averaged into one score.

    Graded labels are cut in two at a quantile of each job's train part, the one with which the
    unconstrained classifier ranks the tune part best. Members of undisclosed or small groups,
    for whom fairlearn has no place, are left out of the fit. A mixture of classifiers draws one
    at random for every candidate, which is no ranking; the mean of their logits is one.
    """
    pairs = settings.choice_of("ebm_raw_logistic", "ebm_raw")["interactions"]
    choice = {"interactions": pairs, "learning_rate": RATE}
    known = case.train.take(np.flatnonzero(case.train.groups.codes >= 0))
    cut, labels = _labels(case, settings, known, choice)
    trials = []
    for bound in np.geomspace(*BOUNDS, settings.trials):
        start = time.perf_counter()
        reduction = ExponentiatedGradient(
            stock(ExplainableBoostingClassifier, case, settings, **choice),
            DemographicParity(difference_bound=float(bound)),
            max_iter=settings.rounds,
        )
        reduction.fit(known.X, labels, sensitive_features=known.groups.names())
        seconds = time.perf_counter() - start
        setting = {"bound": round(float(bound), 4), "cut": cut, "calls": reduction.n_oracle_calls_, **choice}
        trials.append(Trial(setting, _score(reduction, case.tune), _score(reduction, case.test), seconds))
    return trials


def _labels(case: Case, settings: Settings, train: Part, choice: dict[str, Any]) -> tuple[str, np.ndarray]:
    """Return labels of 0 and 1, and how they were cut."""
    if case.binary:
        return "", train.labels.astype(np.int64)
    found = {}
    for name, quantile in CUTS.items():
        labels = above_quantile(train.labels, train.job, quantile)
        model = stock(ExplainableBoostingClassifier, case, settings, **choice).fit(train.X, labels)
        found[name] = (quality(case.tune, model.decision_function(case.tune.X)), labels)
    best = max(found, key=lambda name: found[name][0])
    return best, found[best][1]


def above_quantile(labels: np.ndarray, job: np.ndarray, quantile: float) -> np.ndarray:
    """Return 1 for labels above a quantile of their job, else 0; (n,) of int64."""
    above = np.zeros(len(labels), dtype=np.int64)
    for name in np.unique(job.astype(str)):
        here = np.flatnonzero(job.astype(str) == name)
        above[here] = labels[here] > np.quantile(labels[here], quantile)
    return above


def _score(reduction: ExponentiatedGradient, part: Part) -> np.ndarray:
    """Mean of the members' logits by their weight; a constant member moves nobody."""
    total = np.zeros(len(part))
    for at, weight in reduction.weights_.items():
        member = reduction.predictors_[at]
        if weight > 0 and not isinstance(member, DummyClassifier):
            total += weight * member.decision_function(part.X)
    return total
