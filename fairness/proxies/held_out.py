"""Held-out predictions of groups from the columns of one source: folds by person, one small linear model."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, issparse

__all__ = ["folds_by_person", "held_out_predictions"]

# Penalties that are tried, as shares of the mean variance of a column.
PENALTIES: Final = np.logspace(-3, 4, 15)


def folds_by_person(
    person: NDArray[np.int64], code: NDArray[np.int64], n_folds: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Deal people out over folds, each group in equal parts: (n,) -> (n,) codes of folds.

    Parameters
    ----------
    person : (n,) int64 array
        Codes from 0 of the people; all rows of one stand in one fold.
    code : (n,) int64 array
        Group of each row, from 0; a person whose rows differ is dealt with the highest.
    n_folds : int
        Number of folds.
    rng : numpy Generator
        Whom the lot falls on; the folds depend on it and on the codes, not on the order of rows.
    """
    n_people = int(person.max(initial=-1)) + 1
    group = np.full(n_people, -1, dtype=np.int64)
    np.maximum.at(group, person, code)
    fold = np.empty(n_people, dtype=np.int64)
    # One after the other in the order of groups, so that no fold lacks a group that has enough people.
    fold[np.lexsort((rng.random(n_people), group))] = np.arange(n_people) % n_folds
    return fold[person]


def held_out_predictions(
    columns: csr_array | NDArray[np.float64],
    targets: NDArray[np.float64],
    fold: NDArray[np.int64],
    job: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Predict each row from a model that saw no row of its fold.

    A linear model of least squares with a penalty on the coefficients, one for each group,
    chosen on the rows that it is fitted on by generalised cross-validation. Columns and
    targets are taken less their means within jobs, so that the model learns what tells
    the candidates of a job apart.

    Parameters
    ----------
    columns : (n, n_columns) array, sparse or not
        What the source says, as numbers of order 1.
    targets : (n, n_groups) float64 array
        1 for members and 0 for others.
    fold : (n,) int64 array
        Codes from 0.
    job : (n,) int64 array
        Codes from 0; all 0 to take all rows as one list.

    Returns
    -------
    (n, n_groups) float64 array
        Comparable within a fold and a job, and with nothing else; equal for equal columns.

    References
    ----------
    Hoerl & Kennard (1970), Ridge regression, Technometrics 12(1).
    Golub, Heath & Wahba (1979), Generalized cross-validation as a method for choosing a good
    ridge parameter, Technometrics 21(2).
    """
    out = np.zeros(targets.shape)
    for one in range(int(fold.max(initial=-1)) + 1):
        held = fold == one
        seen = ~held
        if held.any() and seen.any():
            moments = _Moments.of(columns[seen], targets[seen], job[seen])
            out[held] = columns[held] @ moments.coefficients()
    # Equal columns must tie, but the last digits of a product depend on where in a block its row stands.
    # Predictions of nothing but rounding are all equal.
    largest = np.abs(out).max(axis=0, initial=0.0)
    scale = np.where(largest > 1e-12, largest, 1.0)
    return np.round(out / scale, 11)


@dataclass(frozen=True, slots=True, eq=False)
class _Moments:
    """What least squares need of ``n`` rows, all less their means within jobs.

    Parameters
    ----------
    gram : (n_columns, n_columns) float64 array
        Products of columns.
    cross : (n_columns, n_groups) float64 array
        Products of columns and targets.
    squares : (n_groups,) float64 array
        Sums of squares of the targets.
    freedom : int
        Rows less jobs.
    """

    gram: NDArray[np.float64]
    cross: NDArray[np.float64]
    squares: NDArray[np.float64]
    freedom: int

    @classmethod
    def of(
        cls, columns: csr_array | NDArray[np.float64], targets: NDArray[np.float64], job: NDArray[np.int64]
    ) -> "_Moments":
        n, n_jobs = len(job), int(job.max()) + 1
        belongs = csr_array((np.ones(n), (job, np.arange(n))), shape=(n_jobs, n))
        sizes = np.maximum(np.bincount(job, minlength=n_jobs), 1)[:, None]
        in_jobs, of_jobs = _dense(belongs @ columns), belongs @ targets
        gram = _dense(columns.T @ columns) - in_jobs.T @ (in_jobs / sizes)
        cross = columns.T @ targets - in_jobs.T @ (of_jobs / sizes)
        squares = (targets**2).sum(axis=0) - (of_jobs**2 / sizes).sum(axis=0)
        return cls(gram, cross, squares, n - np.unique(job).size)

    def coefficients(self) -> NDArray[np.float64]:
        """Solve for each group with the penalty that is best for it: (n_columns, n_groups)."""
        variances, axes = np.linalg.eigh(self.gram)
        variances = np.maximum(variances, 0.0)
        mean = variances.mean() if variances.size else 0.0
        if not mean > 0:
            return np.zeros(self.cross.shape)
        along = axes.T @ self.cross
        best, chosen = np.full(self.squares.shape, np.inf), np.zeros(self.cross.shape)
        for penalty in PENALTIES * mean:
            kept = 1.0 / (variances + penalty)
            solved = along * kept[:, None]
            left = self.squares - (along * solved * (1 + penalty * kept)[:, None]).sum(axis=0)
            free = max(self.freedom - float((variances * kept).sum()), 1e-9)
            error = np.maximum(left, 0.0) / free**2
            better = error < best
            best[better], chosen[:, better] = error[better], solved[:, better]
        return axes @ chosen


def _dense(matrix: Any) -> NDArray[np.float64]:
    return np.asarray(matrix.toarray() if issparse(matrix) else matrix)
