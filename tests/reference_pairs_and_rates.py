"""Plain twins of metrics about pairs, rates and the first relevant: loops over lists, easy to believe.

A list holds one job in rank order, best first; a group of None is undisclosed.
"""

import math
from fractions import Fraction


def pair_counts_reference(lists):
    """Right and all pairs of each ordered pair of groups and job: {(g, h, job): [right, pairs]}.

    Each list holds (group, relevance); h is "*" for anybody, the undisclosed among them.
    """
    counts = {}
    for job, entries in enumerate(lists):
        for place, (own, relevance) in enumerate(entries):
            for at, (other, less) in enumerate(entries):
                if own is None or not relevance > less:
                    continue
                for against in ("*",) if other is None else ("*", other):
                    count = counts.setdefault((own, against, job), [0, 0])
                    count[0] += place < at
                    count[1] += 1
    return counts


def pairwise_accuracy_reference(lists, own, other, over):
    """Accuracy of one ordered pair of groups; NaN without a pair."""
    found = [count for (g, h, _), count in pair_counts_reference(lists).items() if (g, h) == (own, other)]
    if not found:
        return math.nan
    if over == "jobs":
        return float(sum(Fraction(right, pairs) for right, pairs in found) / len(found))
    return sum(right for right, _ in found) / sum(pairs for _, pairs in found)


def median_reference(scores):
    in_order = sorted(scores)
    middle = len(in_order) // 2
    if len(in_order) % 2:
        return Fraction(in_order[middle])
    return (Fraction(in_order[middle - 1]) + Fraction(in_order[middle])) / 2


def scoring_counts_reference(samples):
    """Candidates, those above and those at the median of their sample, by group: {group: [n, above, at]}.

    Each sample holds (group, score).
    """
    counts = {}
    for sample in samples:
        middle = median_reference([score for _, score in sample])
        for group, score in sample:
            count = counts.setdefault(group, [0, 0, 0])
            count[0] += 1
            count[1] += Fraction(score) > middle
            count[2] += Fraction(score) == middle
    return counts


def rates_at_k_reference(lists, top_k, relevant_only):
    """Selected over all, by group, of relevant members only if asked; lists hold (group, relevance)."""
    counts = {}
    for entries in lists:
        for place, (group, relevance) in enumerate(entries):
            if group is None or (relevant_only and not relevance > 0):
                continue
            count = counts.setdefault(group, [0, 0])
            count[0] += place < top_k
            count[1] += 1
    return {group: selected / n for group, (selected, n) in counts.items()}


def spread_reference(rates):
    return max(rates.values()) - min(rates.values()) if len(rates) >= 2 else math.nan


def reciprocal_rank_reference(relevance_in_rank_order, k):
    """Of one job; NaN where nobody is relevant."""
    if not any(relevance > 0 for relevance in relevance_in_rank_order):
        return math.nan
    for place, relevance in enumerate(relevance_in_rank_order[:k]):
        if relevance > 0:
            return 1 / (place + 1)
    return 0.0


def precision_reference(relevance_in_rank_order, k):
    return sum(relevance > 0 for relevance in relevance_in_rank_order[:k]) / k
