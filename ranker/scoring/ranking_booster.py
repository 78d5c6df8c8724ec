"""EBMs boosted on pairs of candidates: interpret's bins and pairs, a ranking loss, our boosting."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from interpret.utils import measure_interactions

from ranker.kernels.boosting import LAMBDA, PAIRS, boost
from ranker.kernels.pair_gradients import lambda_gradients, pair_gradients
from ranker.scoring.additive import AdditiveScorer, Term
from ranker.scoring.training import Design, n_pairs, skeleton

N_OPPONENTS = 8  # others that a row of a large job meets in a round; the next round, others
TOP = 50  # ranks that lambdarank looks at
LEAST = 4.0  # rows a leaf must hold, as in interpret
SMOOTHING = 100  # rounds of random cuts
PATIENCE = 60
MAX_ROUNDS = 5_000


@dataclass(frozen=True, slots=True, eq=False)
class _Pool:
    """Training rows in the order of their jobs, and what pairs need to know of them."""

    labels: np.ndarray
    weights: np.ndarray
    code: np.ndarray

    def rows(self, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rows of a mask, and where their jobs begin: (n_rows,), (n_jobs + 1,)."""
        rows = np.flatnonzero(mask)
        sizes = np.unique(self.code[rows], return_counts=True)[1]
        return rows, np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)


def fit_ranking(
    plan: Design,
    relevance: np.ndarray,
    job: np.ndarray,
    *,
    objective: str,
    interactions: Any,
    max_bins: int,
    learning_rate: float,
    monotone: Sequence[int],
    n_threads: int | None,
    random_state: int,
) -> AdditiveScorer:
    """Boost an EBM on pairs of candidates.

    Features first, then the pairs of features that FAST finds in what is left.

    Parameters
    ----------
    plan : Design
        Columns, bags and weights of ``n`` rows.
    relevance, job : (n,) arrays
        Label and job of each row.
    objective : {"pairwise", "lambdarank"}
        RankNet's loss, a pair weighing the difference of its labels; or LambdaRank's, a
        pair weighing what swapping it would change in NDCG@50.
    interactions : int, float, str or list
        As in interpret.
    monotone : sequence of -1, 0, 1
        Direction of each feature; a feature with one gets no pairs.

    Returns
    -------
    AdditiveScorer
        With bag tables, deviations and bin weights; its scores are centred.

    References
    ----------
    Burges (2010), From RankNet to LambdaRank to LambdaMART, MSR-TR-2010-82.
    Lou et al. (2013), Accurate Intelligible Models with Pairwise Interactions, KDD.
    """
    order = np.argsort(np.asarray(job).astype(str), kind="stable")
    code = np.unique(np.asarray(job).astype(str)[order], return_inverse=True)[1]
    plan = plan.take(order)
    pool = _Pool(_gains(relevance[order], code), _weights(plan, code, objective), code)
    fit = _Fit(plan, pool, objective, tuple(monotone), learning_rate, n_threads, random_state)

    mains = skeleton(plan, (), max_bins=max_bins)
    tables, scores = fit.boost(mains, mains.terms, np.zeros(plan.bags.T.shape))
    wanted = n_pairs(interactions, len(plan.kinds))
    pairs = fit.pairs(scores.mean(axis=0), wanted) if not isinstance(wanted, list) else wanted
    if not pairs:
        return _assemble(mains, tables)
    both = skeleton(plan, pairs, max_bins=max_bins)
    more, _ = fit.boost(both, both.terms[len(mains.terms) :], scores)
    return _assemble(both, [*tables, *more])


def _gains(relevance: np.ndarray, code: np.ndarray) -> np.ndarray:
    """Labels above their job's lowest, in units of the widest job: differences are what counts."""
    lowest = np.full(code.max() + 1, np.inf)
    np.minimum.at(lowest, code, relevance)
    gains = relevance - lowest[code]
    return gains / max(float(gains.max()), 1e-12)


def _weights(plan: Design, code: np.ndarray, objective: str) -> np.ndarray:
    """Row weights whose products weigh pairs; RankNet's jobs count by size, not by size squared."""
    weights = np.ones(len(code)) if plan.sample_weight is None else plan.sample_weight
    if objective == "lambdarank":
        return weights
    return weights / np.sqrt(np.maximum(np.bincount(code) - 1.0, 1.0))[code]


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    plan: Design
    pool: _Pool
    objective: str
    monotone: tuple[int, ...]
    learning_rate: float
    n_threads: int | None
    random_state: int

    def boost(
        self, scorer: AdditiveScorer, terms: tuple[Term, ...], base: np.ndarray
    ) -> tuple[list[np.ndarray], np.ndarray]:
        """Boost some terms of a skeleton in every bag.

        Parameters
        ----------
        base : (n_bags, n)
            Scores to start from.

        Returns
        -------
        tables : list of (n_bags, ...) arrays
            One for each term.
        scores : (n_bags, n)
            Scores with these terms added.
        """
        chosen = replace(scorer, terms=terms)
        binned = chosen.bin(self.plan.frame)
        shapes = np.array([(*term.scores.shape, 1)[:2] for term in terms], np.int64)
        cells = np.array(
            [np.ravel_multi_index(bins, term.scores.shape) for bins, term in zip(binned, terms, strict=True)],
            np.int32,
        ).reshape(len(terms), len(self.pool.code))
        kinds = [scorer.axes[term.features[0]].kind if len(term.features) == 1 else "" for term in terms]
        nominal = np.array([kind == "nominal" for kind in kinds])
        monotone = [self.monotone[term.features[0]] if len(term.features) == 1 else 0 for term in terms]

        def one(bag: int) -> np.ndarray:
            fit, indptr = self.pool.rows(self.plan.bags[:, bag] == 1)
            cuts = np.random.default_rng([self.random_state, bag]).random((SMOOTHING, len(terms)))
            held, held_indptr = self.pool.rows(self.plan.bags[:, bag] == -1)
            return boost(
                PAIRS if self.objective == "pairwise" else LAMBDA,
                np.ascontiguousarray(cells[:, fit]), shapes, nominal, np.array(monotone, np.int64),
                self.pool.labels[fit], self.pool.weights[fit], indptr, base[bag, fit],
                np.ascontiguousarray(cells[:, held]),
                self.pool.labels[held], self.pool.weights[held], held_indptr, base[bag, held],
                N_OPPONENTS, TOP, self.learning_rate, LEAST, cuts, PATIENCE, MAX_ROUNDS,
            )[0]  # fmt: skip

        with ThreadPoolExecutor(self.n_threads or os.cpu_count()) as threads:
            flat = np.array(list(threads.map(one, range(self.plan.bags.shape[1]))))
        starts = np.cumsum([0, *shapes.prod(axis=1)])
        scores = base.copy()
        tables = []
        for t, term in enumerate(terms):
            table = flat[:, starts[t] : starts[t + 1]]
            scores += table[:, cells[t]]
            tables.append(table.reshape(-1, *term.scores.shape))
        return tables, scores

    def pairs(self, scores: np.ndarray, wanted: int) -> list[tuple[int, int]]:
        """Pairs of features that FAST finds in the Newton residuals of the ranking loss."""
        if not wanted:
            return []
        gradient, hessian = np.zeros(len(scores)), np.zeros(len(scores))
        _, indptr = self.pool.rows(np.ones(len(scores), dtype=bool))
        given = (scores, self.pool.labels, self.pool.weights, indptr)
        if self.objective == "pairwise":
            pair_gradients(*given, 8 * N_OPPONENTS, 0, gradient, hessian)
        else:
            lambda_gradients(*given, TOP, gradient, hessian)
        # Rows that hardly any pair moves would have residuals without bounds.
        hessian = np.maximum(hessian, 1e-3 * hessian.mean())
        free = [f for f, direction in enumerate(self.monotone) if not direction]
        frame = self.plan.frame.iloc[:, free]
        found = measure_interactions(
            frame, -gradient / hessian, interactions=wanted, sample_weight=hessian,
            feature_names=list(frame.columns), feature_types=[self.plan.kinds[f] for f in free],
            objective="rmse",
        )  # fmt: skip
        return [tuple(free[f] for f in pair) for pair, _ in found]


def _assemble(skeleton: AdditiveScorer, tables: list[np.ndarray]) -> AdditiveScorer:
    """Put boosted tables in a skeleton's place, each centred over the training rows, as interpret does."""
    terms = []
    for term, bagged in zip(skeleton.terms, tables, strict=True):
        weights = np.asarray(term.weights)
        axes = tuple(range(1, bagged.ndim))
        centres = (bagged * weights).sum(axis=axes, keepdims=True) / max(float(weights.sum()), 1e-12)
        bagged = bagged - centres
        for axis in axes:
            for end in (0, -1):  # a "missing" or "unknown" that no row fell in says nothing, as in interpret
                if not np.take(weights, end, axis - 1).any():
                    np.moveaxis(bagged, axis, 0)[end] = 0.0
        terms.append(replace(term, scores=bagged.mean(axis=0), deviations=bagged.std(axis=0), bagged=bagged))
    n_bags = tables[0].shape[0]
    return replace(
        skeleton, terms=tuple(terms), intercept=0.0,
        bagged_intercept=np.zeros(n_bags), bag_weights=np.ones(n_bags),
    )  # fmt: skip
