"""What all moments of ranking fairness share: rows, bounds, multipliers, weights."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from fairlearn.reductions import ClassificationMoment

from fairness.moments._inputs import checked_bound, checked_labels, in_order, job_codes, predicted
from fairness.moments._pools import Pools
from fairness.moments.objective import DiscountedGain
from ranker.errors import DataError


class ParityMoment(ClassificationMoment):
    """Each group's gap stays within a bound on either side.

    A subclass says what the gap is and which way raising a candidate moves it; both have
    one entry a group, or, for a subclass with an outer level, one a group for each entry
    of that level, the groups running fastest. Each entry makes two rows of the
    constraint, "+" (the group gets too much) and "-" (too little), however many jobs
    there are.

    Undisclosed members stay in the ranking and out of the constraint; jobs that hold
    fewer than two disclosed groups are left out.

    Parameters
    ----------
    difference_bound : float
        Largest allowed ``|gamma|``, 0 or more.

    Attributes
    ----------
    group_labels : list of str
        The groups, sorted; once data are loaded.
    coefficients : (n_entries, n) float64 array
        How the gaps move with what each candidate gets; each row sums to 0 within each job.

    References
    ----------
    Agarwal et al. (2018), A Reductions Approach to Fair Classification, ICML: a constraint
    is a moment, met through reweighted rows.
    """

    short_name = "ParityMoment"

    def __init__(self, *, difference_bound: float = 0.01) -> None:
        super().__init__()
        self.eps = checked_bound(difference_bound)

    def _fit(self, pools: Pools) -> np.ndarray:
        """Return the coefficients, and keep what ``_gaps`` needs besides."""
        raise NotImplementedError

    def _gaps(self, scores: np.ndarray) -> np.ndarray:
        """Return how far each group lies above its pools for these scores: (n,) -> (n_entries,)."""
        raise NotImplementedError

    def _outer(self) -> tuple[str, Sequence[Any]] | None:
        """Name the level of the index before the sign, with its entries; None where there is none."""
        return None

    def load_data(self, X: Any, y: Any, *, sensitive_features: Any, job: Any) -> None:
        """Take the training rows in.

        Parameters
        ----------
        X : array of ``n`` rows
            Features, passed on to the estimator as they are.
        y : (n,) array
            Relevance.
        sensitive_features : (n,) array of str
            Group of each row, ``None`` where undisclosed.
        job : (n,) array
            Job of each row.

        Raises
        ------
        DataError
            If lengths differ, or a job is missing.
        FitError
            If a label is no finite number.
        ConstraintError
            If fewer than two groups are disclosed, or one meets no other in any job.
        """
        labels = checked_labels(y)
        groups = pd.Series(np.asarray(sensitive_features, dtype=object).ravel(), dtype=object)
        if len(groups) != len(labels):
            raise DataError(f"sensitive_features has {len(groups)} rows and y {len(labels)}: give one a row")
        super().load_data(X, labels, sensitive_features=groups)
        self._job = job_codes(job, len(labels))
        self.group_labels = sorted(groups.dropna().unique())
        self.coefficients = self._fit(Pools.of(groups.to_numpy(), self.group_labels, self._job))
        levels: dict[str, Sequence[Any]] = {"sign": ["+", "-"], "group_id": self.group_labels}
        if (outer := self._outer()) is not None:
            levels = {outer[0]: outer[1], **levels}
        self._index = pd.MultiIndex.from_product(list(levels.values()), names=list(levels))
        self._set_basis()

    def _set_basis(self) -> None:
        """Span the multipliers that GridSearch walks, without the last group's.

        Where the groups fill the pools, its gap follows from the others'.
        """
        entries = len(self.coefficients)
        free = np.arange(entries) % len(self.group_labels) < len(self.group_labels) - 1
        unit = np.eye(entries)[:, free]
        self.pos_basis = pd.DataFrame(self._rows(unit, 0 * unit), index=self._index)
        self.neg_basis = pd.DataFrame(self._rows(0 * unit, unit), index=self._index)
        self.neg_basis_present = pd.Series(True, index=range(unit.shape[1]))
        self.default_objective_lambda_vec = None

    def _rows(self, plus: np.ndarray, minus: np.ndarray) -> np.ndarray:
        """Lay entries out as rows of the index: two of (n_entries, ...) -> (2 n_entries, ...)."""
        by_group = (-1, len(self.group_labels), *plus.shape[1:])
        pair = np.stack([plus.reshape(by_group), minus.reshape(by_group)], axis=1)
        return pair.reshape(-1, *plus.shape[1:])

    def _net(self, lambda_vec: pd.Series) -> np.ndarray:
        """Take each entry's "-" multiplier from its "+" one: (2 n_entries,) -> (n_entries,)."""
        both = in_order(lambda_vec, self.index).reshape(-1, 2, len(self.group_labels))
        return (both[:, 0] - both[:, 1]).ravel()

    @property
    def index(self) -> pd.MultiIndex:
        """Rows of the constraint: ("+" or "-", group), after the outer level if there is one."""
        return self._index

    def gamma(self, predictor: Callable) -> pd.Series:
        """Return how far each group lies above ("+") and below ("-") its pools."""
        gap = self._gaps(predicted(predictor, self.X))
        return pd.Series(self._rows(gap, -gap), index=self.index)

    def bound(self) -> pd.Series:
        """Return the bound of each row."""
        return pd.Series(self.eps, index=self.index)

    def project_lambda(self, lambda_vec: pd.Series) -> pd.Series:
        """Cancel what a group's two multipliers have in common."""
        net = self._net(lambda_vec)
        return pd.Series(self._rows(net.clip(min=0.0), (-net).clip(min=0.0)), index=self.index)

    def signed_weights(self, lambda_vec: pd.Series) -> pd.Series:
        """Return what raising each candidate would bring, (n,): positive where it helps the constraint."""
        net = self._net(lambda_vec)
        return pd.Series(-self.total_samples * (net @ self.coefficients), index=self.tags.index)

    def default_objective(self) -> DiscountedGain:
        """Return the objective that belongs to rankings."""
        return DiscountedGain()
