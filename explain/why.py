"""Why a candidate stands at a rank: gathered from the scorer, the record and the ranking."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from explain.baselines import Baseline, baseline_of, reference_baseline
from explain.certainty import certainty_of
from explain.explanation import Explanation
from explain.reasons import cells_of, reasons_of
from explain.strict_json import as_json
from ranker.errors import DataError
from ranker.features import FeatureSet
from ranker.ranking import Move, Ranking
from ranker.records import Records, Usage
from ranker.records.field import entity_of
from ranker.records.ledger import Fate
from ranker.scoring import AdditiveScorer
from ranker.scoring.attribution import attribute_pair

__all__ = ["explain"]

SAME_SCORE = 1e-9  # relative beyond 1; a scorer read back from JSON agrees to the last bit


def explain(
    scorer: AdditiveScorer,
    features: FeatureSet,
    records: Records,
    ranking: Ranking,
    *,
    job: Any,
    candidate: Any,
    top_k: int = 10,
    table: pd.DataFrame | None = None,
    promise: str | None = None,
    baseline: str = "population",
    reference: Any = None,
    pairs: str = "halved",
    certainty: bool = True,
    context: Sequence[str] = (),
) -> Explanation:
    """Explain one candidate's rank for one job.

    Parameters
    ----------
    scorer : AdditiveScorer
        What scored.
    features : FeatureSet
        What made its inputs.
    records : Records
        The ``n`` pairs that were ranked, in the order in which they were scored.
    ranking : Ranking
        Made from these records; may have been re-ranked.
    job, candidate : str or number
        Labels of the two.
    top_k : int, default=10
        Length of the list that the rank is compared with.
    table : DataFrame of shape (n, n_features), optional
        The features of ``records``; the candidate's row is computed where it is not given.
    promise : str, optional
        What is promised about fairness, in a sentence.
    baseline : {"population", "pool", "zero"}
        What amounts are held against: the mean over training, weighted as training was; the mean
        over the job's pool; or zero. Zero, too, and said so, where the scorer keeps no weights.
    reference : str or number, optional
        Label of another candidate of the job, who is the baseline then.
    pairs : {"halved", "unsplit"}
        Whether a term of several features is shared equally among them or stands by itself.
    certainty : bool, default=True
        Whether to tell how far the rank could move; most of the time goes into that.
    context : sequence of str
        Sentences on groups of candidates in this job, for the auditor alone.

    Returns
    -------
    Explanation
        Its amounts sum to the score without residual.

    Raises
    ------
    UnknownJobError
        If the ranking holds no such job.
    UnknownCandidateError
        If the job holds no such candidate, or no such reference.
    DataError
        If ``top_k`` is not a whole number from 1, an option is not known, or the ranking was not made from these
        records by this scorer.
    """
    pool = ranking.of(job)
    position = pool.position_of(job, candidate)
    pool.in_top(top_k)  # refuses a top_k that means nothing
    pair = _pair_of(pool, position, records, table)
    one = records.take(np.array([pair]))
    row = features.compute(one) if table is None else table.iloc[[pair]]
    score = float(scorer.score(row)[0])
    ranked = float(pool.scores[position])
    if abs(score - ranked) > SAME_SCORE * max(1.0, abs(score)):
        raise DataError(
            f"candidate {pool.candidates[position]!r} of job {pool.jobs[0]!r} was ranked by the score "
            f"{ranked!r}, but this scorer gives {score!r}: rank these records with this scorer first"
        )
    parts = attribute_pair(scorer, features, one, row, 0, pairs=pairs)
    rows = pool.row
    if table is None:
        # The job's other features are needed only where the answer rests on them.
        whole = features.compute(records.take(rows)) if certainty or baseline == "pool" else row.iloc[:0]
    else:
        whole = table.iloc[rows]
    held = _baseline(scorer, features, records, pool, table, whole, baseline, reference, pairs)
    sure, unsure = None, "it was not asked for"
    if certainty:
        sure, unsure = certainty_of(scorer, pool, position, records.take(rows), whole, top_k)
    reasons = reasons_of(scorer, features, one, row, parts, held.parts)
    rank_by_score, moves, shifts = _history(pool, position)
    return Explanation(
        job=str(pool.jobs[0]),
        candidate=str(pool.candidates[position]),
        rank=position + 1,
        rank_by_score=rank_by_score,
        pool_size=len(pool),
        top_k=int(top_k),
        tied=bool(pool.tied[position]),
        tie_rule=pool.tie_rule,
        score=parts.score,
        intercept=parts.intercept,
        terms=parts.terms,
        features=parts.features,
        fields=parts.fields,
        moves=moves,
        shifts=shifts,
        reasons=tuple(sorted(reasons, key=lambda reason: -abs(reason.relative))),
        cutoff_score=_score_at(pool, top_k - 1),
        neighbours=(_score_at(pool, position - 1), _score_at(pool, position + 1)),
        cells=cells_of(scorer, row),
        raw={path: as_json(one.raw(path, 0)) for feature in features for path in feature.sources},
        protected=_labels_of(features, Usage.PROTECTED),
        sensitive=_labels_of(features, Usage.SENSITIVE),
        promise=promise,
        baseline=held,
        pairs=pairs,
        certainty=sure,
        uncertain_because=unsure,
        cleaning=_cleaning(features, one),
        context=tuple(context),
    )


def _baseline(
    scorer: AdditiveScorer,
    features: FeatureSet,
    records: Records,
    pool: Ranking,
    table: pd.DataFrame | None,
    whole: pd.DataFrame,
    kind: str,
    reference: Any,
    pairs: str,
) -> Baseline:
    if reference is None:
        return baseline_of(kind, scorer, features, whole, pairs)
    position = pool.position_of(pool.jobs[0], reference)
    pair = _pair_of(pool, position, records, table)
    one = records.take(np.array([pair]))
    row = features.compute(one) if table is None else table.iloc[[pair]]
    return reference_baseline(
        str(pool.candidates[position]), attribute_pair(scorer, features, one, row, 0, pairs=pairs)
    )


def _cleaning(features: FeatureSet, one: Records) -> tuple[Fate, ...]:
    """Gather what became of this pair's values on the way to the features, in the order of reading."""
    paths = {path for feature in features for path in feature.sources}
    rows = {entity: str(one.tables[entity].index[at[0]]) for entity, at in one.rows.items()}
    return tuple(
        fate
        for fate in one.report().fates
        if fate.field in paths
        and fate.action in ("changed", "missing")
        and fate.row == rows[entity_of(fate.field)]
    )


def _pair_of(pool: Ranking, position: int, records: Records, table: pd.DataFrame | None) -> int:
    """Find the pair of an entry, and make sure that the records are those that were ranked."""
    pair, job, candidate = int(pool.row[position]), pool.jobs[0], pool.candidates[position]
    if pair >= len(records) or (records.job[pair], records.candidate[pair]) != (job, candidate):
        raise DataError(
            f"row {pair} of these {len(records)} records is not candidate {candidate!r} of job {job!r}: "
            "give the very records that the ranking was made from, in their order"
        )
    if table is not None and len(table) != len(records):
        raise DataError(f"the table has {len(table)} rows for {len(records)} records: give one row for each")
    return pair


def _score_at(pool: Ranking, position: int) -> float | None:
    return float(pool.scores[position]) if 0 <= position < len(pool) else None


def _labels_of(features: FeatureSet, usage: Usage) -> dict[str, str]:
    return {path: field.label for path, field in features.fields.items() if field.usage is usage}


def _history(pool: Ranking, position: int) -> tuple[int, tuple[Move, ...], tuple[Move, ...]]:
    """Follow a candidate back from its rank through the moves to its rank by score."""
    rank = position + 1
    moves, shifts = [], []
    for move in reversed(pool.moves):
        if move.candidate == pool.candidates[position]:
            moves.append(move)
            rank = move.from_rank
        elif move.from_rank <= rank < move.to_rank:
            shifts.append(move)
            rank += 1
        elif move.to_rank < rank <= move.from_rank:
            shifts.append(move)
            rank -= 1
    return rank, tuple(reversed(moves)), tuple(reversed(shifts))
