"""What people did with a decision: rankings that a recruiter overrode, and what became of candidates."""

from datetime import date
from typing import Any, Final

from sqlalchemy import insert

from ranker.app.decisions.chain import new_id
from ranker.app.decisions.entries import NewDecision, Recorded
from ranker.app.decisions.reviews import concerns
from ranker.app.decisions.store import Store, number_of
from ranker.app.decisions.tables import outcomes, overrides
from ranker.errors import DataError, did_you_mean

__all__ = ["OUTCOMES", "override", "report_outcome"]

OUTCOMES: Final = ("interviewed", "hired", "left")


def override(
    store: Store, decision_id: str, *, person: str, rank_after: int | None, reason: str, caller: str,
    role: str = "recruiter", request_id: str = "", rank_before: int | None = None,
) -> Recorded:  # fmt: skip
    """Write down that a recruiter ranks a candidate otherwise; the decision itself stays as it was.

    Parameters
    ----------
    store : Store
        The log.
    decision_id : str
        The decision's id.
    person : str
        The candidate.
    rank_after : int or None
        The rank that the recruiter gives, from 1; ``None`` for none at all.
    reason : str
        Why; may not be empty.
    caller, role, request_id : str
        Who it is.
    rank_before : int, optional
        The rank that the decision gave; read from its answer where it stands there.

    Raises
    ------
    UnknownDecisionError
        If there is no such decision.
    DataError
        If it does not concern the candidate, no reason is given, or a rank is below 1.
    """
    if not reason.strip():
        raise DataError("an override needs a reason: say why the candidate is ranked otherwise")
    if any(rank is not None and rank < 1 for rank in (rank_before, rank_after)):
        raise DataError(f"rank {rank_after} is none: ranks count from 1")
    if rank_before is None:
        found = store.decision(decision_id)
        rank_before = None if found is None else _rank_in(found.answer, person)
    with store.write() as book:
        about = number_of(book.connection, decision_id)
        concerns(book, about, decision_id, person)
        said = {"rank_before": rank_before, "rank_after": rank_after}
        recorded = book.append(
            NewDecision(
                kind="override", caller=caller, role=role, model="", request_id=request_id,
                input={"decision": decision_id, "person": person, "reason": reason},
                answer=said, people=(person,),
            )
        )  # fmt: skip
        row = {"id": new_id(), "number": recorded.number, "about": about, "person": person}
        book.connection.execute(insert(overrides), row | said)
    return recorded


def report_outcome(
    store: Store, *, person: str, outcome: str, caller: str, role: str = "recruiter", request_id: str = "",
    decision_id: str | None = None, job: str | None = None, day: str | None = None,
) -> Recorded:  # fmt: skip
    """Write down what became of a candidate.

    Parameters
    ----------
    store : Store
        The log.
    person : str
        The candidate.
    outcome : str
        One of :data:`OUTCOMES`.
    caller, role, request_id : str
        Who reports it.
    decision_id : str, optional
        The decision that came before it.
    job : str, optional
        For which job.
    day : str, optional
        When it was, such as ``2026-11-21``.

    Raises
    ------
    UnknownDecisionError
        If there is no such decision.
    DataError
        If there is no such outcome, the day is none, or the decision does not concern the candidate.
    """
    if outcome not in OUTCOMES:
        raise DataError(f"outcome {outcome!r}: there is no such outcome{did_you_mean(outcome, OUTCOMES)}")
    try:
        day = day and date.fromisoformat(day).isoformat()
    except ValueError:
        raise DataError(f"day {day!r} is none: write it as 2026-11-21") from None
    with store.write() as book:
        about = None
        if decision_id is not None:
            about = number_of(book.connection, decision_id)
            concerns(book, about, decision_id, person)
        said = {"outcome": outcome, "job": job, "day": day}
        recorded = book.append(
            NewDecision(
                kind="outcome", caller=caller, role=role, model="", request_id=request_id,
                input={"decision": decision_id, "person": person}, answer=said, people=(person,),
            )
        )  # fmt: skip
        row = {"id": new_id(), "number": recorded.number, "about": about, "person": person}
        book.connection.execute(insert(outcomes), row | said)
    return recorded


def _rank_in(answer: Any, person: str) -> int | None:
    """Find a candidate's rank in an answer: the answer's own, or in one of its lists of candidates."""
    if not isinstance(answer, dict):
        return None
    rows = [answer, *(row for part in answer.values() if isinstance(part, list) for row in part)]
    for row in rows:
        if isinstance(row, dict) and row.get("candidate") == person and isinstance(row.get("rank"), int):
            return int(row["rank"])
    return None
