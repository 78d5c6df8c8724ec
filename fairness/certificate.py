"""What was promised, and what was measured on untouched data for the scorer that ships."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fairness._parts import statistic_of
from fairness.constraint import FairnessConstraint
from fairness.groups import Groups
from fairness.metrics import bootstrap_over_jobs, compared_jobs, measure_gap
from ranker.ranking import Ranking

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Certificate:
    """A promise and its test.

    Parameters
    ----------
    constraint : FairnessConstraint
        The promise.
    measured : float
        Largest difference of a group from the pool, or ratio of the least- to the
        best-served group, on the test part; NaN where no job holds two groups.
    interval : tuple of float
        Bootstrap interval of ``measured`` at ``level``.
    level : float
        Its nominal coverage.
    unit : str
        What was resampled: jobs, or candidates within jobs.
    by_group : dict of str to float
        Each group's value over the pool's, minus 1, on the test part.
    members : dict of str to int
        Members of each group in the test part.
    n_jobs, n_jobs_compared : int
        Jobs of the test part, and those that hold two groups.
    chosen_on_tune : float
        The measured value on the tune part that the choice was made by.
    met_on_tune : bool
        Whether the choice keeps the bound there; if not, it is the nearest that was found.
    notes : tuple of str
        What a reader must know besides.
    """

    constraint: FairnessConstraint
    measured: float
    interval: tuple[float, float]
    level: float
    unit: str
    by_group: dict[str, float]
    members: dict[str, int]
    n_jobs: int
    n_jobs_compared: int
    chosen_on_tune: float
    met_on_tune: bool
    notes: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """``holds``, ``fails`` or ``undecided``.

        ``holds`` where the measured value keeps the bound; ``fails`` where it breaks it and
        so does the whole interval; ``undecided`` where it breaks it and the interval does
        not, or where nothing could be measured. How sure a ``holds`` is, :attr:`sure` says.
        """
        if not np.all(np.isfinite([self.measured, *self.interval])):
            return "undecided"
        if self.constraint.met_by(self.measured):
            return "holds"
        return "undecided" if any(self.constraint.met_by(end) for end in self.interval) else "fails"

    @property
    def sure(self) -> bool:
        """Whether the whole interval agrees with the verdict; never where it is undecided."""
        ends = [self.constraint.met_by(end) for end in self.interval]
        return {"holds": all(ends), "fails": True, "undecided": False}[self.verdict]

    @property
    def severity(self) -> tuple[int, float]:
        """Sorts certificates from the best to the worst."""
        rank = ("holds", "undecided", "fails").index(self.verdict)
        return rank, float(np.nan_to_num(self.constraint.shortfall(self.measured), nan=np.inf))

    def in_words(self, labels: Mapping[str, str] | None = None) -> str:
        """Say promise, measurement and verdict; ``labels`` are words for the attributes."""

        def said(value: float) -> str:
            return f"{value:.1%}" if self.constraint.kind == "difference" else f"{value:.2f}"

        low, high = map(said, self.interval)
        text = (
            f"Promised: {self.constraint.in_words(labels)}. Measured on the untouched test part: "
            f"{said(self.measured)} ({self.level:.0%} interval {low} to {high}, {self.unit} resampled): "
            f"{self.verdict}{self._how_sure(said)}."
        )
        if not self.met_on_tune:
            text += (
                f" No multiplier met the bound of {said(self.constraint.bound)} on the tune part; "
                f"the nearest reached {said(self.chosen_on_tune)}."
            )
        return text

    def _how_sure(self, said: Callable[[float], str]) -> str:
        """Say what the interval leaves open of a promise that is kept as measured."""
        if self.verdict != "holds" or self.sure:
            return ""
        broken = [end for end in self.interval if not self.constraint.met_by(end)]
        return f" as measured, though these data do not rule out {said(broken[-1])}"

    def to_json(self, labels: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return the certificate as JSON; a value that could not be measured is null."""

        def number(value: float) -> float | None:
            return float(value) if np.isfinite(value) else None

        return {
            "constraint": self.constraint.to_json(),
            "bound": self.constraint.bound,
            "measured": number(self.measured),
            "interval": [number(end) for end in self.interval],
            "level": self.level,
            "unit": self.unit,
            "verdict": self.verdict,
            "sure": self.sure,
            "by_group": {group: number(value) for group, value in self.by_group.items()},
            "members": self.members,
            "n_jobs": self.n_jobs,
            "n_jobs_compared": self.n_jobs_compared,
            "chosen_on_tune": number(self.chosen_on_tune),
            "met_on_tune": self.met_on_tune,
            "notes": list(self.notes),
            "in_words": self.in_words(labels),
        }


def certify(
    constraint: FairnessConstraint,
    ranking: Ranking,
    groups: Groups,
    *,
    chosen_on_tune: float,
    met_on_tune: bool,
    notes: tuple[str, ...] = (),
    random_state: int = 0,
) -> Certificate:
    """Measure a promise on a ranking of untouched candidates.

    Parameters
    ----------
    ranking : Ranking
        Of the test part, by the scorer that ships.
    groups : Groups
        Of its candidates, those that the constraint compares.
    chosen_on_tune, met_on_tune
        What the choice was made by.
    """
    statistic = statistic_of(constraint)
    interval = bootstrap_over_jobs(ranking, groups, statistic, level=LEVEL, random_state=random_state)
    gaps = measure_gap(ranking, groups, measure=constraint.measure, top_k=constraint.top_k)
    n_compared = int(compared_jobs(ranking, groups).sum())
    if interval.unit == "candidates":
        notes += (
            f"The interval is of other candidates for the {n_compared} job(s) that hold two groups, too few to "
            "resample: what other jobs would show it does not say.",
        )
    return Certificate(
        constraint=constraint,
        measured=float(statistic(ranking, groups)),
        interval=(float(interval.low), float(interval.high)),
        level=LEVEL,
        unit=interval.unit,
        by_group={str(group): float(gap) for group, gap in gaps.items()},
        members=groups.counts(),
        n_jobs=ranking.n_jobs,
        n_jobs_compared=n_compared,
        chosen_on_tune=chosen_on_tune,
        met_on_tune=met_on_tune,
        notes=notes,
    )
