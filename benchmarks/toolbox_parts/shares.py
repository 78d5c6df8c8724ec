"""NDKL of one long list, beside FairRankTune's.

FairRankTune 0.0.7 names no dependency in its metadata, so that it cannot be imported from an environment
of its own: numpy and pandas are installed beside it, and nothing of it is changed.
"""

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.frontier_parts.environments import python_with
from benchmarks.frontier_parts.trials import Skipped
from fairness.groups import Groups
from fairness.metrics.ndkl import ndkl
from ranker.ranking.ranking import Ranking

PACKAGE, VERSION = "fairranktune", "0.0.7"
SCRIPT = Path(__file__).with_name("fairranktune_script.py")
SMOOTHING = 1e-7  # what FairRankTune adds to every share


def ours(n: int, n_groups: int, seed: int) -> Callable[[], float]:
    """Return a call of our NDKL, with the peer's smoothing: one job of `n` candidates, groups at random."""
    codes = rank_ordered_codes(n, n_groups, seed)
    ranking = Ranking.from_scores(-np.arange(float(n)), job=np.zeros(n, dtype=np.int64))
    groups = Groups.from_values([f"{code:03d}" for code in codes], attribute="group")
    return lambda: ndkl(ranking, groups, smoothing=SMOOTHING)


def theirs(n: int, n_groups: int, seed: int, *, times: int = 7) -> dict[str, Any]:
    """Measure FairRankTune's NDKL of the same list: ``ndkl``, ``cpu_seconds`` and ``versions``.

    Raises
    ------
    Skipped
        If FairRankTune cannot be installed, or fails.
    """
    given = {"codes": rank_ordered_codes(n, n_groups, seed).tolist(), "times": times}
    done = _run([str(_python()), str(SCRIPT)], json.dumps(given))
    result: dict[str, Any] = json.loads(done)
    return result


def rows(
    *, n: int = 10_000, n_groups: int = 4, seed: int = 0, times: int = 7, calls: int = 100
) -> list[dict[str, Any]]:
    """Measure both: one row, processor seconds of one call and whether the values agree to 1e-9.

    `calls` of ours make one of `times` measurements, since one is too short for the clock.

    Raises
    ------
    Skipped
        If FairRankTune cannot be installed, or fails.
    """
    call = ours(n, n_groups, seed)
    value = call()  # compiles, or reads what was compiled
    seconds = []
    for _ in range(times):
        start = time.process_time()
        for _ in range(calls):
            call()
        seconds.append((time.process_time() - start) / calls)
    peer = theirs(n, n_groups, seed, times=times)
    return [
        {
            "name": f"NDKL, {n:,} candidates, {n_groups} groups",
            "peer": f"FairRankTune {peer['versions']['fairranktune']}",
            "seconds": median(seconds),
            "peer_seconds": peer["cpu_seconds"],
            "ratio": peer["cpu_seconds"] / median(seconds),
            "threads": 1,
            "equal": bool(abs(value - peer["ndkl"]) <= 1e-9),
        }
    ]


def rank_ordered_codes(n: int, n_groups: int, seed: int) -> np.ndarray:
    """Group of each candidate in rank order, (n,), every group at least once."""
    rng = np.random.default_rng(seed)
    return rng.permutation(np.concatenate((np.arange(n_groups), rng.integers(n_groups, size=n - n_groups))))


def _python() -> Path:
    python = python_with(PACKAGE, VERSION)
    if subprocess.run([str(python), "-c", "import FairRankTune"], capture_output=True).returncode:
        _run([str(python), "-m", "pip", "install", "--quiet", "numpy", "pandas"])
    return python


def _run(command: list[str], text: str = "") -> str:
    one_thread = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, input=text, capture_output=True, text=True, env=one_thread)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Skipped(f"{Path(command[-1]).name} failed: {last}")
    return done.stdout
