"""The tops of a job's list, which the metrics about shares of them are thin over."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fairness.groups import Groups
from fairness.metrics._position_values import codes_in_rank_order, sums_by_group
from fairness.metrics._targets import Target, target_shares
from ranker.errors import DataError, did_you_mean
from ranker.kernels.prefixes import worst_order, worst_order_of_blocks
from ranker.kernels.segments import discounts
from ranker.ranking.checks import refuse_length
from ranker.ranking.ranking import Ranking

STEP: Final = 10  # ranks between two cut points, as in the paper

# What of the counts in a prefix is compared with the desired shares; numbers as in the kernel.
DIFFERENCE: Final = 0
RATIO: Final = 1
DIVERGENCE: Final = 2

# States times places: below it the worst order is found among all orders, in a quarter of a second at most.
ALL_ORDERS: Final = 100_000_000
_MAX_GROUPS: Final = 16

# A worst sum up to this is rounding: what is left where all cut points lie where no order differs.
NOTHING: Final = 1e-9

Deviation = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True, slots=True, eq=False)
class Tops:
    """Groups in rank order, what shares are desired, and how far down a list is read.

    Parameters
    ----------
    codes : ndarray of shape (n,), int64
        Group of each ranked entry, -1 where undisclosed.
    indptr : ndarray of shape (n_jobs + 1,)
        Where each job begins and ends.
    desired : ndarray of shape (n_jobs, n_groups)
        Desired shares; NaN for jobs without a disclosed member, if it is the pool's that are desired.
    lengths : ndarray of shape (n_jobs,), int64
        Places that are read, 0 for jobs that are not judged: those without a disclosed member,
        and under "pool" those with fewer than two groups, which have the desired shares whatever
        their order.
    """

    codes: NDArray[np.int64]
    indptr: NDArray[np.int64]
    desired: NDArray[np.float64]
    lengths: NDArray[np.int64]

    @classmethod
    def of(cls, ranking: Ranking, groups: Groups, top_k: int | None, target: Target) -> "Tops":
        """Read a ranking; raises what `target_shares` does, and DataError for a strange `top_k`."""
        if top_k is not None:
            refuse_length(top_k)
        codes, desired = codes_in_rank_order(ranking, groups), target_shares(ranking, groups, target)
        if isinstance(target, str):
            judged = (desired > 0).sum(axis=1) >= 2
        else:  # a list of one group alone can be far from what is desired
            judged = sums_by_group(ranking, codes, len(groups.labels), None).any(axis=1)
        sizes = ranking.sizes if top_k is None else np.minimum(ranking.sizes, top_k)
        return cls(codes, ranking.indptr, desired, np.where(judged, sizes, 0))

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return self.desired.shape[1]

    def cuts(self, job: int, step: int) -> NDArray[np.int64]:
        """Ranks at which a job's list is cut: every `step`."""
        return np.arange(step, self.lengths[job] + 1, step)

    def counts(self, job: int, cuts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Members of each group up to each cut, (n_cuts, n_groups), and in the whole list, (n_groups,)."""
        codes = self.codes[self.indptr[job] : self.indptr[job + 1]]
        held = (codes[:, None] == np.arange(self.n_groups)).cumsum(axis=0)
        return held[cuts - 1], held[-1]


def place_of(label: str, groups: Groups) -> int:
    """Return the code of a group, or raise DataError."""
    if label not in groups.labels:
        raise DataError(
            f"{groups.attribute!r} has no group {label!r}{did_you_mean(str(label), groups.labels)}"
        )
    return groups.labels.index(label)


def refuse_step(step: object) -> None:
    """Refuse a distance of cut points that is no whole number from 2."""
    refuse_length(step)
    if step == 1:
        raise DataError(
            "cut points cannot lie 1 apart: the first would be rank 1, whose weight 1 / log2(1) is infinite; "
            "give a step from 2"
        )


def against_the_rest(
    tops: Tops, group: int, step: int, deviation: Deviation, measure: int
) -> NDArray[np.float64]:
    """Deviations of one group from its desired share, over those of the worst order, (n_jobs,).

    `deviation` maps counts of the group and of all others, (n_cuts, 2), and the two desired shares to
    (n_cuts,); `measure` names the same for the kernel. NaN where the group or all others are absent,
    or no order deviates at all.
    """
    out = np.full(len(tops.lengths), np.nan)
    for job in np.flatnonzero(tops.lengths).tolist():
        cuts, desired = tops.cuts(job, step), tops.desired[job]
        counts, sizes = tops.counts(job, cuts)
        out[job] = over_the_worst(
            _and_the_rest(counts, group),
            _and_the_rest(sizes, group),
            cuts,
            _and_the_rest(desired, group),
            deviation,
            measure,
        )
    return out


def all_against_the_rest(tops: Tops, step: int, deviation: Deviation, measure: int) -> NDArray[np.float64]:
    """As `against_the_rest`, of all groups, (n_jobs, n_groups)."""
    columns = [against_the_rest(tops, group, step, deviation, measure) for group in range(tops.n_groups)]
    return np.array(columns).reshape(tops.n_groups, len(tops.lengths)).T


def _and_the_rest(amounts: NDArray, group: int) -> NDArray:
    """Amounts of one group and of all others together: (..., n_groups) -> (..., 2)."""
    others = np.delete(amounts, group, axis=-1).sum(axis=-1)
    return np.stack((amounts[..., group], others), axis=-1)


def over_the_worst(
    counts: NDArray[np.int64],
    sizes: NDArray[np.int64],
    cuts: NDArray[np.int64],
    desired: NDArray[np.float64],
    deviation: Deviation,
    measure: int,
) -> float:
    """Deviations at the cut points, discounted by 1 / log2(rank) and summed, over the worst order's sum.

    Parameters
    ----------
    counts : ndarray of shape (n_cuts, n_groups)
        Members of each group up to each cut point.
    sizes : ndarray of shape (n_groups,)
        Members of each group in the whole list.
    cuts : ndarray of shape (n_cuts,)
        Ranks of the cut points. One above which nobody is disclosed is left out.
    desired : ndarray of shape (n_groups,)
        Desired shares.
    deviation, measure
        As in `against_the_rest`, of any number of groups.

    Returns
    -------
    float
        In [0, 1]; NaN where fewer than two groups have members, or the worst order deviates by
        nothing or by more than any number.
    """
    known = counts.sum(axis=1)
    counts, cuts, known = counts[known > 0], cuts[known > 0], known[known > 0]
    if (sizes > 0).sum() < 2 or not len(cuts):
        return float("nan")
    # By disclosed members: whoever is undisclosed keeps the place in every order that is compared.
    weights = np.bincount(known, discounts(cuts - 1))
    worst = _worst(tuple(sizes.tolist()), desired.tobytes(), weights.tobytes(), measure)
    if not NOTHING < worst < np.inf:
        return float("nan")
    return float(discounts(cuts - 1) @ deviation(counts.astype(np.float64), desired) / worst)


# Jobs of equal make-up, resamples of one job, and models that are compared ask for the same order again.
@lru_cache(maxsize=4096)
def _worst(sizes: tuple[int, ...], desired: bytes, weights: bytes, measure: int) -> float:
    given, aims = np.frombuffer(weights), np.frombuffer(desired)
    longest = len(given) - 1
    # Nobody whom no prefix can hold makes a difference.
    members = np.array(sizes, dtype=np.int64).clip(max=longest)
    if measure == DIVERGENCE:
        by_size = np.argsort(members, kind="stable")
        by_size = by_size[members[by_size] > 0]
        members, aims = members[by_size], aims[by_size]
        if (aims == 0).any():
            return float("inf")
    # In floats: the states of many groups are more than an integer holds.
    if np.prod(members[:-1] + 1.0) * longest <= ALL_ORDERS:
        return float(worst_order(members, aims, given, measure))
    if measure == DIFFERENCE:
        cuts = np.flatnonzero(given)
        shares = np.stack((cuts.clip(max=sizes[0]), (cuts - sizes[1]).clip(min=0))) / cuts
        return float((np.abs(shares - aims[0]) @ given[cuts]).max())
    if measure == RATIO:
        raise DataError(
            f"the worst order of {sizes[0]} and {sizes[1]} members by ratio takes too long to find: "
            "measure rnd, or rrd of a shorter top_k"
        )
    if len(members) > _MAX_GROUPS:
        raise DataError(
            f"a job holds {len(members)} groups: the worst order of more than {_MAX_GROUPS} is not searched for; "
            "join small groups, or measure each group against the rest with rnd_each"
        )
    return float(worst_order_of_blocks(members, aims, given))
