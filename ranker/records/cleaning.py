"""Join the raw tables into pairs; what does not fit is set aside with its reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ranker.errors import EmptyPoolError, SourceError, did_you_mean
from ranker.records.eligibility import Requirement
from ranker.records.field import Field
from ranker.records.ledger import Ledger
from ranker.records.raw_tables import labels_in
from ranker.records.records import Records
from ranker.records.values import MISSING_TEXTS, Unreadable, as_number, as_text, is_missing, normal

YES = {"1": 1.0, "1.0": 1.0, "true": 1.0, "yes": 1.0, "0": 0.0, "0.0": 0.0, "false": 0.0, "no": 0.0}
ONE_LIST = "all"  # the job of every row where no column names one


@dataclass(frozen=True, slots=True)
class Keys:
    """Which columns of the applications identify a pair, and which one says how good it was.

    Parameters
    ----------
    job : str or None
        Column with the job's label; without one all rows are one list, of the job ``"all"``.
    candidate : str or None
        Column with the candidate's label; the row number serves where there is none.
    relevance : str or None
        Column to learn from.
    relevance_kind : {"graded", "binary", "real", "rank"}
        Grades >= 0; 0/1 or yes/no; any number; or a rank, 1 the best.
    positive : tuple of str
        For binary relevance: the texts that count as 1, whatever their case; every other
        one that is given counts as 0.
    """

    job: str | None = None
    candidate: str | None = None
    relevance: str | None = None
    relevance_kind: str = "graded"
    positive: tuple[str, ...] = ()


def join_records(
    applications: pd.DataFrame | None,
    keys: Keys,
    *,
    candidates: tuple[pd.DataFrame, str] | None = None,
    jobs: tuple[pd.DataFrame, str] | None = None,
    fields: Mapping[str, Field] | None = None,
    requirements: Iterable[Requirement] = (),
    ledger: Ledger | None = None,
) -> Records:
    """Join applications with their candidates and jobs.

    Parameters
    ----------
    applications : DataFrame or None
        One row for each pair. ``None`` pairs every candidate with every job, or puts
        them all on one list where ``keys`` names no job.
    keys : Keys
        Columns of ``applications``.
    candidates, jobs : (DataFrame, str), optional
        A table and its key column. Without one, that entity's fields are columns of
        ``applications`` itself (one flat table).
    fields : dict of str to Field, optional
        Declared fields.
    requirements : iterable of Requirement
        What a candidate must meet to be ranked for a job.
    ledger : Ledger, optional
        Takes every row's fate.

    Returns
    -------
    Records
        The pairs that take part, in the order of ``applications``.

    Raises
    ------
    SourceError
        If a key column is missing, or no row holds a text that counts as positive.
    EmptyPoolError
        If no pair is left.
    """
    ledger = ledger or Ledger()
    fields = dict(fields or {})
    tables: dict[str, pd.DataFrame] = {}
    for entity, given in (("candidate", candidates), ("job", jobs)):
        if given is not None:
            tables[entity] = keyed_table(*given, entity, ledger)
    if applications is None:
        keys = replace(keys, candidate=keys.candidate or "candidate", relevance=None)
        applications = _every_pair(tables, keys)
        ledger.read["application"] = len(applications)
    numbers = applications.index
    job = (
        _labels(applications, keys.job, "application")
        if keys.job
        else np.full(len(numbers), ONE_LIST, dtype=object)
    )
    candidate = (
        _labels(applications, keys.candidate, "application")
        if keys.candidate
        else np.array([str(n) for n in numbers], dtype=object)
    )
    names = _pair_names(candidate, job, numbers)
    applications = applications.set_axis(pd.Index(names, dtype=object, name="row"))
    keep = _known_keys(candidate, job, tables, names, ledger)
    relevance = _relevance(applications, keys, fields, keep, ledger)
    _set_repeated_aside(candidate, job, relevance, keep, names, ledger)

    pairs = np.flatnonzero(keep)
    rows = {"application": pairs}
    for entity, labels in (("candidate", candidate), ("job", job)):
        if entity in tables:
            rows[entity] = (
                tables[entity].index.get_indexer(pd.Index(labels[pairs], dtype=object)).astype(np.int64)
            )
        else:
            tables[entity], rows[entity] = applications, pairs
    tables["application"] = applications
    records = Records(
        tables, rows, candidate[pairs], job[pairs], fields,
        None if relevance is None else relevance[pairs], ledger,
        tuple(key for key in (keys.job, keys.candidate, keys.relevance) if key) if keys.candidate else (),
    )  # fmt: skip
    named = {}
    if candidates is not None:
        named["candidate"] = candidate.tolist()
    if jobs is not None:
        named["job"] = job.tolist()
    return completed(records, requirements, named)


def completed(
    records: Records, requirements: Iterable[Requirement], named: Mapping[str, Sequence[str | None]]
) -> Records:
    """Enforce the requirements on joined pairs, and close the ledger.

    Parameters
    ----------
    records : Records
        The pairs.
    requirements : iterable of Requirement
        What a candidate must meet.
    named : dict of str to sequence of str
        For each entity that has a table of its own: its labels in the applications.

    Raises
    ------
    EmptyPoolError
        If no pair is left.
    """
    ledger = records.ledger
    for requirement in requirements:
        records = requirement.enforce(records)
    for entity, labels in named.items():
        _note_unpaired(records, entity, labels)
    ledger.kept = {
        "candidate": len(set(records.candidate.tolist())),
        "job": len(set(records.job.tolist())),
        "application": len(records),
    }
    if not len(records):
        why = [line for line in ledger.report().lines() if not line.startswith(("changed", "missing"))]
        raise EmptyPoolError("nobody is left to rank: " + "; ".join(why[:6] or ["no application was read"]))
    return records


def _column(table: pd.DataFrame, name: str, entity: str) -> np.ndarray:
    if name not in table.columns:
        raise SourceError(
            f"the {entity} table has no column {name!r}{did_you_mean(name, map(str, table.columns))}"
        )
    return table[name].to_numpy(dtype=object)


def _labels(table: pd.DataFrame, name: str, entity: str) -> np.ndarray:
    out = np.empty(len(table), dtype=object)
    out[:] = [label_or_none(value) for value in _column(table, name, entity).tolist()]
    return out


def label_or_none(value: object) -> str | None:
    """Return a raw value as a label; ``None`` where it is none."""
    if type(value) is str:
        return value.strip() or None
    try:
        return as_text(value)
    except Unreadable:
        return None


def keyed_table(table: pd.DataFrame, key: str, entity: str, ledger: Ledger) -> pd.DataFrame:
    """Index a table by its key; rows without one, or with one that stood before, are set aside."""
    labels = _labels(table, key, entity)
    index = pd.Index(labels, dtype=object, name=key)
    if index.is_unique and None not in labels.tolist():
        return table.set_axis(index)
    keep = np.ones(len(table), dtype=bool)
    first: dict[str, int] = {}
    for i, label in enumerate(labels):
        if label is None:
            ledger.note(entity, f"row {table.index[i]}", "set_aside", f"no {key}")
        elif label in first:
            same = all(_same(a, b) for a, b in zip(table.iloc[i], table.iloc[first[label]], strict=True))
            reason = (
                "repeated, all values equal" if same else "repeated with other values; the first one counts"
            )
            ledger.note(entity, label, "set_aside", f"{key} {reason}")
        else:
            first[label] = i
            continue
        keep[i] = False
    return table[keep].set_axis(index[keep])


def _same(a: object, b: object) -> bool:
    return a == b or (is_missing(a) and is_missing(b))


def _every_pair(tables: Mapping[str, pd.DataFrame], keys: Keys) -> pd.DataFrame:
    needed = ("candidate", "job") if keys.job else ("candidate",)
    missing = [entity for entity in needed if entity not in tables]
    if missing:
        raise SourceError(f"without applications, a table of {missing[0]}s is needed to pair them all")
    jobs = tables["job"].index if keys.job else pd.Index([ONE_LIST], dtype=object)
    candidates = tables["candidate"].index
    data = {str(keys.candidate): np.tile(candidates.to_numpy(object), len(jobs))}
    if keys.job:
        data[keys.job] = np.repeat(jobs.to_numpy(object), len(candidates))
    return pd.DataFrame(data, index=pd.RangeIndex(1, len(jobs) * len(candidates) + 1), dtype=object)


def _pair_names(candidate: np.ndarray, job: np.ndarray, numbers: pd.Index) -> list[str]:
    return [
        pair_name(c, j) if c is not None and j is not None else f"row {n}"
        for c, j, n in zip(candidate.tolist(), job.tolist(), numbers.tolist(), strict=True)
    ]


def pair_name(candidate: str, job: str) -> str:
    """Return what an application is called."""
    return f"candidate {candidate} for job {job}"


def _known_keys(
    candidate: np.ndarray,
    job: np.ndarray,
    tables: Mapping[str, pd.DataFrame],
    names: list[str],
    ledger: Ledger,
) -> np.ndarray:
    keep = np.ones(len(job), dtype=bool)
    for entity, labels in (("job", job), ("candidate", candidate)):
        known = set(tables[entity].index.tolist() if entity in tables else labels.tolist()) - {None}
        for i in [i for i, label in enumerate(labels.tolist()) if label not in known]:
            if not keep[i]:
                continue
            if labels[i] is None:
                ledger.note("application", names[i], "set_aside", f"no {entity} is named")
            else:
                ledger.note("application", names[i], "set_aside", f"unknown {entity}", before=labels[i])
            keep[i] = False
    return keep


def _relevance(
    applications: pd.DataFrame, keys: Keys, fields: Mapping[str, Field], keep: np.ndarray, ledger: Ledger
) -> np.ndarray | None:
    """Read the label; pairs without a readable one are set aside."""
    if keys.relevance is None:
        return None
    path = f"application.{keys.relevance}"
    missing = fields[path].missing if path in fields else ()
    positive = {normal(text): text for text in keys.positive}
    column = _column(applications, keys.relevance, "application")
    words: dict[str, str] = {}  # the texts that counted as 0 or 1 because of ``positive``
    out = np.full(len(applications), np.nan)
    for i, value in enumerate(column):
        if not keep[i]:
            continue
        try:
            if missing and as_text(value) in missing:
                raise Unreadable("not given")
            if positive:
                word = _word(value)
                key = normal(word)
                if key in MISSING_TEXTS and key not in positive:
                    raise Unreadable("not given")
                words.setdefault(key, word)
                out[i] = float(key in positive)
            elif keys.relevance_kind == "binary":
                word = _word(value).lower()
                if word not in YES:
                    raise Unreadable("not 0 or 1, yes or no")
                out[i] = YES[word]
            else:
                out[i] = as_number(value)
                if np.isnan(out[i]):
                    raise Unreadable("not given")
                if keys.relevance_kind == "rank" and out[i] < 1:
                    raise Unreadable("a rank below 1, the best")
                if keys.relevance_kind == "graded" and out[i] < 0:
                    raise Unreadable("a grade below 0; call it relevance_kind = 'real'")
        except Unreadable as error:
            reason = f"relevance {keys.relevance!r}: {error}"
            ledger.note("application", applications.index[i], "set_aside", reason, before=value)
            keep[i] = False
    if words:
        _note_unmet(positive, words, str(keys.relevance), ledger)
    return -out if keys.relevance_kind == "rank" else out


def _word(value: object) -> str:
    word = as_text(value)
    if word is None:
        raise Unreadable("not given")
    return word


def _note_unmet(
    positive: Mapping[str, str], words: Mapping[str, str], relevance: str, ledger: Ledger
) -> None:
    """Tell of positive texts that no row holds: a misspelt one would make everybody a 0."""
    unmet = [text for key, text in positive.items() if key not in words]
    if len(unmet) == len(positive):
        raise SourceError(
            f"positive = {list(positive.values())}: no row holds that in the relevance column {relevance!r}"
            f"{did_you_mean(unmet[0], words.values())}"
        )
    for text in unmet:
        ledger.note("application", "", "noted", f"relevance {relevance!r}: no row holds {text!r} (positive)")


def _set_repeated_aside(
    candidate: np.ndarray,
    job: np.ndarray,
    relevance: np.ndarray | None,
    keep: np.ndarray,
    names: list[str],
    ledger: Ledger,
) -> None:
    first: dict[tuple[str, str], int] = {}
    kept = np.flatnonzero(keep)
    for i, *key in zip(kept.tolist(), candidate[kept].tolist(), job[kept].tolist(), strict=True):
        earlier = first.setdefault((key[0], key[1]), i)
        if earlier == i:
            continue
        reason = "repeated (candidate, job) key"
        if relevance is not None:
            same = relevance[i] == relevance[earlier]
            reason += ", same relevance" if same else ", other relevance; the first one counts"
        ledger.note("application", names[i], "set_aside", reason)
        keep[i] = False


UNPAIRED = {
    "candidate": ("a candidate without application", "a candidate whose applications are all set aside"),
    "job": ("a job without candidates", "a job whose applications are all set aside"),
}


def _note_unpaired(records: Records, entity: str, named: Sequence[str | None]) -> None:
    """Note who stands in a table and takes no part; ``named`` are the labels in the applications."""
    never, no_more = UNPAIRED[entity]
    used, known = set(records.rows[entity].tolist()), set(named)
    for position, label in enumerate(labels_in(records.tables, entity)):
        if position not in used:
            records.ledger.note(entity, label, "noted", no_more if label in known else never)
