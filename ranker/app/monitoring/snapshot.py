"""What training saw, kept in the model directory: the yardstick for what comes later."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import pandas as pd

from ranker.app.data import groups_of, parts_from
from ranker.app.model import Model
from ranker.app.monitoring.adjusted import Adjusted, adjusted_columns
from ranker.app.monitoring.columns import Column, column_of
from ranker.app.monitoring.selection import gap_name, plain_name, selection_gaps
from ranker.app.resume_model import ResumeModel
from ranker.app.task import Task
from ranker.errors import CandorError, ModelError
from ranker.records import Records
from ranker.resume.classifier import ResumeClassifier
from ranker.scoring import AdditiveScorer

__all__ = [
    "SNAPSHOT",
    "Snapshot",
    "snapshot_of",
    "snapshot_of_classifier",
    "snapshot_of_resumes",
    "snapshot_of_training",
]

SNAPSHOT: Final = "snapshot.json"
FORMAT: Final = "candor-snapshot/1"
MOST_GROUPS: Final = 12  # of one attribute
LEAST_JOBS: Final = 20  # with both a group and others: fewer say nothing about how its selection varies


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """The columns of the training part.

    Parameters
    ----------
    columns : tuple of Column
        Features, ``score``, a classifier's ``label``, and of a ranker the selection of each group.
    origin : str
        Where they are from, in words.
    top_k : int or None
        How many of a ranking count as selected.
    adjusted : tuple of Adjusted
        Features that the others foretell in part, less that part.
    """

    columns: tuple[Column, ...]
    origin: str
    top_k: int | None = None
    adjusted: tuple[Adjusted, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        columns = [column.to_json() for column in self.columns]
        adjusted = [one.to_json() for one in self.adjusted]
        return {
            "format": FORMAT,
            "origin": self.origin,
            "top_k": self.top_k,
            "columns": columns,
            "adjusted": adjusted,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """Read it back.

        Raises
        ------
        ModelError
            If it is of another format, or its parts do not fit together.
        """
        try:
            if told["format"] != FORMAT:
                raise ModelError(f"the snapshot has format {told['format']!r}, this Candor reads {FORMAT!r}")
            columns = tuple(Column.from_json(one) for one in told["columns"])
            adjusted = tuple(Adjusted.from_json(one) for one in told.get("adjusted", ()))
            if strays := {one.name for one in adjusted} - {column.name for column in columns}:
                raise ModelError(
                    f"the snapshot adjusts {min(strays)!r}, which is none of its columns: train anew"
                )
            return cls(columns, str(told["origin"]), told["top_k"], adjusted)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ModelError(f"the snapshot cannot be read as it should: {error}: train anew") from None


def snapshot_of(model: Model | ResumeModel) -> Snapshot:
    """Return a model's snapshot: the one that training kept, else made from what the model was trained on.

    Raises
    ------
    ModelError
        If neither is there.
    """
    if isinstance(model, ResumeModel):
        return snapshot_of_classifier(model)
    if model.snapshot is not None:
        return Snapshot.from_json(model.snapshot)
    if changed := model.changed_sources():
        raise ModelError(
            f"the model keeps no snapshot of its training, and {changed[0]} is no longer the file that it read: "
            "put the file back, or train anew"
        )
    records = model.load_records(labelled=True)
    parts = parts_from(model.parts, records)
    return snapshot_of_training(
        model.task, model.scorer, records, model.task.features.compute(records), parts
    )


def snapshot_of_classifier(model: ResumeModel) -> Snapshot:
    """Return what training kept of a classifier's train part, else describe the sample of it that it answers with."""
    if model.snapshot is not None:
        return Snapshot.from_json(model.snapshot)
    table = model.classifier.reference
    return snapshot_of_resumes(model.classifier, table, f"{len(table):,} résumés of the training part")


def snapshot_of_resumes(classifier: ResumeClassifier, table: pd.DataFrame, origin: str) -> Snapshot:
    """Describe classified résumés.

    Parameters
    ----------
    classifier : ResumeClassifier
        What classifies.
    table : DataFrame of n rows
        Its features, ``score`` and ``label``; ``person`` where some résumés are of one person.
    origin : str
        Where they are from, in words.
    """
    # Each résumé is a draw of its own; those of one person are worth less than as many of several.
    clusters = (np.arange(len(table)), table["person"].to_numpy()) if "person" in table else ()
    values = {name: table[name].tolist() for name in (*classifier.features.names, "score", "label")}
    features = [
        column_of(one.name, one.label, values[one.name], clusters=clusters) for one in classifier.features
    ]
    judged = [
        column_of("score", "score", values["score"], clusters=clusters),
        column_of("label", "label", values["label"], clusters=clusters, categories=classifier.labels.labels),
    ]
    adjusted = adjusted_columns(features, values, clusters=clusters)
    return Snapshot((*features, *judged), origin, adjusted=adjusted)


def snapshot_of_training(
    task: Task, scorer: AdditiveScorer, records: Records, table: pd.DataFrame, parts: np.ndarray
) -> Snapshot:
    """Describe the train part of a ranker.

    Parameters
    ----------
    task : Task
        Its task.
    scorer : AdditiveScorer
        What ranks.
    records : Records
        The ``n`` pairs.
    table : DataFrame of shape (n, n_features)
        Their features.
    parts : (n,) array of str
        Part of each.
    """
    rows = np.flatnonzero(parts == "train")
    some, table = records.take(rows), table.iloc[rows].reset_index(drop=True)
    clusters = (some.job, some.candidate)
    values = {feature.name: table[feature.name].tolist() for feature in task.features}
    columns = [
        column_of(feature.name, feature.label, values[feature.name], clusters=clusters)
        for feature in task.features
    ]
    adjusted = adjusted_columns(columns, values, clusters=clusters)
    scores = scorer.score(table)
    columns.append(column_of("score", "score", scores.tolist(), clusters=clusters))
    top_k = task.audit.top_k
    columns += _selection(task, some, scores, top_k)
    n_jobs = len(set(some.job.tolist()))
    return Snapshot(
        tuple(columns), f"{len(rows):,} applications for {n_jobs:,} jobs of the train part", top_k, adjusted
    )


def _selection(task: Task, records: Records, scores: np.ndarray, top_k: int) -> list[Column]:
    """Describe how far the selection of each group lay from its pools', job by job."""
    found: dict[str, list[float]] = {}
    order = np.lexsort((-scores, records.job.astype(str)))
    jobs, starts = np.unique(records.job.astype(str)[order], return_index=True)
    for path in task.protected:
        try:
            groups = groups_of(records, (path,))
        except CandorError:  # declared, and the files have no such column
            continue
        large = set(groups.large())
        if len(large) > MOST_GROUPS:  # ages, say: each of these groups is too few to be watched
            continue
        names = np.array([*groups.labels, None], dtype=object)[groups.codes]
        for rows in np.split(order, starts[1:]) if len(jobs) else []:
            for group, gap in selection_gaps(names[rows].tolist(), top_k).items():
                if group in large:
                    found.setdefault(gap_name(plain_name(path), group), []).append(gap)
    return [
        column_of(name, name, values) for name, values in sorted(found.items()) if len(values) >= LEAST_JOBS
    ]


def load_any(directory: Path) -> Model | ResumeModel:
    """Read a model directory of either kind."""
    from ranker.app.resume_kind import is_resume_model

    return ResumeModel.load(directory) if is_resume_model(directory) else Model.load(directory)
