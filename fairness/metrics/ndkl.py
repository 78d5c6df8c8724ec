"""NDKL: how far the shares of groups in all tops of a list are from the desired ones."""

import numpy as np
from numpy.typing import NDArray

from fairness.groups import Groups
from fairness.metrics._prefixes import Tops
from fairness.metrics._targets import Target
from fairness.metrics.skew import refuse_smoothing
from ranker.kernels.prefixes import discounted_divergence
from ranker.kernels.segments import discounts
from ranker.ranking.metrics._relevance import mean_over_jobs
from ranker.ranking.ranking import Ranking

__all__ = ["ndkl", "ndkl_per_job"]


def ndkl(
    ranking: Ranking,
    groups: Groups,
    *,
    top_k: int | None = None,
    target: Target = "pool",
    smoothing: float = 0.0,
) -> float:
    """Normalised discounted cumulative Kullback-Leibler divergence, mean over jobs.

    For each rank ``i``, the divergence of the groups' shares of the top ``i`` from their
    desired shares, ``sum(p * ln(p / q))``, weighted by ``1 / log2(i + 1)`` and divided by
    the sum of the weights. It does not tell who is favoured: a list that favours women and
    one that favours men by as much have the same NDKL; `skew` tells. Nor is 0 within reach: the
    first candidate alone is all of one group.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, ``n`` candidates in all.
    groups : Groups
        Group of each row that the ranking was made from. Undisclosed members keep their
        ranks; shares are of the disclosed members of a top, and ranks above which nobody is
        disclosed are left out of both sums.
    top_k : int, optional
        Read ranks ``1 .. top_k`` only; the whole list by default.
    target : "pool" or mapping of str to float, default="pool"
        Desired shares: the groups' shares of each pool, or one amount for each label, shares
        or counts, such as those of a census.
    smoothing : float, default=0
        Added to every share, desired ones too. With 0, as in the paper, ``0 * ln 0`` is 0.

    Returns
    -------
    float
        0 or more, in nats; ``inf`` where a list holds a group whose desired share is 0. Jobs
        without a disclosed member in reach, and under "pool" those with fewer than two
        groups, are left out of the mean; NaN where that leaves none.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.
    DataError
        If `top_k` is no whole number from 1, the target does not fit the groups, or `smoothing`
        is no number from 0.

    References
    ----------
    Geyik, Ambler & Kenthapadi (2019), Fairness-Aware Ranking in Search & Recommendation
    Systems with Application to LinkedIn Talent Search, KDD: NDKL. FairRankTune 0.0.7 has the same
    with a smoothing of 1e-7.

    Examples
    --------
    >>> ranking = Ranking.from_scores([4.0, 3.0, 2.0, 1.0], job=["a"] * 4)
    >>> groups = Groups.from_values(["m", "m", "f", "f"], attribute="gender")
    >>> round(ndkl(ranking, groups), 4)
    0.4524
    """
    return mean_over_jobs(ndkl_per_job(ranking, groups, top_k=top_k, target=target, smoothing=smoothing))


def ndkl_per_job(
    ranking: Ranking,
    groups: Groups,
    *,
    top_k: int | None = None,
    target: Target = "pool",
    smoothing: float = 0.0,
) -> NDArray[np.float64]:
    """NDKL of each job, in the order of ``ranking.jobs``.

    Parameters
    ----------
    ranking, groups, top_k, target, smoothing
        As in `ndkl`.

    Returns
    -------
    ndarray of shape (n_jobs,)
        0 or more, in nats; NaN for jobs that are left out.

    Raises
    ------
    UnknownCandidateError, DataError
        As `ndkl` does.
    """
    refuse_smoothing(smoothing)
    tops = Tops.of(ranking, groups, top_k, target)
    weights = discounts(np.arange(1, tops.lengths.max(initial=0) + 1))
    return discounted_divergence(
        tops.codes, tops.indptr, tops.desired, tops.lengths, weights, float(smoothing)
    )
