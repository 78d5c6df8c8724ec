"""Published impact ratios, held against those that the counts give through `fairness.adverse_impact`."""

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

from benchmarks.ll144_parts.published import PRINTED, WITHIN, Row, told
from fairness.adverse_impact import SelectionCounts, impact_table

REFERENCES = ("highest of categories from 2 %", "highest of all categories", "highest of those with a ratio")


@dataclass(frozen=True, slots=True)
class CheckedTable:
    """One table, and how its ratios fit under the choice of the highest rate that suits it best.

    Parameters
    ----------
    audit : str
        Which audit it is of.
    published : list of Row
        The rows that carry a ratio.
    ratios : dict of str to float
        Recomputed, by category.
    off : list of Row
        The rows whose ratio is further off than rounding explains.
    fits : tuple of str
        The choices of `REFERENCES` under which every ratio fits.
    """

    audit: str
    published: list[Row]
    ratios: dict[str, float]
    off: list[Row]
    fits: tuple[str, ...]

    @property
    def of_another_definition(self) -> bool:
        """Whether a ratio lies above 1, which no rate over the highest can, or most of them are off."""
        return bool(self.off) and (
            any(row.ratio > 1 for row in self.published) or 2 * len(self.off) > len(self.published)
        )


def check_ratios(tables: list[list[Row]]) -> dict[str, Any]:
    """Hold published impact ratios against those of the counts, table by table."""
    checked = [found for table in tables if (found := check_table(table)) is not None]
    others = {table.audit for table in checked if table.of_another_definition}
    by_audit: dict[str, Counter[str]] = {}
    for table in checked:
        by_audit.setdefault(table.audit, Counter()).update(
            tables=1,
            tables_that_fit=int(not table.off),
            rows=len(table.published),
            misfits=len(table.off),
            above_one=sum(row.ratio > 1 for row in table.published),
        )
    tables_that_fit = {name: sum(name in table.fits for table in checked) for name in REFERENCES}
    return {
        "audits": len(by_audit),
        "audits_that_fit": sum(not tally["misfits"] for tally in by_audit.values()),
        "tables": len(checked),
        "tables_that_fit": {**tables_that_fit, "any of the three": sum(not table.off for table in checked)},
        "rows": sum(len(table.published) for table in checked),
        "within": sum(
            abs(table.ratios.get(row.category, math.inf) - row.ratio) <= WITHIN
            for table in checked
            for row in table.published
        ),
        "fit_up_to_rounding": sum(len(table.published) - len(table.off) for table in checked),
        "above_one": sum(tally["above_one"] for tally in by_audit.values()),
        "misfits": [
            told(row, "ratio", row.ratio, table.ratios.get(row.category)) | {"guess": guess(row, table)}
            for table in checked
            if table.audit not in others
            for row in table.off
        ],
        "audits_of_another_definition": {
            audit: dict(tally) for audit, tally in sorted(by_audit.items()) if audit in others
        },
    }


def check_table(table: list[Row]) -> CheckedTable | None:
    """Hold the ratios of one table against those of its counts; None where it has no ratio."""
    published = [row for row in table if not math.isnan(row.ratio)]
    if not published:
        return None
    tried = {name: recomputed(table, name) for name in REFERENCES}
    off = {name: [row for row in published if _is_off(row, ratios)] for name, ratios in tried.items()}
    best = min(REFERENCES, key=lambda name: len(off[name]))
    fits = tuple(name for name in REFERENCES if not off[name])
    return CheckedTable(table[0].audit, published, tried[best], off[best], fits)


def recomputed(table: list[Row], reference: str) -> dict[str, float]:
    """Return impact ratios by category, from counts of whole people; the excluded get theirs too."""
    rows = [row for row in table if reference != REFERENCES[2] or not math.isnan(row.ratio)]
    counts = SelectionCounts(
        rows[0].by,
        labels=tuple(row.category for row in rows),
        selected=tuple(round(row.selected) for row in rows),
        total=tuple(round(row.applicants) for row in rows),
    )
    found = impact_table(counts, min_share=0.02 if reference == REFERENCES[0] else 0.0)
    rates = {row.category: row.rate for row in found.rows if row.rate is not None}
    if not found.highest:
        return {}
    return {category: float(rate / rates[found.highest[0]]) for category, rate in rates.items()}


def guess(row: Row, table: CheckedTable) -> str:
    """Guess what went wrong with one ratio of a table whose others fit."""
    highest = max(one.rate for one in table.published if not math.isnan(one.rate))
    if abs(row.rate / highest - row.ratio) <= PRINTED + PRINTED * (1 + row.ratio) / highest:
        return "follows from the published rates, which do not fit their counts"
    return "unexplained"


def _is_off(row: Row, ratios: dict[str, float]) -> bool:
    """Whether a published ratio is further off than figures of two digits and whole people explain."""
    ratio = ratios.get(row.category)
    if ratio is None:
        return True
    best = row.recomputed / ratio if ratio else math.inf
    person = 0.0 if row.whole else 0.5 / row.applicants
    return abs(ratio - row.ratio) > PRINTED + (PRINTED * (1 + ratio) + person) / best + 1e-9
