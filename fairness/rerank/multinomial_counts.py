"""Counts of several protected groups in lists drawn by chance, place by place.

A list is drawn member by member; group ``j`` comes with the chance ``shares[j]``, everyone else
with what is left. The counts of the groups among the first ``i`` are multinomial. They pass
the test at level ``alpha`` if ``P(X_1 <= c_1, ..., X_G <= c_G) >= alpha``: if so few of each group,
or fewer, is not too rare.

Chances are kept for all combinations of counts, up to a cap for each group above which a list
by chance comes with a probability below 1e-14; the cap itself stands for "as many or more".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from fairness.rerank.minimum_tables import EQUAL, check_alpha, check_length
from ranker.errors import ConstraintError

__all__ = ["AdjustedLevel", "multinomial_adjusted_alpha", "multinomial_fail_probability"]

MOST_CELLS: Final = 2**25  # combinations of counts over all places; 256 MB of chances
_RARE: Final = 1e-14


@dataclass(frozen=True, slots=True)
class AdjustedLevel:
    """Level of each single test, so that a list drawn by chance fails any of them with ``alpha`` at most.

    Parameters
    ----------
    alpha : float
        The largest such level: the given alpha, or a value of a distribution function.
    fail_probability : float
        Of a list drawn by chance under tests of that level; in [0, given alpha].
    """

    alpha: float
    fail_probability: float


def multinomial_fail_probability(k: int, shares: Sequence[float], alpha: float) -> float:
    """Probability that a list drawn by chance fails the multinomial test of level `alpha` at some place.

    Parameters
    ----------
    k : int
        Length of the list, from 1.
    shares : sequence of float
        Chance of each protected group, each above 0 and together below 1.
    alpha : float
        Level of each place's test, in [1e-9, 1).

    Returns
    -------
    float
        In [0, 1], to about 1e-12.

    Raises
    ------
    ConstraintError
        If a number is out of range, or the combinations of counts are too many to go through.

    References
    ----------
    Zehlike, Sühr, Baeza-Yates, Bonchi, Castillo & Hajian (2022), Fair Top-k Ranking with multiple
    protected groups, Information Processing & Management 59(1).

    Examples
    --------
    >>> round(multinomial_fail_probability(6, (0.3, 0.3), 0.1), 4)
    0.2172
    """
    check_shares(shares)
    check_length(k)
    check_alpha(alpha)
    chances = _chances(k, shares)
    return _failing(shares, _tails(chances), chances[0].shape, alpha * (1 - EQUAL))


@lru_cache(maxsize=64)
def multinomial_adjusted_alpha(k: int, shares: tuple[float, ...], alpha: float) -> AdjustedLevel:
    """Lower alpha until a list drawn by chance fails any of its k tests with a probability of alpha at most.

    Parameters
    ----------
    k : int
        Length of the list, from 1.
    shares : tuple of float
        Chance of each protected group, each above 0 and together below 1.
    alpha : float
        Probability with which a list may fail, in [1e-9, 1).

    Returns
    -------
    AdjustedLevel
        The search goes over the values that the distribution functions take on lists that can
        occur, so it is the largest level there is.

    Raises
    ------
    ConstraintError
        If a number is out of range, or the combinations of counts are too many to go through.

    References
    ----------
    Zehlike et al. (2022), Information Processing & Management 59(1); the
    authors' program stops within .001 of alpha, or extrapolates a curve fitted to shorter lists.

    Examples
    --------
    >>> found = multinomial_adjusted_alpha(8, (0.3, 0.3), 0.1)
    >>> round(found.alpha, 4), round(found.fail_probability, 4)
    (0.0304, 0.0863)
    """
    check_shares(shares)
    check_length(k)
    check_alpha(alpha)
    chances = _chances(k, shares)
    tails = _tails(chances)
    shape, limit = chances[0].shape, alpha * (1 + EQUAL)
    whole = _failing(shares, tails, shape, alpha * (1 - EQUAL))
    if whole <= limit:
        return AdjustedLevel(alpha, whole)
    levels = np.unique(tails[(chances > 0) & (tails <= alpha)])
    # The lowest value that occurs fails nobody.
    good, bad, best = 0, levels.size, AdjustedLevel(float(levels[0]), 0.0)
    while bad - good > 1:
        middle = (good + bad) // 2
        chance = _failing(shares, tails, shape, levels[middle] * (1 - EQUAL))
        if chance <= limit:
            good, best = middle, AdjustedLevel(float(levels[middle]), chance)
        else:
            bad = middle
    return best


def caps(k: int, shares: Sequence[float]) -> tuple[int, ...]:
    """Count of each group that a list by chance practically never exceeds, up to ``k``, (n_groups,)."""
    return tuple(min(k, int(binom.isf(_RARE, k, share)) + 1) for share in shares)


def passing(k: int, shares: Sequence[float], members: Sequence[int], level: float) -> NDArray[np.bool_]:
    """Flag counts from which a list can be filled up to place ``k``, every prefix passing.

    Parameters
    ----------
    k : int
        Places that are tested.
    shares : sequence of float
        Chance of each protected group.
    members : sequence of int
        Candidates that each has; whoever has placed all of them is asked for no more.
    level : float
        Of each place's test.

    Returns
    -------
    ndarray of shape (k + 1, limit_1 + 1, ..., limit_G + 1), bool
        By the number of places filled and the counts; a group's limit stands for that count or
        more. A flagged entry stays flagged with more of any group.
    """
    limits = tuple(min(cap, have) for cap, have in zip(caps(k, shares), members, strict=True))
    good = _tails(_chances(k, shares, limits)) >= level * (1 - EQUAL)
    for place in range(k - 1, -1, -1):
        reached = good[place + 1].copy()
        for axis in range(len(limits)):
            here, above = _neighbours(reached.ndim, axis)
            reached[here] |= good[place + 1][above]
        good[place] &= reached
    return good


def check_shares(shares: Sequence[float]) -> None:
    """Refuse shares that are none, not above 0, or leave nothing to everyone else."""
    if not len(shares) or not all(0 < share < 1 for share in shares) or not sum(shares) < 1:
        raise ConstraintError(
            f"shares {tuple(shares)} cannot be those of protected groups: each must be above 0, and "
            "together they must leave a share to everyone else"
        )


def _chances(k: int, shares: Sequence[float], limits: tuple[int, ...] | None = None) -> NDArray[np.float64]:
    """Chances of counts after 0 .. k places, (k + 1, limit_1 + 1, ..., limit_G + 1)."""
    shape = tuple(limit + 1 for limit in (caps(k, shares) if limits is None else limits))
    cells = (k + 1) * int(np.prod(shape, dtype=float))
    if cells > MOST_CELLS:
        raise ConstraintError(
            f"{k} places and {len(shape)} protected groups make {cells:,} combinations of counts, more than "
            f"{MOST_CELLS:,}: test fewer places with top_k, or fewer groups at once"
        )
    out = np.zeros((k + 1, *shape))
    out[0][(0,) * len(shape)] = 1.0
    for place in range(k):
        out[place + 1] = _drawn_once_more(out[place], shares)
    return out


def _drawn_once_more(chances: NDArray[np.float64], shares: Sequence[float]) -> NDArray[np.float64]:
    out = (1.0 - sum(shares)) * chances
    for axis, share in enumerate(shares):
        here, above = _neighbours(chances.ndim, axis)
        out[above] += share * chances[here]
        last = (slice(None),) * axis + (-1,)
        out[last] += share * chances[last]  # "as many or more" stays so
    return out


def _neighbours(n_axes: int, axis: int) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Slices of the counts that can rise along an axis, and of those they rise to."""
    before = (slice(None),) * axis
    after = (slice(None),) * (n_axes - axis - 1)
    return (*before, slice(None, -1), *after), (*before, slice(1, None), *after)


def _tails(chances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Chances of at most these counts, at each number of places."""
    out = chances
    for axis in range(1, chances.ndim):
        out = np.cumsum(out, axis=axis)
    return out


def _failing(
    shares: Sequence[float], tails: NDArray[np.float64], shape: tuple[int, ...], level: float
) -> float:
    chances = np.zeros(shape)
    chances[(0,) * len(shape)] = 1.0
    failed = 0.0
    for tail in tails[1:]:
        chances = _drawn_once_more(chances, shares)
        below = tail < level
        failed += float(chances[below].sum())
        chances[below] = 0.0
    return failed
