"""Many scores taken apart at once: over terms, features, raw fields and their items.

The same split as ``ranker.scoring.attribution`` makes of one pair, as matrices: a pair's
amount is halved, and each feature splits its own by the rule that it documents.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from ranker.errors import DataError
from ranker.features import Feature, FeatureSet
from ranker.records import Records
from ranker.records.field import entity_of
from ranker.scoring.additive import AdditiveScorer, Axis
from ranker.scoring.grids import parent_bins, refine, union

__all__ = ["ScoreParts"]


@dataclass(frozen=True, slots=True, eq=False)
class ScoreParts:
    """What the score of each of ``n`` rows is the sum of, less the intercept.

    Parameters
    ----------
    scores : (n,) float64 array
        In score units.
    term_names, feature_names : tuple of str
        Columns of the next two.
    terms : (n, n_terms) float64 array
        What each term adds.
    features : (n, n_features) float64 array
        The same by feature: a term of several is shared equally among them.
    items : tuple of str
        Raw parts, such as ``candidate.skills[PyTorch]``, or ``candidate.skills`` for what
        no single item earned; empty where the records were not given.
    fields : tuple of str
        The raw field that each of ``items`` belongs to.
    amounts : (n, n_items) sparse float64 array or None
        What each raw part adds.
    """

    scores: NDArray[np.float64]
    term_names: tuple[str, ...]
    feature_names: tuple[str, ...]
    terms: NDArray[np.float64]
    features: NDArray[np.float64]
    items: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    amounts: csr_array | None = None

    @classmethod
    def of(cls, scorer: AdditiveScorer, table: Any) -> Self:
        """Take the scores of a feature table apart over terms and features.

        Raises
        ------
        DataError
            If a column is missing or of another kind.
        """
        terms = scorer.contributions(table)
        share = np.zeros((len(scorer.terms), len(scorer.axes)))
        for t, term in enumerate(scorer.terms):
            share[t, list(term.features)] = 1.0 / len(term.features)
        return cls(scorer.score(table), scorer.term_names, scorer.feature_names, terms, terms @ share)

    @classmethod
    def down_to_fields(
        cls, scorer: AdditiveScorer, features: FeatureSet, records: Records, table: pd.DataFrame
    ) -> Self:
        """Take scores apart down to raw fields and their items.

        Parameters
        ----------
        scorer : AdditiveScorer
            What scored.
        features : FeatureSet
            What made its inputs.
        records : Records
            The ``n`` pairs.
        table : DataFrame of shape (n, n_features)
            Their features, as :meth:`FeatureSet.compute` gives them.

        Raises
        ------
        DataError
            If ``table`` has not a row for each pair, or the scorer reads what no feature makes.
        """
        if len(table) != len(records):
            raise DataError(
                f"table has {len(table)} rows and records hold {len(records)} pairs: "
                "compute the table from these records"
            )
        if unknown := [name for name in scorer.feature_names if name not in features.names]:
            raise DataError(
                f"the scorer reads {unknown[0]!r}, which no feature of the set makes, so that its amount "
                "leads to no raw field: pass the features that the scorer was trained on"
            )
        apart, made = cls.of(scorer, table), {feature.name: feature for feature in features}
        entries = _Entries()
        for f, name in enumerate(scorer.feature_names):
            feature = made[name]
            if type(feature).attribute is Feature.attribute:
                # The rule that all goes to one field needs no call a row.
                entries.add(feature, feature.subject, np.arange(len(table)), apart.features[:, f])
            else:
                _add_items(entries, feature, _Held.by(scorer, f, table), records)
        items, fields, amounts = entries.gathered(len(table))
        return cls(
            apart.scores, apart.term_names, apart.feature_names, apart.terms, apart.features,
            items, fields, amounts,
        )  # fmt: skip


class _Entries:
    """Amounts of raw parts, in the order in which they are found."""

    def __init__(self) -> None:
        self.column: dict[str, int] = {}
        self.fields: list[str] = []
        self.rows: list[NDArray[np.int64]] = []
        self.columns: list[NDArray[np.int64]] = []
        self.amounts: list[NDArray[np.float64]] = []

    def add(self, feature: Feature, path: str, rows: NDArray[np.int64], amounts: NDArray[np.float64]) -> None:
        if path not in self.column:
            self.column[path] = len(self.column)
            self.fields.append(_field_of(path, feature))
        self.rows.append(rows)
        self.columns.append(np.full(len(rows), self.column[path]))
        self.amounts.append(amounts)

    def gathered(self, n: int) -> tuple[tuple[str, ...], tuple[str, ...], csr_array]:
        if not self.column:
            return (), (), csr_array((n, 0))
        rows, columns, amounts = (np.concatenate(part) for part in (self.rows, self.columns, self.amounts))
        # Two features may read one field: what falls on one place is added.
        sums = csr_array((amounts, (rows, columns)), shape=(n, len(self.column)))
        return tuple(self.column), tuple(self.fields), sums


def _field_of(path: str, feature: Feature) -> str:
    """Name the field that a part belongs to: the longest of the feature's sources that it begins with."""
    fits = [s for s in feature.sources if path == s or path.startswith((f"{s}[", f"{s}."))]
    return max(fits, key=len, default=path)


def _add_items(entries: _Entries, feature: Feature, held: "_Held", records: Records) -> None:
    """Let a feature split its amount, once for all rows that have the same raw values and amounts."""
    entities = sorted({entity_of(source) for source in feature.sources})
    keys = np.column_stack([*(records.rows[entity] for entity in entities), *(at for _, at in held.shared)])
    if not len(keys):
        return
    _, first, group = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    group = group.reshape(-1)
    by_group = np.split(np.argsort(group, kind="stable"), np.cumsum(np.bincount(group))[:-1])
    for row, alike in zip(first.tolist(), by_group, strict=True):
        for path, amount in feature.attribute(records, row, held.amount_of(row)).items():
            entries.add(feature, path, alike, np.full(len(alike), amount))


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """The amount that one feature holds in the score, as a function of its value; the others stay.

    Parameters
    ----------
    axis : Axis
        The feature, with one level: the cuts or categories of all its terms.
    own : (n_bins,) float64 array
        What its term alone gives.
    shared : tuple of ((n_bins, n_cells) float64 array, (n,) int64 array)
        Its share of each term with others, and where each row's others stand in it.
    """

    axis: Axis
    own: NDArray[np.float64]
    shared: tuple[tuple[NDArray[np.float64], NDArray[np.int64]], ...]

    @classmethod
    def by(cls, scorer: AdditiveScorer, f: int, table: pd.DataFrame) -> Self:
        """Gather the terms of feature ``f``."""
        axis, binned = scorer.axes[f], scorer.bin(table)
        reading = [
            (term, bins) for term, bins in zip(scorer.terms, binned, strict=True) if f in term.features
        ]
        levels = [axis.levels[axis.level(len(term.features))] for term, _ in reading] or [np.empty(0)]
        level = union(levels)
        one = Axis(axis.name, axis.kind, (level,))
        own, shared = np.zeros(one.n_bins(0)), []
        for (term, bins), mine in zip(reading, levels, strict=False):
            at = term.features.index(f)
            finer = refine(np.moveaxis(term.scores, at, -1), [parent_bins(level, mine)])
            amounts = np.moveaxis(finer, -1, 0) / len(term.features)
            others = tuple(b for i, b in enumerate(bins) if i != at)
            if others:
                cells = np.ravel_multi_index(others, amounts.shape[1:])
                shared.append((amounts.reshape(len(amounts), -1), cells))
            else:
                own += amounts
        return cls(one, own, tuple(shared))

    def amount_of(self, row: int) -> Callable[[NDArray[Any]], NDArray[np.float64]]:
        """Return one row's amounts as a function of the feature's value, (m,) -> (m,)."""
        amounts = self.own + sum(table[:, at[row]] for table, at in self.shared)
        dtype = np.float64 if self.axis.kind == "continuous" else object
        return lambda values: amounts[self.axis.bin(np.asarray(values, dtype=dtype), 0)]
