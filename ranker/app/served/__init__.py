"""Answers from request bodies: what a server says, without a server and without a database."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ranker.app.served.served import Served

__all__ = ["Served"]


def __getattr__(name: str) -> Any:
    if name != "Served":
        raise AttributeError(f"module 'ranker.app.served' has no attribute {name!r}")
    from ranker.app.served.served import Served

    return Served


def __dir__() -> list[str]:
    return sorted([*globals(), "Served"])
