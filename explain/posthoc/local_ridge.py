"""A local linear model in the manner of LIME: which columns, left as they are, keep the score."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from explain.posthoc.cells import Cells
from explain.posthoc.explainer import Attributions, Predict
from ranker.errors import DataError

__all__ = ["LocalRidge"]

WIDTH = 0.75  # of the kernel, times sqrt(columns); lime's own default
ALPHA = 1.0  # ridge penalty, lime's own default too


@dataclass(frozen=True, slots=True, eq=False)
class LocalRidge:
    """Weighted ridge regression of the score on "this column was left as it is".

    Of each drawn row every column is kept with probability 1/2, else taken from a background
    row drawn for that column alone. A row with ``d`` replaced columns weighs
    ``exp(-d / (0.5625 m))``. Attributions do not sum to the score; the residual says by how much.

    Written on scikit-learn, since lime was last released in 2020.

    Parameters
    ----------
    predict : callable
        Takes a table, returns the score of each row.
    background : DataFrame of shape (b, m)
        Rows that replacements are drawn from.
    n_samples : int, default=5000
        Drawn rows for each row that is explained.
    random_state : int, default=0
        Seed of what is drawn.

    References
    ----------
    Ribeiro, Singh & Guestrin (2016), "Why should I trust you?", KDD.
    """

    predict: Predict
    background: pd.DataFrame
    n_samples: int = 5000
    random_state: int = 0

    def __post_init__(self) -> None:
        if not len(self.background):
            raise DataError("the background is empty: give at least one row")
        if self.n_samples < 2:
            raise DataError(f"n_samples is {self.n_samples}: a line needs at least 2 rows")

    def explain(self, X: pd.DataFrame) -> Attributions:
        """Fit one line for each row."""
        from sklearn.linear_model import Ridge

        rng = np.random.default_rng(self.random_state)
        background = self.background[list(X.columns)]
        cells = Cells.of(pd.concat([background, X], ignore_index=True))
        rows = cells.codes[len(background) :]
        n_columns = X.shape[1]
        base, amounts = np.empty(len(X)), np.empty(X.shape)
        for number, row in enumerate(rows):
            kept = rng.random((self.n_samples, n_columns)) < 0.5
            kept[0] = True
            drawn = rng.integers(0, len(background), kept.shape)
            other = np.take_along_axis(cells.codes[: len(background)], drawn, axis=0)
            scores = cells.predict(self.predict, np.where(kept, row, other))
            weights = np.exp(-(~kept).sum(axis=1) / (WIDTH**2 * n_columns))
            line = Ridge(alpha=ALPHA).fit(kept.astype(np.float64), scores, sample_weight=weights)
            base[number], amounts[number] = float(line.intercept_), line.coef_
        return Attributions(
            scores=cells.predict(self.predict, rows),
            base=base,
            amounts=amounts,
            method=f"local ridge regression (LIME) over {n_columns} columns, {self.n_samples:,} drawn rows",
            background=f"replacements from {len(background)} background rows",
            seed=self.random_state,
        )
