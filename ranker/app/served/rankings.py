"""The answer on a pool: everybody's rank and score, how sure they are, and what they are the sum of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ranker.errors import ModelError
from ranker.features import FeatureSet
from ranker.ranking import Ranking
from ranker.records import Records
from ranker.scoring import AdditiveScorer
from ranker.scoring.score_parts import ScoreParts
from ranker.scoring.uncertainty import HELD_OUT, LEVEL, N_DRAWS, rank_uncertainty

__all__ = ["NOT_ASKED", "Scored", "amounts_by_row", "ranking_answer"]

NOT_ASKED = "they were not asked for"


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """The pairs of one job, scored and ranked.

    Parameters
    ----------
    scorer : AdditiveScorer
        What scored.
    features : FeatureSet
        What made its inputs.
    records : Records
        The ``n`` pairs.
    table : DataFrame of shape (n, n_features)
        Their features.
    ranking : Ranking
        Of the one job.
    """

    scorer: AdditiveScorer
    features: FeatureSet
    records: Records
    table: pd.DataFrame
    ranking: Ranking

    @classmethod
    def of(cls, scorer: AdditiveScorer, features: FeatureSet, records: Records) -> "Scored":
        """Compute, score, rank."""
        table = features.compute(records)
        ranking = Ranking.from_scores(
            scorer.score(table), job=records.job, candidate=records.candidate, lot=records.lots()
        )
        return cls(scorer, features, records, table, ranking)


def ranking_answer(
    scored: Scored,
    *,
    top_k: int | None,
    intervals: bool | None,
    explanations: bool,
    shares: Sequence[Mapping[str, float]] | None = None,
) -> dict[str, Any]:
    """Lay a ranking out.

    Parameters
    ----------
    scored : Scored
        The pairs.
    top_k : int or None
        Give only the first k, and the chance of each to be among them.
    intervals : bool or None
        Whether to tell how far ranks could move; ``None`` for where there is a cut-off, `top_k`, which
        makes some borderline.
    explanations : bool
        Whether to tell what each score is the sum of.
    shares : sequence of mapping, n long, optional
        Amounts by raw field of each pair, where they are to be told otherwise than the features split them.

    Returns
    -------
    dict
        JSON, as :class:`ranker.app.served.answers.RankAnswer` describes it, less what is about the request.
    """
    ranking = scored.ranking
    shown = slice(0, len(ranking) if top_k is None else min(top_k, len(ranking)))
    wanted = top_k is not None if intervals is None else intervals
    sure, missing = _intervals(scored, top_k) if wanted else (None, NOT_ASKED)
    columns: dict[str, Sequence[Any]] = {
        "rank": ranking.ranks[shown].tolist(),
        "candidate": ranking.candidates[shown].tolist(),
        "score": ranking.scores[shown].tolist(),
        "tied": ranking.tied[shown].tolist(),
    }
    rows = ranking.row[shown]
    if sure is not None:
        columns |= {name: values[rows].tolist() for name, values in sure.items()}
    if explanations:
        columns["explanation"] = _explanations(scored, rows, shares)
    names = list(columns)
    return {
        "pool_size": len(ranking),
        "ranking": [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)],
        "tie_rule": ranking.tie_rule,
        "intervals": {"level": LEVEL, "draws": N_DRAWS, "held_out": HELD_OUT, "missing": missing},
    }


def _intervals(scored: Scored, top_k: int | None) -> tuple[dict[str, NDArray[Any]] | None, str | None]:
    """Return the columns of intervals, by row, or why there are none."""
    records = scored.records
    try:
        found = rank_uncertainty(
            scored.scorer, scored.table, job=records.job, candidate=records.candidate, lot=records.lots(),
            top_k=top_k,
        )  # fmt: skip
    except ModelError as error:
        return None, str(error)
    columns = {name: found[name].to_numpy() for name in ("score_deviation", "rank_low", "rank_high")}
    if top_k is not None:
        columns["p_top_k"] = found["p_top_k"].to_numpy()
        columns["borderline"] = (columns["rank_low"] <= top_k) & (top_k < columns["rank_high"])
    return columns, None


def _explanations(
    scored: Scored, rows: NDArray[np.int64], shares: Sequence[Mapping[str, float]] | None
) -> list[dict[str, Any]]:
    """Tell of some rows what their scores are the sum of: three sums, each of which with the intercept is the score."""
    some = scored.records.take(rows)
    parts = ScoreParts.down_to_fields(
        scored.scorer, scored.features, some, scored.table.iloc[rows].reset_index(drop=True)
    )
    fields = amounts_by_row(parts) if shares is None else [shares[row] for row in rows]
    intercept = float(scored.scorer.intercept)
    return [
        {
            "intercept": intercept,
            "terms": dict(zip(parts.term_names, terms, strict=True)),
            "features": dict(zip(parts.feature_names, features, strict=True)),
            "fields": dict(own),
        }
        for terms, features, own in zip(parts.terms.tolist(), parts.features.tolist(), fields, strict=True)
    ]


def amounts_by_row(parts: ScoreParts) -> list[dict[str, float]]:
    """Amounts of each row by raw part, in the order in which the features were split."""
    matrix = parts.amounts
    if matrix is None:
        return [{} for _ in parts.scores]
    names = parts.items
    ends, columns, amounts = matrix.indptr.tolist(), matrix.indices.tolist(), matrix.data.tolist()
    return [{names[columns[k]]: amounts[k] for k in range(start, end)} for start, end in pairwise(ends)]
