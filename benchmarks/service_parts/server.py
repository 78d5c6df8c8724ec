"""A server as its own process: started, waited for, asked, killed."""

import http.client
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.service_parts.processes import family, free_port, kill_all

__all__ = ["OFTEN", "WAIT", "Server", "bare", "candor", "ready_within"]

ROOT = Path(__file__).parents[2]
WAIT = 120.0  # s; a machine may be busy with other things
STEP = 0.01
COMPILED = Path(tempfile.gettempdir()) / f"candor-compiled-{os.getuid()}"
# Nothing is to be refused for coming often: how much is answered is what is measured.
OFTEN = {
    f"CANDOR_RATE_{role}": "1000000/second"
    for role in ("RECRUITER", "ADMIN", "AUDITOR", "APPLICANT", "UNKNOWN")
}


@dataclass(slots=True)
class Server:
    """A server that can be started again at the same port.

    Parameters
    ----------
    command : sequence of str
        What starts it.
    folder : Path
        Where it runs, and where ``errors.txt`` holds what it says.
    port : int
        Where it listens.
    environment : mapping of str to str
        Its settings.
    limits : sequence of str
        A command that starts the command, such as one that bounds the size of files.
    """

    command: Sequence[str]
    folder: Path
    port: int
    environment: Mapping[str, str] = field(default_factory=dict)
    limits: Sequence[str] = ()
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def pids(self) -> tuple[int, ...]:
        """The process and its workers."""
        return () if self.process is None else family(self.process.pid)

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start it; it answers later (:func:`ready_within`)."""
        dropped = ("CANDOR_", "PYTHONDONTWRITEBYTECODE")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        # As where it was installed: a start reads compiled modules, and those of a study lie with the study's.
        compiled = {"PYTHONPYCACHEPREFIX": str(COMPILED)}
        with (self.folder / "errors.txt").open("ab") as errors:
            self.process = subprocess.Popen(
                [*self.limits, *self.command],
                cwd=self.folder,
                env={**kept, **compiled, "PYTHONPATH": str(ROOT), "CANDOR_QUIET": "1", **self.environment},
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )

    def kill(self) -> None:
        """End it and its workers at once, as a lost machine would."""
        if self.process is None:
            return
        kill_all(self.pids)
        self.process.wait(WAIT)

    def stop(self) -> int:
        """Tell it to stop and wait; returns its exit code."""
        if self.process is None:
            return 0
        if self.running:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(WAIT)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def errors(self) -> str:
        """Return what it said."""
        return (self.folder / "errors.txt").read_text("utf-8", errors="replace")

    def status(self, path: str = "/readyz", *, timeout: float = WAIT) -> int | None:
        """Ask for an address; ``None`` where nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()


def ready_within(server: Server, path: str = "/readyz", *, seconds: float = WAIT) -> float:
    """Wait until a server answers with 200; returns the seconds waited.

    Raises
    ------
    RuntimeError
        If it ended, or did not answer in time; with the end of what it said.
    """
    begin = time.perf_counter()
    while server.status(path) != 200:
        if not server.running or time.perf_counter() - begin > seconds:
            said = "\n".join(server.errors().splitlines()[-15:])
            raise RuntimeError(f"the server at port {server.port} is not ready: {said}")
        time.sleep(STEP)
    return time.perf_counter() - begin


@contextmanager
def candor(
    model: Path,
    database: str,
    folder: Path,
    *,
    workers: int = 1,
    limits: Sequence[str] = (),
    **settings: object,
) -> Iterator[Server]:
    """Run ``candor serve`` until the end of the block, then tell it to stop.

    Parameters
    ----------
    model : Path
        The model directory.
    database : str
        URL of the log.
    folder : Path
        Made, where it is not there.
    workers : int
        Processes that answer.
    limits : sequence of str
        As in :class:`Server`.
    **settings
        Further settings of the service, by name.

    Yields
    ------
    Server
        Started and ready.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.html").write_text("<!doctype html><title>none</title>", "utf-8")
    port = free_port()
    given = {f"CANDOR_{name.upper()}": str(value) for name, value in settings.items()}
    environment = {
        **OFTEN,
        "CANDOR_DATABASE": database,
        "CANDOR_PORT": str(port),
        "CANDOR_WORKERS": str(workers),
        # Else a report is made beside the first requests, which takes a core for a while.
        "CANDOR_AUDIT": str(folder / "report.html"),
        "CANDOR_ACCESS_LOG": "false",
        **given,
    }
    command = [sys.executable, "-m", "ranker.app.cli", "serve", str(model)]
    yield from _run(Server(command, folder, port, environment, limits), "/readyz")


@contextmanager
def bare(folder: Path, answer: Path, *, workers: int = 1) -> Iterator[Server]:
    """Run the bare endpoints of :mod:`benchmarks.service_parts.bare`, set up as ``candor serve`` sets up its own."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.service_parts.bare", str(answer)]
    command += ["--port", str(port), "--workers", str(workers)]
    yield from _run(Server(command, folder, port), "/healthz")


def _run(server: Server, path: str) -> Iterator[Server]:
    try:
        server.start()
        ready_within(server, path)
        yield server
        server.stop()
    finally:
        if server.running:
            server.kill()


def complaints(text: str) -> tuple[str, ...]:
    """Return what nobody wants to see in a server's log: errors that nobody foresaw, and how tracebacks end."""
    found = re.findall(r"^.*unforeseen .*$", text, re.MULTILINE)
    for trace in re.findall(r"^Traceback .*\n((?:[ ].*\n|\n)*)(.*)$", text, re.MULTILINE):
        places = re.findall(r'File ".*?([^/"]+)", line (\d+)', trace[0])
        found.append(f"{trace[1]} at {':'.join(places[-1]) if places else 'an unknown place'}")
    return tuple(found)
