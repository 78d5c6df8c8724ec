"""Explanations: from a rank back to what a person wrote, for each audience in its own words."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from explain.explanation import Explanation
    from explain.rendering import render
    from explain.why import explain

__all__ = ["Explanation", "explain", "render"]

# No module bears the name of a function: importing it would put the module in the function's place.
_HOMES = {
    "Explanation": "explain.explanation",
    "explain": "explain.why",
    "render": "explain.rendering",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'explain' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
