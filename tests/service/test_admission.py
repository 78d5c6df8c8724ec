"""Who leaves gives the place up, whether or not what was asked has begun to be read."""

import asyncio

import pytest

pytest.importorskip("fastapi", reason="the service needs the extra api")

from starlette.requests import ClientDisconnect

from ranker.app.service import admission
from ranker.app.service.admission import Admission
from ranker.app.service.meters import Meters


def ask(app, method, messages, monkeypatch, *, seconds=20):
    """Ask once; returns the gate and what was sent. The client's messages come a moment apart, then no more."""
    monkeypatch.setattr(admission, "PATIENCE", 0.01)
    gate = Admission(app, Meters(), in_flight=2, seconds=seconds, retry_after=1)
    scope = {"type": "http", "path": "/model", "method": method, "headers": [], "state": {"request_id": "r"}}
    left, sent = list(messages), []

    async def receive():
        await asyncio.sleep(0.03)
        return left.pop(0) if left else await asyncio.Event().wait()

    async def send(message):
        sent.append(message)

    try:
        asyncio.run(asyncio.wait_for(gate(scope, receive, send), 20))
    finally:
        assert gate.taken == 0
    return sent


BODY = {"type": "http.request", "body": b"x", "more_body": False}
LEFT = {"type": "http.disconnect"}


async def slow(scope, receive, send):
    if scope["method"] == "POST":
        await receive()
    await asyncio.sleep(20)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_who_leaves_is_waited_for_no_longer(method, monkeypatch):
    with pytest.raises(ClientDisconnect):
        ask(slow, method, [BODY, LEFT], monkeypatch)


def test_what_was_met_while_looking_who_leaves_can_still_be_read(monkeypatch):
    async def late(scope, receive, send):
        await asyncio.sleep(0.2)
        assert await receive() == BODY
        await send({"type": "http.response.start", "status": 200})

    assert ask(late, "GET", [BODY], monkeypatch) == [{"type": "http.response.start", "status": 200}]


def test_who_stays_is_told_when_it_takes_too_long(monkeypatch):
    sent = ask(slow, "POST", [BODY], monkeypatch, seconds=0.1)
    assert sent[0]["status"] == 503
