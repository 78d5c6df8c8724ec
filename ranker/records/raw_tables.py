"""Raw values of a few records as they came, which become frames only where somebody asks for frames."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["RawRows", "RawTables", "cell_in", "column_in", "labels_in", "names_in", "rows_as_frame"]

Row = Mapping[str, Any]
Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True, slots=True, eq=False)
class RawRows:
    """The ``n`` records of one entity.

    Parameters
    ----------
    rows : sequence of mapping, n long
        Raw values by column; a column that a record does not have is not given.
    names : tuple of str
        Columns, each once.
    labels : sequence of str, n long
        What the rows are called.
    index_name : str
        What the labels are called.
    """

    rows: Sequence[Row]
    names: tuple[str, ...]
    labels: Sequence[str]
    index_name: str

    def frame(self) -> pd.DataFrame:
        """Lay them out as a table of objects, indexed by their labels."""
        return rows_as_frame(self.rows, self.names, pd.Index(self.labels, dtype=object, name=self.index_name))


@dataclass(frozen=True, slots=True, eq=False)
class RawTables(Mapping[str, pd.DataFrame]):
    """Tables by entity, as :class:`~ranker.records.records.Records` has them; each frame is made when first asked for.

    A request of a hundred candidates is ranked without any: they would take a fifth of its time.

    Parameters
    ----------
    raw : dict of str to RawRows
        By entity; entities that share a table share the object.
    """

    raw: Mapping[str, RawRows]
    _frames: dict[int, pd.DataFrame] = field(default_factory=dict, repr=False)

    def __getitem__(self, entity: str) -> pd.DataFrame:
        rows = self.raw[entity]
        if id(rows) not in self._frames:
            self._frames[id(rows)] = rows.frame()
        return self._frames[id(rows)]

    def __iter__(self) -> Iterator[str]:
        return iter(self.raw)

    def __len__(self) -> int:
        return len(self.raw)


def rows_as_frame(rows: Sequence[Row], columns: Sequence[str], index: pd.Index) -> pd.DataFrame:
    """Make a table of the values as they are: pandas would read lists and numbers in its own way."""
    names = list(dict.fromkeys(columns))
    block = np.empty((len(rows), len(names)), dtype=object)
    if block.size:
        block[:] = [[row.get(name) for name in names] for row in rows]
    # Names as objects: pandas would turn them into Arrow's strings and back, .3 ms a table.
    return pd.DataFrame(block, index, pd.Index(names, dtype=object), dtype=object)


def names_in(tables: Tables, entity: str) -> Sequence[str]:
    """Return the columns of an entity's table."""
    if isinstance(tables, RawTables):
        return tables.raw[entity].names
    found: list[str] = tables[entity].columns.tolist()
    return found


def labels_in(tables: Tables, entity: str) -> Sequence[Any]:
    """Return what the rows of an entity's table are called."""
    if isinstance(tables, RawTables):
        return tables.raw[entity].labels
    labels: Sequence[Any] = tables[entity].index  # type: ignore[assignment]  # read as a sequence is
    return labels


def column_in(tables: Tables, entity: str, name: str) -> list[Any]:
    """Return a column of an entity's table, one that is there."""
    if isinstance(tables, RawTables):
        return [row.get(name) for row in tables.raw[entity].rows]
    values: list[Any] = tables[entity][name].to_numpy(dtype=object).tolist()
    return values


def cell_in(tables: Tables, entity: str, name: str, row: int) -> Any:
    """Return one value of an entity's table; ``row`` is a position."""
    if isinstance(tables, RawTables):
        return tables.raw[entity].rows[row].get(name)
    return tables[entity][name].iloc[row]
