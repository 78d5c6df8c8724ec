"""A record as a form: what it says, and what a candidate says it should say."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

from ranker.app.pages.rendering import as_shown
from ranker.app.served.faults import BodyError

__all__ = ["Entry", "correction_in", "entries_of"]

PREFIX: Final = "field:"  # of the names of its fields in a form
MOST: Final = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """One member of a record that a form can hold.

    Parameters
    ----------
    key : str
        Its key.
    label : str
        What the model's task calls it.
    kind : str
        ``number``, ``text``, ``yes-no`` or ``lines``: a list of words, one in a line.
    text : str
        Its value, as the form has it.
    """

    key: str
    label: str
    kind: str
    text: str

    @property
    def name(self) -> str:
        """Its name in the form."""
        return PREFIX + self.key


def entries_of(
    record: Mapping[str, Any],
    labels: Mapping[str, str],
    fixed: Iterable[str] = (),
    pool: Sequence[Mapping[str, Any]] = (),
) -> tuple[Entry, ...]:
    """Return what a form can hold of a record: single values, and lists of words.

    Parameters
    ----------
    record : mapping
        As it was sent.
    labels : mapping of str to str
        What fields are called, by their paths (``candidate.skills``).
    fixed : iterable of str
        Keys that may not be corrected.
    pool : sequence of mapping
        Records of the same kind: what this one does not give is a number where another one gives a number.
    """
    left_out = set(fixed)

    def like(key: str, value: Any) -> Any:
        given = (row[key] for row in pool if row.get(key) is not None)
        return next(given, None) if value is None else value

    entries = [
        Entry(key, labels.get(f"candidate.{key}", key.replace("_", " ")), kind, _written(value))
        for key, value in record.items()
        if key not in left_out and (kind := _kind(like(key, value)))
    ]
    return tuple(entries[:MOST])


def correction_in(
    form: Mapping[str, str], record: Mapping[str, Any], entries: Iterable[Entry]
) -> dict[str, Any]:
    """Return the members that a form changes.

    Parameters
    ----------
    form : mapping of str to str
        As it was sent; what it leaves out stays as it was.
    record : mapping
        As it is.
    entries : iterable of Entry
        What the form held.

    Raises
    ------
    BodyError
        If a number is none.
    """
    changed = {}
    for one in entries:
        text = "\n".join(form.get(one.name, one.text).split("\r\n")).strip()
        # The form held what the page shows of the value: where that comes back, nobody corrected anything.
        if text not in (one.text.strip(), as_shown(one.text).strip()):
            changed[one.key] = _read(one, text)
    return changed


def _kind(value: Any) -> str:
    match value:
        case bool():
            return "yes-no"
        case int() | float():
            return "number"
        case str() | None:
            return "text"
        case list() if all(isinstance(one, str) and "\n" not in one for one in value):
            return "lines"
    return ""


def _written(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list():
            return "\n".join(value)
    return str(value)


def _read(one: Entry, text: str) -> Any:
    if one.kind == "lines":
        return [line.strip() for line in text.split("\n") if line.strip()]
    if text == "":
        return None  # not given any more
    if one.kind == "yes-no":
        return text == "yes"
    if one.kind == "text":
        return text
    try:
        number = float(text)
        if isfinite(number):
            return int(number) if number.is_integer() and "." not in text else number
    except ValueError:
        pass
    raise BodyError.of(one.label, f"{text!r} is no number: write it such as 78.5")
