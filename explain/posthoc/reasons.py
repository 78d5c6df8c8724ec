"""What a feature was for one candidate, beside what a post-hoc method says that it brought."""

import pandas as pd

from explain.explanation import Reason
from explain.strict_json import as_json
from ranker.features import KINDS, Feature
from ranker.records import Records

__all__ = ["reason_of"]

KIND_OF = {cls: kind for kind, cls in KINDS.items()}


def reason_of(
    feature: Feature, one: Records, row: pd.DataFrame, amount: float, shares: dict[str, float], rule: str
) -> Reason:
    """Say what a feature was for the one pair of ``one``, and what it brought."""
    labels = {path: one.field(path).label for path in feature.sources}
    for path in shares:
        parent = next((p for p in feature.sources if path.startswith(p + "[") and path.endswith("]")), "")
        entry = path[len(parent) + 1 : -1]
        labels.setdefault(path, f"{labels[parent]} {entry}" if parent and entry.isdigit() else entry or path)
    return Reason(
        name=feature.name,
        label=feature.label,
        kind=KIND_OF.get(type(feature), type(feature).__name__),
        words=feature.describe(one, 0),
        value=as_json(row[feature.name].iloc[0]),
        amount=amount,
        evidence=as_json(feature.evidence(one, 0)),
        shares=shares,
        labels=labels,
        sources=feature.sources,
        subject=feature.subject,
        split_rule=f"{feature.split_rule}; {rule}" if rule else feature.split_rule,
        split="Shapley" if len(shares) > 1 else "whole",
    )
