"""Exact splits of an amount over the raw parts that made a feature's value.

A game ``v(S)`` is the amount that the score would hold with only the parts ``S``
present. Its Shapley values are the one split that is complete, symmetric, linear and
gives nothing to a part that changes nothing (Shapley 1953).
"""

from collections.abc import Callable
from math import factorial

import numpy as np

EXACT = 12  # parts; 2**12 evaluations of a step function take well under a millisecond


def shapley_shares(game: Callable[[np.ndarray], np.ndarray], n_parts: int) -> np.ndarray:
    """Shapley values of a game by enumeration.

    Parameters
    ----------
    game : callable
        Takes a (m, n_parts) bool array, a row for each set of present parts, and returns
        (m,) amounts.
    n_parts : int
        Number of parts, at most :data:`EXACT`.

    Returns
    -------
    (n_parts,) float64 array
        Sums to ``game(all) - game(none)``.

    References
    ----------
    Shapley (1953), A value for n-person games.
    """
    sets = ((np.arange(2**n_parts)[:, None] >> np.arange(n_parts)) & 1).astype(bool)
    amounts = game(sets)
    size = sets.sum(axis=1)
    weights = np.array(
        [factorial(s) * factorial(n_parts - s - 1) / factorial(n_parts) for s in range(n_parts)]
    )
    shares = np.empty(n_parts)
    for part in range(n_parts):
        without = np.flatnonzero(~sets[:, part])
        shares[part] = np.sum(weights[size[without]] * (amounts[without | (1 << part)] - amounts[without]))
    return shares


def proportional_shares(total: float, sizes: np.ndarray) -> np.ndarray:
    """Aumann-Shapley values of a game that depends on the sum of its parts' sizes alone.

    Along the ray from nothing to everything each part grows at a rate in proportion to
    its size, so the integral gives it that share of the total, whatever the function.

    Parameters
    ----------
    total : float
        ``v(all) - v(none)``.
    sizes : (n_parts,) float64 array
        Sizes, non-negative; where all are 0 the parts share equally.

    References
    ----------
    Aumann & Shapley (1974), Values of Non-Atomic Games.
    """
    whole = sizes.sum()
    return np.full(len(sizes), total / len(sizes)) if whole == 0 else total * sizes / whole


def sum_shares(amount_of: Callable[[np.ndarray], np.ndarray], sizes: np.ndarray) -> np.ndarray:
    """Split ``amount_of(sum of sizes) - amount_of(0)`` over the parts.

    Equal sizes share equally (Shapley by symmetry, any number of parts); up to
    :data:`EXACT` parts get their Shapley values, more get Aumann-Shapley ones.
    """
    total = float(amount_of(np.array([sizes.sum()]))[0] - amount_of(np.zeros(1))[0])
    if np.all(sizes == sizes[0]) or len(sizes) > EXACT:
        return proportional_shares(total, sizes)
    return shapley_shares(lambda sets: amount_of(sets @ sizes), len(sizes))
