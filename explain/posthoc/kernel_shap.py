"""KernelSHAP: Shapley values of any model, by weighted least squares over coalitions."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explain.posthoc.cells import Cells
from explain.posthoc.explainer import Attributions, Predict
from ranker.errors import DataError

__all__ = ["KernelShap"]


@dataclass(frozen=True, slots=True, eq=False)
class KernelShap:
    """Shapley values by the package shap, columns outside a coalition drawn from a background.

    Parameters
    ----------
    predict : callable
        Takes a table, returns the score of each row.
    background : DataFrame of shape (b, m)
        Rows that stand for "not known".
    n_samples : int, optional
        Coalitions per row; ``2 * m + 2048`` by default, and never more than there are.
    random_state : int, default=0
        Seed of the coalitions that are drawn.

    References
    ----------
    Lundberg & Lee (2017), A unified approach to interpreting model predictions, NeurIPS.
    """

    predict: Predict
    background: pd.DataFrame
    n_samples: int | None = None
    random_state: int = 0

    def __post_init__(self) -> None:
        if not len(self.background):
            raise DataError("the background is empty: give at least one row")

    def explain(self, X: pd.DataFrame) -> Attributions:
        """Split the score of each row over the columns."""
        shap = _shap()
        background = self.background[list(X.columns)]
        cells = Cells.of(pd.concat([background, X], ignore_index=True))
        rows = cells.codes[len(background) :]

        def scores_of(codes: NDArray) -> NDArray[np.float64]:
            return cells.predict(self.predict, np.asarray(codes).astype(np.int64))

        n_coalitions = 2 * X.shape[1] + 2048 if self.n_samples is None else self.n_samples
        with _drawn_with(self.random_state):
            # Its plain link is the identity, so amounts are in the unit of the score.
            kernel = shap.KernelExplainer(scores_of, cells.codes[: len(background)].astype(np.float64))
            # Without a penalty: a penalty would set small amounts to 0 and is of no help for a sum.
            amounts = np.stack(
                [
                    kernel.shap_values(row, nsamples=n_coalitions, l1_reg=False, silent=True)
                    for row in rows.astype(np.float64)
                ]
            ).reshape(X.shape)
        whole = X.shape[1] < 60 and 2 ** X.shape[1] - 2 <= n_coalitions
        said = f"all {2 ** X.shape[1]:,} coalitions" if whole else f"{n_coalitions:,} drawn coalitions"
        return Attributions(
            scores=scores_of(rows),
            base=np.full(len(X), float(kernel.expected_value)),
            amounts=amounts,
            method=f"KernelSHAP over {X.shape[1]} columns, {said}",
            background=f"mean score of {len(background)} background rows",
            seed=self.random_state,
        )


def _shap() -> Any:
    try:
        import shap
    except ImportError as error:
        raise DataError(
            f"KernelSHAP needs the package shap ({error}): pip install 'candor-rank[posthoc]'"
        ) from None
    return shap


@contextmanager
def _drawn_with(seed: int) -> Iterator[None]:
    """Seed numpy's global generator, which shap draws from, and leave it as it was found."""
    before = np.random.get_state()  # noqa: NPY002
    np.random.seed(seed)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002
