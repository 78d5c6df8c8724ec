"""Which raw fields a model is explained by, and whether it reads what it should not."""

from collections.abc import Callable, Iterable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from explain.posthoc.raw_fields import RawFields, kept_fields, open_fields
from ranker.errors import DataError, ProtectedFieldError, UnknownJobError, did_you_mean
from ranker.ranking.labels import label_of
from ranker.records import Records
from ranker.records.field import REFUSED, declared_field

__all__ = ["PredictRecords", "Protected", "fields_to_explain", "pairs_of", "reads"]

PredictRecords = Callable[[Records], NDArray[np.float64]]
Protected = Literal["refuse", "show"]
SAME = 1e-9  # of a score, relative beyond 1: a matrix product may differ in its last digits by batch


def pairs_of(records: Records, job: Any) -> NDArray[np.int64]:
    """Return the positions of a job's pairs.

    Raises
    ------
    UnknownJobError
        If no pair is of this job.
    """
    label = label_of(job)
    pairs = np.flatnonzero(records.job == label)
    if not pairs.size:
        raise UnknownJobError(f"the records hold no job {label!r}{did_you_mean(label, set(records.job))}")
    return pairs


def reads(predict: PredictRecords, records: Records, path: str, *, job: Any, random_state: int = 0) -> bool:
    """Try whether a model's scores change when a raw field is dealt out anew.

    Parameters
    ----------
    predict : callable
        Takes records, returns the score of each pair.
    records : Records
        Where other values of the field come from.
    path : str
        Of a whole column.
    job : str or number
        Whose pool is scored.
    random_state : int, default=0
        Seed of the dealing.

    Returns
    -------
    bool
        True is certain, for a model that gives the same record the same score; False holds
        for the values that were dealt.
    """
    pairs = pairs_of(records, job)
    return _moves(predict, records, path, pairs, np.asarray(predict(records.take(pairs))), random_state)


def fields_to_explain(
    predict: PredictRecords,
    records: Records,
    given: Iterable[str] | None,
    *,
    job: Any,
    protected: Protected,
    random_state: int,
) -> tuple[str, ...]:
    """Choose the columns that an explanation speaks of.

    Protected and sensitive ones are among them only where the model is found to read them,
    and then only if that is to be shown.

    Raises
    ------
    ProtectedFieldError
        If the model reads such a field, or one is asked for, and ``protected`` is "refuse".
    """
    if protected not in ("refuse", "show"):
        raise DataError(f"protected = {protected!r}{did_you_mean(str(protected), ('refuse', 'show'))}")
    kept = kept_fields(records)
    named = open_fields(records) if given is None else tuple(given)
    pairs = pairs_of(records, job)
    before = np.asarray(predict(records.take(pairs))) if kept else np.empty(0)
    read = [path for path in kept if _moves(predict, records, path, pairs, before, random_state)]
    asked = [path for path in named if path in kept]
    if protected == "refuse" and (read or asked):
        raise ProtectedFieldError(_refusal(records, read, asked))
    return tuple(dict.fromkeys([*(path for path in named if path not in kept), *read]))


def _moves(
    predict: PredictRecords,
    records: Records,
    path: str,
    pairs: NDArray[np.int64],
    before: NDArray[np.float64],
    random_state: int,
) -> bool:
    """Whether pairs' scores are others than ``before`` when a field is dealt out anew."""
    fields = RawFields(records, (path,))
    dealt = np.random.default_rng(random_state).integers(0, len(records), len(pairs))
    after = np.asarray(predict(fields.records(fields.table.iloc[dealt], pairs)))
    return not np.allclose(before, after, rtol=SAME, atol=SAME)


def _refusal(records: Records, read: list[str], asked: list[str]) -> str:
    if not read:
        return (
            f"fields names {asked[0]!r}, which the task keeps out of scores: leave it out; "
            "protected='show' adds those that the model is found to read"
        )
    path = read[0]
    if declared_field(path, records.fields).usage not in REFUSED:
        return (
            f"the model reads {path!r}, and a protected or sensitive field lies inside that column: give it a "
            "column of its own, so that what the model makes of either can be told apart"
        )
    return (
        f"the model reads {path!r}, which the task keeps out of scores: nothing but an audit may "
        "show what it makes of it (protected='show'), and no candidate may be told by such a model"
    )
