"""Four fifths, tests, intervals and shortfall by each attribute."""

from collections.abc import Mapping
from typing import Any

from fairness.adverse_impact import SelectionCounts, adverse_impact
from fairness.groups import Groups
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
    return impact_of(counts, labels)


def impact_of(
    counts: Mapping[str, SelectionCounts], labels: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the adverse-impact tables of some counts."""
    tables = [
        {"label": (labels or {}).get(name, name), **adverse_impact(one).to_json()}
        for name, one in counts.items()
    ]
    return {"tables": tables, "n_tests": sum(table["n_tests"] for table in tables)}
