"""What processes take, read from Linux's /proc; processes are ended by their own numbers alone."""

import os
import signal
import socket
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

__all__ = ["anonymous_mb", "cpu_seconds", "family", "free_port", "kill_all"]

TICK = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> tuple[int, ...]:
    """Return a process and all that it has started, itself first."""
    found = [pid]
    for one in found:
        with suppress(OSError):
            for task in Path(f"/proc/{one}/task").iterdir():
                found += map(int, (task / "children").read_text("ascii").split())
    return tuple(dict.fromkeys(found))


def cpu_seconds(pids: Iterable[int]) -> float:
    """Add up what processes have taken of the processor; those that have ended took nothing."""
    ticks = 0
    for pid in pids:
        with suppress(OSError):
            # The name in brackets may hold spaces: what follows it is counted from its end.
            fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / TICK


def anonymous_mb(pids: Iterable[int]) -> float:
    """Add up the memory that belongs to no file, in MB, what several share once.

    Files of a database that are mapped do not count; what a worker shares with the process that it was forked
    off counts for it as soon as it writes there.
    """
    kilobytes = 0
    for pid in pids:
        with suppress(OSError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines():
                if line.startswith("Pss_Anon:"):
                    kilobytes += int(line.split()[1])
    return kilobytes / 1024


def kill_all(pids: Iterable[int]) -> None:
    """End processes at once, none of them having a say."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def free_port() -> int:
    """Return a port at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
