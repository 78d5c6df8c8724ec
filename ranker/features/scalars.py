"""Features that read one value: number, category, ordinal."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from ranker.errors import TaskError
from ranker.features.amounts import AmountOf
from ranker.features.feature import Feature, amount_text
from ranker.records.field import entity_of
from ranker.records.records import Records
from ranker.records.values import normal

Note = Callable[[int, str, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Feature):
    """A number, clamped to ``minimum .. maximum`` where they are stated."""

    field: str
    minimum: float | None = None
    maximum: float | None = None

    def __post_init__(self) -> None:
        Feature.__post_init__(self)
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise TaskError(f"minimum {self.minimum} is above maximum {self.maximum}")

    @property
    def sources(self) -> tuple[str, ...]:
        """The field."""
        return (self.field,)

    def compute(self, records: Records) -> np.ndarray:
        """Return the clamped numbers; each clamping is counted in the cleaning report."""
        if self.minimum is None and self.maximum is None:
            return records.at(self.field, "number")

        def clamp(values: np.ndarray, note: Note) -> np.ndarray:
            out = np.clip(values, self.minimum, self.maximum)
            for position in np.flatnonzero((out != values) & ~np.isnan(values)):
                note(int(position), "changed", f"clamped to {amount_text(out[position])}")
            return out

        clamped = records.derived(self.field, "number", f"{self.minimum}..{self.maximum}", clamp)
        return clamped[records.rows[entity_of(self.field)]]

    def describe(self, records: Records, pair: int) -> str:
        """Say the number with its unit, and what was written where that differs."""
        value = float(self.compute(records.take(np.array([pair])))[0])
        written = float(records.cell(self.field, "number", pair))
        text = amount_text(value, records.field(self.field).unit)
        return text if np.isnan(value) or value == written else f"{text} (written: {amount_text(written)})"

    def evidence(self, records: Records, pair: int) -> dict[str, Any]:
        """Return the number as written and as used, and the limits, where it was clamped."""
        written = float(records.cell(self.field, "number", pair))
        used = float(self.compute(records.take(np.array([pair])))[0])
        if np.isnan(written) or written == used:
            return {}
        return {"written": written, "used": used, "minimum": self.minimum, "maximum": self.maximum}


@dataclass(frozen=True, slots=True, kw_only=True)
class Category(Feature):
    """A text that names a category."""

    field: str
    column: ClassVar[str] = "nominal"

    @property
    def sources(self) -> tuple[str, ...]:
        """The field."""
        return (self.field,)

    def compute(self, records: Records) -> np.ndarray:
        """Return the categories as written, stripped."""
        return records.at(self.field, "text")

    def describe(self, records: Records, pair: int) -> str:
        """Say the category."""
        return records.cell(self.field, "text", pair) or "not given"


def positions_in_order(records: Records, path: str, order: tuple[str, ...]) -> np.ndarray:
    """Return for each row of a field's table its place (0-based) in a stated order, NaN where unknown."""
    place = {normal(text): float(i) for i, text in enumerate(order)}

    def find(values: np.ndarray, note: Note) -> np.ndarray:
        texts, forms = values.tolist(), records.memo.forms
        out = np.array([np.nan if text is None else place.get(forms[text], np.nan) for text in texts])
        for position in np.flatnonzero(np.isnan(out)).tolist():
            if texts[position] is not None:
                note(position, "missing", "not in the stated order")
        return out

    return records.derived(path, "text", "order " + "\x1f".join(order), find)


def check_order(order: tuple[str, ...]) -> None:
    """Refuse an order that names one value twice."""
    places = [normal(text) for text in order]
    for text, place in zip(order, places, strict=True):
        if places.count(place) > 1:
            raise TaskError(f"order names {text!r} twice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordinal(Feature):
    """A text with a place in a stated order, the lowest first; its place counts from 0."""

    field: str
    order: tuple[str, ...]

    def __post_init__(self) -> None:
        Feature.__post_init__(self)
        check_order(self.order)
        if not self.order:
            raise TaskError("order is empty: list the values, the lowest first")

    @property
    def sources(self) -> tuple[str, ...]:
        """The field."""
        return (self.field,)

    def compute(self, records: Records) -> np.ndarray:
        """Return the places; a text outside the order is missing, and counted."""
        return positions_in_order(records, self.field, self.order)[records.rows[entity_of(self.field)]]

    def describe(self, records: Records, pair: int) -> str:
        """Say the text, and whether the order knows it."""
        text = records.cell(self.field, "text", pair)
        if text is None:
            return "not given"
        unknown = np.isnan(self.compute(records.take(np.array([pair])))[0])
        return f"{text}, which is not in the stated order" if unknown else text


@dataclass(frozen=True, slots=True, kw_only=True)
class AtLeast(Feature):
    """Whether the candidate's value reaches the job's, both numbers or both in a stated order.

    ``measure = "met"`` gives 1 or 0; ``"share"`` gives min(1, value / required), for
    numbers above 0. Missing where either side is not given.
    """

    field: str
    required: str
    order: tuple[str, ...] = ()
    measure: Literal["met", "share"] = "met"

    def __post_init__(self) -> None:
        Feature.__post_init__(self)
        check_order(self.order)
        if self.order and self.measure == "share":
            raise TaskError("measure 'share' divides numbers; values in a stated order have none")

    @property
    def sources(self) -> tuple[str, ...]:
        """The candidate's field, the job's."""
        return (self.field, self.required)

    def compute(self, records: Records) -> np.ndarray:
        """Return 1 where the requirement is reached, 0 or a share where not."""
        value, least = self._side(records, self.field), self._side(records, self.required)
        if self.measure == "share":
            with np.errstate(invalid="ignore", divide="ignore"):
                share = np.minimum(1.0, value / least)
            return np.where(least <= 0, np.where(np.isnan(value), np.nan, 1.0), share)
        return np.where(np.isnan(value) | np.isnan(least), np.nan, (value >= least).astype(float))

    def describe(self, records: Records, pair: int) -> str:
        """Say both sides."""
        value, least = self._words(records, self.field, pair), self._words(records, self.required, pair)
        if least == "not given":
            return f"{value}; the job states none"
        if value == "not given":
            return f"not given; the job asks for {least}"
        reached = self.compute(records.take(np.array([pair])))[0]
        if np.isnan(reached):
            return f"{value}, not comparable with the {least} asked for"
        return f"{value}, {'meets' if reached == 1.0 else 'below'} the {least} asked for"

    def evidence(self, records: Records, pair: int) -> dict[str, Any]:
        """Return both sides."""
        return {
            "value": self._words(records, self.field, pair),
            "required": self._words(records, self.required, pair),
        }

    def gains(self, records: Records, pair: int, amount_of: AmountOf) -> dict[str, float]:
        """Tell what reaching the requirement would have brought; nothing where it is reached, or none is stated."""
        one = records.take(np.array([pair]))
        value, required = self.compute(one), self._words(records, self.required, pair)
        if required == "not given" or value[0] == 1.0 or np.isnan(self._side(one, self.required)[0]):
            return {}
        now, then = amount_of(np.array([value[0], 1.0])).tolist()
        return {required: then - now}

    def _side(self, records: Records, path: str) -> np.ndarray:
        if self.order:
            return positions_in_order(records, path, self.order)[records.rows[entity_of(path)]]
        return records.at(path, "number")

    def _words(self, records: Records, path: str, pair: int) -> str:
        if self.order:
            return records.cell(path, "text", pair) or "not given"
        return amount_text(float(records.cell(path, "number", pair)), records.field(path).unit)
