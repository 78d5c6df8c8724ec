"""Four fifths, tests, intervals and shortfall by each attribute."""

from collections.abc import Mapping
from typing import Any

from fairness.adverse_impact import SelectionCounts, adverse_impact, mantel_haenszel
from fairness.groups import Groups
from ranker.app.evaluation import number
from ranker.app.report.audited import SMALL_COUNT
from ranker.ranking import Ranking


def measure_impact(
    ranking: Ranking,
    by_attribute: Mapping[str, Groups],
    *,
    top_k: int,
    labels: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the adverse-impact table of each attribute whose groups can be compared.

    Parameters
    ----------
    ranking, by_attribute, top_k, labels
        As for `ranker.app.report.rates.measure_rates`.

    Returns
    -------
    dict
        Strict JSON: ``tables`` and ``n_tests``, of all tables together.
    """
    counts = {
        name: SelectionCounts.from_ranking(ranking, groups, top_k=top_k)
        for name, groups in by_attribute.items()
        if len(groups.labels) > 1
    }
    found = impact_of(counts, labels)
    for table, name in zip(found["tables"], counts, strict=True):
        _within_lists(table, ranking, by_attribute[name], top_k)
        _withhold(table)
    n_people = len(set(ranking.candidates.tolist()))
    return {**found, "jobs": ranking.n_jobs, "rows": len(ranking), "people": n_people}


def _within_lists(table: dict[str, Any], ranking: Ranking, groups: Groups, top_k: int) -> None:
    """Put the p of a test within lists beside those of the pooled rates."""
    for row in table["groups"]:
        if row["comparison"]:
            within = mantel_haenszel(
                ranking, groups, group=row["group"], reference=table["compared_with"], top_k=top_k
            )
            row["comparison"]["within_lists_p"] = number(within.p)
            row["comparison"]["within_lists_expected"] = within.expected


def _withhold(table: dict[str, Any]) -> None:
    """Take out what would tell of single persons."""
    for row in table["groups"]:
        if 0 < row["total"] < SMALL_COUNT:
            row |= {"selected": None, "rate": None, "rate_interval": [None, None], "comparison": None}
            row["notes"] = [f"fewer than {SMALL_COUNT} people: withheld"]


def impact_of(
    counts: Mapping[str, SelectionCounts], labels: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the adverse-impact tables of some counts."""
    tables = [
        {"label": (labels or {}).get(name, name), **adverse_impact(one).to_json()}
        for name, one in counts.items()
    ]
    return {"tables": tables, "n_tests": sum(table["n_tests"] for table in tables)}
