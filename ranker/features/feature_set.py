"""A task's features together: computed into one table, refused where they may not read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from ranker.errors import TaskError
from ranker.features.duration import Duration
from ranker.features.evidence import ProjectEvidence
from ranker.features.feature import Feature
from ranker.features.has_item import HasItem
from ranker.features.scalars import AtLeast, Category, Number, Ordinal
from ranker.features.sets import AnyOf, Count, Coverage, SameCategory
from ranker.features.share_of import ShareOf
from ranker.features.text_similarity import TextSimilarity
from ranker.features.titles import TitleSimilarity
from ranker.features.years import Years
from ranker.records.field import Field, refuse_protected
from ranker.records.records import Records

KINDS: dict[str, type[Feature]] = {
    "number": Number,
    "category": Category,
    "ordinal": Ordinal,
    "count": Count,
    "coverage": Coverage,
    "any_of": AnyOf,
    "at_least": AtLeast,
    "duration": Duration,
    "same_category": SameCategory,
    "share_of": ShareOf,
    "years": Years,
    "title_similarity": TitleSimilarity,
    "project_evidence": ProjectEvidence,
    "has_item": HasItem,
    "text_similarity": TextSimilarity,
}


@lru_cache(maxsize=64)
def _index_of(names: tuple[str, ...]) -> pd.Index:
    # Kept: pandas takes a tenth of a small pool's time to make one, and scorers know theirs again.
    return pd.DataFrame(columns=list(names)).columns


@dataclass(frozen=True, slots=True)
class FeatureSet:
    """The features of a task, in order.

    Parameters
    ----------
    features : tuple of Feature
        With distinct names.
    fields : dict of str to Field
        Declared fields; no feature may read a protected, sensitive or target one.

    Raises
    ------
    ProtectedFieldError
        If a feature reads a field that may not reach a score.
    TaskError
        If a name stands twice, or there is no feature.
    """

    features: tuple[Feature, ...]
    fields: Mapping[str, Field]

    def __post_init__(self) -> None:
        if not self.features:
            raise TaskError("a task needs at least one feature: write a [[features]] section")
        names = [feature.name for feature in self.features]
        for name in names:
            if not name.strip():
                raise TaskError("a feature has an empty name")
            if names.count(name) > 1:
                raise TaskError(f"two features are named {name!r}: rename one")
        for feature in self.features:
            for path in feature.sources:
                refuse_protected(path, self.fields, reader=f"feature {feature.name!r}")

    def __iter__(self) -> Iterator[Feature]:
        return iter(self.features)

    def __len__(self) -> int:
        return len(self.features)

    @property
    def names(self) -> list[str]:
        """Column names, in order."""
        return [feature.name for feature in self.features]

    def compute(self, records: Records) -> pd.DataFrame:
        """Compute every feature for every pair.

        Returns
        -------
        DataFrame of shape (n, n_features)
            float64 columns, NaN for missing, and object columns of texts, ``None`` for missing.
        """
        if all(feature.column == "continuous" for feature in self.features):
            # One block of numbers: pandas makes it of one array five times as quickly as of many columns.
            numbers = np.array([feature.compute(records) for feature in self.features], dtype=np.float64)
            return pd.DataFrame(numbers.T, columns=_index_of(tuple(self.names)))
        columns: dict[str, np.ndarray | pd.Series] = {}
        for feature in self.features:
            column = feature.compute(records)
            if feature.column == "continuous":
                columns[feature.name] = np.asarray(column, dtype=np.float64)
            else:
                columns[feature.name] = pd.Series(column, dtype=object)
        return pd.DataFrame(columns)
