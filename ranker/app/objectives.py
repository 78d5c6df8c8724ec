"""What was learned, for which objective and in which way: all that was tried on the tune part, in words."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from fairness import FairRanker
from fairness.fair_ranker import ALONE, TOGETHER
from ranker.records import Records
from ranker.scoring import EBMRanker
from ranker.scoring.quality import RankingQuality

MEANINGS = {
    "centred": "how much better a candidate is than the mean of the job's pool",
    "pointwise": "how good a candidate is, by itself",
    "pairwise": "which of two candidates of a job is the better one",
    "lambdarank": "which of two candidates of a job is the better one, above all near the top of the ranking",
    "blend": "all of these at once: the sum of four EBMs, each in units of its own spread within jobs",
}
POSITIONS = {
    TOGETHER: "A position up to 1 is the share of the train part's gap that fairlearn's reduction was asked to "
    "take out; a position above 1 is so many times the multipliers that the last reduction ended with. "
    "Positions go beyond 1 because tables fit their own rows closely, and other parts may need more than the train "
    "part does.",
    ALONE: "At position 1 the group with the largest gap alone has a multiplier, as large as the sum of all that "
    "the last of fairlearn's reductions ended with; any other position is so many times that.",
}
DEFAULT = "blend"  # what "auto" keeps where no other is better beyond noise
REFITTED = (
    "Position 0 is the unconstrained model and position 1 what fairlearn's reduction ended with, its multipliers "
    "answered by EBMs that were fitted anew; any other position is so much of the way from the one to the other."
)


def fair_objectives(fair: FairRanker, asked: str) -> dict[str, Any]:
    """Return what was tried under the constraints, and what ships; ``asked`` is the task's objective."""
    rows = fair.objectives_.to_dict("records")
    return {
        "objective": fair.objective_,
        "way": fair.way_,
        "asked": asked,
        "strategy": fair.strategy,
        "objectives": [{str(name): plain(value) for name, value in row.items()} for row in rows],
    }


def unconstrained_objectives(
    ranker: EBMRanker, table: pd.DataFrame, records: Records, parts: np.ndarray
) -> dict[str, Any]:
    """Return what a ranker without a constraint tried, with its quality on the tune part."""
    if ranker.objective == "auto":
        found = ranker.quality_
    else:
        tune = parts == "tune"
        labels = np.asarray(records.relevance, dtype=np.float64)[tune]
        found = {ranker.objective: RankingQuality.of(table[tune], labels, records.job[tune])(ranker.scorer_)}
    return {
        "objective": ranker.objective_,
        "way": None,
        "asked": ranker.objective,
        "strategy": None,
        "objectives": [{"objective": name, "quality": plain(value)} for name, value in found.items()],
    }


def is_shipped(training: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    """Tell whether a row of what was tried is the one that ships."""
    return (row["objective"], row.get("way")) == (training["objective"], training["way"])


def why_chosen(training: Mapping[str, Any]) -> str:
    """Say why the objective ships that does; see :func:`ranker.scoring.quality.best_or_default`."""
    rows = training["objectives"]
    if len(rows) == 1:
        return "as the task states" if training["asked"] != "auto" else "the only one that was tried"
    fit = rows if training["way"] is None else [row for row in rows if row["met"]]
    if not fit:
        return f"of {len(rows)} tries the nearest to what was demanded, which none keeps on the tune part"
    demanded = (
        "" if training["way"] is None else f" that keep there what was demanded ({len(fit)} of {len(rows)})"
    )
    if not any(row["objective"] == DEFAULT for row in fit):
        return f"the best on the tune part of those{demanded or ' that were tried'}"
    if training["objective"] == DEFAULT:
        return f"which no other beats on the tune part beyond noise, of those{demanded or ' that were tried'}"
    return f"the best on the tune part, beyond noise, of those{demanded or ' that were tried'}"


def objective_in_words(training: Mapping[str, Any]) -> str:
    """Say in one line what was learned, why, and how well each objective ranks the tune part."""

    def said(row: Mapping[str, Any]) -> str:
        quality = "not measured" if row["quality"] is None else f"{row['quality']:.3f}"
        return quality + (" with the bound missed" if row.get("met") is False else "")

    best: dict[str, Mapping[str, Any]] = {}
    for row in sorted(training["objectives"], key=_from_the_best):
        best.setdefault(row["objective"], row)
    others = [f"{name} {said(row)}" for name, row in best.items() if name != training["objective"]]
    shipped = next(row for row in training["objectives"] if is_shipped(training, row))
    way = "" if training["way"] in (None, TOGETHER) else f" ({training['way']})"
    return (
        f"objective: {training['objective']}{way}, {why_chosen(training)} "
        f"(mean of NDCG@10 and NDCG@50 {said(shipped)}{'; ' if others else ''}{', '.join(others)})"
    )


def _from_the_best(row: Mapping[str, Any]) -> tuple[bool, float]:
    return row.get("met") is False, math.inf if row["quality"] is None else -row["quality"]


def plain(value: Any) -> Any:
    """Return a value as strict JSON has it; what is not finite is null."""
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value
