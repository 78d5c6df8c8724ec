"""The texts in a raw value, whatever it is: a list, one text, a list in a text, or something else."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ranker.records.values import MISSING_TEXTS
from ranker.resume.cleaning.cleaned import Change

SHOWN = 200  # characters of a raw value that a change repeats
_OPEN, _CLOSE = "([{", ")]}"


def plain_text(value: Any) -> str:
    """Return a raw value as a report shows it, shortened; ``""`` where none is given."""
    if value is None:
        return ""
    try:
        text = str(value)
    except (ValueError, RecursionError):  # a number of 5,000 digits, a list inside itself
        text = f"a {type(value).__name__} that cannot be written"
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def key_of(value: Any) -> str:
    """Return one text, spaces around taken off; ``""`` where none is given or it is a list."""
    if isinstance(value, str):
        return value.strip()
    if value is None or isinstance(value, (bool, Mapping, list, tuple, set)) or value != value:
        return ""
    return plain_text(int(value) if isinstance(value, float) and value.is_integer() else value)


def one_text(value: Any, path: str, changes: list[Change]) -> str:
    """Return one text, and write down what was changed for it."""
    text = key_of(value)
    if text.lower() in MISSING_TEXTS and text:
        changes.append(Change(path, text, None, "not given"))
        return ""
    if value is not None and text != value:
        changes.append(Change(path, plain_text(value), text or None, "one text" if text else "no text"))
    return text


def entries_of(value: Any) -> Sequence[Any]:
    """Return the entries of a list; anything else is a list of one, nothing one of none."""
    if isinstance(value, (list, tuple)):
        return value
    return () if value is None or value == "" else (value,)


def items_of(
    value: Any, path: str, changes: list[Change], *, whole: Callable[[str], bool]
) -> Iterator[tuple[str, str, str]]:
    """Yield (path, as written, text) of each text in a list; what is none is taken out and written down.

    A text that holds several, at commas, semicolons and line ends outside brackets, is
    cut, unless ``whole`` says that it is one. A single text in place of a list is one.
    """
    for number, item in enumerate(entries_of(value)):
        here = f"{path}[{number}]" if isinstance(value, (list, tuple)) else path
        if isinstance(item, Mapping) and isinstance(item.get("name"), str):  # as JSON Resume writes it
            item = item["name"]
        text = key_of(item)
        if text.lower() in MISSING_TEXTS:
            said = "not given" if text or item is None else "no text"
            changes.append(Change(here, plain_text(item), None, said))
            continue
        pieces = _cut(text)
        if len(pieces) == 1 or whole(text):
            yield here, item if isinstance(item, str) else text, text
            continue
        changes.append(Change(here, plain_text(text), "; ".join(pieces), "several in one text"))
        for piece in pieces:
            yield here, piece, piece


def _cut(text: str) -> list[str]:
    if not re.search(r"[,;\n•]", text):
        return [text]
    pieces, depth = [""], 0
    for sign in text:
        depth = max(0, depth + (sign in _OPEN) - (sign in _CLOSE))
        if sign in ",;\n•" and not depth:
            pieces.append("")
        else:
            pieces[-1] += sign
    return [piece for piece in map(str.strip, pieces) if piece] or [text]
