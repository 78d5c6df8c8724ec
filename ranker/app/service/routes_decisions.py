"""Routes to the log of decisions, and to what people did with them."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from ranker.app.decisions.acts import override, report_outcome
from ranker.app.decisions.entries import Recorded
from ranker.app.served.answers import ClassifyAnswer, ExplainAnswer
from ranker.app.service.callers import Known
from ranker.app.service.description import OF_GET, OF_POST, body_schema
from ranker.app.service.forms import OutcomeBody, OverrideBody
from ranker.app.service.incoming import bytes_of, parsed
from ranker.app.service.looking_back import entries_of, explain_decision, found, may_see, whole_of
from ranker.app.service.problems import request_id_of, responses
from ranker.app.service.recording import Given, json_response
from ranker.app.service.state import service_of
from ranker.app.service.told import DecisionsTold, DecisionTold, RecordedTold, Standing

__all__ = ["DecisionId", "router"]

router = APIRouter(tags=["decisions"])

CREATED: Final = 201
DecisionId = Annotated[
    str, Path(pattern=r"^[0-9a-f-]{36}$", description="As the header Decision-Id gave it.")
]
Person = Annotated[
    str | None, Query(min_length=1, max_length=200, pattern=r"^[^\x00]+$", description="A candidate's id.")
]


@router.get("/decisions", summary="The log", response_model=DecisionsTold, responses=responses(*OF_GET))
async def listed(
    request: Request,
    caller: Known,
    after: Annotated[int | None, Query(ge=0, le=1 << 53, description="Only behind this number.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 100,
    kind: Annotated[str | None, Query(pattern=r"^[a-z]{1,20}$")] = None,
    person: Person = None,
) -> Response:
    """List entries in their order; recruiters see answers alone, auditors everything."""
    service = service_of(request)

    def told() -> Response:
        rows = service.store.decisions(after=after, limit=limit, kind=kind, person=person)
        seen = entries_of(service, [row for row in rows if may_see(caller, row)])
        return json_response({"decisions": seen, "next": rows[-1].number if len(rows) == limit else None})

    return await service.run(told)


@router.get(
    "/decisions/{id}", summary="A decision", response_model=DecisionTold, responses=responses(404, *OF_GET)
)
async def decision(request: Request, caller: Known, id: DecisionId) -> Response:
    """Return what was asked and answered, as far as it was kept; protected fields are never part of it."""
    service = service_of(request)
    return await service.run(lambda: json_response(whole_of(service, found(service, id, caller))))


@router.get(
    "/decisions/{id}/explanation",
    summary="What a decision made of one candidate",
    response_model=ExplainAnswer | ClassifyAnswer | Standing,
    responses=responses(404, 409, *OF_GET),
)
async def explanation(request: Request, caller: Known, id: DecisionId, candidate: Person = None) -> Response:
    """Explain a decision to whoever asks; an applicant is told the own part, and nothing about others."""
    service, request_id = service_of(request), request_id_of(request.scope)

    def told() -> Response:
        given = explain_decision(service, id, candidate, caller, request_id)
        return given.response() if isinstance(given, Given) else json_response(given)

    return await service.run(told)


@router.post(
    "/decisions/{id}/override",
    summary="Rank a candidate otherwise",
    status_code=CREATED,
    response_model=RecordedTold,
    responses=responses(404, *OF_POST),
    openapi_extra=body_schema(OverrideBody),
)
async def overridden(request: Request, caller: Known, id: DecisionId) -> Response:
    """Write down that a recruiter ranks a candidate otherwise, and why; the decision stays as it was."""
    service, request_id = service_of(request), request_id_of(request.scope)
    raw = await bytes_of(request, service.settings)

    def done() -> Response:
        body = parsed(OverrideBody, raw)
        found(service, id, caller)
        return _created(
            override(
                service.store, id, person=body["candidate"], rank_after=body["rank"], reason=body["reason"],
                caller=caller.id, role=caller.role, request_id=request_id,
            )
        )  # fmt: skip

    return await service.run(done)


@router.post(
    "/outcomes",
    summary="Report what became of a candidate",
    status_code=CREATED,
    response_model=RecordedTold,
    responses=responses(404, *OF_POST),
    openapi_extra=body_schema(OutcomeBody),
)
async def outcome(request: Request, caller: Known) -> Response:
    """Write down that a candidate was interviewed, was hired, or left; the audit counts it by group."""
    service, request_id = service_of(request), request_id_of(request.scope)
    raw = await bytes_of(request, service.settings)

    def done() -> Response:
        body = parsed(OutcomeBody, raw)
        return _created(
            report_outcome(
                service.store, person=body["candidate"], outcome=body["outcome"], caller=caller.id,
                role=caller.role, request_id=request_id, decision_id=body.get("decision"),
                job=body.get("job"), day=body.get("day"),
            )
        )  # fmt: skip

    return await service.run(done)


def _created(recorded: Recorded) -> Response:
    told = {name: getattr(recorded, name) for name in ("id", "number", "hash", "time")}
    return json_response(told, {"Location": f"/decisions/{recorded.id}"}, CREATED)
