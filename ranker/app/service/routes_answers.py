"""Routes that the models answer: classify, rank, explain, counterfactual, contrast."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import Response

from ranker.app.served import answers
from ranker.app.served.bodies import Bodies
from ranker.app.served.served import ENDPOINTS, Served
from ranker.app.service.callers import Known
from ranker.app.service.description import DECISION, OF_POST, body_schema
from ranker.app.service.incoming import bytes_of
from ranker.app.service.problems import request_id_of, responses
from ranker.app.service.recording import answer_body
from ranker.app.service.state import service_of

__all__ = ["routes_for"]

ANSWERS: Final[dict[str, type[BaseModel]]] = {
    "classify": answers.ClassifyAnswer,
    "rank": answers.RankAnswer,
    "explain": answers.ExplainAnswer,
    "counterfactual": answers.CounterfactualAnswer,
    "contrast": answers.ContrastAnswer,
}
SUMMARIES: Final = {
    "classify": "Label a résumé, and say why",
    "rank": "Rank a pool for a job",
    "explain": "Say why a candidate stands at a rank",
    "counterfactual": "Say which change of a record would bring a better rank",
    "contrast": "Say why one candidate stands above another",
}


def routes_for(served: Served, bodies: Bodies) -> APIRouter:
    """Make the routes; what a body may hold depends on the kind of model.

    Parameters
    ----------
    served : Served
        The models.
    bodies : Bodies
        Under the server's limits.
    """
    router = APIRouter(tags=["answers"])
    for endpoint in ENDPOINTS:
        router.add_api_route(
            f"/{endpoint}",
            _route(endpoint),
            methods=["POST"],
            name=endpoint,
            summary=SUMMARIES[endpoint],
            response_model=ANSWERS[endpoint],
            responses={200: DECISION, **responses(404, *OF_POST)},
            openapi_extra=body_schema(served.body_of(endpoint, bodies)),
        )
    return router


def _route(endpoint: str) -> Callable[..., Awaitable[Any]]:
    async def route(request: Request, caller: Known) -> Response:
        service = service_of(request)
        raw = await bytes_of(request, service.settings)
        return await service.run(
            partial(answer_body, service, endpoint, raw, caller, request_id_of(request.scope))
        )

    return route
