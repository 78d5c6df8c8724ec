"""Errors as RFC 9457 has them: what is wrong, where in the body, what to do; one form for all.

References
----------
Nottingham, Wilde & Dalal (2023), Problem Details for HTTP APIs, RFC 9457.
"""

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ranker.app.decisions.errors import (
    AlreadyDecidedError,
    StoreUnavailable,
    UnknownDecisionError,
    UnknownReviewError,
)
from ranker.app.served.faults import BodyError, Fault, NotServedError, worded
from ranker.app.service.roles import ROUTES
from ranker.errors import CandorError, DataError, ProtectedFieldError, TaskError, UsageError

__all__ = ["KINDS", "MEDIA_TYPE", "Problem", "ProblemAnswer", "problem_of", "request_id_of", "responses"]

MEDIA_TYPE: Final = "application/problem+json"
PREFIX: Final = "urn:candor:problem:"

KINDS: Final[Mapping[str, tuple[int, str]]] = {
    "unreadable": (400, "The body is no JSON"),
    "no-key": (401, "A valid key is needed"),
    "not-allowed": (403, "This key may not do that"),
    "not-found": (404, "There is no such thing"),
    "not-served": (404, "This server has no such model"),
    "no-such-method": (405, "This address does not take that method"),
    "slow": (408, "The body did not arrive in time"),
    "conflict": (409, "That cannot be done any more"),
    "too-large": (413, "The body is too large"),
    "media-type": (415, "The body is not of a type that is read"),
    "cannot-answer": (422, "The request cannot be answered as it is"),
    "too-often": (429, "Too many requests"),
    "unforeseen": (500, "The server failed"),
    "busy": (503, "The server is busy"),
    "late": (503, "The answer took too long"),
    "no-log": (503, "The log of decisions is unavailable"),
}


class Problem(Exception):
    """A request that is not answered.

    Parameters
    ----------
    kind : str
        One of :data:`KINDS`, which says the status.
    detail : str
        What is wrong and what to do; says nothing about anybody but what the request itself says.
    errors : iterable of Fault
        Faults by their places in the body.
    headers : mapping of str to str, optional
        Of the response.
    """

    def __init__(
        self,
        kind: str,
        detail: str,
        errors: Iterable[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    @property
    def status(self) -> int:
        """The HTTP status."""
        return KINDS[self.kind][0]

    def response(self, request_id: str) -> Response:
        """Write it down."""
        status, title = KINDS[self.kind]
        return _written(PREFIX + self.kind, status, title, self.detail, request_id, self.errors, self.headers)


class PlaceOfFault(BaseModel):
    """A fault at a place of the body."""

    field: str
    fault: str


class ProblemAnswer(BaseModel):
    """What is wrong with a request (RFC 9457)."""

    model_config = ConfigDict(title="Problem")

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[PlaceOfFault]


def _written(
    kind: str,
    status: int,
    title: str,
    detail: str,
    request_id: str,
    errors: Iterable[Fault] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    body: dict[str, Any] = {
        "type": kind,
        "title": title,
        "status": status,
        "detail": detail,
        "instance": f"urn:candor:request:{request_id}",
        "errors": [{"field": one.field, "fault": one.fault} for one in errors],
    }
    # In ASCII: a fault may repeat half a character, which UTF-8 cannot say.
    return Response(json.dumps(body).encode("ascii"), status, dict(headers or {}), MEDIA_TYPE)


def problem_of(error: CandorError, *, retry_after: int = 1) -> Problem:
    """Return what an error of ours is to whoever asked."""
    told = str(error)
    match error:
        case BodyError():
            return Problem("cannot-answer", told, error.faults)
        case NotServedError():
            return Problem("not-served", told)
        case StoreUnavailable():
            # Its own text names the database, which is no caller's business; it goes to the server's log.
            return Problem(
                "no-log",
                "the decision could not be recorded, so it is not given; nothing was written: ask again later",
                headers={"Retry-After": str(retry_after)},
            )
        case UnknownDecisionError() | UnknownReviewError():
            return Problem("not-found", told)
        case AlreadyDecidedError():
            return Problem("conflict", told)
        case DataError() | ProtectedFieldError() | UsageError() | TaskError():
            return Problem("cannot-answer", told)
    return Problem("unforeseen", "the server's model or its settings are at fault, not the request")


def request_id_of(scope: Mapping[str, Any]) -> str:
    """Return the id that the outermost layer gave a request."""
    return str(scope.get("state", {}).get("request_id", "unknown"))


async def tell_problem(request: Request, error: Exception) -> Response:
    """Answer with a problem that was raised."""
    assert isinstance(error, Problem)
    return error.response(request_id_of(request.scope))


async def tell_http_error(request: Request, error: Exception) -> Response:
    """Answer what the framework refuses: an unknown address, a method that is not there."""
    assert isinstance(error, HTTPException)
    kinds = {404: "not-found", 405: "no-such-method", 413: "too-large"}
    said = {404: "there is nothing at this address", 405: "see the header Allow for the methods there are"}
    if (kind := kinds.get(error.status_code)) is not None:
        detail = said.get(error.status_code, str(error.detail))
        headers = dict(error.headers or {})
        path = getattr(request.scope.get("route"), "path", None)
        if error.status_code == 405 and (methods := [one for one, template in ROUTES if template == path]):
            headers["Allow"] = ", ".join(methods)  # the framework names those of one route of the address
        return Problem(kind, detail, headers=headers).response(request_id_of(request.scope))
    title = HTTPStatus(error.status_code).phrase
    return _written(
        "about:blank", error.status_code, title, str(error.detail), request_id_of(request.scope),
        headers=error.headers,
    )  # fmt: skip


async def tell_parameters(request: Request, error: Exception) -> Response:
    """Answer parameters of the address that cannot be read."""
    faults = tuple(
        Fault(".".join(str(step) for step in one["loc"][1:]), worded(one))
        for one in getattr(error, "errors", list)()
    )
    problem = Problem("cannot-answer", "; ".join(map(str, faults)) or "a parameter is at fault", faults)
    return problem.response(request_id_of(request.scope))


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe problems by their status, for the description of the service."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    titles = {
        status: " / ".join(title for code, title in KINDS.values() if code == status) for status in statuses
    }
    return {status: {"description": titles[status], "content": content} for status in statuses}
