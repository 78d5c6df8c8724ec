"""One person's raw fields, their lists taken apart into entries that can be left out."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from explain.posthoc.raw_fields import RawFields
from ranker.features.feature import numbered
from ranker.records.values import Unreadable

__all__ = ["Entries"]


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """The columns that an explainer sees: one for each entry of a list, one for each other field.

    Parameters
    ----------
    fields : RawFields
        What to take apart.
    pair : int
        Whose record is taken apart, by position in ``fields.source``.
    lists : dict of str to list
        By path, what stands in each list of the record.
    names : dict of str to list of str
        By path, the columns of its entries: ``candidate.skills[Python]``, and
        ``candidate.work[2]`` for an entry that is no text.
    """

    fields: RawFields
    pair: int
    lists: dict[str, list[Any]]
    names: dict[str, list[str]]

    @classmethod
    def of(cls, fields: RawFields, pair: int) -> "Entries":
        """Take one record apart."""
        lists, names = {}, {}
        for path in fields.paths:
            entries = _entries(fields, path, pair)
            if entries is not None:
                said = [e.strip() if isinstance(e, str) else str(n) for n, e in enumerate(entries, 1)]
                lists[path], names[path] = entries, numbered([f"{path}[{name}]" for name in said])
        return cls(fields, pair, lists, names)

    def own(self) -> pd.DataFrame:
        """Return the record itself: one row, every entry there."""
        return self._table(np.array([self.pair]), there=True)

    def without(self, pairs: np.ndarray) -> pd.DataFrame:
        """Return records with no entry there, and other fields as some pairs wrote them."""
        # Where lists are all there is, every such row is the same.
        return self._table(pairs if len(self.names) < len(self.fields.paths) else pairs[:1], there=False)

    def cells(self, table: pd.DataFrame) -> pd.DataFrame:
        """Write such columns as raw cells: lists of the entries that are there."""
        columns: dict[str, Any] = {}
        for path in self.fields.paths:
            if path not in self.names:
                columns[path] = table[path]
                continue
            there = table[self.names[path]].to_numpy(dtype=bool)
            lists = [[e for e, kept in zip(self.lists[path], row, strict=True) if kept] for row in there]
            columns[path] = pd.Series(lists, dtype=object, index=table.index)
        return pd.DataFrame(columns)

    def _table(self, pairs: np.ndarray, *, there: bool) -> pd.DataFrame:
        columns: dict[str, Any] = {}
        for path in self.fields.paths:
            if path in self.names:
                columns |= {name: np.full(len(pairs), there) for name in self.names[path]}
            else:
                columns[path] = self.fields.table[path].to_numpy()[pairs]
        return pd.DataFrame(columns)


def _entries(fields: RawFields, path: str, pair: int) -> list[Any] | None:
    """Return what stands in a record's list; ``None`` where it holds no list."""
    cell, separator = fields.table[path].iloc[pair], fields.source.field(path).separator
    try:
        found = fields.source.memo.open(cell)
    except Unreadable:
        return None
    if isinstance(found, str) and separator is not None:
        return [part.strip() for part in found.split(separator) if part.strip()]
    return list(found) if isinstance(found, (list, tuple)) else None
