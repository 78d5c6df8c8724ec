"""Anybody's ranking and groups, read from two files."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairness.groups import Groups
from ranker.errors import DataError, did_you_mean
from ranker.ranking import Ranking
from ranker.ranking.labels import label_of
from ranker.records.ledger import Ledger
from ranker.records.readers import read_table
from ranker.records.values import is_missing

ONE_LIST = "all"  # what the only list is called where the file names no jobs
KEYS = ("job", "candidate")
MOST_NAMED = 20


@dataclass(frozen=True, slots=True, eq=False)
class RankingFile:
    """A ranking that was made elsewhere.

    Parameters
    ----------
    ranking : Ranking
        ``n`` candidates of one or more jobs, in the order of the file's ranks, or of its scores
        where it has no ranks.
    scores : (n,) float64 array or None
        By row; None where the file has no scores. Only these are scores: those in ``ranking`` are
        ranks counted down where the file has ranks.
    relevance : (n,) float64 array or None
        By row, 0 or more.
    by : {"rank", "score"}
        What the order was read from.
    job, candidate : (n,) object arrays of str
        Labels of each row.
    ties : int
        Rows that share their rank, or score, with another of their job.
    ledger : Ledger
        Rows set aside, with their reasons.
    """

    ranking: Ranking
    scores: NDArray[np.float64] | None
    relevance: NDArray[np.float64] | None
    by: str
    job: NDArray[np.object_]
    candidate: NDArray[np.object_]
    ties: int
    ledger: Ledger


def read_ranking(path: Path) -> RankingFile:
    """Read a ranking: columns ``candidate``, ``rank`` or ``score``, and perhaps ``job`` and ``relevance``.

    Rows that name no candidate, repeat one of their job, or hold no number where one is needed
    are set aside and counted.

    Parameters
    ----------
    path : Path
        CSV, Parquet, JSON or JSON Lines; what ``candor rank`` writes is one.

    Raises
    ------
    SourceError
        If the file cannot be read.
    DataError
        If a column is missing, or no row is left.
    """
    ledger = Ledger()
    frame = read_table(path, table="ranking", ledger=ledger)
    _need(frame, "candidate", path)
    by = "rank" if "rank" in frame else "score"
    if by not in frame:
        raise DataError(
            f"{path} has neither a column 'rank' (1 is the best) nor 'score' (higher is better)"
            f"{did_you_mean('rank', [str(name) for name in frame.columns])}"
        )
    used = [by, *(name for name in ("score", "relevance") if name in frame and name != by)]
    numbers = {name: [_number(value) for value in frame[name]] for name in used}
    jobs = frame["job"].tolist() if "job" in frame else [ONE_LIST] * len(frame)
    kept, seen = [], set()
    for row, (number, job, candidate) in enumerate(zip(frame.index, jobs, frame["candidate"], strict=True)):
        reason = _fault({name: found[row] for name, found in numbers.items()}, job, candidate)
        if not reason:
            key = (label_of(job), label_of(candidate))
            reason = "repeated (job, candidate)" if key in seen else ""
            seen.add(key)
        if reason:
            ledger.note("ranking", number, "set_aside", reason)
        else:
            kept.append(row)
    ledger.kept["ranking"] = len(kept)
    ledger.read.setdefault("ranking", len(frame))
    if not kept:
        raise DataError(f"{path}: none of its {len(frame)} rows can be ranked: {ledger.fates[0].reason}")
    job = np.array([label_of(jobs[row]) for row in kept], dtype=object)
    candidate = np.array([label_of(frame["candidate"].iloc[row]) for row in kept], dtype=object)
    arrays = {name: np.array([found[row] for row in kept], dtype=float) for name, found in numbers.items()}
    order = -arrays["rank"] if by == "rank" else arrays["score"]
    ranking = Ranking.from_scores(order, job=job, candidate=candidate)
    return RankingFile(
        ranking,
        arrays.get("score"),
        arrays.get("relevance"),
        by,
        job,
        candidate,
        int(ranking.tied.sum()),
        ledger,
    )


def read_groups(path: Path, of: RankingFile) -> tuple[dict[str, Groups], dict[str, int]]:
    """Read who belongs to which groups: a column ``candidate``, perhaps ``job``, and one for each attribute.

    Parameters
    ----------
    path : Path
        CSV, Parquet, JSON or JSON Lines.
    of : RankingFile
        The ranked people.

    Returns
    -------
    (dict of str to Groups, dict of str to int)
        Groups of the rows by each attribute; and counts: ``rows`` of the file, ``unranked`` among
        them, ``contradicted`` (people for whom two rows disagree: undisclosed by that attribute)
        and ``without_row`` (ranked people whom the file does not name: undisclosed).

    Raises
    ------
    SourceError
        If the file cannot be read.
    DataError
        If it has no column ``candidate``, or no attribute.
    """
    ledger = Ledger()
    frame = read_table(path, table="groups", ledger=ledger)
    _need(frame, "candidate", path)
    attributes = [str(name) for name in frame.columns if name not in (*KEYS, "rank", "score", "relevance")]
    if not attributes:
        raise DataError(
            f"{path} has no column besides {list(frame.columns)}: add one for each attribute, such as sex"
        )
    by_job = "job" in frame
    people = [
        (label_of(job), label_of(candidate))
        for job, candidate in zip(of.job if by_job else [ONE_LIST] * len(of.job), of.candidate, strict=True)
    ]
    ranked = set(people)
    keys = [
        None if is_missing(candidate) else (label_of(job), label_of(candidate))
        for job, candidate in zip(
            frame["job"] if by_job else [ONE_LIST] * len(frame), frame["candidate"], strict=True
        )
    ]
    counts = {
        "rows": len(frame) + sum(fate.action == "set_aside" for fate in ledger.fates),
        "unranked": sum(key not in ranked for key in keys),
        "contradicted": 0,
        "without_row": sum(person not in set(keys) for person in ranked),
    }
    groups = {}
    for attribute in attributes:
        found: dict[Any, Any] = {}
        contradicted = set()
        for key, value in zip(keys, frame[attribute], strict=True):
            said = None if is_missing(value) else label_of(value).strip()
            if key in found and found[key] != said:
                contradicted.add(key)
            found[key] = said
        values = [None if person in contradicted else found.get(person) for person in people]
        groups[attribute] = Groups.from_values(np.array(values, dtype=object), attribute=attribute)
        counts["contradicted"] += len(contradicted & ranked)
    return groups, counts


def _need(frame: pd.DataFrame, name: str, path: Path) -> None:
    if name not in frame:
        columns = [str(column) for column in frame.columns]
        raise DataError(
            f"{path} has no column {name!r}{did_you_mean(name, columns)}; it has {columns[:MOST_NAMED]}"
        )


def _number(value: Any) -> float | None:
    """Read a number; None where it is none, NaN included."""
    if is_missing(value) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _fault(numbers: dict[str, float | None], job: Any, candidate: Any) -> str:
    """Say why a row cannot be ranked; an empty text where it can."""
    for name, value in (("job", job), ("candidate", candidate)):
        if is_missing(value) or isinstance(value, (list, dict)):
            return f"no {name}"
    for name, number in numbers.items():
        if number is None:
            return f"no number as {name}"
        if name == "relevance" and number < 0:
            return "a negative relevance"
        if name == "rank" and number <= 0:
            return "a rank below 1"
    return ""
