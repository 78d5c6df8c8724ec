"""The exact split of an amount that depends on the greatest of its parts alone."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["greatest_of_each", "maximum_shares"]


def maximum_shares(
    amount_of: Callable[[NDArray[np.float64]], NDArray[np.float64]], sizes: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Split ``amount_of(greatest size) - amount_of(0)`` over the parts, by their Shapley values.

    The game is the airport game: what rises from one size to the next larger one is owed by
    all parts of that size and above, and shared equally among them. This is exact for any
    function and any number of parts.

    Parameters
    ----------
    amount_of : callable
        The amount as a function of the greatest size, (m,) -> (m,), in score units.
    sizes : (n_parts,) float64 array
        Of the parts, from 0 up.

    Returns
    -------
    (n_parts,) float64 array
        In score units; a part of size 0 gets 0.

    References
    ----------
    Littlechild & Owen (1973), A simple expression for the Shapley value in a special case.
    """
    order = np.argsort(sizes, kind="stable")
    amounts = amount_of(np.concatenate([np.zeros(1), sizes[order]]))
    steps = np.diff(amounts) / np.arange(len(sizes), 0, -1)
    shares = np.empty(len(sizes))
    shares[order] = np.cumsum(steps)
    return shares


def greatest_of_each(indptr: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Greatest value of each run ``indptr[i] .. indptr[i + 1]``, 0 for an empty one: values from 0 up."""
    out = np.zeros(indptr.size - 1)
    filled = np.diff(indptr) > 0
    if values.size:
        out[filled] = np.maximum.reduceat(values, indptr[:-1][filled])
    return out
