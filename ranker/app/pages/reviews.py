"""Pages of the review queue: the cases that wait, and one of them with its form."""

from typing import Any, Final

from starlette.responses import Response

from ranker.app.decisions.reviews import decide_review, queue
from ranker.app.pages import listing
from ranker.app.pages.doubts import bound_of
from ranker.app.pages.visits import PREFIX, Visit, go
from ranker.app.served.bodies import read_body
from ranker.app.service.forms import ReviewBody
from ranker.app.service.looking_back import found
from ranker.errors import DataError
from ranker.resume.labels import LABELS

__all__ = ["REASONS", "decide", "show_case", "show_queue"]

CASES: Final = 50
REASONS: Final = {
    "uncertain": "the label is uncertain",
    "borderline": "the plausible ranks reach over the cut-off",
    "sampled": "drawn by chance",
    "objection": "the candidate objects",
    "correction": "the candidate corrects the record",
}
# Of a case that no label fits; what a reviewer says of a ranking is a word of their own.
UPHELD: Final = ("upheld", "overturned")


def show_queue(visit: Visit) -> Response:
    """List the cases that wait for a person, or those that one has decided."""
    shown = "decided" if visit.query.get("status") == "decided" else "open"
    rows = queue(visit.service.store, shown, limit=CASES, after=visit.query.get("after") or None)
    return visit.show(
        "reviews.html",
        shown=shown,
        rows=rows,
        reasons=REASONS,
        bound=bound_of(visit.service, visit.service.served.digests.get("classifier", "")),
        first="after" not in visit.query,
        following=rows[-1].id if len(rows) == CASES else None,
    )


def show_case(visit: Visit, fault: str = "", status: int = 200) -> Response:
    """Show a case, what it is about, and the form by which it is decided."""
    store = visit.service.store
    case = listing.review(store, visit.path["id"])
    decision = found(visit.service, case.decision, visit.caller)
    objection = listing.objection_of(store, case.id)
    said: dict[str, Any] = dict((objection.input if objection else None) or {})
    return visit.show(
        "review.html",
        status,
        case=case,
        decision=decision,
        standing=_standing(decision.answer, case.person),
        bound=bound_of(visit.service, decision.model),
        reasons=REASONS,
        said=said,
        result=((objection.answer if objection else None) or {}).get("result"),
        labels=LABELS if case.kind == "classify" else UPHELD,
        may_decide=case.status == "open" and visit.may("POST", "/reviews"),
        form=visit.form,
        fault=fault,
    )


def decide(visit: Visit) -> Response:
    """Write down what the reviewer says."""
    try:
        said = {name: visit.form.get(name, "") for name in ("label", "reason")}
        body = read_body(ReviewBody, {"review": visit.path["id"], **said})
        case = listing.review(visit.service.store, body["review"])
        found(visit.service, case.decision, visit.caller)
        decide_review(
            visit.service.store, case.id, reviewer=visit.caller.id, label=body["label"],
            reason=body["reason"], role=visit.caller.role, request_id=visit.request_id,
        )  # fmt: skip
    except DataError as error:
        return show_case(visit, str(error), 422)
    return go(f"{PREFIX}/reviews/{case.id}")


def _standing(answer: Any, person: str) -> dict[str, Any]:
    """Return what the decision said of the candidate, in figures."""
    told = answer or {}
    if "ranking" not in told:
        return {"label": told.get("label"), "confidence": told.get("confidence")}
    for one in told["ranking"]:
        if one.get("candidate") == person:
            return {**one, "pool_size": told["pool_size"]}
    return {}
