"""Plain twins of the adverse-impact arithmetic: fractions, enumeration and trying one more person."""

import math
from fractions import Fraction


def counts_reference(rows):
    """{group: (selected, total)} from (group, selected) pairs; None is the unknown group."""
    found = {}
    for group, selected in rows:
        s, n = found.get(group, (0, 0))
        found[group] = (s + bool(selected), n + 1)
    return found


def median_reference(scores):
    ordered, half = sorted(scores), len(scores) // 2
    return ordered[half] if len(scores) % 2 else (ordered[half - 1] + ordered[half]) / 2


def impact_ratios_reference(counts, min_share):
    """{label: ratio or None}; ``min_share`` as a Fraction of all persons."""
    everyone = sum(n for _, n in counts.values())
    large = {g: Fraction(s, n) for g, (s, n) in counts.items() if n and Fraction(n, everyone) >= min_share}
    best = max(large.values(), default=0)
    return {g: large[g] / best if g in large and best else None for g in counts}


def table_probabilities_reference(total, other_total, chosen):
    """{selected of the group: exact probability}, all margins fixed."""
    everyone = math.comb(total + other_total, chosen)
    return {
        s: Fraction(math.comb(total, s) * math.comb(other_total, chosen - s), everyone)
        for s in range(max(0, chosen - other_total), min(chosen, total) + 1)
    }


def fisher_reference(selected, total, other_selected, other_total):
    law = table_probabilities_reference(total, other_total, selected + other_selected)
    return sum(p for p in law.values() if p <= law[selected])


def mid_p_reference(selected, total, other_selected, other_total):
    law = table_probabilities_reference(total, other_total, selected + other_selected)
    found = law[selected]
    return sum(p for p in law.values() if p < found) + sum(p for p in law.values() if p == found) / 2


def boschloo_reference(selected, total, other_selected, other_total, steps=2000):
    """Twice the smaller of two tails: the most that tables of as small a one-sided p can weigh."""
    tails = []
    for way in (1, -1):
        one_sided = {}
        for s in range(total + 1):
            for S in range(other_total + 1):
                law = table_probabilities_reference(total, other_total, s + S)
                one_sided[s, S] = sum(p for other, p in law.items() if way * other <= way * s)
        rare = [pair for pair, p in one_sided.items() if p <= one_sided[selected, other_selected]]
        weights = [math.comb(total, s) * math.comb(other_total, S) for s, S in rare]
        most = 0.0
        for step in range(1, steps):
            rate = step / steps
            chance = sum(
                w * rate ** (s + S) * (1 - rate) ** (total + other_total - s - S)
                for w, (s, S) in zip(weights, rare, strict=True)
            )
            most = max(most, chance)
        tails.append(most)
    return min(1.0, 2 * min(tails))


def z_squared_reference(selected, total, other_selected, other_total):
    """Exact square of the pooled Z: Pearson's chi-squared of the table, cell by cell."""
    everyone, chosen = total + other_total, selected + other_selected
    square = Fraction(0)
    for s, n in ((selected, total), (other_selected, other_total)):
        for found, of_all in ((s, chosen), (n - s, everyone - chosen)):
            expected = Fraction(n * of_all, everyone)
            square += (found - expected) ** 2 / expected
    return square


def score_reference(selected, total, other_selected, other_total, ratio):
    """Score statistic of a ratio of rates; the rates under it maximise the likelihood, found by trying."""

    def likelihood(other_rate):
        rate = min(other_rate * ratio, 1.0)
        cells = (
            (selected, rate),
            (total - selected, 1 - rate),
            (other_selected, other_rate),
            (other_total - other_selected, 1 - other_rate),
        )
        return sum(n * (math.log(p) if p > 0 else -math.inf) for n, p in cells if n)

    low, high = 0.0, min(1.0, 1 / ratio)
    for _ in range(60):
        # The likelihood has one peak: keep the part of the range that holds it.
        a, b = low + (high - low) * 0.382, low + (high - low) * 0.618
        low, high = (a, high) if likelihood(a) < likelihood(b) else (low, b)
    other_rate = (low + high) / 2
    rate = min(other_rate * ratio, 1.0)
    variance = rate * (1 - rate) / total + ratio**2 * other_rate * (1 - other_rate) / other_total
    return (selected / total - ratio * other_selected / other_total) / math.sqrt(variance)


def fewest_reference(enough, most):
    """Fewest persons, from 0, that are enough; None where even `most` are not."""
    return next((k for k in range(most + 1) if enough(k)), None)


def holm_reference(p_values):
    """Adjusted p by the definition: the least level at which the stepwise procedure rejects."""
    found = []
    for p in p_values:
        before = [q for q in p_values if q <= p]
        found.append(min(1.0, max(q * sum(other >= q for other in p_values) for q in before)))
    return found


def benjamini_hochberg_reference(p_values):
    m = len(p_values)
    return [
        min(1.0, min(q * m / sum(o <= q for o in p_values) for q in p_values if q >= p)) for p in p_values
    ]
