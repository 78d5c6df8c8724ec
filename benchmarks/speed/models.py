"""Models of the speed rows: an EBM and boosted trees on the same ranking problem, trained once.

Jobs of 50 candidates with 16 numeric features; who is relevant depends on a dozen of them, on
the interaction of two and on luck. The features are normal, gamma and uniform, so that cuts lie
evenly and crowded.
"""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["JOB", "NAMES", "Models", "compiled_trees", "models", "relevance", "rows"]

JOB = 50  # candidates
NAMES = tuple(f"feature_{k:02}" for k in range(16))
PAIR = (13, 14)
FULL, SMALL = (100_000, 1_000, 1_024, 100), (2_000, 20, 64, 10)


@dataclass(frozen=True, slots=True, eq=False)
class Models:
    """Trained on the same rows.

    Parameters
    ----------
    ebm : ExplainableBoostingRegressor
        16 features and one pair: 17 terms.
    scorer : AdditiveScorer
        The same, as Candor scores with it.
    trees : lightgbm.Booster or None
        LambdaRank, of 31 leaves each; None where LightGBM is not installed.
    quality : dict of str to float
        NDCG@10 of both on jobs that neither saw.
    """

    ebm: Any
    scorer: Any
    trees: Any
    quality: dict[str, float]


def rows(n: int, seed: int) -> NDArray[np.float64]:
    """Features in rows of an array in Fortran order: (n, 16)."""
    rng = np.random.default_rng(seed)
    X = np.empty((n, len(NAMES)), np.float64, order="F")
    X[:, :8] = rng.normal(size=(n, 8))
    X[:, 8:12] = rng.gamma(2.0, 3.0, (n, 4))
    X[:, 12:] = rng.random((n, 4))
    return X


def relevance(X: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """Grades 0 .. 4; half of the candidates have 0."""
    merit = np.sin(2 * X[:, 0]) + X[:, 1] - 0.5 * X[:, 2] ** 2 + np.tanh(X[:, 3])
    merit += 0.3 * np.log1p(X[:, 8]) - 0.1 * X[:, 9] + 2 * (X[:, 12] > 0.5) + 4 * X[:, 13] * X[:, 14]
    merit += np.random.default_rng(seed).normal(0.0, 1.5, len(X))
    return np.searchsorted(np.quantile(merit, [0.5, 0.75, 0.9, 0.97]), merit).astype(np.float64)


@lru_cache(maxsize=2)
def models(full: bool) -> Models:
    """Train once in a process: about 20 seconds in full, less than 1 for tests."""
    from interpret.glassbox import ExplainableBoostingRegressor

    from ranker import AdditiveScorer

    n, n_rounds, n_bins, n_trees = FULL if full else SMALL
    X = rows(n, 0)
    y = relevance(X, 1)
    # One bag and short patience: the tables are as large as any, which is what speed depends on.
    ebm = ExplainableBoostingRegressor(
        feature_names=list(NAMES), max_bins=n_bins, interactions=[PAIR], outer_bags=1, learning_rate=0.05,
        max_rounds=n_rounds, n_jobs=1, random_state=0,
    ).fit(X, y)  # fmt: skip
    trees = None
    if find_spec("lightgbm"):
        import lightgbm

        settings = {"objective": "lambdarank", "num_leaves": 31, "num_threads": 1, "verbose": -1, "seed": 0}
        data = lightgbm.Dataset(np.ascontiguousarray(X), y, group=[JOB] * (n // JOB))
        trees = lightgbm.train(settings, data, n_trees)
    held = rows(n // 2, 2)
    grades = relevance(held, 3)
    scorer = AdditiveScorer.from_ebm(ebm)
    quality = {"candor": _ndcg(scorer.score(held), grades)}
    if trees is not None:
        quality["LightGBM"] = _ndcg(trees.predict(held, num_threads=1), grades)
    return Models(ebm, scorer, trees, quality)


@lru_cache(maxsize=2)
def compiled_trees(full: bool) -> Callable[[Any], Any] | None:
    """Compile the trees through C: a predictor of ``tl2cgen.DMatrix``, or None where it cannot be had."""
    trees = models(full).trees
    if trees is None or not (find_spec("tl2cgen") and find_spec("treelite") and shutil.which("gcc")):
        return None
    import tl2cgen
    import treelite

    folder = Path(tempfile.mkdtemp(prefix="candor_trees_"))
    library = folder / "trees.so"
    try:
        tl2cgen.export_lib(
            treelite.frontend.from_lightgbm(trees),
            toolchain="gcc",
            libpath=str(library),
            params={"quantize": 1},
        )
        predict = tl2cgen.Predictor(str(library), nthread=1).predict
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # once loaded, the file is not needed
    return predict


def _ndcg(scores: NDArray[np.float64], grades: NDArray[np.float64]) -> float:
    from ranker import Ranking
    from ranker.ranking.metrics import ndcg

    ranking = Ranking.from_scores(scores, job=np.arange(len(scores)) // JOB)
    return float(ndcg(ranking, grades, k=10))
