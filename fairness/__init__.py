"""Fairness of rankings: constraints, training under them, and measures."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fairness.adverse_impact.counts import SelectionCounts
    from fairness.causes import GapCauses, gap_causes
    from fairness.certificate import Certificate
    from fairness.change import ShapeChange, gap_change, shape_changes
    from fairness.change_gaps import GapSplit, gap_by_field, gap_split
    from fairness.constraint import FairnessConstraint
    from fairness.effects import TermEffects, term_effects
    from fairness.fair_ranker import FairRanker
    from fairness.groups import Groups

__all__ = [
    "Certificate",
    "FairRanker",
    "FairnessConstraint",
    "GapCauses",
    "GapSplit",
    "Groups",
    "SelectionCounts",
    "ShapeChange",
    "TermEffects",
    "gap_by_field",
    "gap_causes",
    "gap_change",
    "gap_split",
    "shape_changes",
    "term_effects",
]

_HOMES = {
    "Certificate": "fairness.certificate",
    "FairRanker": "fairness.fair_ranker",
    "FairnessConstraint": "fairness.constraint",
    "GapCauses": "fairness.causes",
    "GapSplit": "fairness.change_gaps",
    "Groups": "fairness.groups",
    "SelectionCounts": "fairness.adverse_impact.counts",
    "ShapeChange": "fairness.change",
    "TermEffects": "fairness.effects",
    "gap_by_field": "fairness.change_gaps",
    "gap_causes": "fairness.causes",
    "gap_change": "fairness.change",
    "gap_split": "fairness.change_gaps",
    "shape_changes": "fairness.change",
    "term_effects": "fairness.effects",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'fairness' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
