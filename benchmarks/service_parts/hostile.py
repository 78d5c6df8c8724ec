"""Requests that no library sends: what comes of each, and whether the server answers the next one."""

import json
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.service_parts.server import Server

__all__ = ["CASES", "Case", "Tried", "hostile"]

WAIT = 30.0  # s
JSON = "Content-Type: application/json"
CLOSED, SILENT = "closed", "silent"


@dataclass(frozen=True, slots=True)
class Case:
    """Something to send.

    Parameters
    ----------
    name : str
        What it is.
    parts : callable
        Makes, of a key and a body, what is sent; a pause between parts, the connection closed after the last
        where ``breaks``.
    expected : tuple
        Statuses that are good answers; ``closed`` where a closed connection is one.
    pause : float
        Seconds between parts.
    breaks : bool
        Whether the client goes away without reading.
    """

    name: str
    parts: Callable[[str, bytes], Sequence[bytes]]
    expected: tuple[int | str, ...]
    pause: float = 0.0
    breaks: bool = False


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it.

    Parameters
    ----------
    name : str
        The case's.
    told : int or str
        The status; ``closed`` or ``silent`` where there was none.
    alive : bool
        Whether a good request was answered after it.
    good : bool
        Whether it is alive and the answer is one of those expected.
    """

    name: str
    told: int | str
    alive: bool
    good: bool


def request(key: str, body: bytes, *more: str, path: str = "/rank", length: int | None = None) -> bytes:
    """Write a request; further headers as lines, a length that need not be true."""
    lines = [
        f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close",
        f"Content-Length: {len(body) if length is None else length}", f"Authorization: Bearer {key}",
        *(more or (JSON,)),
    ]  # fmt: skip
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


def _body(change: Callable[[dict], object]) -> Callable[[str, bytes], Sequence[bytes]]:
    """Send a good body with a change made to it."""

    def parts(key: str, body: bytes) -> Sequence[bytes]:
        told = json.loads(body)
        change(told)
        return [request(key, json.dumps(told).encode())]

    return parts


def _raw(body: bytes) -> Callable[[str, bytes], Sequence[bytes]]:
    return lambda key, _: [request(key, body)]


def _slow(key: str, body: bytes) -> Sequence[bytes]:
    whole = request(key, body)
    return [whole[: len(whole) // 2], whole[len(whole) // 2 : -1]]


def _chunked(key: str, body: bytes) -> Sequence[bytes]:
    head = request(key, b"", JSON, "Transfer-Encoding: chunked")
    head = head.replace(b"Content-Length: 0\r\n", b"")
    return [head, *([b"10000\r\n" + b"[" * 0x10000 + b"\r\n"] * 80), b"0\r\n\r\n"]


def _half_json(key: str, body: bytes) -> Sequence[bytes]:
    return [request(key, body[: len(body) // 2])]


def _grow(told: dict) -> None:
    first = told["candidates"][0]
    told["candidates"] = [{**first, "id": f"x{i}"} for i in range(1_001)]


CASES: tuple[Case, ...] = (
    Case("a body over the limit, told beforehand", lambda k, b: [request(k, b"", length=1 << 40)], (413,)),
    Case("a body over the limit, in chunks", _chunked, (413, CLOSED)),
    Case("a length that is no number", lambda k, b: [request(k, b).replace(b"Length: ", b"Length: x")], (400, CLOSED)),
    Case("two lengths that differ", lambda k, b: [request(k, b, JSON, "Content-Length: 3")],
         (400, CLOSED)),
    Case("a header of 1 MB", lambda k, b: [request(k, b, JSON, "X-Long: " + "a" * (1 << 20))], (400, 431, CLOSED)),
    Case("lists 100,000 deep", _raw(b"[" * 100_000 + b"]" * 100_000), (400, 422)),
    Case("objects 100,000 deep, in a record",
         _raw(b'{"job":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b',"candidates":[]}'), (400, 422)),
    Case("a record 50 deep", _body(lambda t: t["candidates"][0].update(deep=_nested(50))), (422,)),
    Case("a text of 1 MB", _body(lambda t: t["candidates"][0].update(text="a" * (1 << 20))), (422,)),
    Case("a key of 1 MB", _body(lambda t: t["candidates"][0].update({"a" * (1 << 20): 1})), (422,)),
    Case("10,000 values in a record", _body(lambda t: t["candidates"][0].update(many=list(range(10_000)))), (422,)),
    Case("1,001 candidates", _body(_grow), (422,)),
    Case("no candidates", _body(lambda t: t.update(candidates=[])), (422,)),
    Case("the same candidate twice", _body(lambda t: t["candidates"].append(t["candidates"][0])), (200, 422)),
    Case("candidates that are no list", _body(lambda t: t.update(candidates="everybody")), (422,)),
    Case("a number for a flag", _body(lambda t: t.update(explanations=1)), (422,)),
    Case("a cut-off below one", _body(lambda t: t.update(top_k=-1)), (422,)),
    Case("a cut-off of 400 figures", lambda k, b: [request(k, b[:-1] + b',"top_k":' + b"9" * 400 + b"}")], (400, 422)),
    Case("NaN", lambda k, b: [request(k, b[:-1] + b',"top_k":NaN}')], (400, 422)),
    Case("NaN in a record", _body(lambda t: t["candidates"][0].update(test_score=float("nan"))), (400, 422)),
    Case("infinity in a record", _body(lambda t: t["candidates"][0].update(test_score=float("inf"))), (400, 422)),
    Case("1e999 in a record", _raw(b'{"job":{"id":"a","n":1e999},"candidates":[{"id":"b"}]}'), (400, 422)),
    Case("what is not UTF-8", _raw(b'{"job":{"id":"\xff\xfe"},"candidates":[{"id":"b"}]}'), (400, 422)),
    Case("UTF-16", _raw(b"\xff\xfe" + '{"job":{}}'.encode("utf-16-le")), (400, 422)),
    Case("half a character", _raw(b'{"job":{"id":"\\ud800"},"candidates":[{"id":"b"}]}'), (400, 422)),
    Case("the character NUL", _raw(b'{"job":{"id":"a\\u0000"},"candidates":[{"id":"b"}]}'), (400, 422)),
    Case("a key twice", _raw(b'{"job":{"id":"a"},"job":{"id":"b"},"candidates":[{"id":"c"}]}'), (200, 422)),
    Case("half of a JSON", _half_json, (400,)),
    Case("nothing", _raw(b""), (400,)),
    Case("a protected field", _body(lambda t: t["candidates"][0].update(gender="f")), (422,)),
    Case("another type", lambda k, b: [request(k, b, "Content-Type: text/plain")], (415,)),
    Case("compressed, it says",
         lambda k, b: [request(k, b, JSON, "Content-Encoding: gzip")], (200, 400, 415)),
    Case("no key", lambda k, b: [request("", b)], (401,)),
    Case("a key of 100,000 figures", lambda k, b: [request("candor_1_" + "1" * 60_000, b)], (400, 401, 431, CLOSED)),
    Case("a key that is not ASCII", lambda k, b: [request("candor_é_ü", b)], (400, 401)),
    Case("an address with %00", lambda k, b: [request(k, b, path="/decisions/%00")], (404, 405)),
    Case("an address that is not UTF-8", lambda k, b: [request(k, b, path="/decisions/%ff")], (404, 405)),
    Case("an address of 70,000 characters",
         lambda k, b: [request(k, b, path="/" + "a" * 70_000)], (400, 404, 414, 431, CLOSED)),
    Case("a method that nobody knows", lambda k, b: [request(k, b).replace(b"POST", b"BREW")], (400, 405)),
    Case("a body that stops half-way", _slow, (408, CLOSED), pause=0.2),
    Case("a client that goes away half-way", _slow, (CLOSED,), breaks=True),
    Case("a client that goes away before the answer", lambda k, b: [request(k, b)], (CLOSED,), breaks=True),
    Case("TLS", lambda k, b: [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200)], (400, CLOSED)),
    Case("noise", lambda k, b: [bytes(range(256)) * 40 + b"\r\n\r\n"], (400, CLOSED)),
)  # fmt: skip


def hostile(server: Server, key: str, body: bytes, cases: Sequence[Case] = CASES) -> list[Tried]:
    """Send each, and a good request after it.

    Parameters
    ----------
    server : Server
        Running; bodies should have little time to arrive.
    key : str
        Which may rank.
    body : bytes
        A good one for ``POST /rank``.
    cases : sequence of Case
        What to send.
    """
    found = []
    for case in cases:
        told = _told(server.port, case, key, body)
        alive = _send(server.port, [request(key, body)]) == 200
        found.append(Tried(case.name, told, alive, alive and told in case.expected))
    found.append(_idle(server, key, body))
    return found


def _idle(server: Server, key: str, body: bytes, n: int = 500) -> Tried:
    """Hold connections open with half a header each, and ask meanwhile."""
    with ExitStack() as stack:
        for _ in range(n):
            held = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=WAIT))
            held.sendall(b"POST /rank HTTP/1.1\r\nHo")
        alive = _send(server.port, [request(key, body)]) == 200
    return Tried(f"{n} connections with half a header each, held", SILENT, alive, alive)


def _told(port: int, case: Case, key: str, body: bytes) -> int | str:
    return _send(port, case.parts(key, body), pause=case.pause, breaks=case.breaks)


def _send(port: int, parts: Sequence[bytes], *, pause: float = 0.0, breaks: bool = False) -> int | str:
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT) as connection:
        try:
            for number, part in enumerate(parts):
                if number and pause:
                    time.sleep(pause)
                connection.sendall(part)
        except TimeoutError:
            return SILENT
        except OSError:
            pass  # it may have been answered before all was sent
        if breaks:
            return CLOSED
        return _status(connection)


def _status(connection: socket.socket) -> int | str:
    got = b""
    try:
        while b"\r\n" not in got and (part := connection.recv(65_536)):
            got += part
    except TimeoutError:
        return SILENT
    except OSError:
        return CLOSED
    words = got.split(b" ", 2)
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else CLOSED


def _nested(depth: int) -> dict:
    told: dict = {}
    for _ in range(depth):
        told = {"a": told}
    return told
