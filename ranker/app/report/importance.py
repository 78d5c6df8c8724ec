"""How much each term moves scores."""

from typing import Any

import numpy as np

from ranker.app.model import Model
from ranker.app.report.audited import scorers_of
from ranker.scoring.additive import AdditiveScorer, Term


def importance(term: Term) -> float:
    """Return a term's mean absolute amount over the training rows, in score units, as interpret does."""
    weights = np.ones_like(term.scores) if term.weights is None else term.weights
    whole = weights.sum()
    return float((weights * np.abs(term.scores)).sum() / whole) if whole else 0.0


def terms_by_features(scorer: AdditiveScorer) -> dict[tuple[str, ...], Term]:
    """Return a scorer's terms by the sorted names of their features: before and after may order them apart."""
    names = scorer.feature_names
    return {tuple(sorted(names[f] for f in term.features)): term for term in scorer.terms}


def term_importance(model: Model) -> list[dict[str, Any]]:
    """Return each term with its importance before and after, the weightiest after first."""
    found = {name: terms_by_features(scorer) for name, scorer in scorers_of(model).items()}
    rows = [
        {
            "term": term,
            "features": [model.scorer.feature_names[f] for f in found["after"][key].features],
            "before": importance(found["before"][key]) if key in found["before"] else 0.0,
            "after": importance(found["after"][key]),
        }
        for key, term in zip(found["after"], model.scorer.term_names, strict=True)
    ]
    return sorted(rows, key=lambda row: (-row["after"], row["term"]))
