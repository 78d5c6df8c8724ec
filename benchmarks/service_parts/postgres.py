"""A PostgreSQL server of one's own, which writes to disk what it says that it has written."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.service_parts.processes import family, kill_all

PATIENCE = 60.0  # s

__all__ = ["Postgres", "postgres", "programs"]


def programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, ``None`` where it is not installed."""
    places = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((one for one in places if (one / "initdb").exists() and (one / "pg_ctl").exists()), None)


@dataclass(slots=True)
class Postgres:
    """A cluster in a folder, reached by a socket there.

    Parameters
    ----------
    folder : Path
        Holds ``data``, ``log`` and the socket; a short path, as a socket's may not be long.
    bin : Path
        PostgreSQL's programs.
    """

    folder: Path
    bin: Path
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """Its URL."""
        return f"postgresql+psycopg://postgres@/postgres?host={self.folder}"

    @property
    def pids(self) -> tuple[int, ...]:
        """The server and its backends; none where it does not run."""
        if self.process is None or self.process.poll() is not None:
            return ()
        return family(self.process.pid)

    def start(self) -> None:
        """Start it and wait until it answers; after a kill this recovers what was committed.

        Raises
        ------
        RuntimeError
            If it does not; with the end of what it said.
        """
        settings = (
            f"-k{self.folder}",
            "-clisten_addresses=",
            "-cshared_buffers=64MB",
            "-cmax_connections=60",
        )
        # A child of ours, not of pg_ctl's: one that was killed has to be waited for by its parent, or the next
        # finds its number taken and does not start.
        command = [*_as_user(), str(self.bin / "postgres"), "-D", self._data, *settings]
        until = time.monotonic() + PATIENCE
        with (self.folder / "log").open("ab") as said:
            self.process = subprocess.Popen(command, cwd=self.folder, stdout=said, stderr=said)
        while not self._answers():
            if not self.pids or time.monotonic() > until:
                told = (self.folder / "log").read_text("utf-8", errors="replace").splitlines()[-5:]
                raise RuntimeError(f"PostgreSQL does not start: {' / '.join(told)}")
            time.sleep(0.02)

    def kill(self) -> None:
        """End it and its backends at once."""
        if self.process is None or not (first := self.pids[:1]):
            return
        os.kill(first[0], signal.SIGSTOP)  # so that it starts no backend that would outlive it
        pids = self.pids
        kill_all(pids)
        self.process.wait(PATIENCE)
        for pid in pids[1:]:
            while not _ended(pid):
                time.sleep(0.001)

    def _answers(self) -> bool:
        command = [str(self.bin / "pg_isready"), "-q", "-h", str(self.folder)]
        return subprocess.run(command, check=False).returncode == 0

    def init(self, *options: str) -> None:
        """Make the cluster."""
        arguments = ("-D", self._data, "-U", "postgres", "--auth=trust", "--no-sync", *options)
        self._run("initdb", *arguments)

    @property
    def _data(self) -> str:
        return f"{self.folder}/data"

    def _run(self, program: str, *arguments: str) -> None:
        command = [*_as_user(), str(self.bin / program), *arguments]
        with tempfile.TemporaryFile() as said:  # a pipe would stay open in the server that pg_ctl starts
            done = subprocess.run(command, cwd=self.folder, stdout=said, stderr=said, check=False)
            if done.returncode:
                said.seek(0)
                raise RuntimeError(f"{program} failed: {said.read().decode(errors='replace')}")


@contextmanager
def postgres(folder: Path | None = None, *options: str) -> Iterator[Postgres]:
    """Run a cluster until the end of the block; where nothing says otherwise fsync is on.

    Parameters
    ----------
    folder : Path, optional
        Where it is kept, an empty folder; a temporary one by default.
    *options
        Of ``initdb``.

    Raises
    ------
    RuntimeError
        If PostgreSQL is not installed, or does not start.
    """
    found = programs()
    if found is None:
        raise RuntimeError("there is no PostgreSQL: install it")
    own = Path(tempfile.mkdtemp(prefix="pg")) if folder is None else folder
    if os.geteuid() == 0:
        shutil.chown(own, "postgres")  # it refuses to run as root
    server = Postgres(own, found)
    try:
        server.init(*options)
        server.start()
        yield server
    finally:
        server.kill()
        if folder is None:
            shutil.rmtree(own, ignore_errors=True)


def _as_user() -> Sequence[str]:
    if os.geteuid() != 0:
        return ()
    return ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")


def _ended(pid: int) -> bool:
    """Tell whether a process is only a name in a table that nobody has asked about yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
