"""The log of decisions as the watch reads it: rankings and classifications, in their order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select

from ranker.app.decisions.store import Store, bodies
from ranker.app.decisions.tables import decisions

__all__ = ["KINDS", "Entry", "newest", "number_from_end", "read"]

KINDS: Final = ("classify", "rank")  # those that decide about somebody
TOGETHER: Final = 100  # entries of one look at the database


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A ranking or classification of the log.

    Parameters
    ----------
    number, time, kind, model
        As in :class:`~ranker.app.decisions.entries.Decision`.
    input, answer : mapping or None
        ``None`` where it was not kept, or is deleted.
    people : tuple of str
        Who is concerned.
    protected : mapping
        Protected fields by person; empty where none came.
    """

    number: int
    time: str
    kind: str
    model: str
    input: Mapping[str, Any] | None
    answer: Mapping[str, Any] | None
    people: tuple[str, ...]
    protected: Mapping[str, Mapping[str, Any]]


def read(
    store: Store, model: str, *, after: int = 0, until: int | None = None, most: int | None = None
) -> Iterator[Entry]:
    """Read the rankings and classifications that a model made, in the order of the chain.

    Parameters
    ----------
    store : Store
        The log.
    model : str
        The model's digest.
    after, until : int
        Numbers of decisions: those after the one, up to and with the other.
    most : int, optional
        At most so many.

    Yields
    ------
    Entry
        A hundred are read at once, so that no transaction stays open meanwhile.

    Raises
    ------
    StoreUnavailable
        If the database is lost.
    """
    left = most
    while left is None or left > 0:
        some = _some(store, model, after, until, TOGETHER if left is None else min(TOGETHER, left))
        yield from some
        if len(some) < TOGETHER:
            return
        after = some[-1].number
        left = None if left is None else left - len(some)


def newest(store: Store) -> int:
    """Return the number of the chain's last entry, 0 where there is none."""
    head = store.head()
    return 0 if head is None else head.number


def number_from_end(store: Store, model: str, n: int) -> int:
    """Return the decision after which ``n`` rankings and classifications of a model follow, 0 where fewer do."""
    own = select(decisions.c.number).where(decisions.c.kind.in_(KINDS), decisions.c.model == model)
    with store.read() as connection:
        found = connection.execute(own.order_by(decisions.c.number.desc()).offset(n).limit(1)).scalar()
    return 0 if found is None else int(found)


def count(store: Store, model: str, *, after: int, until: int) -> int:
    """Count the rankings and classifications of a model between two decisions."""
    own = (decisions.c.number > after, decisions.c.number <= until)
    query = select(func.count()).where(decisions.c.kind.in_(KINDS), decisions.c.model == model, *own)
    with store.read() as connection:
        return int(connection.execute(query).scalar_one())


def _some(store: Store, model: str, after: int, until: int | None, limit: int) -> list[Entry]:
    query = (
        select(decisions.c.number, decisions.c.time, decisions.c.kind, decisions.c.model)
        .where(decisions.c.kind.in_(KINDS), decisions.c.model == model, decisions.c.number > after)
        .order_by(decisions.c.number)
        .limit(limit)
    )
    if until is not None:
        query = query.where(decisions.c.number <= until)
    with store.read() as connection:
        rows = connection.execute(query).all()
        numbers = [row.number for row in rows]
        told = {
            name: bodies(connection, name, numbers) for name in ("input", "answer", "people", "protected")
        }
    return [_entry(row, {name: _value(told[name].get(row.number)) for name in told}) for row in rows]


def _value(document: Any) -> Any:
    return None if document is None else document.value()


def _entry(row: Any, told: Mapping[str, Any]) -> Entry:
    concerned: Sequence[Mapping[str, Any]] = (told["people"] or {}).get("people") or ()
    return Entry(
        number=row.number, time=row.time, kind=row.kind, model=row.model, input=told["input"],
        answer=told["answer"], people=tuple(one["id"] for one in concerned if "id" in one),
        protected=(told["protected"] or {}).get("people") or {},
    )  # fmt: skip
