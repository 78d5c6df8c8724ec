"""rND: normalised discounted difference between a group's share of the tops of a list and its desired share."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairness.groups import Groups
from fairness.metrics._over_jobs import mean_of_groups
from fairness.metrics._position_values import by_label
from fairness.metrics._prefixes import (
    DIFFERENCE,
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

__all__ = ["rnd", "rnd_each", "rnd_per_job"]


def rnd(
    ranking: Ranking,
    groups: Groups,
    *,
    protected: str,
    step: int = STEP,
    top_k: int | None = None,
    target: Target = "pool",
) -> float:
    """Normalised discounted difference, mean over jobs.

    At every ``step``-th rank ``i``, how far the protected group's share of the top ``i`` is
    from its desired share, in absolute value, weighted by ``1 / log2(i)``; the sum over that
    of the worst order of the same people. 0 is the desired share at every cut point, 1 the
    order that is farthest from it. It does not tell in which direction: a list that puts the
    group first can be as far off as one that puts it last.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, ``n`` candidates in all.
    groups : Groups
        Group of each row that the ranking was made from. Undisclosed members keep their
        ranks, in the worst order too; shares are of the disclosed members.
    protected : str
        Label of the group; all other disclosed members are the rest. Of two groups both have
        the same value.
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
        If no group has the label, `step` is no whole number from 2, `top_k` none from 1, or the
        target does not fit the groups.

    Notes
    -----
    The worst order is found by dynamic programming over all orders, where the authors' program
    estimates it from orders that it draws; and weights are the paper's, where that program has
    ``1 / log2(i + 1)``. Where the group's members times the last cut point exceed 100 million,
    it is the worse of the group first and the group last: the same in all of 240,000 random
    lists small enough to compare, undisclosed members and given targets among them
    (benchmarks/toolbox_parts/worst_orders.py).

    References
    ----------
    Yang & Stoyanovich (2017), Measuring Fairness in Ranked Outputs, SSDBM: rND.

    Examples
    --------
    >>> ranking = Ranking.from_scores(-np.arange(6.0), job=["a"] * 6)
    >>> groups = Groups.from_values(["m", "m", "m", "f", "f", "f"], attribute="gender")
    >>> rnd(ranking, groups, protected="f", step=2)
    1.0
    """
    return mean_over_jobs(
        rnd_per_job(ranking, groups, protected=protected, step=step, top_k=top_k, target=target)
    )


def rnd_per_job(
    ranking: Ranking,
    groups: Groups,
    *,
    protected: str,
    step: int = STEP,
    top_k: int | None = None,
    target: Target = "pool",
) -> NDArray[np.float64]:
    """Return the rND of each job, (n_jobs,) in [0, 1]; NaN for jobs that are left out.

    Parameters
    ----------
    ranking, groups, protected, step, top_k, target
        As in `rnd`.

    Raises
    ------
    UnknownCandidateError, DataError
        As `rnd` does.
    """
    refuse_step(step)
    group = place_of(protected, groups)
    tops = Tops.of(ranking, groups, top_k, target)
    return against_the_rest(tops, group, step, _difference, DIFFERENCE)


def rnd_each(
    ranking: Ranking,
    groups: Groups,
    *,
    step: int = STEP,
    top_k: int | None = None,
    target: Target = "pool",
) -> pd.Series:
    """Measure the rND of each group against all others together, mean over jobs.

    Each group is measured against a worst order of its own: values of several groups do not
    add up to anything.

    Parameters
    ----------
    ranking, groups, step, top_k, target
        As in `rnd`.

    Returns
    -------
    Series
        Label to rND in [0, 1], dimensionless; NaN for a group without a job that has a value.

    Raises
    ------
    UnknownCandidateError, DataError
        As `rnd` does.

    Examples
    --------
    >>> ranking = Ranking.from_scores(-np.arange(6.0), job=["a"] * 6)
    >>> groups = Groups.from_values(["m", "f", "m", "f", "x", "x"], attribute="gender")
    >>> rnd_each(ranking, groups, step=2).round(4).to_dict()
    {'f': 0.3333, 'm': 0.3333, 'x': 0.6667}
    """
    refuse_step(step)
    tops = Tops.of(ranking, groups, top_k, target)
    per_job = all_against_the_rest(tops, step, _difference, DIFFERENCE)
    return by_label(groups, mean_of_groups(per_job), "rnd")


def _difference(counts: NDArray[np.float64], desired: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.abs(counts[:, 0] / counts.sum(axis=1) - desired[0])
