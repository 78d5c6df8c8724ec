"""Two EBMs fitted apart, one taken from the other: what constraints have to beat."""

import time

import numpy as np

from benchmarks.frontier_parts.cases import Case, Part
from benchmarks.frontier_parts.ours import ranker
from benchmarks.frontier_parts.paths import Scores, walk
from benchmarks.frontier_parts.trials import Settings, Trial, rank
from fairness.metrics import exposure

LAMBDAS = np.concatenate([[0.0], 2.0 ** np.arange(-4.0, 3.01, 0.0625)])  # in units of the spread of relevance


def subtraction(case: Case, settings: Settings) -> list[Trial]:
    """Relevance less lambda times membership of the most exposed group, each an EBM of its own.

    Lambdas are chosen from many by the exposure ratios that they reach on the tune part, as
    the points of FairRanker are.
    """
    start = time.perf_counter()
    choice = settings.choice_of("ebm_centred")
    train = case.train

    def fitted(labels: np.ndarray, rows: np.ndarray) -> Scores:
        model = ranker(case, settings, "centred", **choice)
        model.fit(train.X.iloc[rows], labels[rows], job=train.job[rows], candidate=train.person[rows])
        return Scores(model.decision_function(case.tune.X), model.decision_function(case.test.X))

    relevance = fitted(train.labels, np.arange(len(train)))
    favoured = most_exposed(case.tune, relevance.tune)
    signal = np.where(train.groups.codes == train.groups.labels.index(favoured), -1.0, 1.0)
    others = fitted(signal, np.flatnonzero(train.groups.codes >= 0))
    unit = within_jobs(relevance.tune, case.tune.job) / max(within_jobs(others.tune, case.tune.job), 1e-12)
    seconds = time.perf_counter() - start
    setting = {"less": favoured, "unit": round(unit, 5), **choice}
    return walk(case, relevance, others, unit * LAMBDAS, settings.trials, setting, seconds)


def most_exposed(part: Part, scores: np.ndarray) -> str:
    """Name the group with the most exposure in a ranking by scores."""
    return str(exposure(rank(part, scores), part.groups).idxmax())


def within_jobs(scores: np.ndarray, job: np.ndarray) -> float:
    """Root mean square of scores about the mean of their job."""
    _, code = np.unique(job.astype(str), return_inverse=True)
    mean = np.bincount(code, weights=scores) / np.bincount(code)
    return float(np.sqrt(np.mean((scores - mean[code]) ** 2)))
