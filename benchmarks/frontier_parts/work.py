"""Pieces of work, and how processes get through them."""

import os
import time
import traceback
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from threadpoolctl import threadpool_limits

from benchmarks.frontier_parts.cases import Case, attributes, case_of
from benchmarks.frontier_parts.methods import METHODS
from benchmarks.frontier_parts.quality import QUALITY
from benchmarks.frontier_parts.store import Key, Outcome
from benchmarks.frontier_parts.trials import DidNotFinish, Settings, Skipped, Trial, measure

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Piece:
    """One method on one split of a task: for all its attributes if it reads no groups, else for one.

    Parameters
    ----------
    task, split, method
        What to run.
    attributes : tuple of str
        What it is measured by.
    settings : Settings
        What is equal for all, and what quality methods chose on this split.
    """

    task: str
    split: int
    method: str
    attributes: tuple[str, ...]
    settings: Settings

    @property
    def keys(self) -> tuple[Key, ...]:
        """Keys of the outcomes that it gives."""
        return tuple(Key(self.task, attribute, self.split, self.method) for attribute in self.attributes)


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a piece: outcomes, or the reason why it was skipped, or the text of an error."""

    piece: Piece
    outcomes: tuple[Outcome, ...] = ()
    skipped: str = ""
    error: str = ""


def attributes_of(task: str, method: str) -> tuple[tuple[str, ...], ...]:
    """Attributes of a task as the pieces of one method have them; none for fair methods without groups."""
    found = attributes(task)
    if method in QUALITY:
        return (found,)
    return tuple((attribute,) for attribute in found if attribute)


def run(piece: Piece) -> Done:
    """Run one piece in this process, with one thread."""
    try:
        with warnings.catch_warnings(), threadpool_limits(1):
            warnings.simplefilter("ignore")  # those of peers and of their dependencies
            return Done(piece, tuple(_outcomes(piece)))
    except Skipped as reason:
        return Done(piece, skipped=str(reason))
    except Exception:
        # One piece among hundreds: told, not stored, and tried again by the next run.
        return Done(piece, error=traceback.format_exc())


def _outcomes(piece: Piece) -> Iterator[Outcome]:
    cases = [case_of(piece.task, attribute, piece.split) for attribute in piece.attributes]
    start = time.perf_counter()
    trials, reason = [], ""
    try:
        trials = METHODS[piece.method](cases[0], piece.settings)
    except DidNotFinish as stopped:
        reason = str(stopped)
    seconds = round(time.perf_counter() - start, 2)
    for key, case in zip(piece.keys, cases, strict=True):
        rows = [_row(case, trial) for trial in trials]
        settings = piece.settings
        yield Outcome(
            *key, settings.trials, settings.bags, seconds, len(case.train), len(case.test), rows, reason
        )


def _row(case: Case, trial: Trial) -> dict[str, Any]:
    def rounded(measured: dict[str, float]) -> dict[str, float]:
        return {name: round(value, 5) for name, value in measured.items()}

    return {
        "setting": trial.setting,
        "seconds": round(trial.seconds, 2),
        "tune": rounded(measure(case.tune, trial.tune)),
        "test": rounded(measure(case.test, trial.test)),
    }


def run_all(pieces: list[Piece], workers: int) -> Iterator[Done]:
    """Run pieces in processes of one thread each, and give what comes of them as it comes."""
    if workers <= 1 or len(pieces) <= 1:
        yield from map(run, pieces)
        return
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))  # read by the processes when they start
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for future in as_completed([pool.submit(run, piece) for piece in pieces]):
            yield future.result()
