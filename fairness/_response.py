"""Best responses to fairlearn's multipliers, as sums of tables that were fitted once.

For squared loss the minimiser of "relevance loss + multipliers x constraints" is
``E[relevance | x]`` plus multiples of ``E[what betrays a group | x]``. fairlearn asks for
it through relabelled, reweighted rows; those signed weights are a known combination of
the signals that the tables were fitted to, so the combination is read off by least
squares and the answer is the same combination of the tables: one EBM again.
"""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator

from ranker.errors import FitError
from ranker.scoring.additive import AdditiveScorer
from ranker.scoring.mixture import combine

ROUNDING = 1e-10  # in units of the relevance table
EXACT = 1e-6  # largest relative part of the signed weights that the signals may leave over


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """Signals and the tables fitted to them.

    Parameters
    ----------
    signals : (n, 1 + n_signals) float64 array
        Gains of the training rows and the signals that betray groups.
    scorers : tuple of AdditiveScorer
        The first scores relevance, the others say what the features tell of groups.
    outputs : (n, 1 + n_tables) float64 array
        What each scorer says of the training rows.
    mix : (n_signals, n_tables) float64 array
        What a signal is made of in the targets of the tables: two groups that mirror each
        other share one table.
    unit : float
        What one unit of the gains is worth to the relevance table, which may be in log odds.
    inverse : (1 + n_signals, n) float64 array
        Pseudo-inverse of ``signals``.
    X : DataFrame of n rows
        Features of the training rows.
    """

    signals: np.ndarray
    scorers: tuple[AdditiveScorer, ...]
    outputs: np.ndarray
    mix: np.ndarray
    unit: float
    inverse: np.ndarray
    X: Any

    @classmethod
    def of(cls, signals: np.ndarray, scorers: tuple[AdditiveScorer, ...], mix: np.ndarray, X: Any) -> Self:
        """Score the training rows once with every table."""
        outputs = np.column_stack([scorer.score(X) for scorer in scorers])
        # Where two groups fill every pool in the same shares, their signals are one: cut the
        # rank there, instead of at rounding errors.
        inverse = np.linalg.pinv(signals, rcond=1e-9)
        return cls(signals, scorers, outputs, mix, _unit(outputs[:, 0], signals[:, 0]), inverse, X)

    def for_relevance(self, scorer: AdditiveScorer) -> "Tables":
        """Put another relevance table in the first one's place."""
        said = scorer.score(self.X)
        return replace(
            self,
            scorers=(scorer, *self.scorers[1:]),
            outputs=np.column_stack([said, self.outputs[:, 1:]]),
            unit=_unit(said, self.signals[:, 0]),
        )

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self  # immutable; fairlearn copies its estimator for each call

    def collapse(self, multipliers: np.ndarray) -> AdditiveScorer:
        """Return relevance + sum of multipliers x group tables, as one scorer."""
        return combine([1.0, *map(float, multipliers)], self.scorers)


def _unit(said: np.ndarray, gains: np.ndarray) -> float:
    """Slope of what a table says on the gains that it predicts."""
    said = said - said.mean()
    shared = float(said @ gains)
    return float(said @ said) / shared if shared > 0 else 1.0


class LinearResponse(BaseEstimator):
    """The estimator that fairlearn's reductions fit, once for each vector of multipliers.

    Parameters
    ----------
    tables : Tables
        What a response is a sum of.

    Attributes
    ----------
    multipliers_ : (n_tables,) float64 array
        Factor of each group table beside the relevance table.
    """

    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def __sklearn_clone__(self) -> "LinearResponse":
        return LinearResponse(self.tables)

    def fit(self, X: Any, y: Any, sample_weight: Any) -> Self:
        """Read the combination off fairlearn's labels (0/1) and weights of the training rows."""
        signed = (2.0 * np.asarray(y, dtype=np.float64) - 1.0) * np.asarray(sample_weight, dtype=np.float64)
        factors = self.tables.inverse @ signed
        left = float(np.linalg.norm(signed - self.tables.signals @ factors))
        if left > EXACT * float(np.linalg.norm(signed)):
            raise FitError(
                "the multipliers ask for more than a sum of the fitted tables: use a moment of fairness"
            )
        if not factors[0] > 0:
            raise FitError("the multipliers leave nothing of the relevance: lower the bound of their norm")
        # What least squares leaves of a zero is no correction: without multipliers the
        # response is the relevance table, bit for bit.
        multipliers = factors[1:] / factors[0]
        multipliers = np.where(np.abs(multipliers) < ROUNDING, 0.0, multipliers)
        self.multipliers_ = self.tables.unit * (multipliers @ self.tables.mix)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Score the training rows, (n,)."""
        return self.tables.outputs[:, 0] + self.tables.outputs[:, 1:] @ self.multipliers_
