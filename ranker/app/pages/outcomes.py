"""Pages by which people report what became of a candidate: a form, a question whether it is so, the report."""

from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from starlette.responses import Response

from ranker.app.decisions.acts import report_outcome
from ranker.app.decisions.entries import Decision
from ranker.app.pages import listing
from ranker.app.pages.visits import PREFIX, Visit, go
from ranker.app.served.bodies import read_body
from ranker.app.served.faults import BodyError
from ranker.app.service.forms import OutcomeBody
from ranker.app.service.looking_back import found
from ranker.app.service.problems import Problem
from ranker.errors import DataError

__all__ = ["REPORTED", "can_report", "report", "show_outcomes"]

RIGHT: Final = ("POST", "/outcomes")
# What can be said, as POST /outcomes takes it, and as the end of "the candidate ...".
REPORTED: Final = {"interviewed": "was interviewed", "hired": "was hired", "left": "left"}


def can_report(visit: Visit, decision: Decision) -> bool:
    """Tell whether who looks may report what became of those whom a decision concerns."""
    return visit.may(*RIGHT) and decision.kind in ("rank", "classify")


def show_outcomes(visit: Visit, fault: str = "", status: int = 200) -> Response:
    """Show what was reported of a candidate, and ask what is to be reported."""
    decision, person = _concerned(visit)
    known = listing.outcomes_about(visit.service.store, decision, person)
    return visit.show(
        "outcome.html",
        status,
        decision=decision,
        person=person,
        known=known,
        new=visit.query.get("entry", ""),
        reported=REPORTED,
        form=visit.form,
        fault=fault,
    )


def report(visit: Visit) -> Response:
    """Ask whether it is so; write it down where the form says that it is, and nothing came in between."""
    decision, person = _concerned(visit)
    store = visit.service.store
    try:
        body = _said(visit, decision, person)
        known = listing.outcomes_about(store, decision, person)
        # The log takes nothing back, so nothing enters it by a slip, nor twice by a second press.
        sure = visit.form.get("sure", "")
        if sure != str(len(known)):
            return visit.show(
                "outcome_sure.html",
                decision=decision,
                person=person,
                known=known,
                body=body,
                reported=REPORTED,
                meanwhile=bool(sure),
            )
        recorded = report_outcome(
            store, person=person, outcome=body["outcome"], caller=visit.caller.id, role=visit.caller.role,
            request_id=visit.request_id, decision_id=decision.id, job=body.get("job"), day=body.get("day"),
        )  # fmt: skip
    except DataError as error:
        return show_outcomes(visit, str(error), 422)
    told = urlencode({"candidate": person, "entry": recorded.id})
    return go(f"{PREFIX}/decisions/{decision.id}/outcome?{told}")


def _concerned(visit: Visit) -> tuple[Decision, str]:
    """Return the decision, and whom it is about."""
    person = (visit.form or visit.query).get("candidate", "").strip()
    decision = found(visit.service, visit.path["id"], visit.caller)
    if decision.kind not in ("rank", "classify"):
        raise Problem("cannot-answer", f"of a decision of kind {decision.kind!r} nothing is reported here")
    if person not in decision.people:
        raise Problem("not-found", f"decision {decision.id} does not concern candidate {person!r}")
    return decision, person


def _said(visit: Visit, decision: Decision, person: str) -> dict[str, Any]:
    """Read the form as the body of ``POST /outcomes``.

    Raises
    ------
    BodyError
        If there is no such outcome, or the day is none.
    """
    if (outcome := visit.form.get("outcome", "")) not in REPORTED:
        raise BodyError.of("what became of the candidate", "choose one of the three")
    said: dict[str, Any] = {"candidate": person, "outcome": outcome, "decision": decision.id}
    if job := (decision.answer or {}).get("job"):
        said["job"] = str(job)
    if day := visit.form.get("day", "").strip():
        try:
            said["day"] = date.fromisoformat(day).isoformat()
        except ValueError:
            raise BodyError.of("day", f"{day!r} is none: write it as 2026-11-21") from None
    return read_body(OutcomeBody, said)
