"""The queue of cases that a person should look at, and what that person said."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import insert, select, update

from ranker.app.decisions.book import Book, review_row
from ranker.app.decisions.chain import new_id
from ranker.app.decisions.concerned import of_decisions
from ranker.app.decisions.entries import NewDecision
from ranker.app.decisions.errors import AlreadyDecidedError, UnknownReviewError
from ranker.app.decisions.filed import filed_by
from ranker.app.decisions.store import Store, number_of
from ranker.app.decisions.tables import decisions, objections, people, reviews
from ranker.errors import DataError, did_you_mean

__all__ = ["REASONS", "Objection", "Review", "add_to_queue", "decide_review", "file_objection", "queue"]

REASONS: Final = ("uncertain", "borderline", "sampled", "objection", "correction")
STATUSES: Final = ("open", "decided")


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A case in the queue.

    Parameters
    ----------
    id : str
        Its id.
    decision : str
        Id of the decision that it is about.
    kind : str
        That decision's kind.
    person : str
        The candidate.
    reason : str
        Why it is here, one of :data:`REASONS`.
    status : str
        ``open`` or ``decided``.
    created : str
        When it came.
    label, why, reviewer, decided : str or None
        What the reviewer said, with what reason, who it was, and when; ``None`` while it is open.
    filed_by : tuple of str
        Roles of those who filed the objections or corrections that it is about, each once: a recruiter may
        file one for a candidate. Empty where nobody did.
    """

    id: str
    decision: str
    kind: str
    person: str
    reason: str
    status: str
    created: str
    label: str | None = None
    why: str | None = None
    reviewer: str | None = None
    decided: str | None = None
    filed_by: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {**{name: getattr(self, name) for name in Review.__slots__}, "filed_by": list(self.filed_by)}


@dataclass(frozen=True, slots=True)
class Objection:
    """What became of an objection: its place in the chain, and in the queue.

    Parameters
    ----------
    id : str
        Id of the entry that holds it.
    review : str
        Id of the case in the queue.
    result : str or None
        Id of the decision that the corrected record brought, beside the old one.
    """

    id: str
    review: str
    result: str | None


def add_to_queue(
    store: Store, decision_id: str, reason: str, person: str, *, caller: str = "command line",
    role: str = "admin", request_id: str = "",
) -> str:  # fmt: skip
    """Ask that a person look at a decision, and log that; a case that waits already is not added again.

    Parameters
    ----------
    store : Store
        The log.
    decision_id : str
        The decision's id. Where it is just being made, ``NewDecision.reviews`` is safer: then both are
        committed together.
    reason : str
        One of :data:`REASONS`.
    person : str
        The candidate.
    caller, role, request_id : str
        Who asks.

    Returns
    -------
    str
        Id of the review.

    Raises
    ------
    UnknownDecisionError
        If there is no such decision.
    DataError
        If there is no such reason, or the decision does not concern the candidate.
    """
    with store.write() as book:
        about = number_of(book.connection, decision_id)
        review, new = _add(book, about, decision_id, reason, person, store.clock())
        if new:
            book.append(
                NewDecision(
                    kind="queue", caller=caller, role=role, model="", request_id=request_id,
                    input={"decision": decision_id, "reason": reason}, answer={"review": review},
                    people=(person,),
                )
            )  # fmt: skip
        return review


def queue(
    store: Store, status: str | None = "open", *, limit: int = 100, after: str | None = None
) -> tuple[Review, ...]:
    """Return cases, those that came first at the front.

    Parameters
    ----------
    store : Store
        The log.
    status : {"open", "decided"} or None
        Only those; all with ``None``.
    limit : int
        At most so many.
    after : str, optional
        Only those behind the review of this id.

    Raises
    ------
    DataError
        If there is no such status.
    UnknownReviewError
        If ``after`` names none.
    """
    if status is not None and status not in STATUSES:
        raise DataError(f"status {status!r}: there is no such status{did_you_mean(status, STATUSES)}")
    query = _with_decision().order_by(reviews.c.created, reviews.c.id).limit(limit)
    if status is not None:
        query = query.where(reviews.c.status == status)
    with store.read() as connection:
        if after is not None:
            first = connection.execute(select(reviews.c.created).where(reviews.c.id == after)).scalar()
            if first is None:
                raise UnknownReviewError(f"the queue holds no review {after!r}")
            at = reviews.c.created == first
            query = query.where((reviews.c.created > first) | (at & (reviews.c.id > after)))
        rows = connection.execute(query).mappings().all()
        filed = filed_by(connection, [row["id"] for row in rows])
        return tuple(_review(row, filed.get(row["id"], ())) for row in rows)


def decide_review(
    store: Store, id: str, reviewer: str, label: str, reason: str, *, role: str = "recruiter",
    request_id: str = "",
) -> Review:  # fmt: skip
    """Write down what a reviewer says.

    Parameters
    ----------
    store : Store
        The log.
    id : str
        The review's.
    reviewer : str
        Id of the reviewer's key.
    label : str
        Of a classified résumé one of Fit, Partial Fit and Not Fit; of others a word such as ``upheld``.
    reason : str
        Why.
    role, request_id : str
        The reviewer's.

    Raises
    ------
    UnknownReviewError
        If there is no such review.
    AlreadyDecidedError
        If it has its label.
    DataError
        If a résumé's label is none of the three, or label or reason is empty.
    """
    if not label.strip() or not reason.strip():
        raise DataError("a review needs a label and a reason: say what the case is, and why")
    from ranker.resume.labels import label_of  # loads pandas, which nothing else of the log needs

    with store.write() as book:
        row = book.connection.execute(_with_decision().where(reviews.c.id == id)).mappings().one_or_none()
        if row is None:
            raise UnknownReviewError(f"the queue holds no review {id!r}: GET /reviews lists those that wait")
        if row["status"] != "open":
            raise AlreadyDecidedError(f"review {id} was decided at {row['decided']} by {row['reviewer']}")
        said = {
            "label": label_of(label) if row["kind"] == "classify" else label,
            "why": reason,
            "reviewer": reviewer,
        }
        recorded = book.append(
            NewDecision(
                kind="review", caller=reviewer, role=role, model="", request_id=request_id,
                input={"review": id, "decision": row["decision"], "reason": row["reason"]},
                answer=said, people=(row["person"],),
            )
        )  # fmt: skip
        after = {"status": "decided", "decided": recorded.time, **said}
        book.connection.execute(
            update(reviews).where(reviews.c.id == id).values(number=recorded.number, **after)
        )
        filed = filed_by(book.connection, [id])
    return _review({**row, **after}, filed.get(id, ()))


def file_objection(
    store: Store, decision_id: str, *, person: str, text: str, caller: str, role: str = "applicant",
    request_id: str = "", correction: Mapping[str, Any] | None = None, result: str | None = None,
) -> Objection:  # fmt: skip
    """Take in what a candidate has to say against a decision; it enters the queue.

    Parameters
    ----------
    store : Store
        The log.
    decision_id : str
        The decision's id.
    person : str
        The candidate.
    text : str
        What is wrong, in the candidate's words.
    caller, role, request_id : str
        Who sent it.
    correction : Mapping, optional
        The record as it should read.
    result : str, optional
        Id of the decision that the corrected record brought.

    Raises
    ------
    UnknownDecisionError
        If there is no such decision.
    DataError
        If it does not concern the candidate.
    """
    reason = "objection" if correction is None else "correction"
    with store.write() as book:
        about = number_of(book.connection, decision_id)
        review, _ = _add(book, about, decision_id, reason, person, store.clock())
        if result is not None:
            number_of(book.connection, result)
        recorded = book.append(
            NewDecision(
                kind="objection", caller=caller, role=role, model="", request_id=request_id,
                input={"decision": decision_id, "text": text, "correction": correction},
                answer={"review": review, "result": result}, people=(person,),
            )
        )  # fmt: skip
        row = {"id": new_id(), "about": about, "person": person, "review": review, "result": result}
        book.connection.execute(insert(objections), row | {"number": recorded.number})
    return Objection(recorded.id, review, result)


def _add(book: Book, about: int, decision: str, reason: str, person: str, created: str) -> tuple[str, bool]:
    """Return the id of the case, and whether it is new."""
    if reason not in REASONS:
        raise DataError(f"reason {reason!r}: there is no such reason{did_you_mean(reason, REASONS)}")
    concerns(book, about, decision, person)
    waiting = select(reviews.c.id).where(
        reviews.c.about == about,
        reviews.c.person == person,
        reviews.c.reason == reason,
        reviews.c.status == "open",
    )
    found = book.connection.execute(waiting).scalar()
    if found is not None:
        return str(found), False
    row = review_row(about, person, reason, created)
    book.connection.execute(insert(reviews), row)
    return str(row["id"]), True


def concerns(book: Book, number: int, decision: str, person: str) -> None:
    """Raise a DataError unless a decision concerns a candidate."""
    query = select(people.c.number).where(people.c.person == person, of_decisions([number]))
    if book.connection.execute(query).scalar() is None:
        raise DataError(f"decision {decision} does not concern candidate {person!r}: see GET /decisions/ID")


def _with_decision() -> Any:
    joined = reviews.join(decisions, decisions.c.number == reviews.c.about)
    return select(reviews, decisions.c.id.label("decision"), decisions.c.kind).select_from(joined)


def _review(row: Any, filed_by: tuple[str, ...]) -> Review:
    told = {name: row[name] for name in Review.__slots__ if name != "filed_by"}
    return Review(**told, filed_by=filed_by)
