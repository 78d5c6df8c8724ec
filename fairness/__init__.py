"""Fairness of rankings: constraints, training under them, and measures."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fairness.certificate import Certificate
    from fairness.constraint import FairnessConstraint
    from fairness.fair_ranker import FairRanker
    from fairness.groups import Groups

__all__ = ["Certificate", "FairRanker", "FairnessConstraint", "Groups"]

_HOMES = {
    "Certificate": "fairness.certificate",
    "FairRanker": "fairness.fair_ranker",
    "FairnessConstraint": "fairness.constraint",
    "Groups": "fairness.groups",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'fairness' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
