"""JSON and JSON Lines files, and folders of them, walked value by value; no fault in one stops the others."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ranker.errors import SourceError, did_you_mean
from ranker.records.ledger import Ledger
from ranker.records.readers import LONGEST_LINE

__all__ = ["values_in"]

Values = Iterator[tuple[str, Any, str]]  # place, value, and the fault of what cannot be read


def values_in(path: Path, table: str, ledger: Ledger) -> Values:
    """Yield every value of a file or folder, with its place.

    Parameters
    ----------
    path : Path
        A ``.json`` file (one value, or a list of them), a ``.jsonl`` file (one value a line), or a
        folder of such files; what else lies in a folder is noted, hidden files apart.
    table : str
        ``resume`` or ``domain``: what the values are.
    ledger : Ledger
        Takes notes of files that are passed over.

    Yields
    ------
    (str, object, str)
        Place, such as ``"resumes.jsonl, line 7"``; value; and why it cannot be read, or ``""``.

    Raises
    ------
    SourceError
        If there is no such file, its kind is another, or the folder holds no such file.
    """
    if path.is_dir():
        yield from _values_of_folder(path, table, ledger)
        return
    reader = _READERS.get(path.suffix.lower())
    if not path.exists():
        known = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        raise SourceError(f"there is no file or folder {path}{did_you_mean(path.name, known)}")
    if reader is None:
        raise SourceError(
            f"{path}: files of kind {path.suffix!r} are not read as {table} records; "
            f"use one of {', '.join(_READERS)}, or a folder of them"
        )
    yield from reader(path, _shown(path.name))


def _values_of_folder(path: Path, table: str, ledger: Ledger) -> Values:
    n_files = 0
    for file in sorted(path.iterdir()):
        if file.name.startswith("."):
            continue
        reader = _READERS.get(file.suffix.lower())
        place = _shown(f"{path.resolve().name}/{file.name}")
        if reader is not None and not file.is_dir():
            n_files += 1
            yield from reader(file, place)
        else:
            ledger.note(table, place, "noted", f"not read: neither {' nor '.join(_READERS)}")
    if not n_files:
        raise SourceError(f"the folder {path} holds no file of kind {', '.join(_READERS)}")


def _read_json(path: Path, place: str) -> Values:
    try:
        value = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        yield place, None, _why_unreadable(error)
        return
    if isinstance(value, list):
        for number, item in enumerate(value, 1):
            yield f"{place}, row {number}", item, ""
    else:
        yield place, value, ""


def _read_jsonl(path: Path, place: str) -> Values:
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(LONGEST_LINE + 1):
                number += 1
                here = f"{place}, line {number}"
                if len(line) > LONGEST_LINE:
                    while not line.endswith(b"\n") and (line := file.readline(LONGEST_LINE)):
                        pass
                    yield here, None, f"a line of more than {LONGEST_LINE:,} bytes"
                elif line.strip():
                    try:
                        value = json.loads(line.strip().decode("utf-8-sig" if number == 1 else "utf-8"))
                    except (ValueError, RecursionError) as error:
                        yield here, None, _why_unreadable(error, line=True)
                    else:
                        yield here, value, ""
    except OSError as error:
        yield place, None, _why_unreadable(error)


def _why_unreadable(error: Exception, *, line: bool = False) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8 (byte {error.start})"
    if isinstance(error, json.JSONDecodeError):
        where = "" if line else f"line {error.lineno}, "
        return f"not JSON ({where}column {error.colno}: {error.msg})"
    if isinstance(error, RecursionError):
        return "nested too deeply to be a record"
    if isinstance(error, OSError):
        return f"cannot be read: {error.strerror}"
    return "a number of thousands of digits"


def _shown(name: str) -> str:
    """Return a file's name so that it can be written: it may hold bytes that are no UTF-8."""
    return os.fsencode(name).decode("utf-8", "replace")


_READERS: dict[str, Callable[[Path, str], Values]] = {
    ".json": _read_json,
    ".jsonl": _read_jsonl,
    ".ndjson": _read_jsonl,
}
