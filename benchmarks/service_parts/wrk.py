"""Load by wrk, and what it took of the server."""

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.service_parts.processes import cpu_seconds
from benchmarks.service_parts.server import Server

__all__ = ["Load", "absent", "load", "told"]

SCRIPT = Path(__file__).with_name("rank.lua")
TIMEOUT = 120  # s; longer than a server may take


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a run.

    Parameters
    ----------
    requests : int
        Answered.
    seconds : float
        It took.
    p50_ms, p90_ms, p99_ms, max_ms : float
        Of answers, in milliseconds. wrk corrects them for requests that were sent late because earlier ones
        were answered late.
    refused : int
        Answers of status 400 or more.
    lost : int
        Connections refused or broken, and answers that did not come in time.
    cpu_ms : float
        Of the server's processes for each request, in milliseconds.
    """

    requests: int
    seconds: float
    p50_ms: float
    p90_ms: float
    p99_ms: float
    max_ms: float
    refused: int
    lost: int
    cpu_ms: float

    @property
    def per_second(self) -> float:
        """Requests that were answered with what was asked, per second."""
        return (self.requests - self.refused) / self.seconds if self.seconds else 0.0


def absent() -> str | None:
    """Say why there is no load, where wrk is not installed."""
    return None if shutil.which("wrk") else "wrk is not installed"


def load(
    server: Server, path: str, bodies: Path, key: str | None, connections: int, seconds: float, *options: str
) -> Load:
    """Ask a server from some connections at once, each asking again when it is answered.

    Parameters
    ----------
    server : Server
        Running.
    path : str
        Which takes a POST.
    bodies : Path
        A file with a body in each line.
    key : str or None
        The callers'.
    connections : int
        At once.
    seconds : float
        How long.
    *options
        Further arguments of the script.

    Raises
    ------
    RuntimeError
        If wrk is not installed, or fails.
    """
    if why := absent():
        raise RuntimeError(why)
    threads = 1 if connections == 1 else 2
    command = [
        "wrk",
        f"-t{threads}",
        f"-c{connections}",
        f"-d{max(1, round(seconds))}s",
        f"--timeout={TIMEOUT}s",
    ]
    command += [
        f"-s{SCRIPT}",
        f"http://127.0.0.1:{server.port}{path}",
        "--",
        str(bodies),
        key or "-",
        *options,
    ]
    pids, before = server.pids, cpu_seconds(server.pids)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    taken = cpu_seconds(pids) - before
    if done.returncode:
        raise RuntimeError(f"wrk left with {done.returncode}: {done.stderr or done.stdout}")
    return told(done.stdout, taken)


def told(said: str, cpu: float) -> Load:
    """Read what the script wrote at the end; ``cpu`` are seconds of the server's processes."""
    found = re.search(r"^TOLD (\{.*\})$", said, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"wrk did not say what came of it: {said}")
    figures = json.loads(found[1])
    # A millisecond of a run without a single answer is a number that JSON cannot hold.
    times = {name: figures[name] for name in ("p50_ms", "p90_ms", "p99_ms", "max_ms")}
    lost: Sequence[str] = ("connect", "read", "write", "timeout")
    requests = figures["requests"]
    return Load(
        requests,
        figures["seconds"],
        **times,
        refused=figures["status"],
        lost=sum(figures[name] for name in lost),
        cpu_ms=1_000 * cpu / requests if requests else 0.0,
    )
