"""Decisions of the log, for those who may see them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ranker.app.decisions.entries import Decision
from ranker.app.decisions.filed import corrected_from
from ranker.app.served.served import ENDPOINTS
from ranker.app.service.callers import Caller
from ranker.app.service.problems import Problem
from ranker.app.service.recording import Given, answer_recorded
from ranker.app.service.roles import ADMIN, APPLICANT, AUDITOR, RECRUITER
from ranker.app.service.state import Service

__all__ = [
    "candidate_row",
    "entries_of",
    "explain_decision",
    "found",
    "may_see",
    "pool_of",
    "standing_of",
    "whole_of",
]

AUDIENCES: Final = {APPLICANT: "candidate", RECRUITER: "recruiter", AUDITOR: "auditor", ADMIN: "developer"}
SUMMARY: Final = (
    "id", "number", "time", "hash", "kind", "caller", "role", "model", "request_id", "people", "input_kept",
)  # fmt: skip
POOL: Final = ("job", "candidates", "applications")


def may_see(caller: Caller, decision: Decision) -> bool:
    """Tell whether a caller may see an entry: recruiters see answers, not keys, deletions and objections."""
    if caller.role == APPLICANT:
        # What another applicant asked of the same pool, or corrected to see what would come of it, is theirs.
        foreign = decision.role == APPLICANT and decision.caller != caller.id
        return caller.person in decision.people and decision.kind in ENDPOINTS and not foreign
    return caller.role != RECRUITER or decision.kind in ENDPOINTS


def found(service: Service, id: str, caller: Caller) -> Decision:
    """Return a decision.

    Raises
    ------
    Problem
        404, also where the caller may not see it: that it exists is told to nobody else.
    """
    decision = service.store.decision(id)
    if decision is None or not may_see(caller, decision) or _of_another(service, decision, caller):
        raise Problem("not-found", f"the log holds no decision {id!r} that this key may see")
    return decision


def _of_another(service: Service, decision: Decision, caller: Caller) -> bool:
    """Tell whether an applicant asks for what was made with another one's record corrected, whoever asked for it."""
    if caller.role != APPLICANT:
        return False
    corrected = corrected_from(service.store, [decision.id]).get(decision.id)
    return corrected is not None and corrected.person != caller.person


def entries_of(service: Service, decisions: Sequence[Decision]) -> list[dict[str, Any]]:
    """Return entries as a list of them shows them."""
    corrected = corrected_from(service.store, [one.id for one in decisions])
    told = [(one.to_json(), corrected.get(one.id)) for one in decisions]
    return [
        {**{name: entry[name] for name in SUMMARY}, "corrects": old and old.decision} for entry, old in told
    ]


def whole_of(service: Service, decision: Decision) -> dict[str, Any]:
    """Return an entry with what was asked and answered; protected fields are not part of it."""
    old = corrected_from(service.store, [decision.id]).get(decision.id)
    return {**decision.to_json(), "corrects": old and old.decision}


def explain_decision(
    service: Service, id: str, candidate: str | None, caller: Caller, request_id: str
) -> Given | Mapping[str, Any]:
    """Explain what a decision made of one candidate, with the model and the records of that decision.

    Parameters
    ----------
    service : Service
        The worker.
    id : str
        The decision's.
    candidate : str or None
        Whom it is about; may be left out where it is about one person alone.
    caller : Caller
        Who asks; says for whom it is written. An applicant is told nothing about others.
    request_id : str
        The request's.

    Returns
    -------
    Given or mapping
        A new explanation, recorded; or the answer that stands in the log, where it is the explanation; or
        why the candidate took no part.

    Raises
    ------
    Problem
        If the decision cannot be explained any more, or does not concern the candidate.
    """
    person = caller.about(candidate)
    decision = found(service, id, caller)
    if decision.kind not in ENDPOINTS:
        raise Problem("cannot-answer", f"a decision of kind {decision.kind!r} was made by a person")
    if person is None and len(decision.people) == 1:
        [person] = decision.people
    if person is None:
        raise Problem(
            "cannot-answer", f"it concerns {len(decision.people)} candidates: say which by ?candidate="
        )
    if person not in decision.people:
        raise Problem("not-found", f"decision {id} does not concern candidate {person!r}")
    if reason := _set_aside(decision, person):
        return standing_of(decision.id, set_aside=reason)
    given = pool_of(service, decision)
    if decision.kind == "classify" and decision.answer is not None:
        return decision.answer
    if "resumes" in given:
        row = candidate_row(given["resumes"], "id", person)
        return answer_recorded(service, "classify", {"resume": given["resumes"][row]}, caller, request_id)
    asked = {name: given[name] for name in (*POOL, "top_k") if name in given}
    body = {**asked, "candidate": person, "audience": AUDIENCES[caller.role]}
    return answer_recorded(service, "explain", body, caller, request_id)


def _set_aside(decision: Decision, person: str) -> str:
    rows = (decision.answer or {}).get("set_aside", ())
    return "; ".join(row["reason"] for row in rows if row.get("candidate") == person)


def standing_of(decision: str, **told: Any) -> dict[str, Any]:
    """Lay out what a decision says of one candidate, as :class:`ranker.app.service.told.Standing` has it."""
    return {"decision": decision, "rank": None, "score": None, "label": None, "set_aside": None, **told}


def pool_of(service: Service, decision: Decision) -> Mapping[str, Any]:
    """Return what a decision was made from, where the same model can be asked about it again.

    Raises
    ------
    Problem
        409, with the reason why not.
    """
    if not decision.input_kept:
        raise Problem(
            "conflict", "what it was made from was not kept, by setting: only its salted hash stands"
        )
    if not decision.complete or decision.input is None:
        raise Problem("conflict", "what it was made from was deleted since, or a part of it")
    if decision.model not in service.served.digests.values():
        raise Problem(
            "conflict",
            f"model {decision.model[:12]} made it, which this server does not serve: candor log replay {decision.id}",
        )
    return decision.input


def candidate_row(rows: list[Mapping[str, Any]], key: str, person: str) -> int:
    """Return the place of a candidate's record.

    Raises
    ------
    Problem
        422, if no record is that candidate's.
    """
    for place, row in enumerate(rows):
        if str(row.get(key)).strip() == person:
            return place
    raise Problem("cannot-answer", f"no record of the decision is candidate {person!r}'s")
