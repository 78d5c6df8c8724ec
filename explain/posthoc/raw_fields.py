"""Raw fields as a table, and such a table as records again."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ranker.errors import DataError, ProtectedFieldError
from ranker.ranking.labels import label_of
from ranker.records import Records, Usage
from ranker.records.field import declared_field, entity_of, refuse_protected
from ranker.records.ledger import Ledger

__all__ = ["RawFields", "kept_fields", "open_fields"]


@dataclass(frozen=True, slots=True, eq=False)
class RawFields:
    """Whole columns of candidates and applications, as people wrote them.

    A field inside a column, such as ``candidate.work[].months``, is part of its column: what
    stands beside it cannot be put into another person's record without it.

    Parameters
    ----------
    source : Records
        ``n`` pairs; the jobs' own fields stay as they are.
    paths : tuple of str
        Of ``m`` columns.
    """

    source: Records
    paths: tuple[str, ...]
    table: pd.DataFrame = field(init=False)

    def __post_init__(self) -> None:
        if not self.paths:
            raise DataError("no raw field is left to explain by: name some in fields")
        for path in self.paths:
            if entity_of(path) == "job":
                raise DataError(
                    f"{path!r} is the job's, which is the same for everyone: leave it out of fields"
                )
            location = self.source.locate(path)
            if location.steps:
                raise DataError(
                    f"{path!r} is part of a column: name the column, {location.entity + '.' + location.column!r}"
                )
        cells = {}
        for path in self.paths:
            location = self.source.locate(path)
            column = self.source.tables[location.entity][location.column].to_numpy(dtype=object)
            cells[path] = pd.Series(column[self.source.rows[location.entity]], dtype=object)
        object.__setattr__(self, "table", pd.DataFrame(cells))

    def records(self, cells: pd.DataFrame, pairs: ArrayLike) -> Records:
        """Write raw cells into pairs' records; everything else in them stays.

        Parameters
        ----------
        cells : DataFrame of shape (k, m)
            Raw values, by path.
        pairs : (k,) int array, or one int
            Whose records they are written into, by position in ``source``.

        Returns
        -------
        Records
            Of ``k`` pairs. What is read from them is counted nowhere: nobody wrote them.
        """
        at = np.broadcast_to(np.asarray(pairs, dtype=np.int64), (len(cells),))
        written = [self.source.locate(path) for path in self.paths]
        tables, rows = {}, {}
        for entity, of_pair in self.source.rows.items():
            table = self.source.tables[entity]
            mine = [
                (path, to.column) for path, to in zip(self.paths, written, strict=True) if to.entity == entity
            ]
            if not mine:
                distinct, rows[entity] = np.unique(of_pair[at], return_inverse=True)
                tables[entity] = table.iloc[distinct]
                continue
            rows[entity] = np.arange(len(cells))
            columns = {column: cells[path].to_numpy(dtype=object) for path, column in mine}
            tables[entity] = table.iloc[of_pair[at]].assign(**columns)
        return replace(
            self.source,
            tables=tables,
            rows=rows,
            candidate=self.source.candidate[at],
            job=self.source.job[at],
            relevance=None,
            ledger=Ledger(),
            _read={},
        )


def open_fields(records: Records) -> tuple[str, ...]:
    """Return the columns of candidates and applications that a score may read."""
    return tuple(path for path in _columns(records) if not _is_kept(records, path))


def kept_fields(records: Records) -> tuple[str, ...]:
    """Return the columns that are, or hold, a protected or sensitive field."""
    return tuple(
        path
        for path in _columns(records)
        if declared_field(path, records.fields).usage is not Usage.TARGET and _is_kept(records, path)
    )


def _is_kept(records: Records, path: str) -> bool:
    try:
        refuse_protected(path, records.fields, reader="an explanation")
    except ProtectedFieldError:
        return True
    return False


def _columns(records: Records) -> Iterable[str]:
    for entity in ("candidate", "application"):
        if entity not in records.tables:
            continue
        table, rows = records.tables[entity], records.rows[entity]
        for column in map(str, table.columns):
            # A column without a name numbers the rows of some file; keys only say who.
            is_key = entity == "application" and column in records.keys
            if column.strip() and not is_key and not _is_label(table[column], rows, records):
                yield f"{entity}.{column}"


def _is_label(column: pd.Series, rows: np.ndarray, records: Records) -> bool:
    """Whether a column holds nothing but the candidates' own labels."""
    return all(
        label_of(value) == label
        for value, label in zip(column.to_numpy(dtype=object)[rows], records.candidate, strict=True)
    )
