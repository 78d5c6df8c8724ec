"""Pages of the log: its list, and one entry of it."""

import json
from typing import Any, Final

from starlette.responses import Response

from ranker.app.decisions.entries import Decision
from ranker.app.decisions.filed import corrected_from
from ranker.app.pages import listing
from ranker.app.pages.doubts import bound_of
from ranker.app.pages.outcomes import REPORTED, can_report
from ranker.app.pages.ranking import lay_out
from ranker.app.pages.visits import PREFIX, Visit, go
from ranker.app.served.served import ENDPOINTS
from ranker.app.service.looking_back import found
from ranker.app.service.problems import Problem
from ranker.app.service.roles import RECRUITER

__all__ = ["KINDS", "number_in", "show_decision", "show_decisions", "show_mine"]

LINES: Final = 50
DEFAULT_CUT: Final = 10
# What the entries of the log are called on pages; those that recruiters may see first.
KINDS: Final = {
    "rank": "ranking",
    "classify": "label of a résumé",
    "explain": "explanation",
    "counterfactual": "what would bring a better rank",
    "contrast": "comparison of two",
    "review": "review",
    "override": "rank given by a person",
    "objection": "objection",
    "outcome": "outcome",
    "key": "key made or revoked",
    "forget": "deletion",
    "expire": "deletion by age",
    "model": "model served",
}


def show_decisions(visit: Visit) -> Response:
    """List the log, the newest entries first; recruiters see answers alone."""
    allowed = [kind for kind in KINDS if visit.caller.role != RECRUITER or kind in ENDPOINTS]
    kind, person = visit.query.get("kind", ""), visit.query.get("person", "").strip()
    if kind not in allowed:
        kind = ""
    kinds = [kind] if kind else allowed if visit.caller.role == RECRUITER else None
    before = number_in(visit, "before", None)
    lines = listing.newest(
        visit.service.store, kinds=kinds, before=before, person=person or None, limit=LINES
    )
    return visit.show(
        "decisions.html",
        lines=lines,
        kinds=KINDS,
        allowed=allowed,
        kind=kind,
        person=person,
        newest=before is None,
        older=lines[-1].number if len(lines) == LINES else None,
    )


def show_mine(visit: Visit) -> Response:
    """List what concerns the applicant, each with its explanation; nothing of anybody else."""
    person = visit.caller.person
    if person is None:
        return go(f"{PREFIX}/decisions")
    lines = listing.newest(
        visit.service.store, kinds=("rank", "classify"), person=person, applicant=visit.caller.id, limit=LINES
    )
    return visit.show("mine.html", lines=lines, kinds=KINDS, person=person)


def show_decision(visit: Visit) -> Response:
    """Show one entry: a ranking with its bars, a label, an explanation's text, or what a person did."""
    decision = found(visit.service, visit.path["id"], visit.caller)
    answer = decision.answer
    corrected = corrected_from(visit.service.store, [decision.id]).get(decision.id)
    told: dict[str, Any] = {"decision": decision, "kinds": KINDS, "answer": answer, "corrected": corrected}
    if answer is not None and decision.kind == "rank" and "ranking" in answer:
        return visit.show("ranking.html", **told, **_ranking(visit, decision))
    if answer is not None and decision.kind == "classify" and "probabilities" in answer:
        return visit.show("label.html", **told, **_label(visit, decision))
    text = None if answer is None else answer.get("text")
    raw = None if text or answer is None else json.dumps(answer, ensure_ascii=False, indent=2)
    return visit.show("entry.html", **told, text=text, raw=raw)


def number_in(visit: Visit, name: str, default: int | None) -> int | None:
    """Return a number of the address, from 1; the default where it is left out.

    Raises
    ------
    Problem
        If it is no such number.
    """
    text = visit.query.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:20]) < 1 << 53):
        raise Problem("cannot-answer", f"{name} is a whole number from 1")
    return int(text)


def _label(visit: Visit, decision: Decision) -> dict[str, Any]:
    store = visit.service.store
    return {
        "reviews": listing.reviews_about(store, decision),
        "happened": listing.outcomes_about(store, decision),
        "reported": REPORTED,
        "can_report": can_report(visit, decision),
        "bound": bound_of(visit.service, decision.model),
    }


def _ranking(visit: Visit, decision: Decision) -> dict[str, Any]:
    answer, store = decision.answer or {}, visit.service.store
    size = answer["pool_size"]
    asked = (decision.input or {}).get("top_k")
    cut = number_in(visit, "cut", asked or DEFAULT_CUT)
    laid = lay_out(answer, cut)
    waiting = [one for one in listing.reviews_about(store, decision) if one.status == "open"]
    return {
        "laid": laid,
        "cut": cut,
        "size": size,
        "waiting": {one.person: one for one in waiting},
        "placed": listing.placed(store, decision),
        # The last report of each counts.
        "happened": {one.person: one for one in listing.outcomes_about(store, decision)},
        "can_report": can_report(visit, decision),
        "can_compare": visit.service.served.ranker is not None
        and visit.may("POST", "/contrast")
        and "resumes" not in (decision.input or {}),
    }
