"""The network of the document, in an environment that has torch."""

import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.frontier_parts.environments import python_with
from benchmarks.frontier_parts.trials import DidNotFinish, Skipped
from benchmarks.resume_parts.cases import Case, Part
from benchmarks.resume_parts.models import Fitted
from ranker.resume.balancing import class_weights

__all__ = ["NETWORK", "TORCH", "network"]

NETWORK = "the document's network"
PACKAGE, TORCH = "torch", "2.13.0"
SCRIPT = Path(__file__).with_name("network_script.py")
EPOCHS = 50


def network(case: Case, *, epochs: int = EPOCHS, asked: Part | None = None) -> tuple[Fitted, np.ndarray]:
    """Train the network once.

    Parameters
    ----------
    case : Case
        Its numbers are scaled by the train part; what is missing is the mean.
    epochs : int
        At most.
    asked : Part, optional
        Further rows to give probabilities for.

    Returns
    -------
    Fitted
        Probabilities of the tune and the test part.
    (m, K) array
        Probabilities of the rows that were asked for.
    """
    python = torch_python()
    numbers = Numbers(case.train.X)
    weight = class_weights(case.train.y.tolist())
    parts = {
        "train": case.train,
        "tune": case.tune,
        "test": case.test,
        "asked": asked or case.test.take(np.arange(0)),
    }
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder) / "given.npz", Path(folder) / "found.npz"
        arrays = {f"{name}_numbers": numbers.of(part.X) for name, part in parts.items()}
        arrays |= {f"{name}_binary": part.binary.astype(np.float32) for name, part in parts.items()}
        arrays |= {f"{name}_y": part.y for name, part in parts.items() if name in ("train", "tune")}
        weights = np.array([weight[code] for code in range(len(case.labels))], np.float32)
        np.savez(given, **arrays, weights=weights, epochs=epochs, seed=case.seed)
        one_thread = {**os.environ, "OMP_NUM_THREADS": "1"}
        done = subprocess.run(
            [python, str(SCRIPT), str(given), str(found)], capture_output=True, text=True, env=one_thread
        )
        if done.returncode:
            raise DidNotFinish((done.stderr.strip().splitlines() or ["no reason given"])[-1])
        out = np.load(found)
        setting = {"epochs": int(out["epochs"]), "best_epoch": int(out["best_epoch"])}
        return Fitted(out["tune"], out["test"], float(out["seconds"]), setting), out["asked"]


def torch_python() -> str:
    """Return the interpreter of an environment with torch, and with numpy, which torch can do without."""
    python = str(python_with(PACKAGE, TORCH))
    if subprocess.run([python, "-c", "import numpy"], capture_output=True).returncode:
        command = [python, "-m", "pip", "install", "--quiet", "numpy"]
        if subprocess.run(command, capture_output=True).returncode:
            raise Skipped("numpy cannot be installed beside torch")
    return python


class Numbers:
    """Numeric columns scaled by the train part; a missing number is the mean.

    Parameters
    ----------
    train : DataFrame
        Features of the train part.
    """

    def __init__(self, train: pd.DataFrame) -> None:
        numbers = train.select_dtypes("number")
        self._mean, self._spread = numbers.mean(), numbers.std(ddof=0).replace(0.0, 1.0)

    def of(self, X: pd.DataFrame) -> np.ndarray:
        """Return them as (n, n_numbers) float32."""
        scaled = (X[self._mean.index] - self._mean) / self._spread
        return scaled.fillna(0.0).to_numpy(np.float32)
