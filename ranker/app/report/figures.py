"""The figures of an audit, as one strict JSON object."""

from typing import Any

import numpy as np
import pandas as pd

from ranker.app.evaluation import intervals, mean_with_interval
from ranker.app.model import Model
from ranker.app.objectives import plain
from ranker.app.report.audited import Audited, label_of_attributes
from ranker.app.report.conservation import check_conservation, explain_first
from ranker.app.report.gap import measure_gaps
from ranker.app.report.impact import measure_impact
from ranker.app.report.importance import term_importance
from ranker.app.report.measures import measure_lists
from ranker.app.report.origin import inputs_of, software, sources_of, split_of
from ranker.app.report.outcomes import measure_labels
from ranker.app.report.people import compared_attributes, count_people, label_of_crossed
from ranker.app.report.rates import measure_rates
from ranker.app.report.robustness import measure_drift, measure_robustness
from ranker.app.report.stand_ins import measure_effects, measure_proxies
from ranker.app.report.summary import in_words
from ranker.app.report.swapped import swap_fields
from ranker.app.report.treatment import measure_exposure, measure_further, measure_selection
from ranker.app.report.versions import compare_versions
from ranker.ranking import Ranking
from ranker.ranking.metrics import ndcg_per_job
from ranker.records.splits import PARTS

SCHEMA = "candor-audit/2"
NAMES = {"before": "unconstrained", "after": "fair"}


def audit_figures(model: Model, *, other: Model | None = None, date: str | None = None) -> dict[str, Any]:
    """Measure a model on the test part of its training data.

    ``before`` is the unconstrained ranker, ``after`` the one that ships. The same model and
    files give the same figures.

    Parameters
    ----------
    model : Model
        A model whose task's files can be read.
    other : Model, optional
        Another version, to say who moves between the two.
    date : str, optional
        Day of the audit.

    Returns
    -------
    dict
        Strict JSON; ``ranker/app/report/audit.schema.json`` says what each key holds. What
        cannot be measured is null.

    Raises
    ------
    DataError
        If the files no longer hold the pairs of training.
    """
    audited = Audited.of(model)
    by_attribute = compared_attributes(audited)
    labels = {name: label_of_crossed(model, name) for name in by_attribute}
    known: dict[str, Any] = {"top_k": audited.top_k, "labels": labels}
    told = model.task.keys.relevance_kind in ("graded", "binary")
    figures: dict[str, Any] = {
        "schema": SCHEMA,
        "date": date,
        "task": {
            "name": model.task.name,
            "title": model.task.title,
            "purpose": model.task.audit.purpose or None,
            "responsible": model.task.audit.responsible or None,
            "window": model.task.audit.window or None,
            "digest": model.digest,
        },
        "attribute": label_of_attributes(model) or None,
        "groups": count_people(audited),
        "selection": measure_selection(audited),
        "exposure": measure_exposure(audited),
        "further_attributes": measure_further(audited),
        "rates": {
            name: measure_rates(ranking, by_attribute, scores=in_rows(ranking), **known)
            for name, ranking in audited.rankings.items()
        }
        if by_attribute
        else None,
        "impact": {
            name: measure_impact(ranking, by_attribute, **known) for name, ranking in audited.rankings.items()
        }
        if by_attribute
        else None,
        "measures": {
            name: measure_lists(
                ranking, by_attribute, audited.gains, with_jobs=name == "after", tells_relevant=told, **known
            )
            for name, ranking in audited.rankings.items()
        },
        "ndcg": quality(audited),
        "certificate": model.certificate,
        "certificates": model.certificates,
        "training": model.facts["training"],
        "frontier": frontier_rows(model.frontier),
        "gap_by_field": measure_gaps(audited),
        "importance": term_importance(model),
        "effects": measure_effects(audited),
        "proxies": measure_proxies(audited),
        "swaps": swap_fields(audited),
        "labels": measure_labels(audited),
        "robustness": measure_robustness(audited, audited.top_k),
        "drift": measure_drift(audited),
        "decisions": None,
        "versions_compared": None if other is None else compare_versions(audited, other, top_k=audited.top_k),
        "conservation": check_conservation(audited),
        "explained": explain_first(audited),
        "sources": sources_of(model),
        "cleaning": model.cleaning["counts"],
        "split": split_of(audited),
        "inputs": inputs_of(model),
        "versions": software(),
        "unchanged": audited.unchanged,
    }
    return {**figures, "in_words": in_words(figures)}


def quality(audited: Audited) -> dict[str, Any]:
    """Return NDCG of each part as training measured it, and of the test part with intervals."""
    evaluation = audited.model.evaluation
    out: dict[str, Any] = {
        part: {name: evaluation[part][theirs]["ndcg"] for name, theirs in NAMES.items()} for part in PARTS
    }
    measured = {
        name: intervals(ranking, audited.gains, None)["ndcg"] for name, ranking in audited.rankings.items()
    }
    # The same jobs are drawn for both, so that what jobs have in common cancels out.
    per_job = {
        k: {
            name: ndcg_per_job(ranking, audited.gains, k=int(k)) for name, ranking in audited.rankings.items()
        }
        for k in measured["after"]
    }
    difference = {k: mean_with_interval(found["after"] - found["before"]) for k, found in per_job.items()}
    return {
        **out,
        "intervals": {**measured, "difference": difference},
        "resampled": "jobs",
        "jobs": audited.rankings["after"].n_jobs,
        "jobs_without_relevance": evaluation["test"]["fair"].get("jobs_without_relevance", 0),
    }


def frontier_rows(frontier: pd.DataFrame | None) -> list[dict[str, Any]] | None:
    """Return the tried positions, one object each; null where a figure could not be measured."""
    if frontier is None:
        return None
    rows = frontier.to_dict("records")
    return [{str(name): plain(value) for name, value in row.items()} for row in rows]


def in_rows(ranking: Ranking) -> np.ndarray:
    """Return the scores of a ranking by row, (n,)."""
    scores = np.empty(ranking.n_rows)
    scores[ranking.row] = ranking.scores
    return scores
