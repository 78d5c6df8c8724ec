"""What the protected attributes can be guessed from, and what each part of the score does to groups."""

from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from fairness.effects import TermEffect, features_of_fields, term_effects
from fairness.proxies import fields_read, proxies
from ranker.app.data import groups_of
from ranker.app.evaluation import number
from ranker.app.report.audited import Audited, label_of_field
from ranker.app.report.people import MANY, in_bands
from ranker.records.field import entity_of

N_RESAMPLES = 300
MOST_TERMS = 20  # the largest; each is ranked anew, with all resamples
KINDS = ("field", "feature", "term", "all features", "score")


def measure_proxies(audited: Audited) -> dict[str, Any] | None:
    """Say how well raw fields, features, terms and the score tell each protected group from the others.

    Returns
    -------
    dict or None
        Strict JSON: ``level``, ``folds``, ``attributes``: path -> ``label`` and ``rows``, strongest
        first. None where no attribute of people has two groups to tell apart.
    """
    model, everyone = audited.model, audited.everyone
    groups = {}
    for path in model.task.protected:
        if entity_of(path) != "job":
            one = in_bands(groups_of(everyone, (path,)))
            large = one.only(one.large())
            if 2 <= len(large.labels) <= MANY:
                groups[path] = large
    if not groups:
        return None
    several = len(set(everyone.job)) > 1
    with threadpool_limits(1, "blas"):  # hundreds of small systems: two threads only wait for each other
        found = proxies(
            model.task.features.compute(everyone),
            list(groups.values()),
            candidate=everyone.candidate,
            scorer=model.scorer,
            records=everyone,
            fields=fields_read(model.task.features),
            job=everyone.job if several else None,
        )
    labels = {feature.name: feature.label for feature in model.task.features}
    out = {}
    for path, one in groups.items():
        rows = []
        for entry in found.of(one.attribute):
            if entry.auc == entry.auc:
                name = label_of_field(model, entry.name) if entry.kind == "field" else entry.name
                rows.append(
                    {
                        "kind": entry.kind,
                        "name": entry.name,
                        "label": " & ".join(labels.get(part, part) for part in name.split(" & ")),
                        "auc": number(entry.auc),
                        "interval": [number(entry.low), number(entry.high)],
                        "people": entry.people,
                    }
                )
        out[path] = {"label": label_of_field(model, path), "groups": list(one.labels), "rows": rows}
    return {
        "level": found.level,
        "folds": found.n_folds,
        "within_jobs": found.within_jobs,
        "people_left_out": found.people_left_out,
        "attributes": out,
    }


def measure_effects(audited: Audited) -> dict[str, Any] | None:
    """Say what silencing each raw field, and each term, would do to quality and to groups.

    Returns
    -------
    dict or None
        Strict JSON: ``unit`` resampled, ``fields`` and ``terms``, each the largest effect first. None
        where there are no two groups to compare.
    """
    if audited.groups is None:
        return None
    large = audited.groups.only(label for label in audited.groups.labels if label not in audited.small)
    if sum(n > 0 for n in large.counts().values()) < 2:
        return None
    model, records = audited.model, audited.records
    found = term_effects(
        model.scorer, audited.table, large, audited.gains,
        job=records.job, candidate=records.candidate, lot=records.lots(),
        sets=features_of_fields(model.task.features), top_k=audited.top_k, n_resamples=N_RESAMPLES,
    )  # fmt: skip
    labels = {feature.name: feature.label for feature in model.task.features}

    def rows(kind: str) -> list[dict[str, Any]]:
        out = []
        for effect in found:
            if effect.kind == kind:
                name = label_of_field(model, effect.name) if kind == "set" else effect.name
                label = " & ".join(labels.get(part, part) for part in name.split(" & "))
                out.append({"name": effect.name, "label": label, **_changes(effect, audited.top_k)})
        return sorted(out, key=lambda row: (-_size(row), row["name"]))

    return {
        "way": found.way,
        "unit": found.unit,
        "level": found.level,
        "attribute": large.attribute,
        "groups": [label for label, n in large.counts().items() if n],
        "fields": rows("set"),
        "terms": rows("term")[:MOST_TERMS],
        "terms_in_all": len(model.scorer.terms),
    }


def _changes(effect: TermEffect, top_k: int) -> dict[str, Any]:
    names = {"ndcg10": "ndcg@10", "ndcg50": "ndcg@50", "exposure_ratio": "exposure_ratio",
             "impact_ratio": f"impact_ratio@{top_k}"}  # fmt: skip
    out: dict[str, Any] = {}
    for ours, theirs in names.items():
        one = effect.change(theirs)
        out[ours] = {
            "before": number(one.before),
            "after": number(one.after),
            "difference": number(one.difference),
            "interval": [number(one.low), number(one.high)],
        }
    out["score_gap"] = {
        change.group: {"before": number(change.before), "after": number(change.after)}
        for change in effect.changes
        if change.measure == "score_gap"
    }
    return out


def _size(row: dict[str, Any]) -> float:
    """Return the largest absolute change of any ratio or quality."""
    found = [row[name]["difference"] for name in ("ndcg10", "ndcg50", "exposure_ratio", "impact_ratio")]
    return max((abs(value) for value in found if value is not None and np.isfinite(value)), default=0.0)
