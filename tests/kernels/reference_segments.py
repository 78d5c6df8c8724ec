"""Plain twins of what is done segment by segment: sorted lists and dicts."""

import math
from itertools import pairwise


def key(score):
    """What sorts scores in descending order, NaN last."""
    return (1, 0.0) if math.isnan(score) else (0, -score)


def order_reference(scores, indptr, ties=None):
    """Positions of each segment, best first; equal scores by tie key, then as they came."""
    found = []
    for start, end in pairwise(indptr):
        found += sorted(range(start, end), key=lambda i: (key(scores[i]), ties[i] if ties else 0, i))
    return found


def top_k_reference(scores, indptr, k, ties=None):
    """Head of each segment's order, and where each begins and ends."""
    order, top, ends = order_reference(scores, indptr, ties), [], [0]
    for start, end in pairwise(indptr):
        top += order[start:end][:k]
        ends.append(len(top))
    return top, ends


def ndcg_reference(gains, k):
    """NDCG of one list in rank order."""
    discounted = [
        sum(gain / math.log2(2 + place) for place, gain in enumerate(one[:k]))
        for one in (gains, sorted(gains, reverse=True))
    ]
    return discounted[0] / discounted[1] if discounted[1] > 0 else math.nan


def ndcg_in_order_reference(gains, indptr, k):
    return [ndcg_reference(gains[start:end], k) for start, end in pairwise(indptr)]


def ndcg_of_scores_reference(scores, gains, indptr, k):
    return ndcg_in_order_reference([gains[i] for i in order_reference(scores, indptr)], indptr, k)


def group_sums_reference(values, codes, indptr, n_groups):
    return [
        [sum(values[i] for i in range(start, end) if codes[i] == group) for group in range(n_groups)]
        for start, end in pairwise(indptr)
    ]
