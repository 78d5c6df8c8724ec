"""Ranking metrics over all jobs and by job, at several cut-offs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fairness import metrics
from fairness.groups import Groups
from ranker.app.evaluation import number, ratio_with_interval
from ranker.app.report.audited import SMALL_COUNT, withheld_groups
from ranker.ranking import Ranking
from ranker.ranking import metrics as quality
from ranker.ranking.metrics import bootstrap_mean

CUT_OFFS = (1, 3, 5, 10, 20, 50, 100)
N_LOTS = 20
MOST_GROUPS = 8  # whose worst order is searched for
PerJob = Callable[[Ranking, Groups, Any, int], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric of groups with one value for each job.

    Parameters
    ----------
    name, label : str
        Of the function, and for people.
    parity : float
        The value where groups are treated alike.
    per_job : callable
        ``(ranking, groups, relevance, k) -> (n_jobs,)``, NaN where undefined.
    at_k : bool
        Whether it is of the first k.
    merit : bool
        Whether it reads the relevance.
    relevant : bool
        Whether it asks who is relevant at all, which real-valued labels do not tell.
    most_groups : int
        Left out where there are more: rKL searches for the worst order of all groups.
    """

    name: str
    label: str
    parity: float
    per_job: PerJob
    at_k: bool = False
    merit: bool = False
    relevant: bool = False
    most_groups: int = 1000


OVERALL = (
    Measure(
        "ndkl",
        "NDKL: divergence of every top from the pool",
        0.0,
        lambda r, g, y, k: metrics.ndkl_per_job(r, g),
    ),
    Measure(
        "awrf",
        "AWRF: 1 less the divergence of attention from the pool",
        1.0,
        lambda r, g, y, k: metrics.awrf_per_job(r, g),
    ),
    Measure(
        "rkl",
        "rKL: divergence at every tenth rank, over the worst order's",
        0.0,
        lambda r, g, y, k: metrics.rkl_per_job(r, g),
        most_groups=MOST_GROUPS,
    ),
    Measure("arp", "ARP: pairs won, most less least", 0.0, lambda r, g, y, k: metrics.arp_per_job(r, g)),
    Measure(
        "min_skew",
        "least skew of a group in the first k",
        0.0,
        lambda r, g, y, k: metrics.min_skew_per_job(r, g, top_k=k, smoothing=0.5 / k),
        at_k=True,
    ),
    Measure(
        "max_skew",
        "largest skew of a group in the first k",
        0.0,
        lambda r, g, y, k: metrics.max_skew_per_job(r, g, top_k=k, smoothing=0.5 / k),
        at_k=True,
    ),
    Measure(
        "infeasible_index",
        "ranks down to which some group is too few, of the first k",
        0.0,
        lambda r, g, y, k: metrics.infeasible_index_per_job(r, g, top_k=k),
        at_k=True,
    ),
    Measure(
        "demographic_parity_difference",
        "selection rates, highest less lowest",
        0.0,
        lambda r, g, y, k: metrics.demographic_parity_difference_per_job(r, g, top_k=k),
        at_k=True,
    ),
    Measure(
        "equal_opportunity_difference",
        "selection rates of the relevant, highest less lowest",
        0.0,
        lambda r, g, y, k: metrics.equal_opportunity_difference_per_job(r, g, y, top_k=k),
        at_k=True,
        merit=True,
        relevant=True,
    ),
    Measure(
        "exposure_to_relevance_ratio",
        "exposure over relevance, least over most (disparate treatment)",
        1.0,
        lambda r, g, y, k: metrics.exposure_to_relevance_ratio_per_job(r, g, y),
        merit=True,
    ),
    Measure(
        "exposure_to_clicks_ratio",
        "expected clicks over relevance, least over most (disparate impact)",
        1.0,
        lambda r, g, y, k: metrics.exposure_to_clicks_ratio_per_job(r, g, y),
        merit=True,
    ),
    Measure(
        "expected_exposure_loss",
        "EE-L of groups: exposure against what relevance asks, squared",
        0.0,
        lambda r, g, y, k: metrics.expected_exposure_loss_per_job(r, y, groups=g),
        merit=True,
    ),
)


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A ranking with what is known of merit: relevance by row or None, and whether above 0 means relevant."""

    ranking: Ranking
    relevance: NDArray[np.float64] | None
    tells_relevant: bool

    def allows(self, one: Measure) -> bool:
        """Whether there is what a measure reads."""
        return (self.relevance is not None or not one.merit) and (self.tells_relevant or not one.relevant)


def measure_lists(
    ranking: Ranking,
    by_attribute: Mapping[str, Groups],
    relevance: NDArray[np.float64] | None,
    *,
    top_k: int,
    labels: Mapping[str, str] | None = None,
    with_jobs: bool = True,
    tells_relevant: bool = True,
) -> dict[str, Any]:
    """Measure a ranking in every way that its data allow.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, ``n`` rows.
    by_attribute : dict of str to Groups
        Of each row.
    relevance : (n,) float64 array or None
        Of each row, 0 or more.
    top_k : int
        The cut-off of the figures by job; those over all jobs are also at others.
    labels : dict of str to str, optional
        What the attributes are called.
    with_jobs : bool, default=True
        Whether to give the figures of each job too.
    tells_relevant : bool, default=True
        Whether a relevance above 0 means relevant; not so for real-valued labels.

    Returns
    -------
    dict
        Strict JSON: ``cut_offs``; ``quality``, null without relevance; ``attributes``: name ->
        ``overall``, ``by_group`` and ``jobs``. Groups under 2 % of the rows are left out of
        ``overall`` and ``jobs``, and those with fewer than 5 rows out of ``by_group``.
    """
    longest = int(ranking.sizes.max(initial=0))
    cuts = sorted({k for k in CUT_OFFS if k < longest} | {top_k})
    judged = Judged(ranking, relevance, tells_relevant)
    out: dict[str, Any] = {
        "top_k": top_k,
        "cut_offs": cuts,
        "jobs": ranking.n_jobs,
        "quality": _quality(judged, cuts),
        "attributes": {},
    }
    for name, groups in by_attribute.items():
        large = groups.only(groups.large())
        if len(large.labels) < 2:
            continue
        out["attributes"][name] = {
            "label": (labels or {}).get(name, name),
            "compared": list(large.labels),
            "left_out": [label for label in groups.labels if label not in large.labels],
            "overall": _overall(judged, large, cuts, top_k),
            "by_group": _by_group(judged, groups, top_k),
            "jobs": _by_job(judged, large, top_k) if with_jobs else [],
        }
    return out


def _quality(judged: Judged, cuts: list[int]) -> list[dict[str, Any]] | None:
    ranking, relevance = judged.ranking, judged.relevance
    if relevance is None:
        return None
    found: list[tuple[str, int | None, NDArray[np.float64]]] = [
        ("NDCG", k, quality.ndcg_per_job(ranking, relevance, k=k)) for k in cuts
    ]
    if judged.tells_relevant:
        binary = (relevance > 0).astype(np.float64)
        found += [("precision", k, quality.precision_per_job(ranking, binary, k=k)) for k in cuts]
        found.append(("average precision", None, quality.average_precision_per_job(ranking, binary)))
        found.append(("reciprocal rank", None, quality.reciprocal_rank_per_job(ranking, binary)))
    return [{"name": name, "k": k, **_mean(values)} for name, k, values in found]


def _overall(judged: Judged, groups: Groups, cuts: list[int], top_k: int) -> list[dict[str, Any]]:
    """Return one row for each metric and cut-off; the two ratios as everywhere else on the page."""
    ranking, relevance = judged.ranking, judged.relevance
    drawn = _by_lot(ranking)

    def row(name: str, label: str, k: int | None, parity: float, found: Any, measure: Any) -> dict[str, Any]:
        lots = np.array([measure(one) for one in drawn])
        by_lot = float(lots[np.isfinite(lots)].mean()) if np.isfinite(lots).any() else float("nan")
        return {"name": name, "label": label, "k": k, "parity": parity, **found, "by_lot": number(by_lot)}

    exposed = ratio_with_interval(ranking, groups, "exposure")
    rows = [
        row("exposure_ratio", "exposure, least over most", None, 1.0, exposed,
            lambda r: metrics.exposure_ratio(r, groups))
    ]  # fmt: skip
    for k in cuts:
        selected = ratio_with_interval(ranking, groups, "selection_rate", k)
        rows.append(
            row("impact_ratio", "selection rates, lowest over highest", k, 1.0, selected,
                lambda r, k=k: metrics.impact_ratio(r, groups, top_k=k))
        )  # fmt: skip
    for one in OVERALL:
        if not judged.allows(one) or len(groups.labels) > one.most_groups:
            continue
        for at in cuts if one.at_k else [top_k]:
            found = _mean(one.per_job(ranking, groups, relevance, at))
            rows.append(
                row(one.name, one.label, at if one.at_k else None, one.parity, found,
                    lambda r, one=one, at=at: _finite_mean(one.per_job(r, groups, relevance, at)))
            )  # fmt: skip
    return rows


def _by_lot(ranking: Ranking) -> list[Ranking]:
    """Put each list in an order by lot, `N_LOTS` times: what a metric says where nobody is favoured.

    In a short list no order is even, so that a lot's distance from parity is not 0.
    """
    rng = np.random.default_rng(0)
    out = []
    for _ in range(N_LOTS):
        order = np.lexsort((rng.random(len(ranking)), ranking.job_of))
        out.append(
            Ranking(
                jobs=ranking.jobs,
                indptr=ranking.indptr,
                candidates=ranking.candidates[order],
                scores=ranking.scores[order],
                row=ranking.row[order],
                n_rows=ranking.n_rows,
            )
        )
    return out


def _finite_mean(values: NDArray[np.float64]) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")


def _mean(per_job: NDArray[np.float64]) -> dict[str, Any]:
    """Return the mean over the jobs where a metric is defined, its interval and their number."""
    known = per_job[np.isfinite(per_job)]
    value = float(known.mean()) if known.size else float("nan")
    # A few jobs are too few kinds of resample, as for the ratios.
    few = known.size < metrics.MIN_JOBS
    return {
        "value": number(value),
        "interval": [None, None] if few else [number(end) for end in bootstrap_mean(known)],
        "unit": "jobs",
        "jobs": int(known.size),
    }


def _by_group(judged: Judged, groups: Groups, top_k: int) -> list[dict[str, Any]]:
    ranking, relevance = judged.ranking, judged.relevance
    columns = {
        "exposure": metrics.exposure(ranking, groups),
        "relative_exposure": metrics.relative_exposure(ranking, groups),
        "mean_rank": metrics.mean_rank(ranking, groups),
        "selection_rate": metrics.selection_rate(ranking, groups, top_k=top_k),
        "skew": metrics.skew(ranking, groups, top_k=top_k, smoothing=0.5 / top_k),
        "pairs_won": metrics.favored_pair_representation(ranking, groups),
    }
    if relevance is not None:
        columns["exposure_to_relevance"] = metrics.exposure_to_relevance(ranking, groups, relevance)
        if judged.tells_relevant:
            columns["true_positive_rate"] = metrics.true_positive_rate(
                ranking, groups, relevance, top_k=top_k
            )
        columns["pairwise_equal_opportunity"] = metrics.pairwise_equal_opportunity(ranking, groups, relevance)
    withheld = withheld_groups(groups)
    counts = groups.counts()
    return [
        {"group": label, "rows": counts[label]}
        | {
            name: None if label in withheld else number(float(values[label]))
            for name, values in columns.items()
        }
        for label in groups.labels
        if counts[label]
    ]


def _by_job(judged: Judged, groups: Groups, top_k: int) -> list[dict[str, Any]]:
    """Return a row for each job, the largest first."""
    ranking, relevance = judged.ranking, judged.relevance
    columns = {
        one.name: one.per_job(ranking, groups, relevance, top_k)
        for one in OVERALL
        if one.name
        in ("ndkl", "awrf", "min_skew", "demographic_parity_difference", "equal_opportunity_difference")
        and judged.allows(one)
    }
    if relevance is not None:
        columns["ndcg"] = quality.ndcg_per_job(ranking, relevance, k=top_k)
    codes = ranking.aligned(groups.codes)
    rows = []
    for job in np.lexsort((np.arange(ranking.n_jobs), -ranking.sizes)).tolist():
        here = slice(ranking.indptr[job], ranking.indptr[job + 1])
        counts = np.bincount(codes[here][codes[here] >= 0], minlength=len(groups.labels))
        most = top_selected(codes[here][:top_k], len(groups.labels))
        rows.append(
            {
                "job": str(ranking.jobs[job]),
                "candidates": int(ranking.sizes[job]),
                "groups": {
                    label: n if n == 0 or n >= SMALL_COUNT else None
                    for label, n in zip(groups.labels, counts.tolist(), strict=True)
                },
                "selected": {
                    label: chosen if n >= SMALL_COUNT else None
                    for label, n, chosen in zip(groups.labels, counts.tolist(), most, strict=True)
                },
            }
            | {name: number(float(values[job])) for name, values in columns.items()}
        )
    return rows


def top_selected(codes: NDArray[np.int64], n_groups: int) -> list[int]:
    """Count the members of each group among the first of a list."""
    return [int(n) for n in np.bincount(codes[codes >= 0], minlength=n_groups)]
