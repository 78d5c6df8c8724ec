"""What the labels say of each group: outcomes are known for those alone who were once judged."""

from typing import Any

import numpy as np

from fairness.adverse_impact import SelectionCounts, adverse_impact
from fairness.groups import Groups
from ranker.app.data import groups_of
from ranker.app.evaluation import number
from ranker.app.report.audited import Audited, label_of_field, withheld_groups
from ranker.app.report.people import FEW, in_bands
from ranker.records.field import entity_of

MOST_JOBS = 20


def measure_labels(audited: Audited) -> dict[str, Any]:
    """Return how the labels of all pairs are spread over the groups.

    Returns
    -------
    dict
        Strict JSON: ``kind``, ``labelled`` (pairs), ``without_label`` (rows set aside because
        nobody recorded an outcome), ``positive`` and ``mean`` over all, and ``by_group``; ``by_job``: for
        up to 20 jobs, the positive labels of each group by each attribute, with Fisher's p of the
        lowest rate against the highest.
    """
    model, everyone = audited.model, audited.everyone
    labels = np.asarray(everyone.relevance, dtype=np.float64)
    found: dict[str, Any] = {
        "kind": model.task.keys.relevance_kind,
        "labelled": len(labels),
        "without_label": sum(
            row["rows"]
            for row in model.cleaning["counts"]
            if row["action"] == "set_aside" and "relevance" in row["reason"]
        ),
        **_summed(labels),
        "by_group": {},
        "by_job": [],
    }
    if audited.every is not None:
        withheld = withheld_groups(audited.every)
        for code, label in enumerate(audited.every.labels):
            here = audited.every.codes == code
            if here.any() and label not in withheld:
                found["by_group"][label] = _summed(labels[here])
    if 1 < len(set(everyone.job)) <= MOST_JOBS:
        paths = [path for path in model.task.protected if entity_of(path) != "job"]
        found["by_job"] = [
            {"attribute": path, "label": label_of_field(model, path), "jobs": rows}
            for path in paths
            if (rows := _by_job(everyone.job, labels > 0, in_bands(groups_of(everyone, (path,)))))
        ]
    return found


def _by_job(job: np.ndarray, positive: np.ndarray, groups: Groups) -> list[dict[str, Any]]:
    """Count the positive labels of each large group in each job; nothing where they are many or one."""
    large = groups.only(groups.large())
    if not 2 <= len(large.labels) <= FEW:
        return []
    rows = []
    for name in sorted(set(job)):
        here = job == name
        counts = SelectionCounts.from_flags(positive[here], large.take(here))
        found = adverse_impact(counts, min_share=0.0).to_json()
        compared = [row for row in found["groups"] if row["comparison"]]
        worst = min(compared, key=lambda row: row["comparison"]["ratio"], default=None)
        rows.append(
            {
                "job": str(name),
                "groups": {row["group"]: [row["selected"], row["total"]] for row in found["groups"]},
                "highest": found["compared_with"],
                "lowest": None if worst is None else worst["group"],
                "ratio": None if worst is None else worst["comparison"]["ratio"],
                "fisher_p": None if worst is None else worst["comparison"]["fisher_p"],
                "tests": found["n_tests"],
            }
        )
    return rows


def _summed(labels: np.ndarray) -> dict[str, Any]:
    return {
        "pairs": len(labels),
        "positive": number(float((labels > 0).mean())),
        "mean": number(float(labels.mean())),
    }
