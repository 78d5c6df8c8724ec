"""How the server is: for whoever starts, watches and counts it."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from ranker.app.service.meters import CONTENT_TYPE
from ranker.app.service.problems import responses
from ranker.app.service.recording import json_response
from ranker.app.service.state import service_of
from ranker.app.service.told import HealthTold

__all__ = ["router"]

router = APIRouter(tags=["operation"])


@router.get("/healthz", summary="Is it alive?", response_model=HealthTold)
async def healthz() -> Response:
    """Say that the process runs; asks nothing of anything else."""
    return json_response({"status": "alive"})


@router.get("/readyz", summary="Can it answer?", response_model=HealthTold, responses=responses(503))
async def readyz(request: Request) -> Response:
    """Say that the models are loaded and the log can be reached."""
    service = service_of(request)
    await service.run(service.store.head)
    return json_response({"status": "ready"})


@router.get(
    "/metrics",
    summary="Counts, for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(request: Request) -> Response:
    """Write what is counted; nothing about anybody."""
    return Response(service_of(request).meters.text(), headers={"content-type": CONTENT_TYPE})
