"""Applicants, rates and impact ratios by category, as bias audits are published."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fairness.adverse_impact import ImpactTable, SelectionCounts, impact_table
from fairness.groups import Groups
from ranker.app.report.audited import SMALL_COUNT
from ranker.ranking import Ranking

SAID_OF_FEW = (
    "selected", "rate", "impact_ratio", "above_median", "scoring_rate", "scoring_ratio",
)  # fmt: skip


def measure_rates(
    ranking: Ranking,
    by_attribute: Mapping[str, Groups],
    *,
    top_k: int,
    scores: NDArray[np.float64] | None = None,
    labels: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return selection rates, scoring rates and impact ratios of each category.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, put together in one table.
    by_attribute : dict of str to Groups
        Of each row that the ranking was made from.
    top_k : int
        Ranks ``1 .. top_k`` of each job are selected.
    scores : (n,) float64 array, optional
        By row; a scoring rate is the share above the median of all of them.
    labels : dict of str to str, optional
        What the attributes are called.

    Returns
    -------
    dict
        Strict JSON: ``top_k``, ``scored``, and ``tables``, one for each attribute.
    """
    tables = []
    for name, groups in by_attribute.items():
        if len(groups.labels) < 1:
            continue
        selected = impact_table(SelectionCounts.from_ranking(ranking, groups, top_k=top_k))
        scored = None if scores is None else impact_table(SelectionCounts.from_scores(scores, groups))
        tables.append(withheld(table_of(selected, scored, name=name, label=(labels or {}).get(name, name))))
    return {"top_k": top_k, "scored": scores is not None, "tables": tables}


def withheld(table: dict[str, Any]) -> dict[str, Any]:
    """Take out of a table what would tell of single persons."""
    for row in table["rows"]:
        if 0 < row["applicants"] < SMALL_COUNT:
            row |= dict.fromkeys(SAID_OF_FEW)
            row["note"] = f"under {SMALL_COUNT}: withheld"
    return {**table, "lowest": _lowest(table["rows"])}


def table_of(selected: ImpactTable, scored: ImpactTable | None, *, name: str, label: str) -> dict[str, Any]:
    """Lay selection and scoring rates of the same categories side by side."""
    found: dict[str, Any] = selected.to_json()
    scoring = {} if scored is None else {row["category"]: row for row in scored.to_json()["categories"]}
    rows = []
    for row in found["categories"]:
        beside = scoring.get(row["category"], {})
        names = {"above_median": "selected", "scoring_rate": "rate", "scoring_ratio": "impact_ratio"}
        rows.append(row | {ours: beside.get(theirs) for ours, theirs in names.items()})
    return {
        "attribute": name,
        "label": label,
        "highest": ", ".join(selected.highest),
        "lowest": _lowest(rows),
        "unknown": selected.unknown_applicants,
        "applicants": sum(row["applicants"] for row in rows) + selected.unknown_applicants,
        "rows": rows,
    }


def _lowest(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the category with the lowest ratio; None where all are alike."""
    compared = [row for row in rows if row["impact_ratio"] is not None]
    lowest = min(compared, key=lambda row: (row["impact_ratio"], row["category"]), default=None)
    if lowest is None or lowest["impact_ratio"] >= 1:
        return None
    return {key: lowest[key] for key in ("category", "impact_ratio")}
