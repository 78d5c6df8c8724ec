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
from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from itertools import chain, repeat
from typing import Any

MISSING_TEXTS = frozenset({"", "na", "n/a", "nan", "none", "null", "-"})
ONGOING = frozenset({"ongoing", "present", "current", "now", "today", "to date"})
ONLY_TEXTS, ONLY_OBJECTS = {str}, {dict}
LONGEST_MONTH = 40  # characters of a text that is remembered
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
    # JSON has no single quotes outside texts in double ones: what holds but them is Python's.
    if '"' in text or "'" not in text:
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            pass
    if (found := _plain_literal(text)) is not None:
        return found
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


def _no_constant(name: str) -> None:
    raise ValueError(name)


_READ_JSON = json.JSONDecoder(parse_constant=_no_constant).raw_decode
_PYTHON_TOKEN = re.compile(
    r"""'(?P<single>[^']*)'|"[^"]*"|\b(?P<python>None|True|False)\b|\b(?P<json>null|true|false)\b"""
)
_JSON_WORDS = {"None": "null", "True": "true", "False": "false"}
_BETWEEN = ',"\x7f",'  # stands between literals that are read as one


def _plain_literal(text: str) -> list[Any] | dict[str, Any] | None:
    """Read a Python literal through JSON's reader, 20 times as quick, where both read the same; else ``None``.

    That is where no text has a backslash in it, and everything but the quotes and the words for
    nothing, yes and no is written as JSON writes it; JSON's reader fails at all the rest.
    """
    if "\\" in text or text[0] == "(":
        return None
    try:
        if not text.isascii():
            text.encode()  # Python refuses half a character, JSON's reader does not
        if '"' not in text and not _has_json_words(text):
            try:
                return _whole(text.replace("'", '"'))
            except ValueError:
                pass
        return _whole(_PYTHON_TOKEN.sub(_as_json, text))
    except (ValueError, RecursionError):
        return None


def plain_literals(texts: list[str]) -> list[Any] | None:
    """Read several Python literals at once, where each of them is a plain one in single quotes; else ``None``."""
    text = _BETWEEN.join(texts)
    n_between = len(texts) - 1
    if (
        "\\" in text
        or _has_json_words(text)
        or not text.count('"') == 2 * n_between == 2 * text.count("\x7f")
    ):
        return None
    try:
        if not text.isascii():
            text.encode()
        found = _whole(f"[{text}]".replace("'", '"'))
    except (ValueError, RecursionError):
        return None
    # All that was put between stands between, so that each text is one value, whole and by itself.
    if len(found) != 2 * n_between + 1 or found[1::2].count("\x7f") != n_between:
        return None
    return found[::2]


def _has_json_words(text: str) -> bool:
    return "null" in text or "true" in text or "false" in text


def _whole(text: str) -> Any:
    found, end = _READ_JSON(text)
    if end != len(text):
        raise ValueError("more than one value")
    return found


def _as_json(token: re.Match[str]) -> str:
    if token["single"] is not None:
        return '"' + token["single"].replace('"', '\\"') + '"'
    if token["json"]:
        raise ValueError(f"{token['json']} is no word of Python's")
    return _JSON_WORDS.get(token[0], token[0])


def follow(value: Any, steps: Sequence[str]) -> Any:
    """Walk from a raw value along a path's steps; ``[]`` collects over the items of a list.

    A key that is absent gives ``None``; a list where an object was expected, or the
    reverse, is unreadable.
    """
    if not steps:
        return value
    if type(value) is list and len(steps) == 2 and steps[0] == "[]" != steps[1]:
        step, rest = steps[1], steps[1:]
        return [item.get(step) if type(item) is dict else follow(item, rest) for item in value]
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


def as_texts(
    value: Any, separator: str | None = None, form: Callable[[str], Hashable] | None = None
) -> tuple[str, ...] | None:
    """Read a list of texts, blanks and repetitions (whatever their case) taken out.

    A single text is a list of one, or is cut at ``separator`` where one is stated; texts are
    the same where their ``form`` is, by default :func:`normal`.
    """
    form = form or normal
    if type(value) is list and set(map(type, value)) == ONLY_TEXTS:
        texts = list(map(str.strip, value))  # the common case, without a call an item
        if "" not in texts and len(set(map(form, texts))) == len(texts):
            return tuple(texts)
    if is_missing(value):
        return None
    value = _decode_list(value, separator)
    if isinstance(value, str):
        value = value.split(separator) if separator else [value]
    if isinstance(value, dict):
        raise Unreadable("an object where a list was expected")
    if not isinstance(value, (list, tuple)):
        value = [value]
    seen: dict[Hashable, str] = {}
    for item in value:
        text = item.strip() if type(item) is str else as_text(item)
        if text:
            seen.setdefault(form(text), text)
    return tuple(seen.values())


def texts_at_once(
    lists: Sequence[list[Any] | None], form: Callable[[str], Hashable]
) -> list[tuple[str, ...] | None] | None:
    """Read many lists as :func:`as_texts` does each; ``None`` where any of them holds more than plain texts.

    A third of the time: what is done for every item is done by loops of C, over all lists together.
    """
    items = list(chain.from_iterable(filter(None, lists)))
    if not ONLY_TEXTS.issuperset(map(type, items)):
        return None
    texts = list(map(str.strip, items))
    if "" in texts:
        return None
    forms, end = list(map(form, texts)), 0
    out: list[tuple[str, ...] | None] = []
    for one in lists:
        if one is None:
            out.append(None)
            continue
        start, end = end, end + len(one)
        is_plain = len(set(forms[start:end])) == end - start
        out.append(tuple(texts[start:end]) if is_plain else as_texts(one, form=form))
    return out


def as_names(
    value: Any, separator: str | None = None, form: Callable[[str], Hashable] | None = None
) -> tuple[str, ...] | None:
    """Read a list of anything as names: texts as they are, an object by its number, ``"2"``."""
    if type(value) is list and ONLY_TEXTS.issuperset(map(type, value)):
        return as_texts(value, separator, form)  # the common case
    value = value if is_missing(value) else _decode_list(value, separator)
    if isinstance(value, (list, tuple)):
        value = [str(n) if isinstance(item, dict) else item for n, item in enumerate(value, 1)]
    return as_texts(value, separator, form)


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


def are_objects(lists: Sequence[list[Any] | None]) -> bool:
    """Tell whether the items of all lists are objects."""
    return ONLY_OBJECTS.issuperset(map(type, chain.from_iterable(filter(None, lists))))


def as_items(value: Any) -> tuple[dict[str, Any], ...] | None:
    """Read a list of objects, such as jobs held."""
    if is_missing(value):
        return None
    value = decode(value)
    if not isinstance(value, (list, tuple)):
        raise Unreadable("no list where one was expected")
    if not (set(map(type, value)) <= ONLY_OBJECTS or all(isinstance(item, dict) for item in value)):
        raise Unreadable("a list whose items are not all objects")
    return tuple(value)


def as_month(value: Any, as_of: int | None) -> int | None:
    """Read a month as a count, ``12 * year + month - 1``.

    Understood are "January 2023", "Jan 2023", "2019-05", "2019-05-17" (whatever the
    time of day behind it), "05/2019", "2019" (its January), and "Ongoing" or "Present",
    which mean ``as_of``.
    """
    if type(value) is str and len(value) <= LONGEST_MONTH:
        return _month_in(value, as_of)
    return None if is_missing(value) else _read_month(str(value), as_of)


def months_at_once(values: Sequence[Any], as_of: int | None) -> list[int] | None:
    """Read many months as :func:`as_month` does each; ``None`` where any is not given or no short text.

    Raises
    ------
    Unreadable
        If any cannot be read.
    """
    if not ONLY_TEXTS.issuperset(map(type, values)) or max(map(len, values), default=0) > LONGEST_MONTH:
        return None
    months = list(map(_month_in, values, repeat(as_of)))
    found = [month for month in months if month is not None]
    return found if len(found) == len(months) else None


def _read_month(value: str, as_of: int | None) -> int | None:
    text = value.strip().lower().rstrip(".")
    if text in MISSING_TEXTS:
        return None
    if text in ONGOING:
        if as_of is None:
            raise Unreadable(f"{value!r} needs the feature's as_of, a month such as '2026-01'")
        return as_of
    return _calendar_month(text)


# A pool of 100 writes some 600 months, few of them distinct.
_month_in = lru_cache(maxsize=4096)(_read_month)


def _calendar_month(text: str) -> int:
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
    if text.isascii():  # nothing to compose, and one form of each case
        return " ".join(text.lower().split())
    return " ".join(unicodedata.normalize("NFC", text.casefold()).split())
