"""The outermost layer: each request gets an id, secure headers, a count and a line in the log."""

import json
import logging
import os
import re
import time
import traceback
import uuid
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ranker.app.service.meters import Meters
from ranker.app.service.problems import Problem

__all__ = ["HEADERS", "Observed"]

access = logging.getLogger("candor.access")
log = logging.getLogger("candor.service")

REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{8,64}")
CLOSED: Final = 499  # the client went away; nginx's number for it
HEADERS: Final = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-store",
    b"cross-origin-resource-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
}


class Observed:
    """ASGI middleware; neither log nor counts say anything about anybody.

    What is logged of a request: its id, by which the log of decisions is searched, the route as a
    template, the status, the time it took and the caller's role. Of an error that nobody foresaw its
    type and place; its text, which may repeat a record, with ``CANDOR_DEBUG`` alone.

    Parameters
    ----------
    app : ASGI application
        What answers.
    meters : Meters
        What is counted.
    log_access : bool
        Whether there is a line for each request.
    """

    def __init__(self, app: ASGIApp, meters: Meters, log_access: bool = True) -> None:
        self.app = app
        self.meters = meters
        self.log_access = log_access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start = time.perf_counter()
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0

        async def tell(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = list(message.get("headers", ()))
                there = {name.lower() for name, _ in headers}
                headers += [(name, value) for name, value in HEADERS.items() if name not in there]
                message = {**message, "headers": [*headers, (b"x-request-id", request_id.encode())]}
            await send(message)

        try:
            await self.app(scope, receive, tell)
        except ClientDisconnect:
            status = CLOSED
        except Exception as error:
            _tell_unforeseen(error, request_id)
            if not status:
                problem = Problem(
                    "unforeseen", "the server met what nobody foresaw; it is in its log by this id"
                )
                await problem.response(request_id)(scope, receive, tell)
        finally:
            self._count(scope, status or CLOSED, time.perf_counter() - start)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", None) or "none"
        method = scope["method"] if route != "none" else "any"
        self.meters.requests.labels(route, method, str(status)).inc()
        self.meters.seconds.labels(route).observe(seconds)
        if self.log_access:
            state = scope["state"]
            told = {
                "request": state["request_id"],
                "method": method,
                "route": route,
                "status": status,
                "ms": round(seconds * 1000, 2),
                "role": state.get("role"),
            }
            access.info(json.dumps(told))


def _request_id(scope: Scope) -> str:
    """Return the caller's own id for the request where it sent one that can be read, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and REQUEST_ID.fullmatch(value):
            return str(value.decode("ascii"))
    return uuid.uuid4().hex


def _tell_unforeseen(error: Exception, request_id: str) -> None:
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "an unknown place"
    log.error("request %s: unforeseen %s at %s", request_id, type(error).__name__, place)
    if os.environ.get("CANDOR_DEBUG"):
        log.error("request %s", request_id, exc_info=error)
