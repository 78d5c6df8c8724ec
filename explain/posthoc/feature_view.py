"""One preprocessed feature alone: which raw fields made its value (HUDD to FEDD)."""

from typing import Any

import numpy as np

from explain.posthoc.explainer import Attributions
from explain.posthoc.explanation import PostHocExplanation, Standing
from explain.posthoc.reading import pairs_of
from explain.posthoc.reasons import reason_of
from ranker.errors import DataError, did_you_mean
from ranker.features import FeatureSet
from ranker.records import Records

__all__ = ["explain_feature"]


def explain_feature(
    features: FeatureSet, records: Records, *, name: str, job: Any, candidate: Any, top_k: int = 10
) -> PostHocExplanation:
    """Take one feature's value apart into raw fields, whatever model reads it.

    The score is the feature's value, in its own unit, and the rank is the place that it alone
    would give. Exact: each feature knows how its value came about.

    Parameters
    ----------
    features : FeatureSet
        The task's features.
    records : Records
        Of the job's pool at least.
    name : str
        The feature; its value must be a number.
    job, candidate : str or number
        Labels of the two.
    top_k : int, default=10
        Length of the list that the rank is compared with.

    Returns
    -------
    PostHocExplanation
        Without residual; ``fields`` sums to the value.

    Raises
    ------
    DataError
        If there is no such feature, it is a text, or the candidate's value is not given.
    UnknownJobError, UnknownCandidateError
        If the records hold no such job, or the job no such candidate.
    """
    if name not in features.names:
        raise DataError(f"there is no feature {name!r}{did_you_mean(name, features.names)}")
    feature = next(feature for feature in features if feature.name == name)
    if feature.column != "continuous":
        raise DataError(f"feature {name!r} is a text: it is its field, and has no amount to take apart")
    pool = records.take(pairs_of(records, job))
    table = features.compute(pool)[[name]]
    values = table[name].to_numpy()
    standing = Standing.by(np.where(np.isnan(values), -np.inf, values), pool, candidate)
    value = float(values[standing.pair])
    if np.isnan(value):
        raise DataError(f"feature {name!r} is not given for candidate {candidate!r} of job {job!r}")
    one = pool.take(np.array([standing.pair]))
    shares = feature.attribute(one, 0, lambda given: np.asarray(given, dtype=np.float64))
    row = table.iloc[[standing.pair]]
    return standing.explanation(
        Attributions(
            scores=np.array([value]),
            base=np.zeros(1),
            amounts=np.array([[value]]),
            method=f"the feature's own split: {feature.split_rule}",
            background="a value of 0",
        ),
        features={name: value},
        fields=shares,
        reasons=[reason_of(feature, one, row, value, shares, "")],
        top_k=top_k,
    )
