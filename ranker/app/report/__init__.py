"""The audit page: figures first, then a page that draws them."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ranker.app.report.figures import audit_figures
    from ranker.app.report.page import audit_page

__all__ = ["audit_figures", "audit_page"]

# Loaded when they are first used: the server's pages share some words and tables with the report, and none of
# its measures and drawings.
_HOMES = {"audit_figures": "ranker.app.report.figures", "audit_page": "ranker.app.report.page"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'ranker.app.report' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
