"""The chain while it is locked: what is written through a book is committed together or not at all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, insert

from ranker.app.decisions.chain import entry_hash, new_id
from ranker.app.decisions.concerned import rows_of
from ranker.app.decisions.entries import NewDecision, Recorded
from ranker.app.decisions.sealed import Sealed
from ranker.app.decisions.tables import Ascii, decisions, documents, escaped, head, people, reviews
from ranker.errors import DataError

__all__ = ["Book"]

Row = tuple[Any, ...]

# As text: SQLAlchemy takes longer to find what it once made of its own form than SQLite for the row.
FROM_ARRAYS = (
    f"INSERT INTO {people.name} (block, person, number) "
    "SELECT * FROM unnest(%s::bigint[], %s::text[], %s::bigint[])"
)
LOCKED = f"SELECT number, hash FROM {head.name} WHERE id = 1"


@dataclass(slots=True)
class Book:
    """One transaction that extends the chain.

    Parameters
    ----------
    connection : Connection
        In a transaction that may write; whoever opened it commits.
    clock : callable
        Tells the time as :func:`~ranker.app.decisions.chain.utc_now` does.
    number, hash
        The chain's last entry; read, and locked, when the book is opened.
    """

    connection: Connection
    clock: Callable[[], str]
    number: int = field(init=False)
    hash: str = field(init=False)

    def __post_init__(self) -> None:
        alone = (
            " FOR UPDATE" if self.connection.dialect.name == "postgresql" else ""
        )  # SQLite's is the file's
        row = self.connection.exec_driver_sql(LOCKED + alone).one_or_none()
        if row is None:
            raise DataError("the log has lost the row that says where its chain ends: restore a backup")
        self.number, self.hash = row

    def append(self, new: NewDecision) -> Recorded:
        """Add a decision; see :meth:`append_all`."""
        [recorded] = self.append_all([Sealed.of(new)])
        return recorded

    def append_all(self, sealed: Sequence[Sealed]) -> list[Recorded]:
        """Add decisions, one after the other.

        Returns
        -------
        list of Recorded
            In their order; true once the transaction is committed.
        """
        recorded: list[Recorded] = []
        rows, concerned, wanted = list[Row](), list[Row](), list[dict[str, Any]]()
        bodies: dict[str, list[Row]] = {name: [] for name in documents}
        for one in sealed:
            self.number += 1
            entry = {"number": self.number, "id": new_id(), "time": self.clock(), **one.entry}
            previous, self.hash = self.hash, entry_hash(self.hash, entry)
            rows.append(_row(decisions, {**entry, "previous": previous, "hash": self.hash}))
            recorded.append(Recorded(entry["id"], self.number, self.hash, entry["time"]))
            for name, body in one.bodies:
                bodies[name].append((self.number, body))
            concerned += rows_of(self.number, one.people)
            wanted += [
                review_row(self.number, review.person, review.reason, entry["time"]) for review in one.reviews
            ]
        self._put(decisions, rows)
        for name, packed in bodies.items():
            self._put(documents[name], packed)
        self._put(people, concerned)
        if wanted:
            self.connection.execute(insert(reviews), wanted)
        moved = f"UPDATE {head.name} SET number = {self._sign}, hash = {self._sign} WHERE id = 1"
        self.connection.exec_driver_sql(moved, (self.number, self.hash))
        return recorded

    def _put(self, table: Table, rows: list[Row]) -> None:
        """Insert rows past SQLAlchemy, which takes longer for their parameters than SQLite for the rows."""
        # One statement with the values of all rows took longer: .8 ms for 100 people instead of .55.
        if len(rows) > 1 and self.connection.dialect.name == "postgresql" and table is people:
            # As arrays: with a hundred rows one by one the whole entry takes twice the processor's time.
            self.connection.exec_driver_sql(FROM_ARRAYS, tuple(map(list, zip(*rows, strict=True))))
        elif rows:
            self.connection.exec_driver_sql(_insertion(table, self._sign), rows)

    @property
    def _sign(self) -> str:
        """What stands for a parameter in this database's statements."""
        return "?" if self.connection.dialect.paramstyle == "qmark" else "%s"


@cache
def _insertion(table: Table, sign: str) -> str:
    names = table.columns.keys()
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join([sign] * len(names))})"


@cache
def _ascii_columns(table: Table) -> tuple[tuple[str, bool], ...]:
    return tuple((column.name, isinstance(column.type, Ascii)) for column in table.columns)


def _row(table: Table, values: Mapping[str, Any]) -> Row:
    """Lay values out as a table's columns, as their types would write them."""
    return tuple(
        escaped(values[name]) if is_ascii else values[name] for name, is_ascii in _ascii_columns(table)
    )


def review_row(about: int, person: str, reason: str, created: str) -> dict[str, Any]:
    """Return the row of a review that waits."""
    return {
        "id": new_id(),
        "about": about,
        "person": person,
        "reason": reason,
        "status": "open",
        "created": created,
    }
