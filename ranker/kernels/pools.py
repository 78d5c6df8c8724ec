"""Sums over every candidate of a block, job by job, and the places of those that may stand on top.

Blocks are (n_jobs, n) arrays; ``codes`` say where a match falls, ``amounts`` what that adds.
Nothing is checked here: callers pass what the docstrings say. Scores have the model's unit.
"""

import numpy as np
from numpy.typing import NDArray

from ranker.kernels.compiled import kernel

__all__ = ["add_coded", "keep_largest", "push", "push_coded"]


@kernel()
def add_coded(sums: NDArray[np.float64], amounts: NDArray[np.float64], codes: NDArray[np.uint16]) -> None:
    """Add ``amounts[job, codes[job, i]]`` in place: (n_jobs, n), (n_jobs, n_codes), (n_jobs, n) u8 or u16."""
    for job in range(sums.shape[0]):
        table, said, into = amounts[job], codes[job], sums[job]
        for i in range(into.size):
            into[i] += table[said[i]]


@kernel()
def push(
    sums: NDArray[np.float64],
    least: NDArray[np.float64],
    start: int,
    n_held: NDArray[np.int64],
    held: NDArray[np.float64],
    places: NDArray[np.int64],
) -> None:
    """Append what reaches each job's ``least`` to what it holds.

    sums: (n_jobs, n); least, n_held: (n_jobs,); held, places: (n_jobs, room), with room for n more in
    every job. Entry i of the block is at place ``start + i``.
    """
    for job in range(sums.shape[0]):
        line, bound, count = sums[job], least[job], n_held[job]
        for i in range(line.size):
            if line[i] >= bound:
                held[job, count] = line[i]
                places[job, count] = start + i
                count += 1
        n_held[job] = count


@kernel()
def push_coded(
    own: NDArray[np.float64],
    amounts: NDArray[np.float64],
    codes: NDArray[np.uint8],
    least: NDArray[np.float64],
    start: int,
    n_held: NDArray[np.int64],
    held: NDArray[np.float64],
    places: NDArray[np.int64],
) -> None:
    """Add one match to the candidates' own sums, (n,), and :func:`push` the result, in one pass.

    A job's own sum stands in its ``amounts``.
    """
    for job in range(codes.shape[0]):
        table, said, bound, count = amounts[job], codes[job], least[job], n_held[job]
        for i in range(own.size):
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
    least: NDArray[np.float64],
    n_held: NDArray[np.int64],
    held: NDArray[np.float64],
    places: NDArray[np.int64],
) -> None:
    """Raise each job's ``least`` to its k-th largest less ``slack``, and drop what lies below, in place.

    Jobs that hold fewer than k keep all. Order is kept.
    """
    for job in range(n_held.size):
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
