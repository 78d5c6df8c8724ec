"""A trained model: a task, what scores, what was promised, and what was seen in training."""

import io
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from fairness import FairRanker
from fairness.constraint import FairnessConstraint
from fairness.groups import Groups
from ranker.app.data import groups_of, load_records, parts_table
from ranker.app.evaluation import evaluate, rank_records
from ranker.app.model_directory import file_hash, frame_text, read_directory, write_directory
from ranker.app.task import Task, parse_task
from ranker.errors import ModelError, TaskError
from ranker.ranking import Ranking
from ranker.records import Records, split_parts
from ranker.scoring import AdditiveScorer, EBMRanker

log = logging.getLogger("candor.training")


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """What a model directory holds.

    Parameters
    ----------
    task : Task
        The task it was trained on.
    scorer : AdditiveScorer
        What ranks.
    unconstrained : AdditiveScorer
        What would rank had nothing been demanded.
    certificate : dict or None
        Promise and measurement, as :meth:`fairness.Certificate.to_json` writes them.
    frontier : DataFrame or None
        The multipliers that were tried, measured on the tune part.
    evaluation : dict
        Figures by part and model.
    cleaning : dict
        Fates of the rows that training read.
    parts : DataFrame of job, candidate, part
        Which pair stood in which part.
    facts : dict
        The manifest's other entries.
    """

    task: Task
    scorer: AdditiveScorer
    unconstrained: AdditiveScorer
    certificate: dict[str, Any] | None
    frontier: pd.DataFrame | None
    evaluation: dict[str, Any]
    cleaning: dict[str, Any]
    parts: pd.DataFrame
    facts: dict[str, Any]

    def save(self, directory: Path) -> None:
        """Write the model directory; see :func:`~ranker.app.model_directory.write_directory`."""
        files: dict[str, Any] = {
            "task.toml": self.task.text,
            "scorer.json": self.scorer.to_json(),
            "unconstrained.json": self.unconstrained.to_json(),
            "evaluation.json": self.evaluation,
            "cleaning.json": self.cleaning,
            "parts.arrow": self.parts,
        }
        if self.certificate is not None and self.frontier is not None:
            files["certificate.json"] = self.certificate
            files["frontier.csv"] = frame_text(self.frontier)
        write_directory(directory, files, self.facts)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read a model directory.

        Raises
        ------
        ModelError
            If it is foreign, incomplete or altered.
        """
        manifest, files = read_directory(directory)
        try:
            if not isinstance(manifest["task_directory"], str):
                raise ModelError(f"{directory}: task_directory in the manifest is no path: train anew")
            task = parse_task(
                files["task.toml"], Path(manifest["task_directory"]), name=f"{directory}/task.toml"
            )
            facts = {name: manifest[name] for name in ("task", "task_directory", "sources")}
            if not all("sha256" in manifest["sources"][entity] for entity in task.sources):
                raise ModelError(f"{directory}: the manifest does not say what training read: train anew")
            if task.constraint is not None and not {"certificate.json", "frontier.csv"} <= files.keys():
                raise ModelError(
                    f"{directory} is incomplete: its task states a constraint and no certificate is there"
                )
            return cls(
                task,
                AdditiveScorer.from_json(files["scorer.json"]),
                AdditiveScorer.from_json(files["unconstrained.json"]),
                files.get("certificate.json"),
                pd.read_csv(io.StringIO(files["frontier.csv"])) if "frontier.csv" in files else None,
                files["evaluation.json"],
                files["cleaning.json"],
                files["parts.arrow"],
                facts,
            )
        except KeyError as error:
            raise ModelError(f"{directory} is incomplete: {error.args[0]!r} is missing") from None
        except (AttributeError, TypeError, ValueError, pd.errors.ParserError) as error:
            raise ModelError(f"{directory} holds a file that cannot be read as it should: {error}") from None

    @property
    def attributes(self) -> tuple[str, ...]:
        """Protected fields that figures are reported by: the constraint's, else the first declared."""
        return reported_attributes(self.task)

    def rank(self, records: Records, table: pd.DataFrame | None = None) -> Ranking:
        """Rank all pairs of some records."""
        table = self.task.features.compute(records) if table is None else table
        return rank_records(self.scorer, table, records)

    def changed_sources(self) -> list[str]:
        """Name the files that no longer are what training read."""
        return [
            str(path)
            for entity, (path, _) in self.task.sources.items()
            if not path.is_file() or file_hash(path) != self.facts["sources"][entity]["sha256"]
        ]

    def load_records(self, *, labelled: bool = False, sources: Mapping[str, Path] | None = None) -> Records:
        """Read the task's files, or others in their stead."""
        return load_records(self.task, labelled=labelled, sources=sources)


def reported_attributes(task: Task) -> tuple[str, ...]:
    """Return the constraint's attributes, else the first protected field, else nothing."""
    return task.constraint.attributes if task.constraint else task.protected[:1]


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
        outer_bags=settings.outer_bags,
        interactions=settings.interactions,
        feature_types=[feature.column for feature in task.features],
        random_state=settings.random_state,
    )
    certificate = frontier = None
    groups = groups_of(records, reported_attributes(task)) if reported_attributes(task) else None
    if task.constraint is None or groups is None:
        log.info("fitting the relevance EBM")
        fit = parts == "train"
        scorer = unconstrained = ranker.fit(
            table[fit],
            np.asarray(records.relevance)[fit],
            job=records.job[fit],
            candidate=records.candidate[fit],
        ).scorer_
    else:
        fair = _fit_fair(ranker, task.constraint, table, records, groups, parts, settings.random_state)
        scorer, unconstrained = fair.scorer_, fair.unconstrained_
        certificate, frontier = (
            fair.certificate_.to_json({path: field.label for path, field in task.features.fields.items()}),
            fair.frontier_,
        )
        certificate["multiplier"] = fair.multiplier_
        certificate["group_multipliers"] = fair.group_multipliers_
    log.info("evaluating")
    figures = evaluate({"unconstrained": unconstrained, "fair": scorer}, table, records, parts, groups)
    facts = {
        "task": task.name,
        "task_directory": str(task.directory),
        "sources": {
            entity: {"path": str(path), "sha256": file_hash(path)}
            for entity, (path, _) in task.sources.items()
        },
    }
    cleaning = records.report().to_json()
    parts_frame = parts_table(records, parts)
    return Model(task, scorer, unconstrained, certificate, frontier, figures, cleaning, parts_frame, facts)


def _fit_fair(
    ranker: EBMRanker,
    constraint: FairnessConstraint,
    table: pd.DataFrame,
    records: Records,
    groups: Groups,
    parts: np.ndarray,
    random_state: int,
) -> FairRanker:
    return FairRanker(ranker, constraint, random_state=random_state).fit(
        table,
        records.relevance,
        job=records.job,
        sensitive_features=groups,
        candidate=records.candidate,
        part=parts,
        lot=records.lots(),
    )
