"""Raw records with some values changed, and nothing else."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd

from ranker.errors import DataError
from ranker.records.field import entity_of
from ranker.records.ledger import Ledger
from ranker.records.memo import Memo
from ranker.records.records import Records
from ranker.records.values import Unreadable, decode, follow, is_missing

__all__ = ["raw_values", "replaced", "rewritten"]


def raw_values(records: Records, path: str) -> list[Any]:
    """Return what a path leads to in every row of its entity's table, as it was written.

    Parameters
    ----------
    records : Records
    path : str
        A field path.

    Returns
    -------
    list of length (rows of the table,)
        ``None`` where a value cannot be reached.

    Raises
    ------
    UnknownFieldError
        If the table has no such column.
    """
    location = records.locate(path)
    column = records.tables[location.entity][location.column].tolist()
    return [_reached(value, location.steps) for value in column]


def replaced(records: Records, path: str, values: Sequence[Any]) -> Records:
    """Return records with one column, or one value inside each of its objects, replaced.

    The given records stay as they are: tables, what was read of them and their ledger are
    their own. The new ones begin with nothing read, so that every feature is worked out
    from the new values.

    Parameters
    ----------
    records : Records
        ``n`` pairs.
    path : str
        A field path; ``candidate.address.city`` reaches into objects, also those written as text.
    values : sequence of length (rows of the entity's table,)
        A new raw value for each row of the table, not for each pair; for a path through lists
        (``candidate.work[].city``) one list a row, as long as what stands there.

    Returns
    -------
    Records
        The same pairs, labels and relevance. Where candidates, jobs and applications are
        columns of one table, all three see the change.

    Raises
    ------
    UnknownFieldError
        If the table has no such column.
    DataError
        If there is not one value per row, or a value is given for a place that does not exist.

    Examples
    --------
    >>> other = replaced(records, "candidate.gender", ["woman"] * len(records.tables["candidate"]))
    >>> set(other.at("candidate.gender", "text"))
    {'woman'}
    """
    table, steps = records.tables[entity_of(path)], records.locate(path).steps
    if len(values) != len(table):
        raise DataError(
            f"{len(values)} values of {path!r} for {len(table)} rows of the {entity_of(path)} table: give one a row"
        )
    if not steps:
        return _with_column(records, path, list(values))
    column = table[records.locate(path).column].tolist()
    new = [
        _put(value, steps, given, path, table.index[row])
        for row, (value, given) in enumerate(zip(column, values, strict=True))
    ]
    return _with_column(records, path, new)


def rewritten(records: Records, path: str, change: Callable[[int, str], str]) -> tuple[Records, list[bool]]:
    """Return records with the texts that a path leads to, or holds, changed one by one.

    Parameters
    ----------
    records : Records
    path : str
        A field path; where it leads to a list or an object, every text inside is changed.
    change : callable
        ``change(row, text)`` returns the new text; ``row`` is the position in the entity's table.

    Returns
    -------
    Records
        As from `replaced`.
    list of bool
        For each row of the table, whether a text in it has changed.

    Raises
    ------
    UnknownFieldError
        If the table has no such column.
    """
    location = records.locate(path)
    column = records.tables[location.entity][location.column].tolist()
    new, touched = [], []
    for row, value in enumerate(column):
        seen: list[bool] = []

        def each(text: Any, row: int = row, seen: list[bool] = seen) -> Any:
            if not isinstance(text, str):
                return text
            other = change(row, text)
            seen.append(other != text)
            return other

        changed = _mapped(value, location.steps, partial(_texts, change=each))
        new.append(changed if any(seen) else value)
        touched.append(any(seen))
    return _with_column(records, path, new), touched


def _with_column(records: Records, path: str, values: list[Any]) -> Records:
    location = records.locate(path)
    table = records.tables[location.entity]
    new = table.copy(deep=False)
    new[location.column] = pd.Series(values, index=table.index, dtype=object).infer_objects()
    tables = {entity: new if held is table else held for entity, held in records.tables.items()}
    # Readings and forms are remembered by path and by code: with those of the old values a feature would
    # be worked out from these. The ledger would count each unreadable value of the other columns twice.
    return replace(records, tables=tables, ledger=Ledger(), _read={}, memo=Memo())


def _reached(value: Any, steps: Sequence[str]) -> Any:
    try:
        return follow(value, steps)
    except Unreadable:
        return None


def _put(value: Any, steps: Sequence[str], given: Any, path: str, row: Any) -> Any:
    parts = list(given) if "[]" in steps and isinstance(given, (list, tuple)) else [given]
    fed: Iterator[Any] = iter(parts)
    n_places, as_before = 0, True

    def next_of(found: Any) -> Any:
        nonlocal n_places, as_before
        n_places += 1
        new = next(fed, found)
        as_before &= type(new) is type(found) and new == found
        return new

    new = _mapped(value, steps, next_of)
    if n_places == len(parts):
        # A cell in which nothing changes stays as it was written, to the last blank.
        return value if as_before else new
    if n_places == 0 and all(is_missing(part) for part in parts):
        return value
    raise DataError(
        f"row {row!r} of {path!r} holds {n_places} values and is given {len(parts)}: a value is replaced "
        "where one stands, and none is added"
    )


def _mapped(value: Any, steps: Sequence[str], change: Callable[[Any], Any]) -> Any:
    """Change what a path leads to; a value that cannot be walked stays. What was a text is one again."""
    if not steps:
        return change(value)
    try:
        opened = None if is_missing(value) else decode(value)
    except Unreadable:
        return value
    step, rest = steps[0], steps[1:]
    new: Any
    if step == "[]" and isinstance(opened, (list, tuple)):
        new = [_mapped(item, rest, change) for item in opened]
    elif step != "[]" and isinstance(opened, dict) and step in opened:
        new = {**opened, step: _mapped(opened[step], rest, change)}
    else:
        return value
    return _written_as(value, new)


def _texts(value: Any, change: Callable[[Any], Any]) -> Any:
    """Change every text in a value: itself, those in its lists and objects, also where they are written as text."""
    try:
        opened = decode(value)
    except Unreadable:
        opened = value
    if isinstance(opened, (list, tuple)):
        return _written_as(value, [_texts(item, change) for item in opened])
    if isinstance(opened, dict):
        return _written_as(value, {key: _texts(item, change) for key, item in opened.items()})
    return change(value)


def _written_as(before: Any, new: Any) -> Any:
    """Write a list or object as it was written before: JSON, a Python literal, or itself."""
    if not isinstance(before, str):
        return new
    try:
        json.loads(before)
    except (ValueError, RecursionError):
        return repr(new)
    return json.dumps(new, ensure_ascii=False)
