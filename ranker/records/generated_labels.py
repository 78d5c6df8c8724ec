"""Labels of generated résumés: by the stated rule, and by people who weigh things in their own way."""

import math
from dataclasses import dataclass
from random import Random

import numpy as np

__all__ = ["LABELS", "Merits", "own_judgements", "rule_of"]

LABELS = ("Not Fit", "Partial Fit", "Fit")  # lowest first

# How people judge, in standard deviations over all résumés: what they look at, how far their weights
# for it lie apart (of the logarithm), how far their strictness does, and how far each of them differs
# from themselves from one résumé to the next.
WEIGHTS = {"ratio": 1.0, "score": 0.9, "years": 0.5, "projects": 0.4}
N_ANNOTATORS = 6
OWN_WEIGHT, STRICTNESS, INCONSISTENCY = 0.4, 0.3, 0.35
YEARS_SCALE, PROJECTS_SCALE = 4.0, 1.5  # the fifth year, and the third project, say less than the first


@dataclass(frozen=True, slots=True)
class Merits:
    """What a label rests on: true values, whatever dirt is on them.

    Parameters
    ----------
    ratio : float
        Share of the domain's required skills, in [0, 1].
    score : float
        Test score over 100, in [0, 1].
    projects : int
        Number of projects.
    years : float
        Years of work, all posts together.
    """

    ratio: float
    score: float
    projects: int
    years: float


def rule_of(merits: Merits) -> str:
    """Label by the rule; the first line that holds decides.

    ===========  ================================================
    Fit          ratio >= .70 and score >= .75 and projects >= 1
    Not Fit      ratio < .40 or score < .50
    Partial Fit  else
    ===========  ================================================
    """
    if merits.ratio >= 0.7 and merits.score >= 0.75 and merits.projects >= 1:
        return "Fit"
    return "Not Fit" if merits.ratio < 0.4 or merits.score < 0.5 else "Partial Fit"


def own_judgements(rng: Random, merits: list[Merits], rules: list[str]) -> list[tuple[int, str]]:
    """Label every résumé by a person's own weighting.

    Parameters
    ----------
    rng : Random
        Draws the people, who of them judges which résumé, and their inconsistency.
    merits : list of Merits, ``n`` of them
        True values.
    rules : list of str, ``n`` of them
        Labels by the rule. People give each label as often as the rule does, all of them together.

    Returns
    -------
    list of (int, str)
        The person's number, and their label.
    """
    people = [
        (
            np.array([weight * math.exp(OWN_WEIGHT * rng.gauss(0, 1)) for weight in WEIGHTS.values()]),
            STRICTNESS * rng.gauss(0, 1),
        )
        for _ in range(N_ANNOTATORS)
    ]
    seen = np.array([
        (m.ratio, m.score, 1 - math.exp(-m.years / YEARS_SCALE), 1 - math.exp(-m.projects / PROJECTS_SCALE))
        for m in merits
    ])  # fmt: skip
    seen = (seen - seen.mean(axis=0)) / np.maximum(seen.std(axis=0), 1e-9)
    judges = [rng.randrange(N_ANNOTATORS) for _ in merits]
    judged = np.empty(len(merits))
    for row, judge in enumerate(judges):
        weights, strictness = people[judge]
        judged[row] = (
            weights @ seen[row] / np.linalg.norm(weights) - strictness + INCONSISTENCY * rng.gauss(0, 1)
        )
    shares = np.cumsum([rules.count(label) / len(rules) for label in LABELS])[:-1]
    codes = np.searchsorted(np.quantile(judged, shares), judged, side="right")
    return [(judge, LABELS[code]) for judge, code in zip(judges, codes.tolist(), strict=True)]
