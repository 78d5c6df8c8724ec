"""The machine that figures were made on: its processors, its memory's speed, its libraries."""

import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.frontier_parts.summary import machine as versions

COPIED = 256 * 2**20  # bytes: far more than any cache


def copy_bandwidth(times: int = 7) -> float:
    """Bytes a second that numpy copies on this thread, those read and those written counted once each."""
    source = np.ones(COPIED // 8)
    target = np.empty_like(source)
    seconds = []
    for _ in range(times + 1):
        start = time.perf_counter()
        np.copyto(target, source)
        seconds.append(time.perf_counter() - start)
    return 2 * COPIED / median(seconds[1:])


def describe() -> dict[str, Any]:
    """Return processor, cores, copy bandwidth and versions, as JSON."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "copy_gigabytes_per_second": round(copy_bandwidth() / 1e9, 1),
        **versions(),
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


@contextmanager
def pinned(n_threads: int) -> Iterator[None]:
    """Run on so many processors, and let no library start more threads than that."""
    if not hasattr(os, "sched_setaffinity"):
        with threadpool_limits(n_threads):
            yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:n_threads])
    try:
        with threadpool_limits(n_threads):
            yield
    finally:
        os.sched_setaffinity(0, before)
