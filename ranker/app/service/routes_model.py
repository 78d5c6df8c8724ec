"""The model, laid open, and its audit."""

from typing import Annotated, Final

from fastapi import APIRouter, Header, Request
from starlette.responses import Response

from ranker.app.decisions.groups import counts_by_group
from ranker.app.served.answers import CardAnswer, TermsAnswer
from ranker.app.service.callers import Known
from ranker.app.service.description import OF_GET
from ranker.app.service.problems import responses
from ranker.app.service.recording import json_response
from ranker.app.service.state import service_of
from ranker.app.service.told import AuditTold

__all__ = ["router"]

router = APIRouter(tags=["model"], responses=responses(*OF_GET))

# The report draws with scripts of its own, inside the page; nothing is fetched, and nothing sent.
PAGE: Final = (
    "default-src 'none'; script-src 'unsafe-inline' blob:; style-src 'unsafe-inline'; img-src data: blob:; "
    "font-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox allow-scripts"
)


@router.get("/model", summary="What is served", response_model=CardAnswer)
async def card(request: Request, caller: Known) -> Response:
    """Describe each model: what it reads, what it promised, how it was measured; nothing about anybody."""
    service = service_of(request)
    return json_response(await service.run(service.served.card))


@router.get("/model/terms", summary="The shape functions", response_model=TermsAnswer)
async def terms(request: Request, caller: Known) -> Response:
    """Return what each value of each feature adds to a score: the whole model."""
    service = service_of(request)
    return json_response(await service.run(service.served.terms))


@router.get(
    "/audit",
    summary="The audit",
    response_model=AuditTold,
    responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}},
)
async def audit(
    request: Request, caller: Known, accept: Annotated[str, Header(include_in_schema=False)] = ""
) -> Response:
    """Return the model's report with what the log counts by group; or its page, where HTML is asked for."""
    service = service_of(request)
    if accept.startswith("text/html"):
        page = await service.run(service.audit.page)
        if page is not None:
            return Response(page, headers={"Content-Security-Policy": PAGE}, media_type="text/html")

    def told() -> Response:
        figures = service.audit.figures()
        missing = None if figures is not None else service.audit.missing()
        counts = [one.to_json() for one in counts_by_group(service.store)]
        return json_response({"report": figures, "missing": missing, "groups": counts})

    return await service.run(told)
