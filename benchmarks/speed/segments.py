"""Work list by list: quality of the first places, and the first places themselves."""

import numpy as np
from sklearn.metrics import ndcg_score

from benchmarks.speed.row import Case, Row
from ranker.kernels.descending import descending_order
from ranker.kernels.discounted_gains import ndcg_of_scores
from ranker.kernels.segments import segment_of
from ranker.kernels.top_k import top_k

__all__ = ["ROWS"]

TOP, FIRST = 50, 10
GRADES = (0.5, 0.2, 0.15, 0.1, 0.05)  # shares of the gains 0 .. 4


def _ndcg(scale: float, n_threads: int) -> Case:
    rng = np.random.default_rng(0)
    shape = (max(2, round(10_000 * scale)), 100)
    scores, gains = rng.normal(size=shape), rng.choice(len(GRADES), p=GRADES, size=shape).astype(np.float64)
    indptr = np.arange(shape[0] + 1) * shape[1]
    return Case(
        ours=lambda: float(
            ndcg_of_scores(scores.ravel(), gains.ravel(), indptr, FIRST, n_threads=n_threads).mean()
        ),
        peers={
            "sklearn ndcg_score": lambda: ndcg_score(gains, scores, k=FIRST, ignore_ties=True),
            "sklearn ndcg_score, with ties": lambda: ndcg_score(gains, scores, k=FIRST),
        },
        n=shape[0],
        n_bytes=2.0 * scores.nbytes,
    )


def _first(scale: float, n_threads: int) -> Case:
    rng = np.random.default_rng(0)
    # Lists keep their length: a shorter one is another piece of work.
    scores = rng.normal(size=(max(2, round(1_000 * scale)), 10_000))
    indptr = np.arange(scores.shape[0] + 1) * scores.shape[1]

    def of_row(row: np.ndarray) -> np.ndarray:
        found = np.argpartition(row, row.size - TOP)[-TOP:]
        return found[np.argsort(-row[found])]

    def of_batch() -> np.ndarray:
        found = np.argpartition(scores, scores.shape[1] - TOP, axis=1)[:, -TOP:]
        order = np.argsort(-np.take_along_axis(scores, found, axis=1), axis=1)
        return np.take_along_axis(found, order, axis=1) + indptr[:-1, None]

    return Case(
        ours=lambda: top_k(scores.ravel(), indptr, TOP, n_threads=n_threads)[0],
        peers={
            "numpy argpartition, row by row": lambda: np.concatenate(
                [of_row(row) + start for row, start in zip(scores, indptr[:-1], strict=True)]
            ),
            "numpy argpartition, all rows": of_batch,
        },
        n=scores.shape[0],
        n_bytes=float(scores.nbytes),
    )


def _order(scale: float, n_threads: int) -> Case:
    rng = np.random.default_rng(0)
    n = max(1_000, round(1_000_000 * scale))
    scores = rng.normal(size=n)
    indptr = np.sort(np.concatenate([[0, n], rng.integers(n, size=n // 1_000)]))
    return Case(
        ours=lambda: descending_order(scores, indptr),
        peers={"numpy lexsort": lambda: np.lexsort((-scores, segment_of(indptr)))},
        n=n,
        n_bytes=16.0 * n,
    )


def _same_places(ours: np.ndarray, peer: np.ndarray) -> bool:
    return bool(np.array_equal(ours, peer.ravel()))


ROWS: tuple[Row, ...] = (
    Row(
        name="NDCG@10",
        work="mean NDCG@10 of 10,000 lists of 100 by score, graded gains",
        unit="list",
        prepare=_ndcg,
        same=lambda ours, peer: abs(ours - peer) <= 1e-12,
        agreement="1e-12",
        targets={"sklearn ndcg_score": 5.0},
        aims={"sklearn ndcg_score": 12.0},
        with_threads=True,
        more=10,
    ),
    Row(
        name="top 50 of 10,000",
        work="the 50 best of each of 1,000 lists of 10,000 float64 scores, best first",
        unit="list",
        prepare=_first,
        same=_same_places,
        agreement="to the last place",
        targets={"numpy argpartition, row by row": 1.4, "numpy argpartition, all rows": 1.4},
        aims={"numpy argpartition, row by row": 4.0, "numpy argpartition, all rows": 4.0},
        with_threads=True,
        more=4,
    ),
    Row(
        name="order of ragged lists",
        work="stable descending order of 1,000,000 scores in 1,000 lists of uneven length",
        unit="row",
        prepare=_order,
        same=_same_places,
        agreement="to the last place, ties included",
    ),
)
