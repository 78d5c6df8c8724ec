"""Plain twins: what each fast function means, in loops that can be believed at a glance."""

import math


def score_reference(scorer, rows):
    """Score rows (dicts name -> number, text or None) one by one, one term after the other."""
    scores = []
    for row in rows:
        score = scorer.intercept
        for term in scorer.terms:
            cell = term.scores.tolist()
            for feature in term.features:
                axis = scorer.axes[feature]
                bins = axis.levels[min(len(axis.levels), len(term.features)) - 1]
                cell = cell[bin_reference(row[axis.name], bins)]
            score += cell
        scores.append(score)
    return scores


def bin_reference(value, bins):
    """Bin of a value: 0 if missing, -1 (the last) if unknown, else counted from 1."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return 0
    if isinstance(bins, dict):
        return bins.get(value, -1)
    return 1 + sum(1 for cut in bins if cut <= value)
