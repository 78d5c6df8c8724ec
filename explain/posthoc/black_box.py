"""Any model that scores raw records, explained from outside."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from explain.explanation import Reason
from explain.posthoc.entries import Entries
from explain.posthoc.explainer import Attributions, MakeExplainer
from explain.posthoc.explanation import PostHocExplanation, Standing
from explain.posthoc.kernel_shap import KernelShap
from explain.posthoc.raw_fields import RawFields
from explain.posthoc.reading import PredictRecords, Protected, fields_to_explain, pairs_of
from explain.strict_json import as_json
from explain.words import clean, counted, shortened
from ranker.errors import DataError, did_you_mean
from ranker.features.feature import amount_text
from ranker.records import Records
from ranker.records.values import is_missing

__all__ = ["explain_black_box"]

BACKGROUND = 92  # rows: the smallest pool of the FINDHR data, which its own KernelSHAP takes whole
PARTS = ("fields", "entries")


def explain_black_box(
    predict: PredictRecords,
    records: Records,
    *,
    job: Any,
    candidate: Any,
    explainer: MakeExplainer = KernelShap,
    parts: Literal["fields", "entries"] = "fields",
    fields: Iterable[str] | None = None,
    background: int = BACKGROUND,
    protected: Protected = "refuse",
    top_k: int = 10,
    random_state: int = 0,
) -> PostHocExplanation:
    """Explain one candidate's rank by a model of which nothing is known but its scores.

    Raw cells of the candidate's record are replaced by those of others, and every such record
    goes through the model as a whole: reading, cleaning, features, score. The job's fields
    are held constant.

    Parameters
    ----------
    predict : callable
        Takes :class:`~ranker.records.Records` of ``k`` pairs, returns (k,) scores, higher is
        better: for one of this project's tasks ``lambda records: model(features.compute(records))``.
    records : Records
        Of all candidates that are known; the background is drawn from them.
    job, candidate : str or number
        Labels of the two.
    explainer : callable, default=KernelShap
        Makes the method, from a model of tables and a background table: ``KernelShap``,
        ``LocalRidge``, ``functools.partial(KernelShap, n_samples=500)``, or one of your own.
    parts : {"fields", "entries"}, default="fields"
        What is replaced: whole fields by those of the background, or, in lists, single
        entries, which are left out of their list.
    fields : iterable of str, optional
        Paths of whole columns, of candidates and applications; all that are open to a score
        by default.
    background : int, default=92
        Rows of the background; all where there are fewer.
    protected : {"refuse", "show"}, default="refuse"
        What to do where the model is found to read a protected or sensitive field. "show"
        is for audits: such an explanation is not for the candidate.
    top_k : int, default=10
        Length of the list that the rank is compared with.
    random_state : int, default=0
        Seed of the background, of the method's draws and of the search for protected reads.

    Returns
    -------
    PostHocExplanation
        Its residual is what the method leaves unexplained.

    Raises
    ------
    ProtectedFieldError
        If the model reads a protected or sensitive field and ``protected`` is "refuse".
    UnknownJobError, UnknownCandidateError
        If the records hold no such job, or the job no such candidate.
    DataError
        If an option means nothing, or the package shap is asked for and missing.
    """
    if parts not in PARTS:
        raise DataError(f"parts = {parts!r}{did_you_mean(str(parts), PARTS)}")
    if background < 1:
        raise DataError(f"background = {background}: at least one row is needed")
    pairs = pairs_of(records, job)
    pool = records.take(pairs)
    standing = Standing.by(predict(pool), pool, candidate)
    pair = int(pairs[standing.pair])
    paths = fields_to_explain(
        predict, records, fields, job=job, protected=protected, random_state=random_state
    )
    raw = RawFields(records, paths)
    size = min(background, len(records))
    drawn = np.sort(np.random.default_rng(random_state).choice(len(records), size, replace=False))
    entries = Entries.of(raw, pair) if parts == "entries" else None
    own = raw.table.iloc[[pair]] if entries is None else entries.own()
    others = raw.table.iloc[drawn] if entries is None else entries.without(drawn)

    def scores_of(table: pd.DataFrame) -> np.ndarray:
        cells = table if entries is None else entries.cells(table)
        return np.asarray(predict(raw.records(cells, pair)), dtype=np.float64)

    found = explainer(scores_of, others, random_state=random_state).explain(own)
    told = f"{size} of the {counted(len(records), 'application')} given, drawn with seed {random_state}"
    if entries is not None:
        only_lists = len(entries.names) == len(paths)
        told = "the record with its lists emptied" + ("" if only_lists else f", other fields of {told}")
    found = replace(found, background=f"{found.background}: {told}; the job held constant")
    shares = dict(zip(own.columns, found.amounts[0].tolist(), strict=True))
    reasons = [_reason(raw, path, pair, shares, entries, found) for path in paths]
    return standing.explanation(
        found,
        features={reason.name: reason.amount for reason in reasons},
        fields={name: share for reason in reasons for name, share in reason.shares.items()},
        reasons=reasons,
        top_k=top_k,
    )


def _reason(
    raw: RawFields,
    path: str,
    pair: int,
    shares: dict[str, float],
    entries: Entries | None,
    found: Attributions,
) -> Reason:
    field = raw.source.field(path)
    names = [path] if entries is None else entries.names.get(path, [path])
    mine = {name: shares[name] for name in names} or {path: 0.0}  # an empty list has no entry to leave out
    cell = as_json(raw.source.raw(path, pair))
    labels = {name: name[len(path) + 1 : -1] for name in names if name != path}
    labels = {name: f"{field.label} {text}" if text.isdigit() else text for name, text in labels.items()}
    return Reason(
        name=path,
        label=field.label,
        kind="raw field",
        words=_words(raw, path, pair, field.unit),
        value=None if is_missing(cell) else cell if isinstance(cell, (int, float)) else str(cell),
        amount=float(sum(mine.values())),
        evidence={},
        shares=mine,
        labels={path: field.label, **labels},
        sources=(path,),
        subject=path,
        split_rule=found.method,
    )


def _words(raw: RawFields, path: str, pair: int, unit: str) -> str:
    entries = Entries.of(RawFields(raw.source, (path,)), pair)
    if path in entries.lists:
        return counted(len(entries.lists[path]), "entry", "entries")
    cell = raw.source.raw(path, pair)
    if is_missing(cell):
        return "not given"
    if isinstance(cell, (int, float)):
        return amount_text(float(cell), unit)
    return clean(f"{shortened(str(cell))} {unit}".strip())
