"""Normalised discounted cumulative gain."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ranker.errors import DataError, did_you_mean
from ranker.kernels.discounted_gains import ndcg_in_order
from ranker.kernels.segments import descending_order, discounts, segment_sums
from ranker.ranking.checks import refuse_length
from ranker.ranking.metrics._relevance import mean_over_jobs, relevance_in_rank_order
from ranker.ranking.ranking import Ranking

__all__ = ["ndcg", "ndcg_per_job"]

Gain = Literal["linear", "exponential"]

# 2 ** 1000 leaves room to sum a few million gains before float64 ends at 2 ** 1024.
_LARGEST_EXPONENT = 1000.0


def ndcg(ranking: Ranking, relevance: ArrayLike, *, k: int | None = 10, gain: Gain = "linear") -> float:
    """Discounted cumulative gain of the top ``k`` over that of the best possible order, mean over jobs.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs.
    relevance : array_like of shape (n_rows,)
        Relevance of each row that the ranking was made from, 0 or more; real-valued labels
        that may be negative are brought there by `shift_gains`.
    k : int or None, default=10
        Count only ranks ``1 .. k``; all with None.
    gain : {"linear", "exponential"}, default="linear"
        What a relevance ``rel`` is worth: ``rel``, or ``2 ** rel - 1`` (Burges et al. 2005).

    Returns
    -------
    float
        In [0, 1], dimensionless. Jobs where nobody is relevant have no best order and are
        left out of the mean (`ndcg_per_job` shows which); NaN where that leaves no job.

    Raises
    ------
    DataError
        If relevance is negative, not finite or not one per row, `k` is no whole number
        from 1, or `gain` is unknown.

    References
    ----------
    Järvelin & Kekäläinen (2002), Cumulated gain-based evaluation of IR techniques, ACM TOIS 20(4).
    Burges et al. (2005), Learning to rank using gradient descent, ICML.

    Examples
    --------
    >>> ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=["a", "a", "a"])
    >>> round(ndcg(ranking, [1, 0, 2]), 4)
    0.7602
    """
    return mean_over_jobs(ndcg_per_job(ranking, relevance, k=k, gain=gain))


def ndcg_per_job(
    ranking: Ranking, relevance: ArrayLike, *, k: int | None = 10, gain: Gain = "linear"
) -> NDArray[np.float64]:
    """NDCG of each job, in the order of ``ranking.jobs``.

    Parameters
    ----------
    ranking, relevance, k, gain
        As in `ndcg`.

    Returns
    -------
    ndarray of shape (n_jobs,)
        In [0, 1]; NaN for jobs whose ideal gain is 0, because nobody is relevant.

    Raises
    ------
    DataError
        As `ndcg` does.
    """
    gains = _gains(relevance_in_rank_order(ranking, relevance), gain)
    if k is not None:
        refuse_length(k)
        weights = discounts(np.arange(1, min(k, int(ranking.sizes.max(initial=0))) + 1))
        return ndcg_in_order(gains, ranking.indptr, weights)
    weights = discounts(ranking.ranks)
    dcg = segment_sums(gains * weights, ranking.indptr)
    ideal = segment_sums(gains[descending_order(gains, ranking.indptr)] * weights, ranking.indptr)
    return np.divide(dcg, ideal, out=np.full(dcg.shape, np.nan), where=ideal > 0)


def _gains(relevance: NDArray[np.float64], gain: str) -> NDArray[np.float64]:
    lowest = relevance.min(initial=0.0)
    if lowest < 0:
        raise DataError(
            f"relevance goes down to {lowest}: a negative gain has no best order to compare with; "
            "bring the lowest of each job to 0 with ranker.ranking.metrics.shift_gains(relevance, job)"
        )
    if gain == "linear":
        return relevance
    if gain == "exponential":  # Burges et al. 2005
        if relevance.max(initial=0.0) > _LARGEST_EXPONENT:
            raise DataError(
                f"relevance goes up to {relevance.max()}: 2 to that power is no float; use gain='linear' "
                "or smaller grades"
            )
        return np.exp2(relevance) - 1.0
    raise DataError(f"no gain is called {gain!r}{did_you_mean(str(gain), ('linear', 'exponential'))}")
