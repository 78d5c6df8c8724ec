"""The commands ``candor counterfactual`` and ``candor sensitivity``."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from ranker.app.model import Model
from ranker.app.result import Result
from ranker.errors import DataError, SourceError
from ranker.records import Records

__all__ = ["read_costs", "run_counterfactual", "run_sensitivity", "share_of"]


FOR_STAFF = "For recruiters and auditors: a goal of scores or of another person tells something about others."


def run_counterfactual(
    directory: Path,
    job: str,
    candidate: str,
    *,
    top_k: int | None,
    above: str | None,
    score: float | None,
    costs: Path | None,
    n_answers: int,
    sources: dict[str, Path],
) -> Result:
    """Find the cheapest change of a record that brings a goal; the first ten where none is named."""
    from explain import counterfactual

    model = Model.load(directory)
    records = model.load_records(sources=sources)
    if top_k is None and above is None and score is None:
        top_k = 10
    found = counterfactual(
        model.scorer, model.task.features, _of_job(records, job),
        job=job, candidate=candidate, top_k=top_k, above=above, score=score,
        actions=model.task.actions, costs=None if costs is None else read_costs(costs),
        n_answers=n_answers, requirements=model.task.requirements,
    )  # fmt: skip
    text, machine = found.to_text(), found.to_json()
    if above is not None or score is not None:
        text = f"{FOR_STAFF}\n\n{text}"
    return Result(text, {**machine, "for": "candidate" if text == found.to_text() else "recruiter"})


def run_sensitivity(
    directory: Path, job: str, candidate: str, *, change: str, top_k: int, sources: dict[str, Path]
) -> Result:
    """Tell what a little more or less of each number would make of a rank."""
    from explain import sensitivity

    model = Model.load(directory)
    records = model.load_records(sources=sources)
    found = sensitivity(
        model.scorer, model.task.features, _of_job(records, job),
        job=job, candidate=candidate, change=share_of(change), top_k=top_k,
    )  # fmt: skip
    return Result(found.to_text(), found.to_json())


def _of_job(records: Records, job: str) -> Records:
    """Return the pairs of a job, all of them where there is no such job: who asks is told which there are."""
    mask = records.job == job
    return records.take(mask) if mask.any() else records


def share_of(text: str) -> float:
    """Read "10%" or "0.1"."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*(%?)\s*", text)
    if not found:
        raise DataError(f"--change {text}: write a share such as 10% or 0.1")
    return float(found[1]) / (100 if found[2] else 1)


def read_costs(path: Path) -> dict[str, Any]:
    """Read a table of costs from a TOML or JSON file.

    Raises
    ------
    SourceError
        If it is no such file, or holds something else.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} cannot be read: {error}") from None
    try:
        found = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{path} is neither JSON nor TOML, whichever its name says: {error}") from None
    if not isinstance(found, dict):
        raise SourceError(f'{path} holds no table: write {{"candidate.skills": {{"SQL": 2, "*": 1}}}}')
    _check_table(found, path)
    return found


def _check_table(table: dict[str, Any], path: Path) -> None:
    for field, entry in table.items():
        if field == "for":
            if not isinstance(entry, dict) or not all(isinstance(own, dict) for own in entry.values()):
                raise SourceError(f"{path}: 'for' holds a table of costs for each candidate")
            for own in entry.values():
                _check_table(own, path)
            continue
        numbers = entry.values() if isinstance(entry, dict) else [entry]
        for number in numbers:
            if isinstance(number, bool) or not isinstance(number, int | float):
                raise SourceError(f"{path}: the cost of {field} is {number!r}: give a number")
