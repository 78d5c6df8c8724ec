"""From a task to a model: read, train, choose, certify."""

import logging

import numpy as np
import pandas as pd

from fairness import FairRanker
from ranker.app.data import groups_of, load_records, parts_table
from ranker.app.evaluation import evaluate
from ranker.app.model import Model, reported_attributes
from ranker.app.model_directory import file_hash
from ranker.app.monitoring.snapshot import snapshot_of_training
from ranker.app.objectives import fair_objectives, unconstrained_objectives
from ranker.app.task import Task
from ranker.errors import TaskError
from ranker.records import Records, split_parts
from ranker.scoring import AdditiveScorer, EBMRanker

__all__ = ["train"]

log = logging.getLogger("candor.training")


def train(task: Task) -> Model:
    """Read a task's data, train, choose, certify.

    Raises
    ------
    TaskError
        If the task names no relevance.
    CandorError
        Whatever else keeps it from training, with place, fault and hint.
    """
    if task.keys.relevance is None:
        raise TaskError("[applications] names no relevance column: there is nothing to learn from")
    log.info("reading %s", task.name)
    records = load_records(task, labelled=True)
    split = task.split
    parts = split_parts(records, by=split.by, tune=split.tune, test=split.test, seed=split.seed)
    log.info("computing features")
    table = task.features.compute(records)
    settings = task.training
    ranker = EBMRanker(
        settings.objective,
        outer_bags=settings.outer_bags,
        interactions=settings.interactions,
        max_bins=settings.max_bins,
        learning_rate=settings.learning_rate,
        monotone=settings.monotone or None,
        feature_types=[feature.column for feature in task.features],
        random_state=settings.random_state,
    )
    ranker.labels(np.asarray(records.relevance)[parts == "train"], records.job[parts == "train"])
    certificate = frontier = None
    if task.constraints:
        fair = _fit_fair(ranker, task, table, records, parts)
        scorer, unconstrained, frontier = fair.scorer_, fair.unconstrained_, fair.frontier_
        training = fair_objectives(fair, settings.objective)
        certificate = {
            **fair.certificate_.to_json(task.labels),
            "certificates": [one.to_json(task.labels) for one in fair.certificates_],
            "multiplier": fair.multiplier_,
            "group_multipliers": fair.group_multipliers_,
            "objective": training["objective"],
            "way": training["way"],
            "objectives": training["objectives"],
        }
    else:
        scorer = unconstrained = _fit_unconstrained(ranker, table, records, parts)
        training = unconstrained_objectives(ranker, table, records, parts)
    log.info("evaluating")
    groups = groups_of(records, reported_attributes(task)) if reported_attributes(task) else None
    figures = evaluate({"unconstrained": unconstrained, "fair": scorer}, table, records, parts, groups)
    facts = {
        "task": task.name,
        "task_directory": str(task.directory),
        "sources": {
            entity: {"path": str(path), "sha256": file_hash(path)}
            for entity, (path, _) in task.sources.items()
        },
        "training": training,
    }
    cleaning = records.report().to_json()
    parts_frame = parts_table(records, parts)
    snapshot = snapshot_of_training(task, scorer, records, table, parts).to_json()
    return Model(
        task, scorer, unconstrained, certificate, frontier, figures, cleaning, parts_frame, facts, snapshot
    )


def _fit_unconstrained(
    ranker: EBMRanker, table: pd.DataFrame, records: Records, parts: np.ndarray
) -> AdditiveScorer:
    """Fit on the train part and let "auto" choose on the tune part; the test part stays out."""
    seen = parts != "test"
    return ranker.fit(
        table[seen],
        np.asarray(records.relevance)[seen],
        job=records.job[seen],
        candidate=records.candidate[seen],
        part=parts[seen],
    ).scorer_


def _fit_fair(
    ranker: EBMRanker, task: Task, table: pd.DataFrame, records: Records, parts: np.ndarray
) -> FairRanker:
    fair = FairRanker(
        ranker,
        task.constraints[0] if len(task.constraints) == 1 else task.constraints,
        strategy=task.strategy,
        random_state=task.training.random_state,
    )
    return fair.fit(
        table,
        records.relevance,
        job=records.job,
        sensitive_features={
            " × ".join(c.attributes): groups_of(records, c.attributes) for c in task.constraints
        },
        candidate=records.candidate,
        part=parts,
        lot=records.lots(),
    )
