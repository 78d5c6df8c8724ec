"""Plain twins of the exposure metrics: loops over lists, slow and easy to believe.

A job is a list, best first, of pairs (group, relevance); the group None is undisclosed.
"""

import math
from itertools import combinations, permutations


def attention_reference(relevances, browsing="log", patience=None, stopping=None, top_k=None):
    """Attention of each place of one list, whose relevances stand in rank order."""
    out, goes_on = [], 1.0
    for rank, relevance in enumerate(relevances, start=1):
        if browsing == "log":
            worth = 1 / math.log2(1 + rank)
        elif browsing == "trec":
            worth = 1 / math.log2(max(rank, 2))
        else:
            worth = patience ** (rank - 1) * goes_on
        out.append(worth if top_k is None or rank <= top_k else 0.0)
        if browsing == "gerr":
            stops = stopping[relevance] if isinstance(stopping, dict) else stopping * (relevance > 0)
            goes_on *= 1 - stops
    return out


def target_reference(relevances, **browsing):
    """Mean attention over every order that puts the more relevant first: all of them are written out."""
    totals, n_orders = [0.0] * len(relevances), 0
    for order in permutations(range(len(relevances))):
        sorted_relevances = [relevances[one] for one in order]
        if sorted_relevances != sorted(relevances, reverse=True):
            continue
        n_orders += 1
        for one, worth in zip(order, attention_reference(sorted_relevances, **browsing), strict=True):
            totals[one] += worth
    return [total / n_orders for total in totals]


def groups_of(job):
    return sorted({group for group, _ in job if group is not None})


def mean(values):
    values = [value for value in values if not math.isnan(value)]
    return sum(values) / len(values) if values else math.nan


def over(numerator, denominator):
    return numerator / denominator if denominator else math.nan


def sums_reference(job, values):
    """Sum of the values of each group's members: {group: sum}."""
    return {
        group: sum(value for (one, _), value in zip(job, values, strict=True) if one == group)
        for group in groups_of(job)
    }


def over_merit_reference(job, gets):
    """{group: what its members get on average over what they merit}; {} with fewer than two groups."""
    if len(groups_of(job)) < 2:
        return {}
    out = {}
    for group in groups_of(job):
        got = [value for (one, _), value in zip(job, gets, strict=True) if one == group]
        merited = [relevance for one, relevance in job if one == group]
        out[group] = over(sum(got) / len(got), sum(merited) / len(merited))
    return out


def relative_over_merit_reference(job, gets):
    """{group: that of the group over that of all other disclosed members together}."""
    out = {}
    for group in over_merit_reference(job, gets):
        as_two = [(None if one is None else one == group, relevance) for one, relevance in job]
        two = over_merit_reference(as_two, gets)
        out[group] = over(two[True], two[False])
    return out


def least_over_most_reference(values):
    known = [value for value in values.values() if not math.isnan(value)]
    return over(min(known), max(known)) if len(known) >= 2 else math.nan


def spread_reference(values):
    known = [value for value in values.values() if not math.isnan(value)]
    return max(known) - min(known) if len(known) >= 2 else math.nan


def attention_shares_reference(job, attention):
    """{group: share of the attention to disclosed members}; {} where they get none."""
    sums = sums_reference(job, attention)
    return {group: value / sum(sums.values()) for group, value in sums.items()} if sum(sums.values()) else {}


def pool_shares_reference(job):
    disclosed = [group for group, _ in job if group is not None]
    return {group: disclosed.count(group) / len(disclosed) for group in groups_of(job)}


def awrf_reference(shares, target, distance, base):
    """One less the distance of two distributions over groups, each a dict."""
    labels = set(shares) | set(target)
    if distance == "total_variation":
        return 1 - sum(abs(shares.get(one, 0.0) - target.get(one, 0.0)) for one in labels) / 2
    divergence = 0.0
    for one in labels:
        p, q = shares.get(one, 0.0), target.get(one, 0.0)
        for own in (p, q):
            if own > 0:
                divergence += own * math.log(own / ((p + q) / 2), base) / 2
    return 1 - divergence


def erbp_reference(job, patience, top_k):
    """{group: mean of (1 - patience) * patience ** (rank - 1)}; {} with fewer than two groups."""
    if len(groups_of(job)) < 2:
        return {}
    attention = attention_reference([0] * len(job), "rbp", patience, top_k=top_k)
    sums = sums_reference(job, attention)
    size = {group: [one for one, _ in job].count(group) for group in sums}
    return {group: (1 - patience) * sums[group] / size[group] for group in sums}


def favored_pairs_reference(job):
    """{group: share of its pairs with disclosed members of other groups that it wins}."""
    won, pairs = {}, {}
    disclosed = [group for group, _ in job if group is not None]
    for above, below in combinations(disclosed, 2):
        if above != below:
            won[above] = won.get(above, 0) + 1
            for group in (above, below):
                pairs[group] = pairs.get(group, 0) + 1
    return {group: won.get(group, 0) / count for group, count in pairs.items()}


def individual_unfairness_reference(attention, merit):
    """Sum of absolute differences between shares of attention and of merit; NaN where there is no merit."""
    if not sum(merit):
        return math.nan
    return sum(abs(a / sum(attention) - r / sum(merit)) for a, r in zip(attention, merit, strict=True))


def gini_reference(values):
    """Mean absolute difference of all ordered pairs over twice the mean; NaN without a positive value."""
    if not sum(values):
        return math.nan
    n = len(values)
    return sum(abs(one - other) for one in values for other in values) / (2 * n * sum(values))


def generalized_entropy_reference(values, alpha):
    if not sum(values):
        return math.nan
    ratios = [value * len(values) / sum(values) for value in values]
    if alpha == 0:
        return sum(math.inf if ratio == 0 else -math.log(ratio) for ratio in ratios) / len(ratios)
    if alpha == 1:
        return sum(ratio * math.log(ratio) if ratio else 0.0 for ratio in ratios) / len(ratios)
    return sum(ratio**alpha - 1 for ratio in ratios) / (len(ratios) * alpha * (alpha - 1))
