"""How large a request may be, and the walk over a record that finds what is too large or cannot be kept."""

import math
from dataclasses import dataclass
from typing import Any

from ranker.app.served.faults import SHOWN, Fault, field_of

__all__ = ["LIMITS", "Limits", "are_faultless", "fault_in"]

ONLY_TEXTS, ONLY_OBJECTS, OTHERS = {str}, {dict}, {int, bool, type(None)}
TOGETHER = 25  # records looked at together: so many honest ones hold no more than a single one may


@dataclass(frozen=True, slots=True)
class Limits:
    """What a body may hold.

    Parameters
    ----------
    candidates : int
        Records of one pool: candidates, or résumés.
    text : int
        Characters of one text, a key included.
    depth : int
        Lists and objects inside each other, the record itself being the first.
    values : int
        Texts, numbers, lists and objects of one record, all together.
    """

    candidates: int = 1_000
    text: int = 20_000
    depth: int = 12
    values: int = 5_000


LIMITS = Limits()


def fault_in(record: dict[str, Any], limits: Limits = LIMITS) -> Fault | None:
    """Find what a record holds that is past a limit, or that no file or database can hold.

    Parameters
    ----------
    record : dict
        JSON, parsed.
    limits : Limits
        What it may hold.

    Returns
    -------
    Fault or None
        The first one met, with its place in the record. Numbers that are not finite, half characters and
        the character NUL are faults: the answer, or the log, could not be written with them.
    """
    return None if _walk([record], limits) else _first_fault(record, limits)


def are_faultless(records: Any, limits: Limits = LIMITS) -> bool:
    """Tell whether some records surely are without fault, as many as may be, and JSON; ``False`` where it is unclear.

    Parameters
    ----------
    records : JSON
        Parsed.
    limits : Limits
        What each may hold.
    """
    if type(records) is not list or not 0 < len(records) <= limits.candidates:
        return False
    return ONLY_OBJECTS.issuperset(map(type, records)) and all(
        _walk(records[start : start + TOGETHER], limits) for start in range(0, len(records), TOGETHER)
    )


def _walk(records: list[Any], limits: Limits) -> bool:
    """Tell whether some records together hold no more than each may, and nothing that cannot be written.

    A third of the time of :func:`_first_fault`, which has to know where each value stands.
    """
    texts: list[str] = []
    keys: set[str] = set()
    total, n_values, depth = 0.0, 0, 0
    level = records
    while level:
        depth += 1
        below = []
        for value in level:
            n_values += len(value)
            items = value
            if type(value) is dict:
                keys.update(value)
                items = value.values()
            if ONLY_TEXTS.issuperset(map(type, items)):
                texts += items
                continue
            for item in items:
                kind = type(item)
                if kind is str:
                    texts.append(item)
                elif kind is dict or kind is list:
                    below.append(item)
                elif kind is float:
                    total += item  # an infinity or NaN stays one
                elif kind not in OTHERS:
                    return False
        level = below
        if depth > limits.depth or n_values > limits.values:
            return False
    texts += keys
    together = "".join(texts)
    return (
        (len(together) <= limits.text or max(map(len, texts)) <= limits.text)
        and math.isfinite(total)
        and _writable(together)
    )


def _first_fault(record: dict[str, Any], limits: Limits) -> Fault | None:
    left = limits.values
    # The way to a value is only written where it is at fault: each entry holds its parent's.
    todo: list[tuple[Any, int, tuple[Any, ...] | None]] = [(record, 1, None)]
    while todo:
        value, depth, way = todo.pop()
        if depth > limits.depth:
            return _at(way, f"more than {limits.depth} lists and objects inside each other: write it flatter")
        pairs = value.items() if type(value) is dict else enumerate(value)
        left -= len(value)
        if left < 0:
            return _at(way, f"the record holds more than {limits.values:,} values: send what is read of it")
        if type(value) is dict:
            for key in value:
                if len(key) > limits.text or not _writable(key):
                    shown = key[:SHOWN].encode("ascii", "backslashreplace").decode()
                    return _at(way, f"the key {shown!r} is too long, or holds what cannot be written")
        for step, item in pairs:
            kind = type(item)
            if kind is str:
                if len(item) > limits.text:
                    return _at(
                        (way, step), f"a text of {len(item):,} characters; {limits.text:,} are the most"
                    )
                if not _writable(item):
                    return _at((way, step), "a text with the character NUL or half a character: take it out")
            elif kind is float:
                if not math.isfinite(item):
                    return _at((way, step), "a number that is not finite: leave it out, or write null")
            elif kind is dict or kind is list:
                todo.append((item, depth + 1, (way, step)))
    return None


def _writable(text: str) -> bool:
    if "\0" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _at(way: tuple[Any, ...] | None, fault: str) -> Fault:
    steps: list[int | str] = []
    while way is not None:
        way, step = way
        steps.append(step)
    return Fault(field_of(reversed(steps)), fault)
