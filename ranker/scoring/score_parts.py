"""Many scores taken apart at once: over terms, features, raw fields and their items.

The same split as ``ranker.scoring.attribution`` makes of one pair, as matrices: a pair's
amount is halved, and each feature splits its own by the rule that it documents.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from ranker.errors import DataError
from ranker.features import Feature, FeatureSet
from ranker.features.amounts import Split
from ranker.records import Records
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
        binned, entries = scorer.bin(table), _Entries()
        for f, name in enumerate(scorer.feature_names):
            feature = made[name]
            if type(feature).split is Feature.split:
                # The rule that all goes to one field needs no split a row.
                entries.add(feature, feature.subject, np.arange(len(table)), apart.features[:, f])
            else:
                entries.add_splits(feature, feature.split(records, _Held.by(scorer, f, binned, len(table))))
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

    def add_splits(self, feature: Feature, splits: Sequence[Split]) -> None:
        found: dict[str, tuple[list[int], list[float]]] = {}
        for row, split in enumerate(splits):
            for path, amount in split.shares.items():
                rows, amounts = found.setdefault(path, ([], []))
                rows.append(row)
                amounts.append(amount)
        for path, (rows, amounts) in found.items():
            self.add(feature, path, np.array(rows, dtype=np.int64), np.array(amounts))

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


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """What one feature holds in ``n`` scores, by its value; see :class:`ranker.features.amounts.Amounts`.

    Parameters
    ----------
    axis : Axis
        The feature, with one level: the cuts or categories of all its terms.
    own : (n_bins,) float64 array
        What its term alone gives.
    shared : tuple of ((n_bins, n_cells) float64 array, (n,) int64 array)
        Its share of each term with others, and where each row's others stand in it.
    whole : (n,) float64 array
        At the value that each row has, in score units.
    """

    axis: Axis
    own: NDArray[np.float64]
    shared: tuple[tuple[NDArray[np.float64], NDArray[np.int64]], ...]
    whole: NDArray[np.float64]

    @classmethod
    def by(
        cls, scorer: AdditiveScorer, f: int, binned: Sequence[tuple[NDArray[np.int64], ...]], n: int
    ) -> Self:
        """Gather the terms of feature ``f``."""
        axis, whole = scorer.axes[f], np.zeros(n)
        reading = [
            (term, bins) for term, bins in zip(scorer.terms, binned, strict=True) if f in term.features
        ]
        levels = [axis.levels[axis.level(len(term.features))] for term, _ in reading] or [np.empty(0)]
        level = union(levels)
        one = Axis(axis.name, axis.kind, (level,))
        own, shared = np.zeros(one.n_bins(0)), []
        for (term, bins), mine in zip(reading, levels, strict=False):
            at = term.features.index(f)
            whole += term.scores[bins] / len(term.features)
            finer = refine(np.moveaxis(term.scores, at, -1), [parent_bins(level, mine)])
            amounts = np.moveaxis(finer, -1, 0) / len(term.features)
            others = tuple(b for i, b in enumerate(bins) if i != at)
            if others:
                cells = np.ravel_multi_index(others, amounts.shape[1:])
                shared.append((amounts.reshape(len(amounts), -1), cells))
            else:
                own += amounts
        return cls(one, own, tuple(shared), whole)

    def at(self, value: Any) -> NDArray[np.float64]:
        """Were every row's value this one, (n,), in score units."""
        [found] = self._bins([value])
        out = np.full(len(self.whole), self.own[found])
        for table, cells in self.shared:
            out += table[found, cells]
        return out

    def of(self, pair: int, values: NDArray[Any]) -> NDArray[np.float64]:
        """Were one row's value each of these, (m,) -> (m,), in score units."""
        found = self._bins(values)
        out = self.own[found]
        for table, cells in self.shared:
            out = out + table[found, cells[pair]]
        return out

    def _bins(self, values: Any) -> NDArray[np.int64]:
        dtype = np.float64 if self.axis.kind == "continuous" else object
        return self.axis.bin(np.asarray(values, dtype=dtype), 0)
