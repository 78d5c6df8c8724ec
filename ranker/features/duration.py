"""Months summed over items, such as the jobs a person held."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ranker.errors import TaskError
from ranker.features.feature import AmountOf, Feature, numbered
from ranker.features.sets import item_sets
from ranker.features.shares import sum_shares
from ranker.records.field import entity_of
from ranker.records.records import Records
from ranker.records.values import Unreadable, as_month, as_number, as_text, normal


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
        lists = self._lists(records)[records.rows[entity_of(self.items)]]
        wanted = self._wanted(records)
        return np.array(
            [
                np.nan if parts is None else float(sum(m for n, m in parts if w is None or normal(n) in w))
                for parts, w in zip(lists, wanted, strict=True)
            ]
        )

    def describe(self, records: Records, pair: int) -> str:
        """Say the sum in years and months."""
        value = float(self.compute(records.take(np.array([pair])))[0])
        if np.isnan(value):
            return "not given"
        years, months = divmod(round(value), 12)
        words = [f"{n} {unit}{'s' * (n != 1)}" for n, unit in ((years, "year"), (months, "month")) if n]
        return " ".join(words) or "0 months"

    def attribute(self, records: Records, pair: int, amount_of: AmountOf) -> dict[str, float]:
        """Split over the items; see the class."""
        amount = self._amount(records, pair, amount_of)
        parts = self._parts(records, pair)
        if not parts:
            return {self.items: amount}
        shares = sum_shares(amount_of, np.array([months for _, months in parts]))
        paths = numbered([f"{self.items}[{name}]" for name, _ in parts])
        out = dict(zip(paths, shares.tolist(), strict=True))
        return {self.items: amount - sum(out.values()), **out}

    def evidence(self, records: Records, pair: int) -> dict[str, Any]:
        """Return the items that count, with their months."""
        return {"items": [{"name": n, "months": m} for n, m in self._parts(records, pair)]}

    def _parts(self, records: Records, pair: int) -> list[tuple[str, float]]:
        parts = self._lists(records)[records.rows[entity_of(self.items)][pair]]
        wanted = self._wanted(records.take(np.array([pair])))[0]
        return [(n, m) for n, m in parts or () if wanted is None or normal(n) in wanted]

    def _wanted(self, records: Records) -> Any:
        if self.only is None:
            return [None] * len(records)
        found = item_sets(records, self.only)[records.rows[entity_of(self.only)]]
        return [{} if w is None else w for w in found]

    def _lists(self, records: Records) -> np.ndarray:
        """Return (name, months) of each row's items; an item that cannot be read is counted and left out."""
        as_of = self._as_of()

        def measure(values: np.ndarray, note: Callable[[int, str, str], None]) -> np.ndarray:
            out = np.empty(len(values), dtype=object)
            for position, items in enumerate(values):
                if items is None:
                    continue
                parts = []
                for number, item in enumerate(items, 1):
                    try:
                        months = self._months(item, as_of)
                        name = as_text(item.get(self.item)) if self.item else None
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

        key = repr((self.months, self.start, self.end, self.as_of, self.item))
        return records.derived(self.items, "items", key, measure)

    def _as_of(self) -> int | None:
        return None if self.as_of is None else as_month(self.as_of, None)

    def _months(self, item: dict[str, Any], as_of: int | None) -> float | None:
        if self.months is not None:
            months = as_number(item.get(self.months))
            return None if np.isnan(months) else months
        start, end = as_month(item.get(str(self.start)), as_of), as_month(item.get(str(self.end)), as_of)
        return None if start is None or end is None else float(end - start)
