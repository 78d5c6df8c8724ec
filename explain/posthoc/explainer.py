"""What explains the scores of a model that is not ours: the protocol, and what comes out of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["Attributions", "Explainer", "MakeExplainer", "Predict"]

Predict = Callable[[pd.DataFrame], NDArray[np.float64]]


@dataclass(frozen=True, slots=True, eq=False)
class Attributions:
    """Scores of ``n`` rows, split over ``m`` columns.

    Parameters
    ----------
    scores : (n,) float64 array
        What the model says, in its own unit, higher is better.
    base : (n,) float64 array
        The score that the amounts start from, such as the background's mean.
    amounts : (n, m) float64 array
        What each column adds to ``base``, in the order of the table's columns.
    method : str
        How they were found, in a phrase, with the size of any sample.
    background : str
        What ``base`` stands for, in a phrase.
    seed : int or None
        Of what was drawn; ``None`` where nothing was.
    """

    scores: NDArray[np.float64]
    base: NDArray[np.float64]
    amounts: NDArray[np.float64]
    method: str
    background: str
    seed: int | None = None

    @property
    def residual(self) -> NDArray[np.float64]:
        """What the amounts leave unexplained of each score, (n,)."""
        return self.scores - self.base - self.amounts.sum(axis=1)


class Explainer(Protocol):
    """A way to explain one model; implement it for a method that knows the model's inside.

    Rows are candidates, columns are what the model reads: features, or raw fields.
    :class:`~explain.posthoc.tree_shap.TreeShap` is an example in thirty lines.
    """

    def predict(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Return the model's score of each row, (n,)."""
        ...

    def explain(self, X: pd.DataFrame) -> Attributions:
        """Split the score of each row over the columns."""
        ...


class MakeExplainer(Protocol):
    """A black-box method: ready once it has a model and a background."""

    def __call__(self, predict: Predict, background: pd.DataFrame, *, random_state: int) -> Explainer:
        """Return an explainer of ``predict`` against the rows of ``background``."""
        ...
