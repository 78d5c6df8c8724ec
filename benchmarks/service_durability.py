"""The service is killed again and again under load: what clients were told stands in the log.

    python -m benchmarks.service_durability                # under eight minutes; writes results/service_durability.*
    python -m benchmarks.service_durability --quick        # three kills on SQLite, two bags; nothing is written
    python -m benchmarks.service_durability --minutes 2    # as many kills as fit; nothing is written

``candor serve`` with two workers answers 16 clients that ask ``POST /rank`` (20 candidates, explanations
with every other one) without pause and keep each answer they have read to its last byte. At moments drawn
at random after the start the server and its workers are killed (SIGKILL) and started again. On PostgreSQL,
with fsync on in a cluster of its own, the database is killed as well: of three kills one ends the service,
one the database, one both. When a third of the restarts has been waited for, one is killed while it still
starts. In the end each answer is held against the log by its id, its hash in the chain and its values, and
the chain is verified.

*Restart* is from the start of the process until ``GET /readyz`` is answered with 200. Killing a process
leaves what it has handed to the system; that a commit waits for the disk is set by ``synchronous=FULL`` and
``fsync=on``, and told here, not shown: for that the power would have to fail.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.service_parts.against_log import Compared, compare
from benchmarks.service_parts.clients import Clients, asking
from benchmarks.service_parts.pools import Made, key_for, made
from benchmarks.service_parts.postgres import Postgres, postgres, programs
from benchmarks.service_parts.processes import cpu_seconds
from benchmarks.service_parts.results import table, write
from benchmarks.service_parts.server import Server, candor, complaints, ready_within
from ranker.app.decisions.store import open_store

KILLS, CLIENTS, CANDIDATES, WORKERS = 30, 16, 20, 2
LIMIT = 5.0  # s, for a restart
LONGEST = 2.0  # s from a restart to the next kill
DOWN = 0.3  # s that a database is away, so that the service is asked without it
PATIENCE = 60.0  # s
STARTING = 6  # of so many kills one more hits a server that starts


@dataclass(frozen=True, slots=True)
class Killed:
    """One kill.

    Parameters
    ----------
    what : str
        ``service``, ``database``, ``both``, or ``service, starting``.
    after : float
        Seconds since it was ready, or was started.
    restart : float or None
        Seconds from the start until it was ready.
    restart_cpu : float or None
        What the server and its workers took of the processor until then, in seconds.
    first_answer : float or None
        Seconds from the kill until a client was answered.
    """

    what: str
    after: float
    restart: float | None
    restart_cpu: float | None
    first_answer: float | None


@dataclass(frozen=True, slots=True)
class Endured:
    """What came of it on one database.

    Parameters
    ----------
    database : str
        Its kind.
    killed : tuple of Killed
        In their order.
    statuses : dict of int to int
        How often each status came.
    broken : int
        Requests that the kills cut off.
    strange : tuple of str
        Answers that should not be.
    complaints : tuple of str
        Lines of the server's log that should not be.
    compared : Compared
        Answers against the log.
    """

    database: str
    killed: tuple[Killed, ...]
    statuses: dict[int, int]
    broken: int
    strange: tuple[str, ...]
    complaints: tuple[str, ...]
    compared: Compared

    @property
    def restarts(self) -> list[float]:
        """Seconds of the restarts of the service."""
        return [one.restart for one in self.killed if one.restart is not None]


def endure(
    server: Server,
    url: str,
    key: str,
    bodies: Sequence[bytes],
    kills: int,
    rng: random.Random,
    *,
    database: Postgres | None = None,
    until: float = float("inf"),
) -> Endured:
    """Kill a server that runs, at random moments under load, and compare what was told with the log.

    Parameters
    ----------
    server : Server
        Ready.
    url : str
        Of its log.
    key : str
        Of the clients.
    bodies : sequence of bytes
        What they send.
    kills : int
        How often.
    rng : random.Random
        Draws the moments.
    database : Postgres, optional
        The database, where it is to be killed as well.
    until : float
        By the monotonic clock: no kill after this.
    """
    killed = []
    with asking(server.port, key, bodies, CLIENTS) as clients:
        for number in range(kills):
            if time.monotonic() > until:
                break
            after = rng.uniform(0.05, LONGEST)
            time.sleep(after)
            what = "service" if database is None else ("service", "database", "both")[number % 3]
            killed.append(_kill(server, database, what, after, clients))
            if number % STARTING == STARTING - 1:
                killed.append(_kill_starting(server, rng))
        time.sleep(1)
        server.stop()
    with open_store(url) as store:
        compared = compare(store, clients.received)
    kind = "SQLite" if url.startswith("sqlite") else "PostgreSQL"
    return Endured(
        kind,
        tuple(killed),
        dict(sorted(clients.statuses.items())),
        clients.broken,
        tuple(clients.strange[:5]),
        complaints(server.errors()),
        compared,
    )


def _kill(server: Server, database: Postgres | None, what: str, after: float, clients: Clients) -> Killed:
    moment, restart, restart_cpu = time.monotonic(), None, None
    if what != "service" and database is not None:
        database.kill()
    if what != "database":
        server.kill()
    if what != "service" and database is not None:
        time.sleep(DOWN)
    heard = len(clients.received)
    if what != "service" and database is not None:
        database.start()
    if what != "database":
        server.start()
        restart = ready_within(server)
        restart_cpu = cpu_seconds(server.pids)
    while len(clients.received) == heard and time.monotonic() - moment < PATIENCE:
        time.sleep(0.01)
    answered = clients.received[heard:]
    return Killed(what, after, restart, restart_cpu, answered[0].at - moment if answered else None)


def _kill_starting(server: Server, rng: random.Random) -> Killed:
    server.kill()
    server.start()
    after = rng.uniform(0.2, 3)
    time.sleep(after)
    server.kill()
    server.start()
    restart = ready_within(server)
    return Killed("service, starting", after, restart, cpu_seconds(server.pids), None)


@contextmanager
def databases(folder: Path, *, sqlite_only: bool = False) -> Iterator[list[tuple[str, Postgres | None]]]:
    """Yield the URLs of empty logs, PostgreSQL's where it is installed."""
    sqlite = f"sqlite:///{folder / 'decisions.db'}"
    if sqlite_only or programs() is None:
        yield [(sqlite, None)]
        return
    with postgres() as server:
        yield [(sqlite, None), (server.url, server)]


def run(
    small: Made, folder: Path, kills: int, *, seed: int, sqlite_only: bool = False, minutes: float = 8
) -> list[Endured]:
    """Let the service endure it on each database, half of the time each."""
    plain, told = small.bodies(CANDIDATES), small.bodies(CANDIDATES, explanations=True)
    bodies = [
        body for pair in zip(plain, told, strict=True) for body in pair
    ]  # fmt: skip
    found = []
    with databases(folder, sqlite_only=sqlite_only) as each:
        for number, (url, database) in enumerate(each):
            until = time.monotonic() + 60 * minutes / len(each) * 0.85
            key = key_for(url)
            rng = random.Random(seed + number)
            with candor(small.model, url, folder / f"server{number}", workers=WORKERS) as server:
                found.append(endure(server, url, key, bodies, kills, rng, database=database, until=until))
    return found


def tell(found: Sequence[Endured]) -> str:
    """Lay it out."""
    rows: list[list[Any]] = []
    for one in found:
        hit = [killed for killed in one.killed if killed.what != "service, starting"]
        rows.append(
            [
                one.database, len(hit), len(one.killed) - len(hit), one.compared.answered, one.broken,
                sum(n for status, n in one.statuses.items() if status == 503), one.compared.lost,
                one.compared.different, one.compared.unheard, one.compared.verified,
                median(one.restarts) if one.restarts else None, max(one.restarts, default=None),
                median(spent) if (spent := [k.restart_cpu for k in one.killed if k.restart_cpu is not None]) else None,
            ]
        )  # fmt: skip
    header = [
        "database", "kills", "while starting", "answers received", "cut off", "503", "not in the log",
        "different in it", "in the log, unheard", "chain verified", "restart, median s", "longest s", "median cpu s",
    ]  # fmt: skip
    lines = [table(header, rows)]
    for one in found:
        hit_by = {
            what: sum(k.what == what for k in one.killed) for what in sorted({k.what for k in one.killed})
        }
        lines.append(f"{one.database}: " + ", ".join(f"{n} x {what}" for what, n in hit_by.items()) + ".")
        lines += [f"- {fault}" for fault in (*one.compared.faults, *one.strange, *one.complaints)]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Kill, compare, tell; the exit code says whether all was whole."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.service_durability",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="three kills on SQLite; nothing is written")
    parser.add_argument("--kills", type=int, default=KILLS, help="on each database")
    parser.add_argument("--minutes", type=float, default=7.5, help="in all, training included")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", type=Path, help="a folder where the ranker is kept from run to run")
    given = parser.parse_args(arguments)
    kills = 3 if given.quick else given.kills
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        small = made(given.model or Path(name) / "made", 2)
        left = given.minutes - (time.monotonic() - begin) / 60
        folder = Path(name)
        found = run(small, folder, kills, seed=given.seed, sqlite_only=given.quick, minutes=left)
    text = tell(found)
    print(text)
    print(f"{time.monotonic() - begin:.0f} s", file=sys.stderr)
    enough = all(sum(k.what != "service, starting" for k in one.killed) >= kills for one in found)
    if not given.quick and kills >= KILLS and enough:
        figures = {
            "clients": CLIENTS, "candidates": CANDIDATES, "workers": WORKERS, "seed": given.seed, "limit_s": LIMIT,
            "databases": [asdict(one) for one in found],
        }  # fmt: skip
        write("service_durability", figures, text)
    return 0 if all(one.compared.whole and not one.strange and not one.complaints for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
