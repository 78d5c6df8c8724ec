"""EBMs fitted anew for fairlearn's multipliers, instead of sums of tables.

Slow, and not linear in the multipliers. For every oracle call it is the reference, which
shows what summing tables gives away; for one vector of multipliers it helps out where no
sum of them keeps the bound.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd
from fairlearn.reductions import ExponentiatedGradient, GridSearch
from sklearn.base import BaseEstimator

from fairness._demands import Demand, group_columns, moment_of
from fairness._path import BEYOND, NORM
from fairness._response import Tables
from ranker.errors import FitError
from ranker.scoring import AdditiveScorer, EBMRanker
from ranker.scoring.mixture import combine
from ranker.scoring.training import Design

MAX_REFITS = 12
NAME = "refitted"

log = logging.getLogger("candor.training")


class RefitResponse(BaseEstimator):
    """The estimator that fairlearn's reductions fit: an EBM on the signed weights that they ask for.

    Parameters
    ----------
    ranker : EBMRanker
        Its settings.
    plan : Design
        The training rows.
    pairs : list
        Pairs of features with a term of their own.
    reader : (n,) array
        Reads off the signed weights how much of them is relevance.

    Attributes
    ----------
    scorer_ : AdditiveScorer
        The fitted EBM.
    """

    def __init__(self, ranker: EBMRanker, plan: Design, pairs: Sequence[Any], reader: np.ndarray) -> None:
        self.ranker = ranker
        self.plan = plan
        self.pairs = pairs
        self.reader = reader

    def __sklearn_clone__(self) -> "RefitResponse":
        return RefitResponse(self.ranker, self.plan, self.pairs, self.reader)

    def __deepcopy__(self, memo: dict[int, Any]) -> "RefitResponse":
        other = self.__sklearn_clone__()
        if hasattr(self, "scorer_"):
            other.scorer_, other.said_ = self.scorer_, self.said_
        return other

    def fit(self, X: Any, y: Any, sample_weight: Any) -> Self:
        """Fit to fairlearn's labels (0/1) and weights of the training rows."""
        signed = (2.0 * np.asarray(y, dtype=np.float64) - 1.0) * np.asarray(sample_weight, dtype=np.float64)
        share = float(self.reader @ signed)
        if not share > 0:
            raise FitError("the multipliers leave nothing of the relevance: lower the bound of their norm")
        log.info("fitting an EBM for new multipliers")
        ebm = self.ranker.fit_table(self.plan, signed / share, interactions=list(self.pairs))
        self.scorer_ = AdditiveScorer.from_ebm(ebm)
        self.said_ = self.scorer_.score(self.plan.frame)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Score the training rows, (n,)."""
        return self.said_


@dataclass(frozen=True, slots=True, eq=False)
class StraightPath:
    """From the relevance table towards a reduction's mixture of refitted EBMs (position 1), and beyond."""

    tables: Tables
    mixtures: pd.DataFrame
    names: tuple[str, ...] = (NAME,)

    def positions(self) -> np.ndarray:
        """Positions worth a look."""
        return np.concatenate([np.linspace(0.0, 1.0, 9), BEYOND[:6]])

    def multipliers(self, positions: Any) -> np.ndarray:
        """(k,) -> (k, 1) factors of the one table."""
        return np.atleast_1d(np.asarray(positions, dtype=np.float64))[:, None]


def refit_path(
    ranker: EBMRanker,
    plan: Design,
    tables: Tables,
    demands: Sequence[Demand],
    relevance: np.ndarray,
    job: np.ndarray,
    *,
    max_iter: int,
    vector: pd.Series | None = None,
) -> StraightPath:
    """Answer a reduction with EBMs fitted anew, and collapse its mixture.

    Parameters
    ----------
    tables : Tables
        Whose relevance table the path starts from.
    max_iter : int
        Rounds of ExponentiatedGradient, at the constraints' own bounds; at most 12, each of
        which costs one fit or several.
    vector : Series, optional
        Multipliers, for which GridSearch is asked for one refit instead.

    Returns
    -------
    StraightPath
        Its table is the collapsed mixture less the EBM that the same estimator fits without
        multipliers, so that position 0 is the relevance table itself.
    """
    gains, reader = tables.signals[:, 0], tables.inverse[0]
    pairs = [term.features for term in tables.scorers[0].terms if len(term.features) > 1]
    oracle = RefitResponse(ranker, plan, pairs, reader)
    plain = RefitResponse(ranker, plan, pairs, reader)
    plain.fit(plan.frame, (gains > 0).astype(int), np.abs(gains))
    if vector is None:
        bounds = [demand.constraint.difference_bound for demand in demands]
        rounds = min(max_iter, MAX_REFITS)
        reduction = ExponentiatedGradient(
            oracle, moment_of(demands, bounds), eps=NORM, max_iter=rounds, nu=1e-3
        )
    else:
        reduction = GridSearch(oracle, moment_of(demands, [0.0] * len(demands)), grid=vector.to_frame(0))
    reduction.fit(plan.frame, relevance, sensitive_features=group_columns(demands), job=job)
    weights = np.ones(1) if vector is not None else reduction.weights_.to_numpy()
    shares = weights / weights.sum()
    used = np.flatnonzero(shares > 0)
    members = [reduction.predictors_[k].scorer_ for k in used]
    change = combine([*shares[used], -1.0], [*members, plain.scorer_])
    mixtures = pd.DataFrame({"position": 1.0, "share": shares[used], NAME: 1.0})
    straight = replace(
        tables,
        scorers=(tables.scorers[0], combine([tables.unit], [change])),
        outputs=np.column_stack([tables.outputs[:, 0], tables.unit * change.score(plan.frame)]),
        mix=np.zeros((tables.mix.shape[0], 1)),
    )
    return StraightPath(straight, mixtures)
