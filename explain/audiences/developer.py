"""For the developer: the values, bins and table cells, to the last digit."""

import json
from dataclasses import asdict
from typing import Any

from explain.explanation import Explanation
from explain.page import Page, Row, Section, Table

__all__ = ["developer_page"]


def developer_page(explanation: Explanation) -> Page:
    """Lay out what went in, where it fell, and what came out.

    Parameters
    ----------
    explanation : Explanation
        Of one candidate's rank.

    Returns
    -------
    Page
    """
    e = explanation
    lead = _pairs(
        score=e.score, intercept=e.intercept, residual=e.residual, rank_by_score=e.rank_by_score, tied=e.tied,
        cutoff_score=e.cutoff_score, neighbours=e.neighbours, pairs=e.pairs,
        baseline=e.baseline and e.baseline.words, base_score=e.base_score,
        certainty=e.certainty and asdict(e.certainty), borderline=e.borderline,
    )  # fmt: skip
    sections = [
        Section("Terms", (_cells(e),)),
        Section("Features", (_features(e),)),
        Section("Shares of raw fields", (_named("path", e.fields),)),
        Section("Shares against the baseline", (_named("path", e.relative("fields")),)),
        Section("Missing things, and what each would have brought", _gains(e)),
        Section("Raw values", (_named("path", e.raw),)),
        Section("Cleaning", tuple(_pairs(**asdict(fate)) for fate in e.cleaning)),
    ]
    return Page(
        title=f"job {_json(e.job)}, candidate {_json(e.candidate)}: rank {e.rank} of {e.pool_size}",
        lead=(lead,),
        sections=tuple(section for section in sections if section.blocks),
    )


def _gains(e: Explanation) -> tuple[Table, ...]:
    rows = [Row((r.name, item, repr(gain))) for r in e.reasons for item, gain in r.gains.items()]
    return (Table(("feature", "missing", "gain"), tuple(rows), right=(2,)),) if rows else ()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _pairs(**values: Any) -> Table:
    return Table(("key", "value"), tuple(Row((key, _json(value))) for key, value in values.items()))


def _named(head: str, values: dict[str, Any]) -> Table:
    return Table((head, "value"), tuple(Row((name, _json(value))) for name, value in values.items()))


def _cells(e: Explanation) -> Table:
    rows = [
        Row(
            (
                cell.term,
                "[" + ", ".join(map(str, cell.bins)) + "]",
                "; ".join(cell.spans),
                repr(cell.amount),
                "" if cell.deviation is None else f"{cell.deviation:.6g}",
            )
        )
        for cell in e.cells
    ]
    return Table(("term", "bin", "which is", "table cell", "deviation"), tuple(rows), right=(1, 3, 4))


def _features(e: Explanation) -> Table:
    amounts = {reason.name: reason for reason in e.reasons}
    rows = [
        Row((name, amounts[name].kind, _json(amounts[name].value), repr(amount), amounts[name].split))
        for name, amount in e.features.items()
    ]
    return Table(("feature", "kind", "value", "amount", "split"), tuple(rows), right=(3,))
