"""One candidate's side of the question: the record, who reads it, what changes cost."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from explain.change.changes import Prices
from ranker.features import Feature, FeatureSet
from ranker.features.duration import Duration
from ranker.features.evidence import ProjectEvidence
from ranker.features.has_item import HasItem
from ranker.features.sets import Coverage, SetFeature
from ranker.features.titles import TitleSimilarity
from ranker.records import Records
from ranker.records.values import normal
from ranker.scoring import AdditiveScorer

__all__ = ["Person", "Spread"]

DECIMALS = 3  # a column that needs more is taken to hold any number


@dataclass(frozen=True, slots=True)
class Spread:
    """What the numbers of a column are like.

    Parameters
    ----------
    low, high : float
        Least and greatest; NaN where there are none.
    deviation : float
        Standard deviation, 1 where all are alike.
    step : float or None
        1, .1, .01 or .001 where all are multiples of it.
    """

    low: float
    high: float
    deviation: float
    step: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """One pair and what looks at it.

    Parameters
    ----------
    records : Records
        All pairs.
    pair : int
        Position of the one.
    features : FeatureSet
        What reads the record.
    scorer : AdditiveScorer
        What the features go to.
    prices : Prices
        What changes cost this person.
    """

    records: Records
    pair: int
    features: FeatureSet
    scorer: AdditiveScorer
    prices: Prices

    def readers(self, path: str) -> list[Feature]:
        """Return the features that read a field."""
        return [feature for feature in self.features if path in feature.sources]

    def spread(self, path: str) -> Spread:
        """Return what the numbers in a field of all records are like."""

        def look(values: np.ndarray, note: Callable[..., None]) -> Spread:
            known = values[~np.isnan(values)]
            if not known.size:
                return Spread(np.nan, np.nan, 1.0, None)
            steps = (
                10.0**-d for d in range(DECIMALS + 1) if np.allclose(known, np.round(known, d), atol=1e-9)
            )
            return Spread(known.min(), known.max(), float(known.std()) or 1.0, next(steps, None))

        found: Spread = self.records.derived(path, "number", "spread", look)
        return found

    def wanted(self, path: str) -> dict[str, str]:
        """Return what the job asks for of a list, by the form that is compared."""
        out: dict[str, str] = {}
        for _, items, _ in self._lists(path):
            for form, text in items.items():
                out.setdefault(form, text)
        return out

    def likeness(self, path: str, item: str) -> tuple[Any, ...]:
        """Tell what the features can see of a new item: items of one likeness stand for each other."""
        form = normal(item)
        seen: list[Any] = [(form in items, weights.get(form, 1.0)) for _, items, weights in self._lists(path)]
        for feature in self.features:
            if isinstance(feature, HasItem | ProjectEvidence | TitleSimilarity):
                seen.append(feature.sees(self.records, self.pair, path, item))
        return tuple(seen)

    def _lists(self, path: str) -> list[tuple[Feature, dict[str, str], dict[str, float]]]:
        """Return each list of a job that a field, or the names in it, are compared with, and its weights."""
        found: list[tuple[Feature, dict[str, str], dict[str, float]]] = []
        for feature in self.features:
            if isinstance(feature, SetFeature) and _names(feature.has, path):
                weights = None
                if isinstance(feature, Coverage) and feature.weights is not None:
                    weights = self.records.cell(feature.weights, "weights", self.pair)
                found.append((feature, self._items(feature.wants), weights or {}))
            elif isinstance(feature, Duration) and feature.only is not None and _names(feature.items, path):
                found.append((feature, self._items(feature.only), {}))
        return found

    def _items(self, path: str) -> dict[str, str]:
        texts = self.records.cell(path, "texts", self.pair) or ()
        return {normal(text): text for text in texts}


def _names(read: str, path: str) -> bool:
    """Tell whether a feature that reads ``read`` sees the items that are added at ``path``."""
    return read == path or read.startswith(path + "[]") or path.startswith(read + "[]")
