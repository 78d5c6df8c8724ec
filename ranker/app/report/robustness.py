"""How firm the ranks of the test part are, and how far it differs from what training saw."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import ks_2samp

from ranker.app.evaluation import number
from ranker.app.report.audited import Audited, label_of_field, withheld_groups
from ranker.errors import ModelError
from ranker.scoring.uncertainty import LEVEL, N_DRAWS, rank_uncertainty

FLOOR = 1e-4  # of a bin's share, so that an empty bin does not make an index infinite


def measure_robustness(audited: Audited, top_k: int) -> dict[str, Any]:
    """Say how far ranks could move, had training seen other data of the same kind.

    Returns
    -------
    dict
        Strict JSON: ``reason`` alone where the scorer keeps no bags; else of the test part, and
        ``by_group``, the mean width of rank intervals in shares of the pool, ``borderline`` (people
        whose interval reaches over the cut-off), ``selected`` and ``selected_unsure`` (of those among
        the first `top_k`, with a probability of it below `level`).
    """
    records = audited.records
    try:
        found = rank_uncertainty(
            audited.model.scorer, audited.table, job=records.job, candidate=records.candidate,
            top_k=top_k, lot=records.lots(),
        )  # fmt: skip
    except ModelError as error:
        return {"reason": str(error)}
    job = np.unique(records.job, return_inverse=True)[1]
    size = np.bincount(job)[job]
    width: NDArray[np.float64] = (
        (found["rank_high"] - found["rank_low"]) / np.maximum(size - 1, 1)
    ).to_numpy()
    selected = (found["rank"] <= top_k).to_numpy()
    flags = {
        "borderline": ((found["rank_low"] <= top_k) & (found["rank_high"] > top_k)).to_numpy(),
        "selected": selected,
        "selected_unsure": selected & (found["p_top_k"] < LEVEL).to_numpy(),
    }
    everyone = np.ones(len(width), dtype=bool)
    by_group = {}
    if audited.groups is not None:
        withheld = withheld_groups(audited.groups)
        for code, label in enumerate(audited.groups.labels):
            here = audited.groups.codes == code
            if here.any() and label not in withheld:
                by_group[label] = _summed(width, flags, here)
    return {
        "level": LEVEL,
        "draws": N_DRAWS,
        "top_k": top_k,
        "reason": None,
        **_summed(width, flags, everyone),
        "by_group": by_group,
    }


def _summed(
    width: NDArray[np.float64], flags: dict[str, NDArray[np.bool_]], here: NDArray[np.bool_]
) -> dict[str, Any]:
    counts = {name: int(flag[here].sum()) for name, flag in flags.items()}
    return {"pairs": int(here.sum()), "mean_width": float(width[here].mean()), **counts}


def measure_drift(audited: Audited) -> dict[str, Any]:
    """Compare the test part with the train part: scores, features, and how many labels are positive.

    A feature is cut at the train part's deciles, or into its categories; missing values are a bin.

    Returns
    -------
    dict
        Strict JSON: ``score``: the Kolmogorov-Smirnov distance with its asymptotic p-value; ``features``: the
        population stability index of each, the largest first; ``relevant``: share of positive labels.

    References
    ----------
    Siddiqi (2006), Credit Risk Scorecards, chapter 7: sum((a - b) ln(a / b)) over bins.
    """
    model = audited.model
    rows = np.flatnonzero(audited.parts == "train")
    records = audited.everyone.take(rows)
    table = model.task.features.compute(records)
    scorer = model.scorer
    # Exact p assume that no two scores are equal, and scipy warns where it cannot work one out.
    distance = ks_2samp(scorer.score(table), audited.rankings["after"].scores, method="asymp")
    labels = {feature.name: feature.label for feature in model.task.features}
    found = [
        {"name": name, "label": labels[name], "psi": _stability(table[name], audited.table[name])}
        for name in scorer.feature_names
    ]
    relevant = [
        number(float((np.asarray(part.relevance, dtype=float) > 0).mean()))
        for part in (records, audited.records)
    ]
    return {
        "score": {"distance": float(distance.statistic), "p": float(distance.pvalue)},
        "features": sorted(found, key=lambda row: (-row["psi"], row["name"])),
        "relevant": {"train": relevant[0], "test": relevant[1]},
        "label": label_of_field(model, f"application.{model.task.keys.relevance}"),
    }


def _stability(train: pd.Series, test: pd.Series) -> float:
    """Return the population stability index of one column."""
    a, b = (_shares(part, train) for part in (train, test))
    return float(((b - a) * np.log(b / a)).sum())


def _shares(part: pd.Series, train: pd.Series) -> NDArray[np.float64]:
    """Return the share of each bin, from `FLOOR`; the bins are those of the train part."""
    if pd.api.types.is_numeric_dtype(train.dtype):
        values = part.to_numpy(dtype=np.float64)
        seen = train.to_numpy(dtype=np.float64)
        seen = seen[~np.isnan(seen)]
        # Of a feature that training never saw a value of, all that is not missing is one bin.
        edges = np.unique(np.quantile(seen, np.arange(0.1, 1.0, 0.1))) if seen.size else seen
        code = np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="right"))
        counts = np.bincount(code.astype(np.int64), minlength=len(edges) + 2)
    else:
        # Missing and never seen are the last two.
        names = sorted({str(value) for value in train.dropna()})
        known = {name: i for i, name in enumerate(names)}
        where = [
            len(names) if value is None or value != value else known.get(str(value), len(names) + 1)
            for value in part
        ]
        counts = np.bincount(where, minlength=len(names) + 2)
    return np.maximum(counts / max(int(counts.sum()), 1), FLOOR)
