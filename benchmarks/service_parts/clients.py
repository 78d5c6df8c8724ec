"""Clients that keep what they are answered, to hold it against the log."""

import hashlib
import http.client
import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Clients", "Received", "asking", "fingerprint", "post"]

PAUSE = 0.02  # s, before a client tries again whom it could not reach


@dataclass(frozen=True, slots=True)
class Received:
    """An answer that a client has read to its last byte.

    Parameters
    ----------
    id, hash : str
        The decision's, from the headers.
    answer : str
        What :func:`fingerprint` makes of the body.
    at : float
        When, by the monotonic clock.
    """

    id: str
    hash: str
    answer: str
    at: float


@dataclass(slots=True)
class Clients:
    """What clients that ask without pause were told so far.

    Parameters
    ----------
    received : list of Received
        Answers with a decision.
    statuses : Counter
        How often each status came.
    broken : int
        Requests that were not answered, or not to the end.
    unreached : int
        Tries to reach a server that did not listen.
    strange : list of str
        What no client should be told: a 200 without a decision, a problem that is none.
    """

    received: list[Received] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    broken: int = 0
    unreached: int = 0
    strange: list[str] = field(default_factory=list)

    def note(self, status: int, headers: http.client.HTTPMessage, body: bytes) -> None:
        """Keep an answer."""
        self.statuses[status] += 1
        if status == 200:
            id, hash = headers.get("Decision-Id"), headers.get("Decision-Hash")
            if id is None or hash is None:
                self.strange.append("200 without a decision")
                return
            self.received.append(Received(id, hash, fingerprint(json.loads(body)), time.monotonic()))
        elif headers.get("Content-Type") != "application/problem+json" or not _is_problem(status, body):
            self.strange.append(f"{status} that is no problem: {body[:200]!r}")


def fingerprint(answer: Mapping[str, Any]) -> str:
    """Return SHA-256 of an answer, in hex, its keys in order: the log keeps values, not the order of keys."""
    return hashlib.sha256(json.dumps(answer, sort_keys=True).encode()).hexdigest()


def post(
    connection: http.client.HTTPConnection, key: str, body: bytes, path: str = "/rank"
) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Send a body and read the answer to its end."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


@contextmanager
def asking(
    port: int, key: str, bodies: Sequence[bytes], clients: int, *, timeout: float = 60
) -> Iterator[Clients]:
    """Let clients ask one after the other, each without pause, until the end of the block.

    Parameters
    ----------
    port : int
        Of a server on this machine; it may go and come again meanwhile.
    key : str
        The callers'.
    bodies : sequence of bytes
        What they send to ``POST /rank``, in turn.
    clients : int
        At once.
    timeout : float
        For an answer, in seconds.
    """
    told, over, gate = Clients(), threading.Event(), threading.Lock()

    def ask(own: Iterable[bytes]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        for body in own:
            if over.is_set():
                break
            try:
                if connection.sock is None:
                    connection.connect()
            except OSError:
                with gate:
                    told.unreached += 1
                over.wait(PAUSE)
                continue
            try:
                answer = post(connection, key, body)
            except (OSError, http.client.HTTPException):
                with gate:
                    told.broken += 1
                connection.close()
                over.wait(PAUSE)
            else:
                with gate:
                    told.note(*answer)
                if answer[0] >= 500:
                    over.wait(PAUSE)
        connection.close()

    turned = [[*bodies[start:], *bodies[:start]] for start in (i % len(bodies) for i in range(clients))]
    threads = [threading.Thread(target=ask, args=(itertools.cycle(own),), daemon=True) for own in turned]
    for thread in threads:
        thread.start()
    try:
        yield told
    finally:
        over.set()
        for thread in threads:
            thread.join(timeout + 10)


def _is_problem(status: int, body: bytes) -> bool:
    try:
        told = json.loads(body)
    except ValueError:
        return False
    return isinstance(told, dict) and told.get("status") == status and bool(told.get("detail"))
