"""The service under load by wrk, beside a bare FastAPI endpoint that takes the same body.

    python -m benchmarks.service_load                # under six minutes; writes results/service_load.*
    python -m benchmarks.service_load --quick        # a second a run, two bags; nothing is written
    python -m benchmarks.service_load --postgres     # with the log in PostgreSQL as well

``POST /rank`` with 100 candidates and nine features, another job's body with every request, each answer in the
log before it is sent (SQLite, ``synchronous=FULL``). Servers of two workers each stand side by side and are
asked in turn, round by round, from 1, 16 and 1,000 connections. The peers stand in
``benchmarks/service_parts/bare.py``: *echo* parses the same body into the same model and returns it, *answer*
parses it and returns the bytes of an answer that lies ready. The load is made on the same machine and takes
its share of the cores; *cpu ms* is what the server's own processes took for a request, which says less of the
load and of neighbours. Rates are medians over rounds of requests that were answered with 200.

In flight: clients open 1,000 connections and send one request on each at the same moment; what becomes of
each is counted, and how many decisions the log gained.
"""

import argparse
import asyncio
import http.client
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.service_parts import wrk
from benchmarks.service_parts.burst import Burst, burst
from benchmarks.service_parts.clients import post
from benchmarks.service_parts.pools import Made, key_for, made
from benchmarks.service_parts.postgres import postgres, programs
from benchmarks.service_parts.processes import cpu_seconds
from benchmarks.service_parts.results import table, write
from benchmarks.service_parts.server import Server, bare, candor
from benchmarks.service_parts.wrk import Load
from ranker.app.decisions.store import open_store

WORKERS, CONNECTIONS, ROUNDS, MANY = 2, (1, 16, 1_000), 3, 1_000
SHARE = 0.5  # of the peer's throughput, at least
PEER = "bare, echo"
IDLE = 0.3  # s


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked.

    Parameters
    ----------
    name : str
        In the table.
    server : Server
        Running.
    path : str
        Of the endpoint.
    bodies : Path
        A body in each line.
    key : str or None
        Of the callers.
    """

    name: str
    server: Server
    path: str
    bodies: Path
    key: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """Runs of a subject from some connections, medians.

    Parameters
    ----------
    name : str
        The subject's.
    connections : int
        At once.
    per_second, p50_ms, p99_ms, cpu_ms : float
        As in :class:`~benchmarks.service_parts.wrk.Load`.
    requests, refused, lost : int
        In all rounds together.
    share : float
        Of the peer's rate; the median over rounds.
    cpu_share : float
        The peer's processor time over this one's.
    """

    name: str
    connections: int
    per_second: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    requests: int
    refused: int
    lost: int
    share: float
    cpu_share: float


def rounds(
    subjects: Sequence[Subject],
    connections: Sequence[int],
    n: int,
    seconds: float,
    *,
    until: float = float("inf"),
) -> dict[tuple[str, int], list[Load]]:
    """Ask all in turn, several times; another round is not begun when the time is over."""
    found: dict[tuple[str, int], list[Load]] = {}
    for number in range(n):
        if number and time.monotonic() > until:
            break
        for at_once in connections:
            for one in subjects:
                settled(one.server)
                run = wrk.load(one.server, one.path, one.bodies, one.key, at_once, seconds)
                found.setdefault((one.name, at_once), []).append(run)
    return found


def settled(server: Server, *, seconds: float = 60) -> None:
    """Wait until a server does nothing more: what clients asked before they went away is answered all the same."""
    until, before = time.monotonic() + seconds, cpu_seconds(server.pids)
    while time.monotonic() < until:
        time.sleep(IDLE)
        now = cpu_seconds(server.pids)
        if now - before < IDLE / 5:
            return
        before = now


def summarised(found: dict[tuple[str, int], list[Load]]) -> list[Row]:
    """Put rounds together, each held against the peer's of the same round."""
    rows = []
    for (name, at_once), runs in found.items():
        peers = found[PEER, at_once]
        pairs = list(zip(runs, peers, strict=True))
        rows.append(
            Row(
                name,
                at_once,
                median(run.per_second for run in runs),
                median(run.p50_ms for run in runs),
                median(run.p99_ms for run in runs),
                median(run.cpu_ms for run in runs),
                sum(run.requests for run in runs),
                sum(run.refused for run in runs),
                sum(run.lost for run in runs),
                median(run.per_second / peer.per_second if peer.per_second else 0.0 for run, peer in pairs),
                median(peer.cpu_ms / run.cpu_ms if run.cpu_ms else 0.0 for run, peer in pairs),
            )
        )
    return rows


def lines(bodies: Sequence[bytes], path: Path) -> Path:
    """Write bodies, a line each."""
    path.write_bytes(b"\n".join(bodies) + b"\n")
    return path


def answered(server: Server, key: str, bodies: Sequence[bytes]) -> bytes:
    """Ask for each body once, so that nothing is met for the first time; returns the last answer."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        for body in bodies:
            status, _, answer = post(connection, key, body)
            if status != 200:
                raise RuntimeError(f"the server answered with {status}: {answer[:500]!r}")
    finally:
        connection.close()
    return answer


def run(
    small: Made, folder: Path, *, n: int, seconds: float, many: int, with_postgres: bool, until: float
) -> tuple[list[Row], list[tuple[str, Burst]]]:
    """Start the servers, ask them, stop them."""
    plain = lines(small.bodies(), folder / "plain.jsonl")
    told = lines(small.bodies(explanations=True), folder / "told.jsonl")
    with ExitStack() as stack:
        url = f"sqlite:///{folder / 'decisions.db'}"
        key = key_for(url)
        ours = stack.enter_context(candor(small.model, url, folder / "candor", workers=WORKERS))
        (folder / "answer.json").write_bytes(answered(ours, key, small.bodies()))
        answered(ours, key, small.bodies(explanations=True)[:10])
        peer = stack.enter_context(bare(folder / "bare", folder / "answer.json", workers=WORKERS))
        subjects = [
            Subject(PEER, peer, "/echo", plain, None),
            Subject("bare, answer", peer, "/answer", plain, None),
            Subject("candor", ours, "/rank", plain, key),
            Subject("candor, explanations", ours, "/rank", told, key),
        ]
        if with_postgres:
            database = stack.enter_context(postgres())
            other_key = key_for(database.url)
            other = stack.enter_context(candor(small.model, database.url, folder / "other", workers=WORKERS))
            answered(other, other_key, small.bodies())
            subjects.append(Subject("candor, PostgreSQL", other, "/rank", plain, other_key))
        found = rounds(subjects, CONNECTIONS, n, seconds, until=until)
        bursts = []
        for one in subjects[2:]:
            log = url if one.server is ours else database.url
            bursts.append((one.name, held(one, log, many)))
    return summarised(found), bursts


def held(subject: Subject, log: str, many: int) -> Burst:
    """Send many requests at the same moment, and count what the log gained."""
    bodies = subject.bodies.read_bytes().splitlines()
    settled(subject.server)
    with open_store(log) as store:
        before = _last(store)
        found = asyncio.run(burst(subject.server.port, subject.key or "", bodies, many, path=subject.path))
        return found.with_entries(_last(store) - before)


def _last(store: Any) -> int:
    end = store.head()
    return 0 if end is None else int(end.number)


def tell(rows: Sequence[Row], bursts: Sequence[tuple[str, Burst]]) -> str:
    """Lay it out."""
    header = [
        "asked",
        "connections",
        "answered/s",
        "of the peer's",
        "p50 ms",
        "p99 ms",
        "cpu ms",
        "refused",
        "lost",
    ]
    laid = [
        [
            row.name, row.connections, row.per_second, row.share, row.p50_ms, row.p99_ms, row.cpu_ms, row.refused,
            row.lost,
        ]
        for row in sorted(rows, key=lambda row: row.connections)
    ]  # fmt: skip
    text = [table(header, laid)]
    if bursts:
        some = [
            [
                name, one.sent, one.statuses.get(200, 0), one.refused, one.lost, one.other, one.entries, one.seconds,
            ]
            for name, one in bursts
        ]  # fmt: skip
        head = [
            "at one moment",
            "sent",
            "answered",
            "429 or 503",
            "lost",
            "other",
            "gained by the log",
            "seconds",
        ]
        text += ["", table(head, some)]
    return "\n".join(text)


def main(arguments: list[str] | None = None) -> int:
    """Ask, tell, write; the exit code says whether half of the peer's throughput is reached and nothing lost."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.service_load",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="one round, a second a run; nothing is written")
    parser.add_argument("--seconds", type=float, default=5, help="of a run")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument(
        "--minutes", type=float, default=5.5, help="in all; fewer rounds where they do not fit"
    )
    parser.add_argument("--postgres", action="store_true", help="the log in PostgreSQL as well")
    parser.add_argument("--model", type=Path, help="a folder where the ranker is kept from run to run")
    given = parser.parse_args(arguments)
    if why := wrk.absent():
        print(f"nothing was measured: {why}", file=sys.stderr)
        return 0
    begin = time.monotonic()
    n, seconds = (1, 1.0) if given.quick else (given.rounds, given.seconds)
    with_postgres = given.postgres and programs() is not None
    each = len(CONNECTIONS) * (5 if with_postgres else 4) * (seconds + 2)
    with tempfile.TemporaryDirectory() as name:
        small = made(given.model or Path(name) / "made", 2 if given.quick else 14)
        rows, bursts = run(
            small,
            Path(name),
            n=n,
            seconds=seconds,
            many=100 if given.quick else MANY,
            with_postgres=with_postgres,
            until=begin + 60 * given.minutes - each - 60,
        )
    text = tell(rows, bursts)
    print(text)
    print(f"{time.monotonic() - begin:.0f} s", file=sys.stderr)
    if not given.quick:
        figures = {
            "workers": WORKERS, "candidates": 100, "rounds": n, "seconds": seconds,
            "rows": [asdict(row) for row in rows], "in_flight": {name: asdict(one) for name, one in bursts},
        }  # fmt: skip
        write("service_load", figures, text)
    enough = all(row.share >= SHARE for row in rows if row.name == "candor" and row.connections == 16)
    kept = not any(one.lost or one.other or one.entries != one.statuses.get(200, 0) for _, one in bursts)
    return 0 if kept and (enough or given.quick) else 1


if __name__ == "__main__":
    sys.exit(main())
