"""Whether a list holds one item that the task names."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ranker.errors import TaskError
from ranker.features.amounts import Amounts, Split, split_equally
from ranker.features.feature import Feature
from ranker.features.sets import item_sets
from ranker.records.field import entity_of
from ranker.records.records import Records
from ranker.records.values import normal

__all__ = ["HasItem"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HasItem(Feature):
    """1 where a list holds an item, else 0, whether or not a job wants it; missing where it is not given.

    Parameters
    ----------
    field : str
        Path of the list.
    item : str
        The item; case, spaces and accents are compared as in every list.
    """

    field: str
    item: str
    split_rule: ClassVar[str] = "the item gets what having it changes; the field itself gets the rest"

    def __post_init__(self) -> None:
        Feature.__post_init__(self)
        if not self.item.strip():
            raise TaskError("item is empty: name the item that is looked for")

    @property
    def sources(self) -> tuple[str, ...]:
        """The list."""
        return (self.field,)

    def compute(self, records: Records) -> np.ndarray:
        """Return 1, 0 or NaN."""
        form, items = normal(self.item), item_sets(records, self.field)

        def look(values: np.ndarray, note: Callable[..., None]) -> np.ndarray:
            return np.array([np.nan if found is None else float(form in found) for found in items.tolist()])

        return records.derived(self.field, "texts", f"has {form}", look)[records.rows[entity_of(self.field)]]

    def describe(self, records: Records, pair: int) -> str:
        """Say yes or no."""
        found = self._items(records, pair)
        return "not given" if found is None else "yes" if normal(self.item) in found else "no"

    def split(self, records: Records, amounts: Amounts) -> list[Split]:
        """Split over the item and the field; see the class."""
        form = normal(self.item)
        lists = item_sets(records, self.field)[records.rows[entity_of(self.field)]].tolist()
        rows = zip(lists, amounts.whole.tolist(), amounts.at(0.0).tolist(), strict=True)
        return [
            split_equally(
                self.field,
                amount,
                nothing,
                [f"{self.field}[{items[form]}]"] if items and form in items else [],
            )
            for items, amount, nothing in rows
        ]

    def evidence(self, records: Records, pair: int) -> dict[str, Any]:
        """Return the item as the list has it, nothing where it does not."""
        written = (self._items(records, pair) or {}).get(normal(self.item))
        return {} if written is None else {"found": written}

    def sees(self, records: Records, pair: int, path: str, text: str) -> bool:
        """Tell whether a new entry of a list is the item."""
        return path == self.field and normal(text) == normal(self.item)

    def _items(self, records: Records, pair: int) -> dict[str, str] | None:
        found: dict[str, str] | None = item_sets(records, self.field)[
            records.rows[entity_of(self.field)][pair]
        ]
        return found
