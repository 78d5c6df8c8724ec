"""Routes to the queue of cases for people, and into it."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from ranker.app.decisions.reviews import decide_review, file_objection, queue
from ranker.app.service.callers import Caller, Known
from ranker.app.service.corrections import decide_again
from ranker.app.service.description import OF_GET, OF_POST, body_schema
from ranker.app.service.forms import ObjectionBody, ReviewBody
from ranker.app.service.incoming import bytes_of, parsed
from ranker.app.service.looking_back import found
from ranker.app.service.problems import Problem, problem_of, request_id_of, responses
from ranker.app.service.recording import json_response
from ranker.app.service.state import Service, service_of
from ranker.app.service.told import ObjectionTold, ReviewsTold, ReviewTold
from ranker.errors import DataError

__all__ = ["router", "take_objection"]

router = APIRouter(tags=["reviews"])

CREATED: Final = 201


@router.get(
    "/reviews",
    summary="Cases for a person to look at",
    response_model=ReviewsTold,
    responses=responses(404, *OF_GET),
)
async def waiting(
    request: Request,
    caller: Known,
    status: Annotated[Literal["open", "decided"], Query()] = "open",
    after: Annotated[str | None, Query(pattern=r"^[0-9a-f-]{36}$")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 100,
) -> Response:
    """List cases that are uncertain, borderline, drawn by chance, or objected to."""
    service = service_of(request)

    def told() -> Response:
        rows = queue(service.store, status, limit=limit, after=after)
        following = rows[-1].id if len(rows) == limit else None
        return json_response({"reviews": [row.to_json() for row in rows], "next": following})

    return await service.run(told)


@router.post(
    "/reviews",
    summary="Decide a case",
    response_model=ReviewTold,
    responses=responses(404, 409, *OF_POST),
    openapi_extra=body_schema(ReviewBody),
)
async def reviewed(request: Request, caller: Known) -> Response:
    """Write down a reviewer's label and reason; ``candor train --with-reviews`` learns from them."""
    service, request_id = service_of(request), request_id_of(request.scope)
    raw = await bytes_of(request, service.settings)

    def done() -> Response:
        body = parsed(ReviewBody, raw)
        review = decide_review(
            service.store, body["review"], reviewer=caller.id, label=body["label"], reason=body["reason"],
            role=caller.role, request_id=request_id,
        )  # fmt: skip
        return json_response(review.to_json())

    return await service.run(done)


@router.post(
    "/objections",
    summary="Object to a decision, or correct a record",
    status_code=CREATED,
    response_model=ObjectionTold,
    responses=responses(404, *OF_POST),
    openapi_extra=body_schema(ObjectionBody),
)
async def objected(request: Request, caller: Known) -> Response:
    """Take in what a candidate has to say; a person will look at it.

    With a correction the pool is ranked again; the result stands beside the old one, and changes nothing
    until a person has decided.
    """
    service, request_id = service_of(request), request_id_of(request.scope)
    raw = await bytes_of(request, service.settings)
    return await service.run(lambda: take_objection(service, parsed(ObjectionBody, raw), caller, request_id))


def take_objection(service: Service, body: dict[str, Any], caller: Caller, request_id: str) -> Response:
    """Put an objection, or a correction, into the queue, and answer with the entry."""
    person = caller.about(body.get("candidate"))
    decision = found(service, body["decision"], caller)
    if person is None:
        raise Problem("cannot-answer", "candidate: say who objects")
    if person not in decision.people:
        raise Problem("not-found", f"decision {decision.id} does not concern candidate {person!r}")
    correction = body.get("correction")
    correction = None if correction is None else correction.model_dump(exclude_unset=True)
    result: str | None = None
    told: dict[str, Any] = {}
    if correction is not None:
        # That it cannot be ranked again is no reason to turn an objection away: a person will look at it.
        try:
            result, before, after = decide_again(service, decision, person, correction, caller, request_id)
            told = {"before": before, "after": after}
        except Problem as problem:
            told = {"note": problem.detail}
        except DataError as error:
            told = {"note": problem_of(error).detail}
    filed = file_objection(
        service.store, decision.id, person=person, text=body["text"], caller=caller.id, role=caller.role,
        request_id=request_id, correction=correction, result=result,
    )  # fmt: skip
    service.meters.reviews.labels("objection" if correction is None else "correction").inc()
    whole = {"before": None, "after": None, "note": None, **told}
    return json_response({"id": filed.id, "review": filed.review, **whole}, status=CREATED)
