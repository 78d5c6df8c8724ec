"""The heavy libraries of this room, imported when a model is made and not before."""

import importlib
from typing import Any

from ranker.errors import UsageError

__all__ = ["load"]


def load(what: str, module: str) -> Any:
    """Import a library of the ``text`` extra.

    Parameters
    ----------
    what : str
        What needs it, as the error says it: ``"explaining a text"``.
    module : str
        Its import name.

    Raises
    ------
    UsageError
        If it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise UsageError(f"{what} needs {error.name or module}: pip install 'candor-rank[text]'") from None
