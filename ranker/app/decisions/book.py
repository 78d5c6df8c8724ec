"""The chain while it is locked: what is written through a book is committed together or not at all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert, select, update

from ranker.app.decisions.chain import entry_hash, new_id
from ranker.app.decisions.entries import NewDecision, Recorded
from ranker.app.decisions.sealed import Sealed
from ranker.app.decisions.tables import decisions, documents, escaped, head, people, reviews
from ranker.errors import DataError

__all__ = ["Book"]

LOCKED = select(head.c.number, head.c.hash).where(head.c.id == 1).with_for_update()
MOVED = update(head).where(head.c.id == 1)


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
        row = self.connection.execute(LOCKED).one_or_none()
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
        rows, concerned, wanted = list[dict[str, Any]](), list[tuple[str, int]](), list[dict[str, Any]]()
        bodies: dict[str, list[dict[str, Any]]] = {name: [] for name in documents}
        for one in sealed:
            self.number += 1
            entry = {"number": self.number, "id": new_id(), "time": self.clock(), **one.entry}
            previous, self.hash = self.hash, entry_hash(self.hash, entry)
            rows.append({**entry, "previous": previous, "hash": self.hash})
            for name, body in one.bodies:
                bodies[name].append({"number": self.number, "body": body})
            concerned += [(escaped(person), self.number) for person in one.people]
            wanted += [
                review_row(self.number, review.person, review.reason, entry["time"]) for review in one.reviews
            ]
        self.connection.execute(insert(decisions), rows)
        for name, packed in bodies.items():
            if packed:
                self.connection.execute(insert(documents[name]), packed)
        if concerned:
            # Past SQLAlchemy, which takes longer for the parameters of a hundred rows than SQLite for the rows.
            sign = "?" if self.connection.dialect.paramstyle == "qmark" else "%s"
            put = f"INSERT INTO {people.name} (person, number) VALUES ({sign}, {sign})"
            self.connection.exec_driver_sql(put, concerned)
        if wanted:
            self.connection.execute(insert(reviews), wanted)
        self.connection.execute(MOVED, {"number": self.number, "hash": self.hash})
        return [Recorded(row["id"], row["number"], row["hash"], row["time"]) for row in rows]


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
