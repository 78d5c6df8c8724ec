"""The log of decisions: what was answered, to whom, by which model, before it was sent."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, Engine, RowMapping, Select, select

from ranker.app.decisions.book import Book
from ranker.app.decisions.chain import utc_now
from ranker.app.decisions.concerned import numbers_of
from ranker.app.decisions.documents import Document
from ranker.app.decisions.engine import WAIT, WRITE, engine_for, place_of
from ranker.app.decisions.entries import Decision, NewDecision, Recorded
from ranker.app.decisions.errors import StoreUnavailable, UnknownDecisionError, as_unavailable
from ranker.app.decisions.migrations import upgrade
from ranker.app.decisions.queueing import Queue
from ranker.app.decisions.sealed import Sealed
from ranker.app.decisions.tables import decisions, documents, head
from ranker.errors import CandorError, DataError

__all__ = ["Store", "open_store"]

WIPE_WAIT = 200  # ms
TOGETHER = 64  # decisions committed at once, at most


class _Waiting:
    """A decision between being handed in and being on disk."""

    __slots__ = ("failure", "recorded", "sealed")

    def __init__(self, sealed: Sealed) -> None:
        self.sealed = sealed
        self.recorded: Recorded | None = None
        self.failure: str | None = None


class Store:
    """The log; any number of threads and processes may use one database at once.

    Parameters
    ----------
    engine : Engine
        The database, its tables of the newest version; :func:`open_store` sees to both.
    clock : callable
        Tells the time as :func:`~ranker.app.decisions.chain.utc_now` does.
    """

    def __init__(self, engine: Engine, *, clock: Callable[[], str] = utc_now) -> None:
        self.engine = engine
        self.clock = clock
        self._writer = engine.execution_options(**{WRITE: True})
        self._queue = Queue.of(engine)
        self._gate = threading.Lock()
        self._waiting: list[_Waiting] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def place(self) -> str:
        """The database's URL, without its password."""
        return place_of(self.engine)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()
        self._queue.close()

    def record(self, decision: NewDecision) -> Recorded:
        """Write a decision to the log; when this returns it is on disk.

        Decisions that several threads hand in at the same time are committed in one transaction, as the
        disk takes as long for one as for many.

        Raises
        ------
        StoreUnavailable
            If the database is lost, full, or stays locked: then nothing of it was written.
        DataError
            If input or answer is not JSON.
        """
        waiting = _Waiting(Sealed.of(decision))
        with self._gate:
            self._waiting.append(waiting)
        # Whoever comes through first writes for all who wait; they find their own already done.
        while waiting.recorded is None and waiting.failure is None:
            with self._queue.turn():
                if waiting.recorded is None and waiting.failure is None:
                    with self._gate:
                        batch, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
                    self._write(batch)
        if waiting.recorded is None:
            raise StoreUnavailable(waiting.failure)
        return waiting.recorded

    def _write(self, batch: list[_Waiting]) -> None:
        failure = "the log of decisions was interrupted; nothing was written"
        recorded: list[Recorded] = []
        try:
            with self._transaction() as book:
                recorded = book.append_all([one.sealed for one in batch])
        except CandorError as error:
            failure, recorded = str(error), []
        except BaseException:
            recorded = []
            raise
        finally:
            for place, one in enumerate(batch):
                one.recorded, one.failure = (recorded[place], None) if recorded else (None, failure)

    @contextmanager
    def write(self) -> Iterator[Book]:
        """Lock the chain's end and commit what is done inside, all of it or nothing.

        Yields
        ------
        Book
            Its ``append`` adds a decision, its ``connection`` changes what stands beside.

        Raises
        ------
        StoreUnavailable
            As :meth:`record`.
        """
        with self._queue.turn(), self._transaction() as book:
            yield book

    @contextmanager
    def _transaction(self) -> Iterator[Book]:
        with as_unavailable(self.place), self._writer.begin() as connection:
            yield Book(connection, self.clock)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that only reads.

        Raises
        ------
        StoreUnavailable
            If the database is lost.
        """
        with as_unavailable(self.place), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Open a transaction to which all tables stand as they were at its first look.

        Raises
        ------
        StoreUnavailable
            If the database is lost.
        """
        engine = self.engine
        if engine.dialect.name == "postgresql":  # SQLite does so by itself
            engine = engine.execution_options(isolation_level="REPEATABLE READ")
        with as_unavailable(self.place), engine.connect() as connection:
            yield connection

    def wipe(self) -> None:
        """Empty SQLite's write-ahead log, in which what was just deleted stands until it is overwritten.

        It waits for nobody for long: while others read, it is left to the next time.
        """
        if self.engine.dialect.name == "sqlite":
            with self._queue.turn(), self.read() as connection:
                connection.rollback()  # not inside a transaction
                cursor = connection.connection.cursor()
                cursor.execute(f"PRAGMA busy_timeout={WIPE_WAIT}")  # writers wait meanwhile
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                cursor.execute(f"PRAGMA busy_timeout={WAIT}")

    def head(self) -> Recorded | None:
        """Return the chain's last entry, ``None`` where there is none."""
        with self.read() as connection:
            newest = select(decisions).order_by(decisions.c.number.desc()).limit(1)
            row = connection.execute(newest).mappings().one_or_none()
        return None if row is None else Recorded(row["id"], row["number"], row["hash"], row["time"])

    def genesis(self) -> str:
        """Return what the first entry's hash takes in."""
        with self.read() as connection:
            return str(connection.execute(select(head.c.genesis)).scalar_one())

    def decision(self, id: str) -> Decision | None:
        """Return a decision by its id."""
        found = self._decisions(select(decisions).where(decisions.c.id == id))
        return found[0] if found else None

    def decisions(
        self,
        *,
        after: int | None = None,
        limit: int = 100,
        kind: str | None = None,
        person: str | None = None,
    ) -> tuple[Decision, ...]:
        """Return decisions in the order of the chain.

        Parameters
        ----------
        after : int, optional
            Only those whose number is greater.
        limit : int
            At most so many.
        kind, person : str, optional
            Only those of this kind, or that concern this candidate.
        """
        query = select(decisions).order_by(decisions.c.number).limit(limit)
        if after is not None:
            query = query.where(decisions.c.number > after)
        if kind is not None:
            query = query.where(decisions.c.kind == kind)
        if person is not None:
            query = query.where(decisions.c.number.in_(numbers_of(person)))
        return tuple(self._decisions(query))

    def protected(self, id: str) -> Mapping[str, Any]:
        """Return the protected fields that came with a decision, by candidate; for the audit alone."""
        number = self.number_of(id)
        with self.read() as connection:
            found = bodies(connection, "protected", [number])
        told = found[number].value() if number in found else None
        return told["people"] if told else {}

    def holds_input(self, id: str, value: Mapping[str, Any]) -> bool:
        """Tell whether a decision was made on this input, though it may not have been kept.

        Raises
        ------
        UnknownDecisionError
            If there is no such decision.
        """
        number = self.number_of(id)
        with self.read() as connection:
            found = bodies(connection, "input", [number]).get(number)
        if found is None:
            return False
        return found.value() == value if found.complete else len(found.pieces) == 1 and found.holds(value)

    def number_of(self, id: str) -> int:
        """Return a decision's number.

        Raises
        ------
        UnknownDecisionError
            If there is no such decision.
        """
        with self.read() as connection:
            return number_of(connection, id)

    def _decisions(self, query: Select[Any]) -> list[Decision]:
        with self.read() as connection:
            rows = list(connection.execute(query).mappings())
            numbers = [row["number"] for row in rows]
            told = {name: bodies(connection, name, numbers) for name in ("input", "answer", "people")}
        return [_decision(row, {name: told[name].get(row["number"]) for name in told}) for row in rows]


def open_store(url: str, *, clock: Callable[[], str] = utc_now, new: bool = True) -> Store:
    """Open a log, and bring its tables to the newest version.

    Parameters
    ----------
    url : str
        ``sqlite:///file.db`` or ``postgresql://USER@HOST/DATABASE``.
    clock : callable
        Tells the time; for tests.
    new : bool
        Whether SQLite's file is made where there is none; whoever only looks must not take a new, empty log
        for the one that was meant.

    Raises
    ------
    DataError
        If there is no such file, and none is to be made.
    StoreUnavailable
        If it cannot be reached or written to.
    UsageError
        If the URL is none of these, a driver is missing, or a newer Candor wrote it.
    """
    engine = engine_for(url)
    try:
        if not new and engine.dialect.name == "sqlite" and not Path(str(engine.url.database)).exists():
            raise DataError(
                f"there is no log at {place_of(engine)}: name the file that candor serve wrote to, by --database"
            )
        upgrade(engine)
        return Store(engine, clock=clock)
    except BaseException:
        engine.dispose()
        raise


def number_of(connection: Connection, id: str) -> int:
    """Return a decision's number; see :meth:`Store.number_of`."""
    number = connection.execute(select(decisions.c.number).where(decisions.c.id == id)).scalar()
    if number is None:
        raise UnknownDecisionError(f"the log holds no decision {id!r}: candor log show lists them")
    return int(number)


def bodies(connection: Connection, name: str, numbers: list[int]) -> dict[int, Document]:
    """Return documents by the numbers of their decisions, those that are there."""
    table = documents[name]
    rows = connection.execute(select(table).where(table.c.number.in_(numbers)))
    return {number: Document.from_bytes(body) for number, body in rows}


def _decision(row: RowMapping, told: Mapping[str, Document | None]) -> Decision:
    concerned = told["people"] and told["people"].value()
    named = [one["id"] for one in concerned["people"] if "id" in one] if concerned else []
    fields: dict[str, Any] = {name: row[name] for name in Decision.__slots__ if name in row}
    texts: dict[str, Any] = {
        name: None if (one := told[name]) is None else one.value() for name in ("input", "answer")
    }
    complete = all(one is not None and one.complete for one in (told["input"], told["answer"]))
    return Decision(**fields, **texts, people=tuple(named), complete=complete)
