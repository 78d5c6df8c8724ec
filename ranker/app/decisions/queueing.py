"""Whose turn it is to write, in this process and, for SQLite, among processes."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final, Self

from sqlalchemy import Engine

from ranker.app.decisions.engine import WAIT, lock_file_of

try:
    import fcntl
except ImportError:  # not a POSIX system: SQLite's own waiting has to do
    fcntl = None  # type: ignore[assignment]

__all__ = ["Queue"]

STEP: Final = 0.001  # s


class Queue:
    """Lets one thread write at a time.

    SQLite makes a process that finds the database locked sleep and look again, at last every 100 ms; a
    lock on a file beside it is looked at every millisecond, a third of what a commit takes. It only orders
    who may try: SQLite's lock is the one that counts, and nothing is lost where the file cannot be made.

    Parameters
    ----------
    path : str or None
        The file; ``None`` for PostgreSQL, which queues by itself.
    """

    def __init__(self, path: str | None) -> None:
        self._lock = threading.Lock()
        self._file = -1
        if path is not None and fcntl is not None:
            try:
                self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            except OSError:
                self._file = -1

    @classmethod
    def of(cls, engine: Engine) -> Self:
        """Make the queue that suits a database."""
        return cls(lock_file_of(engine))

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn."""
        with self._lock:
            if self._file < 0:
                yield
                return
            self._wait()
            try:
                yield
            finally:
                with suppress(OSError):  # closed meanwhile, which unlocks as well
                    fcntl.flock(self._file, fcntl.LOCK_UN)

    def _wait(self) -> None:
        """Wait for the file's lock, and no longer than for SQLite's: who holds it may have been stopped."""
        until = time.monotonic() + WAIT / 1_000
        while time.monotonic() < until:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(STEP)
            except OSError:
                return
            else:
                return

    def close(self) -> None:
        """Let go of the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
