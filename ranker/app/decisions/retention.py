"""Deleting data from the log: one person's, or all that is too old. Hashes stay, so the chain verifies."""

import re
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Table, delete, func, select, update

from ranker.app.decisions.book import Book
from ranker.app.decisions.chain import as_text
from ranker.app.decisions.concerned import block_of, forget_person, numbers_of
from ranker.app.decisions.documents import Document
from ranker.app.decisions.entries import NewDecision
from ranker.app.decisions.store import Store
from ranker.app.decisions.tables import (
    api_keys,
    decisions,
    documents,
    lists,
    objections,
    outcomes,
    overrides,
    people,
    reviews,
)
from ranker.errors import DataError

__all__ = ["LASTING", "Forgotten", "expire", "forget"]

LASTING: Final = ("forget", "expire", "model")  # entries about nobody, which the chain is verified by
ROWS: Final = {"reviews": reviews, "objections": objections, "overrides": overrides, "outcomes": outcomes}
AT_ONCE: Final = 500  # numbers in one statement


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much was deleted.

    Parameters
    ----------
    decisions : int
        Decisions that the person, or the age, concerned.
    inputs, answers, protected : int
        Documents of which something was deleted.
    reviews, objections, overrides, outcomes, keys : int
        Rows.
    """

    decisions: int = 0
    inputs: int = 0
    answers: int = 0
    protected: int = 0
    reviews: int = 0
    objections: int = 0
    overrides: int = 0
    outcomes: int = 0
    keys: int = 0

    def to_json(self) -> dict[str, int]:
        """Return it as JSON."""
        return asdict(self)


def forget(store: Store, person: str, *, why: str, caller: str = "command line") -> Forgotten:
    """Delete one person's data, and log that something was deleted, though not whose.

    Of a decision about several people only what is that person's goes, and whatever else names that
    person (a sentence of another's explanation, say).

    Parameters
    ----------
    store : Store
        The log.
    person : str
        The candidate's id.
    why : str
        The reason; it stays, so it should name nobody.
    caller : str
        Who asks for it.

    Raises
    ------
    DataError
        If the reason is empty or names the person; nothing is deleted then.
    """
    if not why.strip():
        raise DataError("say why the data are deleted: --why 'at their own request'")
    if re.search(rf"(?<!\w){re.escape(person)}(?!\w)", why):
        raise DataError("the reason names the person, and it stays in the log: leave the name out")
    with store.write() as book:
        connection = book.connection
        numbers = sorted(connection.execute(numbers_of(person)).scalars())
        counts = {"decisions": len(numbers)}
        for name, table in documents.items():
            counts[name] = _withdraw(connection, table, numbers, person)
        for name, table in ROWS.items():
            counts[name] = connection.execute(delete(table).where(table.c.person == person)).rowcount
        counts["keys"] = connection.execute(delete(api_keys).where(api_keys.c.person == person)).rowcount
        forget_person(connection, person, numbers)
        done = _counts(counts)
        if numbers or done != Forgotten():
            _log(book, "forget", caller, {"why": why}, {"decisions": numbers, "counts": done.to_json()})
    store.wipe()
    return done


def expire(store: Store, older_than: str, *, caller: str = "command line") -> Forgotten:
    """Delete inputs, answers, protected fields and what stands beside them, of decisions before a time.

    Parameters
    ----------
    store : Store
        The log.
    older_than : str
        A time with its zone, ISO 8601; decisions before it lose their data.
    caller : str
        Who asks for it.

    Raises
    ------
    DataError
        If it is no such time.
    """
    before = _utc(older_than)
    old = select(decisions.c.number).where(decisions.c.time < before, decisions.c.kind.not_in(LASTING))
    with store.write() as book:
        connection = book.connection
        last = connection.execute(select(func.max(old.subquery().c.number))).scalar()
        if last is None:
            return Forgotten()
        # By number, not by time: clocks that were set back must not leave the log unsure what is missing.
        old = select(decisions.c.number).where(decisions.c.number <= last, decisions.c.kind.not_in(LASTING))
        counts = {}
        for name, table in documents.items():
            counts[name] = connection.execute(delete(table).where(table.c.number.in_(old))).rowcount
        counts["decisions"] = counts["answer"]
        for name, table in ROWS.items():
            gone: ColumnElement[bool] = table.c.number.in_(old)
            if name == "reviews":  # those that wait have no entry of their own
                gone |= table.c.number.is_(None) & table.c.about.in_(old)
            counts[name] = connection.execute(delete(table).where(gone)).rowcount
        connection.execute(delete(people).where(people.c.block <= block_of(last), people.c.number.in_(old)))
        done = _counts(counts)
        if done != Forgotten():
            told = {"last": last, "counts": done.to_json()}
            _log(book, "expire", caller, {"older_than": before}, told)
    store.wipe()
    return done


def _withdraw(connection: Connection, table: Table, numbers: list[int], person: str) -> int:
    """Delete a person's pieces of documents; return of how many documents something went."""
    changed = 0
    for start in range(0, len(numbers), AT_ONCE):
        query = select(table).where(table.c.number.in_(numbers[start : start + AT_ONCE]))
        for number, body in connection.execute(query).all():
            before = Document.from_bytes(body)
            # Who is concerned is what the chain's index is verified by: nobody else may go with a person.
            after = before.without_own(person) if table is lists else before.without(person)
            if after != before:
                put = update(table).where(table.c.number == number).values(body=after.to_bytes())
                connection.execute(put)
                changed += 1
    return changed


def _counts(counts: dict[str, int]) -> Forgotten:
    counts["inputs"], counts["answers"] = counts.pop("input"), counts.pop("answer")
    counts.pop("people")
    return Forgotten(**counts)


def _log(book: Book, kind: str, caller: str, asked: dict[str, Any], told: dict[str, Any]) -> None:
    book.append(
        NewDecision(
            kind=kind, caller=caller, role="admin", model="", request_id="", input=asked, answer=told
        )
    )  # fmt: skip


def _utc(text: str) -> str:
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise DataError(f"time {text!r} is none: write it as 2026-11-21T00:00:00Z") from None
    if given.tzinfo is None:
        raise DataError(f"time {text!r} has no zone: write it as 2026-11-21T00:00:00Z")
    return as_text(given)
