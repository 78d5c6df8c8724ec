"""Months summed over items, such as the jobs a person held."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, ClassVar

import numpy as np

from ranker.errors import TaskError
from ranker.features.amounts import Amounts, Split, split_of
from ranker.features.coded import CodedSets, coded_sets, offsets
from ranker.features.feature import Feature, numbered
from ranker.features.sets import item_sets
from ranker.features.shares import WHOLE, rule_of_sum, sum_shares
from ranker.kernels.pair_matching import sum_of_items, sum_of_wanted_items
from ranker.records.field import entity_of
from ranker.records.records import Records
from ranker.records.values import Unreadable, as_month, as_number, as_text, months_at_once, normal

EXACT_BELOW = 2**53  # whole numbers that a float64 holds exactly


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration(Feature):
    """Months summed over the items of a list; items that overlap in time count each.

    Parameters
    ----------
    items : str
        Path of a list of objects.
    months : str or None
        Key of an item's length in months; or
    start, end : str or None
        keys of its first and last month. January to March is 2 months, as the reference
        data count them.
    as_of : str or None
        The month that "Ongoing" means.
    item : str or None
        Key of an item's name, such as its role.
    only : str or None
        Path of a job's list: only items whose name is on it are summed.
    """

    items: str
    months: str | None = None
    start: str | None = None
    end: str | None = None
    as_of: str | None = None
    item: str | None = None
    only: str | None = None
    split_rule: ClassVar[str] = (
        "items get their Shapley values, Aumann-Shapley values where there are more than 12; "
        "the field itself gets what no item gives"
    )

    def __post_init__(self) -> None:
        Feature.__post_init__(self)
        if (self.months is None) == (self.start is None or self.end is None):
            raise TaskError("state either months, or both start and end")
        if self.only is not None and self.item is None:
            raise TaskError("only compares the names of items: state item, the key of an item's name")
        try:
            self._as_of()
        except Unreadable as error:
            raise TaskError(f"as_of = {self.as_of!r}: {error}") from None

    @property
    def sources(self) -> tuple[str, ...]:
        """The list, the job's list."""
        return (self.items,) if self.only is None else (self.items, self.only)

    def compute(self, records: Records) -> np.ndarray:
        """Return the sums, in months; missing where the list is not given."""
        rows = records.rows[entity_of(self.items)]
        if self.only is None:
            return self._sums(records)[rows]
        coded, amounts = self._coded(records)
        wants = coded_sets(records, self.only)
        found = sum_of_wanted_items(
            coded.indptr, coded.ids, amounts, rows,
            wants.indptr, wants.ids, records.rows[entity_of(self.only)], records.memo.codes.n_codes,
        )  # fmt: skip
        return np.where(coded.given[rows], found, np.nan)

    def describe(self, records: Records, pair: int) -> str:
        """Say the sum in years and months."""
        value = float(self.compute(records.take(np.array([pair])))[0])
        if np.isnan(value):
            return "not given"
        years, months = divmod(round(value), 12)
        words = [f"{n} {unit}{'s' * (n != 1)}" for n, unit in ((years, "year"), (months, "month")) if n]
        return " ".join(words) or "0 months"

    def split(self, records: Records, amounts: Amounts) -> list[Split]:
        """Split over the items; see the class."""
        return [self._split(records, pair, amounts) for pair in range(len(records))]

    def _split(self, records: Records, pair: int, amounts: Amounts) -> Split:
        amount = float(amounts.whole[pair])
        parts = self._parts(records, pair)
        if not parts:
            return Split({self.items: amount}, WHOLE)
        months = np.array([months for _, months in parts])
        shares = sum_shares(lambda values: amounts.of(pair, values), months)
        paths = numbered([f"{self.items}[{name}]" for name, _ in parts])
        return split_of(self.items, amount, paths, shares.tolist(), rule_of_sum(months))

    def evidence(self, records: Records, pair: int) -> dict[str, Any]:
        """Return the items that count, with their months, and their dates as written."""
        parts = self._parts(records, pair)
        items: list[dict[str, Any]] = [{"name": name, "months": months} for name, months in parts]
        for item, (start, end) in zip(items, self._dates(records, pair), strict=False):
            item |= {"start": start, "end": end}
        return {"items": items}

    def _parts(self, records: Records, pair: int) -> list[tuple[str, float]]:
        parts = self._lists(records)[records.rows[entity_of(self.items)][pair]]
        if self.only is None:
            return list(parts or ())
        wanted = item_sets(records, self.only)[records.rows[entity_of(self.only)][pair]] or {}
        return [(name, months) for name, months in parts or () if records.memo.forms[name] in wanted]

    def _dates(self, records: Records, pair: int) -> list[tuple[Any, Any]]:
        """First and last month of the items that count, as written; nothing where months are given."""
        if self.months is not None:
            return []
        as_of, found = self._as_of(), []
        wanted = None
        if self.only is not None:
            wanted = item_sets(records, self.only)[records.rows[entity_of(self.only)][pair]] or {}
        for item in records.cell(self.items, "items", pair) or ():
            try:
                months, name = self._months(item, as_of), as_text(item.get(self.item)) if self.item else None
            except Unreadable:
                continue
            if months is None or months < 0 or (wanted is not None and normal(name or "") not in wanted):
                continue
            found.append((item.get(self.start), item.get(self.end)))
        return found

    def _sums(self, records: Records) -> np.ndarray:
        """Return the months of each row in all, NaN where not given."""
        lists = self._lists(records).tolist()

        def add(values: np.ndarray, note: Callable[..., None]) -> np.ndarray:
            filled = [parts or () for parts in lists]
            sizes = np.fromiter(map(len, filled), np.int64, len(filled))
            months = np.array([months for parts in filled for _, months in parts], dtype=np.float64)
            sums = sum_of_items(offsets(sizes), months)
            sums[[parts is None for parts in lists]] = np.nan
            return sums

        return np.asarray(records.derived(self.items, "items", f"sums {self._key()}", add))

    def _coded(self, records: Records) -> tuple[CodedSets, np.ndarray]:
        """Return each row's items by name, and their months."""
        lists = self._lists(records).tolist()

        def code(values: np.ndarray, note: Callable[..., None]) -> tuple[CodedSets, np.ndarray]:
            given = np.array([parts is not None for parts in lists], dtype=bool)
            filled = [parts or () for parts in lists]
            sizes = np.fromiter(map(len, filled), np.int64, len(filled))
            codes = records.memo.codes
            ids = np.array([codes[name] for parts in filled for name, _ in parts], dtype=np.int32)
            months = np.array([months for parts in filled for _, months in parts], dtype=np.float64)
            return CodedSets(offsets(sizes), ids, given), months

        found: tuple[CodedSets, np.ndarray] = records.derived(
            self.items, "items", f"coded {self._key()}", code
        )
        return found

    def _lists(self, records: Records) -> np.ndarray:
        """Return (name, months) of each row's items; an item that cannot be read is counted and left out."""
        as_of, plain = self._as_of(), self.months

        def measure(values: np.ndarray, note: Callable[[int, str, str], None]) -> np.ndarray:
            out = np.empty(len(values), dtype=object)
            if (plain_parts := self._parts_at_once(values.tolist(), as_of)) is not None:
                out[:] = plain_parts
                return out
            for position, items in enumerate(values):
                if items is None:
                    continue
                parts = []
                for number, item in enumerate(items, 1):
                    if plain and type(months := item.get(plain)) is int and 0 <= months < EXACT_BELOW:
                        name = item.get(self.item) if self.item else ""
                        if type(name) is str:  # what almost all items are, without a call
                            parts.append((name.strip() or str(number), float(months)))
                            continue
                    try:
                        months = self._months(item, as_of)
                        name = item.get(self.item) if self.item else None
                        name = name.strip() if type(name) is str else as_text(name)
                    except Unreadable as error:
                        note(position, "missing", f"an item's length: {error}")
                        continue
                    if months is None:
                        note(position, "missing", "an item's length: not given")
                    elif months < 0:
                        said = "below 0" if self.months else "it ends before it starts"
                        note(position, "missing", f"an item's length: {said}")
                    else:
                        parts.append((name or str(number), months))
                # A list none of whose items can be read is no experience of 0 months.
                out[position] = parts if parts or not items else None
            return out

        found: np.ndarray = records.derived(self.items, "items", self._key(), measure)
        return found

    def _parts_at_once(
        self, lists: list[tuple[dict[str, Any], ...] | None], as_of: int | None
    ) -> list[list[tuple[str, float]] | None] | None:
        """Measure all rows together where every item has a name and two months that can be read; else ``None``."""
        item, start, end = self.item, self.start, self.end
        if item is None or start is None or end is None:
            return None
        items = list(chain.from_iterable(filter(None, lists)))
        written: list[Any] = [one.get(item) for one in items]
        if not {str}.issuperset(map(type, written)) or not all(names := list(map(str.strip, written))):
            return None
        try:
            starts = months_at_once([one.get(start) for one in items], as_of)
            ends = months_at_once([one.get(end) for one in items], as_of)
        except Unreadable:
            return None
        if starts is None or ends is None:
            return None
        lengths = np.subtract(ends, starts, dtype=np.float64)
        if lengths.min(initial=0.0) < 0:
            return None
        parts = zip(names, lengths.tolist(), strict=True)
        return [None if one is None else list(islice(parts, len(one))) for one in lists]

    def _key(self) -> str:
        return repr((self.months, self.start, self.end, self.as_of, self.item))

    def _as_of(self) -> int | None:
        return None if self.as_of is None else as_month(self.as_of, None)

    def _months(self, item: dict[str, Any], as_of: int | None) -> float | None:
        if self.months is not None:
            months = as_number(item.get(self.months))
            return None if np.isnan(months) else months
        start, end = as_month(item.get(str(self.start)), as_of), as_month(item.get(str(self.end)), as_of)
        return None if start is None or end is None else float(end - start)
