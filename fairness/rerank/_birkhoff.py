"""A table of chances as a lottery over whole lists: the decomposition of Birkhoff and von Neumann."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

# Chances below it are rounding: of 1e12 lists drawn, about one would differ.
DUST = 1e-12


def filled(block: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Add columns for those who may have no place, and make rows and columns sum to 1.

    Parameters
    ----------
    block : ndarray of shape (m, d)
        Chance of each candidate to have each of ``d <= m`` places; columns sum to 1 and rows to 1
        at most, but for rounding.

    Returns
    -------
    rows, columns, chances : ndarrays of shape (n_positive,)
        The positive cells of a doubly stochastic (m, m) matrix whose first ``d`` columns are the block.
    """
    m, d = block.shape
    rows, columns = np.nonzero(block > DUST)
    chances = block[rows, columns]
    lacks = np.maximum(1.0 - np.bincount(rows, chances, m), 0.0)
    # Those with a chance of both first, which together fill whole columns: the rest then have one each.
    order = np.lexsort((np.arange(m), np.abs(lacks - 0.5)))
    row, column, room = 0, d, 1.0
    more: list[tuple[int, int, float]] = []
    left = lacks[order]
    while row < m and column < m:
        part = min(left[row], room)
        if part > DUST:
            more.append((int(order[row]), column, float(part)))
        left[row] -= part
        room -= part
        if left[row] <= DUST:
            row += 1
        if room <= DUST:
            column, room = column + 1, 1.0
    if more:
        rows = np.concatenate([rows, [cell[0] for cell in more]])
        columns = np.concatenate([columns, [cell[1] for cell in more]])
        chances = np.concatenate([chances, [cell[2] for cell in more]])
    # The solver keeps its equations to 1e-7; scaled in turn (Sinkhorn), sums are 1 to the last digits.
    for _ in range(100):
        chances = chances / np.bincount(rows, chances, m)[rows]
        sums = np.bincount(columns, chances, m)
        chances = chances / sums[columns]
        if np.abs(sums - 1.0).max() < 1e-14:
            break
    return rows.astype(np.int64), columns.astype(np.int64), chances


def birkhoff(
    rows: NDArray[np.int64], columns: NDArray[np.int64], chances: NDArray[np.float64], m: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Split a doubly stochastic matrix into permutations.

    Each step takes a perfect matching of the positive cells, which exists while rows and columns have
    equal sums, as far as its smallest cell goes, so that the cell is used up: there are fewer steps
    than positive cells.

    Parameters
    ----------
    rows, columns, chances : ndarrays of shape (n_positive,)
        Positive cells, each once.
    m : int
        Rows and columns of the matrix.

    Returns
    -------
    weights : ndarray of shape (n_lists,)
        Chance of each permutation, in descending order, summing to 1.
    places : ndarray of shape (n_lists, m)
        Column of each row, from 0.

    References
    ----------
    Birkhoff (1946), Tres observaciones sobre el algebra lineal; von Neumann (1953), A certain
    zero-sum two-person game equivalent to the optimal assignment problem.
    """
    order = np.argsort(rows * m + columns)
    keys, left = (rows * m + columns)[order], chances[order].copy()
    weights: list[float] = []
    places: list[NDArray[np.int64]] = []
    every = np.arange(m)
    while True:
        open_cells = keys[left > DUST]
        graph = csr_array((np.ones(open_cells.size), (open_cells // m, open_cells % m)), shape=(m, m))
        matched = maximum_bipartite_matching(graph, perm_type="column").astype(np.int64)
        if (matched < 0).any():
            break
        cells = np.searchsorted(keys, every * m + matched)
        weight = float(left[cells].min())
        left[cells] -= weight
        weights.append(weight)
        places.append(matched)
    descending = np.argsort(-np.array(weights), kind="stable")
    shares = np.array(weights)[descending]
    return shares / shares.sum(), np.array(places)[descending]
