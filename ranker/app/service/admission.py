"""How many requests are taken in at once, and how long each may take."""

import asyncio
from contextlib import suppress
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ranker.app.service.meters import Meters
from ranker.app.service.problems import Problem, request_id_of

__all__ = ["ALWAYS", "Admission"]

ALWAYS: Final = ("/healthz", "/readyz", "/metrics")  # a busy server can still be asked how it is


class Admission:
    """ASGI middleware: requests over a number are told to come again, at once; those that take too long, too.

    A request that is refused is not read, so that a server with too much to do spends nothing on it, and
    one whose caller has left gives its place up. Either, like one that was late, may still be recorded: an
    answer that reached nobody can stand in the log, never the reverse.

    Parameters
    ----------
    app : ASGI application
        What answers.
    meters : Meters
        What is counted.
    in_flight : int
        Requests at once.
    seconds : float
        For each.
    retry_after : int
        Seconds after which to come again.
    """

    def __init__(
        self, app: ASGIApp, meters: Meters, *, in_flight: int, seconds: float, retry_after: int
    ) -> None:
        self.app = app
        self.meters = meters
        self.in_flight = in_flight
        self.seconds = seconds
        self.retry = {"Retry-After": str(retry_after)}
        self.taken = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http" or scope["path"] in ALWAYS:
            await self.app(scope, receive, send)
            return
        if self.taken >= self.in_flight:
            told = f"{self.in_flight} requests are being worked on: come again"
            await self._refuse(Problem("busy", told, headers=self.retry), scope, receive, send)
            return
        self.taken += 1
        self.meters.in_flight.inc()
        try:
            await self._in_time(scope, receive, send)
        finally:
            self.taken -= 1
            self.meters.in_flight.dec()

    async def _in_time(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def tell(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        read, gone = asyncio.Event(), asyncio.Event()

        async def take() -> Message:
            if read.is_set():
                await gone.wait()
                return {"type": "http.disconnect"}
            message = await receive()
            if message["type"] == "http.disconnect":
                gone.set()
            if gone.is_set() or not message.get("more_body", False):
                read.set()
            return message

        async def leave() -> None:
            await read.wait()
            while not gone.is_set() and (await receive())["type"] != "http.disconnect":
                pass
            gone.set()

        answering = asyncio.ensure_future(self.app(scope, take, tell))
        leaving = asyncio.ensure_future(leave())
        late = False
        try:
            async with asyncio.timeout(self.seconds) as deadline:
                await asyncio.wait((answering, leaving), return_when=asyncio.FIRST_COMPLETED)
                if (
                    started or answering.done()
                ):  # of an answer that was sent the connection says it is over, too
                    await answering
                    return
        except TimeoutError:
            if started or not deadline.expired():
                raise
            late = True
        finally:
            for task in (leaving, answering):
                if not task.done():
                    task.cancel()
                    with suppress(asyncio.CancelledError, Exception):
                        await task
        if started:
            return
        if not late:
            raise ClientDisconnect
        told = f"no answer within {self.seconds:g} s: come again, or ask for less"
        await self._refuse(Problem("late", told, headers=self.retry), scope, receive, send)

    async def _refuse(self, problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
        self.meters.problems.labels(problem.kind).inc()
        await problem.response(request_id_of(scope))(scope, receive, send)
