"""Why a candidate stands at a rank: gathered from the scorer, the record and the ranking."""

from typing import Any

import numpy as np
import pandas as pd

from explain.explanation import Cell, Explanation, Reason
from explain.strict_json import as_json
from explain.words import duration
from ranker.errors import DataError
from ranker.features import KINDS, Feature, FeatureSet
from ranker.ranking import Move, Ranking
from ranker.ranking.ties import order_by_score
from ranker.records import Records, Usage
from ranker.records.values import MISSING_TEXTS
from ranker.scoring import AdditiveScorer
from ranker.scoring.additive import Axis
from ranker.scoring.attribution import attribute_pair

__all__ = ["explain"]

SAME_SCORE = 1e-9  # relative beyond 1; a scorer read back from JSON agrees to the last bit
KIND_OF = {cls: kind for kind, cls in KINDS.items()}


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

    Returns
    -------
    Explanation
        Its amounts sum to the score without residual.

    Raises
    ------
    UnknownJobError
        If the ranking holds no such job.
    UnknownCandidateError
        If the job holds no such candidate.
    DataError
        If ``top_k`` is not a whole number from 1, or the ranking was not made from these
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
    parts = attribute_pair(scorer, features, one, row, 0)
    reasons = [_reason(feature, one, row, parts.features, parts.shares[feature.name]) for feature in features]
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
        reasons=tuple(sorted(reasons, key=lambda reason: -abs(reason.amount))),
        cutoff_score=_score_at(pool, top_k - 1),
        neighbours=(_score_at(pool, position - 1), _score_at(pool, position + 1)),
        cells=_cells(scorer, row),
        raw={path: as_json(one.raw(path, 0)) for feature in features for path in feature.sources},
        protected=_labels_of(features, Usage.PROTECTED),
        sensitive=_labels_of(features, Usage.SENSITIVE),
        promise=promise,
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
    """Follow a candidate from its rank by score through the moves to its rank."""
    start = order_by_score(pool.scores, pool.indptr, pool.jobs, pool.candidates)
    rank = first = int(np.flatnonzero(start == position)[0]) + 1
    moves, shifts = [], []
    for move in pool.moves:
        if move.candidate == pool.candidates[position]:
            moves.append(move)
            rank = move.to_rank
        elif move.from_rank < rank <= move.to_rank:
            shifts.append(move)
            rank -= 1
        elif move.to_rank <= rank < move.from_rank:
            shifts.append(move)
            rank += 1
    return first, tuple(moves), tuple(shifts)


def _reason(
    feature: Feature, one: Records, row: pd.DataFrame, amounts: dict[str, float], shares: dict[str, float]
) -> Reason:
    words, evidence = feature.describe(one, 0), as_json(feature.evidence(one, 0))
    return Reason(
        name=feature.name,
        label=feature.label,
        kind=KIND_OF.get(type(feature), type(feature).__name__),
        words=words,
        value=as_json(row[feature.name].iloc[0]),
        amount=amounts[feature.name],
        evidence=evidence,
        shares=shares,
        labels=_path_labels(feature, one, shares, evidence),
        sources=feature.sources,
        subject=feature.subject,
        split_rule=feature.split_rule,
        unread=_unread(feature, one) if words.startswith("not given") else "",
    )


def _path_labels(
    feature: Feature, one: Records, shares: dict[str, float], evidence: dict[str, Any]
) -> dict[str, str]:
    """Name the paths in words: a field by its label, an entry of a list by what it says."""
    labels = {path: one.field(path).label for path in feature.sources}
    entries = [path for path in shares if path not in labels]
    for path in entries:
        parent = next((p for p in feature.sources if path.startswith(p + "[") and path.endswith("]")), None)
        if parent is None:
            labels[path] = one.field(path).label
            continue
        entry = path[len(parent) + 1 : -1]
        # A nameless item, such as an object in a list, is called by its number.
        labels[path] = f"{labels[parent]} {entry}" if entry.isdigit() else entry
    items = evidence.get("items", ())
    if len(items) == len(entries):
        for path, item in zip(entries, items, strict=True):
            if item.get("months") is not None:
                labels[path] += f" ({duration(item['months'])})"
    return labels


def _unread(feature: Feature, one: Records) -> str:
    """Return what the record says where it says something that could not be read."""
    written = one.raw(feature.subject, 0)
    if not isinstance(written, str):
        return ""
    text = written.strip()
    absent = text.lower() in MISSING_TEXTS or text in one.field(feature.subject).missing
    return "" if absent else text


def _cells(scorer: AdditiveScorer, row: pd.DataFrame) -> tuple[Cell, ...]:
    cells = []
    for name, term, binned in zip(scorer.term_names, scorer.terms, scorer.bin(row), strict=True):
        bins = tuple(int(found[0]) for found in binned)
        axes = [scorer.axes[f] for f in term.features]
        cells.append(
            Cell(
                term=name,
                features=tuple(axis.name for axis in axes),
                bins=bins,
                spans=tuple(_span(axis, len(axes), found) for axis, found in zip(axes, bins, strict=True)),
                amount=float(term.scores[bins]),
                deviation=None if term.deviations is None else float(term.deviations[bins]),
            )
        )
    return tuple(cells)


def _span(axis: Axis, n_features: int, position: int) -> str:
    """Say what a bin stands for."""
    level = axis.level(n_features)
    bins = axis.levels[level]
    if position == 0:
        return "missing"
    if position == axis.n_bins(level) - 1:
        return "unknown"
    if isinstance(bins, dict):
        return " or ".join(category for category, found in bins.items() if found == position)
    low = f"{bins[position - 2]:g} <= " if position > 1 else ""
    high = f" < {bins[position - 1]:g}" if position <= len(bins) else ""
    return f"{low}x{high}" if low or high else "any number"
