"""Newton steps of step-function tables, from sums of gradient and hessian over their cells.

A table is flat: cell ``first * n_second + second``; a term of one feature has
``n_second = 1``. Along each axis bin 0 is "missing" and the last one "unknown", which
training never fills. Nothing is checked here: callers pass what the docstrings say.
"""

import numpy as np
from numpy.typing import NDArray

from ranker.kernels.compiled import kernel

__all__ = ["step_of_categories", "step_of_one", "step_of_two", "sum_cells"]


@kernel()
def sum_cells(
    cells: NDArray[np.int32],
    gradient: NDArray[np.float64],
    hessian: NDArray[np.float64],
    sums: NDArray[np.float64],
) -> None:
    """Sum gradient, hessian and rows over the cells of a term: (n,), (n,), (n,) -> (n_cells, 3)."""
    sums[:] = 0.0
    for i in range(cells.size):
        cell = cells[i]
        sums[cell, 0] += gradient[i]
        sums[cell, 1] += hessian[i]
        sums[cell, 2] += 1.0


@kernel()
def _gain(g: float, h: float, ridge: float) -> float:
    return g * g / (h + ridge)


@kernel()
def _best_cut(
    sums: NDArray[np.float64], low: int, high: int, least: float, ridge: float
) -> tuple[int, float]:
    """Cut of the bins low .. high - 1 that gains most: first bin right of it, or -1; and the gain."""
    g, h, n = 0.0, 0.0, 0.0
    for k in range(low, high):
        g += sums[k, 0]
        h += sums[k, 1]
        n += sums[k, 2]
    whole = _gain(g, h, ridge)
    at, best = -1, 0.0
    gl, hl, nl = 0.0, 0.0, 0.0
    for k in range(low, high - 1):
        gl += sums[k, 0]
        hl += sums[k, 1]
        nl += sums[k, 2]
        if nl < least:
            continue
        if n - nl < least:
            break
        gain = _gain(gl, hl, ridge) + _gain(g - gl, h - hl, ridge) - whole
        if gain > best:
            at, best = k + 1, gain
    return at, best


@kernel()
def step_of_one(
    sums: NDArray[np.float64],
    cut: float,
    monotone: int,
    least: float,
    ridge: float,
    rate: float,
    step: NDArray[np.float64],
) -> None:
    """Newton step of a term of one feature, of up to three leaves: (n_bins, 3) -> (n_bins,).

    With ``cut`` in [0, 1) there is a single cut, at that share of the rows: steps at random
    places add up to smooth shapes. ``monotone`` 1 or -1 leaves out leaves that break it.
    """
    n_bins = sums.shape[0]
    step[:] = 0.0
    if sums[0, 2] >= least:
        step[0] = -rate * sums[0, 0] / (sums[0, 1] + ridge)
    last = n_bins - 1
    if last <= 1:
        return
    first = -1
    if cut >= 0.0:
        total = 0.0
        for k in range(1, last):
            total += sums[k, 2]
        seen = 0.0
        for k in range(1, last - 1):
            seen += sums[k, 2]
            if seen >= cut * total and seen >= least:
                if total - seen >= least:
                    first = k + 1
                break
    else:
        first, _ = _best_cut(sums, 1, last, least, ridge)
    edges = np.array([1, first if first > 0 else last, last, last])
    if first > 0 and cut < 0.0:
        left, left_gain = _best_cut(sums, 1, first, least, ridge)
        right, right_gain = _best_cut(sums, first, last, least, ridge)
        if left_gain > 0.0 and left_gain >= right_gain:
            edges[1], edges[2] = left, first
        elif right_gain > 0.0:
            edges[2] = right
    values = np.zeros(3)
    for leaf in range(3):
        g, h = 0.0, 0.0
        for k in range(edges[leaf], edges[leaf + 1]):
            g += sums[k, 0]
            h += sums[k, 1]
        if edges[leaf + 1] > edges[leaf]:
            values[leaf] = -rate * g / (h + ridge)
        elif leaf:
            values[leaf] = values[leaf - 1]
    if monotone != 0 and (monotone * (values[1] - values[0]) < 0 or monotone * (values[2] - values[1]) < 0):
        return
    for leaf in range(3):
        for k in range(edges[leaf], edges[leaf + 1]):
            step[k] = values[leaf]


@kernel()
def step_of_categories(
    sums: NDArray[np.float64], cut: float, least: float, ridge: float, rate: float, step: NDArray[np.float64]
) -> None:
    """Newton step of a nominal term: :func:`step_of_one` over categories in order of their own steps."""
    n_bins = sums.shape[0]
    if n_bins < 3:
        step_of_one(sums, cut, 0, least, ridge, rate, step)
        return
    wish = np.zeros(n_bins - 2)
    for k in range(n_bins - 2):
        wish[k] = -sums[k + 1, 0] / (sums[k + 1, 1] + ridge) if sums[k + 1, 2] > 0.0 else 0.0
    order = np.argsort(wish, kind="mergesort")
    turned = sums.copy()
    for k in range(n_bins - 2):
        turned[k + 1] = sums[order[k] + 1]
    found = np.zeros(n_bins)
    step_of_one(turned, cut, 0, least, ridge, rate, found)
    step[0], step[n_bins - 1] = found[0], 0.0
    for k in range(n_bins - 2):
        step[order[k] + 1] = found[k + 1]


@kernel()
def step_of_two(
    sums: NDArray[np.float64],
    n_first: int,
    n_second: int,
    least: float,
    ridge: float,
    rate: float,
    step: NDArray[np.float64],
) -> None:
    """Newton step of a term of two features: one cut of the first, one of the second on each side.

    (n_first * n_second, 3) -> (n_first * n_second,)
    """
    step[:] = 0.0
    below = np.zeros((n_second, 3))
    above = np.zeros((n_second, 3))
    for a in range(n_first):
        for b in range(n_second):
            for c in range(3):
                above[b, c] += sums[a * n_second + b, c]
    at, best, low_cut, high_cut = -1, 0.0, -1, -1
    for a in range(n_first - 1):
        n_below, n_above = 0.0, 0.0
        for b in range(n_second):
            for c in range(3):
                moved = sums[a * n_second + b, c]
                below[b, c] += moved
                above[b, c] -= moved
            n_below += below[b, 2]
            n_above += above[b, 2]
        if n_below < least or n_above < least:
            continue
        low, low_gain = _best_cut(below, 0, n_second, least, ridge)
        high, high_gain = _best_cut(above, 0, n_second, least, ridge)
        gain = low_gain + high_gain + _side(below, ridge) + _side(above, ridge)
        if gain > best:
            at, best, low_cut, high_cut = a + 1, gain, low, high
    if at < 0:
        return
    for side in range(2):
        from_a, to_a = (0, at) if side == 0 else (at, n_first)
        cut = low_cut if side == 0 else high_cut
        for part in range(2):
            from_b = 0 if part == 0 else cut
            to_b = n_second if part == 1 or cut < 0 else cut
            if part == 1 and cut < 0:
                continue
            g, h = 0.0, 0.0
            for a in range(from_a, to_a):
                for b in range(from_b, to_b):
                    g += sums[a * n_second + b, 0]
                    h += sums[a * n_second + b, 1]
            value = -rate * g / (h + ridge)
            for a in range(from_a, to_a):
                for b in range(from_b, to_b):
                    step[a * n_second + b] = value


@kernel()
def _side(sums: NDArray[np.float64], ridge: float) -> float:
    g, h = 0.0, 0.0
    for b in range(sums.shape[0]):
        g += sums[b, 0]
        h += sums[b, 1]
    return _gain(g, h, ridge)
