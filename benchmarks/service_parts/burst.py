"""Many requests at the same moment, and what became of each."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Self

__all__ = ["Burst", "burst"]

REFUSED = (429, 503)
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Burst:
    """What became of them.

    Parameters
    ----------
    sent : int
        Requests.
    statuses : dict of int to int
        How often each status came, with an answer that was whole.
    lost : int
        Requests without an answer, or with half of one.
    seconds : float
        Until the last answer.
    entries : int
        Decisions that the log gained.
    """

    sent: int
    statuses: dict[int, int] = field(default_factory=dict)
    lost: int = 0
    seconds: float = 0.0
    entries: int = 0

    @property
    def refused(self) -> int:
        """Told to come again."""
        return sum(self.statuses.get(status, 0) for status in REFUSED)

    @property
    def other(self) -> int:
        """Answered with what is neither."""
        return sum(n for status, n in self.statuses.items() if status not in (200, *REFUSED))

    def with_entries(self, entries: int) -> Self:
        """Return it with what the log gained."""
        return replace(self, entries=entries)


async def burst(
    port: int, key: str, bodies: Sequence[bytes], n: int, *, path: str = "/rank", timeout: float = 120
) -> Burst:
    """Open connections, then send a request on each at once, and read what comes.

    Parameters
    ----------
    port : int
        Of a server on this machine.
    key : str
        The callers'.
    bodies : sequence of bytes
        Sent in turn.
    n : int
        Connections.
    path : str
        Which takes a POST.
    timeout : float
        Seconds until an answer counts as lost.
    """
    ready, start = asyncio.Semaphore(0), asyncio.Event()
    tasks = [
        asyncio.create_task(_ask(port, _request(key, bodies[i % len(bodies)], path), ready, start, timeout))
        for i in range(n)
    ]
    for _ in range(n):
        await ready.acquire()
    begin = time.perf_counter()
    start.set()
    statuses = Counter(await asyncio.gather(*tasks))
    lost = statuses.pop(None, 0)
    told = {status: count for status, count in sorted(statuses.items(), key=str) if status is not None}
    return Burst(n, told, lost, time.perf_counter() - begin)


async def _ask(
    port: int, request: bytes, ready: asyncio.Semaphore, start: asyncio.Event, timeout: float
) -> int | None:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        ready.release()
        return None
    ready.release()
    await start.wait()
    try:
        async with asyncio.timeout(timeout):
            writer.write(request)
            await writer.drain()
            return await _status(reader)
    except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError):
        return None
    finally:
        writer.close()


async def _status(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    found = LENGTH.search(head)
    if found is None:
        raise ValueError("an answer that does not say how long it is")
    await reader.readexactly(int(found[1]))
    return int(head.split(b" ", 2)[1])


def _request(key: str, body: bytes, path: str) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nConnection: close\r\n"
        f"Content-Length: {len(body)}\r\nAuthorization: Bearer {key}\r\n\r\n"
    )
    return head.encode("ascii") + body
