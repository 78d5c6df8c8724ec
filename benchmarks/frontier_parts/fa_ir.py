"""FA*IR: re-rank so that every prefix holds enough protected candidates."""

import time
from dataclasses import replace

import numpy as np

from benchmarks.frontier_parts.cases import Case, Part
from benchmarks.frontier_parts.quality import QUALITY
from benchmarks.frontier_parts.subtraction import most_exposed
from benchmarks.frontier_parts.trials import Settings, Skipped, Trial
from fairness.rerank import minimum_table

ALPHA = 0.1
FACTORS = (0.8, 1.6)  # of the protected share of each pool; up to 1.15 the top hardly changes
HIGHEST = 0.98  # the largest p that fairsearchcore takes


def fa_ir(case: Case, settings: Settings) -> list[Trial]:
    """Re-rank what the best unconstrained scorer of the split gives, with groups of whom it ranks."""
    if not settings.best:
        raise Skipped("needs the choices of the quality methods on this split: run them first")
    start = time.perf_counter()
    (base,) = QUALITY[settings.best](case, replace(settings, only=settings.chosen[settings.best]))
    favoured = most_exposed(case.tune, base.tune)
    seconds = time.perf_counter() - start
    return [
        Trial(
            {"factor": round(float(factor), 3), "scorer": settings.best, "unprotected": favoured},
            rerank(case.tune, base.tune, favoured, float(factor)),
            rerank(case.test, base.test, favoured, float(factor)),
            seconds,
        )
        for factor in np.linspace(*FACTORS, settings.trials)
    ]


def rerank(part: Part, scores: np.ndarray, favoured: str, factor: float) -> np.ndarray:
    """Re-rank every job with ``p = factor * protected share of its pool``; new scores are places counted down."""
    protected = protected_of(part, favoured)
    job = part.job.astype(str)
    new = np.empty(len(part))
    for name in np.unique(job):
        here = np.flatnonzero(job == name)
        order = here[np.argsort(-scores[here], kind="stable")]
        share = min(factor * float(protected[order].mean()), HIGHEST)
        if share > 0 and not protected[order].all():
            order = order[fair_order(protected[order], minimum_table(len(order), share, ALPHA))]
        new[order] = -np.arange(len(order), dtype=np.float64)
    return new


def protected_of(part: Part, favoured: str) -> np.ndarray:
    """Flag the members of all groups but one; undisclosed people are not protected."""
    codes = part.groups.codes
    return (codes >= 0) & (codes != part.groups.labels.index(favoured))


def fair_order(protected: np.ndarray, minimum: np.ndarray) -> np.ndarray:
    """Take the best candidate at every place, or the best protected one where the table asks for one.

    Parameters
    ----------
    protected : (n,) bool array
        Of candidates in the order of their scores.
    minimum : (n,) int array
        As `minimum_table` gives it.

    Returns
    -------
    (n,) int array
        Positions in the old order, in the new order.
    """
    queues = [np.flatnonzero(~protected), np.flatnonzero(protected)]
    taken = [0, 0]
    order = np.empty(len(protected), dtype=np.int64)
    for place, least in enumerate(minimum):
        left = [taken[kind] < len(queues[kind]) for kind in (0, 1)]
        if not left[0] or (left[1] and taken[1] < least):
            kind = 1
        elif not left[1]:
            kind = 0
        else:
            kind = int(queues[1][taken[1]] < queues[0][taken[0]])
        order[place] = queues[kind][taken[kind]]
        taken[kind] += 1
    return order
