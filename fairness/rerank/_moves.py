"""A new order, told as moves: whoever is raised is raised for a reason."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ranker.kernels.raising import raised_from
from ranker.ranking.ranking import Move, Ranking


def reordered(
    ranking: Ranking, order: NDArray[np.int64], rule: str, reason: Callable[[int, int], str]
) -> Ranking:
    """Re-rank, with one move for every candidate who is raised; the others only shift down.

    The list is built from its top: where the wanted candidate does not stand at a place yet, he or
    she is raised to it. So a re-ranker that takes its groups' own orders and interrupts the order
    of the scores n times makes n moves.

    Parameters
    ----------
    ranking : Ranking
        The order before, ``n`` entries.
    order : (n,) int array
        Positions in it, in the new rank order, job by job.
    rule : str
        Name of the re-ranker, for the moves.
    reason : callable
        ``reason(place, position)`` says in a sentence why the entry at ``position`` of the old
        order is raised to ``place`` of the new one; both count from 0 over all jobs.

    Returns
    -------
    Ranking
        With the moves after those that were already made.
    """
    order = np.asarray(order, dtype=np.int64)
    source = raised_from(order, ranking.indptr)
    job_of, start = ranking.job_of, ranking.indptr
    moves = []
    for place in np.flatnonzero(source != np.arange(len(ranking))).tolist():
        first = int(start[job_of[place]])
        position = int(order[place])
        moves.append(
            Move(
                job=str(ranking.jobs[job_of[place]]),
                candidate=str(ranking.candidates[position]),
                from_rank=int(source[place]) - first + 1,
                to_rank=place - first + 1,
                rule=rule,
                reason=reason(place, position),
            )
        )
    return ranking.with_order(order, moves)
