"""What the service says when its log cannot be written, and what of that the log holds afterwards.

    python -m benchmarks.service_breakage                # a minute; writes results/service_breakage.*
    python -m benchmarks.service_breakage --quick        # SQLite alone; nothing is written

Eight clients ask ``POST /rank`` without pause. Something breaks for a few seconds, and is mended: *a full disk*
(a small tmpfs, filled to its last byte; left out where none may be mounted), *a
file moved away*, *a database that another holds locked*, *a PostgreSQL that is killed*, *one that hangs*. While
it is broken every request has to be told 503 as a problem, and none may hang; after it is mended answers come
again from the same process; then every answer that a client received stands in the log, and the chain verifies.
"""

import argparse
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.service_parts.against_log import Compared, compare
from benchmarks.service_parts.clients import asking
from benchmarks.service_parts.pools import Made, key_for, made
from benchmarks.service_parts.postgres import Postgres, postgres, programs
from benchmarks.service_parts.results import table, write
from benchmarks.service_parts.server import Server, candor, complaints
from ranker.app.decisions.store import open_store

CLIENTS, CANDIDATES = 8, 20
BROKEN, WHOLE, PATIENCE = 3.0, 1.0, 30.0  # s
HANGS = 2.0  # s that a request may take, where a database hangs
DISK_MB = {"SQLite": 24, "PostgreSQL": 120}

Break = Callable[[], Callable[[], None]]  # breaks something; returns what mends it


@dataclass(frozen=True, slots=True)
class Broke:
    """What came of it.

    Parameters
    ----------
    what : str
        Was broken.
    before, during, after : dict of int to int
        How often each status came before it broke, while it was broken, and after it was mended. An answer
        counts when it is read: the first while it is broken may have been recorded before.
    mended : float or None
        Seconds until an answer came again.
    cut_off : int
        Requests without an answer.
    strange : tuple of str
        Answers that are no problem, and lines of the server's log that should not be.
    compared : Compared
        Answers against the log.
    """

    what: str
    before: dict[int, int]
    during: dict[int, int]
    after: dict[int, int]
    mended: float | None
    cut_off: int
    strange: tuple[str, ...]
    compared: Compared

    @property
    def good(self) -> bool:
        """Whether what was refused was told 503, answers came again, and the log is whole."""
        told = set(self.during) <= {200, 503} and self.during.get(503, 0) > 0
        back = self.after.get(200, 0) > 0 and not self.cut_off
        return told and back and not self.strange and self.compared.whole


def broken(what: str, server: Server, url: str, key: str, bodies: list[bytes], break_it: Break) -> Broke:
    """Break something under load, mend it, and look at what was told and what was kept."""
    with asking(server.port, key, bodies, CLIENTS) as clients:
        time.sleep(WHOLE)
        mend = break_it()
        before = clients.statuses.copy()
        try:
            time.sleep(BROKEN)
        finally:
            during = clients.statuses - before
            heard = len(clients.received)
            mend()
        moment = time.monotonic()
        while len(clients.received) == heard and time.monotonic() - moment < PATIENCE:
            time.sleep(0.01)
        mended = clients.received[heard].at - moment if len(clients.received) > heard else None
        time.sleep(WHOLE)
        cut_off = clients.broken  # before they are told to stop
    after = clients.statuses - before - during
    with open_store(url) as store:
        compared = compare(store, clients.received)
    strange = (*clients.strange[:5], *complaints(server.errors()))
    return Broke(what, dict(before), dict(during), dict(after), mended, cut_off, strange, compared)


def filled(disk: Path) -> Break:
    """Fill a disk to its last byte."""

    def fill() -> Callable[[], None]:
        ballast = disk / "ballast"
        with ballast.open("wb", buffering=0) as file, suppress(OSError):
            for size in (1 << 16, 1 << 10, 1):
                with suppress(OSError):
                    while file.write(b"\0" * size):
                        pass
        return ballast.unlink

    return fill


def moved(path: Path) -> Break:
    """Move a file away."""

    def move() -> Callable[[], None]:
        away = path.with_suffix(".away")
        path.rename(away)
        return lambda: away.replace(path) and None

    return move


def locked(path: Path) -> Break:
    """Hold SQLite's lock."""

    def lock() -> Callable[[], None]:
        connection = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
        connection.execute("BEGIN IMMEDIATE")

        def release() -> None:
            connection.execute("ROLLBACK")
            connection.close()

        return release

    return lock


def killed(database: Postgres) -> Break:
    """Kill PostgreSQL."""

    def kill() -> Callable[[], None]:
        database.kill()
        return database.start

    return kill


def hung(database: Postgres) -> Break:
    """Let PostgreSQL hang: it takes connections, and answers nothing."""

    def stop() -> Callable[[], None]:
        pids = database.pids
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)

        def go_on() -> None:
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

        return go_on

    return stop


@contextmanager
def disk_of(megabytes: int) -> Iterator[Path | None]:
    """Mount a small disk in memory; ``None`` where this may not be done."""
    with tempfile.TemporaryDirectory(prefix="disk") as name:
        size = f"size={megabytes}m"
        with suppress(OSError):
            done = subprocess.run(
                ["mount", "-t", "tmpfs", "-o", size, "tmpfs", name], capture_output=True, check=False
            )
            if done.returncode == 0:
                try:
                    yield Path(name)
                finally:
                    subprocess.run(["umount", "-l", name], check=False)
                return
        yield None


def on_sqlite(small: Made, folder: Path) -> list[Broke]:
    """Break what SQLite stands on."""
    bodies, found = small.bodies(CANDIDATES), []
    with disk_of(DISK_MB["SQLite"]) as disk:
        if disk is None:
            print("no disk can be mounted: a full one is left out for SQLite", file=sys.stderr)
        else:
            path = disk / "decisions.db"
            url = f"sqlite:///{path}"
            key = key_for(url)
            with candor(small.model, url, folder / "full") as server:
                found.append(broken("SQLite: the disk is full", server, url, key, bodies, filled(disk)))
    path = folder / "decisions.db"
    url = f"sqlite:///{path}"
    key = key_for(url)
    with candor(small.model, url, folder / "files", request_seconds=HANGS) as server:
        found.append(broken("SQLite: the file is moved away", server, url, key, bodies, moved(path)))
        found.append(broken("SQLite: another holds the lock", server, url, key, bodies, locked(path)))
    return found


def on_postgres(small: Made, folder: Path) -> list[Broke]:
    """Break what PostgreSQL is and stands on."""
    bodies, found = small.bodies(CANDIDATES), []
    with ExitStack() as stack:
        disk = stack.enter_context(disk_of(DISK_MB["PostgreSQL"]))
        if disk is None:
            print("no disk can be mounted: a full one is left out for PostgreSQL", file=sys.stderr)
        database = stack.enter_context(postgres(disk, *(["--wal-segsize=1"] if disk else [])))
        url = database.url
        key = key_for(url)
        with candor(small.model, url, folder / "postgres", request_seconds=HANGS) as server:
            if disk is not None:
                # A full disk may take the whole database down: whoever makes room then starts it again.
                mendable = filled_and_started(disk, database)
                found.append(broken("PostgreSQL: the disk is full", server, url, key, bodies, mendable))
            found.append(broken("PostgreSQL: killed", server, url, key, bodies, killed(database)))
            found.append(broken("PostgreSQL: it hangs", server, url, key, bodies, hung(database)))
    return found


def filled_and_started(disk: Path, database: Postgres) -> Break:
    """Fill the disk; when there is room again, start the database where it went down."""
    fill = filled(disk)

    def work() -> Callable[[], None]:
        empty = fill()

        def mend() -> None:
            empty()
            if not database.pids:
                database.start()

        return mend

    return work


def tell(found: list[Broke]) -> str:
    """Lay it out."""
    header = [
        "broken", "200 before", "503 meanwhile", "200 meanwhile", "other", "200 after", "mended after s", "cut off",
        "not in the log", "chain verified", "as it should be",
    ]  # fmt: skip
    laid = []
    for one in found:
        statuses = [one.before, one.during, one.after]
        other = sum(n for told in statuses for status, n in told.items() if status not in (200, 503))
        laid.append(
            [
                one.what, one.before.get(200, 0), one.during.get(503, 0), one.during.get(200, 0), other,
                one.after.get(200, 0), one.mended, one.cut_off, one.compared.lost + one.compared.different,
                one.compared.verified, one.good,
            ]
        )  # fmt: skip
    lines = [table(header, laid)]
    for one in found:
        lines += [f"- {one.what}: {said}" for said in (*one.strange, *one.compared.faults)]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Break, mend, tell; the exit code says whether all was as it should be."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.service_breakage",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="SQLite alone; nothing is written")
    parser.add_argument("--model", type=Path, help="a folder where the ranker is kept from run to run")
    given = parser.parse_args(arguments)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small = made(given.model or folder / "made", 2)
        found = on_sqlite(small, folder)
        if not given.quick and programs() is not None:
            found += on_postgres(small, folder)
    text = tell(found)
    print(text)
    print(f"{time.monotonic() - begin:.0f} s", file=sys.stderr)
    if not given.quick:
        figures = {"clients": CLIENTS, "candidates": CANDIDATES, "seconds": BROKEN}
        write("service_breakage", {**figures, "broken": [asdict(one) for one in found]}, text)
    return 0 if all(one.good for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
