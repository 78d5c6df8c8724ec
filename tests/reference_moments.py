"""Plain twins of the moments: loops over people, slow and easy to believe.

A person is (job, group or None, score, label). A gap is None where there is nothing to compare.
"""

import math
from itertools import pairwise


def compared(people, group):
    """Pools of the jobs where a group meets another one."""
    pools = [[p for p in people if p[0] == job] for job in sorted({p[0] for p in people})]
    disclosed = [{p[1] for p in pool} - {None} for pool in pools]
    return [pool for pool, met in zip(pools, disclosed, strict=True) if group in met and len(met) >= 2]


def worth_reference(pool, person, measure, top_k):
    """Mean worth of the places that a person shares with those of equal score."""
    above = sum(p[2] > person[2] for p in pool)
    equal = sum(p[2] == person[2] for p in pool)
    return mean([worth_of(rank, len(pool), measure, top_k) for rank in range(above + 1, above + equal + 1)])


def worth_of(rank, size, measure, top_k):
    if top_k is not None and rank > top_k:
        return 0.0
    return {
        "exposure": 1 / math.log2(1 + rank),
        "selection_rate": 1.0,
        "mean_rank": (size - rank) / (size - 1) if size > 1 else 0.5,
    }[measure]


def mean(values):
    return sum(values) / len(values)


def weighted(parts):
    """Mean of (weight, value)s."""
    return sum(w * v for w, v in parts) / sum(w for w, _ in parts) if parts else None


def parity_reference(people, group, measure, top_k=None):
    own, whole = [], []
    for pool in compared(people, group):
        worth = [worth_reference(pool, p, measure, top_k) for p in pool]
        members = [w for w, p in zip(worth, pool, strict=True) if p[1] == group]
        own.append((len(pool), mean(members)))
        whole.append((len(pool), mean(worth)))
    return weighted(own) / weighted(whole) - 1 if own else None


def comparisons_won_reference(people, group):
    """Twice the share of comparisons with anybody else of the job that members win, less 1."""
    parts = []
    for pool in compared(people, group):
        won = []
        for at, p in enumerate(pool):
            others = pool[:at] + pool[at + 1 :]
            if p[1] == group:
                won.append(mean([won_by(p, other) for other in others]))
        parts.append((len(pool), 2 * mean(won) - 1))
    return weighted(parts)


def won_by(one, other):
    return 1.0 if one[2] > other[2] else 0.5 if one[2] == other[2] else 0.0


def mean_score_reference(people, group):
    return weighted(
        [
            (len(pool), mean([p[2] for p in pool if p[1] == group]) - mean([p[2] for p in pool]))
            for pool in compared(people, group)
        ]
    )


def merit_reference(people, group):
    parts = []
    for pool in compared(people, group):
        merit = mean([p[3] for p in pool])
        if merit > 0:
            seen = [worth_reference(pool, p, "exposure", None) for p in pool]
            members = [w for w, p in zip(seen, pool, strict=True) if p[1] == group]
            own_merit = mean([p[3] for p in pool if p[1] == group])
            parts.append((len(pool), mean(members) / mean(seen) - own_merit / merit))
    return weighted(parts)


def pairwise_reference(people, group):
    """Share of a group's pairs in right order, less its pools' shares in the group's own mix of jobs."""
    parts = []
    for pool in compared(people, group):
        pairs = [(p, q) for p in pool for q in pool if p[3] > q[3]]
        own = [won_by(p, q) for p, q in pairs if p[1] == group]
        if own:
            parts.append((len(own), mean(own) - mean([won_by(p, q) for p, q in pairs])))
    return weighted(parts)


def lower_before_reference(keys, indptr):
    counts = []
    for start, stop in pairwise(indptr):
        counts += [sum(keys[j] < keys[i] for j in range(start, i)) for i in range(start, stop)]
    return counts
