"""Fairness of rankings: constraints, training under them, and measures."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fairness.certificate import Certificate
    from fairness.change import ShapeChange, gap_change, shape_changes
    from fairness.change_gaps import GapSplit, gap_by_field, gap_split
    from fairness.constraint import FairnessConstraint
    from fairness.fair_ranker import FairRanker
    from fairness.groups import Groups

__all__ = [
    "Certificate",
    "FairRanker",
    "FairnessConstraint",
    "GapSplit",
    "Groups",
    "ShapeChange",
    "gap_by_field",
    "gap_change",
    "gap_split",
    "shape_changes",
]

_HOMES = {
    "Certificate": "fairness.certificate",
    "FairRanker": "fairness.fair_ranker",
    "FairnessConstraint": "fairness.constraint",
    "GapSplit": "fairness.change_gaps",
    "Groups": "fairness.groups",
    "ShapeChange": "fairness.change",
    "gap_by_field": "fairness.change_gaps",
    "gap_change": "fairness.change",
    "gap_split": "fairness.change_gaps",
    "shape_changes": "fairness.change",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'fairness' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
