"""How groups fare on the test part, before and after: exposure and selection."""

from typing import Any

from fairness.groups import Groups
from fairness.metrics import (
    compared_jobs,
    exposure,
    exposure_gap,
    impact_ratio,
    selection_counts,
)
from ranker.app.data import groups_of
from ranker.app.evaluation import number, ratio_with_interval
from ranker.app.report.audited import SMALL_COUNT, Audited, small_groups, withheld_groups
from ranker.app.report.people import further_attributes, in_bands
from ranker.ranking import Ranking

CUT_OFFS = (1, 3, 5, 10, 20, 50)


def measure_selection(audited: Audited) -> dict[str, Any] | None:
    """Return who stands among the first `top_k`, by group, with the impact ratio and its interval."""
    groups = audited.groups
    if groups is None:
        return None
    sizes, top_k = audited.rankings["after"].sizes, audited.top_k
    return {
        "attribute": groups.attribute,
        "part": "test",
        "top_k": top_k,
        "jobs": len(sizes),
        "jobs_all_selected": int((sizes <= top_k).sum()),
        "small": list(audited.small),
        **{
            name: _selection(ranking, groups, audited.small, top_k)
            for name, ranking in audited.rankings.items()
        },
    }


def _selection(ranking: Ranking, groups: Groups, small: tuple[str, ...], top_k: int) -> dict[str, Any]:
    counts = selection_counts(ranking, groups, top_k=top_k)
    rest = _without(groups, small)
    few = {str(g): 0 < n < SMALL_COUNT for g, n in counts["candidates"].items()}
    return {
        "candidates": {str(g): int(n) for g, n in counts["candidates"].items()},
        "selected": {str(g): None if few[str(g)] else int(n) for g, n in counts["selected"].items()},
        "selection_rate": {
            str(g): None if few[str(g)] else number(rate) for g, rate in counts["selection_rate"].items()
        },
        "impact_ratio": ratio_with_interval(ranking, groups, "selection_rate", top_k),
        "without_small": _without_small(ranking, groups, small, "selection_rate", top_k),
        "cut_offs": {
            str(k): {
                "impact_ratio": number(impact_ratio(ranking, groups, top_k=k)),
                "without_small": number(impact_ratio(ranking, rest, top_k=k)),
            }
            for k in CUT_OFFS
        },
    }


def measure_exposure(audited: Audited) -> dict[str, Any] | None:
    """Return the exposure of each group, with the exposure ratio and its interval."""
    groups = audited.groups
    if groups is None:
        return None
    withheld = withheld_groups(groups)
    compared = compared_jobs(audited.rankings["after"], groups)
    return {
        "attribute": groups.attribute,
        "part": "test",
        "jobs": len(compared),
        "jobs_left_out": int((~compared).sum()),
        "small": list(audited.small),
        "withheld": withheld,
        **{
            name: _exposure(ranking, groups, withheld, audited.small)
            for name, ranking in audited.rankings.items()
        },
    }


def _exposure(
    ranking: Ranking, groups: Groups, withheld: list[str], small: tuple[str, ...]
) -> dict[str, Any]:
    def shown(values: Any) -> dict[str, float | None]:
        return {str(g): None if g in withheld else number(v) for g, v in values.items()}

    return {
        "exposure": shown(exposure(ranking, groups)),
        "gap": shown(exposure_gap(ranking, groups)),
        "exposure_ratio": ratio_with_interval(ranking, groups, "exposure"),
        "without_small": _without_small(ranking, groups, small, "exposure", None),
    }


def _without(groups: Groups, small: tuple[str, ...]) -> Groups:
    return groups.only(label for label in groups.labels if label not in small)


def _without_small(
    ranking: Ranking, groups: Groups, small: tuple[str, ...], measure: str, top_k: int | None
) -> Any:
    """Return the ratio among the groups that are not small; None where none is, or they leave nothing."""
    rest = _without(groups, small)
    if not small or sum(n > 0 for n in rest.counts().values()) < 2:
        return None
    return ratio_with_interval(ranking, rest, measure, top_k)


def measure_further(audited: Audited) -> dict[str, Any]:
    """Return both ratios by each protected attribute that no other section reports by."""
    out = {}
    for path in further_attributes(audited):
        groups = in_bands(groups_of(audited.records, (path,)))
        out[path] = {
            "small": small_groups(groups),
            **{
                name: {
                    "exposure_ratio": ratio_with_interval(ranking, groups, "exposure"),
                    "impact_ratio": ratio_with_interval(ranking, groups, "selection_rate", audited.top_k),
                }
                for name, ranking in audited.rankings.items()
            },
        }
    return out
