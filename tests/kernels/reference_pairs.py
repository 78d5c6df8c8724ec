"""Plain twins of the pair kernels: every pair listed, an exponential each."""

import math
from itertools import combinations, pairwise


def all_pair_gradients_reference(scores, labels, weights, indptr, swap=None):
    """Gradient and hessian; ``swap(rows)`` gives what swapping two rows of a job changes, 1 without it."""
    gradient, hessian = [0.0] * len(scores), [0.0] * len(scores)
    for start, end in pairwise(indptr):
        rows = list(range(start, end))
        change = swap(rows) if swap else {}
        for a, b in combinations(rows, 2):
            better, worse = (a, b) if labels[a] > labels[b] else (b, a)
            weight = (labels[better] - labels[worse]) * weights[a] * weights[b] * change.get((a, b), 1.0)
            odds = 1.0 / (1.0 + math.exp(min(scores[better] - scores[worse], 700.0)))
            gradient[better] -= weight * odds
            gradient[worse] += weight * odds
            hessian[better] += weight * odds * (1.0 - odds)
            hessian[worse] += weight * odds * (1.0 - odds)
    return gradient, hessian


def all_lambda_gradients_reference(scores, gains, weights, indptr):
    def swap(rows):
        best = sorted((gains[i] for i in rows), reverse=True)
        ideal = sum(gain / math.log2(2 + place) for place, gain in enumerate(best))
        worth = {row: 1 / math.log2(2 + p) for p, row in enumerate(sorted(rows, key=lambda i: -scores[i]))}
        return {(a, b): abs(worth[a] - worth[b]) / ideal if ideal else 0.0 for a, b in combinations(rows, 2)}

    return all_pair_gradients_reference(scores, gains, weights, indptr, swap)


def pairs_won_reference(first, second):
    pairs = [(a, b) for a in first for b in second]
    return sum(a > b for a, b in pairs), sum(a == b for a, b in pairs)


def pairwise_accuracy_reference(first, second):
    if not first or not second or any(math.isnan(one) for one in [*first, *second]):
        return math.nan
    above, tied = pairs_won_reference(first, second)
    return (above + tied / 2) / (len(first) * len(second))


def inversions_reference(values, indptr):
    return [sum(a > b for a, b in combinations(values[start:end], 2)) for start, end in pairwise(indptr)]
