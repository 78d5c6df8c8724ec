"""Features that compare lists: coverage, any-of, same-category, count."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ranker.features.feature import AmountOf, Feature, numbered
from ranker.features.shares import proportional_shares, sum_shares
from ranker.records.field import entity_of
from ranker.records.records import Records
from ranker.records.values import normal

Items = dict[str, str]  # the form that is compared -> the text as written


def item_sets(records: Records, path: str) -> np.ndarray:
    """Return for each row of a field's table its items, ``None`` where none are given."""

    def collect(values: np.ndarray, note: Callable[..., None]) -> np.ndarray:
        out = np.empty(len(values), dtype=object)
        out[:] = [None if v is None else {normal(text): text for text in v} for v in values]
        return out

    return records.derived(path, "texts", "items", collect)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFeature(Feature):
    """A comparison of what a candidate has with what a job wants, as lists of texts."""

    has: str
    wants: str

    @property
    def sources(self) -> tuple[str, ...]:
        """The candidate's list, the job's list."""
        return (self.has, self.wants)

    def both(self, records: Records, pair: int) -> tuple[Items | None, Items | None]:
        """Return one pair's two sets of items."""
        return (
            item_sets(records, self.has)[records.rows[entity_of(self.has)][pair]],
            item_sets(records, self.wants)[records.rows[entity_of(self.wants)][pair]],
        )

    def matched(self, records: Records, pair: int) -> list[str]:
        """Return the wanted items that the candidate has, as the candidate wrote them, in the job's order."""
        has, wants = self.both(records, pair)
        return [has[key] for key in wants or {} if has and key in has]

    def evidence(self, records: Records, pair: int) -> dict[str, Any]:
        """Return the items matched (in the candidate's words) and missing (in the job's)."""
        has, wants = self.both(records, pair)
        missing = [text for key, text in (wants or {}).items() if not has or key not in has]
        return {"matched": self.matched(records, pair), "missing": missing}

    def _pairs(self, records: Records) -> list[tuple[Items | None, Items | None]]:
        has = item_sets(records, self.has)[records.rows[entity_of(self.has)]]
        wants = item_sets(records, self.wants)[records.rows[entity_of(self.wants)]]
        return list(zip(has, wants, strict=True))

    def _paths(self, items: list[str]) -> list[str]:
        return [f"{self.has}[{item}]" for item in items]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage(SetFeature):
    """Share of the wanted items that the candidate has: |has ∩ wants| / |wants|.

    With ``weights`` (path of an object {item: weight}; an item without one weighs 1),
    the matched items' share of the weight. Missing where the candidate's list is not
    given or the job wants nothing.
    """

    weights: str | None = None
    split_rule: ClassVar[str] = (
        "matched items get their Shapley values, Aumann-Shapley values where more than 12 weigh differently; "
        "the field itself gets what matching nothing gives"
    )

    @property
    def sources(self) -> tuple[str, ...]:
        """The candidate's list, the job's list, the weights."""
        return (self.has, self.wants) if self.weights is None else (self.has, self.wants, self.weights)

    def compute(self, records: Records) -> np.ndarray:
        """Return the shares, in [0, 1]."""
        out = np.full(len(records), np.nan)
        weights = None if self.weights is None else records.at(self.weights, "weights")
        for i, (has, wants) in enumerate(self._pairs(records)):
            if has is None or not wants:
                continue
            if weights is None:
                out[i] = len(has.keys() & wants.keys()) / len(wants)
            else:
                sizes = _sizes(wants, weights[i])
                whole = sum(sizes.values())
                out[i] = sum(sizes[key] for key in wants if key in has) / whole if whole else np.nan
        return out

    def describe(self, records: Records, pair: int) -> str:
        """Say "4 of 5"."""
        has, wants = self.both(records, pair)
        if not wants:
            return "the job asks for none"
        if has is None:
            return f"not given; the job asks for {len(wants)}"
        text = f"{len(has.keys() & wants.keys())} of {len(wants)}"
        if self.weights is not None:
            share = float(self.compute(records.take(np.array([pair])))[0])
            text += f", {share:.0%} by weight" if not np.isnan(share) else ""
        return text

    def attribute(self, records: Records, pair: int, amount_of: AmountOf) -> dict[str, float]:
        """Split over the matched items; see the class."""
        amount = self._amount(records, pair, amount_of)
        wants = self.both(records, pair)[1]
        items = self.matched(records, pair)
        if not items or not wants:
            return {self.has: amount}
        nothing = float(amount_of(np.zeros(1))[0])
        if self.weights is None:
            shares = proportional_shares(amount - nothing, np.ones(len(items)))
        else:
            sizes = _sizes(wants, records.cell(self.weights, "weights", pair))
            whole = sum(sizes.values())
            if not whole:
                return {self.has: amount}
            matched = np.array([sizes[normal(item)] for item in items])
            shares = sum_shares(lambda weight: amount_of(weight / whole), matched)
        out = dict(zip(self._paths(items), shares.tolist(), strict=True))
        # The field takes what remains, so that rounding never leaves a residual.
        return {self.has: amount - sum(out.values()), **out}


def _sizes(wants: Items, weights: dict[str, float] | None) -> dict[str, float]:
    weights = weights or {}
    return {key: weights.get(key, 1.0) for key in wants}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf(SetFeature):
    """1 where the candidate has at least one of the wanted items, else 0.

    Missing where the candidate's list is not given or the job wants nothing.
    """

    split_rule: ClassVar[str] = (
        "matching items share equally (Shapley, by symmetry); the field itself gets what no match gives"
    )

    def compute(self, records: Records) -> np.ndarray:
        """Return 1, 0 or NaN."""
        return np.array(
            [
                np.nan if has is None or not wants else float(bool(has.keys() & wants.keys()))
                for has, wants in self._pairs(records)
            ]
        )

    def describe(self, records: Records, pair: int) -> str:
        """Say which items match."""
        has, wants = self.both(records, pair)
        if not wants:
            return "the job asks for none"
        if has is None:
            return "not given"
        items = self.matched(records, pair)
        return ", ".join(items) if items else "none of those asked for"

    def attribute(self, records: Records, pair: int, amount_of: AmountOf) -> dict[str, float]:
        """Split over the matching items; see the class."""
        amount = self._amount(records, pair, amount_of)
        items = self.matched(records, pair)
        if not items:
            return {self.has: amount}
        nothing = float(amount_of(np.zeros(1))[0])
        out = dict.fromkeys(self._paths(items), (amount - nothing) / len(items))
        return {self.has: amount - sum(out.values()), **out}


@dataclass(frozen=True, slots=True, kw_only=True)
class SameCategory(SetFeature):
    """1 where the candidate's one category is the job's (or one of the job's), else 0."""

    def compute(self, records: Records) -> np.ndarray:
        """Return 1, 0, or NaN where either side is not given."""
        has = records.at(self.has, "text")
        wants = item_sets(records, self.wants)[records.rows[entity_of(self.wants)]]
        return np.array(
            [np.nan if h is None or not w else float(normal(h) in w) for h, w in zip(has, wants, strict=True)]
        )

    def describe(self, records: Records, pair: int) -> str:
        """Say whether they are the same."""
        if not self.both(records, pair)[1]:
            return "the job states none"
        value = float(self.compute(records.take(np.array([pair])))[0])
        if np.isnan(value):
            return "not given"
        return f"{records.cell(self.has, 'text', pair)}, {'as' if value else 'not what'} the job states"


@dataclass(frozen=True, slots=True, kw_only=True)
class Count(Feature):
    """Number of distinct items of a list; missing where the list is not given."""

    field: str
    split_rule: ClassVar[str] = (
        "items share equally (Shapley, by symmetry); the field itself gets what an empty list gives"
    )

    @property
    def sources(self) -> tuple[str, ...]:
        """The field."""
        return (self.field,)

    def compute(self, records: Records) -> np.ndarray:
        """Return the counts."""
        items = records.at(self.field, "names")
        return np.array([np.nan if found is None else float(len(found)) for found in items])

    def describe(self, records: Records, pair: int) -> str:
        """Say the count."""
        found = records.cell(self.field, "names", pair)
        return "not given" if found is None else str(len(found))

    def attribute(self, records: Records, pair: int, amount_of: AmountOf) -> dict[str, float]:
        """Split over the items; see the class."""
        amount = self._amount(records, pair, amount_of)
        items = records.cell(self.field, "names", pair)
        if not items:
            return {self.field: amount}
        share = (amount - float(amount_of(np.zeros(1))[0])) / len(items)
        out = dict.fromkeys(numbered([f"{self.field}[{item}]" for item in items]), share)
        return {self.field: amount - sum(out.values()), **out}
