"""Attention-weighted rank fairness: how close the attention that groups get comes to a target."""

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import rel_entr

from fairness.groups import Groups
from fairness.metrics._browsing import BrowsingByRank, Policy, expected_attention, reader_by_rank
from fairness.metrics._over_jobs import mean_of_groups, wanted_shares
from fairness.metrics._position_values import by_label, codes_in_rank_order, divide, sums_by_group
from fairness.metrics._targets import Target
from ranker.errors import DataError, did_you_mean
from ranker.ranking.metrics._relevance import mean_over_jobs
from ranker.ranking.ranking import Ranking

__all__ = ["attention_shares", "attention_shares_per_job", "awrf", "awrf_per_job"]

Distance = Literal["jensen_shannon", "total_variation"]


def awrf(
    ranking: Ranking,
    groups: Groups,
    *,
    target: Target = "pool",
    distance: Distance = "jensen_shannon",
    base: float = 2.0,
    policy: Policy | None = None,
    browsing: BrowsingByRank = "log",
    patience: float | None = None,
    top_k: int | None = None,
) -> float:
    """One less the distance of the groups' shares of attention from target shares, mean over jobs (AWRF).

    With ``browsing="rbp"`` attention is geometric and with ``distance="total_variation"``
    the distance is, for two groups, ``|share - target|``: the paper's form, less from 1. With
    ``browsing="trec", base=math.e`` the values are those of the TREC Fair Ranking tracks.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, ``n`` candidates in all.
    groups : Groups
        Group of each row that the ranking was made from. Undisclosed members take up ranks
        and the attention that goes with them; shares are of the disclosed members' attention.
    target : "pool" or mapping of str to float, default="pool"
        The groups' shares of the disclosed members of each pool; or one amount for each
        label, shares or counts, the same for all jobs.
    distance : {"jensen_shannon", "total_variation"}, default="jensen_shannon"
        The Jensen-Shannon divergence (not its square root), or half the sum of the absolute
        differences.
    base : float, default=2
        Base of the divergence's logarithm: with 2 it goes from 0 to 1, with `math.e` to .69.
    policy : Ranking, sequence of Ranking, or array_like of shape (n_rows,), optional
        A lottery over orders in place of the ranking's own: orders drawn from it, or each
        row's expected attention. The ranking then only says who stands in which job.
    browsing : {"log", "trec", "rbp"}, default="log"
        Attention of rank ``r``: ``1 / log2(1 + r)``, ``1 / log2(max(r, 2))`` or
        ``patience ** (r - 1)``. Only its shape matters: a geometric distribution that gives the
        first rank a share ``p`` is ``patience=1 - p``.
    patience : float, optional
        For "rbp": chance that a reader goes on to the next rank.
    top_k : int, optional
        Ranks beyond it get no attention.

    Returns
    -------
    float
        In [0, 1], dimensionless; 1 where shares are on target. Jobs are left out of the mean
        where no disclosed member gets attention, or all of the target goes to one group; NaN
        where that leaves none.

    Notes
    -----
    A short list cannot split its attention as finely as the target asks: the best order of
    a small pool is below 1 too. The paper tests the distance against chance; here
    `bootstrap_over_jobs` gives the figure an interval.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.
    DataError
        If a given target lacks a group or names an unknown one, or an option is unknown or out
        of its range.

    References
    ----------
    Sapiezynski, Zeng, Robertson, Mislove & Wilson (2019), Quantifying the Impact of User
    Attention on Fair Group Representation in Ranked Lists, WWW Companion.
    Raj & Ekstrand (2022), Measuring Fairness in Ranked Results, SIGIR: the name, and the
    distance of two groups.
    Ekstrand, McDonald, Raj & Johnson (2022), Overview of the TREC 2021 Fair Ranking Track:
    one less the Jensen-Shannon divergence, natural logarithm.

    Examples
    --------
    >>> ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=["a", "a", "a"])
    >>> groups = Groups.from_values(["m", "f", "m"], attribute="gender")
    >>> round(awrf(ranking, groups, distance="total_variation"), 4)
    0.9627
    """
    return mean_over_jobs(
        awrf_per_job(
            ranking,
            groups,
            target=target,
            distance=distance,
            base=base,
            policy=policy,
            browsing=browsing,
            patience=patience,
            top_k=top_k,
        )
    )


def awrf_per_job(
    ranking: Ranking,
    groups: Groups,
    *,
    target: Target = "pool",
    distance: Distance = "jensen_shannon",
    base: float = 2.0,
    policy: Policy | None = None,
    browsing: BrowsingByRank = "log",
    patience: float | None = None,
    top_k: int | None = None,
) -> NDArray[np.float64]:
    """AWRF of each job.

    Parameters
    ----------
    ranking, groups, target, distance, base, policy, browsing, patience, top_k
        As in `awrf`.

    Returns
    -------
    ndarray of shape (n_jobs,)
        In [0, 1], in the order of ``ranking.jobs``; NaN for the jobs that `awrf` leaves out.

    Raises
    ------
    UnknownCandidateError, DataError
        As `awrf` does.
    """
    wanted, judged = wanted_shares(ranking, groups, target)
    shares = attention_shares_per_job(
        ranking, groups, policy=policy, browsing=browsing, patience=patience, top_k=top_k
    )
    return np.where(judged, 1.0 - _distances(shares, wanted, distance, base), np.nan)


def attention_shares(
    ranking: Ranking,
    groups: Groups,
    *,
    policy: Policy | None = None,
    browsing: BrowsingByRank = "log",
    patience: float | None = None,
    top_k: int | None = None,
) -> pd.Series:
    """Share of the attention to disclosed members that each group gets, mean over jobs.

    Parameters
    ----------
    ranking, groups, policy, browsing, patience, top_k
        As in `awrf`.

    Returns
    -------
    Series
        Label to share in [0, 1], sum 1; over the jobs where a disclosed member gets
        attention, NaN where there is none.

    Raises
    ------
    UnknownCandidateError, DataError
        As `awrf` does.

    References
    ----------
    Sapiezynski et al. (2019), WWW Companion.

    Examples
    --------
    >>> ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=["a", "a", "a"])
    >>> groups = Groups.from_values(["m", "f", "m"], attribute="gender")
    >>> attention_shares(ranking, groups).round(4).to_dict()
    {'f': 0.2961, 'm': 0.7039}
    """
    per_job = attention_shares_per_job(
        ranking, groups, policy=policy, browsing=browsing, patience=patience, top_k=top_k
    )
    return by_label(groups, mean_of_groups(per_job), "attention_shares")


def attention_shares_per_job(
    ranking: Ranking,
    groups: Groups,
    *,
    policy: Policy | None = None,
    browsing: BrowsingByRank = "log",
    patience: float | None = None,
    top_k: int | None = None,
) -> NDArray[np.float64]:
    """Share of each group in the attention to the disclosed members of each job.

    Parameters
    ----------
    ranking, groups, policy, browsing, patience, top_k
        As in `awrf`.

    Returns
    -------
    ndarray of shape (n_jobs, n_groups)
        In [0, 1], each row of sum 1; NaN for jobs where no disclosed member gets attention.

    Raises
    ------
    UnknownCandidateError, DataError
        As `awrf` does.
    """
    reader = reader_by_rank(browsing, patience, top_k)
    codes = codes_in_rank_order(ranking, groups)
    attention = expected_attention(ranking, policy, reader, None)
    sums = sums_by_group(ranking, codes, len(groups.labels), attention)
    return divide(sums, sums.sum(axis=1, keepdims=True))


def _distances(
    shares: NDArray[np.float64], wanted: NDArray[np.float64], distance: str, base: float
) -> NDArray[np.float64]:
    """Distance of each row from its target, (n_jobs, n_groups) twice -> (n_jobs,), in [0, 1]."""
    if not base > 1:
        raise DataError(f"a logarithm's base cannot be {base!r} here: give 2 or math.e")
    if distance == "total_variation":
        return np.abs(shares - wanted).sum(axis=1) / 2.0
    if distance == "jensen_shannon":
        middle = (shares + wanted) / 2.0
        both = rel_entr(shares, middle).sum(axis=1) + rel_entr(wanted, middle).sum(axis=1)
        # Rounding may take the divergence of equal shares below 0.
        return np.clip(both / (2.0 * np.log(base)), 0.0, None)
    known = ("jensen_shannon", "total_variation")
    raise DataError(f"no distance is called {distance!r}{did_you_mean(str(distance), known)}")
