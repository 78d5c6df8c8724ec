"""Raw values, read as what a feature needs: a number, a text, a list of texts, a month.

Every reader returns the value, ``None`` or NaN for "not given", or raises
``Unreadable`` with the reason; the caller counts it and goes on.
"""

import ast
import json
import math
import re
import unicodedata
import warnings
from collections.abc import Sequence
from typing import Any

MISSING_TEXTS = frozenset({"", "na", "n/a", "nan", "none", "null", "-"})
ONGOING = frozenset({"ongoing", "present", "current", "now", "today", "to date"})
MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip


class Unreadable(ValueError):
    """A value that cannot be read as asked; the text says why."""


def is_missing(value: Any) -> bool:
    """Tell whether a raw value means "not given"."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, float) and math.isnan(value))


def decode(value: Any) -> Any:
    """Turn a list or object that was written as text (JSON or a Python literal) into one.

    Other values are returned as they are, ``"(Senior) Cook"`` among them; a Python set
    becomes a sorted list. Python's ``eval`` is never used.
    """
    if not isinstance(value, str):
        return value
    text = value.strip()
    if not text.startswith(("[", "{", "(")):
        return value
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's remarks on backslashes in somebody's text
            found = ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        found = None
    if isinstance(found, (set, frozenset)):
        found = sorted(found, key=str)
    if isinstance(found, (list, tuple, dict)):
        return found
    if text.startswith("("):
        return value
    raise Unreadable("a list or object that is neither JSON nor a Python literal")


def follow(value: Any, steps: Sequence[str]) -> Any:
    """Walk from a raw value along a path's steps; ``[]`` collects over the items of a list.

    A key that is absent gives ``None``; a list where an object was expected, or the
    reverse, is unreadable.
    """
    if not steps:
        return value
    if is_missing(value):
        return None
    value = decode(value)
    step, rest = steps[0], steps[1:]
    if step == "[]":
        if not isinstance(value, (list, tuple)):
            raise Unreadable("no list where one was expected")
        found = [follow(item, rest) for item in value]
        # [[a], [b, c]] from a list inside a list reads as one list of items.
        if "[]" in rest:
            return [x for inner in found if inner is not None for x in inner]
        return found
    if not isinstance(value, dict):
        raise Unreadable(f"no object with a key {step!r} where one was expected")
    return follow(value.get(step), rest)


def as_number(value: Any) -> float:
    """Read a finite number; NaN where none is given."""
    if isinstance(value, str):
        text = value.strip()
        if text.lower() in MISSING_TEXTS:
            return math.nan
        try:
            value = float(text)
        except ValueError:
            raise Unreadable("not a number") from None
    if value is None:
        return math.nan
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    except (TypeError, ValueError):
        raise Unreadable("not a number") from None
    if math.isinf(number):
        raise Unreadable("not a finite number")
    return number


def as_text(value: Any) -> str | None:
    """Read one text, stripped; ``None`` where none is given. Numbers and booleans become text."""
    if is_missing(value):
        return None
    if isinstance(value, (list, tuple, dict, set, frozenset)):
        raise Unreadable("a list or object where one value was expected")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    return text or None


def as_texts(value: Any, separator: str | None = None) -> tuple[str, ...] | None:
    """Read a list of texts, blanks and repetitions (whatever their case) taken out.

    A single text is a list of one, or is cut at ``separator`` where one is stated.
    """
    if is_missing(value):
        return None
    value = _decode_list(value, separator)
    if isinstance(value, str):
        value = value.split(separator) if separator else [value]
    if isinstance(value, dict):
        raise Unreadable("an object where a list was expected")
    if not isinstance(value, (list, tuple)):
        value = [value]
    seen: dict[str, str] = {}
    for item in value:
        text = as_text(item)
        if text is not None:
            seen.setdefault(normal(text), text)
    return tuple(seen.values())


def as_names(value: Any, separator: str | None = None) -> tuple[str, ...] | None:
    """Read a list of anything as names: texts as they are, an object by its number, ``"2"``."""
    value = value if is_missing(value) else _decode_list(value, separator)
    if isinstance(value, (list, tuple)):
        value = [str(n) if isinstance(item, dict) else item for n, item in enumerate(value, 1)]
    return as_texts(value, separator)


def _decode_list(value: Any, separator: str | None) -> Any:
    """Decode a list; a text that is cut at a separator may begin with a bracket and be none."""
    try:
        return decode(value)
    except Unreadable:
        if separator:
            return value
        raise


def as_weights(value: Any) -> dict[str, float] | None:
    """Read an object {item: weight}; weights must be non-negative numbers."""
    if is_missing(value):
        return None
    value = decode(value)
    if not isinstance(value, dict):
        raise Unreadable("no object {item: weight} where one was expected")
    weights = {normal(str(item)): as_number(weight) for item, weight in value.items()}
    if any(not weight >= 0 for weight in weights.values()):
        raise Unreadable("a weight that is no non-negative number")
    return weights


def as_items(value: Any) -> tuple[dict[str, Any], ...] | None:
    """Read a list of objects, such as jobs held."""
    if is_missing(value):
        return None
    value = decode(value)
    if not isinstance(value, (list, tuple)):
        raise Unreadable("no list where one was expected")
    if not all(isinstance(item, dict) for item in value):
        raise Unreadable("a list whose items are not all objects")
    return tuple(value)


def as_month(value: Any, as_of: int | None) -> int | None:
    """Read a month as a count, ``12 * year + month - 1``.

    Understood are "January 2023", "Jan 2023", "2019-05", "2019-05-17" (whatever the
    time of day behind it), "05/2019", "2019" (its January), and "Ongoing" or "Present",
    which mean ``as_of``.
    """
    if is_missing(value):
        return None
    text = str(value).strip().lower().rstrip(".")
    if text in MISSING_TEXTS:
        return None
    if text in ONGOING:
        if as_of is None:
            raise Unreadable(f"{value!r} needs the feature's as_of, a month such as '2026-01'")
        return as_of
    if found := re.fullmatch(r"(\d{4})(?:-(\d{1,2})(?:-(?:0?[1-9]|[12]\d|3[01])(?:[ t]\d.*)?)?)?", text):
        year, month = int(found[1]), int(found[2] or 1)
    elif found := re.fullmatch(r"(\d{1,2})/(\d{4})", text):
        year, month = int(found[2]), int(found[1])
    elif (found := re.fullmatch(r"([a-z]{3,9})\.?,? +(\d{4})", text)) and (number := month_number(found[1])):
        year, month = int(found[2]), number
    else:
        raise Unreadable("not a month such as 'January 2023' or '2019-05'")
    if not (1 <= month <= 12 and 1900 <= year <= 2200):
        raise Unreadable("not a month of the calendar")
    return 12 * year + month - 1


def month_number(word: str) -> int | None:
    """Return the number (1-12) of an English month's name or of its first letters."""
    fits = [number for number, name in enumerate(MONTHS, 1) if name.startswith(word[:9])]
    return fits[0] if len(fits) == 1 else None


def normal(text: str) -> str:
    """Return the form in which two texts are compared: one case, single spaces, accents composed."""
    return " ".join(unicodedata.normalize("NFC", text.casefold()).split())
