"""Where differences of scores between groups come from, field by field, without residual."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from fairness.change_gaps import GapSplit, GapWeights
from fairness.groups import Groups
from fairness.metrics import exposure_gap
from ranker.app.report.audited import SMALL_COUNT, Audited, scorers_of, withheld_groups
from ranker.scoring.score_parts import ScoreParts


def measure_gaps(audited: Audited) -> dict[str, Any] | None:
    """Split the score gaps between groups on the test part over the raw fields.

    Returns
    -------
    dict or None
        Each group against its pools: ``before`` and ``after``: group -> field path -> amount
        in score units; ``by_feature``: the same by feature; ``total``: the same gap measured
        on the scores themselves.

        Each group against the ``best_served`` one, the most exposed before among those that
        are not small: ``pairs``, as :func:`measure_pairs` gives them; ``pairs_withheld``:
        groups that share too few jobs with it.

        ``residual``: the largest difference between any total and a sum of its amounts.
    """
    groups = audited.groups
    if groups is None:
        return None
    withheld = withheld_groups(groups)
    model, records, table = audited.model, audited.records, audited.table
    parts = {
        name: ScoreParts.down_to_fields(scorer, model.task.features, records, table)
        for name, scorer in scorers_of(model).items()
    }
    out: dict[str, Any] = {
        "attribute": groups.attribute,
        "part": "test",
        "unit": "score",
        "withheld": withheld,
        "total": {},
        "by_feature": {},
    }
    weights = pool_weights(records.job, groups)
    weights = {g: w for g, w in weights.items() if g not in withheld and np.isfinite(w).all()}
    for name, part in parts.items():
        out[name] = {group: _by_field(part, w) for group, w in weights.items()}
        out["total"][name] = {group: float(w @ part.scores) for group, w in weights.items()}
        out["by_feature"][name] = {
            group: dict(zip(part.feature_names, (w @ part.features).tolist(), strict=True))
            for group, w in weights.items()
        }
    sums = [
        abs(sum(amounts.values()) - out["total"][name][group])
        for name in parts
        for group, amounts in out[name].items()
    ]
    best = best_served(audited, withheld)
    pairs, few = measure_pairs(records.job, groups, parts, best, withheld) if best else ([], [])
    left = [pair[name]["residual"] for pair in pairs for name in parts]
    return {
        **out,
        "residual": max([0.0, *sums, *left]),
        "best_served": best,
        "pairs": pairs,
        "pairs_withheld": few,
    }


def best_served(audited: Audited, withheld: list[str]) -> str | None:
    """Return the group whose exposure against its pools is highest before, small groups aside."""
    if audited.groups is None:
        return None
    served = exposure_gap(audited.rankings["before"], audited.groups).dropna().drop(withheld, errors="ignore")
    large = served.drop(list(audited.small), errors="ignore")
    served = large if len(large) else served
    return str(served.idxmax()) if len(served) else None


def measure_pairs(
    job: np.ndarray, groups: Groups, parts: Mapping[str, ScoreParts], best: str, withheld: list[str]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Split the gap of each group to the best-served one.

    Parameters
    ----------
    job : (n,) array
        Job of each row of the test part.
    groups : Groups
        Group of each row.
    parts : dict of str to ScoreParts
        ``before`` and ``after``, of these rows.
    best : str
        The group that the others are compared with.
    withheld : list of str
        Groups that are left out.

    Returns
    -------
    pairs : list of dict
        The widest gap before first: ``first``, ``second``, ``jobs``, ``jobs_left_out``,
        ``members`` (of both, in those jobs), and for ``before`` and ``after`` the ``total``
        and its split over ``terms``, ``features`` and ``fields``, in score units.
    few : list of str
        Groups of which, or of the best-served one, fewer than 5 members stand in jobs that
        hold both.
    """
    pairs, few = [], []
    for label, count in groups.counts().items():
        if label == best or label in withheld or not count:
            continue
        weights = GapWeights.of(job, groups, label, best)
        members = {label: int((weights.values > 0).sum()), best: int((weights.values < 0).sum())}
        if min(members.values()) < SMALL_COUNT:
            few.append(label)
            continue
        pairs.append(
            {
                "first": label,
                "second": best,
                "jobs": weights.n_jobs,
                "jobs_left_out": weights.n_jobs_left_out,
                "members": members,
                **{name: _figures(weights.split(part)) for name, part in parts.items()},
            }
        )
    return sorted(pairs, key=lambda pair: (-abs(pair["before"]["total"]), pair["first"])), few


def _figures(split: GapSplit) -> dict[str, Any]:
    return {
        "total": split.total,
        "terms": split.terms,
        "features": split.features,
        "fields": split.fields,
        "residual": split.residual,
    }


def _by_field(parts: ScoreParts, weights: np.ndarray) -> dict[str, float]:
    out: dict[str, float] = {}
    if parts.amounts is not None:
        for field, amount in zip(parts.fields, (parts.amounts.T @ weights).tolist(), strict=True):
            out[field] = out.get(field, 0.0) + amount
    return out


def pool_weights(job: np.ndarray, groups: Groups) -> dict[str, np.ndarray]:
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
    dict of str to (n,) float64 array
        Group -> weights, which sum to 0 within each job; NaN for a group that no compared
        job holds.
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
    return dict(zip(groups.labels, out, strict=True))
