"""What pages ask of the log beside what programs do: the newest first, and what stands about one decision."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from ranker.app.decisions.concerned import numbers_of, of_decisions
from ranker.app.decisions.entries import Decision
from ranker.app.decisions.errors import UnknownReviewError
from ranker.app.decisions.filed import corrected_from
from ranker.app.decisions.reviews import Review
from ranker.app.decisions.store import Store, bodies
from ranker.app.decisions.tables import decisions, objections, outcomes, overrides, people, reviews
from ranker.app.service.roles import APPLICANT

__all__ = [
    "Happened", "Line", "Placed", "newest", "objection_of", "outcomes_about", "placed", "review", "reviews_about",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """An entry of the log in a list.

    Parameters
    ----------
    id, number, time, kind, caller
        As in :class:`~ranker.app.decisions.entries.Decision`.
    about : str
        The job, or the domain, as far as the answer names one.
    n_people : int
        Candidates concerned whose data have not been deleted.
    corrected : str or None
        Whose record was corrected for it, beside the decision that was objected to.
    """

    id: str
    number: int
    time: str
    kind: str
    caller: str
    about: str
    n_people: int
    corrected: str | None


@dataclass(frozen=True, slots=True)
class Placed:
    """A rank that a person gave otherwise; ``None`` for none at all."""

    person: str
    rank: int | None


@dataclass(frozen=True, slots=True)
class Happened:
    """What became of a candidate, as somebody reported it.

    Parameters
    ----------
    person : str
        The candidate.
    outcome : str
        ``interviewed``, ``hired`` or ``left``.
    day : str or None
        When it was.
    time, caller, entry : str
        When it was reported, by whom, and the id of its entry in the log.
    """

    person: str
    outcome: str
    day: str | None
    time: str
    caller: str
    entry: str


def newest(
    store: Store,
    *,
    kinds: Iterable[str] | None = None,
    before: int | None = None,
    person: str | None = None,
    applicant: str | None = None,
    limit: int = 50,
) -> tuple[Line, ...]:
    """Return entries, the newest first.

    Parameters
    ----------
    store : Store
        The log.
    kinds : iterable of str, optional
        Only of these kinds.
    before : int, optional
        Only those whose number is smaller.
    person : str, optional
        Only those that concern this candidate.
    applicant : str, optional
        None that an applicant's key asked for but this one, by its id; and none made with the corrected
        record of anybody but ``person``.
    limit : int
        At most so many.
    """
    query = select(decisions).order_by(decisions.c.number.desc()).limit(limit)
    if kinds is not None:
        query = query.where(decisions.c.kind.in_(list(kinds)))
    if before is not None:
        query = query.where(decisions.c.number < before)
    if person is not None:
        query = query.where(decisions.c.number.in_(numbers_of(person)))
    if applicant is not None:
        query = query.where((decisions.c.role != APPLICANT) | (decisions.c.caller == applicant))
        # What was made with another one's record corrected is that one's, whoever asked for it.
        tried = select(objections.c.result).where(objections.c.result.is_not(None))
        query = query.where(decisions.c.id.not_in(tried.where(objections.c.person != person)))
    with store.read() as connection:
        rows = list(connection.execute(query).mappings())
        numbers = [row["number"] for row in rows]
        counted = select(people.c.number, func.count()).where(of_decisions(numbers)).group_by(people.c.number)
        n_people: dict[int, int] = {number: n for number, n in connection.execute(counted)}
        answers = bodies(connection, "answer", numbers)
    names = ("id", "number", "time", "kind", "caller")
    corrected = corrected_from(store, [row["id"] for row in rows])
    return tuple(
        Line(
            **{name: row[name] for name in names},
            about=_about(answers[row["number"]].value()) if row["number"] in answers else "",
            n_people=n_people.get(row["number"], 0),
            corrected=corrected[row["id"]].person if row["id"] in corrected else None,
        )
        for row in rows
    )


def reviews_about(store: Store, decision: Decision) -> tuple[Review, ...]:
    """Return the cases of the queue that are about a decision."""
    with store.read() as connection:
        query = select(reviews).where(reviews.c.about == decision.number).order_by(reviews.c.created)
        return tuple(_review(row, decision.id, decision.kind) for row in connection.execute(query).mappings())


def review(store: Store, id: str) -> Review:
    """Return a case of the queue.

    Raises
    ------
    UnknownReviewError
        If there is none of this id.
    """
    query = (
        select(reviews, decisions.c.id.label("decision"), decisions.c.kind)
        .join(decisions, decisions.c.number == reviews.c.about)
        .where(reviews.c.id == id)
    )
    with store.read() as connection:
        row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise UnknownReviewError("the queue holds no such case")
    return _review(row, row["decision"], row["kind"])


def objection_of(store: Store, review: str) -> Decision | None:
    """Return the newest objection that a case of the queue is about; its text was written for the reviewer."""
    query = (
        select(decisions.c.id)
        .join(objections, objections.c.number == decisions.c.number)
        .where(objections.c.review == review)
        .order_by(decisions.c.number.desc())
        .limit(1)
    )
    with store.read() as connection:
        id = connection.execute(query).scalar()
    return None if id is None else store.decision(str(id))


def placed(store: Store, decision: Decision) -> dict[str, Placed]:
    """Return what people ranked otherwise than a decision, by candidate; the last word counts."""
    query = select(overrides).where(overrides.c.about == decision.number).order_by(overrides.c.number)
    with store.read() as connection:
        rows = list(connection.execute(query).mappings())
    return {row["person"]: Placed(row["person"], row["rank_after"]) for row in rows}


def outcomes_about(store: Store, decision: Decision, person: str | None = None) -> tuple[Happened, ...]:
    """Return what was reported of those whom a decision concerns, in the order of the log.

    Reports that name no decision count where they name this one's job, or none.

    Parameters
    ----------
    store : Store
        The log.
    decision : Decision
        The decision.
    person : str, optional
        Only of this candidate.
    """
    job = (decision.answer or {}).get("job")
    own: ColumnElement[bool] = outcomes.c.job.is_(None)
    if job is not None:
        own = or_(own, outcomes.c.job == str(job))
    query = (
        select(outcomes, decisions.c.time, decisions.c.caller, decisions.c.id.label("entry"))
        .join(decisions, decisions.c.number == outcomes.c.number)
        .where(or_(outcomes.c.about == decision.number, outcomes.c.about.is_(None) & own))
        .where(outcomes.c.person.in_(decision.people if person is None else (person,)))
        .order_by(outcomes.c.number)
    )
    names = ("person", "outcome", "day", "time", "caller", "entry")
    with store.read() as connection:
        rows = connection.execute(query).mappings()
        return tuple(Happened(**{name: row[name] for name in names}) for row in rows)


def _about(answer: Mapping[str, Any] | None) -> str:
    told = answer or {}
    return str(told.get("job") or told.get("domain") or "")


def _review(row: Any, decision: str, kind: str) -> Review:
    told = {name: row[name] for name in Review.__slots__ if name in row and name not in ("decision", "kind")}
    return Review(**told, decision=decision, kind=kind)
