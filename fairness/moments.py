"""Fairlearn moments over rankings: linear in what each candidate's place is worth.

Write ``v_i`` for the worth of candidate i's place (``1 / log2(1 + rank)`` for exposure).
A group's value is a weighted sum of the ``v_i`` of its members, and the pool's value is
fixed by the pool's size; so "group / pool - 1" is a sum ``C_gi v_i`` whose coefficients
are known before anybody is ranked and sum to zero within each job. A constraint costs
two rows a group, however many jobs there are, and fairlearn's mixtures of predictors
become mixtures of rankings, in which these values are exactly linear.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from fairlearn.reductions import ClassificationMoment

from fairness.metrics._position_values import worth_of_places
from ranker.errors import ConstraintError
from ranker.scoring.training import centre


def place_values(
    scores: np.ndarray, job: np.ndarray, *, measure: str = "exposure", top_k: int | None = None
) -> np.ndarray:
    """Worth of each candidate's place; tied candidates share the mean worth of their places.

    Parameters
    ----------
    scores : (n,) array
        Higher is better.
    job : (n,) int array
        Job code of each row.
    measure : {"exposure", "selection_rate", "mean_rank"}
        As in :class:`~fairness.constraint.FairnessConstraint`.
    top_k : int, optional
        Places beyond it are worth nothing.

    Returns
    -------
    (n,) float64 array
    """
    order = np.lexsort((-scores, job))
    sorted_job, sorted_scores = job[order], scores[order]
    starts = np.flatnonzero(np.r_[True, sorted_job[1:] != sorted_job[:-1]])
    sizes = np.diff(np.r_[starts, len(job)])
    rank = np.arange(len(job)) - np.repeat(starts, sizes) + 1
    worth = worth_of_places(rank, np.repeat(sizes, sizes), measure, top_k)
    # A block of equal scores in one job shares its places, as a random order would on average.
    new = np.r_[True, (sorted_job[1:] != sorted_job[:-1]) | (sorted_scores[1:] != sorted_scores[:-1])]
    block = np.cumsum(new) - 1
    shared = np.bincount(block, weights=worth) / np.bincount(block)
    out = np.empty(len(job))
    out[order] = shared[block]
    return out


class RankingParity(ClassificationMoment):
    """Each group gets from the ranking what the pool gets, up to a bound.

    ``gamma`` holds, for each group g, ``value_g / pool_g - 1`` and its negative. A group's
    value is its members' mean worth within a job, averaged over jobs by pool size; jobs
    that hold fewer than two disclosed groups are left out.

    Parameters
    ----------
    measure : {"exposure", "selection_rate", "mean_rank"}
        Worth of a place.
    difference_bound : float
        Largest allowed ``|gamma|``.
    top_k : int, optional
        Places beyond it are worth nothing.

    References
    ----------
    Agarwal et al. (2018), A Reductions Approach to Fair Classification, ICML.
    Singh & Joachims (2018), Fairness of Exposure in Rankings, KDD.
    """

    short_name = "RankingParity"

    def __init__(
        self, measure: str = "exposure", *, difference_bound: float = 0.01, top_k: int | None = None
    ) -> None:
        super().__init__()
        self.measure, self.eps, self.top_k = measure, difference_bound, top_k

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
        """
        groups = pd.Series(np.asarray(sensitive_features, dtype=object), dtype=object).reset_index(drop=True)
        super().load_data(X, pd.Series(np.asarray(y, dtype=np.float64)), sensitive_features=groups)
        self._job = np.unique(np.asarray(job).astype(str), return_inverse=True)[1]
        self.group_labels = sorted(groups.dropna().unique())
        self.coefficients = parity_coefficients(
            groups.to_numpy(), self.group_labels, self._job, measure=self.measure, top_k=self.top_k
        )
        self._index = pd.MultiIndex.from_product([["+", "-"], self.group_labels], names=["sign", "group_id"])
        # With two groups the second row says the reverse of the first.
        free = self.group_labels[:-1]
        self.pos_basis = pd.DataFrame(0.0, index=self._index, columns=range(len(free)))
        self.neg_basis = self.pos_basis.copy()
        for column, group in enumerate(free):
            self.pos_basis.loc[("+", group), column] = 1.0
            self.neg_basis.loc[("-", group), column] = 1.0
        self.neg_basis_present = pd.Series(True, index=range(len(free)))
        self.default_objective_lambda_vec = None

    @property
    def index(self) -> pd.MultiIndex:
        """Rows of the constraint: ("+" or "-", group)."""
        return self._index

    def gamma(self, predictor: Callable) -> pd.Series:
        """Return how far each group lies above ("+") and below ("-") the pool."""
        scores = np.asarray(predictor(self.X), dtype=np.float64).ravel()
        worth = place_values(scores, self._job, measure=self.measure, top_k=self.top_k)
        gap = self.coefficients @ worth
        return pd.Series(np.r_[gap, -gap], index=self.index)

    def bound(self) -> pd.Series:
        """Return the bound of each row."""
        return pd.Series(self.eps, index=self.index)

    def project_lambda(self, lambda_vec: pd.Series) -> pd.Series:
        """Cancel what a group's two multipliers have in common."""
        net = lambda_vec["+"] - lambda_vec["-"]
        return pd.concat(
            [net.clip(lower=0.0), (-net).clip(lower=0.0)], keys=["+", "-"], names=self.index.names
        )

    def signed_weights(self, lambda_vec: pd.Series) -> pd.Series:
        """Return what raising each candidate would bring, (n,): positive where it helps the constraint."""
        net = (lambda_vec["+"] - lambda_vec["-"]).reindex(self.group_labels).to_numpy(dtype=np.float64)
        return pd.Series(-self.total_samples * (net @ self.coefficients), index=self.tags.index)

    def default_objective(self) -> "DiscountedGain":
        """Return the objective that belongs to rankings."""
        return DiscountedGain()


class DiscountedGain(ClassificationMoment):
    """One minus the discounted gain of the ranking over that of the ideal one.

    Gains are the labels centred per job, so that a random ranking is worth 0; the ideal
    is summed over all jobs, so that a large pool counts for more.
    """

    short_name = "DiscountedGain"

    def load_data(self, X: Any, y: Any, *, sensitive_features: Any = None, job: Any) -> None:
        """Take the training rows in; see :meth:`RankingParity.load_data`."""
        super().load_data(X, pd.Series(np.asarray(y, dtype=np.float64)))
        self._job = np.unique(np.asarray(job).astype(str), return_inverse=True)[1]
        self.gains = centre(self._y.to_numpy(), self._job)
        self.ideal = float(self.gains @ place_values(self.gains, self._job))
        if not self.ideal > 0:
            raise ConstraintError("the labels of every job are all equal: no ranking is better than another")
        self._index = pd.Index(["all"])

    @property
    def index(self) -> pd.Index:
        """The single row."""
        return self._index

    def gamma(self, predictor: Callable) -> pd.Series:
        """Return the loss, 0 for the ideal ranking and 1 for a random one."""
        scores = np.asarray(predictor(self.X), dtype=np.float64).ravel()
        return pd.Series(
            1.0 - float(self.gains @ place_values(scores, self._job)) / self.ideal, index=self.index
        )

    def project_lambda(self, lambda_vec: pd.Series) -> pd.Series:
        """Return the multiplier as it is."""
        return lambda_vec

    def signed_weights(self, lambda_vec: pd.Series | None = None) -> pd.Series:
        """Return what raising each candidate brings, (n,)."""
        scale = 1.0 if lambda_vec is None else float(lambda_vec.iloc[0])
        return pd.Series(scale * self.total_samples * self.gains / self.ideal, index=self.tags.index)


def parity_coefficients(
    group: np.ndarray,
    labels: list[str],
    job: np.ndarray,
    *,
    measure: str = "exposure",
    top_k: int | None = None,
) -> np.ndarray:
    """Return the coefficients C of ``value_g / pool_g - 1 = C @ worth``.

    Parameters
    ----------
    group : (n,) object array
        Group label of each row, ``None`` where undisclosed.
    labels : list of str
        The groups.
    job : (n,) int array
        Job code of each row.

    Returns
    -------
    (n_groups, n) float64 array
        Each row sums to 0 within each job.

    Raises
    ------
    ConstraintError
        If a group meets another one in no job.
    """
    n_jobs = int(job.max()) + 1
    size = np.bincount(job, minlength=n_jobs).astype(np.float64)
    member = np.array([group == label for label in labels])
    counts = (
        np.array([np.bincount(job[m], minlength=n_jobs) for m in member]) if labels else np.zeros((0, n_jobs))
    )
    mixed = (counts > 0).sum(axis=0) >= 2
    # A pool's mean worth hangs on its size alone; any order shows it.
    pool = np.bincount(
        job, weights=place_values(np.zeros(len(job)), job, measure=measure, top_k=top_k), minlength=n_jobs
    )
    out = np.zeros((len(labels), len(job)))
    for g, label in enumerate(labels):
        used = mixed & (counts[g] > 0)
        total = float(size[used].sum())
        if not total:
            raise ConstraintError(
                f"group {label!r} meets no other group in any job of the train part: nothing to compare"
            )
        mean = float(pool[used].sum()) / total  # sum over jobs of (n_j / total) * (pool_j / n_j)
        weight = np.where(used, size / total, 0.0) / mean
        share = np.where(member[g], 1.0 / np.maximum(counts[g], 1)[job], 0.0)
        out[g] = weight[job] * (share - 1.0 / size[job])
    return out
