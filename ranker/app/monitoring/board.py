"""What one of several workers tells the others of drift: one follows the log for all of them."""

import json
import logging
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

try:
    import fcntl
except ImportError:  # not a POSIX system: then each worker follows for itself
    fcntl = None  # type: ignore[assignment]

__all__ = ["Board"]

log = logging.getLogger("candor.service")

LOCK: Final = "drift.lock"
METRICS: Final = "drift.prom"
STATE: Final = "drift.json"


@dataclass(slots=True)
class Board:
    """Files in a folder that the workers of one server share.

    Parameters
    ----------
    folder : Path
        Gone when the server ends; what stands there is of this server.
    """

    folder: Path
    _file: int = field(default=-1, init=False, repr=False)

    def lead(self) -> bool:
        """Tell whether this worker is the one that follows; it stays so until its process ends.

        When that is killed, the lock on the file is free, and the next one that asks has it.
        """
        if fcntl is None or self._file >= 0:
            return True
        try:
            opened = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            return True  # no folder to share: better twice than not at all
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(opened)
            return False
        self._file = opened
        return True

    def tell(self, metrics: bytes, state: dict[str, Any]) -> None:
        """Write for the others how columns stand; where there is no room they tell nothing, nothing old."""
        try:
            self._put(METRICS, metrics)
            self._put(STATE, json.dumps(state).encode())
        except OSError as error:
            log.error("the other workers cannot be told of drift: %s", error)
            for name in (METRICS, STATE):
                with suppress(OSError):
                    (self.folder / name).unlink(missing_ok=True)

    def metrics(self) -> bytes:
        """Return what was told last for ``/metrics``; nothing before that."""
        try:
            return (self.folder / METRICS).read_bytes()
        except OSError:
            return b""

    def state(self) -> dict[str, Any]:
        """Return what was told last for pages; nothing before that."""
        try:
            told: dict[str, Any] = json.loads((self.folder / STATE).read_bytes())
        except OSError:
            return {}
        return told

    def close(self) -> None:
        """Let another one follow."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _put(self, name: str, text: bytes) -> None:
        own = self.folder / f".{name}.{os.getpid()}"  # not *.db, which are counters
        own.write_bytes(text)
        own.replace(self.folder / name)
