"""From a task's files to records and parts."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from fairness.groups import Groups
from ranker.app.task import Task
from ranker.errors import DataError, TaskError, UnknownFieldError
from ranker.records import Records, Usage, join_records, read_table
from ranker.records.cleaning import Keys
from ranker.records.ledger import Ledger


def load_records(task: Task, *, labelled: bool, sources: Mapping[str, Path] | None = None) -> Records:
    """Read a task's files, join them, and read every field that anything will need.

    Parameters
    ----------
    task : Task
        What to read.
    labelled : bool
        Whether pairs without relevance are set aside (training) or kept (ranking).
    sources : dict of str to Path, optional
        Files to read instead of the task's, by entity. Candidates and jobs without
        applications are all paired with each other; where the task knows no jobs, the
        candidates are one list.

    Returns
    -------
    Records

    Raises
    ------
    TaskError
        If the task names a column that its files do not have.
    """
    given = dict(sources or {})
    for entity in given:
        if entity not in task.sources:
            raise DataError(f"the task has no {entity} file of its own that another could stand for")
    ledger = Ledger()
    frames: dict[str, tuple[pd.DataFrame, str | None]] = {}
    # Others than those who applied: applications are not needed to pair them with jobs, or to list them.
    unpaired = len(task.sources) == 3 if task.keys.job else "candidate" in given
    for entity, (path, key) in task.sources.items():
        if entity == "application" and given and "application" not in given and unpaired:
            continue
        frames[entity] = (read_table(given.get(entity, path), table=entity, ledger=ledger), key)
    if "application" not in frames:
        _refuse_application_fields(task)
    keys = task.keys if labelled else Keys(task.keys.job, task.keys.candidate)
    try:
        records = join_records(
            frames["application"][0] if "application" in frames else None,
            keys,
            candidates=_with_key(frames, "candidate"),
            jobs=_with_key(frames, "job"),
            fields=task.features.fields,
            requirements=task.requirements,
            ledger=ledger,
        )
    except UnknownFieldError as error:
        raise TaskError(str(error)) from None
    check_paths(task, records, declared=labelled)
    return records


def _with_key(
    frames: dict[str, tuple[pd.DataFrame, str | None]], entity: str
) -> tuple[pd.DataFrame, str] | None:
    if entity not in frames:
        return None
    frame, key = frames[entity]
    return frame, str(key)


def _refuse_application_fields(task: Task) -> None:
    """Say who reads what only an application can tell, where every candidate meets every job."""
    readers = [(f"feature {feature.name!r}", feature.sources) for feature in task.features]
    readers += [
        (f"requirement {requirement.name!r}", requirement.sources) for requirement in task.requirements
    ]
    for reader, sources in readers:
        for path in sources:
            if path.startswith("application."):
                raise DataError(
                    f"{reader} reads {path!r}, and without applications every candidate is paired with every "
                    "job: give a file of applications too (--applications)"
                )


def check_paths(task: Task, records: Records, *, declared: bool) -> None:
    """Find misspelled columns before anything is computed, and say who reads them.

    Columns that are declared and feed no feature, such as protected ones, are needed for
    training alone.
    """
    readers = {path: f"feature {feature.name!r}" for feature in task.features for path in feature.sources}
    if declared:
        readers |= {path: f'[fields."{path}"]' for path in task.features.fields if path not in readers}
    for path, reader in readers.items():
        if records.field(path).usage is not Usage.OPTIONAL:
            try:
                records.locate(path)
            except UnknownFieldError as error:
                raise TaskError(f"{reader}: {error}") from None


def groups_of(records: Records, paths: tuple[str, ...]) -> Groups:
    """Return the groups of all pairs by one protected field, or by several crossed."""
    groups: Groups | None = None
    for path in paths:
        one = Groups.from_values(records.at(path, "text"), attribute=path)
        groups = one if groups is None else groups.intersect(one)
    if groups is None:
        raise DataError("no attribute was named")
    return groups


def parts_table(records: Records, parts: np.ndarray) -> pd.DataFrame:
    """Return which pair stands in which part, as a table."""
    return pd.DataFrame({"job": records.job, "candidate": records.candidate, "part": parts}, dtype=object)


def parts_from(table: pd.DataFrame, records: Records) -> np.ndarray:
    """Find each pair's part again; ``""`` for pairs that training did not see."""
    known = {(j, c): p for j, c, p in table.itertuples(index=False, name=None)}
    return np.array(
        [known.get(key, "") for key in zip(records.job, records.candidate, strict=True)], dtype=object
    )
