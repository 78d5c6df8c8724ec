"""TreeSHAP on LightGBM: how an explainer that knows its model is written."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explain.posthoc.explainer import Attributions

__all__ = ["TreeShap"]


@dataclass(frozen=True, slots=True, eq=False)
class TreeShap:
    """Exact Shapley values of a tree ensemble's raw score, path-dependent.

    Columns outside a coalition follow the shares of training rows at each split. The
    amounts sum to the score but for rounding.

    Parameters
    ----------
    model : LGBMModel or Booster
        A fitted LightGBM model with one output; it reads the columns as they are given.

    References
    ----------
    Lundberg, Erion & Lee (2018), Consistent individualized feature attribution for tree
    ensembles.
    """

    model: Any

    def predict(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Return the raw score of each row, (n,)."""
        return np.asarray(self.model.predict(X, raw_score=True), dtype=np.float64)

    def explain(self, X: pd.DataFrame) -> Attributions:
        """Split the raw score of each row over the columns."""
        found = np.asarray(self.model.predict(X, pred_contrib=True), dtype=np.float64)
        return Attributions(
            scores=self.predict(X),
            base=found[:, -1],
            amounts=found[:, :-1],
            method="TreeSHAP, path-dependent, exact for the trees",
            background="mean raw score of the training rows, as they fell through the trees",
        )
