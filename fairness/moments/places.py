"""What each candidate's place in the ranking is worth, as an array over the training rows."""

import numpy as np

from fairness.metrics._position_values import worth_of_places


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
