"""What a method is given and hands back, and how it is measured."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.frontier_parts.cases import Case, Part
from fairness.metrics import exposure_ratio, impact_ratio, mean_rank_difference
from ranker.ranking import Ranking
from ranker.ranking.metrics import ndcg

TRIALS = 6  # settings that every method may try, or points of its frontier
BAGS = 2  # outer bags of every EBM, ours and others'
ROUNDS = 6  # of fairlearn's exponentiated gradient, the least after which it may stop by itself

Setting = dict[str, Any]


class Skipped(Exception):
    """A method cannot run here, such as for want of its package; says why."""


class DidNotFinish(Exception):
    """A method gave no result within its limit of time, or not on such data; says why."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is equal for all methods of a run.

    Parameters
    ----------
    trials : int
        Settings that a method may try, or points of its frontier.
    bags : int
        Outer bags of every EBM.
    rounds : int
        At most, of fairlearn's exponentiated gradient.
    limit : float
        Seconds of one case after which a package of others counts as not finished.
    chosen : dict of str to dict
        The setting that each quality method chose on the tune part of this very split.
    best : str
        The quality method whose choice was the best of them, by the tune part.
    only : dict, optional
        The one setting that a quality method is to try.
    """

    trials: int = TRIALS
    bags: int = BAGS
    rounds: int = ROUNDS
    limit: float = 60.0
    chosen: Mapping[str, Setting] = field(default_factory=dict)
    best: str = ""
    only: Setting | None = None

    def grid(self, settings: Sequence[Setting]) -> tuple[Setting, ...]:
        """Return what a quality method is to try, of the settings that it has."""
        return tuple(settings)[: self.trials] if self.only is None else (self.only,)

    def choice_of(self, *methods: str) -> Setting:
        """Return the choice of the first of some quality methods that has one."""
        for method in methods:
            if method in self.chosen:
                return dict(self.chosen[method])
        raise Skipped(f"needs what {' or '.join(methods)} chose on this split: run it first")


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """Scores of one setting; higher is better, only differences within a job mean something.

    Parameters
    ----------
    setting : dict
        What distinguishes the trial from others of its method.
    tune, test : (n,) float64 arrays
        Scores of the two parts' rows.
    seconds : float
        Spent on this trial alone.
    """

    setting: Setting
    tune: np.ndarray
    test: np.ndarray
    seconds: float


Method = Callable[[Case, Settings], list[Trial]]
Score = Callable[[Part], np.ndarray]


def search(case: Case, grid: Iterable[Setting], fit: Callable[..., Score]) -> list[Trial]:
    """Fit ``fit(case, **setting)`` for every setting and score tune and test with what it returns."""
    trials = []
    for setting in grid:
        start = time.perf_counter()
        score = fit(case, **setting)
        seconds = time.perf_counter() - start
        trials.append(Trial(setting, score(case.tune), score(case.test), seconds))
    return trials


def rank(part: Part, scores: np.ndarray) -> Ranking:
    """Rank a part by scores."""
    return Ranking.from_scores(scores, job=part.job, candidate=part.person)


def quality(part: Part, scores: np.ndarray) -> float:
    """NDCG@10 + NDCG@50, by which settings are chosen on the tune part."""
    ranking = rank(part, scores)
    return ndcg(ranking, part.gains, k=10) + ndcg(ranking, part.gains, k=50)


def measure(part: Part, scores: np.ndarray) -> dict[str, float]:
    """Measure one trial on one part; groups are measured where there are any."""
    ranking = rank(part, scores)
    found = {f"ndcg_{k}": ndcg(ranking, part.gains, k=k) for k in (10, 50)}
    if part.groups is not None:
        found["exposure_ratio"] = exposure_ratio(ranking, part.groups)
        found["mean_rank_difference"] = mean_rank_difference(ranking, part.groups)
        found["impact_ratio_10"] = impact_ratio(ranking, part.groups, top_k=10)
    return found
