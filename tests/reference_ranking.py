"""Plain twins of the ranking kernels and metrics: loops over lists, slow and easy to believe."""

import math
from itertools import pairwise


def segment_of_reference(indptr):
    return [j for j in range(len(indptr) - 1) for _ in range(indptr[j], indptr[j + 1])]


def ranks_in_segments_reference(indptr):
    return [r + 1 for j in range(len(indptr) - 1) for r in range(indptr[j + 1] - indptr[j])]


def descending_order_reference(scores, indptr):
    order = []
    for start, stop in pairwise(indptr):
        order += sorted(range(start, stop), key=lambda i: -scores[i])
    return order


def discounts_reference(ranks):
    return [1 / math.log2(1 + rank) for rank in ranks]


def segment_sums_reference(values, indptr):
    return [sum(values[start:stop]) for start, stop in pairwise(indptr)]


def shared_worth_reference(scores, segment, indptr, worth):
    out = []
    for own, at in zip(scores, segment, strict=True):
        rivals = [score for score, other in zip(scores, segment, strict=True) if other == at]
        first = indptr[at] + sum(score > own for score in rivals)
        places = worth[first : first + rivals.count(own)]
        out.append(sum(places) / len(places))
    return out


def ndcg_reference(relevance_in_rank_order, k):
    """NDCG of one job, linear gains; NaN where nobody is relevant."""

    def dcg(gains):
        return sum(gain / math.log2(2 + place) for place, gain in enumerate(gains[:k]))

    ideal = dcg(sorted(relevance_in_rank_order, reverse=True))
    return dcg(relevance_in_rank_order) / ideal if ideal > 0 else math.nan


def average_precision_reference(relevant_in_rank_order, k):
    """Average precision of one job; NaN where nobody is relevant."""
    precisions = [
        sum(relevant_in_rank_order[: place + 1]) / (place + 1)
        for place, relevant in enumerate(relevant_in_rank_order[:k])
        if relevant
    ]
    n_relevant = sum(relevant_in_rank_order)
    return sum(precisions) / n_relevant if n_relevant else math.nan


def position_value_reference(measure, rank, size, top_k):
    if measure == "exposure":
        return 1 / math.log2(1 + rank) if top_k is None or rank <= top_k else 0.0
    if measure == "selection_rate":
        return 1.0 if rank <= top_k else 0.0
    return (size - rank) / (size - 1) if size > 1 else 0.5


def group_values_reference(lists, measure, top_k):
    """Mean of each group and of its pools: {group: (group's, pools')}, from lists of groups by rank."""
    totals = {}
    for groups in lists:
        if len({group for group in groups if group is not None}) < 2:
            continue
        size = len(groups)
        values = [position_value_reference(measure, place + 1, size, top_k) for place in range(size)]
        for group in {group for group in groups if group is not None}:
            own = [value for value, one in zip(values, groups, strict=True) if one == group]
            total = totals.setdefault(group, [0.0, 0.0, 0])
            total[0] += size * sum(own) / len(own)
            total[1] += size * sum(values) / size
            total[2] += size
    return {group: (mine / weight, pools / weight) for group, (mine, pools, weight) in totals.items()}


def selection_rates_reference(lists, top_k):
    """Selected / candidates of each group, over all lists."""
    selected, candidates = {}, {}
    for groups in lists:
        for place, group in enumerate(groups):
            if group is not None:
                candidates[group] = candidates.get(group, 0) + 1
                selected[group] = selected.get(group, 0) + (place < top_k)
    return {group: selected[group] / candidates[group] for group in candidates}
