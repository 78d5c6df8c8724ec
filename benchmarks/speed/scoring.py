"""Scoring: an EBM's scores and contributions beside interpret, boosted trees and compiled trees."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.speed.models import JOB, NAMES, Models, compiled_trees, models, rows
from benchmarks.speed.row import Case, Row, Work

__all__ = ["ROWS"]

FULL = 0.01  # scale from which models are trained in full
N, N_EXPLAINED, N_BY_TREES = 1_000_000, 100_000, 2_000


@dataclass(frozen=True, slots=True, eq=False)
class OfTrees:
    """Scores or contributions of another model of the same candidates: alike, not equal."""

    values: NDArray[np.floating]


def doubles(scale: float, n_threads: int) -> Case:
    """Score float64 columns, to the last bit."""
    known, X = _drawn(scale, N)
    frame = pd.DataFrame(X, columns=list(NAMES), copy=False)
    return Case(
        lambda: known.scorer.score(frame, n_threads=n_threads),
        # An array in Fortran order is what interpret reads fastest, a frame or C order take longer.
        {"interpret": lambda: known.ebm.predict(X)},
        len(X),
        n_bytes=X.nbytes + 8.0 * len(X),
        quality=known.quality,
    )


def singles(scale: float, n_threads: int) -> Case:
    """Score float32 columns in float32."""
    known, X = _drawn(scale, N)
    X = X.astype(np.float32)
    frame = pd.DataFrame(X, columns=list(NAMES), copy=False)
    in_rows = np.ascontiguousarray(X)  # what trees read fastest
    peers: dict[str, Work] = {"interpret": lambda: known.ebm.predict(X)}
    if known.trees is not None:
        peers["LightGBM 100 trees"] = lambda: OfTrees(known.trees.predict(in_rows, num_threads=n_threads))
    predict = compiled_trees(scale >= FULL) if n_threads == 1 else None
    if predict is not None:
        import tl2cgen

        data = tl2cgen.DMatrix(in_rows)
        peers["tl2cgen 100 trees"] = lambda: OfTrees(np.ravel(predict(data)))
    return Case(
        lambda: known.scorer.packed.score(frame, dtype=np.float32, n_threads=n_threads),
        peers,
        len(X),
        n_bytes=X.nbytes + 4.0 * len(X),
        quality=known.quality,
    )


def binned(scale: float, n_threads: int) -> Case:
    """Score rows that were binned before."""
    known, X = _drawn(scale, N)
    packed = known.scorer.packed
    pool = packed.bin(X)
    return Case(
        lambda: packed.score(pool, n_threads=n_threads),
        {"interpret": lambda: known.ebm.predict(X)},
        len(X),
        n_bytes=float(pool.codes.narrow.nbytes + pool.codes.wide.nbytes + 8 * len(X)),
        quality=known.quality,
    )


def one_job(scale: float, n_threads: int) -> Case:
    """Score 50 candidates of a frame."""
    known, X = _drawn(scale, JOB, least=JOB)
    frame = pd.DataFrame({name: X[:, k] for k, name in enumerate(NAMES)})
    return Case(
        lambda: known.scorer.score(frame, n_threads=n_threads),
        {"interpret": lambda: known.ebm.predict(frame)},
        len(X),
        quality=known.quality,
    )


def contributions(scale: float, n_threads: int) -> Case:
    """Tell what each term adds."""
    known, X = _drawn(scale, N_EXPLAINED)
    frame = pd.DataFrame(X, columns=list(NAMES), copy=False)
    # LightGBM takes half a minute for all of them.
    in_rows = np.ascontiguousarray(X[:N_BY_TREES])
    peers: dict[str, Work] = {"interpret": lambda: known.ebm.eval_terms(X)}
    if known.trees is not None:
        peers["LightGBM pred_contrib"] = lambda: OfTrees(
            known.trees.predict(in_rows, pred_contrib=True, num_threads=n_threads)
        )
    return Case(
        lambda: known.scorer.contributions(frame, n_threads=n_threads),
        peers,
        len(X),
        n_bytes=X.nbytes + 8.0 * len(X) * len(known.scorer.terms),
        n_of_peer={"LightGBM pred_contrib": len(in_rows)},
        quality=known.quality,
    )


def to_the_last_bit(ours: Any, theirs: Any) -> bool:
    """Equal floats; beside trees, scores that go up together."""
    if isinstance(theirs, OfTrees):
        return _alike(ours, theirs.values)
    return ours.dtype == theirs.dtype and bool(np.array_equal(ours, theirs))


def within_single_precision(ours: Any, theirs: Any) -> bool:
    """Within 1e-5 of the exact score, whose scale is 1; beside trees as above."""
    if isinstance(theirs, OfTrees):
        return _alike(ours, theirs.values)
    return bool(np.allclose(ours, theirs, rtol=0.0, atol=1e-5))


def _alike(ours: NDArray[Any], trees: NDArray[Any]) -> bool:
    # Contributions of trees have one column per feature and one for the intercept.
    mine, yours = (values if values.ndim == 1 else values.sum(axis=1) for values in (ours, trees))
    return float(np.corrcoef(mine[: len(yours)], yours)[0, 1]) > 0.7


def _drawn(scale: float, n: int, least: int = 2) -> tuple[Models, NDArray[np.float64]]:
    return models(scale >= FULL), rows(max(round(scale * n), least), 4)


def _row(
    name: str,
    work: str,
    prepare: Callable[[float, int], Case],
    same: Callable[[Any, Any], bool],
    targets: dict[str, float],
    aims: dict[str, float],
    *,
    with_threads: bool = False,
) -> Row:
    agreement = "interpret to the last bit" if same is to_the_last_bit else "interpret within 1e-5"
    if len(targets) > 1:
        agreement += "; trees are another model: scores correlate, NDCG@10 stands beside"
    return Row(name, work, "row", prepare, same, agreement, targets, aims, with_threads)


ROWS: tuple[Row, ...] = (
    _row(
        "score-float64",
        "Score 1,000,000 rows of 16 float64 columns with an EBM of 17 terms and 1,021 cuts a feature",
        doubles,
        to_the_last_bit,
        {"interpret": 16.0},
        {"interpret": 25.0},
        with_threads=True,
    ),
    _row(
        "score-float32",
        "The same of float32 columns; trees: 100 of 31 leaves",
        singles,
        within_single_precision,
        {"interpret": 21.0, "LightGBM 100 trees": 120.0, "tl2cgen 100 trees": 40.0},
        {"interpret": 40.0},
        with_threads=True,
    ),
    _row(
        "score-binned",
        "The same of rows that were binned before",
        binned,
        to_the_last_bit,
        {"interpret": 60.0},
        {"interpret": 130.0},
    ),
    _row(
        "score-one-job",
        "Score a job of 50 candidates from a DataFrame",
        one_job,
        to_the_last_bit,
        {"interpret": 5.0},
        {},
    ),
    _row(
        "contributions",
        "What each of 17 terms adds to 100,000 scores, float64",
        contributions,
        to_the_last_bit,
        {"interpret": 10.0, "LightGBM pred_contrib": 5_000.0},
        {"interpret": 35.0},
        with_threads=True,
    ),
)
