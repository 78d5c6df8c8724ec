"""The rows that choose and that test, and the groups that are large enough to be compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from fairness.constraint import FairnessConstraint
from fairness.groups import Groups
from fairness.metrics import MeasureStatistic, exposure_ratio
from ranker.errors import ConstraintError
from ranker.ranking import Ranking
from ranker.ranking.metrics import ndcg


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The tune or the test part, with each constraint and the groups that it compares."""

    X: Any
    gains: np.ndarray
    job: np.ndarray
    candidate: np.ndarray
    demands: tuple[tuple[FairnessConstraint, Groups], ...]
    lot: np.ndarray | None = None

    def rank(self, scores: np.ndarray) -> Ranking:
        return Ranking.from_scores(scores, job=self.job, candidate=self.candidate, lot=self.lot)

    def measure(self, scores: np.ndarray) -> dict[str, float | bool]:
        """Return quality, the measure of each constraint, and by how much the worst misses its bound."""
        ranking = self.rank(scores)
        gaps = [float(statistic_of(c)(ranking, groups)) for c, groups in self.demands]
        missed = [c.shortfall(gap) for (c, _), gap in zip(self.demands, gaps, strict=True)]
        names = gap_names([c for c, _ in self.demands])
        return {
            "ndcg": ndcg(ranking, self.gains, k=10),
            "ndcg_50": ndcg(ranking, self.gains, k=50),
            **dict(zip(names, gaps, strict=True)),
            "exposure_ratio": min(exposure_ratio(ranking, groups) for _, groups in self.demands),
            "missed": float(np.max(missed)),
            "met": bool(
                np.isfinite(gaps).all()
                and all(c.met_by(gap) for (c, _), gap in zip(self.demands, gaps, strict=True))
            ),
        }


def statistic_of(constraint: FairnessConstraint) -> MeasureStatistic:
    """Return the one number that a constraint bounds."""
    return MeasureStatistic(constraint.measure, constraint.kind, constraint.top_k)  # type: ignore[arg-type]


def gap_names(constraints: list[FairnessConstraint]) -> list[str]:
    """Name the measures of constraints: "gap", and with several the attribute behind it."""
    if len(constraints) == 1:
        return ["gap"]
    return [f"gap: {name}" for name in constraint_names(constraints)]


def constraint_names(constraints: Sequence[FairnessConstraint]) -> list[str]:
    """Name constraints by their attributes, and those of the same ones by what they bound."""
    names = [" × ".join(c.attributes) for c in constraints]
    measures = [f"{c.measure} {c.kind}" + (f", top {c.top_k}" if c.top_k else "") for c in constraints]
    return [
        f"{name} ({measure})" if names.count(name) > 1 else name
        for name, measure in zip(names, measures, strict=True)
    ]


def as_groups(sensitive_features: Any, constraint: FairnessConstraint) -> Groups:
    """Read the groups of a constraint; several columns are crossed.

    Raises
    ------
    ConstraintError
        If the number of columns is not that of the constraint's attributes.
    """
    if isinstance(sensitive_features, Groups):
        return sensitive_features
    names = constraint.attributes
    if isinstance(sensitive_features, pd.DataFrame):
        by_name = set(names) <= set(map(str, sensitive_features.columns))
        values = (sensitive_features[list(names)] if by_name else sensitive_features).to_numpy(dtype=object)
    else:
        values = np.asarray(sensitive_features, dtype=object)
    columns = list(values.T) if values.ndim == 2 else [values]
    if len(columns) != len(names):
        raise ConstraintError(
            f"the constraint names {len(names)} attribute(s), sensitive_features has {len(columns)} column(s)"
        )
    groups = Groups.from_values(columns[0], attribute=names[0])
    for name, column in zip(names[1:], columns[1:], strict=True):
        groups = groups.intersect(Groups.from_values(column, attribute=name))
    return groups


def comparable(groups: Groups, train: np.ndarray, min_share: float) -> tuple[Groups, tuple[str, ...]]:
    """Keep the groups that are large enough in the train part; say which are not."""
    seen = groups.take(train)
    counts, large = seen.counts(), seen.large(min_share=min_share)
    notes = tuple(
        f"group {label!r} has {counts[label]} of the {len(train)} rows of the train part, less than {min_share:.0%}: "
        "it is ranked like everybody and not part of the constraint"
        for label in groups.labels
        if label not in large
    )
    if groups.n_undisclosed:
        notes += (
            f"{groups.n_undisclosed} row(s) of undisclosed group are ranked and not part of the constraint",
        )
    if len(large) < 2:
        raise ConstraintError(
            f"{groups.attribute}: {len(large)} group(s) with two members and {min_share:.0%} of the train part "
            f"({counts}); a constraint compares at least two"
        )
    return groups.only(large), notes


def shared(persons: np.ndarray, parts: np.ndarray) -> tuple[str, ...]:
    """Say how many people of the test part stand in other parts too, with other jobs."""
    test = set(persons[parts == "test"])
    n = len(test & set(persons[parts != "test"]))
    if not n:
        return ()
    return (
        f"{n} of the {len(test)} people of the test part stand in other parts too, with other jobs: "
        "the test asks how new jobs are ranked, not new people",
    )
