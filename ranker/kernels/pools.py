"""Sums over every candidate of a block, job by job, and the places of those that may stand on top.

Blocks are (n_lines, n) arrays, a line for each job that is still open; ``lines`` says which of the
arrays of all jobs it is. ``codes`` say where a match falls, ``amounts`` what that adds.
Nothing is checked here: callers pass what the docstrings say. Scores have the model's unit.
"""

import numpy as np
from numpy.typing import NDArray

from ranker.kernels.compiled import kernel

__all__ = ["add_coded", "coarse_order", "keep_largest", "push", "push_coded"]


@kernel()
def add_coded(
    sums: NDArray[np.float64],
    amounts: NDArray[np.float64],
    codes: NDArray[np.uint16],
    lines: NDArray[np.int64],
) -> None:
    """Add what each code adds in its job, in place: (n_lines, n), (n_jobs, n_codes), (n_lines, n) u8 or u16."""
    for line in range(lines.size):
        table, said, into = amounts[lines[line]], codes[line], sums[line]
        for i in range(into.size):
            into[i] += table[said[i]]


@kernel()
def coarse_order(values: NDArray[np.float64], n_steps: int) -> NDArray[np.int64]:
    """Positions in descending steps of the range of the values: (n,) -> (n,); within a step as they came.

    Counted instead of sorted: n, not n log n, and reading in this order runs along ``n_steps`` streams
    instead of all over memory, 40 ns a candidate less of ten million.
    """
    order = np.empty(values.size, np.int64)
    high, low = values[0], values[0]
    for value in values:
        high, low = max(high, value), min(low, value)
    per_unit = (n_steps - 1) / (high - low) if high - low > 0 else 0.0
    if not np.isfinite(per_unit):
        per_unit = 0.0
    starts = np.zeros(n_steps + 1, np.int64)
    for value in values:
        starts[int((high - value) * per_unit) + 1] += 1
    for step in range(n_steps):
        starts[step + 1] += starts[step]
    for i in range(values.size):
        step = int((high - values[i]) * per_unit)
        order[starts[step]] = i
        starts[step] += 1
    return order


@kernel()
def push(
    sums: NDArray[np.float64],
    start: int,
    lines: NDArray[np.int64],
    least: NDArray[np.float64],
    n_held: NDArray[np.int64],
    held: NDArray[np.float64],
    places: NDArray[np.int64],
) -> None:
    """Append what reaches each job's ``least`` to what it holds.

    sums: (n_lines, n); least, n_held: (n_jobs,); held, places: (n_jobs, room), with room for n more in
    every job. Entry i of the block is at place ``start + i``.
    """
    for line in range(lines.size):
        job = lines[line]
        said, bound, count = sums[line], least[job], n_held[job]
        for i in range(said.size):
            if said[i] >= bound:
                held[job, count] = said[i]
                places[job, count] = start + i
                count += 1
        n_held[job] = count


@kernel()
def push_coded(
    own: NDArray[np.float64],
    reach: float,
    amounts: NDArray[np.float64],
    codes: NDArray[np.uint8],
    start: int,
    lines: NDArray[np.int64],
    least: NDArray[np.float64],
    n_held: NDArray[np.int64],
    held: NDArray[np.float64],
    places: NDArray[np.int64],
) -> None:
    """Add one match to the candidates' own sums, (n,), and :func:`push` the result, in one pass.

    A job's own sum stands in its ``amounts``; no own sum exceeds ``reach``.
    """
    n = own.size
    for line in range(lines.size):
        job = lines[line]
        table, said, bound, count = amounts[job], codes[line], least[job], n_held[job]
        # The lowest code that can be enough for anybody here: most stretches of 64 hold none so high, and
        # their largest code is found many at a time.
        lowest = 0
        while lowest < table.size and reach + table[lowest] < bound:
            lowest += 1
        for first in range(0, n, 64):
            last = min(first + 64, n)
            if lowest > 0:
                some = said[first:last]
                highest = np.uint8(0)
                for i in range(some.size):
                    highest = max(highest, some[i])
                if highest < lowest:
                    continue
            for i in range(first, last):
                score = own[i] + table[said[i]]
                if score >= bound:
                    held[job, count] = score
                    places[job, count] = start + i
                    count += 1
        n_held[job] = count


@kernel()
def keep_largest(
    k: int,
    slack: float,
    lines: NDArray[np.int64],
    least: NDArray[np.float64],
    n_held: NDArray[np.int64],
    held: NDArray[np.float64],
    places: NDArray[np.int64],
) -> None:
    """Raise each line's ``least`` to its k-th largest less ``slack``, and drop what lies below, in place.

    Jobs that hold fewer than k keep all. Order is kept.
    """
    for job in lines:
        count = n_held[job]
        if count < k:
            continue
        bound = np.partition(held[job, :count], count - k)[count - k] - slack
        if bound > least[job]:
            least[job] = bound
        bound, kept = least[job], 0
        for i in range(count):
            if held[job, i] >= bound:
                held[job, kept] = held[job, i]
                places[job, kept] = places[job, i]
                kept += 1
        n_held[job] = kept
