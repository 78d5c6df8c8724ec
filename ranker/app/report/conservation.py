"""Every score walks back to raw fields: checked on the test part, and shown for one candidate."""

from typing import Any

import numpy as np

from explain import explain, render
from ranker.app.report.audited import Audited
from ranker.scoring.attribution import attribute_pairs

SAMPLE = 200
TOLERANCE = 1e-9


def check_conservation(audited: Audited) -> dict[str, Any]:
    """Take up to 200 scores of the test part apart, evenly spread, and return what is left over."""
    model, n = audited.model, len(audited.records)
    pairs = np.unique(np.linspace(0, n - 1, min(SAMPLE, n)).round().astype(int))
    taken = audited.records.take(pairs), audited.table.iloc[pairs]
    residuals = [one.residual for one in attribute_pairs(model.scorer, model.task.features, *taken)]
    return {
        "pairs": len(pairs),
        "pairs_in_all": n,
        "largest_residual": float(max(residuals)),
        "tolerance": TOLERANCE,
        "holds": bool(max(residuals) <= TOLERANCE),
        "order_replays": audited.rankings["after"].replay(),
        "moves": len(audited.rankings["after"].moves),
    }


def explain_first(audited: Audited) -> dict[str, Any]:
    """Explain the first of the test part's largest job, as an auditor is told."""
    ranking, model = audited.rankings["after"], audited.model
    job = ranking.jobs[int(np.argmax(ranking.sizes))]
    pool = ranking.of(job)
    explanation = explain(
        model.scorer, model.task.features, audited.records, ranking,
        job=job, candidate=pool.candidates[0], top_k=10, table=audited.table,
        promise=model.promise,
    )  # fmt: skip
    return {
        "job": str(job),
        "candidate": str(pool.candidates[0]),
        "rank": 1,
        "pool": len(pool),
        "text": render(explanation, audience="auditor", format="text"),
    }
