"""How firm a place is: what a few percent more or less of each number would make of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from explain.change.actions import Option
from explain.change.cheapest_change import pool_of, pool_rows
from explain.change.firmness import Nudge, Sensitivity
from explain.change.raw_values import replaced
from explain.change.space import edited, has_column
from ranker.errors import DataError, ModelError
from ranker.features import Feature, FeatureSet
from ranker.features.duration import Duration
from ranker.features.scalars import AtLeast, Number
from ranker.features.share_of import ShareOf
from ranker.features.years import Years
from ranker.ranking.checks import refuse_length
from ranker.records import Records
from ranker.records.values import Unreadable, as_number, decode
from ranker.scoring import AdditiveScorer
from ranker.scoring.uncertainty import rank_uncertainty

__all__ = ["sensitivity"]


def sensitivity(
    scorer: AdditiveScorer,
    features: FeatureSet,
    records: Records,
    *,
    job: Any,
    candidate: Any,
    change: float = 0.1,
    top_k: int = 10,
    table: pd.DataFrame | None = None,
) -> Sensitivity:
    """Raise and lower each number of a raw record and rank it anew, all others as they are.

    Parameters
    ----------
    scorer : AdditiveScorer
        What scores.
    features : FeatureSet
        What makes its inputs.
    records : Records
        The pairs that are ranked.
    job, candidate : str or number
        Labels of the two.
    change : float, default=0.1
        Share by which each number is raised and lowered, in (0, 1].
    top_k : int, default=10
        Length of the list whose membership may flip.
    table : DataFrame of shape (n, n_features), optional
        The features of ``records``.

    Returns
    -------
    Sensitivity
        Numbers are those that a feature reads: single ones, and the months or years of posts, all of
        a list together. Lengths that are worked out of dates are not changed.

    Raises
    ------
    UnknownJobError, UnknownCandidateError
        If there is no such pair.
    DataError
        If ``change`` or ``top_k`` is out of range.
    """
    if not 0 < change <= 1:
        raise DataError(f"change is {change}: give the share to raise and lower numbers by, such as 0.1")
    refuse_length(top_k)
    pairs, at = pool_rows(records, job, candidate)
    rows = features.compute(records.take(pairs)) if table is None else table.iloc[pairs]
    pool = pool_of(scorer, features, records, pairs, at, table)
    pair, now = int(pairs[at]), pool.rank()
    numbers = _numbers(features, records, pair)
    asked = [(one, factor) for one in numbers for factor in (1 - change, 1 + change)]
    options = [(Option(one.path, one.scaled(factor), ()),) for one, factor in asked]
    scores = scorer.score(features.compute(edited(records, pair, options))) if options else np.zeros(0)
    ranks = [pool.rank(float(score)) for score in scores]
    nudges = tuple(
        Nudge(
            path=one.path,
            label=records.field(one.path).label,
            unit=one.unit,
            value=one.value,
            values=(one.value * (1 - change), one.value * (1 + change)),
            ranks=(ranks[2 * n], ranks[2 * n + 1]),
            flips=any((rank <= top_k) != (now <= top_k) for rank in ranks[2 * n : 2 * n + 2]),
        )
        for n, one in enumerate(numbers)
    )
    low = high = chance = None
    try:
        drawn = rank_uncertainty(
            scorer,
            rows,
            job=np.repeat(pool.job, len(pairs)),
            candidate=pool.candidates,
            top_k=top_k,
            lot=pool.lots,
        ).iloc[at]
        low, high, chance = int(drawn["rank_low"]), int(drawn["rank_high"]), float(drawn["p_top_k"])
    except ModelError:
        pass  # no bags: nothing tells how far a rank could move
    return Sensitivity(
        job=pool.job,
        candidate=str(pool.candidates[at]),
        rank=now,
        pool_size=len(pairs),
        top_k=int(top_k),
        change=float(change),
        nudges=nudges,
        rank_interval=None if low is None or high is None else (low, high),
        p_top_k=chance,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Number:
    """A number in the record; of a list of posts, their months or years together."""

    path: str
    value: float
    unit: str
    scaled: Callable[[float], Callable[[Any], Any]]


def _numbers(features: FeatureSet, records: Records, pair: int) -> list[_Number]:
    found: dict[str, _Number] = {}
    for feature in features:
        if isinstance(feature, Number | ShareOf) or (isinstance(feature, AtLeast) and not feature.order):
            path = feature.field
            if path in found or path.startswith("job.") or not has_column(records, path):
                continue
            value = float(records.cell(path, "number", pair))
            if value and not np.isnan(value):  # a share of nothing is nothing
                steps = records.locate(path).steps
                found[path] = _Number(path, value, records.field(path).unit, _scaled_number(steps, value))
        elif (length := _length(feature)) is not None and length[0] not in found:
            path, key, unit = length
            if has_column(records, path) and not records.locate(path).steps:
                posts = records.cell(path, "items", pair) or ()
                total = float(sum(_amount(post, key) for post in posts))
                if total:
                    found[path] = _Number(path, total, unit, _scaled_amounts(key))
    return list(found.values())


def _length(feature: Feature) -> tuple[str, str, str] | None:
    """Return the list of posts that a feature sums, the key of a post's length and its unit."""
    if isinstance(feature, Duration) and feature.months is not None:
        return feature.items, feature.months, "months"
    return (feature.items, feature.years, "years") if isinstance(feature, Years) else None


def _scaled_number(steps: tuple[str, ...], value: float) -> Callable[[float], Callable[[Any], Any]]:
    return lambda factor: lambda cell: replaced(cell, steps, value * factor)


def _scaled_amounts(key: str) -> Callable[[float], Callable[[Any], Any]]:
    def scaled(factor: float) -> Callable[[Any], Any]:
        return lambda cell: [{**post, key: _amount(post, key) * factor} for post in decode(cell)]

    return scaled


def _amount(post: dict[str, Any], key: str) -> float:
    try:
        amount = as_number(post.get(key))
    except Unreadable:
        return 0.0
    return amount if amount > 0 else 0.0
