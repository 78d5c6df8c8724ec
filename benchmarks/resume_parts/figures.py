"""From what the models said on the test parts to figures with intervals."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from sklearn.metrics import accuracy_score, f1_score

from benchmarks.resume_parts.models import Fitted
from ranker.resume.evaluation import classification_report

__all__ = ["GLASS_WITHIN", "difference", "labels_of", "pooled", "rows_of"]

GLASS_WITHIN, ECE_WITHIN = 0.01, 0.01
DECISIONS = ("most probable", "for macro-F1")
FACTORS = np.geomspace(0.4, 3.0, 25)
DRAWS = 2_000


def labels_of(fit: Fitted, tune_y: np.ndarray) -> dict[str, np.ndarray]:
    """Labels of the test part by each decision, (n,).

    A model without thresholds of its own gets, for macro-F1, a factor for each label's probability:
    those of the greatest macro-F1 on the tune part.
    """
    said = fit.test.argmax(axis=1) if fit.said is None else fit.said
    best = (fit.test * factors(fit.tune, tune_y)).argmax(axis=1) if fit.best is None else fit.best
    return dict(zip(DECISIONS, (said, best), strict=True))


def factors(chance: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Factors of the labels' probabilities that give the greatest macro-F1, (K,)."""
    tried = [np.array([1.0, *rest]) for rest in product(FACTORS, repeat=chance.shape[1] - 1)]
    return max(tried, key=lambda one: macro_f1(y, (chance * one).argmax(axis=1), chance.shape[1]))


def macro_f1(y: np.ndarray, codes: np.ndarray, n_labels: int) -> float:
    """Mean F1 of the labels."""
    both = np.bincount(y * n_labels + codes, minlength=n_labels**2).reshape(n_labels, n_labels)
    return float((2 * np.diag(both) / np.maximum(both.sum(axis=0) + both.sum(axis=1), 1)).mean())


def rows_of(y: np.ndarray, fit: Fitted, tune_y: np.ndarray, labels: Sequence[str]) -> dict[str, Any]:
    """Figures of one fit on one test part."""
    found = {}
    for decision, codes in labels_of(fit, tune_y).items():
        found[decision] = {
            "macro_f1": macro_f1(y, codes, len(labels)),
            "weighted_f1": float(f1_score(y, codes, average="weighted")),
            "accuracy": float(accuracy_score(y, codes)),
        }
    return {**found, "seconds": round(fit.seconds, 2), "setting": dict(fit.setting)}


def pooled(y: Sequence[np.ndarray], chances: Sequence[np.ndarray], labels: Sequence[str]) -> dict[str, Any]:
    """Calibration over all test parts together: the most probable label and its probability."""
    chance = np.concatenate(chances)
    chance = chance / chance.sum(axis=1, keepdims=True)
    return classification_report(np.concatenate(y), chance.argmax(axis=1), chance, labels)


def difference(
    y: Sequence[np.ndarray], ours: Sequence[np.ndarray], theirs: Sequence[np.ndarray], n_labels: int
) -> dict[str, float]:
    """Mean difference of macro-F1 over the test parts, with a 95 % bootstrap interval over their rows.

    It tells how far other test rows would move the difference between these very fits.
    """
    rng, parts = np.random.default_rng(0), list(zip(y, ours, theirs, strict=True))

    def gap(rows: Sequence[Any]) -> float:
        gaps = [
            macro_f1(true[at], mine[at], n_labels) - macro_f1(true[at], other[at], n_labels)
            for (true, mine, other), at in zip(parts, rows, strict=True)
        ]
        return float(np.mean(gaps))

    drawn = [gap([rng.integers(len(true), size=len(true)) for true, _, _ in parts]) for _ in range(DRAWS)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return {"mean": gap([slice(None)] * len(parts)), "low": float(low), "high": float(high)}


def best_of(figures: Mapping[str, list[dict[str, Any]]], models: Sequence[str], decision: str) -> str:
    """Model of the greatest mean macro-F1 over the test parts."""
    return max(models, key=lambda name: np.mean([row[decision]["macro_f1"] for row in figures[name]]))
