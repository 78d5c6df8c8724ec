"""Anybody's ranking and groups, read from two files."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairness.groups import UNDISCLOSED_TEXTS, Groups
from ranker.errors import DataError, did_you_mean
from ranker.ranking import Ranking
from ranker.ranking.labels import label_of
from ranker.records.ledger import Ledger
from ranker.records.readers import read_table
from ranker.records.values import is_missing

ONE_LIST = "all"  # what the only list is called where the file names no jobs
KEYS = ("job", "candidate")
# Columns of a ranking that say nothing of a person's group, should one file hold both.
OF_RANKING = (
    *KEYS, "rank", "score", "relevance", "score_deviation", "rank_low", "rank_high", "tied", "tie_rule",
)  # fmt: skip
GUARDED = ("=", "+", "-", "@", "\t", "\r")  # as ranker.ranking.output guards them in CSV files
MOST_NAMED = 20
MOST_SCORE = 1e300  # an infinite score counts as this one, so that two of them have a median

Person = tuple[str, str]
Row = dict[str, float | None]


@dataclass(frozen=True, slots=True, eq=False)
class RankingFile:
    """A ranking that was made elsewhere.

    Parameters
    ----------
    ranking : Ranking
        ``n`` candidates of one or more jobs, in the order of the file's ranks, or of its scores
        where it has no ranks.
    scores : (n,) float64 array or None
        By row, infinite ones cut off at 1e300; None where some row has none. Only these are
        scores: those in ``ranking`` are ranks counted down where the file has ranks.
    relevance : (n,) float64 array or None
        By row, 0 or more; None where no row has any.
    by : {"rank", "score"}
        What the order was read from.
    job, candidate : (n,) object arrays of str
        Labels of each row.
    names_jobs : bool
        Whether the file says which list a row is of; else all rows are one list.
    ties : int
        Rows that share their rank, or score, with another of their job.
    gaps : int
        Lists with a rank beyond the number of their people: places are left out.
    ledger : Ledger
        Rows set aside, with their reasons.
    """

    ranking: Ranking
    scores: NDArray[np.float64] | None
    relevance: NDArray[np.float64] | None
    by: str
    job: NDArray[np.object_]
    candidate: NDArray[np.object_]
    names_jobs: bool
    ties: int
    gaps: int
    ledger: Ledger


def read_ranking(path: Path) -> RankingFile:
    """Read a ranking: columns ``candidate``, ``rank`` or ``score``, and perhaps ``job`` and ``relevance``.

    Rows without a candidate or a place, and those that repeat a candidate of their job, are set
    aside and counted. Whoever has a place keeps it: a relevance that is missing, no number or
    negative counts as 0, as trec_eval counts the unjudged, and one missing score beside a rank
    leaves out the scoring rates, not the person, since all those below would move up.

    Parameters
    ----------
    path : Path
        CSV, Parquet, JSON or JSON Lines; what ``candor rank`` writes is one.

    Raises
    ------
    SourceError
        If the file cannot be read.
    DataError
        If a column is missing, ranks count from 0, or no row is left.
    """
    ledger = Ledger()
    frame = _without_guards(read_table(path, table="ranking", ledger=ledger), path)
    _need(frame, "candidate", path)
    by = "rank" if "rank" in frame else "score"
    if by not in frame:
        raise DataError(
            f"{path} has neither a column 'rank' (1 is the best) nor 'score' (higher is better)"
            f"{did_you_mean('rank', [str(name) for name in frame.columns])}"
        )
    rows = _numbers(frame)
    if by == "rank" and any(row["rank"] == 0 for row in rows):
        raise DataError(
            f"{path}: a rank is 0, and ranks count from 1, the best: add 1 to all of them if they count from 0"
        )
    names_jobs = "job" in frame
    jobs = frame["job"].tolist() if names_jobs else [ONE_LIST] * len(frame)
    people = list(zip(jobs, frame["candidate"].tolist(), strict=True))
    kept = _kept(people, [row[by] for row in rows], by, frame.index.tolist(), ledger)
    ledger.kept["ranking"] = len(kept)
    ledger.read.setdefault("ranking", len(frame))
    if not kept:
        faults = Counter(fate.reason for fate in ledger.fates).most_common(1)
        why = f": {faults[0][0]}" if faults else ""
        raise DataError(f"{path}: none of its {ledger.read['ranking']} rows can be ranked{why}")
    named = {row: f"row {frame.index[row]}" for row in kept}
    job = np.array([label_of(people[row][0]) for row in kept], dtype=object)
    candidate = np.array([label_of(people[row][1]) for row in kept], dtype=object)
    place = np.array([rows[row][by] for row in kept], dtype=float)
    ranking = Ranking.from_scores(-place if by == "rank" else place, job=job, candidate=candidate)
    return RankingFile(
        ranking,
        _scores({named[row]: rows[row] for row in kept}, ledger),
        _relevance({named[row]: rows[row] for row in kept}, ledger),
        by,
        job,
        candidate,
        names_jobs,
        int(ranking.tied.sum()),
        _gaps(ranking, ledger) if by == "rank" else 0,
        ledger,
    )


def _numbers(frame: pd.DataFrame) -> list[Row]:
    """Read the numbers of each row; None where there is none, the column included."""
    columns = {
        name: [_number(value) for value in frame[name]] if name in frame else [None] * len(frame)
        for name in ("rank", "score", "relevance")
    }
    # A rank and a relevance are somewhere; a score may be out of all bounds.
    for name in ("rank", "relevance"):
        columns[name] = [None if value is None or math.isinf(value) else value for value in columns[name]]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _kept(
    people: Sequence[tuple[Any, Any]],
    places: Sequence[float | None],
    by: str,
    numbers: Sequence[int],
    ledger: Ledger,
) -> list[int]:
    """Return the rows that can be ranked, and note why the others cannot."""
    kept: list[int] = []
    seen: set[Person] = set()
    for row, ((job, candidate), place) in enumerate(zip(people, places, strict=True)):
        reason = _fault(job, candidate, place, by)
        if not reason:
            person = (label_of(job), label_of(candidate))
            reason = "repeated (job, candidate)" if person in seen else ""
            seen.add(person)
        if reason:
            ledger.note("ranking", f"row {numbers[row]}", "set_aside", reason)
        else:
            kept.append(row)
    return kept


def _scores(rows: Mapping[str, Row], ledger: Ledger) -> NDArray[np.float64] | None:
    """Return the scores, or None where one is missing; what else is there is noted then."""
    without = [name for name, row in rows.items() if row["score"] is None]
    if len(without) == len(rows):
        return None
    for name in without:
        reason = "no number as score: scoring rates are left out"
        ledger.note("ranking", name, "missing", reason, path="score")
    if without:
        return None
    return np.clip([row["score"] or 0.0 for row in rows.values()], -MOST_SCORE, MOST_SCORE)


def _relevance(rows: Mapping[str, Row], ledger: Ledger) -> NDArray[np.float64] | None:
    """Return the relevance, 0 where it is missing or negative, which is noted; None where nobody has any."""
    if all(row["relevance"] is None for row in rows.values()):
        return None
    found = []
    for name, row in rows.items():
        value = row["relevance"]
        if value is None or value < 0:
            fault = "no number as relevance" if value is None else "a negative relevance"
            ledger.note("ranking", name, "changed", f"{fault}: counts as 0", path="relevance")
        found.append(max(value or 0.0, 0.0))
    return np.array(found)


def _gaps(ranking: Ranking, ledger: Ledger) -> int:
    """Count the lists whose ranks leave places out, and note them."""
    n = 0
    for job, start, stop in zip(ranking.jobs, ranking.indptr, ranking.indptr[1:], strict=False):
        if -ranking.scores[stop - 1] > stop - start:
            n += 1
            reason = "a list whose ranks leave places out: its people close up"
            ledger.note("ranking", str(job), "noted", reason, path="rank")
    return n


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
        If it has no column ``candidate``, no attribute, or no row of anybody who is ranked.
    """
    ledger = Ledger()
    frame = _without_guards(read_table(path, table="groups", ledger=ledger), path)
    _need(frame, "candidate", path)
    attributes = [
        str(name) for name in frame.columns if name not in OF_RANKING and not str(name).startswith("p_top_")
    ]
    if not attributes:
        raise DataError(
            f"{path} has no column besides {list(frame.columns)}: add one for each attribute, such as sex"
        )
    # Of a ranking that names no lists, a group cannot be one of a list either.
    by_job = "job" in frame and of.names_jobs
    people = list(zip(of.job if by_job else [ONE_LIST] * len(of.job), of.candidate, strict=True))
    keys = [
        None if _no_label(job) or _no_label(candidate) else (label_of(job), label_of(candidate))
        for job, candidate in zip(
            frame["job"] if by_job else [ONE_LIST] * len(frame), frame["candidate"], strict=True
        )
    ]
    ranked, named = set(people), set(keys)
    if not ranked & named:
        raise DataError(
            f"{path}: none of its {len(frame)} rows names a ranked candidate{_example(keys, people, by_job)}: "
            "name people, and their lists, as the ranking does"
        )
    counts = {
        "rows": len(frame) + sum(fate.action == "set_aside" for fate in ledger.fates),
        "unranked": sum(key not in ranked for key in keys),
        "contradicted": 0,
        "without_row": sum(person not in named for person in ranked),
    }
    groups = {}
    for attribute in attributes:
        found: dict[Person, str] = {}
        contradicted = set()
        for key, number, value in zip(keys, frame.index, frame[attribute], strict=True):
            said = _said(value, f"{path}, row {number}: {attribute!r}")
            # Who says nothing in one row contradicts no other.
            if key is None or said is None:
                continue
            if found.setdefault(key, said) != said:
                contradicted.add(key)
        values = [None if person in contradicted else found.get(person) for person in people]
        groups[attribute] = Groups.from_values(np.array(values, dtype=object), attribute=attribute)
        counts["contradicted"] += len(contradicted & ranked)
    return groups, counts


def _example(keys: Sequence[Person | None], people: Sequence[Person], by_job: bool) -> str:
    """Show how the two files name people, by the first of each."""
    first = next((key for key in keys if key is not None), None)
    if first is None:
        return ""
    theirs, ours = ((one if by_job else one[1:]) for one in (first, people[0]))
    return f" (it names {', '.join(theirs)!r}, and the ranking {', '.join(ours)!r})"


def _said(value: Any, where: str) -> str | None:
    """Return the group that a row states; None where it states none."""
    if is_missing(value):
        return None
    if isinstance(value, (list, dict)):
        raise DataError(
            f"{where} is a {type(value).__name__}, and a person is of one group by an attribute: write one text, "
            "such as 'two or more'"
        )
    said = label_of(value).strip()
    return None if said.casefold() in UNDISCLOSED_TEXTS else said


def _without_guards(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Take the quotes off labels that ``candor rank`` puts before what a spreadsheet would execute."""
    if path.suffix.lower() != ".csv":
        return frame
    return frame.assign(**{name: [_bare(value) for value in frame[name]] for name in KEYS if name in frame})


def _bare(value: Any) -> Any:
    guarded = isinstance(value, str) and value[:1] == "'" and value[1:2] in GUARDED and len(value) > 1
    return value[1:] if guarded else value


def _need(frame: pd.DataFrame, name: str, path: Path) -> None:
    if name not in frame:
        columns = [str(column) for column in frame.columns]
        raise DataError(
            f"{path} has no column {name!r}{did_you_mean(name, columns)}; it has {columns[:MOST_NAMED]}"
        )


def _number(value: Any) -> float | None:
    """Read a number, infinite ones among them; None where it is none, or NaN."""
    if is_missing(value) or isinstance(value, (bool, list, dict)):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    except OverflowError:  # a whole number of more digits than a float has room for
        return math.inf if value > 0 else -math.inf
    return None if math.isnan(number) else number


def _no_label(value: Any) -> bool:
    return is_missing(value) or isinstance(value, (list, dict))


def _fault(job: Any, candidate: Any, place: float | None, by: str) -> str:
    """Say why a row cannot be ranked; an empty text where it can."""
    for name, value in (("job", job), ("candidate", candidate)):
        if _no_label(value):
            return f"no {name}"
    if place is None:
        return f"no number as {by}"
    return "a rank below 1" if by == "rank" and place < 1 else ""
