"""A trained model: a task, what scores, what was promised, and what was seen in training."""

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pandas as pd

from ranker.app.data import load_records
from ranker.app.model_directory import file_hash, frame_text, read_directory, write_directory
from ranker.app.resume_kind import CLASSIFIER
from ranker.app.task import Task, parse_task
from ranker.errors import ModelError
from ranker.ranking import Ranking
from ranker.records import Records
from ranker.scoring import AdditiveScorer


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
        Promise and measurement, as :meth:`fairness.Certificate.to_json` writes them: the only
        one, or of several the one with the worst verdict; ``certificates`` has all of them, in
        the order of the task. Also ``objective``, ``way``, ``objectives``, ``multiplier``
        and ``group_multipliers``.
    frontier : DataFrame or None
        The positions that were tried, measured on the tune part.
    evaluation : dict
        Figures by part and model.
    cleaning : dict
        Fates of the rows that training read.
    parts : DataFrame of job, candidate, part
        Which pair stood in which part.
    facts : dict
        The manifest's other entries; ``training`` tells the objective, and what was tried.
    snapshot : dict or None
        What the train part looked like, as :class:`ranker.app.monitoring.snapshot.Snapshot` has it;
        models of before it was kept have none.
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
    snapshot: dict[str, Any] | None = None

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
        if self.snapshot is not None:
            files["snapshot.json"] = self.snapshot
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
        if CLASSIFIER in files:
            raise ModelError(
                f"{directory} labels résumés: use candor classify for labels and reasons, or candor rank for "
                "the order of each domain's résumés"
            )
        if "task_directory" not in manifest and "kind" in manifest:
            raise ModelError(f"{directory} is a {manifest['kind']}, no ranker: use candor text explain")
        try:
            if not isinstance(manifest["task_directory"], str):
                raise ModelError(f"{directory}: task_directory in the manifest is no path: train anew")
            task = parse_task(
                files["task.toml"], Path(manifest["task_directory"]), name=f"{directory}/task.toml"
            )
            facts = {name: manifest[name] for name in ("task", "task_directory", "sources", "training")}
            if not all("sha256" in manifest["sources"][entity] for entity in task.sources):
                raise ModelError(f"{directory}: the manifest does not say what training read: train anew")
            if task.constraints and not {"certificate.json", "frontier.csv"} <= files.keys():
                raise ModelError(
                    f"{directory} is incomplete: its task states a constraint and no certificate is there"
                )
            if task.constraints and len(files["certificate.json"]["certificates"]) != len(task.constraints):
                raise ModelError(
                    f"{directory}: certificate.json is not about the {len(task.constraints)} constraint(s) of "
                    "the task: train anew"
                )
            if not {"objective", "way", "asked", "objectives"} <= facts["training"].keys():
                raise ModelError(f"{directory}: the manifest does not say what was learned: train anew")
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
                files.get("snapshot.json"),
            )
        except KeyError as error:
            raise ModelError(f"{directory} is incomplete: {error.args[0]!r} is missing") from None
        except (AttributeError, TypeError, ValueError, pd.errors.ParserError) as error:
            raise ModelError(f"{directory} holds a file that cannot be read as it should: {error}") from None

    @property
    def attributes(self) -> tuple[str, ...]:
        """Protected fields that figures are reported by: the first constraint's, else the first declared."""
        return reported_attributes(self.task)

    @property
    def certificates(self) -> list[dict[str, Any]]:
        """The certificate of each constraint, in the order of the task."""
        return [] if self.certificate is None else self.certificate["certificates"]

    @property
    def promise(self) -> str | None:
        """All certificates in words."""
        return " ".join(certificate["in_words"] for certificate in self.certificates) or None

    @property
    def digest(self) -> str:
        """SHA-256, in hex, of what ranks: the task as written, and the tables of the scorer."""
        written = json.dumps([self.task.text, self.scorer.to_json()], allow_nan=False)
        return hashlib.sha256(written.encode()).hexdigest()

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
    """Return the first constraint's attributes, else the first protected field, else nothing."""
    return task.constraint.attributes if task.constraint else task.protected[:1]


def rank_records(scorer: AdditiveScorer, table: pd.DataFrame, records: Records) -> Ranking:
    """Rank all pairs of some records by a scorer, equal scores by the same lot everywhere."""
    scores = scorer.score(table)
    return Ranking.from_scores(scores, job=records.job, candidate=records.candidate, lot=records.lots())
