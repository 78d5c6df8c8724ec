"""The rows of published bias audits."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

WITHIN = 0.006  # as far as a rate may be from its counts'
PRINTED = 0.005  # half of the last digit of figures printed to two
UNKNOWN = "Missing/Unknown"
COLUMNS = (
    "audit_id", "position", "selection_or_scoring_rate", "protected_char_group", "race_ethnicity", "sex",
    "number_of_applications", "n_selected_or_n_above_median", "result", "impact_ratio",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One category of one table of one audit.

    Parameters
    ----------
    audit, position, rate_of, by : str
        Which audit; which position; what the rate is of, such as ``"Scoring"``; sex,
        race/ethnicity or intersectional.
    race, sex : str
        The category; ``"Total"`` where the table does not tell them apart.
    applicants, selected : float
        As the collection has them; NaN where they are not given.
    rate, ratio : float
        As published; NaN where they are not.
    """

    audit: str
    position: str
    rate_of: str
    by: str
    race: str
    sex: str
    applicants: float
    selected: float
    rate: float
    ratio: float

    @property
    def recomputed(self) -> float:
        """The rate that the counts give."""
        return self.selected / self.applicants if self.applicants else math.nan

    @property
    def category(self) -> str:
        """The category, in words."""
        return " × ".join(name for name in (self.sex, self.race) if name != "Total")

    @property
    def known(self) -> bool:
        """Whether it is a category of people, not those of whom it is unknown."""
        return UNKNOWN not in (self.race, self.sex)

    @property
    def whole(self) -> bool:
        """Whether the count of selected is a whole number."""
        return abs(self.selected - round(self.selected)) < 1e-6


def read_rows(path: Path) -> list[Row]:
    """Read the collection."""
    table = pd.read_csv(path)
    return [Row(*values) for values in table[list(COLUMNS)].itertuples(index=False, name=None)]


def tables_of(rows: Iterable[Row]) -> list[list[Row]]:
    """Put the rows of known category that have counts together, table by table."""
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        if row.known and not math.isnan(row.recomputed):
            found.setdefault((row.audit, row.position, row.rate_of, row.by), []).append(row)
    return list(found.values())


def told(row: Row, what: str, published: float, recomputed: float | None) -> dict[str, Any]:
    """Return what is published and what the counts give, for the list of rows that do not fit."""
    return {
        "audit": row.audit,
        "position": row.position,
        "rate_of": row.rate_of,
        "group": row.category,
        "figure": what,
        "published": round(published, 4),
        "recomputed": None if recomputed is None else round(recomputed, 4),
    }
