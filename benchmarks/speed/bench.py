"""Run rows of the speed table, and tell what came of them."""

import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from benchmarks.speed.machine import pinned
from benchmarks.speed.measure import Seconds, measure
from benchmarks.speed.row import Case, Row

Figures = dict[str, Any]


def run(rows: Iterable[Row], *, scale: float, times: int, bandwidth: float) -> list[Figures]:
    """Measure rows one after the other: on one thread against peers, then on all against ourselves.

    Parameters
    ----------
    rows : iterable of Row
        What to run.
    scale : float
        1 for the work as stated.
    times : int
        Runs that the medians are of; of what takes over 10 s, 3 at most.
    bandwidth : float
        Bytes that the machine copies in a second.

    Returns
    -------
    list of dict
        One a row; ``peers`` has one for each peer.
    """
    found = []
    for row in rows:
        print(f"{row.name}: {row.work}", file=sys.stderr, flush=True)
        found.append(_one(row, scale, times, bandwidth))
    return found


def _one(row: Row, scale: float, times: int, bandwidth: float) -> Figures:
    with pinned(1):
        case = row.prepare(scale, 1)
        equal = agreements(row, case)
        seconds = measure(case, times=times)
    ours = seconds["candor"].cpu
    out: Figures = {
        "name": row.name,
        "work": row.work,
        "unit": row.unit,
        "n": case.n,
        "scale": scale,
        "agreement": row.agreement,
        "threads": 1,
        "seconds": ours,
        "nanoseconds_each": ours / case.n * 1e9,
        "quality": dict(case.quality),
        "bound_share": case.n_bytes / bandwidth / ours if case.n_bytes else None,
        "peers": [_against(row, case, name, seconds, equal[name]) for name in case.peers if name != "plain"],
    }
    n_threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if row.with_threads and n_threads > 1:
        out["all_threads"] = _threads(row, scale, times, n_threads)
    return out


def _against(row: Row, case: Case, peer: str, seconds: dict[str, Seconds], equal: bool) -> Figures:
    theirs = seconds[peer].cpu
    if f"net {peer}" in seconds:
        theirs -= seconds[f"net {peer}"].cpu
    n = case.n_of_peer.get(peer, case.n)
    theirs *= case.n / n
    ratio = theirs / seconds["candor"].cpu
    target = row.targets.get(peer)
    return {
        "peer": peer,
        "peer_seconds": theirs,
        "peer_share": n / case.n,
        "ratio": ratio,
        "equal": equal,
        "target": target,
        "aim": row.aims.get(peer),
        "met": None if target is None else ratio >= target,
    }


def _threads(row: Row, scale: float, times: int, n_threads: int) -> Figures:
    """Clock seconds of ours on one thread and on all, in turn."""
    case, case_of_all = (row.prepare(scale * row.more, n) for n in (1, n_threads))
    both = measure(Case(case.ours, {"all": case_of_all.ours}, case.n), times=times)
    return {
        "threads": n_threads,
        "times_the_work": row.more,
        "seconds": both["all"].clock,
        "speedup": both["candor"].clock / both["all"].clock,
        "equal": bool(row.same(case.ours(), case_of_all.ours())),
    }


def agreements(row: Row, case: Case) -> dict[str, bool]:
    """Tell of each peer whether its result is ours, in the row's sense."""
    ours = case.ours()
    return {name: bool(row.same(ours, work())) for name, work in case.peers.items()}


def flat(rows: Sequence[Figures]) -> list[Figures]:
    """Return one entry for each row and peer, as machines read them."""
    return [
        {
            "name": row["name"],
            "peer": peer["peer"],
            "seconds": row["seconds"],
            "peer_seconds": peer["peer_seconds"],
            "ratio": peer["ratio"],
            "threads": row["threads"],
            "equal": peer["equal"],
        }
        for row in rows
        for peer in row["peers"] or [{"peer": None, "peer_seconds": None, "ratio": None, "equal": None}]
    ]


def table(rows: Sequence[Figures]) -> str:
    """Write the rows as a Markdown table."""
    lines = [
        "| work | a unit of work | against | times as fast | asked | on all threads | of the memory bound |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        peers = row["peers"] or [None]
        for at, peer in enumerate(peers):
            first = at == 0
            threads = row.get("all_threads")
            cells = [
                row["work"] if first else "",
                f"{_time(row['nanoseconds_each'])} a {row['unit']}" if first else "",
                peer["peer"] if peer else "–",
                _ratio(peer) if peer else "–",
                _asked(peer) if peer else "–",
                _speedup(threads) if first and threads else "",
                f"{row['bound_share']:.0%}" if first and row["bound_share"] else "",
            ]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _speedup(threads: Figures) -> str:
    more = f", {threads['times_the_work']:g} × the work" if threads["times_the_work"] > 1 else ""
    return f"{threads['speedup']:.2f} × on {threads['threads']}{more}"


def _time(nanoseconds: float) -> str:
    for size, unit in ((1e9, "s"), (1e6, "ms"), (1e3, "µs")):
        if nanoseconds >= size:
            return f"{nanoseconds / size:.3g} {unit}"
    return f"{nanoseconds:.3g} ns"


def _ratio(peer: Figures) -> str:
    said = f"{peer['ratio']:.3g} ×"
    return said if peer["equal"] else f"{said}, **results differ**"


def _asked(peer: Figures) -> str:
    if peer["target"] is None:
        return ""
    aim = f", aim {peer['aim']:g}" if peer["aim"] else ""
    return f"{peer['target']:g}{aim}: {'met' if peer['met'] else '**missed**'}"
