"""What mattered: how far each part of the score sets the candidates of one job apart.

A job's level raises or lowers everybody alike and moves no rank, so amounts count by their
distance from the mean of the job's pool. A score is a sum, so that its distance from the
mean is the sum of its parts' distances, for every candidate and at every step: terms,
features, raw fields, single entries of a record.

The variance of the scores within jobs falls into covariances of each part with the score,
which add up to it (Li et al. 2010, the total contribution of an input): the shares sum to 1
with nothing left over, however much the parts have in common. A share is negative where a
part runs against the score: what it takes back, others have given.

References
----------
Li et al. (2010), Global Sensitivity Analysis for Systems with Independent and/or Correlated
Inputs, Journal of Physical Chemistry A 114(19).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from explain.deviations import LEVELS, Deviations, Level
from explain.strict_json import as_json
from ranker.errors import DataError, UnknownJobError, did_you_mean
from ranker.features import FeatureSet
from ranker.ranking.labels import label_of
from ranker.records import Records
from ranker.records.field import declared_field
from ranker.scoring.additive import AdditiveScorer

__all__ = ["SCHEMA", "Importance", "PartImportance", "importance_of"]

SCHEMA = "candor-importance/1"


@dataclass(frozen=True, slots=True)
class PartImportance:
    """How much one part mattered.

    Parameters
    ----------
    name, label : str
        Of the term, feature, field or entry; the label in words.
    size : float
        Mean absolute distance of its amount from the mean, in score units.
    share : float
        Of the variance of the scores; over all parts of a level shares sum to 1. NaN where
        scores do not differ.
    """

    name: str
    label: str
    size: float
    share: float


@dataclass(frozen=True, slots=True)
class Importance:
    """What told the candidates of one job, or of each of several, apart.

    Parameters
    ----------
    job : str or None
        The only one that was measured, else ``None``.
    n_jobs, n_pairs : int
        What was measured.
    around : str
        ``job`` where amounts count by their distance from the mean of the job's pool, else ``all``.
    variance : float
        Of the scores about that mean, in squared score units.
    terms, features, fields, items : tuple of PartImportance
        The largest share of the variance first; ``items`` is empty unless a single job was measured.
    """

    job: str | None
    n_jobs: int
    n_pairs: int
    around: str
    variance: float
    terms: tuple[PartImportance, ...]
    features: tuple[PartImportance, ...]
    fields: tuple[PartImportance, ...]
    items: tuple[PartImportance, ...]

    def to_json(self) -> dict[str, Any]:
        """Return all of it as a strict JSON object."""

        def listed(parts: tuple[PartImportance, ...]) -> list[dict[str, Any]]:
            return [{"name": p.name, "label": p.label, "size": p.size, "share": p.share} for p in parts]

        return as_json(
            {
                "schema": SCHEMA,
                "job": self.job,
                "jobs": self.n_jobs,
                "pairs": self.n_pairs,
                "around": self.around,
                "variance": self.variance,
                **{level: listed(getattr(self, level)) for level in LEVELS},
            }
        )


def importance_of(
    scorer: AdditiveScorer,
    features: FeatureSet,
    records: Records,
    table: pd.DataFrame | None = None,
    *,
    job: Any = None,
    around: Literal["job", "all"] = "job",
    weight: ArrayLike | None = None,
) -> Importance:
    """Measure what told candidates apart, in terms, features and raw fields.

    Parameters
    ----------
    scorer : AdditiveScorer
        What scored.
    features : FeatureSet
        What made its inputs.
    records : Records
        The ``n`` pairs.
    table : DataFrame of shape (n, n_features), optional
        Their features, as :meth:`FeatureSet.compute` gives them; computed where not given.
    job : str or number, optional
        The only job to look at ("what mattered for this position"); then also by single
        entries of the records. All jobs by default.
    around : {"job", "all"}
        Whether amounts count by their distance from the mean of the job's pool, which is
        what ranks are made of, or from the mean over all pairs.
    weight : (n,) array_like, optional
        How much each pair counts, not negative; all alike by default, so that a job counts
        by the size of its pool.

    Returns
    -------
    Importance

    Raises
    ------
    UnknownJobError
        If no pair has this job.
    DataError
        If there are no pairs, lengths do not fit, or a weight is negative, or none is positive.
    """
    if table is not None and len(table) != len(records):
        raise DataError(f"the table has {len(table)} rows for {len(records)} records: give one row for each")
    if not len(records):
        raise DataError("there are no pairs to measure: see what was set aside, or give other files")
    label = None if job is None else label_of(job)
    if label is not None:
        rows = np.flatnonzero(records.job == label)
        if not rows.size:
            raise UnknownJobError(
                f"no pair has a job {label!r}{did_you_mean(label, map(str, set(records.job)))}"
            )
        table = None if table is None else table.iloc[rows]
        weight = None if weight is None else np.asarray(weight)[rows]
        records = records.take(rows)
    found = Deviations.of(
        scorer, features, records, table, around=around, weight=weight, items=label is not None
    )
    labels = _labels(found, features)
    variance = float(found.weight @ found.scores**2)
    parts = {level: _measured(found, level, labels, variance) for level in found.amounts}
    return Importance(
        job=label,
        n_jobs=len(set(records.job)),
        n_pairs=len(records),
        around=around,
        variance=variance,
        terms=parts["terms"],
        features=parts["features"],
        fields=parts["fields"],
        items=parts.get("items", ()),
    )


def _measured(
    found: Deviations, level: Level, labels: Mapping[str, str], variance: float
) -> tuple[PartImportance, ...]:
    amounts = found.amounts[level]
    sizes = found.weight @ np.abs(amounts)
    # Where all scores are alike up to rounding nothing tells them apart, and noise has no shares.
    alike = np.abs(found.scores).max(initial=0.0) <= 1e-12
    shares = np.full(len(sizes), np.nan) if alike else (found.weight * found.scores) @ amounts / variance
    parts = [
        PartImportance(name, labels.get(name, name), size, share)
        for name, size, share in zip(found.names[level], sizes.tolist(), shares.tolist(), strict=True)
    ]
    return tuple(sorted(parts, key=lambda part: (-np.nan_to_num(part.share), -part.size, part.name)))


def _labels(found: Deviations, features: FeatureSet) -> dict[str, str]:
    words = {feature.name: feature.label for feature in features}
    out = {
        name: " × ".join(words.get(one, one) for one in name.split(" & "))
        for name in (*found.names["terms"], *found.names["features"])
    }
    for path in found.names["fields"]:
        out[path] = declared_field(path, features.fields).label
    for path in found.names.get("items", ()):
        if path in out:
            continue
        field = max((f for f in found.names["fields"] if path.startswith(f)), key=len, default=path)
        out[path] = f"{out.get(field, field)}: {path[len(field) :].strip('[]')}" if path != field else path
    return out
