"""By how much each part of a score sets a candidate apart: its distance from the mean of the job."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ranker.errors import DataError
from ranker.features import FeatureSet
from ranker.records import Records
from ranker.scoring.additive import AdditiveScorer
from ranker.scoring.score_parts import ScoreParts

__all__ = ["FEWEST", "LEVELS", "OTHERS", "Deviations", "Level"]

Level = Literal["terms", "features", "fields", "items"]
LEVELS: tuple[Level, ...] = ("terms", "features", "fields", "items")
FEWEST = 5  # candidates who have an entry: what fewer have would tell of them
OTHERS = "entries that fewer than 5 have"


@dataclass(frozen=True, slots=True, eq=False)
class Deviations:
    """By how much each part of each score lies above or below its mean.

    Parameters
    ----------
    job, candidate : (n,) object arrays of str
        Labels of each pair.
    scores : (n,) float64 array
        The score less its mean, in score units.
    names : dict of str to tuple of str
        By level (``terms``, ``features``, ``fields``, ``items``): what the parts are called.
    amounts : dict of str to (n, n_parts) float64 array
        By level: the same for each part; each row sums to ``scores``.
    weight : (n,) float64 array
        How much each pair counts; sums to 1.
    """

    job: NDArray[np.object_]
    candidate: NDArray[np.object_]
    scores: NDArray[np.float64]
    names: dict[Level, tuple[str, ...]]
    amounts: dict[Level, NDArray[np.float64]]
    weight: NDArray[np.float64]

    @property
    def residual(self) -> float:
        """Largest absolute difference between a score's deviation and the sum of its parts'."""
        return max(
            float(np.abs(amounts.sum(axis=1) - self.scores).max(initial=0.0))
            for amounts in self.amounts.values()
        )

    @classmethod
    def of(
        cls,
        scorer: AdditiveScorer,
        features: FeatureSet,
        records: Records,
        table: pd.DataFrame | None = None,
        *,
        around: Literal["job", "all"] = "job",
        weight: ArrayLike | None = None,
        items: bool = False,
    ) -> Self:
        """Take the scores of some pairs apart about their means.

        Parameters
        ----------
        scorer, features, records, table, around, weight
            As for :func:`explain.importance.importance_of`, which also says what is raised.
        items : bool
            Whether to go down to single entries, such as ``candidate.skills[PyTorch]``.
            Entries that fewer than 5 candidates have are counted together, by field.
        """
        if around not in ("job", "all"):
            raise DataError(f"around is {around!r}: measure around the mean of each 'job', or of 'all'")
        table = features.compute(records) if table is None else table
        weights = _weights(weight, len(records))
        parts = ScoreParts.down_to_fields(scorer, features, records, table)
        codes = np.unique(records.job, return_inverse=True)[1].reshape(-1)
        codes = codes if around == "job" else np.zeros_like(codes)
        names: dict[Level, tuple[str, ...]] = {"terms": parts.term_names, "features": parts.feature_names}
        amounts: dict[Level, NDArray[np.float64]] = {"terms": parts.terms, "features": parts.features}
        names["fields"], amounts["fields"] = _gathered(parts, list(parts.fields), features)
        if items:
            names["items"], amounts["items"] = _gathered(parts, _safe(parts, records.candidate), features)
        return cls(
            records.job, records.candidate, _centred(parts.scores[:, None], codes, weights)[:, 0], names,
            {level: _centred(found, codes, weights) for level, found in amounts.items()}, weights,
        )  # fmt: skip


def _weights(weight: ArrayLike | None, n: int) -> NDArray[np.float64]:
    weights = np.ones(n) if weight is None else np.asarray(weight, dtype=np.float64)
    if weights.shape != (n,):
        raise DataError(f"weight has shape {weights.shape} for {n} pairs: give one a pair")
    if not n or not np.isfinite(weights).all() or (weights < 0).any() or not weights.sum() > 0:
        raise DataError("weights must be finite and not negative, and one at least positive: give others")
    return weights / weights.sum()


def _centred(
    amounts: NDArray[np.float64], codes: NDArray[np.int64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Distance from the weighted mean of each job: (n, m) -> (n, m); a job without weight counts alike."""
    whole = np.bincount(codes, weights)
    within = np.where(whole[codes] > 0, weights, 1.0)
    within = within / np.bincount(codes, within)[codes]
    out = np.empty(amounts.shape)
    for j, column in enumerate(amounts.T):
        out[:, j] = column - np.bincount(codes, within * column)[codes]
    return out


def _gathered(
    parts: ScoreParts, kinds: list[str], features: FeatureSet
) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Add up the raw parts of one kind each: -> names, (n, n_kinds); fields that hold nothing are named too."""
    names = list(dict.fromkeys([*kinds, *(feature.subject for feature in features)]))
    place = {name: i for i, name in enumerate(names)}
    out = np.zeros((len(parts.scores), len(names)))
    if parts.amounts is not None:
        entries = parts.amounts.tocoo()
        columns = np.array([place[kind] for kind in kinds], dtype=np.int64)
        np.add.at(out, (entries.row, columns[entries.col]), entries.data)
    return tuple(names), out


def _safe(parts: ScoreParts, candidate: NDArray[np.object_]) -> list[str]:
    """Name each raw part, one that few candidates have by its field alone."""
    if parts.amounts is None:
        return []
    known = set(parts.items)
    called = {item: _unnumbered(item, known) for item in parts.items}
    by_column, holders = parts.amounts.tocsc(), dict[str, set[str]]()
    for j, item in enumerate(parts.items):
        rows = by_column.indices[by_column.indptr[j] : by_column.indptr[j + 1]]
        holders.setdefault(called[item], set()).update(candidate[rows])
    return [
        f"{field}[{OTHERS}]" if item != field and len(holders[called[item]]) < FEWEST else called[item]
        for item, field in zip(parts.items, parts.fields, strict=True)
    ]


def _unnumbered(item: str, items: Collection[str]) -> str:
    """Call a repeated entry, ``work[Cook #2]``, as the first one is called."""
    bare = re.sub(r" #\d+\]$", "]", item)
    return bare if bare in items else item
