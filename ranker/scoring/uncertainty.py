"""How sure scores and ranks are, from the bags that a scorer keeps.

A bag is the same EBM trained without a share ``d`` of the jobs (or people, or candidates; see
`ranker.scoring.training.draw_bags`), and a score is the mean over bags. What is estimated is how
far that mean would move, had other jobs of the same kind been there to train on.

Write a bag's score as a sum of parts that depend on one training unit at a time, on two, on three
and so on (Hoeffding). With ``q = 1 - d``, a part of order ``h`` that varies by ``v`` from training
set to training set varies by ``(1 - q**h) * v`` between the bags of one training set, and by
``q**h * v`` in the mean of all bags. So

    variance of the score = (q**h / (1 - q**h) + 1 / n_bags) * variance between bags

where ``1 / n_bags`` is for having drawn so few of all bags that there are. At order 1 that is the
delete-d jackknife with its factor ``(1 - d) / d``, right for means and other smooth statistics and
an upper bound for all others. Boosted step functions are no smooth statistic: at order 1 the
standard error of an EBM comes out 1.7 to 3.5 times what it is, since much of what tells its bags
apart is gone in their mean. `ORDER` is a measured figure, not a law: for bags that hold out 15 %,
on EBMs trained over and over on new data, the standard errors at order 3 are .9 to 1.1 times the actual
ones on synthetic tasks, 1.3 and 1.9 times on two published ones, and 1.9 times for ``lambdarank``; 90 %
intervals held 90 to 98 % of the average model's ranks (``python -m benchmarks.rank_intervals``).
With other shares held out another order would be measured.

None of this contains noise in the labels of the job at hand, the choice of model, features and
settings, a bias that all bags share (too few rounds, labels that were unfair), the choice of a
fairness constraint's multipliers, or a job unlike those of training.

References
----------
Efron & Stein (1981), The Jackknife Estimate of Variance, Annals of Statistics 9(3): orders, and the bound.
Shao & Wu (1989), A General Theory for Jackknife Variance Estimation, Annals of Statistics 17(3): delete-d.
Mentch & Hooker (2016), Quantifying Uncertainty in Random Forests, JMLR 17(26): means over subsamples.
"""

from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ranker.errors import DataError, ModelError
from ranker.ranking import Ranking
from ranker.scoring.additive import AdditiveScorer
from ranker.scoring.columns import columns_of

__all__ = ["HELD_OUT", "LEVEL", "N_DRAWS", "ORDER", "bag_scores", "rank_uncertainty", "score_deviation"]

HELD_OUT: Final = 0.15
ORDER: Final = 3.0
LEVEL: Final = 0.9
N_DRAWS: Final = 500
CHUNK: Final = 2**18  # numbers an intermediate array holds, 2 MB


def bag_scores(scorer: AdditiveScorer, X: Any) -> NDArray[np.float64]:
    """Score of each row by each bag.

    Parameters
    ----------
    scorer : AdditiveScorer
        With its bags.
    X : pandas.DataFrame, pyarrow.Table or ndarray of shape (n, n_features)
        As for :meth:`AdditiveScorer.bin`, which also says what else is raised.

    Returns
    -------
    ndarray of shape (n_bags, n)
        In the score's unit; their mean, weighted by ``bag_weights``, is ``scorer.score(X)``
        up to rounding (1e-9). Besides this array and the columns of ``X``, memory is
        bounded: rows are binned and added in chunks.

    Raises
    ------
    ModelError
        If the scorer keeps no bags.
    """
    intercepts, tables = _bags(scorer)
    columns = columns_of(X, scorer.axes)
    scores = np.empty((intercepts.size, len(X)))
    scores[:] = intercepts[:, np.newaxis]
    chunk = max(1, CHUNK // intercepts.size)
    for start in range(0, len(X), chunk):
        rows = slice(start, start + chunk)
        seen: dict[tuple[int, int], NDArray[np.int64]] = {}
        for term, table in zip(scorer.terms, tables, strict=True):
            keys = [(f, scorer.axes[f].level(len(term.features))) for f in term.features]
            for f, level in keys:
                if (f, level) not in seen:
                    seen[f, level] = scorer.axes[f].bin(columns[f][rows], level)
            bins: tuple[Any, ...] = (slice(None), *(seen[key] for key in keys))
            scores[:, rows] += table[bins]
    return scores


def score_deviation(
    scorer: AdditiveScorer, X: Any, *, held_out: float = HELD_OUT, order: float = ORDER
) -> NDArray[np.float64]:
    """Estimate the standard error of each score.

    ``sqrt((q**order / (1 - q**order) + W) * sum(w * (s - mean)**2) / (1 - W))`` with ``q`` = 1 -
    ``held_out``, ``s`` the score by each bag, ``w`` the bags' weights, which sum to 1, and ``W`` =
    sum(w**2), 1 / n_bags for equal weights; see the module's docstring for why.

    Parameters
    ----------
    scorer : AdditiveScorer
        With two bags or more.
    X : pandas.DataFrame, pyarrow.Table or ndarray of shape (n, n_features)
        As for :meth:`AdditiveScorer.bin`, which also says what else is raised.
    held_out : float, default=0.15
        Share of the training units that each bag held out, in (0, 1): the
        ``validation_size`` of the :class:`EBMRanker`.
    order : float, default=3
        How many training units the bags' differences come from at a time, from 1: 1 for
        the delete-d jackknife, an upper bound and too large for boosted trees.

    Returns
    -------
    ndarray of shape (n,)
        In the score's unit. Contains the uncertainty of the level that all candidates of
        a job share, which moves nobody's rank.

    Raises
    ------
    ModelError
        If the scorer keeps no bags, or one only.
    DataError
        If `held_out` or `order` is out of range.
    """
    return _lengths(_root(scorer, X, held_out, order))


def rank_uncertainty(
    scorer: AdditiveScorer,
    X: Any,
    *,
    job: Any,
    candidate: Any = None,
    top_k: int | None = None,
    level: float = LEVEL,
    held_out: float = HELD_OUT,
    order: float = ORDER,
    n_draws: int = N_DRAWS,
    random_state: int = 0,
    lot: Any = None,
) -> pd.DataFrame:
    """Tell how far each rank could move, had the scorer been trained on other data of the same kind.

    Scores are drawn as ``score + Z @ R``: ``Z`` standard normal, (n_draws, n_bags), and ``R`` the
    bags' deviations from their mean, scaled so that the draws have exactly the covariance whose
    diagonal is `score_deviation` squared. Candidates whom the bags move together move together in
    the draws. Each draw is ranked within each job; intervals and probabilities are quantiles and
    shares of these ranks.

    Parameters
    ----------
    scorer : AdditiveScorer
        With two bags or more.
    X : pandas.DataFrame, pyarrow.Table or ndarray of shape (n, n_features)
        As for :meth:`AdditiveScorer.bin`, which also says what else is raised.
    job, candidate, lot : array_like of shape (n,)
        As for :meth:`Ranking.from_scores`, which also says what else is raised. A tie in a draw
        is broken as the ranking breaks it. Candidates whom no bag tells apart are tied in every
        draw: their ranks and both ends of their intervals differ by exactly their distance in the
        order of lots, and the one whose lot comes first has the larger probability.
    top_k : int, optional
        Length of the list whose chances are asked for, from 1.
    level : float, default=0.9
        Share of the draws that an interval holds at least, in (0, 1); at most half of the
        rest lies on each side.
    held_out, order : float
        As for `score_deviation`.
    n_draws : int, default=500
        Draws, from 1. The standard error that drawing adds to a probability is at most
        ``0.5 / sqrt(n_draws)``, .022 for 500.
    random_state : int
        Seed of ``Z``, one for all jobs: a job's draws depend neither on the order of the rows
        nor on what other jobs there are.

    Returns
    -------
    DataFrame
        One row per row of ``X``, in its order: ``job``, ``candidate``, ``score``,
        ``score_deviation`` (the score's unit), ``rank`` (from 1, as the ranking has it),
        ``rank_low`` and ``rank_high`` (best and worst plausible rank, never past ``rank``), and,
        where `top_k` is given, ``p_top_k``: share of the draws with a rank up to `top_k`. Over a
        job it sums to the smaller of `top_k` and the size of the pool.

    Raises
    ------
    ModelError
        If the scorer keeps no bags, or one only.
    DataError
        If an argument is out of range, or labels do not fit.

    Notes
    -----
    Memory beyond the result: 8 bytes x n_bags x n for the bags' scores; 4 bytes x n_draws x size of
    the largest job for its ranks (40 MB for 20,000 candidates and 500 draws); and a few arrays of
    2 MB, or of 8 bytes x size of the largest job where that is more.

    Intervals are of one candidate at a time: of 100 candidates about ten lie outside theirs at
    level 0.9, even if every assumption holds.
    """
    if not 0 < level < 1:
        raise DataError(f"level is {level!r}: give the share of an interval, between 0 and 1, such as 0.9")
    if isinstance(n_draws, bool) or not isinstance(n_draws, int | np.integer) or n_draws < 1:
        raise DataError(f"n_draws is {n_draws!r}: give a whole number from 1, such as 500")
    score = scorer.score(X)
    labels = {"job": job, "candidate": candidate, "lot": lot}
    ranking = Ranking.from_scores(score, **labels)
    if top_k is not None:
        ranking.in_top(top_k)  # refuses what is no length
    # Who comes first among equals, for all candidates of each job: columns in this order, sorted
    # stably, are ranked in every draw as the ranking would rank them.
    by_lot = Ranking.from_scores(np.zeros(score.size), **labels)
    root = _root(scorer, X, held_out, order)
    drawn = np.random.default_rng(random_state).standard_normal((n_draws, root.shape[0]))

    rank, low, high = (np.empty(score.size, np.int64) for _ in range(3))
    chance = np.empty(score.size)
    rank[ranking.row] = ranking.ranks
    tail = int(n_draws * (1 - level) / 2 + 1e-9)  # draws left out on each side; .05 * 500 falls short of 25
    for start, stop in pairwise(by_lot.indptr):
        rows = by_lot.row[start:stop]
        ranks = _ranks_of_draws(score[rows], root[:, rows], drawn)
        if top_k is not None:
            chance[rows] = np.count_nonzero(ranks <= top_k, axis=1) / n_draws
        ranks.partition((tail, n_draws - 1 - tail), axis=1)
        low[rows], high[rows] = ranks[:, tail], ranks[:, n_draws - 1 - tail]

    frame = pd.DataFrame(
        {
            "job": _in_input_order(ranking, ranking.jobs[ranking.job_of]),
            "candidate": _in_input_order(ranking, ranking.candidates),
            "score": score,
            "score_deviation": _lengths(root),
            "rank": rank,
            "rank_low": np.minimum(low, rank),
            "rank_high": np.maximum(high, rank),
        }
    )
    if top_k is not None:
        frame["p_top_k"] = chance
    return frame


def _bags(scorer: AdditiveScorer) -> tuple[NDArray[np.float64], list[NDArray[np.float64]]]:
    """Return intercepts, (n_bags,), and one table a term, (n_bags, ...)."""
    tables = [term.bagged for term in scorer.terms if term.bagged is not None]
    if scorer.bagged_intercept is None or len(tables) < len(scorer.terms):
        raise ModelError(
            "the scorer keeps no bags, so nothing tells how sure its scores are: bags are lost where scorers "
            "of different bins, bags or bag weights are combined, or tables are edited by hand; train its "
            "members on one design (EBMRanker.design) with the same row weights, or ask each by itself"
        )
    return np.ravel(scorer.bagged_intercept), tables


def _root(scorer: AdditiveScorer, X: Any, held_out: float, order: float) -> NDArray[np.float64]:
    """``R``, (n_bags, n), in the score's unit: ``R.T @ R`` is the covariance of the scores."""
    if not 0 < held_out < 1:
        raise DataError(
            f"held_out is {held_out!r}: give the share of the training units that each bag held out, "
            "the ranker's validation_size, between 0 and 1"
        )
    if not 1 <= order < np.inf:
        raise DataError(f"order is {order!r}: give a finite number from 1, the delete-d jackknife")
    scores = bag_scores(scorer, X)
    weights = np.ones(len(scores)) if scorer.bag_weights is None else np.ravel(scorer.bag_weights)
    if np.count_nonzero(weights) < 2:
        raise ModelError(
            "the scorer keeps one bag, and one bag has no spread: train with outer_bags of 2 or more "
            "(14 by default) to learn how sure its scores are"
        )
    weights = (weights / weights.sum())[:, np.newaxis]
    kept, few = (1 - held_out) ** order, float(np.square(weights).sum())
    factor = (kept / (1 - kept) + few) / (1 - few)
    # Rows are added one after the other, not multiplied as matrices, here and for the draws: BLAS rounds
    # by where a column stands, and equal candidates must stay equal, in whatever order they come.
    scores -= _sum_of_rows(weights * scores)
    scores *= np.sqrt(factor * weights)
    return scores


def _lengths(root: NDArray[np.float64]) -> NDArray[np.float64]:
    """Length of each column of ``R``: (n_bags, n) -> (n,)."""
    return np.sqrt(_sum_of_rows(np.square(root)))


def _sum_of_rows(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add rows from the first to the last; numpy's sum adds those of a lone column in pairs instead."""
    total = array[0].copy()
    for row in array[1:]:
        total += row
    return total


def _ranks_of_draws(
    score: NDArray[np.float64], root: NDArray[np.float64], drawn: NDArray[np.float64]
) -> NDArray[np.int32]:
    """Rank the candidates of one job in each draw: (m,), (n_bags, m), (n_draws, n_bags) -> (m, n_draws)."""
    ranks = np.empty((score.size, len(drawn)), np.int32)
    chunk = max(1, CHUNK // score.size)
    counted = np.arange(1, score.size + 1, dtype=np.int32)
    for start in range(0, len(drawn), chunk):
        part = drawn[start : start + chunk]
        # Negated, so that an ascending stable sort puts the best first and leaves equals in order.
        scores = np.zeros((len(part), score.size))
        for bag, deviations in enumerate(root):
            scores -= part[:, bag, np.newaxis] * deviations
        scores -= score
        places = np.empty(scores.shape, np.int32)
        np.put_along_axis(places, np.argsort(scores, axis=1, kind="stable"), counted[np.newaxis], axis=1)
        ranks[:, start : start + chunk] = places.T
    return ranks


def _in_input_order(ranking: Ranking, values: NDArray[np.object_]) -> NDArray[np.object_]:
    found = np.empty(len(ranking), dtype=object)
    found[ranking.row] = values
    return found
