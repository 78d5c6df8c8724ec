"""What share of a list each group should have: that of the pool, or one that is given."""

import math
from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fairness.groups import Groups
from fairness.metrics._position_values import codes_in_rank_order, sums_by_group
from ranker.errors import DataError, did_you_mean
from ranker.ranking.ranking import Ranking

Target = Literal["pool"] | Mapping[str, float]


def target_shares(ranking: Ranking, groups: Groups, target: Target) -> NDArray[np.float64]:
    """Share that each group should have of each job's list, (n_jobs, n_groups).

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, ``n`` candidates in all.
    groups : Groups
        Group of each row that the ranking was made from.
    target : "pool" or mapping of str to float
        The groups' shares of the disclosed members of each pool; or one amount for each label,
        shares or counts (of a census, say), brought to sum 1 here and the same for all jobs.

    Returns
    -------
    ndarray of shape (n_jobs, n_groups)
        In [0, 1]; each row sums to 1, but for jobs without a disclosed member under "pool",
        which are NaN.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.
    DataError
        If a given target lacks a group or names an unknown one, or holds a negative amount,
        or nothing but zeros.
    """
    if isinstance(target, str):
        if target != "pool":
            raise DataError(f"no target is called {target!r}: it is 'pool', or one share for each group")
        counts = sums_by_group(ranking, codes_in_rank_order(ranking, groups), len(groups.labels), None)
        totals = counts.sum(axis=1, keepdims=True)
        return np.divide(counts, totals, out=np.full(counts.shape, np.nan), where=totals > 0)
    shares = given_shares(groups, target)
    return np.tile(shares, (ranking.n_jobs, 1))


def given_shares(groups: Groups, target: Mapping[str, float]) -> NDArray[np.float64]:
    """Return given amounts in the order of the groups' labels, brought to sum 1, (n_groups,)."""
    for label in target:
        if label not in groups.labels:
            hint = did_you_mean(str(label), groups.labels)
            raise DataError(f"the target names {label!r}, which is no group by {groups.attribute!r}{hint}")
    missing = [label for label in groups.labels if label not in target]
    if missing:
        raise DataError(
            f"the target has no share for {missing[0]!r}: give one for each group by {groups.attribute!r}, "
            "0 for one that is to have none"
        )
    amounts = np.array([float(target[label]) for label in groups.labels])
    if not all(math.isfinite(amount) and amount >= 0 for amount in amounts) or not amounts.sum() > 0:
        raise DataError(f"target {dict(target)}: shares are numbers of 0 or more, and not all 0")
    return amounts / amounts.sum()
