"""How much each term moves scores, and how much fairness corrected it."""

from typing import Any

import numpy as np

from fairness.change import shape_changes
from ranker.app.model import Model


def importance(amounts: np.ndarray, weights: np.ndarray | None) -> float:
    """Return a table's mean absolute amount over the training rows, in score units, as interpret does."""
    weights = np.ones_like(amounts) if weights is None else weights
    whole = weights.sum()
    return float((weights * np.abs(amounts)).sum() / whole) if whole else 0.0


def term_importance(model: Model) -> list[dict[str, Any]]:
    """Return each term with its importance before and after and its mean correction, the weightiest first."""
    rows = [
        {
            "term": change.name,
            "features": list(change.features),
            "before": importance(change.before, change.weights),
            "after": importance(change.after, change.weights),
            "correction": change.size,
        }
        for change in shape_changes(model.unconstrained, model.scorer)
    ]
    return sorted(rows, key=lambda row: (-row["after"], row["term"]))
