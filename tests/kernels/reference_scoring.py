"""Plain twins of the scoring kernels."""

import math


def bin_numbers_reference(values, cuts):
    """Code of each value: 0 if missing, else 1 + the cuts that it reaches."""
    return [0 if math.isnan(v) else 1 + sum(1 for cut in cuts if cut <= v) for v in values]


def contributions_reference(tables, features, codes):
    """Row by row what each term adds; ``codes[feature][row]`` is the place along a table."""
    n_rows = len(codes[0])
    return [
        [cell_reference(t, f, codes, row) for t, f in zip(tables, features, strict=True)]
        for row in range(n_rows)
    ]


def cell_reference(table, features, codes, row):
    """Walk into a nested list, an axis after the other."""
    for feature in features:
        table = table[codes[feature][row]]
    return table


def scores_reference(intercept, tables, features, codes):
    """Intercept plus terms, from left to right."""
    scores = []
    for terms in contributions_reference(tables, features, codes):
        score = intercept
        for term in terms:
            score = score + term
        scores.append(score)
    return scores
