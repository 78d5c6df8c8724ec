"""Where a difference of scores between groups comes from, field by field, without residual."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from fairness.groups import Groups
from ranker.app.report.audited import Audited, scorers_of, withheld_groups
from ranker.scoring import AdditiveScorer


def gap_weights(job: np.ndarray, groups: Groups) -> np.ndarray:
    """Return the weights whose product with scores is each group's mean difference from its pools.

    Within a job: the members' mean less the mean of the whole pool, undisclosed included.
    Over jobs: the mean weighted by pool size, jobs with fewer than two disclosed groups
    left out, as the exposure metrics do.

    Parameters
    ----------
    job : (n,) array
        Job of each row.
    groups : Groups
        Group of each row.

    Returns
    -------
    (n_groups, n) float64 array
        Each row sums to 0 within each job; NaN for a group that no compared job holds.
    """
    code = np.unique(job, return_inverse=True)[1]
    size = np.bincount(code).astype(np.float64)
    member = np.array([groups.codes == g for g in range(len(groups.labels))]).reshape(-1, len(code))
    counts = np.array([np.bincount(code[m], minlength=len(size)) for m in member]).reshape(-1, len(size))
    compared = (counts > 0).sum(axis=0) >= 2
    out = np.full(member.shape, np.nan)
    for g, m in enumerate(member):
        used = compared & (counts[g] > 0)
        if used.any():
            weight = np.where(used, size / size[used].sum(), 0.0)
            share = np.where(m, 1.0 / np.maximum(counts[g], 1)[code], 0.0)
            out[g] = weight[code] * (share - 1.0 / size[code])
    return out


def feature_amounts(scorer: AdditiveScorer, table: Any) -> np.ndarray:
    """Return what each feature adds to each score, a pair's amount halved: (n, n_features)."""
    share = np.zeros((len(scorer.terms), len(scorer.axes)))
    for t, term in enumerate(scorer.terms):
        share[t, list(term.features)] = 1.0 / len(term.features)
    return scorer.contributions(table) @ share


def gap_by_field(audited: Audited) -> dict[str, Any] | None:
    """Split each group's score gap on the test part over the raw fields.

    Returns
    -------
    dict or None
        ``before`` and ``after``: group -> field path -> amount in score units, a feature's
        amount under its subject; ``total``: the same gap measured on the scores themselves;
        ``residual``: the largest difference between a total and its amounts' sum.
    """
    groups = audited.groups
    if groups is None:
        return None
    weights = gap_weights(audited.records.job, groups)
    withheld = withheld_groups(groups)
    shown = [
        g for g, label in enumerate(groups.labels) if label not in withheld and np.isfinite(weights[g, 0])
    ]
    features = audited.model.task.features
    path_of = {feature.name: feature.subject for feature in features}
    out: dict[str, Any] = {
        "attribute": groups.attribute,
        "part": "test",
        "unit": "score",
        "withheld": withheld,
        "total": {},
        "by_feature": {},
    }
    left = 0.0
    for name, scorer in scorers_of(audited.model).items():
        amounts = weights @ feature_amounts(scorer, audited.table)
        totals = weights @ scorer.score(audited.table)
        by_feature = {
            groups.labels[g]: dict(zip(scorer.feature_names, amounts[g].tolist(), strict=True)) for g in shown
        }
        out[name] = {group: by_path(parts, path_of) for group, parts in by_feature.items()}
        out["total"][name] = {groups.labels[g]: float(totals[g]) for g in shown}
        out["by_feature"][name] = by_feature
        sums = [sum(parts.values()) for parts in out[name].values()]
        left = max([left, *(abs(s - float(totals[g])) for s, g in zip(sums, shown, strict=True))])
    out["residual"] = left
    return out


def by_path(amounts: Mapping[str, float], path_of: Mapping[str, str]) -> dict[str, float]:
    """Sum amounts of features over the field that each is about."""
    out: dict[str, float] = {}
    for feature, amount in amounts.items():
        out[path_of[feature]] = out.get(path_of[feature], 0.0) + amount
    return out
