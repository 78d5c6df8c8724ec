"""How many requests are taken in at once, and how long each may take."""

import asyncio
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ranker.app.service.meters import Meters
from ranker.app.service.problems import Problem, request_id_of

__all__ = ["ALWAYS", "Admission"]

ALWAYS: Final = ("/healthz", "/readyz", "/metrics")  # a busy server can still be asked how it is
PATIENCE: Final = 0.1  # s until it is looked whether who asked is still there
# s before a refusal: a thousand clients who ask again at once would take half of the processor from those
# who are being answered.
PAUSE: Final = 0.25


class Admission:
    """ASGI middleware: requests over a number are soon told to come again; those that take too long, too.

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
            await asyncio.sleep(PAUSE)
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
        started, gone, read = False, False, asyncio.Event()
        kept: list[Message] = []

        async def tell(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        async def take() -> Message:
            nonlocal gone
            if kept:
                return kept.pop(0)
            if read.is_set():  # who leaves is waited for elsewhere, and ends this
                await asyncio.Event().wait()
            message = await receive()
            gone = message["type"] == "http.disconnect"
            if gone or not message.get("more_body", False):
                read.set()
            return message

        async def leave() -> None:
            nonlocal gone
            if scope["method"] not in ("GET", "HEAD"):  # which nobody may have begun to read
                await read.wait()
            while not gone:
                message = await receive()
                gone = message["type"] == "http.disconnect"
                if not gone and not read.is_set():
                    kept.append(message)
                    read.set()
            if not started:  # of an answer that was sent the connection says it is over, too
                deadline.reschedule(asyncio.get_running_loop().time())

        leaving: list[asyncio.Task[None]] = []
        # Most are answered before it is worth a task to see who leaves.
        loop = asyncio.get_running_loop()
        patience = loop.call_later(PATIENCE, lambda: leaving.append(loop.create_task(leave())))
        try:
            async with asyncio.timeout(self.seconds) as deadline:
                await self.app(scope, take, tell)
            return
        except TimeoutError:
            if started or not deadline.expired():
                raise
        finally:
            patience.cancel()
            for task in leaving:
                task.cancel()
        if gone:
            raise ClientDisconnect
        told = f"no answer within {self.seconds:g} s: come again, or ask for less"
        await self._refuse(Problem("late", told, headers=self.retry), scope, receive, send)

    async def _refuse(self, problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
        self.meters.problems.labels(problem.kind).inc()
        await problem.response(request_id_of(scope))(scope, receive, send)
