"""Figures of a model on each part: how good its rankings are, and how groups fare in them."""

import math
from typing import Any

import numpy as np
import pandas as pd

from fairness.groups import Groups
from fairness.metrics import (
    MeasureStatistic,
    bootstrap_over_jobs,
    exposure_ratio,
    impact_ratio,
)
from ranker.app.model import rank_records
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
        part -> model -> ``ndcg`` {"10", "50"}, ``exposure_ratio``, ``impact_ratio`` {"10"},
        the ratios over groups with at least 2 % of the train part, as the constraint
        compares them, and ``exposure_ratio_all_groups``.
    """
    gains = gains_of(records)
    compared = None if groups is None else groups.only(groups.take(parts == "train").large())
    out: dict[str, Any] = {}
    for part in PARTS:
        rows = np.flatnonzero(parts == part)
        out[part] = {}
        for name, scorer in scorers.items():
            ranking = rank_rows(scorer, table, records, rows)
            out[part][name] = figures(ranking, gains[rows], None if compared is None else compared.take(rows))
            if groups is not None:
                every = exposure_ratio(ranking, groups.take(rows))
                out[part][name]["exposure_ratio_all_groups"] = number(every)
    return out


def rank_rows(scorer: AdditiveScorer, table: pd.DataFrame, records: Records, rows: np.ndarray) -> Ranking:
    """Rank some of the pairs by a scorer."""
    return rank_records(scorer, table.iloc[rows], records.take(rows))


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


def intervals(
    ranking: Ranking, gains: np.ndarray, groups: Groups | None, *, top_k: int = CUTS[0]
) -> dict[str, Any]:
    """Return the figures of one ranking with 95 % bootstrap intervals.

    Returns
    -------
    dict
        ``ndcg`` {"10", "50"}: value and interval over jobs. Where there are groups also
        ``exposure_ratio`` and ``impact_ratio`` at ``top_k``: value, interval and the unit
        that was resampled; null where there is nothing to measure.
    """
    out: dict[str, Any] = {
        "ndcg": {str(k): mean_with_interval(ndcg_per_job(ranking, gains, k=k)) for k in CUTS}
    }
    if groups is not None:
        out["exposure_ratio"] = ratio_with_interval(ranking, groups, "exposure")
        out["impact_ratio"] = ratio_with_interval(ranking, groups, "selection_rate", top_k)
    return out


def mean_with_interval(per_job: np.ndarray) -> dict[str, Any]:
    """Return a mean over jobs, (n_jobs,) -> value and interval; jobs whose value is NaN are left out."""
    value = float(np.nanmean(per_job)) if np.isfinite(per_job).any() else math.nan
    return {"value": number(value), "interval": [number(end) for end in bootstrap_mean(per_job)]}


def ratio_with_interval(
    ranking: Ranking, groups: Groups, measure: str, top_k: int | None = None
) -> dict[str, Any]:
    """Return the least-served group's value over the best-served one's: value, interval, unit resampled."""
    statistic = MeasureStatistic(measure, "ratio", top_k)
    found = bootstrap_over_jobs(ranking, groups, statistic)
    # Of a group in which nobody, or everybody, is selected every resample says the same: that is no certainty.
    told = found.low < found.high
    return {
        "value": number(statistic(ranking, groups)),
        "interval": [number(found.low), number(found.high)] if told else [None, None],
        "unit": found.unit,
    }


def number(value: float) -> float | None:
    """Return a float for JSON, ``None`` where it is not finite."""
    return float(value) if math.isfinite(value) else None
