"""Which jobs a comparison of groups rests on."""

import numpy as np
from numpy.typing import NDArray

from fairness.groups import Groups
from fairness.metrics._over_jobs import present_in_compared
from ranker.ranking.ranking import Ranking

__all__ = ["compared_jobs"]


def compared_jobs(ranking: Ranking, groups: Groups) -> NDArray[np.bool_]:
    """Flag the jobs that hold two disclosed groups or more; metrics leave the others out.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, ``n`` candidates in all.
    groups : Groups
        Group of each row that the ranking was made from.

    Returns
    -------
    ndarray of shape (n_jobs,)
        Booleans in the order of ``ranking.jobs``; ``(~flags).sum()`` jobs are left out.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.

    Examples
    --------
    >>> ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=["a", "a", "b"])
    >>> groups = Groups.from_values(["m", "f", "m"], attribute="gender")
    >>> compared_jobs(ranking, groups).tolist()
    [True, False]
    """
    return present_in_compared(ranking, groups).sum(axis=1) >= 2
