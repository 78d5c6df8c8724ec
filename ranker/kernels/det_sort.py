"""Orders in which groups hold given shares of every prefix, one job at a time.

Candidates stand in the order that they have; whoever stands earlier is the better one. Shares are float64:
``k * share`` counts as whole within SLACK, which is exact for shares of pools up to 10 million.

Nothing is checked here: callers pass what the docstrings say.
"""

import numpy as np
from numpy.typing import NDArray

from ranker.kernels.compiled import kernel

__all__ = [
    "ALLOWED",
    "CONSERVATIVE",
    "DUE",
    "GREEDY",
    "KEPT",
    "LEFT",
    "RELAXED",
    "REQUIRED",
    "det_const_sort_order",
    "det_selection_order",
]

GREEDY, CONSERVATIVE, RELAXED = 0, 1, 2

# Why someone has a place: nobody asked; a least count; the best below a highest count; the group whose
# next member is due soonest; the best of those left where no group that may have one has a member.
KEPT, REQUIRED, ALLOWED, DUE, LEFT = 0, 1, 2, 3, 4

SLACK = 1e-9
LATEST = 2.0**53


@kernel()
def _members(
    codes: NDArray[np.int64], start: int, stop: int, n_groups: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of a job's disclosed members, group by group, and where each group begins: (m,), (G + 1,)."""
    first = np.zeros(n_groups + 1, dtype=np.int64)
    for entry in range(start, stop):
        if codes[entry] >= 0:
            first[codes[entry] + 1] += 1
    for group in range(n_groups):
        first[group + 1] += first[group]
    queue = np.empty(first[n_groups], dtype=np.int64)
    at = first[:-1].copy()
    for entry in range(start, stop):
        group = codes[entry]
        if group >= 0:
            queue[at[group]] = entry
            at[group] += 1
    return queue, first


@kernel()
def _due(count: int, share: float) -> int:
    """First prefix that must hold ``count`` members of a group; ``share`` is above 0."""
    return int(min(np.ceil(count / share - SLACK), LATEST))


@kernel()
def _fill(
    codes: NDArray[np.int64],
    start: int,
    stop: int,
    chosen: NDArray[np.int64],
    why: NDArray[np.int64],
    due: NDArray[np.int64],
    order: NDArray[np.int64],
    why_out: NDArray[np.int64],
    due_out: NDArray[np.int64],
) -> None:
    """Give the chosen the job's places from its top, then everyone else; the undisclosed keep theirs."""
    taken = np.zeros(stop - start, dtype=np.bool_)
    for entry in chosen:
        taken[entry - start] = True
    at, rest = 0, start
    for place in range(start, stop):
        if codes[place] < 0:
            order[place] = place
        elif at < chosen.size:
            order[place], why_out[place], due_out[place] = chosen[at], why[at], due[at]
            at += 1
        else:
            while codes[rest] < 0 or taken[rest - start]:
                rest += 1
            order[place] = rest
            rest += 1


@kernel()
def det_selection_order(
    codes: NDArray[np.int64],
    indptr: NDArray[np.int64],
    shares: NDArray[np.float64],
    top_k: int,
    rule: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Fill places one by one: whoever is below a least count first, then by GREEDY, CONSERVATIVE or RELAXED.

    ``codes`` (n,) in rank order, -1 for the undisclosed, who keep their places; ``shares`` (n_jobs, n_groups)
    of the disclosed; ranks beyond ``top_k`` keep the order. Returns, each (n,): positions of the old order in
    the new one, why (KEPT ..), and by which prefix of the disclosed that is due.
    """
    n_groups = shares.shape[1]
    order = np.empty(codes.size, dtype=np.int64)
    why = np.zeros(codes.size, dtype=np.int64)
    due = np.zeros(codes.size, dtype=np.int64)
    for job in range(indptr.size - 1):
        start, stop = indptr[job], indptr[job + 1]
        queue, first = _members(codes, start, stop, n_groups)
        n_places = 0
        for place in range(start, min(stop, start + top_k)):
            n_places += codes[place] >= 0
        chosen = np.empty(n_places, dtype=np.int64)
        reason = np.empty(n_places, dtype=np.int64)
        by = np.empty(n_places, dtype=np.int64)
        at = first[:-1].copy()
        for k in range(1, n_places + 1):
            best, best_why, best_turn = -1, LEFT + 1, 0.0
            for group in range(n_groups):
                if at[group] == first[group + 1]:
                    continue
                share, count = shares[job, group], at[group] - first[group]
                turn = 0.0
                if count < np.floor(k * share + SLACK):
                    asked = REQUIRED
                elif count >= np.ceil(k * share - SLACK):
                    asked = LEFT
                elif rule == GREEDY:
                    asked = ALLOWED
                else:
                    asked = DUE
                    turn = (count + 1) / share
                    if rule == RELAXED:
                        turn = np.ceil(turn - SLACK)
                # Fractions that are equal may differ by a rounding: then the better candidate goes first.
                if asked != best_why:
                    better = asked < best_why
                elif abs(turn - best_turn) > SLACK:
                    better = turn < best_turn
                else:
                    better = queue[at[group]] < queue[at[best]]
                if better:
                    best, best_why, best_turn = group, asked, turn
            chosen[k - 1], reason[k - 1] = queue[at[best]], best_why
            by[k - 1] = _due(at[best] - first[best] + 1, shares[job, best]) if best_why == DUE else k
            at[best] += 1
        _fill(codes, start, stop, chosen, reason, by, order, why, due)
    return order, why, due


@kernel()
def det_const_sort_order(
    codes: NDArray[np.int64], indptr: NDArray[np.int64], shares: NDArray[np.float64], top_k: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Take members of groups as their least counts rise, and let the better ones pass while no count breaks.

    Arguments and results as those of ``det_selection_order``. Of each job, prefixes at which no least count
    rises are leapt over, so that a small share costs no more steps than a large one.
    """
    n_groups = shares.shape[1]
    order = np.empty(codes.size, dtype=np.int64)
    why = np.zeros(codes.size, dtype=np.int64)
    due = np.zeros(codes.size, dtype=np.int64)
    next_due = np.empty(n_groups, dtype=np.int64)
    for job in range(indptr.size - 1):
        start, stop = indptr[job], indptr[job + 1]
        queue, first = _members(codes, start, stop, n_groups)
        n_places = 0
        for place in range(start, min(stop, start + top_k)):
            n_places += codes[place] >= 0
        placed = np.empty(n_places, dtype=np.int64)
        latest = np.empty(n_places, dtype=np.int64)
        reason = np.full(n_places, DUE)
        at = first[:-1].copy()
        never = np.int64(LATEST) + 1
        for group in range(n_groups):
            share = shares[job, group]
            asks = share > SLACK and at[group] < first[group + 1]
            next_due[group] = _due(1, share) if asks else never
        for last in range(n_places):
            # The soonest due comes next, of those due at once the best: whoever is taken is then due later.
            best = 0
            for group in range(1, n_groups):
                if next_due[group] < next_due[best] or (
                    next_due[group] == next_due[best] != never and queue[at[group]] < queue[at[best]]
                ):
                    best = group
            if next_due[best] == never:  # only groups without a share are left: the best goes first
                best = -1
                for group in range(n_groups):
                    if at[group] < first[group + 1] and (best < 0 or queue[at[group]] < queue[at[best]]):
                        best = group
                placed[last], latest[last], reason[last] = queue[at[best]], last + 1, LEFT
                at[best] += 1
                continue
            entry, by = queue[at[best]], next_due[best]
            at[best] += 1
            more = at[best] < first[best + 1]
            next_due[best] = _due(at[best] - first[best] + 1, shares[job, best]) if more else never
            to = last
            while to > 0 and latest[to - 1] >= to + 1 and placed[to - 1] > entry:
                placed[to], latest[to] = placed[to - 1], latest[to - 1]
                to -= 1
            placed[to], latest[to] = entry, by
        _fill(codes, start, stop, placed, reason, latest, order, why, due)
    return order, why, due
