"""Pairs of candidates: gradients of a ranking loss over all pairs of a list, and accuracy between groups."""

from importlib.util import find_spec
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from benchmarks.speed.row import Case, Row, Work
from ranker.kernels.all_pairs import all_lambda_gradients
from ranker.kernels.pairwise_accuracy import pairwise_accuracy

__all__ = ["ROWS"]

SIZE = 200  # candidates in a list
GRADES = (0.5, 0.2, 0.15, 0.1, 0.05)  # shares of the labels 0 .. 4
N_LEAVES = 16
SMALL_STEP = 1e-9  # of a LightGBM iteration: the next one meets the same scores


def _lists(n_lists: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Scores, labels, a feature of N_LEAVES values, indptr."""
    rng = np.random.default_rng(0)
    n = n_lists * SIZE
    labels = rng.choice(len(GRADES), p=GRADES, size=n).astype(np.float64)
    return rng.normal(size=n), labels, rng.integers(N_LEAVES, size=n), np.arange(n_lists + 1) * SIZE


def _iterations(
    objective: str, scores: np.ndarray, labels: np.ndarray, feature: np.ndarray, n_lists: int, n_threads: int
) -> Work:
    """One iteration of LightGBM with a tree of one feature, on scores that do not move; gives its leaves."""
    import lightgbm

    parameters = {
        "objective": objective,
        "lambdarank_truncation_level": SIZE,
        "lambdarank_norm": False,
        "learning_rate": SMALL_STEP,
        "num_leaves": N_LEAVES,
        "min_data_in_leaf": 1,
        "min_sum_hessian_in_leaf": 0.0,
        "min_data_in_bin": 1,
        "boost_from_average": False,
        "force_col_wise": True,
        "num_threads": n_threads,
        "seed": 0,
        "verbose": -1,
    }
    column = feature.astype(np.float64)[:, None]
    given = lightgbm.Dataset(
        column,
        labels,
        group=np.full(n_lists, SIZE),
        init_score=scores,
        params=parameters,
        free_raw_data=False,
    )
    booster = lightgbm.Booster(parameters, given)

    def update() -> Any:
        booster.update()
        return booster, column

    return update


def _lambdas(scale: float, n_threads: int) -> Case:
    n_lists = max(2, round(1_000 * scale))
    scores, labels, feature, indptr = _lists(n_lists)
    weights, gains = np.ones(scores.size), 2.0**labels - 1.0
    of_job = np.array(
        [np.bincount(one, minlength=len(GRADES)) for one in labels.astype(int).reshape(-1, SIZE)]
    )
    peers: dict[str, Work] = {}
    net: dict[str, Work] = {}
    if find_spec("lightgbm"):
        drawn = (scores, labels, feature, n_lists, n_threads)
        peers["LightGBM lambdarank"] = _iterations("lambdarank", *drawn)
        net["LightGBM lambdarank"] = _iterations("regression", *drawn)
    return Case(
        ours=lambda: all_lambda_gradients(scores, gains, weights, indptr, n_threads=n_threads),
        peers=peers,
        n=int(n_lists * SIZE**2 - (of_job**2).sum()) // 2,
        net=net,
    )


def _same_leaves(ours: tuple[np.ndarray, ...], peer: Any) -> bool:
    """Whether our gradients and hessians, summed over its leaves, give the values that the peer put there."""
    if isinstance(peer[0], np.ndarray):
        return all(np.array_equal(one, other) for one, other in zip(ours, peer, strict=True))
    gradient, hessian = ours
    booster, column = peer
    leaf = booster.predict(column, start_iteration=0, num_iteration=1, pred_leaf=True).ravel().astype(int)
    value = booster.predict(column, start_iteration=0, num_iteration=1, raw_score=True) / SMALL_STEP
    found = -np.bincount(leaf, gradient) / np.maximum(np.bincount(leaf, hessian), 1e-300)
    return leaf.max() > 0 and bool(np.allclose(found[leaf], value, rtol=1e-3, atol=1e-4))


def _groups(scale: float, n_threads: int) -> Case:
    rng = np.random.default_rng(0)
    n = max(2, round(100_000 * scale))
    first, second = rng.normal(0.2, size=n), rng.normal(size=n)
    member, scores = np.repeat([1, 0], n), np.concatenate([first, second])
    return Case(
        ours=lambda: pairwise_accuracy(first, second),
        peers={"sklearn roc_auc_score": lambda: roc_auc_score(member, scores)},
        n=n * n,
    )


ROWS: tuple[Row, ...] = (
    Row(
        name="lambda gradients",
        work="gradient and hessian of LambdaRank over all 13M pairs of unequal labels of 1,000 lists of 200; "
        "LightGBM: an iteration without truncation, less one of least squares on the same rows",
        unit="pair",
        prepare=_lambdas,
        same=_same_leaves,
        agreement="1e-3 relative in the leaves of LightGBM's tree, whose gradients are float32 from a table",
        targets={"LightGBM lambdarank": 6.0},
        aims={"LightGBM lambdarank": 14.0},
        with_threads=True,
        more=4,
    ),
    Row(
        name="pairwise accuracy between groups",
        work="chance that a score of one group is above one of the other, ties one half: 100,000 x 100,000",
        unit="pair",
        prepare=_groups,
        same=lambda ours, peer: abs(ours - peer) <= 1e-12,
        agreement="1e-12",
        targets={"sklearn roc_auc_score": 30.0},
        aims={"sklearn roc_auc_score": 40.0},
    ),
)
