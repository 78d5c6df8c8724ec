"""How many protected candidates each prefix of a list must hold to pass for chance.

A list of candidates drawn at random, blind to groups, holds few protected ones now and then.
A minimum table says for every prefix how few are still put down to chance. Members are drawn
from an endless pool of which the share ``p`` is protected (binomial counts, FA*IR), or without
replacement from the ``n`` candidates that there are (hypergeometric counts).

All chances here are worked out by walking over the counts, place by place; none is simulated.
Two chances that differ by less than 1e-12 of their size count as equal, since floats of this
length of sum cannot tell them apart.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ranker.errors import ConstraintError
from ranker.kernels.fair_tables import chance_of_failing, lower_tails, table_at

__all__ = [
    "AdjustedTable",
    "adjusted_alpha",
    "fail_probability",
    "hypergeometric_adjusted_alpha",
    "hypergeometric_fail_probability",
    "hypergeometric_minimum_table",
    "minimum_table",
]

EQUAL: Final = 1e-12  # relative; k = 10,000 places cost 2e-12 at the very worst, 1e-14 as a rule
_LEAST_ALPHA: Final = 1e-9  # alpha / k must stay far above the 1e-30 that the kernels leave out


@dataclass(frozen=True, slots=True, eq=False)
class AdjustedTable:
    """A minimum table that a random list fails with a probability of ``alpha`` at most, all tests together.

    Parameters
    ----------
    alpha : float
        Significance of each single test: the largest that keeps the promise. It is the given
        alpha where that keeps it, else a value of the distribution function of some prefix:
        between two neighbouring ones the table does not change.
    table : ndarray of shape (k,), int64
        Fewest protected candidates among the first 1 .. k; rises by 0 or 1 from place to place.
    fail_probability : float
        Of the table, for a list drawn at random; in [0, given alpha].
    """

    alpha: float
    table: NDArray[np.int64]
    fail_probability: float


def minimum_table(k: int, p: float, alpha: float) -> NDArray[np.int64]:
    """Fewest protected candidates that each prefix of 1 .. k may hold, each prefix tested by itself.

    At place ``i`` it is the smallest ``m`` with ``P(X <= m) >= alpha``, ``X`` binomial of ``i``
    draws with chance ``p``: the alpha quantile. The paper asks for ``> alpha``, its authors'
    programs for this; they differ only where the two are equal, and only this leaves a largest
    adjusted alpha to be found.

    Parameters
    ----------
    k : int
        Length of the list, from 1.
    p : float
        Share of protected candidates, in (0, 1).
    alpha : float
        Significance of each test, in [1e-9, 1).

    Returns
    -------
    ndarray of shape (k,), int64
        Candidates.

    Raises
    ------
    ConstraintError
        If `k`, `p` or `alpha` is out of range.

    References
    ----------
    Zehlike et al. (2017), FA*IR: A Fair Top-k Ranking Algorithm, CIKM, section 4.1.

    Examples
    --------
    >>> minimum_table(10, 0.5, 0.1).tolist()
    [0, 0, 0, 1, 1, 1, 2, 2, 3, 3]
    """
    check_length(k)
    check_share(p)
    check_alpha(alpha)
    return lower_tails(k, 0, float(p), alpha * (1 - EQUAL), 0.0)[0]


def adjusted_alpha(k: int, p: float, alpha: float) -> AdjustedTable:
    """Lower alpha until a random list fails any of its k tests with a probability of alpha at most.

    The minimum table changes only where alpha passes a value of one of the k distribution
    functions, of which there are finitely many. The search goes over exactly these values, so it
    returns the largest alpha there is and its table, and the table of the next larger value fails
    too often. No tolerance is left but that of floats (see the module).

    Parameters
    ----------
    k : int
        Length of the list, from 1.
    p : float
        Share of protected candidates, in (0, 1).
    alpha : float
        Probability with which a random list may fail, in [1e-9, 1).

    Returns
    -------
    AdjustedTable
        ``alpha`` of each test, the ``table`` and its ``fail_probability``.

    Raises
    ------
    ConstraintError
        If `k`, `p` or `alpha` is out of range.

    Notes
    -----
    Below ``alpha / k`` nothing needs to be searched, since k tests fail with ``k`` times the
    probability of each at most.

    References
    ----------
    Zehlike et al. (2017), FA*IR: A Fair Top-k Ranking Algorithm, CIKM, section 4.3.

    Examples
    --------
    >>> found = adjusted_alpha(20, 0.25, 0.1)
    >>> round(found.alpha, 4), round(found.fail_probability, 4)
    (0.0751, 0.0897)
    """
    check_length(k)
    check_share(p)
    check_alpha(alpha)
    return _search(int(k), 0, float(p), float(alpha))


def fail_probability(table: ArrayLike, p: float) -> float:
    """Probability that a random list holds fewer than a table asks at some place.

    Parameters
    ----------
    table : array_like of shape (k,), int
        Fewest protected candidates among the first 1 .. k.
    p : float
        Chance of each place to hold a protected candidate, independent of the others, in (0, 1).

    Returns
    -------
    float
        In [0, 1], to about 1e-13.

    Raises
    ------
    ConstraintError
        If the table is no list of whole numbers from 0, or `p` is out of range.

    References
    ----------
    Zehlike et al. (2017), FA*IR: A Fair Top-k Ranking Algorithm, CIKM, section 4.3.

    Examples
    --------
    >>> round(fail_probability(minimum_table(20, 0.25, 0.1), 0.25), 4)
    0.1469
    """
    check_share(p)
    return float(chance_of_failing(_as_table(table), 0, float(p), 1.0))


def hypergeometric_minimum_table(k: int, n: int, n_protected: int, alpha: float) -> NDArray[np.int64]:
    """Fewest protected candidates of each prefix of a list drawn from a finite pool without replacement.

    Parameters
    ----------
    k : int
        Length of the list, in [1, n].
    n, n_protected : int
        Candidates in the pool, and protected ones among them.
    alpha : float
        Significance of each test, in [1e-9, 1).

    Returns
    -------
    ndarray of shape (k,), int64
        At place ``i`` the smallest ``m`` with ``P(X <= m) >= alpha``, ``X`` the protected among
        ``i`` drawn of the pool.

    Raises
    ------
    ConstraintError
        If a number is out of range.

    References
    ----------
    Cartier van Dissel et al. (2025), hyperFA*IR: A Hypergeometric Approach to Fair Rankings with
    Finite Candidate Pool, FAccT.

    Examples
    --------
    >>> hypergeometric_minimum_table(10, 10, 5, 0.1).tolist()
    [0, 0, 1, 1, 1, 2, 3, 3, 4, 5]
    """
    _check_pool(k, n, n_protected)
    check_alpha(alpha)
    return lower_tails(k, n, float(n_protected), alpha * (1 - EQUAL), 0.0)[0]


def hypergeometric_adjusted_alpha(k: int, n: int, n_protected: int, alpha: float) -> AdjustedTable:
    """Adjust alpha as `adjusted_alpha` does, for lists drawn from a finite pool without replacement.

    Parameters
    ----------
    k : int
        Length of the list, in [1, n].
    n, n_protected : int
        Candidates in the pool, and protected ones among them.
    alpha : float
        Probability with which a random list may fail, in [1e-9, 1).

    Returns
    -------
    AdjustedTable
        ``alpha`` of each test, the ``table`` and its ``fail_probability``.

    Raises
    ------
    ConstraintError
        If a number is out of range.

    References
    ----------
    Cartier van Dissel et al. (2025), hyperFA*IR, FAccT; they estimate it from simulated lists.

    Examples
    --------
    >>> found = hypergeometric_adjusted_alpha(10, 10, 5, 0.1)
    >>> round(found.alpha, 4), round(found.fail_probability, 4)
    (0.0833, 0.0397)
    """
    _check_pool(k, n, n_protected)
    check_alpha(alpha)
    return _search(int(k), int(n), float(n_protected), float(alpha))


def hypergeometric_fail_probability(table: ArrayLike, n: int, n_protected: int) -> float:
    """Probability that a list drawn from a finite pool holds fewer than a table asks at some place.

    Parameters
    ----------
    table : array_like of shape (k,), int
        Fewest protected candidates among the first 1 .. k, k at most `n`.
    n, n_protected : int
        Candidates in the pool, and protected ones among them.

    Returns
    -------
    float
        In [0, 1], to about 1e-13.

    Raises
    ------
    ConstraintError
        If the table is no list of whole numbers from 0, or a number is out of range.

    References
    ----------
    Cartier van Dissel et al. (2025), hyperFA*IR, FAccT.

    Examples
    --------
    >>> hypergeometric_fail_probability([0, 0, 1], 4, 1)  # drawn last of four
    0.25
    """
    asked = _as_table(table)
    _check_pool(asked.size, n, n_protected)
    return float(chance_of_failing(asked, int(n), float(n_protected), 1.0))


@lru_cache(maxsize=1024)  # jobs of a batch, and calls for the same list lengths, share their tables
def _search(k: int, pool: int, hits: float, alpha: float) -> AdjustedTable:
    start, indptr, values = lower_tails(k, pool, hits, alpha / k * (1 - EQUAL), alpha)

    def tried(level: float) -> AdjustedTable:
        table = table_at(level * (1 - EQUAL), start, indptr, values)
        table.flags.writeable = False
        return AdjustedTable(level, table, float(chance_of_failing(table, pool, hits, limit)))

    limit = alpha * (1 + EQUAL)
    best = tried(alpha)
    if best.fail_probability <= limit:
        return best
    levels = np.unique(values)
    best, good, bad = tried(float(levels[0])), 0, levels.size
    while bad - good > 1:
        middle = (good + bad) // 2
        found = tried(float(levels[middle]))
        if found.fail_probability <= limit:
            best, good = found, middle
        else:
            bad = middle
    return best


def check_length(k: object, *, what: str = "a list") -> None:
    """Refuse a length that is no whole number from 1."""
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)) or k < 1:
        raise ConstraintError(f"{what} cannot be {k!r} long: give a whole number from 1")


def check_share(p: object) -> None:
    """Refuse a share that is not between 0 and 1."""
    if isinstance(p, bool) or not isinstance(p, (int, float, np.number)) or not 0 < p < 1:
        raise ConstraintError(
            f"p={p!r} is no share of protected candidates: give a number between 0 and 1, such as .4"
        )


def check_alpha(alpha: object) -> None:
    """Refuse a significance that is not between 1e-9 and 1."""
    number = isinstance(alpha, (int, float, np.number)) and not isinstance(alpha, bool)
    if not number or not _LEAST_ALPHA <= alpha < 1:  # type: ignore[operator]
        raise ConstraintError(
            f"alpha={alpha!r} is no significance: give the probability with which a list drawn at random "
            f"may fail, from {_LEAST_ALPHA} to below 1, such as .1"
        )


def _check_pool(k: int, n: int, n_protected: int) -> None:
    check_length(k)
    check_length(n, what="a pool")
    whole = isinstance(n_protected, (int, np.integer)) and not isinstance(n_protected, bool)
    if not whole or not 0 <= n_protected <= n:
        raise ConstraintError(f"n_protected={n_protected!r}: give a whole number from 0 to n={n}")
    if k > n:
        raise ConstraintError(f"k={k} places cannot be filled from a pool of {n}: give k up to {n}")


def _as_table(table: ArrayLike) -> NDArray[np.int64]:
    array = np.asarray(table)
    if array.ndim != 1 or array.size == 0 or array.dtype.kind not in "iu" or array.min() < 0:
        raise ConstraintError(
            "a minimum table is a list of whole numbers from 0, one for each prefix, such as [0, 0, 1, 1]"
        )
    return array.astype(np.int64)
