"""From a body to an answer that stands in the log before it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response

from ranker.app.decisions.entries import NewDecision, Recorded, ReviewWanted
from ranker.app.served.faults import BodyError, Fault, field_of
from ranker.app.served.served import answer_bytes
from ranker.app.service.callers import Caller
from ranker.app.service.incoming import parsed
from ranker.app.service.state import Service

__all__ = ["DECISION_HEADERS", "Given", "answer_body", "answer_recorded", "json_response"]

DECISION_HEADERS: Final = ("Decision-Id", "Decision-Number", "Decision-Hash")
SAMPLED: Final = ("classify", "rank")  # kinds that decide about somebody
STRANGER: Final = "no record has this id: leave it out, or write it as the record does"


@dataclass(frozen=True, slots=True)
class Given:
    """An answer, and where it stands in the log.

    Parameters
    ----------
    answer : mapping
        JSON.
    recorded : Recorded
        Its entry.
    """

    answer: Mapping[str, Any]
    recorded: Recorded

    def response(self, **more: Any) -> Response:
        """Write it as it is sent; the body is what the log holds, the entry is named by headers.

        Parameters
        ----------
        **more
            Further members; without any, the body is the answer to the byte.
        """
        told = (self.recorded.id, str(self.recorded.number), self.recorded.hash)
        headers = dict(zip(DECISION_HEADERS, told, strict=True))
        return json_response({**self.answer, **more} if more else self.answer, headers)


def answer_body(service: Service, endpoint: str, raw: bytes, caller: Caller, request_id: str) -> Response:
    """Parse, answer, record: the whole of a request, for a thread of the pool.

    Raises
    ------
    Problem, CandorError
        Whatever keeps it from being answered; then nothing is recorded.
    """
    service.served.digest_of(endpoint)  # an absent model is told before the body's faults
    body = parsed(service.served.body_of(endpoint, service.bodies), raw)
    return answer_recorded(service, endpoint, body, caller, request_id).response()


def answer_recorded(
    service: Service, endpoint: str, body: Mapping[str, Any], caller: Caller, request_id: str
) -> Given:
    """Answer, and record the answer; when this returns it is on disk.

    Parameters
    ----------
    service : Service
        The worker.
    endpoint : str
        One of :data:`ranker.app.served.served.ENDPOINTS`; the decision's kind.
    body : mapping
        Parsed.
    caller : Caller
        Who asks.
    request_id : str
        The request's.

    Raises
    ------
    StoreUnavailable
        If it cannot be recorded; nothing of it was.
    CandorError
        If it cannot be answered.
    """
    served = service.served
    # What the audit counts by is handed to the log alone; no model and no replay sees it.
    body = dict(body)
    protected = body.pop("protected", None)
    answer = served.answer(endpoint, body)
    people = served.people(endpoint, body)
    _refuse_strangers(protected or {}, people)
    reviews = _reviews(service, endpoint, answer, people)
    recorded = service.store.record(
        NewDecision(
            kind=endpoint,
            caller=caller.id,
            role=caller.role,
            model=served.digest_of(endpoint),
            request_id=request_id,
            input=body,
            answer=answer,
            people=people,
            keep_input=service.settings.keep_input,
            protected=protected or None,
            reviews=reviews,
        )
    )
    service.meters.decisions.labels(endpoint).inc()
    for one in reviews:
        service.meters.reviews.labels(one.reason).inc()
    return Given(answer, recorded)


def _refuse_strangers(protected: Mapping[str, Any], people: tuple[str, ...]) -> None:
    """Refuse protected fields of somebody whom the records are not about: whoever deletes a person would miss them."""
    known = set(people)
    strangers = [Fault(field_of(("protected", who)), STRANGER) for who in protected if who not in known]
    if strangers:
        raise BodyError(strangers)


def _reviews(
    service: Service, endpoint: str, answer: Mapping[str, Any], people: tuple[str, ...]
) -> tuple[ReviewWanted, ...]:
    """Say which cases a person should look at: those in doubt, and one by chance of some requests."""
    if endpoint not in SAMPLED or not people:
        return ()
    wanted = []
    if endpoint == "classify":
        if answer["uncertain"]:
            wanted.append(ReviewWanted(people[0], "uncertain"))
    else:
        wanted += [
            ReviewWanted(one["candidate"], "borderline") for one in answer["ranking"] if one.get("borderline")
        ]
    if service.chance() < service.settings.sample_rate:
        drawn = people[int(service.chance() * len(people))]
        wanted.append(ReviewWanted(drawn, "sampled"))
    return tuple(wanted)


def json_response(
    value: Mapping[str, Any], headers: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    """Write JSON as answers are written."""
    return Response(answer_bytes(value), status, dict(headers or {}), "application/json")
