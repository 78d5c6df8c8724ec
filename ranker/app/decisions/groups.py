"""Overrides, outcomes and reviews by group: the audit's own count, from fields that nobody else reads."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, select

from ranker.app.decisions.acts import OUTCOMES
from ranker.app.decisions.documents import Document
from ranker.app.decisions.store import Store
from ranker.app.decisions.tables import outcomes, overrides, protected, reviews

__all__ = ["UNDISCLOSED", "GroupCount", "counts_by_group"]

UNDISCLOSED: Final = "undisclosed"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCount:
    """What happened to the people of one group.

    Parameters
    ----------
    attribute, group : str
        The protected field, and its value.
    people : int
        Candidates of whom the log knows that value; of ``undisclosed`` those with an override, an outcome
        or a review and no such value.
    raised, lowered, removed : int
        Overrides that gave a better rank, a worse one, or none.
    interviewed, hired, left : int
        Candidates with that outcome, each counted once.
    reviewed, objected : int
        Cases in the queue, and those among them that came from the candidate.
    """

    attribute: str
    group: str
    people: int
    raised: int = 0
    lowered: int = 0
    removed: int = 0
    interviewed: int = 0
    hired: int = 0
    left: int = 0
    reviewed: int = 0
    objected: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {name: getattr(self, name) for name in GroupCount.__slots__}


def counts_by_group(store: Store, attribute: str | None = None) -> tuple[GroupCount, ...]:
    """Count what people did with decisions, by group.

    Parameters
    ----------
    store : Store
        The log.
    attribute : str, optional
        Only this protected field; all that came with decisions by default.

    Returns
    -------
    tuple of GroupCount
        By attribute and group, in the order of their names, ``undisclosed`` last.
    """
    with store.snapshot() as connection:
        groups, events = _groups(connection), _events(connection)
    counts = []
    for field in sorted(groups) if attribute is None else [attribute]:
        known = groups.get(field, {})
        people = Counter(known.values())
        happened: dict[str, Counter[str]] = defaultdict(Counter)
        hidden = set()
        for person, what in events:
            happened[known.get(person, UNDISCLOSED)][what] += 1
            if person not in known:
                hidden.add(person)
        if hidden:
            people[UNDISCLOSED] += len(hidden)
        for group in sorted(people, key=lambda name: (name == UNDISCLOSED, name)):
            told = dict(happened[group])
            counts.append(GroupCount(attribute=field, group=group, people=people[group], **told))
    return tuple(counts)


def _groups(connection: Connection) -> dict[str, dict[str, str]]:
    """Return the value of each protected field by candidate; the newest where they differ."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    query = select(protected.c.body).order_by(protected.c.number).execution_options(yield_per=200)
    for packed in connection.execute(query).scalars():
        told = Document.from_bytes(packed).value()
        for person, fields in (told["people"] if told else {}).items():
            for name, value in fields.items():
                if value is not None and str(value).strip():
                    found[name][person] = str(value)
    return found


def _events(connection: Connection) -> list[tuple[str, str]]:
    events: list[tuple[str, str]] = []
    columns = (overrides.c.person, overrides.c.rank_before, overrides.c.rank_after)
    for person, before, after in connection.execute(select(*columns)):
        if after is None:
            events.append((person, "removed"))
        elif before is not None and after != before:
            events.append((person, "raised" if after < before else "lowered"))
    happened = select(outcomes.c.person, outcomes.c.outcome).distinct()
    events += [(person, what) for person, what in connection.execute(happened) if what in OUTCOMES]
    for person, reason in connection.execute(select(reviews.c.person, reviews.c.reason)):
        events.append((person, "reviewed"))
        if reason in ("objection", "correction"):
            events.append((person, "objected"))
    return events
