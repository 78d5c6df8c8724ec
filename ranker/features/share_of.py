"""A number as a share of the whole that it is counted out of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ranker.errors import TaskError
from ranker.features.feature import Feature, amount_text
from ranker.records.field import entity_of
from ranker.records.records import Records

__all__ = ["ShareOf"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareOf(Feature):
    """A number over a stated whole, clamped to 0 .. 1: 88 of 100 points is .88.

    The whole is stated and not learned, so that a share means the same in every set of records.

    Parameters
    ----------
    field : str
        Path of the number.
    whole : float
        In the number's unit.
    """

    field: str
    whole: float = 100.0

    def __post_init__(self) -> None:
        Feature.__post_init__(self)
        if not 0 < self.whole < float("inf"):
            raise TaskError(f"whole is {self.whole}: give a finite number above 0, such as 100")

    @property
    def sources(self) -> tuple[str, ...]:
        """The field."""
        return (self.field,)

    def compute(self, records: Records) -> np.ndarray:
        """Return the shares, in [0, 1]; each clamping is counted in the cleaning report."""

        def share(values: np.ndarray, note: Callable[[int, str, str], None]) -> np.ndarray:
            out = np.clip(values, 0.0, self.whole)
            for position in np.flatnonzero((out != values) & ~np.isnan(values)):
                note(int(position), "changed", f"clamped to {amount_text(out[position])}")
            return out / self.whole

        shares = records.derived(self.field, "number", f"of {self.whole}", share)
        return shares[records.rows[entity_of(self.field)]]

    def describe(self, records: Records, pair: int) -> str:
        """Say "88 of 100 points", and what was written where that differs."""
        written = float(records.cell(self.field, "number", pair))
        if np.isnan(written):
            return "not given"
        used = min(max(written, 0.0), self.whole)
        text = f"{amount_text(used)} of {amount_text(self.whole, records.field(self.field).unit)}"
        return text if used == written else f"{text} (written: {amount_text(written)})"

    def evidence(self, records: Records, pair: int) -> dict[str, Any]:
        """Return the number as written and as used, and the limits, where it was clamped."""
        written = float(records.cell(self.field, "number", pair))
        used = min(max(written, 0.0), self.whole)
        if np.isnan(written) or written == used:
            return {}
        return {"written": written, "used": used, "minimum": 0.0, "maximum": self.whole}
