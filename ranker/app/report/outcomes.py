"""What the labels say of each group: outcomes are known for those alone who were once judged."""

from typing import Any

import numpy as np

from ranker.app.evaluation import number
from ranker.app.report.audited import Audited, withheld_groups


def measure_labels(audited: Audited) -> dict[str, Any]:
    """Return how the labels of all pairs are spread over the groups.

    Returns
    -------
    dict
        Strict JSON: ``kind``, ``labelled`` (pairs), ``without_label`` (rows set aside because
        nobody recorded an outcome), ``positive`` and ``mean`` over all, and ``by_group``.
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
    }
    if audited.every is not None:
        withheld = withheld_groups(audited.every)
        for code, label in enumerate(audited.every.labels):
            here = audited.every.codes == code
            if here.any() and label not in withheld:
                found["by_group"][label] = _summed(labels[here])
    return found


def _summed(labels: np.ndarray) -> dict[str, Any]:
    return {
        "pairs": len(labels),
        "positive": number(float((labels > 0).mean())),
        "mean": number(float(labels.mean())),
    }
