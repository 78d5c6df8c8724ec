"""Connections whose requests begin slowly, or never end to begin."""

from asyncio import TimerHandle
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["HEADER_BYTES", "HEADER_SECONDS", "BoundedHeaders"]

HEADER_BYTES: Final = 64 << 10
HEADER_SECONDS: Final = 20.0


class BoundedHeaders(HttpToolsProtocol):
    """uvicorn's connection, closed where the head of a request is longer than 64 KiB or slower than 20 s.

    The parser below takes any length and waits for ever: a header of 100 MB would be held whole, and
    connections that never finish one would keep their places. What stands in one piece from the socket
    (256 KiB) is read before it is measured.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._in_head, self._head_bytes = True, 0
        self._late: TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._wait_no_longer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read, and close what is too long for the head of a request."""
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEADER_BYTES:
                self._give_up()

    def on_message_begin(self) -> None:
        """Begin to measure the head of the next request."""
        super().on_message_begin()
        if not self._in_head:
            self._in_head, self._head_bytes = True, 0
            self._wait()

    def on_headers_complete(self) -> None:
        """Measure no more until the next one."""
        self._in_head = False
        self._wait_no_longer()
        super().on_headers_complete()

    def _wait(self) -> None:
        self._wait_no_longer()
        self._late = self.loop.call_later(HEADER_SECONDS, self._give_up)

    def _wait_no_longer(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _give_up(self) -> None:
        self._wait_no_longer()
        if not self.transport.is_closing():
            self.transport.close()
