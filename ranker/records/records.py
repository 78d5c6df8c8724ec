"""Candidates, jobs and applications, joined: one pair for each application."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from ranker.records.field import REFUSED, Field, Location, Usage, declared_field, entity_of, locate
from ranker.records.ledger import CleaningReport, Ledger
from ranker.records.memo import Memo
from ranker.records.raw_tables import cell_in, column_in, labels_in, names_in
from ranker.records.values import (
    Unreadable,
    are_objects,
    as_items,
    as_names,
    as_number,
    as_text,
    as_texts,
    as_weights,
    follow,
    is_missing,
    texts_at_once,
)

LISTS = (
    "texts",
    "names",
    "weights",
    "items",
)  # kinds that may stand in one text, as JSON or Python write them
NUMBERS, TEXTS, LISTED = {int, float}, {str}, {list}
READERS: dict[str, Callable[..., Any]] = {
    "number": as_number,
    "text": as_text,
    "texts": as_texts,
    "names": as_names,
    "weights": as_weights,
    "items": as_items,
}


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """Raw records of ``n`` (candidate, job) pairs.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Raw values of each entity: ``candidate``, ``job``, ``application``.
    rows : dict of str to (n,) int64 array
        For each pair, the position of its row in each entity's table.
    candidate, job : (n,) object arrays of str
        Labels of each pair's candidate and job.
    fields : dict of str to Field
        Declared fields by path.
    relevance : (n,) float64 array or None
        What the model is to learn; ``None`` where a pool is only to be ranked.
    ledger : Ledger
        Where values that cannot be read are written down.
    keys : tuple of str
        Columns of the applications that say who, for which job, and how good; empty where
        candidates have no column and are called by the number of their row.
    memo : Memo
        What was worked out of raw texts.
    """

    tables: Mapping[str, pd.DataFrame]
    rows: Mapping[str, np.ndarray]
    candidate: np.ndarray
    job: np.ndarray
    fields: Mapping[str, Field]
    relevance: np.ndarray | None
    ledger: Ledger
    keys: tuple[str, ...] = ()
    _read: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False)
    memo: Memo = field(default_factory=Memo, repr=False)

    def __len__(self) -> int:
        return len(self.job)

    def take(self, pairs: np.ndarray) -> "Records":
        """Return the records of some pairs, by position or mask; tables and readings are shared."""
        return replace(
            self,
            rows={entity: rows[pairs] for entity, rows in self.rows.items()},
            candidate=self.candidate[pairs],
            job=self.job[pairs],
            relevance=None if self.relevance is None else self.relevance[pairs],
        )

    def lots(self) -> np.ndarray | None:
        """Return what the lot between equal scores is drawn from, where candidates have no label of their own.

        Returns
        -------
        (n,) object array of str, or None where candidates have labels
            The content of each pair's row, less protected, sensitive and target fields: it
            stays the same in whatever order rows come.
        """
        if self.keys:
            return None
        table = self.tables["application"]
        kept = [
            column
            for column in sorted(map(str, table.columns))
            if not any(
                f"{entity}.{column}" in self.fields and self.fields[f"{entity}.{column}"].usage in REFUSED
                for entity in ("candidate", "job", "application")
            )
        ]
        rows = table[kept].iloc[self.rows["application"]].itertuples(index=False, name=None)
        return np.array(["\x1f".join(map(repr, row)) for row in rows], dtype=object)

    def field(self, path: str) -> Field:
        """Return the field that governs a path."""
        return declared_field(path, self.fields)

    def locate(self, path: str) -> Location:
        """Return the column and steps that a path leads to."""
        return locate(path, names_in(self.tables, entity_of(path)))

    def values(self, path: str, kind: str) -> np.ndarray:
        """Read a field for every row of its entity's table.

        Parameters
        ----------
        path : str
            A field path.
        kind : {"number", "text", "texts", "names", "weights", "items"}
            What to read it as.

        Returns
        -------
        array of shape (rows of the table,)
            float64 for numbers (NaN where not given), objects otherwise (``None`` where
            not given). Values that cannot be read count as not given and are written
            into the ledger, once.

        Raises
        ------
        UnknownFieldError
            If the table has no such column and the field is not declared optional.
        """
        key = (path, kind)
        if key not in self._read:
            self._read[key] = self._read_column(path, kind)
        return self._read[key]

    def at(self, path: str, kind: str) -> np.ndarray:
        """Read a field for every pair, shape (n,)."""
        return self.values(path, kind)[self.rows[entity_of(path)]]

    def cell(self, path: str, kind: str, pair: int) -> Any:
        """Read a field of one pair."""
        return self.values(path, kind)[self.rows[entity_of(path)][pair]]

    def derived(self, path: str, kind: str, key: str, make: Callable[..., Any]) -> Any:
        """Work something out for every row of a field's table, once.

        Parameters
        ----------
        path, kind : str
            As for :meth:`values`.
        key : str
            Tells what is worked out from others worked out from the same field.
        make : callable
            Takes the values and a function ``note(position, action, reason)`` that writes
            into the ledger; returns an array of the same length, or what stands for one.
        """
        cached = (path, f"{kind}:{key}")
        if cached not in self._read:
            values, entity = self.values(path, kind), entity_of(path)

            def note(position: int, action: str, reason: str) -> None:
                label = labels_in(self.tables, entity)[position]
                self.ledger.note(entity, label, action, reason, path=path, before=values[position])

            self._read[cached] = make(values, note)
        return self._read[cached]

    def raw(self, path: str, pair: int) -> Any:
        """Return one pair's value as it was written, ``None`` where it cannot be reached."""
        entity = entity_of(path)
        if self.field(path).usage is Usage.OPTIONAL and not _has(path, names_in(self.tables, entity)):
            return None
        location, row = self.locate(path), int(self.rows[entity][pair])
        try:
            return follow(cell_in(self.tables, entity, location.column, row), location.steps)
        except Unreadable:
            # Not the whole cell: what stands beside the value may be protected.
            return None

    def report(self) -> CleaningReport:
        """Return the fates of all rows read so far."""
        return self.ledger.report()

    def _read_column(self, path: str, kind: str) -> np.ndarray:
        entity, declared = entity_of(path), self.field(path)
        labels = labels_in(self.tables, entity)
        absent = np.nan if kind == "number" else None
        out = np.full(len(labels), absent, dtype=np.float64 if kind == "number" else object)
        if declared.usage is Usage.OPTIONAL and not _has(path, names_in(self.tables, entity)):
            self.ledger.note(entity, "", "noted", "the column of an optional field is absent", path=path)
            return out
        location = self.locate(path)
        values, steps = column_in(self.tables, entity, location.column), location.steps
        read, lists = READERS[kind], kind in LISTS
        extra: dict[str, Any] = {}
        if kind in ("texts", "names"):
            extra = {"separator": declared.separator, "form": self.memo.codes.__getitem__}
        must_be_list = (
            kind in ("texts", "names") and declared.separator is None and _is_list_column(values, location)
        )
        if (
            kind in ("texts", "names")
            and not must_be_list
            and (mark := _unstated_separator(values, declared))
        ):
            reason = f"most values hold {mark!r}: if they are lists, state separator = {mark!r}"
            self.ledger.note(entity, "", "noted", reason, path=path)
        if not declared.missing:
            inner = values if not steps else _members(values, steps)
            if inner is not None and (plain := _read_plainly(inner, kind, extra)) is not None:
                out[:] = plain
                return out
        positions: Iterable[int] = range(len(values))
        if kind == "names" and (path, "texts") in self._read:
            # Texts without objects among them are their own names.
            out[:] = self._read[path, "texts"]
            positions = [position for position, found in enumerate(out.tolist()) if found is None]
        if steps or lists:
            self.memo.open_all(values)
        good: dict[str, Any] = {}  # by the text that was read: the same text reads the same
        for position in positions:
            value = values[position]
            is_text = type(value) is str
            if is_text and value in good:
                out[position] = good[value]
                continue
            found = None
            try:
                found = follow(self.memo.open(value), steps) if steps else value
                if declared.missing and _said(found) in declared.missing:
                    continue
                if must_be_list and not is_missing(found):
                    found = self.memo.open(found)
                    if not isinstance(found, (list, tuple)):
                        raise Unreadable("no list where one was expected")
                elif lists and is_text and not steps:
                    found = self._opened(found)
                out[position] = read(found, **extra)
                if is_text:
                    good[value] = out[position]
            except Unreadable as error:
                # Of a nested value only the part that was asked for: its neighbours may be protected.
                before = found if location.steps else value
                if declared.usage in REFUSED:
                    before = None
                self.ledger.note(
                    entity,
                    labels[position],
                    "missing",
                    str(error),
                    path=path,
                    before="" if before is None else before,
                )
        return out

    def _opened(self, value: Any) -> Any:
        """Decode a text that may be a list; the reader says what is wrong with one that cannot be."""
        try:
            return self.memo.open(value)
        except Unreadable:
            return value


def _read_plainly(values: list[Any], kind: str, extra: Mapping[str, Any]) -> list[Any] | None:
    """Read a column of what its kind is written as in JSON, all at once; ``None`` where any value is not.

    Half the time of reading one by one, which has to be ready for everything.
    """
    types = set(map(type, values)) - {type(None)}
    try:
        if kind == "number" and types <= NUMBERS:
            numbers = [math.nan if value is None else float(value) for value in values]
            return None if math.inf in numbers or -math.inf in numbers else numbers
        if kind == "text" and types <= TEXTS:
            return [(value.strip() or None) if value else None for value in values]
        is_lists = types <= LISTED
        if is_lists and kind in ("texts", "names") and (texts := texts_at_once(values, extra["form"])):
            return texts
        if kind == "items" and is_lists and are_objects(values):
            return [None if value is None else tuple(value) for value in values]
        if kind in ("texts", "names", "items") and is_lists:
            read = READERS[kind]
            return [None if value is None else read(value, **extra) for value in values]
    except (Unreadable, OverflowError):
        pass
    return None


def _members(values: list[Any], steps: tuple[str, ...]) -> list[Any] | None:
    """Return a member of each of a column's objects; ``None`` where any value is none, or the way is longer."""
    if len(steps) > 1 or steps[0] == "[]" or set(map(type, values)) != {dict}:
        return None
    return [value.get(steps[0]) for value in values]


def _has(path: str, names: Sequence[str]) -> bool:
    rest = path.partition(".")[2]
    return any(rest == c or rest.startswith((c + ".", c + "[")) for c in names)


def _unstated_separator(column: list[Any], declared: Field) -> str | None:
    texts = [value for value in column if isinstance(value, str) and value]
    if declared.separator is not None or not texts:
        return None
    return next((m for m in ";|" if sum([m in text for text in texts]) > len(texts) / 2), None)


def _said(value: Any) -> str | None:
    return None if isinstance(value, (list, tuple, dict)) else as_text(value)


def _is_list_column(column: list[Any], location: Location) -> bool:
    if location.steps:
        return False
    return any(
        isinstance(value, (list, tuple)) or (isinstance(value, str) and value.lstrip().startswith("["))
        for value in column
    )
