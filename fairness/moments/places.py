"""What each candidate's place in the ranking is worth, as an array over the training rows."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from fairness.metrics._position_values import worth_of_places
from ranker.kernels.places import shared_worth
from ranker.kernels.segments import ranks_in_segments


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """The places of some jobs and what each is worth: all that rankings of the same rows share.

    Parameters
    ----------
    job : (n,) int64 array
        Job of each row, from 0.
    indptr : (n_jobs + 1,) int64 array
        Where each job begins and ends among the places.
    worth : (n,) float64 array
        Of each place, job by job, first to last.
    """

    job: np.ndarray
    indptr: np.ndarray
    worth: np.ndarray

    @classmethod
    def of(cls, job: np.ndarray, *, measure: str = "exposure", top_k: int | None = None) -> Self:
        """Lay the places out; see :func:`place_values`."""
        _, code, sizes = np.unique(job, return_inverse=True, return_counts=True)
        indptr = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        worth = worth_of_places(ranks_in_segments(indptr), np.repeat(sizes, sizes), measure, top_k)
        return cls(code.astype(np.int64), indptr, worth)

    def values(self, scores: np.ndarray) -> np.ndarray:
        """Worth of the place that each row's score earns, (n,) -> (n,); equal scores share."""
        scores = np.ascontiguousarray(scores, dtype=np.float64)
        return shared_worth(np.argsort(-scores), scores, self.job, self.indptr, self.worth)


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
        Dimensionless, in [0, 1].
    """
    return Places.of(job, measure=measure, top_k=top_k).values(scores)
