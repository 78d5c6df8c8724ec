"""Measure a case: ours and peers in turn, in one process, CPU seconds and seconds on the clock."""

import gc
import time
from collections.abc import Mapping
from statistics import median
from typing import NamedTuple

from benchmarks.speed.row import Case, Work

SLOW = 10.0  # seconds: what takes longer is run three times
SHORT = 0.02  # seconds: what takes less is repeated within its turn, as timeit does
TIMES, TIMES_SLOW = 7, 3


class Seconds(NamedTuple):
    """CPU seconds of the process, over all its threads, and seconds on the clock."""

    cpu: float
    clock: float


def timed(work: Work, number: int = 1) -> Seconds:
    """Run so many times in a row; of one."""
    cpu, clock = time.process_time(), time.perf_counter()
    for _ in range(number):
        work()
    return Seconds((time.process_time() - cpu) / number, (time.perf_counter() - clock) / number)


def measure(case: Case, *, times: int = TIMES) -> dict[str, Seconds]:
    """Run everybody in turn, after a round or two that are not counted; medians."""
    works: Mapping[str, Work] = {
        "candor": case.ours,
        **case.peers,
        **{f"net {name}": work for name, work in case.net.items()},
    }
    first = {name: timed(work).clock for name, work in works.items()}
    if min(first.values()) < SHORT:  # the first run may have compiled, or touched memory for the first time
        first = {
            name: timed(work).clock if clock < SLOW else clock
            for (name, clock), work in zip(first.items(), works.values(), strict=True)
        }
    number = {name: max(1, int(SHORT / max(clock, 1e-9))) for name, clock in first.items()}
    wanted = {name: times if first[name] < SLOW else min(times, TIMES_SLOW) for name in works}
    found: dict[str, list[Seconds]] = {name: [] for name in works}
    gc.disable()
    try:
        for turn in range(times):
            for name, work in works.items():
                if turn < wanted[name]:
                    found[name].append(timed(work, number[name]))
    finally:
        gc.enable()
    return {
        name: Seconds(median(one.cpu for one in runs), median(one.clock for one in runs))
        for name, runs in found.items()
    }
