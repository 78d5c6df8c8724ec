"""Join a few records that need no cleaning, row by row.

:func:`~ranker.records.cleaning.join_records` joins all others.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ranker.records.cleaning import Keys, completed, label_or_none, pair_name
from ranker.records.eligibility import Requirement
from ranker.records.field import Field
from ranker.records.ledger import Ledger
from ranker.records.raw_tables import RawRows, RawTables
from ranker.records.records import Records

__all__ = ["join_rows"]

Rows = Sequence[Mapping[str, Any]]
Given = tuple[Rows, Sequence[str], str]


def join_rows(
    applications: tuple[Rows, Sequence[str]],
    keys: Keys,
    *,
    candidates: Given | None,
    jobs: Given | None,
    fields: Mapping[str, Field],
    requirements: Iterable[Requirement],
    ledger: Ledger,
) -> Records | None:
    """Join applications with their candidates and jobs, where nothing has to be set aside to do so.

    Parameters
    ----------
    applications : (rows, columns)
        A row for each pair.
    keys : Keys
        Columns that say who and for which job.
    candidates, jobs : (rows, columns, key), optional
        As for :func:`~ranker.records.cleaning.join_records`.
    fields, requirements, ledger
        As there.

    Returns
    -------
    Records or None
        What :func:`~ranker.records.cleaning.join_records` gives, in a third of the time. ``None``, and
        nothing in the ledger, where a label is missing or repeated, an application is for somebody
        unknown, there is none, candidates have no labels, or there is something to learn from.

    Raises
    ------
    EmptyPoolError
        If nobody meets the requirements.
    """
    rows, columns = applications
    if not rows or keys.job is None or keys.candidate is None or keys.relevance is not None:
        return None
    raw: dict[str, RawRows] = {}
    positions: dict[str, dict[str, int]] = {}
    for entity, given in (("candidate", candidates), ("job", jobs)):
        if given is None:
            continue
        own, names, key = given
        labels = [label_or_none(row.get(key)) for row in own]
        at = {label: position for position, label in enumerate(labels) if label is not None}
        if len(at) < len(labels):
            return None
        raw[entity], positions[entity] = RawRows(own, tuple(dict.fromkeys(names)), list(at), key), at
    pairs = [(label_or_none(row.get(keys.candidate)), label_or_none(row.get(keys.job))) for row in rows]
    named = [(who, job) for who, job in pairs if who is not None and job is not None]
    if len(set(named)) < len(rows):
        return None
    candidate, job = [who for who, _ in named], [job for _, job in named]
    table = RawRows(rows, tuple(dict.fromkeys(columns)), [pair_name(*pair) for pair in named], "row")
    every = np.arange(len(rows))
    places = {"application": every}
    for entity, labels_of in (("candidate", candidate), ("job", job)):
        if entity not in raw:
            raw[entity], places[entity] = table, every
        elif all(map(positions[entity].__contains__, labels_of)):
            places[entity] = np.array([positions[entity][label] for label in labels_of], dtype=np.int64)
        else:
            return None
    records = Records(
        RawTables({**raw, "application": table}), places, np.array(candidate, dtype=object),
        np.array(job, dtype=object), fields, None, ledger, (keys.job, keys.candidate),
    )  # fmt: skip
    labelled = {"candidate": candidate, "job": job}
    return completed(records, requirements, {entity: labelled[entity] for entity in positions})
