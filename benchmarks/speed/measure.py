"""Measure a case: ours and peers in turn, in one process, CPU seconds and seconds on the clock."""

import gc
import time
from collections.abc import Mapping
from statistics import median
from typing import NamedTuple

from benchmarks.speed.row import Case, Work

SLOW = 10.0  # seconds: what takes longer is run three times
TIMES, TIMES_SLOW = 7, 3


class Seconds(NamedTuple):
    """CPU seconds of the process, over all its threads, and seconds on the clock."""

    cpu: float
    clock: float


def timed(work: Work) -> Seconds:
    """Run once."""
    cpu, clock = time.process_time(), time.perf_counter()
    work()
    return Seconds(time.process_time() - cpu, time.perf_counter() - clock)


def measure(case: Case, *, times: int = TIMES) -> dict[str, Seconds]:
    """Run everybody in turn, after one round that is not counted; medians."""
    works: Mapping[str, Work] = {
        "candor": case.ours,
        **case.peers,
        **{f"net {name}": work for name, work in case.net.items()},
    }
    first = {name: timed(work).clock for name, work in works.items()}
    wanted = {name: times if first[name] < SLOW else min(times, TIMES_SLOW) for name in works}
    found: dict[str, list[Seconds]] = {name: [] for name in works}
    gc.disable()
    try:
        for turn in range(times):
            for name, work in works.items():
                if turn < wanted[name]:
                    found[name].append(timed(work))
    finally:
        gc.enable()
    return {
        name: Seconds(median(one.cpu for one in runs), median(one.clock for one in runs))
        for name, runs in found.items()
    }
