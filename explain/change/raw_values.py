"""Edits of raw values, in the form in which the record wrote them."""

import json
from collections.abc import Sequence
from typing import Any

from ranker.records import Records
from ranker.records.field import entity_of
from ranker.records.values import as_texts, decode, is_missing

__all__ = ["appended", "holds_lists", "raw_column", "replaced", "written_like"]


def raw_column(records: Records, path: str, pair: int) -> tuple[str, tuple[str, ...], Any]:
    """Return the column that a path leads to, the steps inside its value, and one pair's raw value."""
    location = records.locate(path)
    table = records.tables[location.entity]
    value = table[location.column].iloc[int(records.rows[entity_of(path)][pair])]
    return location.column, location.steps, value


def replaced(value: Any, steps: Sequence[str], new: Any) -> Any:
    """Return a value with what stands at the end of the steps replaced; the original stays as it is."""
    if not steps:
        return new
    inside = {} if is_missing(value) else decode(value)
    return {**inside, steps[0]: replaced(inside.get(steps[0]), steps[1:], new)}


def appended(value: Any, steps: Sequence[str], items: Sequence[str], separator: str | None) -> Any:
    """Return a list, found at the end of the steps, with items behind it; ``[].key`` appends objects."""
    if steps and steps[0] != "[]":
        inside = {} if is_missing(value) else decode(value)
        return {**inside, steps[0]: appended(inside.get(steps[0]), steps[1:], items, separator)}
    keys = steps[1:]
    new = [{keys[0]: item} if keys else item for item in items]
    if is_missing(value):
        return new
    if separator and isinstance(value, str) and not value.lstrip().startswith("["):
        return [*(as_texts(value, separator) or ()), *new]
    found = decode(value)
    return [*(found if isinstance(found, list | tuple) else [found]), *new]


def written_like(original: Any, new: Any, separator: str | None) -> Any:
    """Write a list or object as the record does: as JSON in a text, or cut by a separator."""
    if not isinstance(new, list | dict):
        return new
    as_a_text = isinstance(original, str) and original.lstrip()[:1] in ("[", "{")
    if as_a_text:
        return json.dumps(new, ensure_ascii=False)
    if separator and not isinstance(original, list | tuple | dict) and isinstance(new, list):
        return f"{separator} ".join(map(str, new)) if separator in ",;" else separator.join(map(str, new))
    return new


def holds_lists(records: Records, path: str) -> bool:
    """Tell whether a column can hold several items: lists, objects, or texts that a separator cuts."""
    if records.field(path).separator:
        return True
    location = records.locate(path)
    if location.steps:
        return True
    column = records.tables[location.entity][location.column].tolist()
    return any(isinstance(v, list | tuple) or (isinstance(v, str) and v.lstrip()[:1] == "[") for v in column)
