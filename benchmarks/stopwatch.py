"""Seconds of the processor, in all and by what FairRanker says that it does."""

import logging
import resource
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

FIRST = "checks, relevance fit"
# What FairRanker says when a stage begins, by the first words.
STAGES = {
    "fitting the relevance": FIRST,
    "fitting the EBM of": "group fits",
    "solving for": "reductions",
    "choosing": "walks",
    "measuring": "certificates",
}

log = logging.getLogger("candor.training")


def cpu_seconds() -> float:
    """Seconds of the processor that this process and its finished children took."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


@dataclass(slots=True)
class Watch:
    """Seconds since it was made."""

    cpu: float
    wall: float

    @classmethod
    def start(cls) -> Self:
        """Start it."""
        return cls(cpu_seconds(), time.perf_counter())

    def read(self) -> dict[str, float]:
        """Return seconds of the processor and of the clock."""
        return {"cpu": round(cpu_seconds() - self.cpu, 2), "wall": round(time.perf_counter() - self.wall, 2)}


class Stages(logging.Handler):
    """Adds up processor seconds by what FairRanker says that it does."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.seconds: dict[str, float] = defaultdict(float)
        self.stage, self.since = FIRST, cpu_seconds()

    def emit(self, record: logging.LogRecord) -> None:
        """Close the stage before."""
        said = record.getMessage()
        self.turn(next((name for words, name in STAGES.items() if said.startswith(words)), self.stage))

    def turn(self, stage: str) -> None:
        """Begin another stage."""
        now = cpu_seconds()
        self.seconds[self.stage] += now - self.since
        self.stage, self.since = stage, now


@contextmanager
def told_stages() -> Iterator[Stages]:
    """Listen to FairRanker for a while."""
    stages, level = Stages(), log.level
    log.addHandler(stages)
    log.setLevel(logging.INFO)
    try:
        yield stages
    finally:
        stages.turn("")
        log.removeHandler(stages)
        log.setLevel(level)
