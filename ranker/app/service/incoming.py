"""A request's body: of a type that is read, no larger and no slower than may be."""

import asyncio
import email.message
from typing import Any, Final

from fastapi import Request
from pydantic import BaseModel

from ranker.app.served.bodies import read_body
from ranker.app.served.faults import NotJsonError
from ranker.app.service.problems import Problem
from ranker.app.service.settings import ServiceSettings

__all__ = ["bytes_of", "parsed"]

JSON: Final = "application/json"


async def bytes_of(request: Request, settings: ServiceSettings) -> bytes:
    """Read a body.

    FastAPI's own limit answers 413 in plain text; a client has one form of errors to read.

    Raises
    ------
    Problem
        408, 413 or 415.
    """
    _check_type(request.headers.get("content-type"))
    most = settings.body_bytes
    too_large = Problem("too-large", f"the body is larger than {most:,} bytes: send fewer records at once")
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > most:
        raise too_large
    parts, size = [], 0
    try:
        async with asyncio.timeout(settings.body_seconds):
            async for part in request.stream():
                size += len(part)
                if size > most:
                    raise too_large
                parts.append(part)
    except TimeoutError:
        told = f"the body did not arrive within {settings.body_seconds:g} s"
        raise Problem("slow", told, headers={"Connection": "close"}) from None
    return b"".join(parts)


def parsed(model: type[BaseModel], body: bytes) -> dict[str, Any]:
    """Parse a body.

    Raises
    ------
    Problem
        400 where it is no JSON.
    BodyError
        Where it is JSON that does not say what it should.
    """
    try:
        return read_body(model, body)
    except NotJsonError as error:
        raise Problem("unreadable", str(error), error.faults) from None


def _check_type(content_type: str | None) -> None:
    if content_type == JSON:
        return
    message = email.message.Message()
    message["content-type"] = content_type or ""
    if message.get_content_type() != JSON:
        raise Problem("media-type", "the body has to be JSON: send Content-Type: application/json")
