"""What a decision would have been with a candidate's record as it should read."""

from collections.abc import Mapping
from typing import Any, Final

from ranker.app.decisions.entries import Decision
from ranker.app.served.bodies import read_body
from ranker.app.served.faults import BodyError
from ranker.app.service.callers import Caller
from ranker.app.service.looking_back import candidate_row, pool_of, standing_of
from ranker.app.service.recording import answer_recorded
from ranker.app.service.state import Service

__all__ = ["decide_again"]

RECORDS: Final = ("job", "candidates", "applications", "domain", "resumes", "resume")


def decide_again(
    service: Service,
    decision: Decision,
    person: str,
    correction: Mapping[str, Any],
    caller: Caller,
    request_id: str,
) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Answer again with a corrected record; the old decision stays as it is.

    Parameters
    ----------
    service : Service
        The worker.
    decision : Decision
        The old one.
    person : str
        The candidate.
    correction : mapping
        With ``candidate`` and ``application``: members of the records that are replaced.
    caller : Caller
        Who objects.
    request_id : str
        The request's.

    Returns
    -------
    (str, dict, dict)
        Id of the new decision, and what the old and the new one say of the candidate; nothing about others.

    Raises
    ------
    Problem
        If the decision cannot be made again.
    CandorError
        If the corrected record cannot be ranked, or it cannot be recorded.
    """
    given = pool_of(service, decision)
    endpoint = "classify" if decision.kind == "classify" else "rank"
    # The whole list, without explanations: where the candidate stands is all that is compared.
    kept = {name: given[name] for name in RECORDS if name in given}
    # Under the limits of any other body: what is corrected may not be longer or deeper than what was sent.
    limited = service.served.body_of(endpoint, service.bodies)
    body = read_body(limited, _corrected(service, kept, person, correction))
    before = service.served.answer(endpoint, kept)
    after = answer_recorded(service, endpoint, body, caller, request_id)
    old = standing_of(decision.id, **_standing(before, person))
    new = standing_of(after.recorded.id, **_standing(after.answer, person))
    return after.recorded.id, old, new


def _corrected(
    service: Service, body: Mapping[str, Any], person: str, correction: Mapping[str, Any]
) -> dict[str, Any]:
    changed = dict(body)
    own, applied = correction.get("candidate", {}), correction.get("application", {})
    if "resume" in body or "resumes" in body:
        if applied:
            raise BodyError.of("correction.application", "a résumé has no application: correct the candidate")
        _keep_id(own, "id", "candidate")
        if "resume" in body:
            changed["resume"] = {**body["resume"], **own}
        else:
            changed["resumes"] = _replaced(body["resumes"], "id", person, own)
        return changed
    reads = service.served.card()["models"][0]["reads"]
    id_key, application_key = reads["candidate_id"], reads["application_candidate"]
    _keep_id(own, id_key, "candidate")
    changed["candidates"] = _replaced(body["candidates"], id_key, person, own)
    if applied:
        if not body.get("applications"):
            raise BodyError.of("correction.application", "the decision was made without applications")
        _keep_id(applied, application_key, "application")
        changed["applications"] = _replaced(body["applications"], application_key, person, applied)
    return changed


def _keep_id(own: Mapping[str, Any], key: str, part: str) -> None:
    if key in own:
        raise BodyError.of(f"correction.{part}.{key}", "says whose record it is, and cannot be corrected")


def _replaced(
    rows: list[Mapping[str, Any]], key: str, person: str, own: Mapping[str, Any]
) -> list[Mapping[str, Any]]:
    place = candidate_row(rows, key, person)
    return [*rows[:place], {**rows[place], **own}, *rows[place + 1 :]]


def _standing(answer: Mapping[str, Any], person: str) -> dict[str, Any]:
    """Return what an answer says of one candidate."""
    if "ranking" not in answer:
        return {"label": answer["label"], "score": answer["score"]}
    for one in answer["ranking"]:
        if one["candidate"] == person:
            return {name: one[name] for name in ("rank", "score", "label") if one.get(name) is not None}
    reasons = [one["reason"] for one in answer["set_aside"] if one["candidate"] == person]
    return {"set_aside": "; ".join(reasons) or "is not ranked"}
