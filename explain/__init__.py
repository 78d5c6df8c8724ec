"""Explanations: from a rank back to what a person wrote, for each audience in its own words."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from explain.against import Contrast, contrast
    from explain.change.cheapest_change import counterfactual
    from explain.change.nudges import sensitivity
    from explain.explanation import Explanation
    from explain.field_comparison import compare_fields
    from explain.importance import importance_of
    from explain.leaning import field_leaning
    from explain.rendering import render
    from explain.shapes import shape_functions
    from explain.why import explain

__all__ = [
    "Contrast",
    "Explanation",
    "compare_fields",
    "contrast",
    "counterfactual",
    "explain",
    "field_leaning",
    "importance_of",
    "render",
    "sensitivity",
    "shape_functions",
]

# No module bears the name of a function: importing it would put the module in the function's place.
_HOMES = {
    "Contrast": "explain.against",
    "Explanation": "explain.explanation",
    "compare_fields": "explain.field_comparison",
    "contrast": "explain.against",
    "counterfactual": "explain.change.cheapest_change",
    "explain": "explain.why",
    "field_leaning": "explain.leaning",
    "importance_of": "explain.importance",
    "render": "explain.rendering",
    "sensitivity": "explain.change.nudges",
    "shape_functions": "explain.shapes",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'explain' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
