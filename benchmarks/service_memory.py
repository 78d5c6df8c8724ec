"""A hundred thousand requests, and what memory the service holds after each tenth of them.

    python -m benchmarks.service_memory                    # under six minutes; writes results/service_memory.*
    python -m benchmarks.service_memory --quick            # 2,000 requests, two bags; nothing is written
    python -m benchmarks.service_memory --requests 500000 --minutes 30

wrk asks ``POST /rank`` from 16 connections for pools of five candidates, every request about other people: what
a server remembered by name would be met once and kept. Two workers, the log in SQLite. Memory is what belongs
to no file (``Pss_Anon``: what processes share counts once), of the server's processes together. The first fifth
warms up; *growth* is the slope of a straight line through the rest, for each 100,000 requests.
"""

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.service_load import lines
from benchmarks.service_parts import wrk
from benchmarks.service_parts.pools import cut, key_for, made
from benchmarks.service_parts.processes import anonymous_mb
from benchmarks.service_parts.results import table, write
from benchmarks.service_parts.server import Server, candor
from ranker.app.decisions.store import open_store

REQUESTS, CANDIDATES, WORKERS, CONNECTIONS = 100_000, 5, 2, 16
LIMIT = 32.0  # MB for 100,000 requests: a tenth of what a worker holds when it has started
RUN = 3.0  # s between two looks
WARM = 0.2


@dataclass(frozen=True, slots=True)
class Look:
    """Memory after some requests.

    Parameters
    ----------
    requests : int
        So far.
    mb : float
        Held.
    per_second : float
        Requests, since the look before.
    """

    requests: int
    mb: float
    per_second: float


def growth(looks: list[Look]) -> float | None:
    """Return the slope of memory over requests after the warm-up, in MB for 100,000; ``None`` of too few looks."""
    if not looks:
        return None
    late = [one for one in looks if one.requests >= WARM * looks[-1].requests]
    if len(late) < 3:
        return None
    slope = np.polyfit([one.requests for one in late], [one.mb for one in late], 1)[0]
    return float(1e5 * slope)


def named_anew(body: bytes) -> bytes:
    """Call the people of a body such that the load can name others in every request."""
    text = cut(body, CANDIDATES).decode()
    for number, one in enumerate(json.loads(text)["candidates"]):
        text = text.replace(f'"{one["id"]}"', f'"id-00000000-{number}"')
    return text.encode()


def watch(server: Server, bodies: Path, key: str, requests: int, until: float) -> tuple[list[Look], int, int]:
    """Ask until enough is answered or the time is over; returns looks, refused, lost."""
    looks = [Look(0, anonymous_mb(server.pids), 0.0)]
    n = refused = lost = 0
    run = 0
    while n < requests and time.monotonic() < until:
        run += 1
        found = wrk.load(server, "/rank", bodies, key, CONNECTIONS, RUN, "fresh", str(run))
        n, refused, lost = n + found.requests, refused + found.refused, lost + found.lost
        looks.append(Look(n, anonymous_mb(server.pids), found.requests / found.seconds))
    return looks, refused, lost


def tell(looks: list[Look], refused: int, lost: int, entries: int, log_bytes: int) -> str:
    """Lay out ten looks, and what it comes to."""
    some = [looks[round(place)] for place in np.linspace(0, len(looks) - 1, min(11, len(looks)))]
    laid: list[list[Any]] = [[one.requests, one.mb, one.per_second] for one in some]
    slope = growth(looks)
    told = "too few looks for a slope" if slope is None else f"growth: {slope:+.1f} MB for 100,000 requests"
    size = log_bytes / max(1, entries)
    return "\n".join(
        [
            table(["requests", "memory, MB", "requests/s"], laid),
            "",
            f"{told}; {refused:,} refused, {lost:,} lost; {entries:,} entries in the log, {size:,.0f} bytes each.",
        ]
    )


def main(arguments: list[str] | None = None) -> int:
    """Ask, look, tell; the exit code says whether memory stayed flat."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.service_memory",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="2,000 requests; nothing is written")
    parser.add_argument("--requests", type=int, default=REQUESTS)
    parser.add_argument(
        "--minutes", type=float, default=5.5, help="in all; fewer requests where they do not fit"
    )
    parser.add_argument("--model", type=Path, help="a folder where the ranker is kept from run to run")
    given = parser.parse_args(arguments)
    if why := wrk.absent():
        print(f"nothing was measured: {why}", file=sys.stderr)
        return 0
    begin = time.monotonic()
    requests = 2_000 if given.quick else given.requests
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small = made(given.model or folder / "made", 2)
        bodies = lines([named_anew(body) for body in small.bodies()], folder / "bodies.jsonl")
        path = folder / "decisions.db"
        key = key_for(f"sqlite:///{path}")
        until = begin + 60 * given.minutes - 10
        with candor(small.model, f"sqlite:///{path}", folder / "server", workers=WORKERS) as server:
            looks, refused, lost = watch(server, bodies, key, requests, until)
        with open_store(f"sqlite:///{path}") as store:
            end = store.head()
        entries = 0 if end is None else end.number
        text = tell(looks, refused, lost, entries, path.stat().st_size)
    print(text)
    print(f"{time.monotonic() - begin:.0f} s", file=sys.stderr)
    slope = growth(looks)
    if not given.quick and looks[-1].requests >= REQUESTS:
        figures = {
            "workers": WORKERS, "candidates": CANDIDATES, "connections": CONNECTIONS, "growth_mb_per_100000": slope,
            "limit_mb": LIMIT, "refused": refused, "lost": lost, "entries": entries,
            "looks": [asdict(one) for one in looks],
        }  # fmt: skip
        write("service_memory", figures, text)
    flat = given.quick or (slope is not None and slope <= LIMIT)
    return 0 if flat and not refused and not lost else 1


if __name__ == "__main__":
    sys.exit(main())
