"""Plain twins of what predicts groups and what silences terms: loops over lists, slow and easy to believe."""

import math

import numpy as np


def auc_reference(predicted, member, stratum):
    """Pairs of one stratum in the right order, equal ones half, over all pairs; NaN where there are none."""
    won = pairs = 0
    for p, m, s in zip(predicted, member, stratum, strict=True):
        for q, n, t in zip(predicted, member, stratum, strict=True):
            if s == t and m and not n:
                won += (p > q) + (p == q) / 2
                pairs += 1
    return won / pairs if pairs else math.nan


def delong_variance_reference(predicted, member):
    """DeLong's variance of one AUC, from the share of the other side that each row beats."""
    own = [p for p, m in zip(predicted, member, strict=True) if m]
    others = [p for p, m in zip(predicted, member, strict=True) if not m]

    def share(p, q):
        return (p > q) + (p == q) / 2

    of_own = [sum(share(p, q) for q in others) / len(others) for p in own]
    of_others = [sum(share(p, q) for p in own) / len(own) for q in others]
    return np.var(of_own, ddof=1) / len(own) + np.var(of_others, ddof=1) / len(others)


def ridge_reference(columns, target, job, penalties):
    """Coefficients with the penalty of least generalised cross-validation error; jobs have means of their own."""
    dummies = np.array([[float(j == k) for k in sorted(set(job))] for j in job])
    project = np.eye(len(job)) - dummies @ np.linalg.pinv(dummies)
    x, y = project @ columns, project @ target
    best = (math.inf, None)
    for penalty in penalties * np.trace(x.T @ x) / x.shape[1]:
        solve = np.linalg.solve(x.T @ x + penalty * np.eye(x.shape[1]), x.T)
        left = y - x @ (solve @ y)
        free = len(job) - dummies.shape[1] - np.trace(x @ solve)
        best = min(best, (left @ left / free**2, tuple(solve @ y)))
    return np.array(best[1])


def figures_reference(lists, cuts, top_k, labels):
    """NDCG by cut, exposure ratio, impact ratio, selection rates and score gaps to all others.

    ``lists`` holds for each job its entries by rank: (group or None, gain, score).
    """

    def ndcg(entries, cut):
        def dcg(gains):
            return sum(gain / math.log2(2 + place) for place, gain in enumerate(gains[:cut]))

        gains = [gain for _, gain, _ in entries]
        ideal = dcg(sorted(gains, reverse=True))
        return dcg(gains) / ideal if ideal > 0 else math.nan

    def mean(values, weights):
        known = [(v, w) for v, w in zip(values, weights, strict=True) if not math.isnan(v)]
        whole = sum(w for _, w in known)
        return sum(v * w for v, w in known) / whole if whole else math.nan

    def least_over_most(values):
        known = [v for v in values if not math.isnan(v)]
        return min(known) / max(known) if len(known) >= 2 and max(known) > 0 else math.nan

    ones = [1] * len(lists)
    out = [mean([ndcg(entries, cut) for entries in lists], ones) for cut in cuts]
    exposures, rates, gaps = [], [], []
    for label in labels:
        exposed, apart, sizes = [], [], [len(entries) for entries in lists]
        picked = members = 0
        for entries in lists:
            own = [place for place, (group, _, _) in enumerate(entries) if group == label]
            rest = [place for place, (group, _, _) in enumerate(entries) if group not in (label, None)]
            members += len(own)
            picked += sum(place < top_k for place in own)
            alone = not own or not rest
            exposed.append(math.nan if alone else sum(1 / math.log2(2 + p) for p in own) / len(own))
            apart.append(
                math.nan
                if alone
                else sum(entries[p][2] for p in own) / len(own) - sum(entries[p][2] for p in rest) / len(rest)
            )
        exposures.append(mean(exposed, sizes))
        gaps.append(mean(apart, sizes))
        rates.append(picked / members if members else math.nan)
    return [*out, least_over_most(exposures), least_over_most(rates), *rates, *gaps]
