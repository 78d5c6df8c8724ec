"""Whether the log is what was written: each row, each link, each document, each model file."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, select

from ranker.app.decisions.chain import canonical, entry_hash
from ranker.app.decisions.concerned import block_of
from ranker.app.decisions.documents import Document, vouched
from ranker.app.decisions.retention import LASTING
from ranker.app.decisions.store import Store
from ranker.app.decisions.tables import decisions, documents, head, people
from ranker.app.decisions.verify_beside import faults_beside
from ranker.app.decisions.verify_keys import faults_in_keys
from ranker.app.decisions.verify_models import check_models
from ranker.app.decisions.verify_reviews import Case, cases_of, faults_in_queue, missing_cases

__all__ = ["Fault", "Verification", "verify"]

AT_ONCE: Final = 200  # rows in memory
_EACH_PERSON: Final = select(people).execution_options(yield_per=AT_ONCE)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was written.

    Parameters
    ----------
    number : int
        The decision's.
    what : str
        What is wrong with it.
    """

    number: int
    what: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found.

    Parameters
    ----------
    ok : bool
        Whether nothing is wrong.
    n : int
        How many decisions were checked.
    head : str
        Hash of the last one.
    faults : tuple of Fault
        In the order of the chain.
    notes : tuple of str
        What could not be checked, and why.
    """

    ok: bool
    n: int
    head: str
    faults: tuple[Fault, ...]
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        faults = [{"number": fault.number, "what": fault.what} for fault in self.faults]
        return {
            "ok": self.ok, "n": self.n, "head": self.head, "faults": faults, "notes": list(self.notes),
        }  # fmt: skip


def verify(
    store: Store, *, models: Mapping[str, Path] | None = None, anchor: str | None = None
) -> Verification:
    """Check the whole log; memory does not grow with it.

    Parameters
    ----------
    store : Store
        The log.
    models : mapping of str to Path, optional
        Model directories by digest, whose files are held against those that answered; by default each
        where it was served from.
    anchor : str, optional
        A hash that the chain's head once had, kept elsewhere: that is what finds entries that were cut
        off the end, or a chain that was written anew.
    """
    with store.snapshot() as connection:
        checking = _Checking(connection, anchor)
        checking.run()
        beside = [
            *faults_beside(connection),
            *faults_in_queue(connection, checking.expired),
            *faults_in_keys(connection),
        ]
        checking.faults += [Fault(number, what) for number, what in beside]
    about_models, notes = check_models(store, models)
    faults = [*checking.faults, *(Fault(number, what) for number, what in about_models)]
    faults.sort(key=lambda fault: fault.number)
    return Verification(not faults, checking.n, checking.last, tuple(faults), tuple(notes))


@dataclass(slots=True)
class _Checking:
    connection: Connection
    anchor: str | None
    faults: list[Fault] = field(default_factory=list)
    n: int = 0
    last: str = ""
    covered: set[int] = field(default_factory=set)
    expired: int = 0

    def run(self) -> None:
        connection = self.connection
        end = connection.execute(select(head)).mappings().one_or_none()
        if end is None:
            self.faults.append(Fault(0, "the row that says where the chain begins and ends was removed"))
        self._read_deletions()
        number, found, due = 0, self.anchor is None, _Index()
        previous = end["genesis"] if end else ""
        found = found or previous == self.anchor
        for row, told, cases in _rows(connection):
            self.n += 1
            if row["number"] != number + 1:
                self._fault(row, _gone(number + 1, row["number"] - 1))
            elif row["previous"] != previous and (number or end):
                self._fault(row, "it does not continue the entry before it: one of them was changed")
            if entry_hash(row["previous"], row) != row["hash"]:
                self._fault(row, "its row was changed: the hash is not that of what it says")
            for name in documents:
                self._check(row, name, told.get(name))
            listed = _people_in(told.get("people"), row["people_hash"])
            due.add((one["id"], row["number"]) for one in listed)
            for what in missing_cases(listed, cases):
                self._fault(row, what)
            number, previous = row["number"], row["hash"]
            found = found or previous == self.anchor
        self.last = previous
        if end and (end["number"], end["hash"]) != (number, previous):
            self.faults.append(
                Fault(
                    number + 1,
                    _gone(number + 1, end["number"])
                    if end["number"] > number
                    else f"the head says that the chain ends at {end['number']}, and it goes on to {number}: "
                    "the head was changed",
                )
            )
        if not found:
            self.faults.append(
                Fault(
                    number + 1,
                    f"the chain does not hold the hash {self.anchor}, which it once ended in: entries were "
                    "removed at the end, or the chain was written anew",
                )
            )
        there = _Index()
        # A row in another's block is not found by whoever asks for the person.
        there.add(
            (row.person, row.number if row.block == block_of(row.number) else -1)
            for row in connection.execute(_EACH_PERSON)
        )
        if there != due:
            self.faults.append(
                Fault(
                    0,
                    f"the index from people to decisions has {there.n} rows where {due.n} are due: rows were "
                    "added to or removed from the table people"
                    if there.n != due.n
                    else "the index from people to decisions names others than the decisions do: rows of the "
                    "table people were changed",
                )
            )

    def _check(self, row: RowMapping, name: str, packed: bytes | None) -> None:
        due = row[f"{name}_hash"]
        what = "list of people" if name == "people" else name
        if packed is None:
            gone = row["number"] <= self.expired and row["kind"] not in LASTING
            if due is not None and not gone:
                self._fault(row, f"its {what} was removed, and no entry says that it was deleted")
            return
        try:
            document = Document.from_bytes(packed)
        except ValueError:
            self._fault(row, f"its {what} cannot be read: it was changed")
            return
        if due is None or document.hash != due:
            self._fault(row, f"its {what} was changed: the hash is not the one in the chain")
        elif document.withdrawn and row["number"] not in self.covered:
            self._fault(row, f"a part of its {what} was removed, and no entry says that it was deleted")

    def _read_deletions(self) -> None:
        """Read what entries say was deleted; that these entries are true is checked with all others."""
        table = documents["answer"]
        joined = decisions.join(table, table.c.number == decisions.c.number)
        query = select(decisions.c.kind, table.c.body, decisions.c.answer_hash).select_from(joined)
        for kind, packed, due in self.connection.execute(
            query.where(decisions.c.kind.in_(("forget", "expire")))
        ):
            told = vouched(packed, due)
            if told is None:
                continue
            if kind == "forget":
                self.covered.update(told["decisions"])
            else:
                self.expired = max(self.expired, told["last"])

    def _fault(self, row: RowMapping, what: str) -> None:
        self.faults.append(Fault(row["number"], what))


def _rows(connection: Connection) -> Iterator[tuple[RowMapping, dict[str, bytes], Counter[Case]]]:
    """Yield each decision with its documents, and the cases that the queue holds of it."""
    number = -1
    while True:
        query = select(decisions).where(decisions.c.number > number).order_by(decisions.c.number)
        rows = connection.execute(query.limit(AT_ONCE)).mappings().all()
        if not rows:
            return
        first, number = rows[0]["number"], rows[-1]["number"]
        told: dict[int, dict[str, bytes]] = {row["number"]: {} for row in rows}
        for name, table in documents.items():
            between = select(table).where(table.c.number.between(first, number))
            for of, body in connection.execute(between):
                told.get(of, {})[name] = body
        cases = cases_of(connection, first, number)
        for row in rows:
            yield row, told[row["number"]], cases.get(row["number"], Counter())


@dataclass(slots=True)
class _Index:
    """Who is concerned by which decision, as a count and a sum of hashes: in any order, and of any length."""

    n: int = 0
    sum: int = 0

    def add(self, pairs: Iterable[tuple[str, int]]) -> None:
        for person, number in pairs:
            told = hashlib.sha256(canonical([person, number]).encode()).digest()
            self.n += 1
            self.sum = (self.sum + int.from_bytes(told)) % (1 << 256)


def _people_in(packed: bytes | None, due: str) -> list[dict[str, Any]]:
    told = vouched(packed, due, whole=False)
    return [one for one in told["people"] if "id" in one] if told else []


def _gone(first: int, last: int) -> str:
    if first == last:
        return f"decision {first} was removed"
    return f"decisions {first} to {last} were removed"
