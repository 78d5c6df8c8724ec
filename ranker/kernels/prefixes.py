"""What the tops of a list hold of each group, for every length of the top.

A prefix is the first so many places of a job's list. ``codes`` are groups in rank order, -1 where
undisclosed: such a place counts as a place, and its holder in no group. ``desired`` are shares that
sum to 1. Nothing is checked here: callers pass what the docstrings say.
"""

import math

import numpy as np
from numpy.typing import NDArray

from ranker.kernels.compiled import kernel

__all__ = ["discounted_divergence", "lagging_prefixes", "worst_order", "worst_order_of_blocks"]

# q * k in floats may miss a whole number that it equals: .29 * 100 is 28.999999999999996.
_NEARLY = 1e-9


@kernel()
def discounted_divergence(
    codes: NDArray[np.int64],
    indptr: NDArray[np.int64],
    desired: NDArray[np.float64],
    lengths: NDArray[np.int64],
    weights: NDArray[np.float64],
    smoothing: float,
) -> NDArray[np.float64]:
    """Weighted mean over prefixes of KL(shares in the prefix || desired shares), in nats, (n_jobs,).

    Of job ``j`` the prefixes of 1 .. ``lengths[j]`` places, weighted by ``weights`` (of the longest
    length at least), less those that hold no disclosed member; NaN where that leaves none.
    ``smoothing`` is added to every share. ``desired`` is (n_jobs, n_groups).
    """
    n_groups = desired.shape[1]
    out = np.full(lengths.size, np.nan)
    counts = np.empty(n_groups)
    for job in range(lengths.size):
        counts[:] = 0.0
        known, total, weight, divergence = 0, 0.0, 0.0, 0.0
        for place in range(lengths[job]):
            code = codes[indptr[job] + place]
            if code >= 0:
                known += 1
                counts[code] += 1.0
                divergence = 0.0
                for group in range(n_groups):
                    share = counts[group] / known + smoothing
                    aim = desired[job, group] + smoothing
                    if share > 0.0:  # 0 ln 0 is 0
                        divergence += share * math.log(share / aim) if aim > 0.0 else math.inf
            if known > 0:
                # By Gibbs' inequality never below 0 but by rounding.
                total += weights[place] * max(divergence, 0.0)
                weight += weights[place]
        if weight > 0.0:
            out[job] = total / weight
    return out


@kernel()
def lagging_prefixes(
    codes: NDArray[np.int64],
    indptr: NDArray[np.int64],
    desired: NDArray[np.float64],
    lengths: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Prefixes that hold too few of a group, and pairs of such a prefix and such a group, (n_jobs, 2).

    Too few is below floor(desired share * disclosed members of the prefix). Of job ``j`` the prefixes
    of 1 .. ``lengths[j]`` places. ``desired`` is (n_jobs, n_groups).
    """
    n_groups = desired.shape[1]
    out = np.zeros((lengths.size, 2), dtype=np.int64)
    counts = np.empty(n_groups, dtype=np.int64)
    for job in range(lengths.size):
        counts[:] = 0
        known, lagging = 0, 0
        for place in range(lengths[job]):
            code = codes[indptr[job] + place]
            if code >= 0:
                known += 1
                counts[code] += 1
                lagging = 0
                for group in range(n_groups):
                    if counts[group] < math.floor(desired[job, group] * known + _NEARLY):
                        lagging += 1
            out[job, 0] += lagging > 0
            out[job, 1] += lagging
    return out


@kernel()
def worst_order(
    sizes: NDArray[np.int64], desired: NDArray[np.float64], weights: NDArray[np.float64], measure: int
) -> float:
    """Largest weighted sum of deviations that an order of given groups can have.

    Groups of ``sizes`` members, (n_groups,), two at least and none empty; ``desired`` shares,
    (n_groups,); ``weights`` of the prefixes by disclosed members, from 0, as long as the longest
    prefix and 1 more. ``measure`` is the deviation of a prefix: 0, |share - desired share| of the
    first group; 1, |ratio - desired ratio| of the first group to the second, a ratio with a 0 being
    0; 2, KL(shares || desired shares) in nats.

    Exact: a state is how many of each group but the last have been placed, and the best way to it
    is found place by place. Members * product of (size + 1) over all groups but the last.
    """
    n_groups = sizes.size
    strides = np.ones(n_groups, dtype=np.int64)
    for group in range(1, n_groups):
        strides[group] = strides[group - 1] * (sizes[group - 1] + 1)
    best = np.full(strides[n_groups - 1], -1.0)  # -1: no order leads there
    best[0] = 0.0
    counts = np.empty(n_groups, dtype=np.int64)
    for known in range(1, weights.size):
        # From the last state down, so that a state's predecessors still are those of one place less.
        counts[:] = sizes
        placed = sizes[:-1].sum()
        for state in range(best.size - 1, -1, -1):
            last = known - placed
            value = -1.0
            if 0 <= last <= sizes[n_groups - 1]:
                value = best[state] if last > 0 else -1.0
                for group in range(n_groups - 1):
                    if counts[group] > 0:
                        value = max(value, best[state - strides[group]])
                if weights[known] > 0.0 and value >= 0.0:
                    counts[n_groups - 1] = last
                    value += weights[known] * _deviation(counts, known, desired, measure)
            best[state] = value
            for group in range(n_groups - 1):
                if counts[group] > 0:
                    counts[group] -= 1
                    placed -= 1
                    break
                counts[group] = sizes[group]
                placed += sizes[group]
    return best.max()


@kernel()
def _deviation(counts: NDArray[np.int64], known: int, desired: NDArray[np.float64], measure: int) -> float:
    if measure == 0:
        return abs(counts[0] / known - desired[0])
    if measure == 1:
        ratio = counts[0] / counts[1] if counts[1] > 0 else 0.0
        aim = desired[0] / desired[1] if desired[1] > 0.0 else 0.0
        return abs(ratio - aim)
    total = 0.0
    for group in range(counts.size):
        if counts[group] > 0:
            share = counts[group] / known
            total += share * math.log(share / desired[group])
    return max(total, 0.0)


@kernel()
def worst_order_of_blocks(
    sizes: NDArray[np.int64], desired: NDArray[np.float64], weights: NDArray[np.float64]
) -> float:
    """Largest weighted sum of KL(shares || desired shares) of an order that keeps groups together.

    As `worst_order` with ``measure`` 2, but only over orders where each group stands in one block: a
    state is which groups have been placed. 2 ** n_groups * longest prefix.
    """
    n_groups = sizes.size
    n_states = 1 << n_groups
    best = np.full(n_states, -1.0)
    best[0] = 0.0
    for state in range(n_states):
        known, constant = 0, 0.0  # of the groups placed: members, and sum of n ln(n / desired share)
        for group in range(n_groups):
            if state >> group & 1:
                known += sizes[group]
                constant += sizes[group] * math.log(sizes[group] / desired[group])
        for group in range(n_groups):
            if state >> group & 1:
                continue
            value = best[state]
            for count in range(1, min(sizes[group], weights.size - 1 - known) + 1):
                if weights[known + count] > 0.0:
                    total = constant + count * math.log(count / desired[group])
                    value += weights[known + count] * max(
                        total / (known + count) - math.log(known + count), 0.0
                    )
            with_it = state | 1 << group
            best[with_it] = max(best[with_it], value)
    return best[n_states - 1]
