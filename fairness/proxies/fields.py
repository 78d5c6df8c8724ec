"""A raw field as columns: what is written there, whatever any feature makes of it."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.sparse import csr_array, hstack

from fairness.proxies.columns import MOST_COLUMNS, item_columns, number_columns
from ranker.features import FeatureSet
from ranker.records import Records
from ranker.records.field import REFUSED, entity_of
from ranker.records.values import Unreadable, as_number, follow, is_missing, normal

__all__ = ["field_columns", "fields_read"]


def fields_read(features: FeatureSet) -> tuple[str, ...]:
    """Name the raw fields that features read, those of the job left out.

    What a job says is the same for all its candidates and tells none of them apart.

    Parameters
    ----------
    features : FeatureSet
        Of a task.

    Returns
    -------
    tuple of str
        Paths, in the order in which the features name them.
    """
    paths = dict.fromkeys(path for feature in features for path in feature.sources)
    return tuple(path for path in paths if entity_of(path) != "job")


def field_columns(records: Records, path: str) -> csr_array:
    """Read a field as a bag of what is written: numbers, texts, the items of lists and objects.

    Every text is an item, and so is each word of a longer one; a number within a list is
    added up, and the length of the list counts. Of an object everything is read but what
    is declared protected, sensitive or a target, unless that is what was asked for.
    Nothing is written into the cleaning report.

    Parameters
    ----------
    records : Records
        The ``n`` pairs.
    path : str
        A field path, of any usage.

    Returns
    -------
    sparse array of shape (n, n_columns)

    Raises
    ------
    UnknownFieldError
        If the table has no such column.
    """
    entity, declared, location = entity_of(path), records.field(path), records.locate(path)
    closed = {
        field.path.replace("[]", "")
        for field in records.fields.values()
        if field.usage in REFUSED and field.path != path
    }
    leaves: dict[str, list[tuple[int, Any]]] = {}
    cells = records.tables[entity][location.column].tolist()
    records.memo.open_all(cells)
    missing = np.zeros(len(cells), dtype=bool)
    for row, cell in enumerate(cells):
        try:
            value = follow(records.memo.open(cell), location.steps)
        except Unreadable:
            value = None
        missing[row] = is_missing(value) or (isinstance(value, str) and value.strip() in declared.missing)
        if isinstance(value, str) and declared.separator and not missing[row]:
            value = [part for part in value.split(declared.separator) if part.strip()]
        if not missing[row]:
            for where, leaf in _leaves(value, path.replace("[]", ""), closed):
                leaves.setdefault(where, []).append((row, leaf))
    numbers, bags = [], [dict[str, None]() for _ in cells]
    for where, found in leaves.items():
        sums = _sums(found, len(cells))
        if sums is not None:
            numbers.append(number_columns(sums))
            continue
        for row, leaf in found:
            bags[row].update(dict.fromkeys(f"{where}={word}" for word in _words(leaf)))
    parts = [*numbers, csr_array(missing.astype(np.float64)[:, None])]
    room = max(MOST_COLUMNS - sum(part.shape[1] for part in parts), 0)
    parts.append(item_columns([list(bag) for bag in bags], room))
    return csr_array(hstack(parts, format="csr"))[records.rows[entity]]


def _leaves(value: Any, where: str, closed: set[str]) -> Iterator[tuple[str, Any]]:
    """Walk to everything that is no list and no object, and tell the length of each list."""
    if where in closed or is_missing(value):
        return
    if isinstance(value, (list, tuple)):
        yield f"{where}#", float(len(value))
        for item in value:
            yield from _leaves(item, where, closed)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, f"{where}.{key}", closed)
    else:
        yield where, value


def _sums(found: list[tuple[int, Any]], n: int) -> np.ndarray | None:
    """Add numbers up by row, NaN where a row has none; ``None`` where something is no number."""
    out, given = np.zeros(n), np.zeros(n, dtype=bool)
    for row, leaf in found:
        try:
            number = np.nan if isinstance(leaf, bool) else as_number(leaf)
        except Unreadable:
            return None
        if isinstance(leaf, bool):
            return None
        if number == number:
            out[row] += number
            given[row] = True
    return np.where(given, out, np.nan)


def _words(leaf: Any) -> list[str]:
    text = normal(str(leaf))
    words = text.split()
    return [text, *words] if len(words) > 1 else [text]
