"""What the server counts, for Prometheus: nothing about anybody, and few labels."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

__all__ = ["CONTENT_TYPE", "FOLDER", "Meters"]

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"  # where several workers put their counts together
SECONDS: Final = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Meters:
    """Counters of one worker; with several, of all of them together.

    Attributes
    ----------
    more : list of callable
        Each returns further lines in the text format, for ``/metrics``.
    """

    def __init__(self) -> None:
        self._own = CollectorRegistry()
        own = self._own
        self.requests = Counter(
            "candor_requests",
            "Requests by route, method and status.",
            ("route", "method", "status"),
            registry=own,
        )
        self.seconds = Histogram(
            "candor_request_seconds", "Time to answer, by route.", ("route",), buckets=SECONDS, registry=own
        )
        self.in_flight = Gauge(
            "candor_in_flight",
            "Requests being worked on or waiting.",
            multiprocess_mode="livesum",
            registry=own,
        )
        self.decisions = Counter("candor_decisions", "Answers in the log, by kind.", ("kind",), registry=own)
        self.reviews = Counter(
            "candor_reviews", "Cases put before a person, by reason.", ("reason",), registry=own
        )
        self.problems = Counter(
            "candor_problems", "Requests refused, by kind of problem.", ("kind",), registry=own
        )
        self.model = Gauge(
            "candor_model",
            "1 for each model that is served.",
            ("kind", "digest"),
            multiprocess_mode="max",
            registry=own,
        )
        self.more: list[Callable[[], bytes]] = []

    def text(self) -> bytes:
        """Write all counts in Prometheus' text format."""
        registry = self._own
        if FOLDER in os.environ:
            _let_go_of_the_dead(os.environ[FOLDER])
            registry = CollectorRegistry()
            MultiProcessCollector(registry)
        return generate_latest(registry) + b"".join(one() for one in self.more)


def _let_go_of_the_dead(folder: str) -> None:
    """Take out what workers that were killed had in flight: they finish it no more, and cannot say so."""
    if os.name != "posix":
        return
    for file in Path(folder).glob("gauge_live*.db"):
        pid = int(file.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            with suppress(FileNotFoundError):  # another worker was quicker
                mark_process_dead(pid, folder)
