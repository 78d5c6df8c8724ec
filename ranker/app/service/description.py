"""The description of the service: OpenAPI, with the bodies that routes read by themselves."""

from collections.abc import Iterable
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from ranker.app.service.problems import ProblemAnswer
from ranker.app.service.roles import ROUTES

__all__ = ["DECISION", "OF_GET", "OF_POST", "body_schema", "describe"]

# What any request can meet, beside what its own route says.
OF_GET: Final = (401, 403, 422, 429, 503)
OF_POST: Final = (400, 401, 403, 408, 413, 415, 422, 429, 503)
DECISION: Final[dict[str, Any]] = {
    "description": "The answer, as it stands in the log",
    "headers": {
        "Decision-Id": {"description": "Its entry in the log", "schema": {"type": "string"}},
        "Decision-Number": {"description": "The entry's number", "schema": {"type": "string"}},
        "Decision-Hash": {
            "description": "The chain's hash up to it: kept elsewhere, it shows any later change of the log",
            "schema": {"type": "string"},
        },
    },
}
REFERENCE: Final = "#/components/schemas/{model}"


def body_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Describe the body of a route that parses it itself."""
    content = {"application/json": {"schema": {"$ref": REFERENCE.format(model=model.__name__)}}}
    return {"requestBody": {"required": True, "content": content}}


def describe(app: FastAPI, bodies: Iterable[type[BaseModel]]) -> dict[str, Any]:
    """Make the OpenAPI document.

    Parameters
    ----------
    app : FastAPI
        With all its routes.
    bodies : iterable of type of BaseModel
        Those that :func:`body_schema` refers to.
    """
    told = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    _, found = models_json_schema([(model, "validation") for model in bodies], ref_template=REFERENCE)
    schemas = told.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(found.get("$defs", {}))
    schemas["Problem"] = ProblemAnswer.model_json_schema(ref_template=REFERENCE)
    schemas.update(schemas["Problem"].pop("$defs", {}))
    for (method, path), roles in ROUTES.items():
        operation = told["paths"].get(path, {}).get(method.lower())
        if operation is None:
            continue
        if roles is None:
            operation.pop("security", None)
        else:
            operation["description"] = (
                f"{operation.get('description', '')}\n\nFor {', '.join(sorted(roles))}.".strip()
            )
    return told
