"""Constraints together with the groups that each compares, and their fairlearn moments."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from fairlearn.reductions import ClassificationMoment

from fairness._parts import as_groups, comparable, constraint_names
from fairness.constraint import FairnessConstraint
from fairness.groups import Groups
from fairness.moments import RankingParity, StackedMoments
from ranker.errors import ConstraintError, DataError

TIGHTEST = 1e-6  # a moment's bound is above 0, so that its multipliers stay finite


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """One constraint, the groups of ``n`` rows that it compares, and what is to be said of them."""

    constraint: FairnessConstraint
    groups: Groups
    notes: tuple[str, ...]

    def take(self, rows: np.ndarray) -> "Demand":
        """Take some rows."""
        return replace(self, groups=self.groups.take(rows))

    def large(self, train: np.ndarray, min_share: float) -> "Demand":
        """Leave out groups that are too small in the train part to be compared."""
        groups, notes = comparable(self.groups, train, min_share)
        return Demand(self.constraint, groups, notes)

    def moment(self, bound: float) -> RankingParity:
        """Return the constraint's moment, at another bound."""
        c = self.constraint
        return RankingParity(c.measure, difference_bound=min(max(bound, TIGHTEST), 1.0), top_k=c.top_k)


def read_demands(constraints: Sequence[FairnessConstraint], sensitive_features: Any) -> tuple[Demand, ...]:
    """Read the groups of each constraint.

    Parameters
    ----------
    constraints : sequence of FairnessConstraint
        At least one.
    sensitive_features : array, DataFrame, Groups, or dict of str to array or Groups
        With several constraints columns are found by the names of their attributes; a dict
        may hold the groups of an intersection under its attributes, joined by " × ".
    """
    names = constraint_names(constraints)
    for name in names:
        if names.count(name) > 1:
            raise ConstraintError(f"two constraints bound the same of {name}: keep the tighter one")
    alone = len(constraints) == 1
    return tuple(
        Demand(constraint, as_groups(_columns(constraint, sensitive_features, alone=alone), constraint), ())
        for constraint in constraints
    )


def _columns(constraint: FairnessConstraint, given: Any, *, alone: bool) -> Any:
    if isinstance(given, dict):
        whole = " × ".join(constraint.attributes)
        if whole in given:
            return given[whole]
        missing = [name for name in constraint.attributes if name not in given]
        if missing:
            raise ConstraintError(f"sensitive_features has no {missing[0]!r}, which a constraint names")
        return np.column_stack([np.asarray(given[name], dtype=object) for name in constraint.attributes])
    if alone:
        return given
    names = list(constraint.attributes)
    missing = [name for name in names if name not in getattr(given, "columns", ())]
    if missing:
        raise ConstraintError(
            f"several constraints find their groups by name, and sensitive_features has no column {missing[0]!r}: "
            "pass a DataFrame with one column for each attribute"
        )
    return given[names]


def moment_of(demands: Sequence[Demand], bounds: Sequence[float]) -> ClassificationMoment:
    """Return one moment that holds all demands, at these bounds."""
    moments = [demand.moment(bound) for demand, bound in zip(demands, bounds, strict=True)]
    return moments[0] if len(moments) == 1 else StackedMoments(moments)


def group_columns(demands: Sequence[Demand]) -> Any:
    """Return what ``moment_of`` wants for ``sensitive_features``: a column, or a list of them."""
    columns = [demand.groups.names() for demand in demands]
    return columns[0] if len(columns) == 1 else columns


def check_lengths(n: int, **given: Any) -> None:
    """Refuse what has not one entry a row."""
    for what, values in given.items():
        parts = values.values() if isinstance(values, dict) else [values]
        for part in parts:
            if part is not None and len(part) != n:
                raise DataError(f"{what} has {len(part)} rows and job {n}: give one a row")
