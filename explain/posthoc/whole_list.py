"""What orders a list as a whole: RankingSHAP with raw fields as players."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explain.posthoc.raw_fields import RawFields
from explain.posthoc.reading import PredictRecords, Protected, fields_to_explain, pairs_of
from explain.strict_json import as_json
from ranker.errors import DataError, did_you_mean
from ranker.features.shares import shapley_shares
from ranker.ranking import Ranking
from ranker.ranking.metrics import kendall_tau, ndcg
from ranker.records import Records

__all__ = ["SCHEMA", "ListImportance", "list_importance"]

SCHEMA = "candor-list-importance/1"
MEASURES = ("kendall_tau", "ndcg")
EXACT = 8  # players; each of 2**8 coalitions scores the whole list once for each background row
Game = Callable[[NDArray[np.bool_]], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class ListImportance:
    """How far each raw field brings a job's list about; no candidate's, so no `Explanation`.

    Its JSON has that of an explanation's keys which mean something for a list.

    Parameters
    ----------
    job : str
        Label of the job.
    pool_size : int
        Candidates of the list.
    score : float
        Agreement of the list with the scores that made it: 1, or less where some are equal.
    intercept : float
        Agreement with the list when no field tells candidates apart.
    fields : dict of str to float
        What each field adds to the agreement; sums to ``score - intercept``.
    measure : str
        What agreement is, in a phrase.
    method : str
        How the amounts were found, with the size of the sample.
    background : str
        What a field outside a coalition holds.
    seed : int
        Of what was drawn.
    """

    job: str
    pool_size: int
    score: float
    intercept: float
    fields: dict[str, float]
    measure: str
    method: str
    background: str
    seed: int

    @property
    def residual(self) -> float:
        """What the amounts leave of the agreement; 0 but for rounding."""
        return abs(self.score - self.intercept - sum(self.fields.values()))

    def to_json(self) -> dict[str, Any]:
        """Return all of it as a strict JSON object."""
        told = {name: getattr(self, name) for name in ("job", "pool_size", "score", "intercept", "fields")}
        how = {name: getattr(self, name) for name in ("measure", "method", "background", "seed")}
        document: dict[str, Any] = as_json(
            {"schema": SCHEMA, **told, "residual": self.residual, "posthoc": how}
        )
        return document


def list_importance(
    predict: PredictRecords,
    records: Records,
    *,
    job: Any,
    fields: Iterable[str] | None = None,
    measure: Literal["kendall_tau", "ndcg"] = "kendall_tau",
    top_k: int = 10,
    background: int = 10,
    n_permutations: int = 64,
    protected: Protected = "refuse",
    random_state: int = 0,
) -> ListImportance:
    """Share the order of a job's list out over the raw fields that bring it about.

    The game is played by fields. A coalition is worth the agreement of the model's list with
    the list that it makes when everyone's other fields hold one background candidate's
    values, so that they tell nobody apart; mean over background candidates. Fields get their
    Shapley values: exact up to 8 fields, over drawn permutations beyond.

    Parameters
    ----------
    predict : callable
        Takes :class:`~ranker.records.Records` of ``k`` pairs, returns (k,) scores.
    records : Records
        Of all candidates that are known; the background is drawn from them.
    job : str or number
        Whose list.
    fields : iterable of str, optional
        Paths of whole columns; all that are open to a score by default.
    measure : {"kendall_tau", "ndcg"}, default="kendall_tau"
        Agreement: tau-b, 0 where all scores are equal; or NDCG of the coalition's list,
        where the model's rank ``r`` is worth ``max(0, top_k + 1 - r)``.
    top_k : int, default=10
        Length of the list that NDCG looks at.
    background : int, default=10
        Background candidates; all where there are fewer.
    n_permutations : int, default=64
        Orders of joining that are drawn beyond 8 fields.
    protected : {"refuse", "show"}, default="refuse"
        What to do where the model is found to read a protected or sensitive field.
    random_state : int, default=0
        Seed of the background, of permutations and of the search for protected reads.

    Returns
    -------
    ListImportance

    Raises
    ------
    ProtectedFieldError
        If the model reads a protected or sensitive field and ``protected`` is "refuse".
    UnknownJobError
        If the records hold no such job.
    DataError
        If an option means nothing, or the pool has one candidate, whose list has no order.

    References
    ----------
    Heuss, de Rijke & Anand (2024), RankingSHAP: listwise feature attribution explanations for
    ranking models.
    """
    if measure not in MEASURES:
        raise DataError(f"measure {measure!r} is not known{did_you_mean(str(measure), MEASURES)}")
    if background < 1 or n_permutations < 1 or top_k < 1:
        raise DataError(
            f"background = {background}, n_permutations = {n_permutations}, top_k = {top_k}: give 1 or more"
        )
    pairs = pairs_of(records, job)
    if len(pairs) < 2:
        raise DataError(f"job {str(records.job[pairs[0]])!r} has one candidate: a list of one has no order")
    paths = fields_to_explain(
        predict, records, fields, job=job, protected=protected, random_state=random_state
    )
    raw, rng = RawFields(records, paths), np.random.default_rng(random_state)
    size = min(background, len(records))
    drawn = np.sort(rng.choice(len(records), size, replace=False))
    scores = np.asarray(predict(records.take(pairs)), dtype=np.float64)
    agreement = _agreement(scores, measure, top_k)
    own = raw.table.iloc[pairs].reset_index(drop=True)

    def worth(kept: NDArray[np.bool_]) -> float:
        # All background candidates in one call: a call costs a millisecond or two before its first row.
        pooled = [own.assign(**_held(raw, row, kept, len(pairs))) for row in drawn]
        mixed = raw.records(pd.concat(pooled, ignore_index=True), np.tile(pairs, size))
        found = np.asarray(predict(mixed), dtype=np.float64)
        return float(np.mean([agreement(part) for part in np.split(found, size)]))

    whole = agreement(scores)
    values = {np.ones(len(paths), bool).tobytes(): whole}

    def game(sets: NDArray[np.bool_]) -> NDArray[np.float64]:
        for kept in sets:
            if kept.tobytes() not in values:
                values[kept.tobytes()] = worth(kept)
        return np.array([values[kept.tobytes()] for kept in sets])

    if len(paths) <= EXACT:
        shares, said = shapley_shares(game, len(paths)), f"all {2 ** len(paths)} coalitions"
    else:
        shares, said = _drawn_shares(game, len(paths), n_permutations, rng), f"{n_permutations} permutations"
    return ListImportance(
        job=str(records.job[pairs[0]]),
        pool_size=len(pairs),
        score=whole,
        intercept=float(game(np.zeros((1, len(paths)), bool))[0]),
        fields=dict(zip(paths, shares.tolist(), strict=True)),
        measure="Kendall's tau-b with the model's list" if measure == "kendall_tau"
        else f"NDCG@{top_k} by the model's list",
        method=f"Shapley values over {len(paths)} raw fields, {said}",
        background=f"everyone has the value of one candidate, mean over {size} drawn ones",
        seed=random_state,
    )  # fmt: skip


def _held(raw: RawFields, row: int, kept: NDArray[np.bool_], n: int) -> dict[str, pd.Series]:
    """Return the columns that are not kept, each with one row's cell ``n`` times."""
    return {
        path: pd.Series([raw.table[path].iloc[row]] * n, dtype=object)
        for path, stays in zip(raw.paths, kept, strict=True)
        if not stays
    }


def _agreement(
    scores: NDArray[np.float64], measure: str, top_k: int
) -> Callable[[NDArray[np.float64]], float]:
    """Return what says how far other scores of the same candidates, (n,), make the same list."""
    job = np.zeros(len(scores), np.int64)
    full = Ranking.from_scores(scores, job=job)
    gains = np.empty(len(scores))
    gains[full.row] = np.maximum(0, top_k + 1 - full.ranks)

    def tau(other: NDArray[np.float64]) -> float:
        found = kendall_tau(full, other)
        return 0.0 if np.isnan(found) else found

    def gain(other: NDArray[np.float64]) -> float:
        return ndcg(Ranking.from_scores(other, job=job), gains, k=top_k)

    return tau if measure == "kendall_tau" else gain


def _drawn_shares(
    game: Game, n_players: int, n_permutations: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Shapley values as means over drawn orders of joining; each order sums to the whole."""
    shares = np.zeros(n_players)
    for _ in range(n_permutations):
        order = rng.permutation(n_players)
        sets = np.zeros((n_players + 1, n_players), bool)
        for step, player in enumerate(order, 1):
            sets[step:, player] = True
        shares[order] += np.diff(game(sets))
    return shares / n_permutations
