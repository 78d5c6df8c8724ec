"""The description of the service: OpenAPI, with the bodies that routes read by themselves."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from ranker.app.served.examples import examples_of
from ranker.app.service.problems import ProblemAnswer
from ranker.app.service.roles import ROUTES

if TYPE_CHECKING:
    from ranker.app.service.state import Service

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
ID: Final = "0190a5c4-8d2e-7c3b-9f00-6a1d2b3c4d5e"  # stands for that of a decision, or of a case


def body_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Describe the body of a route that parses it itself."""
    content = {"application/json": {"schema": {"$ref": REFERENCE.format(model=model.__name__)}}}
    return {"requestBody": {"required": True, "content": content}}


def describe(app: FastAPI, bodies: Iterable[type[BaseModel]]) -> dict[str, Any]:
    """Make the OpenAPI document.

    Parameters
    ----------
    app : FastAPI
        With all its routes, and the models served, from which examples are made.
    bodies : iterable of type of BaseModel
        Those that :func:`body_schema` refers to.
    """
    told = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    _, found = models_json_schema([(model, "validation") for model in bodies], ref_template=REFERENCE)
    schemas = told.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(found.get("$defs", {}))
    schemas["Problem"] = ProblemAnswer.model_json_schema(ref_template=REFERENCE)
    schemas.update(schemas["Problem"].pop("$defs", {}))
    for name, example in _examples(app.state.service).items():
        if name in schemas:
            schemas[name]["examples"] = [example]
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


def _examples(service: "Service") -> dict[str, dict[str, Any]]:
    """Return an example of each body by its schema's name.

    Forms speak of decisions and cases, which this service has or has not: their ids are placeholders, and
    all else is of the pool in the examples beside them.
    """
    served = service.served
    answered = examples_of(served, service.bodies)
    told = {served.body_of(endpoint, service.bodies).__name__: body for endpoint, body in answered.items()}
    person = _person_in(service, answered)
    if person is None:
        return told
    who, correction = person
    objection = {"decision": ID, "candidate": who, "text": "What was entered of me is not what I sent."}
    return told | {
        "ReviewBody": {
            "review": ID,
            "label": "Fit" if "classify" in answered else "upheld",
            "reason": "Two years of the work asked for stand in the covering letter.",
        },
        "ObjectionBody": {**objection, **({"correction": {"candidate": correction}} if correction else {})},
        "OverrideBody": {"candidate": who, "rank": 1, "reason": "The references changed our minds."},
        "OutcomeBody": {"candidate": who, "outcome": "interviewed", "day": "2026-11-21"},
    }


def _person_in(
    service: "Service", answered: Mapping[str, Mapping[str, Any]]
) -> tuple[str, dict[str, Any]] | None:
    """Return who is in the examples, and something to correct; ``None`` where nobody is named."""
    if "explain" in answered:
        body, key = answered["explain"], service.served.card()["models"][0]["reads"]["candidate_id"]
        who, row = body["candidate"], body["candidates"][0]
    elif "classify" in answered:
        row, key = answered["classify"]["resume"], "id"
        who = row["id"]
    else:
        return None
    if key is None:  # of people without a name nothing can be said later
        return None
    return who, dict([(name, value) for name, value in row.items() if name != key and value is not None][:1])
