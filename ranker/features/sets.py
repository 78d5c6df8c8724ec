"""Features that compare lists: coverage, any-of, same-category, count."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ranker.features.amounts import AmountOf, Amounts, Split, split_equally, split_of
from ranker.features.coded import coded_sets, coded_texts, matches, offsets
from ranker.features.feature import Feature, numbered
from ranker.features.shares import WHOLE, rule_of_sum, sum_shares
from ranker.kernels.pair_matching import sums_of_wanted_weights
from ranker.records.field import entity_of
from ranker.records.records import Records
from ranker.records.values import normal

NO_IDS = np.zeros(0, np.int32)
Items = dict[str, str]  # the form that is compared -> the text as written


def item_sets(records: Records, path: str) -> np.ndarray:
    """Return for each row of a field's table its items, ``None`` where none are given."""

    def collect(values: np.ndarray, note: Callable[..., None]) -> np.ndarray:
        out = np.empty(len(values), dtype=object)
        forms = records.memo.forms
        out[:] = [None if v is None else {forms[text]: text for text in v} for v in values]
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

    def _matches(self, records: Records) -> tuple[np.ndarray, np.ndarray]:
        return matches(
            records, coded_sets(records, self.has), self.has, coded_sets(records, self.wants), self.wants
        )

    def _paths(self, items: list[str]) -> list[str]:
        return [f"{self.has}[{item}]" for item in items]

    def _split_equally(self, records: Records, amounts: Amounts) -> list[Split]:
        """Split over the matched items, of which one is worth as much as the other."""
        pairs = zip(amounts.whole.tolist(), amounts.at(0.0).tolist(), strict=True)
        return [
            split_equally(self.has, amount, nothing, self._paths(self.matched(records, pair)))
            for pair, (amount, nothing) in enumerate(pairs)
        ]

    def _gains(
        self, records: Records, pair: int, amount_of: AmountOf, value_with: Callable[[str], float]
    ) -> dict[str, float]:
        """Tell for each missing item what the score gains at the value that having it would give."""
        has, wants = self.both(records, pair)
        missing = {key: text for key, text in (wants or {}).items() if not has or key not in has}
        if not missing:
            return {}
        values = np.array([value_with(key) for key in missing])
        before = float(amount_of(self.compute(records.take(np.array([pair]))))[0])
        return dict(zip(missing.values(), (amount_of(values) - before).tolist(), strict=True))


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
        if self.weights is None:
            found, wanted = self._matches(records)
            with np.errstate(invalid="ignore"):
                return found / wanted
        has, wants = coded_sets(records, self.has), coded_sets(records, self.wants)
        has_rows, want_rows = records.rows[entity_of(self.has)], records.rows[entity_of(self.wants)]
        # A list of wanted items for each (list, weights) that occurs, with the sizes beside it.
        weights, weight_rows = records.values(self.weights, "weights"), records.rows[entity_of(self.weights)]
        kinds, kind_of = np.unique(
            want_rows * np.int64(max(1, len(weights))) + weight_rows, return_inverse=True
        )
        lists, sizes = np.divmod(kinds, max(1, len(weights)))
        items = item_sets(records, self.wants)
        amounts = [
            list(_sizes(items[w] or {}, weights[s]).values()) for w, s in zip(lists, sizes, strict=True)
        ]
        ids = [wants.ids[wants.indptr[w] : wants.indptr[w + 1]] for w in lists]
        found, whole = sums_of_wanted_weights(
            has.indptr, has.ids, has_rows,
            offsets(wants.sizes()[lists]), np.concatenate([NO_IDS, *ids]), np.concatenate([np.zeros(0), *amounts]),
            kind_of, records.memo.codes.n_codes,
        )  # fmt: skip
        with np.errstate(invalid="ignore"):
            return np.where(has.given[has_rows], found / whole, np.nan)

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

    def split(self, records: Records, amounts: Amounts) -> list[Split]:
        """Split over the matched items; see the class."""
        if self.weights is None:
            return self._split_equally(records, amounts)
        return [self._split_by_weight(records, pair, amounts) for pair in range(len(records))]

    def _split_by_weight(self, records: Records, pair: int, amounts: Amounts) -> Split:
        amount = float(amounts.whole[pair])
        items = self.matched(records, pair)
        sizes = self._weights(records, pair)
        whole = sum(sizes.values())
        if not items or not whole:
            return Split({self.has: amount}, WHOLE)
        matched = np.array([sizes[normal(item)] for item in items])
        shares = sum_shares(lambda weight: amounts.of(pair, weight / whole), matched)
        return split_of(self.has, amount, self._paths(items), shares.tolist(), rule_of_sum(matched))

    def gains(self, records: Records, pair: int, amount_of: AmountOf) -> dict[str, float]:
        """Tell what each missing item would have brought; see :meth:`Feature.gains`."""
        sizes = self._weights(records, pair)
        whole = sum(sizes.values())
        if not whole:
            return {}
        found = sum(sizes[normal(item)] for item in self.matched(records, pair))
        return self._gains(records, pair, amount_of, lambda key: (found + sizes[key]) / whole)

    def _weights(self, records: Records, pair: int) -> dict[str, float]:
        """Weight of each wanted item; 1 where none is stated."""
        wants = self.both(records, pair)[1] or {}
        return _sizes(wants, None if self.weights is None else records.cell(self.weights, "weights", pair))


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
        found, wanted = self._matches(records)
        return np.where(wanted > 0, (found > 0).astype(np.float64), np.nan)

    def describe(self, records: Records, pair: int) -> str:
        """Say which items match."""
        has, wants = self.both(records, pair)
        if not wants:
            return "the job asks for none"
        if has is None:
            return "not given"
        items = self.matched(records, pair)
        return ", ".join(items) if items else "none of those asked for"

    def split(self, records: Records, amounts: Amounts) -> list[Split]:
        """Split over the matching items; see the class."""
        return self._split_equally(records, amounts)

    def gains(self, records: Records, pair: int, amount_of: AmountOf) -> dict[str, float]:
        """Tell what each wanted item would have brought; nothing where one is there already."""
        if self.matched(records, pair):
            return {}
        return self._gains(records, pair, amount_of, lambda key: 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SameCategory(SetFeature):
    """1 where the candidate's one category is the job's (or one of the job's), else 0."""

    def compute(self, records: Records) -> np.ndarray:
        """Return 1, 0, or NaN where either side is not given."""
        found, wanted = matches(
            records, coded_texts(records, self.has), self.has, coded_sets(records, self.wants), self.wants
        )
        return np.where(wanted > 0, (found > 0).astype(np.float64), np.nan)

    def describe(self, records: Records, pair: int) -> str:
        """Say whether they are the same."""
        if not self.both(records, pair)[1]:
            return "the job states none"
        value = float(self.compute(records.take(np.array([pair])))[0])
        if np.isnan(value):
            return "not given"
        return f"{records.cell(self.has, 'text', pair)}, {'as' if value else 'not what'} the job states"

    def gains(self, records: Records, pair: int, amount_of: AmountOf) -> dict[str, float]:
        """Tell what each category that the job states would have brought; nothing where it is one of them."""
        found = self.compute(records.take(np.array([pair])))[0] == 1.0
        return {} if found else self._gains(records, pair, amount_of, lambda key: 1.0)


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

        def count(values: np.ndarray, note: Callable[..., None]) -> np.ndarray:
            return np.array([np.nan if found is None else float(len(found)) for found in values.tolist()])

        return records.derived(self.field, "names", "count", count)[records.rows[entity_of(self.field)]]

    def describe(self, records: Records, pair: int) -> str:
        """Say the count."""
        found = records.cell(self.field, "names", pair)
        return "not given" if found is None else str(len(found))

    def split(self, records: Records, amounts: Amounts) -> list[Split]:
        """Split over the items; see the class."""
        lists = records.at(self.field, "names").tolist()
        rows = zip(lists, amounts.whole.tolist(), amounts.at(0.0).tolist(), strict=True)
        return [
            split_equally(self.field, amount, nothing, numbered([f"{self.field}[{n}]" for n in items or ()]))
            for items, amount, nothing in rows
        ]
