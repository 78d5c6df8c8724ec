"""Figures of a model on each part: how good its rankings are, and how groups fare in them."""

import math
from typing import Any

import numpy as np
import pandas as pd

from fairness.groups import Groups
from fairness.metrics import (
    MeasureStatistic,
    bootstrap_over_jobs,
    exposure,
    exposure_ratio,
    impact_ratio,
    selection_rate,
)
from ranker.ranking import Ranking
from ranker.ranking.metrics import bootstrap_mean, ndcg, ndcg_per_job, shift_gains
from ranker.records import Records
from ranker.records.splits import PARTS
from ranker.scoring import AdditiveScorer

CUTS = (10, 50)


def gains_of(records: Records) -> np.ndarray:
    """Return labels as gains: as they are where none is negative, else above their job's lowest."""
    labels = np.asarray(records.relevance, dtype=np.float64)
    return shift_gains(labels, records.job) if (labels < 0).any() else labels


def evaluate(
    scorers: dict[str, AdditiveScorer],
    table: pd.DataFrame,
    records: Records,
    parts: np.ndarray,
    groups: Groups | None,
) -> dict[str, Any]:
    """Measure scorers on train, tune and test.

    Parameters
    ----------
    scorers : dict of str to AdditiveScorer
        By name, such as ``unconstrained`` and ``fair``.
    table : DataFrame of shape (n, n_features)
        Features of all pairs.
    records : Records
        The pairs, labelled.
    parts : (n,) array of str
        Part of each pair.
    groups : Groups or None
        Groups of all pairs by the attribute that is reported.

    Returns
    -------
    dict
        part -> model -> ``ndcg`` {"10", "50"}, ``exposure_ratio``, ``impact_ratio`` {"10"}.
    """
    gains = gains_of(records)
    out: dict[str, Any] = {}
    for part in PARTS:
        rows = np.flatnonzero(parts == part)
        out[part] = {}
        for name, scorer in scorers.items():
            ranking = rank_rows(scorer, table, records, rows)
            out[part][name] = figures(ranking, gains[rows], None if groups is None else groups.take(rows))
    return out


def rank_rows(scorer: AdditiveScorer, table: pd.DataFrame, records: Records, rows: np.ndarray) -> Ranking:
    """Rank some of the pairs by a scorer."""
    scores = scorer.score(table.iloc[rows])
    return Ranking.from_scores(scores, job=records.job[rows], candidate=records.candidate[rows])


def figures(ranking: Ranking, gains: np.ndarray, groups: Groups | None) -> dict[str, Any]:
    """Return the figures of one ranking; null where one cannot be measured."""
    out: dict[str, Any] = {
        "pairs": len(ranking),
        "jobs": ranking.n_jobs,
        "ndcg": {str(k): number(ndcg(ranking, gains, k=k)) for k in CUTS},
        "jobs_without_relevance": int(np.isnan(ndcg_per_job(ranking, gains, k=CUTS[0])).sum()),
        "exposure_ratio": None,
        "impact_ratio": {"10": None},
    }
    if groups is not None:
        out["exposure_ratio"] = number(exposure_ratio(ranking, groups))
        out["impact_ratio"] = {"10": number(impact_ratio(ranking, groups, top_k=10))}
    return out


def intervals(ranking: Ranking, gains: np.ndarray, groups: Groups, *, top_k: int = 10) -> dict[str, Any]:
    """Return NDCG, exposure and selection of each group with 95 % bootstrap intervals."""
    per_job = ndcg_per_job(ranking, gains, k=top_k)
    exposed = bootstrap_over_jobs(ranking, groups, MeasureStatistic("exposure", "ratio"))
    selected = bootstrap_over_jobs(ranking, groups, MeasureStatistic("selection_rate", "ratio", top_k))
    rates = selection_rate(ranking, groups, top_k=top_k)
    return {
        "ndcg": {"value": number(np.nanmean(per_job) if np.isfinite(per_job).any() else math.nan),
                 "interval": [number(end) for end in bootstrap_mean(per_job)]},
        "exposure": {g: number(v) for g, v in exposure(ranking, groups).items()},
        "exposure_ratio": {"value": number(exposure_ratio(ranking, groups)),
                           "interval": [number(exposed.low), number(exposed.high)], "unit": exposed.unit},
        "selection_rate": {g: number(v) for g, v in rates.items()},
        "impact_ratio": {"value": number(impact_ratio(ranking, groups, top_k=top_k)),
                         "interval": [number(selected.low), number(selected.high)], "unit": selected.unit},
    }  # fmt: skip


def number(value: float) -> float | None:
    """Return a float for JSON, ``None`` where it is not finite."""
    return float(value) if math.isfinite(value) else None
