"""Pages on one candidate of a decision: the explanation, a comparison with another, another rank."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from explain import render
from ranker.app.decisions.acts import override
from ranker.app.decisions.filed import corrected_from
from ranker.app.pages import listing
from ranker.app.pages.counterfactuals import DEFAULT_TOP_K, can_ask
from ranker.app.pages.doubts import bound_of
from ranker.app.pages.outcomes import REPORTED, can_report
from ranker.app.pages.rendering import inner_page
from ranker.app.pages.visits import PREFIX, Visit, go
from ranker.app.served.bodies import read_body
from ranker.app.served.faults import BodyError
from ranker.app.service.forms import OverrideBody
from ranker.app.service.looking_back import AUDIENCES, POOL, explain_decision, found, pool_of
from ranker.app.service.problems import Problem
from ranker.app.service.recording import Given, answer_recorded
from ranker.errors import DataError

__all__ = ["give_another_rank", "show_contrast", "show_explanation"]


def show_explanation(visit: Visit, fault: str = "", status: int = 200) -> Response:
    """Say what a decision made of one candidate, for whoever looks."""
    service, id = visit.service, visit.path["id"]
    asked = (visit.form or visit.query).get("candidate") or None
    given = explain_decision(service, id, asked, visit.caller, visit.request_id)
    decision = found(service, id, visit.caller)
    answer: Mapping[str, Any] = given.answer if isinstance(given, Given) else given
    person = visit.caller.about(asked) or decision.people[0]
    told: dict[str, Any] = {
        "decision": decision,
        "person": person,
        "answer": answer,
        "corrected": corrected_from(service.store, [decision.id]).get(decision.id),
        "placed": listing.placed(service.store, decision).get(person),
        "may_place": visit.may("POST", "/decisions/{id}/override") and decision.kind == "rank",
        "may_object": visit.may("POST", "/objections") and decision.kind in ("rank", "classify"),
        "can_ask": can_ask(visit, decision),
        "cut": (decision.input or {}).get("top_k") or DEFAULT_TOP_K,
        "can_report": can_report(visit, decision),
        # An applicant is told what the model said; what people report of them is the service's record.
        "happened": listing.outcomes_about(service.store, decision, person)
        if visit.may("GET", "/decisions/{id}")
        else (),
        "reported": REPORTED,
        "bound": bound_of(service, str(answer.get("model", ""))),
        "form": visit.form,
        "fault": fault,
    }
    if isinstance(given, Given) and "audience" in answer:
        return visit.show("explanation.html", status, **told, inner=_explained(visit, given))
    if "probabilities" in answer:
        return visit.show("explanation.html", status, **told, inner=None)
    return visit.show("set_aside.html", status, **told)


def show_contrast(visit: Visit) -> Response:
    """Say why one candidate stands above another."""
    service = visit.service
    decision = found(service, visit.path["id"], visit.caller)
    candidate, against = (visit.query.get(name, "").strip() for name in ("candidate", "against"))
    for person in (candidate, against):
        if person not in decision.people:
            raise Problem("not-found", f"decision {decision.id} does not concern candidate {person!r}")
    if candidate == against:
        raise Problem("cannot-answer", "choose two candidates: nobody differs from themselves")
    given = pool_of(service, decision)
    audience = AUDIENCES[visit.caller.role]
    body = {name: given[name] for name in (*POOL, "top_k") if name in given}
    body |= {"candidate": candidate, "against": against, "audience": audience}
    # The log's own answer first: nothing is shown that does not stand in it.
    answer_recorded(service, "contrast", body, visit.caller, visit.request_id)
    _, contrast = service.served.contrasted(body)
    inner = inner_page(render(contrast, audience=audience, format="html"))
    return visit.show("contrast.html", decision=decision, inner=inner, candidate=candidate, against=against)


def give_another_rank(visit: Visit) -> Response:
    """Write down that a person ranks a candidate otherwise, and why."""
    service, form = visit.service, visit.form
    decision = found(service, visit.path["id"], visit.caller)
    try:
        rank = form.get("rank", "").strip()
        said = {"candidate": form.get("candidate", ""), "reason": form.get("reason", "")}
        if rank and not (rank.isascii() and rank.isdigit()):
            raise BodyError.of("rank", "is a whole number from 1, or nothing for no rank at all")
        body = read_body(OverrideBody, {**said, "rank": int(rank[:20]) if rank else None})
        override(
            service.store, decision.id, person=body["candidate"], rank_after=body["rank"],
            reason=body["reason"], caller=visit.caller.id, role=visit.caller.role,
            request_id=visit.request_id,
        )  # fmt: skip
    except DataError as error:
        return show_explanation(visit, str(error), 422)
    return go(f"{PREFIX}/decisions/{decision.id}/explanation?{urlencode({'candidate': said['candidate']})}")


def _explained(visit: Visit, given: Given) -> Any:
    """Write the explanation that was recorded just now, for its audience."""
    recorded = visit.service.store.decision(given.recorded.id)
    assert recorded is not None
    assert recorded.input is not None
    _, explanation = visit.service.served.explained(recorded.input)
    audience = given.answer["audience"]
    return inner_page(render(explanation, audience=audience, format="html"))
