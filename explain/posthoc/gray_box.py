"""A model of this project's features, explained over them and pulled back to raw fields."""

from typing import Any

import numpy as np

from explain.posthoc.explainer import Explainer
from explain.posthoc.explanation import PostHocExplanation, Standing
from explain.posthoc.pullback import RULE, pull_back
from explain.posthoc.reading import pairs_of
from explain.posthoc.reasons import reason_of
from ranker.errors import DataError
from ranker.features import FeatureSet
from ranker.records import Records

__all__ = ["explain_gray_box"]

SAME_SCORE = 1e-6  # relative beyond 1: some packages score in float32


def explain_gray_box(
    explainer: Explainer,
    features: FeatureSet,
    records: Records,
    *,
    job: Any,
    candidate: Any,
    top_k: int = 10,
) -> PostHocExplanation:
    """Explain one candidate's rank by a model that reads features made here.

    The explainer splits the score over features; each feature splits its amount over raw
    parts by its own rule, for which the amount counts as earned evenly between a value of 0
    and the candidate's (:func:`~explain.posthoc.pullback.pull_back`). Raw fields therefore
    sum to what the features do, and the explainer's own residual is the only one.

    Parameters
    ----------
    explainer : Explainer
        Of a model whose columns are ``features.names``: ``TreeShap(model)``,
        ``KernelShap(predict, background)``, or one of your own.
    features : FeatureSet
        What makes its inputs; it can hold no protected field.
    records : Records
        Of the job's pool at least.
    job, candidate : str or number
        Labels of the two.
    top_k : int, default=10
        Length of the list that the rank is compared with.

    Returns
    -------
    PostHocExplanation

    Raises
    ------
    UnknownJobError, UnknownCandidateError
        If the records hold no such job, or the job no such candidate.
    DataError
        If the explainer's amounts are not one for each feature, or explain another score
        than it predicts.
    """
    pool = records.take(pairs_of(records, job))
    table = features.compute(pool)
    standing = Standing.by(explainer.predict(table), pool, candidate)
    row = table.iloc[[standing.pair]].reset_index(drop=True)
    found = explainer.explain(row)
    if found.amounts.shape != (1, len(features)):
        raise DataError(
            f"the explainer gave amounts of shape {found.amounts.shape} for 1 row of {len(features)} features"
        )
    place = int(np.flatnonzero(standing.ranking.row == standing.pair)[0])
    ranked, explained = float(standing.ranking.scores[place]), float(found.scores[0])
    if abs(ranked - explained) > SAME_SCORE * max(1.0, abs(ranked)):
        raise DataError(
            f"the explainer predicts {ranked!r} and explains {explained!r}: "
            "both must be the same model's score, in the same unit"
        )
    amounts = dict(zip(features.names, found.amounts[0].tolist(), strict=True))
    one = pool.take(np.array([standing.pair]))
    fields: dict[str, float] = {}
    reasons = []
    for feature in features:
        shares = pull_back(feature, one, 0, amounts[feature.name])
        for path, share in shares.items():
            fields[path] = fields.get(path, 0.0) + share
        reasons.append(reason_of(feature, one, row, amounts[feature.name], shares, RULE))
    return standing.explanation(found, features=amounts, fields=fields, reasons=reasons, top_k=top_k)
