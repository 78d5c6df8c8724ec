"""rRD: normalised discounted difference of the ratio of a group to the rest, in the tops of a list."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairness.groups import Groups
from fairness.metrics._over_jobs import mean_of_groups
from fairness.metrics._position_values import by_label
from fairness.metrics._prefixes import (
    RATIO,
    STEP,
    Tops,
    against_the_rest,
    all_against_the_rest,
    place_of,
    refuse_step,
)
from fairness.metrics._targets import Target
from ranker.ranking.metrics._relevance import mean_over_jobs
from ranker.ranking.ranking import Ranking

__all__ = ["rrd", "rrd_each", "rrd_per_job"]


def rrd(
    ranking: Ranking,
    groups: Groups,
    *,
    protected: str,
    step: int = STEP,
    top_k: int | None = None,
    target: Target = "pool",
) -> float:
    """Normalised discounted ratio difference, mean over jobs.

    As `rnd`, but of the ratio of the protected group to the rest, members over members. A
    ratio with a 0 above or below the line is 0, as the paper sets it.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, ``n`` candidates in all.
    groups : Groups
        Group of each row that the ranking was made from. Undisclosed members keep their
        ranks, in the worst order too, and are on neither side of the ratio.
    protected : str
        Label of the group, which should be the smaller part; all other disclosed members are
        the rest.
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
        In [0, 1], dimensionless. Jobs that lack the group or the rest, or have no cut point at
        which the order matters, are left out of the mean; NaN where that leaves none.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.
    DataError
        If no group has the label, `step` is no whole number from 2, `top_k` none from 1, the
        target does not fit the groups, or the group's members times the last cut point exceed
        100 million, too many to find the worst order.

    Notes
    -----
    Read it with care, or read `rnd`. The ratio has no bound: the worst order puts one member of
    the rest first and the group behind, and beside it most orders come out near 0. A top that
    holds the group alone has the ratio 0 and counts as one that holds none of it. So it is of
    use only where the group is a small minority that the list puts low. Of two groups, each has
    a value of its own.

    References
    ----------
    Yang & Stoyanovich (2017), Measuring Fairness in Ranked Outputs, SSDBM: rRD.

    Examples
    --------
    >>> ranking = Ranking.from_scores(-np.arange(6.0), job=["a"] * 6)
    >>> groups = Groups.from_values(["m", "m", "m", "m", "f", "f"], attribute="gender")
    >>> round(rrd(ranking, groups, protected="f", step=2), 4)
    1.0
    """
    return mean_over_jobs(
        rrd_per_job(ranking, groups, protected=protected, step=step, top_k=top_k, target=target)
    )


def rrd_per_job(
    ranking: Ranking,
    groups: Groups,
    *,
    protected: str,
    step: int = STEP,
    top_k: int | None = None,
    target: Target = "pool",
) -> NDArray[np.float64]:
    """Return the rRD of each job, (n_jobs,) in [0, 1]; NaN for jobs that are left out.

    Parameters
    ----------
    ranking, groups, protected, step, top_k, target
        As in `rrd`.

    Raises
    ------
    UnknownCandidateError, DataError
        As `rrd` does.
    """
    refuse_step(step)
    group = place_of(protected, groups)
    tops = Tops.of(ranking, groups, top_k, target)
    return against_the_rest(tops, group, step, _ratio_difference, RATIO)


def rrd_each(
    ranking: Ranking,
    groups: Groups,
    *,
    step: int = STEP,
    top_k: int | None = None,
    target: Target = "pool",
) -> pd.Series:
    """Measure the rRD of each group against all others together, mean over jobs.

    Parameters
    ----------
    ranking, groups, step, top_k, target
        As in `rrd`.

    Returns
    -------
    Series
        Label to rRD in [0, 1], dimensionless; NaN for a group without a job that has a value.

    Raises
    ------
    UnknownCandidateError, DataError
        As `rrd` does.

    Examples
    --------
    >>> ranking = Ranking.from_scores(-np.arange(6.0), job=["a"] * 6)
    >>> groups = Groups.from_values(["m", "m", "m", "m", "f", "f"], attribute="gender")
    >>> rrd_each(ranking, groups, step=2).round(4).to_dict()
    {'f': 1.0, 'm': 1.0}
    """
    refuse_step(step)
    tops = Tops.of(ranking, groups, top_k, target)
    per_job = all_against_the_rest(tops, step, _ratio_difference, RATIO)
    return by_label(groups, mean_of_groups(per_job), "rrd")


def _ratio_difference(counts: NDArray[np.float64], desired: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.abs(_ratio(counts) - _ratio(desired))


def _ratio(amounts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide the first by the second, 0 where that is 0: (..., 2) -> (...,)."""
    first, second = amounts[..., 0], amounts[..., 1]
    return np.divide(first, second, out=np.zeros(first.shape), where=second > 0)
