"""rKL: normalised discounted divergence of the groups' shares of the tops of a list from the desired ones."""

import numpy as np
from numpy.typing import NDArray

from fairness.groups import Groups
from fairness.metrics._position_values import divide
from fairness.metrics._prefixes import DIVERGENCE, STEP, Tops, over_the_worst, refuse_step
from fairness.metrics._targets import Target
from ranker.ranking.metrics._relevance import mean_over_jobs
from ranker.ranking.ranking import Ranking

__all__ = ["rkl", "rkl_per_job"]


def rkl(
    ranking: Ranking,
    groups: Groups,
    *,
    step: int = STEP,
    top_k: int | None = None,
    target: Target = "pool",
) -> float:
    """Normalised discounted Kullback-Leibler divergence of all groups together, mean over jobs.

    At every ``step``-th rank ``i``, the divergence of the groups' shares of the top ``i`` from
    their desired shares, weighted by ``1 / log2(i)``; the sum over that of the worst order of
    the same people. Beside `ndkl`, which reads every rank and whose range depends on how many
    groups there are and how large, 1 is here the order that is farthest from the desired
    shares. It does not tell who is favoured.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, ``n`` candidates in all.
    groups : Groups
        Group of each row that the ranking was made from. Undisclosed members keep their
        ranks, in the worst order too; shares are of the disclosed members.
    step : int, default=10
        Ranks between cut points, from 2. Lists shorter than it have no cut point and no value.
    top_k : int, optional
        Cut at ranks ``.. top_k`` only; in the whole list by default.
    target : "pool" or mapping of str to float, default="pool"
        Desired shares: the groups' shares of each pool, as in the paper, or one amount for
        each label, shares or counts, such as those of a census.

    Returns
    -------
    float
        In [0, 1], dimensionless. Jobs with fewer than two groups, or without a cut point at
        which the order matters, are left out of the mean, and those that hold a group whose
        desired share is 0, since then the worst order is infinitely far; NaN where that leaves
        none.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.
    DataError
        If `step` is no whole number from 2, `top_k` none from 1, the target does not fit the
        groups, or a job holds more than 16 groups and too many members to search all orders.

    Notes
    -----
    The worst order is found by dynamic programming over all orders where the last cut point
    times the product of all group sizes but the largest, each plus 1, is 100 million at most: two groups
    of 7,000, three of 320, four of 69. In longer
    lists it is the worst of the orders that keep each group together. In 420,000 random lists
    of three to five groups, small enough to compare and with six cut points or more, that fell
    short of the true worst in 1 of 190 and by 2.8 % at most, so that a value could come out
    above 1 by as much; in 240,000 of two groups, never (benchmarks/toolbox_parts/worst_orders.py).

    References
    ----------
    Yang & Stoyanovich (2017), Measuring Fairness in Ranked Outputs, SSDBM: rKL.

    Examples
    --------
    >>> ranking = Ranking.from_scores(-np.arange(6.0), job=["a"] * 6)
    >>> groups = Groups.from_values(["m", "f", "m", "f", "x", "x"], attribute="gender")
    >>> round(rkl(ranking, groups, step=2), 4)
    0.4674
    """
    return mean_over_jobs(rkl_per_job(ranking, groups, step=step, top_k=top_k, target=target))


def rkl_per_job(
    ranking: Ranking,
    groups: Groups,
    *,
    step: int = STEP,
    top_k: int | None = None,
    target: Target = "pool",
) -> NDArray[np.float64]:
    """Return the rKL of each job, (n_jobs,) in [0, 1]; NaN for jobs that are left out.

    Parameters
    ----------
    ranking, groups, step, top_k, target
        As in `rkl`.

    Raises
    ------
    UnknownCandidateError, DataError
        As `rkl` does.
    """
    refuse_step(step)
    tops = Tops.of(ranking, groups, top_k, target)
    out = np.full(ranking.n_jobs, np.nan)
    for job in np.flatnonzero(tops.lengths).tolist():
        cuts = tops.cuts(job, step)
        counts, sizes = tops.counts(job, cuts)
        out[job] = over_the_worst(counts, sizes, cuts, tops.desired[job], _divergence, DIVERGENCE)
    return out


def _divergence(counts: NDArray[np.float64], desired: NDArray[np.float64]) -> NDArray[np.float64]:
    """KL of the shares from the desired ones, in nats: (n_cuts, n_groups) -> (n_cuts,)."""
    shares = counts / counts.sum(axis=1, keepdims=True)
    ratios = divide(shares, np.broadcast_to(desired, shares.shape))
    # Where nobody stands, and only there, the share adds 0 whatever is desired.
    return (shares * np.log(np.where(shares > 0, ratios, 1.0))).sum(axis=1)
