"""DELTR, a linear listwise ranker with a penalty on disparate exposure, from its authors' package."""

import os
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.frontier_parts.cases import Case, Part
from benchmarks.frontier_parts.environments import python_with
from benchmarks.frontier_parts.fa_ir import protected_of
from benchmarks.frontier_parts.subtraction import most_exposed
from benchmarks.frontier_parts.trials import DidNotFinish, Settings, Trial

PACKAGE, VERSION = "fairsearchdeltr", "1.0.2"
SCRIPT = Path(__file__).with_name("deltr_script.py")
GAMMAS = (1.0, 300.0)  # and 0


def deltr(case: Case, settings: Settings) -> list[Trial]:
    """Train one model for each weight of the penalty; all within one limit of time.

    References
    ----------
    Zehlike & Castillo (2020), Reducing Disparate Exposure in Ranking: A Learning to Rank
    Approach, WWW.
    """
    python = python_with(PACKAGE, VERSION)
    train = case.train
    favoured = most_exposed(train, train.labels)
    design = Columns(train.X)
    _, job = np.unique(train.job.astype(str), return_inverse=True)
    gammas = np.concatenate([[0.0], np.geomspace(*GAMMAS, settings.trials - 1)])

    def features(part: Part) -> np.ndarray:
        return np.column_stack([design.of(part.X), protected_of(part, favoured).astype(np.float64)])

    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder) / "given.npz", Path(folder) / "found.npz"
        np.savez(given, features=features(train), relevance=train.labels, job=job, gammas=gammas)
        _call([str(python), str(SCRIPT), str(given), str(found), str(settings.limit)])
        weights = np.load(found)["weights"]
    seconds = time.perf_counter() - start
    finite = [at for at in range(len(gammas)) if np.isfinite(weights[at]).all()]
    if not finite:
        raise DidNotFinish("its weights diverge")
    tune, test = features(case.tune), features(case.test)
    return [
        Trial(
            {"gamma": round(float(gammas[at]), 2), "unprotected": favoured},
            tune @ weights[at],
            test @ weights[at],
            seconds,
        )
        for at in finite
    ]


def _call(command: list[str]) -> None:
    one_thread = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=one_thread)
    if done.returncode:
        raise DidNotFinish((done.stderr.strip().splitlines() or ["no reason given"])[-1])


class Columns:
    """Numbers standardised by the train part, categories as 0 and 1; missing is the mean.

    Parameters
    ----------
    train : DataFrame
        Features of the train part.
    """

    def __init__(self, train: pd.DataFrame) -> None:
        self._names = pd.get_dummies(train, dtype=float).columns
        coded = self._coded(train)
        self._mean = coded.mean()
        self._spread = coded.std().replace(0.0, 1.0)

    def of(self, X: pd.DataFrame) -> np.ndarray:
        """Return features as (n, n_columns) float64."""
        return ((self._coded(X) - self._mean) / self._spread).fillna(0.0).to_numpy()

    def _coded(self, X: pd.DataFrame) -> pd.DataFrame:
        return pd.get_dummies(X, dtype=float).reindex(columns=self._names, fill_value=0.0)
