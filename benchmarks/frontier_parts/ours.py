"""Candor's own methods; a new one is one function here and one line below it."""

import time
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.frontier_parts.cases import Case
from benchmarks.frontier_parts.ebms import MANY_COLUMNS, grid
from benchmarks.frontier_parts.trials import Method, Score, Setting, Settings, Trial, search
from fairness import FairnessConstraint, FairRanker
from ranker.scoring import EBMRanker

PLAIN: Setting = {"interactions": 5, "learning_rate": 0.1}  # of "auto", which tries objectives instead


def ranker(case: Case, settings: Settings, objective: str, **setting: Any) -> EBMRanker:
    """Return an unfitted ranker of one objective."""
    return EBMRanker(objective, outer_bags=settings.bags, n_threads=1, random_state=case.split, **setting)


def tuned(case: Case, settings: Settings, objective: str) -> list[Trial]:
    """Try the grid of all EBMs with one of our objectives."""
    return search(case, grid(case, settings), fitter(case, settings, objective))


def fitter(case: Case, settings: Settings, objective: str) -> Any:
    """Return what fits one objective with a setting."""

    def fit(_: Case, **setting: Any) -> Score:
        train = case.train
        given = {name: value for name, value in setting.items() if name != "objective"}
        model = ranker(case, settings, setting.get("objective", objective), **given)
        model.fit(train.X, train.labels, job=train.job, candidate=train.person)
        return lambda part: model.decision_function(part.X)

    return fit


def ebm_centred(case: Case, settings: Settings) -> list[Trial]:
    """EBMRanker on labels centred per job."""
    return tuned(case, settings, "centred")


def ebm_pairwise(case: Case, settings: Settings) -> list[Trial]:
    """EBMRanker on pairs of candidates."""
    return tuned(case, settings, "pairwise")


def ebm_lambdarank(case: Case, settings: Settings) -> list[Trial]:
    """EBMRanker on pairs weighed by what swapping them would change."""
    return tuned(case, settings, "lambdarank")


def ebm_auto(case: Case, settings: Settings) -> list[Trial]:
    """EBMRanker's default: five objectives at one setting, and its own choice among them on the tune part."""
    many = case.train.X.shape[1] > MANY_COLUMNS
    setting = settings.only or ({**PLAIN, "interactions": 0} if many else PLAIN)
    start = time.perf_counter()
    parts = (case.train, case.tune)
    model = ranker(case, settings, "auto", **{k: v for k, v in setting.items() if k != "objective"})
    model.fit(
        pd.concat([part.X for part in parts], ignore_index=True),
        np.concatenate([part.labels for part in parts]),
        job=np.concatenate([part.job for part in parts]),
        candidate=np.concatenate([part.person for part in parts]),
        part=np.repeat(("train", "tune"), [len(part) for part in parts]).astype(object),
    )
    seconds = time.perf_counter() - start
    found = {"objective": model.objective_, **setting}
    return [Trial(found, model.decision_function(case.tune.X), model.decision_function(case.test.X), seconds)]


def fair_ranker(case: Case, settings: Settings) -> list[Trial]:
    """Fit one FairRanker and ship it for ratios on the tune part that lie evenly between none and its best."""
    start = time.perf_counter()
    parts = (case.train, case.tune, case.test)
    setting: Setting = settings.choice_of("ebm_centred")
    model = FairRanker(
        ranker(case, settings, "auto", **setting),
        FairnessConstraint("exposure", attribute=case.attribute, bound=0.01, kind="ratio"),
        strategy="response",
        random_state=case.split,
    )
    model.fit(
        pd.concat([part.X for part in parts], ignore_index=True),
        np.concatenate([part.labels for part in parts]),
        job=np.concatenate([part.job for part in parts]),
        candidate=np.concatenate([part.person for part in parts]),
        sensitive_features=np.concatenate([part.groups.names() for part in parts]),
        part=np.repeat(("train", "tune", "test"), [len(part) for part in parts]).astype(object),
    )
    lowest = float(model.frontier_["exposure_ratio"].iloc[0])
    highest = model.with_bound(1.0).certificate_.chosen_on_tune
    trials = []
    for ratio in np.linspace(lowest, max(highest, lowest), settings.trials):
        shipped = model.with_bound(float(ratio))
        found = {"ratio": round(float(ratio), 4), "objective": shipped.objective_, **setting}
        score = shipped.decision_function
        trials.append(Trial(found, score(case.tune.X), score(case.test.X), time.perf_counter() - start))
        start = time.perf_counter()
    return trials


QUALITY: dict[str, Method] = {
    "ebm_centred": ebm_centred,
    "ebm_pairwise": ebm_pairwise,
    "ebm_lambdarank": ebm_lambdarank,
    "ebm_auto": ebm_auto,
}
FAIR: dict[str, Method] = {"fair_ranker": fair_ranker}

# What peers are compared with: differences are ours less theirs.
QUALITY_OF_OURS, FAIR_OF_OURS = "ebm_auto", "fair_ranker"
