"""The page by which a candidate objects to a decision, or corrects the record it was made from."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from ranker.app.decisions.entries import Decision
from ranker.app.pages.records import Entry, correction_in, entries_of
from ranker.app.pages.visits import Visit
from ranker.app.served.bodies import read_body
from ranker.app.service.forms import ObjectionBody
from ranker.app.service.looking_back import candidate_row, found, pool_of
from ranker.app.service.problems import Problem
from ranker.app.service.routes_reviews import take_objection
from ranker.errors import DataError

__all__ = ["object_to", "show_objection"]


def show_objection(visit: Visit, fault: str = "", status: int = 200) -> Response:
    """Ask what is wrong, with the candidate's own record to be corrected."""
    decision, person = _concerned(visit)
    record, entries = _record(visit, decision, person)
    return visit.show(
        "objection.html",
        status,
        decision=decision,
        person=person,
        entries=entries,
        kept=record is not None,
        form=visit.form,
        fault=fault,
    )


def object_to(visit: Visit) -> Response:
    """Take in what the candidate says; what a corrected record would have brought stands beside the old."""
    decision, person = _concerned(visit)
    record, entries = _record(visit, decision, person)
    try:
        changed = {} if record is None else correction_in(visit.form, record, entries)
        said: dict[str, Any] = {"decision": decision.id, "text": visit.form.get("text", "")}
        said |= {"candidate": person} | ({"correction": {"candidate": changed}} if changed else {})
        body = read_body(ObjectionBody, said)
        told = json.loads(bytes(take_objection(visit.service, body, visit.caller, visit.request_id).body))
    except DataError as error:
        return show_objection(visit, str(error), 422)
    labels = {one.key: one.label for one in entries}
    return visit.show(
        "objected.html", decision=decision, person=person, told=told, changed=changed, labels=labels
    )


def _concerned(visit: Visit) -> tuple[Decision, str]:
    """Return the decision, and whom it is about."""
    asked = (visit.form or visit.query).get("candidate") or None
    person = visit.caller.about(asked)
    decision = found(visit.service, visit.path["id"], visit.caller)
    if decision.kind not in ("rank", "classify"):
        raise Problem("cannot-answer", f"a decision of kind {decision.kind!r} is not objected to here")
    if person is None or person not in decision.people:
        raise Problem("not-found", f"decision {decision.id} does not concern candidate {person!r}")
    return decision, person


def _record(
    visit: Visit, decision: Decision, person: str
) -> tuple[Mapping[str, Any] | None, tuple[Entry, ...]]:
    """Return the candidate's record and its form; none where it was not kept: then words have to do."""
    try:
        given = pool_of(visit.service, decision)
    except Problem:
        return None, ()
    served = visit.service.served
    cards = {one["kind"]: one for one in served.card()["models"]}
    if "candidates" in given:
        card, key, rows = cards["ranker"], cards["ranker"]["reads"]["candidate_id"], given["candidates"]
    else:
        card, key = cards["classifier"], "id"
        rows = given["resumes"] if "resumes" in given else [given["resume"]]
    record = rows[0] if "resume" in given else rows[candidate_row(rows, key, person)]
    labels = {one["path"]: one["label"] for one in card["fields"]}
    return record, entries_of(record, labels, fixed=(key,), pool=rows)
