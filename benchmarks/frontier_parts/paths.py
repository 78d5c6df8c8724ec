"""Points along a path of corrections, chosen by what they do on the tune part."""

from dataclasses import dataclass

import numpy as np

from benchmarks.frontier_parts.cases import Case
from benchmarks.frontier_parts.trials import Setting, Trial, rank
from fairness.metrics import exposure_ratio


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """One model's scores of the tune and the test part."""

    tune: np.ndarray
    test: np.ndarray


def walk(
    case: Case,
    base: Scores,
    correction: Scores,
    factors: np.ndarray,
    n: int,
    setting: Setting,
    seconds: float,
) -> list[Trial]:
    """Add multiples of a correction to a score, and take ``n`` of them as trials.

    Parameters
    ----------
    case : Case
        What is scored.
    base, correction : Scores
        What is ranked by without a constraint, and what is added to it.
    factors : (n_factors,) float64 array
        Multiples to choose from, ascending from 0.
    n : int
        Trials.
    setting : dict
        Of every trial; its ``factor`` is added.
    seconds : float
        Spent on the models, for all trials together.
    """
    tune = [base.tune + factor * correction.tune for factor in factors]
    ratios = np.array([exposure_ratio(rank(case.tune, scores), case.tune.groups) for scores in tune])
    return [
        Trial(
            {"factor": round(float(factors[at]), 5), **setting},
            tune[at],
            base.test + factors[at] * correction.test,
            seconds,
        )
        for at in spread(ratios, n)
    ]


def spread(tune_ratios: np.ndarray, n: int) -> list[int]:
    """Choose ``n`` points of a path so that their exposure ratios on the tune part lie evenly.

    The path begins with its unconstrained point, which is always chosen, and ends for this
    purpose where the ratio is highest; a longer path would only go on to what harms.

    Returns
    -------
    list of int
        Positions in the path, ascending; fewer than ``n`` where the path is shorter.
    """
    ratios = np.where(np.isnan(tune_ratios), -np.inf, tune_ratios)
    last = int(np.argmax(ratios))
    if last < n:
        return list(range(min(n, len(ratios))))
    chosen = {0, last}
    for wanted in np.linspace(ratios[0], ratios[last], n)[1:-1]:
        free = [at for at in range(last + 1) if at not in chosen]
        chosen.add(min(free, key=lambda at: abs(ratios[at] - wanted)))
    return sorted(chosen)
