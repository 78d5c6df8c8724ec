"""One candidate's rank for one job, taken apart down to the raw record."""

from dataclasses import asdict, dataclass
from typing import Any

from explain.strict_json import as_json
from ranker.ranking import Move

__all__ = ["SCHEMA", "Cell", "Explanation", "Reason"]

SCHEMA = "candor-explanation/1"
ONE_IS_ENOUGH = ("any_of", "same_category")


@dataclass(frozen=True, slots=True)
class Reason:
    """One feature: what it was for this candidate and job, and what it brought.

    Parameters
    ----------
    name, label, kind : str
        Column name, name in words, and kind in the task file.
    words : str
        The value in words, such as "3 of 5".
    value : float, str or None
        The value itself; ``None`` where it is missing.
    amount : float
        What it adds to the score, in score units.
    evidence : dict
        What the value rests on, such as the items matched and missing; JSON.
    shares : dict of str to float
        The amount, split over field paths; sums to ``amount``.
    labels : dict of str to str
        Names in words of the paths in ``shares`` and ``sources``.
    sources : tuple of str
        Paths of the raw fields that the feature reads.
    subject : str
        The path that carries what no single entry earned.
    split_rule : str
        How the amount was split.
    unread : str
        What the record says where it could not be read, else empty.
    """

    name: str
    label: str
    kind: str
    words: str
    value: float | str | None
    amount: float
    evidence: dict[str, Any]
    shares: dict[str, float]
    labels: dict[str, str]
    sources: tuple[str, ...]
    subject: str
    split_rule: str
    unread: str = ""

    @property
    def one_is_enough(self) -> bool:
        """Whether one of several things asked for is as good as all."""
        return self.kind in ONE_IS_ENOUGH

    @property
    def matched(self) -> tuple[str, ...]:
        """What the job asks for and the candidate has, in the candidate's words."""
        return tuple(self.evidence.get("matched", ()))

    @property
    def missing(self) -> tuple[str, ...]:
        """What the job asks for and the candidate lacks, in the job's words.

        Empty where one of several is enough and is there.
        """
        if self.matched and self.one_is_enough:
            return ()
        return tuple(self.evidence.get("missing", ()))

    @property
    def entries(self) -> tuple[tuple[str, float], ...]:
        """Label and share of each single entry of the record."""
        return tuple(
            (self.labels[path], amount) for path, amount in self.shares.items() if path not in self.sources
        )


@dataclass(frozen=True, slots=True)
class Cell:
    """Where the candidate falls in one term's table.

    Parameters
    ----------
    term : str
        Name of the term.
    features : tuple of str
        The features that it reads.
    bins : tuple of int
        Position along each axis of the table.
    spans : tuple of str
        What each position stands for: "2 <= x < 5", a category, "missing" or "unknown".
    amount : float
        What stands there, in score units.
    deviation : float or None
        Standard deviation of ``amount`` over the bags, in score units.
    """

    term: str
    features: tuple[str, ...]
    bins: tuple[int, ...]
    spans: tuple[str, ...]
    amount: float
    deviation: float | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a candidate stands at a rank.

    Parameters
    ----------
    job, candidate : str
        Labels of the two.
    rank, rank_by_score : int
        Rank from 1, as it stands and as the score alone gives it.
    pool_size : int
        Candidates of the job.
    top_k : int
        The cut-off that was asked about.
    tied : bool
        Whether another candidate of the job has exactly this score.
    tie_rule : str
        What decides between equal scores.
    score, intercept : float
        In score units.
    terms, features, fields : dict of str to float
        Amounts by term name, feature name and field path; each sums to
        ``score - intercept``.
    moves : tuple of Move
        A re-ranker's moves of this candidate, in order.
    shifts : tuple of Move
        Its moves of others past this candidate, in order; each shifts it by one rank.
    reasons : tuple of Reason
        One for each feature, the largest amount first, whatever its sign.
    cutoff_score : float or None
        Score at rank ``top_k``; ``None`` where the pool is smaller.
    neighbours : tuple of (float or None, float or None)
        Scores at the rank above and the rank below; ``None`` at the ends. Like
        ``cutoff_score``, not for the candidate's eyes.
    cells : tuple of Cell
        Where the candidate falls in each term's table.
    raw : dict of str to Any
        Raw values of the source fields, as written; JSON.
    protected, sensitive : dict of str to str
        Labels, by path, of the fields declared protected and sensitive.
    promise : str or None
        What is promised about fairness, in a sentence.
    """

    job: str
    candidate: str
    rank: int
    rank_by_score: int
    pool_size: int
    top_k: int
    tied: bool
    tie_rule: str
    score: float
    intercept: float
    terms: dict[str, float]
    features: dict[str, float]
    fields: dict[str, float]
    moves: tuple[Move, ...]
    shifts: tuple[Move, ...]
    reasons: tuple[Reason, ...]
    cutoff_score: float | None
    neighbours: tuple[float | None, float | None]
    cells: tuple[Cell, ...]
    raw: dict[str, Any]
    protected: dict[str, str]
    sensitive: dict[str, str]
    promise: str | None = None

    @property
    def residual(self) -> float:
        """Largest absolute difference between the score and any of its three sums."""
        sums = [sum(part.values()) for part in (self.terms, self.features, self.fields)]
        return max(abs(self.score - self.intercept - total) for total in sums)

    @property
    def in_top(self) -> bool:
        """Whether the rank lies inside the cut-off."""
        return self.rank <= self.top_k

    @property
    def deviations(self) -> dict[str, float]:
        """Standard deviation over the bags of each term's amount, where the scorer keeps them."""
        return {cell.term: cell.deviation for cell in self.cells if cell.deviation is not None}

    @property
    def sources(self) -> tuple[str, ...]:
        """Paths of all raw fields that a feature reads."""
        return tuple(self.raw)

    def to_json(self) -> dict[str, Any]:
        """Return all of it as a strict JSON object."""
        withheld = {**self.protected, **self.sensitive}
        return as_json(
            {
                "schema": SCHEMA,
                "job": self.job,
                "candidate": self.candidate,
                "rank": self.rank,
                "rank_by_score": self.rank_by_score,
                "pool_size": self.pool_size,
                "top_k": self.top_k,
                "tied": self.tied,
                "tie_rule": self.tie_rule,
                "score": self.score,
                "intercept": self.intercept,
                "terms": self.terms,
                "features": self.features,
                "fields": self.fields,
                "residual": self.residual,
                "moves": [asdict(move) for move in self.moves],
                "shifts": [asdict(move) for move in self.shifts],
                "reasons": [asdict(reason) for reason in self.reasons],
                "cutoff_score": self.cutoff_score,
                "neighbours": {"above": self.neighbours[0], "below": self.neighbours[1]},
                "deviations": self.deviations,
                "cells": [asdict(cell) for cell in self.cells],
                "values": {reason.name: reason.value for reason in self.reasons},
                "raw": self.raw,
                "protected": {
                    "declared": self.protected,
                    "sensitive": self.sensitive,
                    "read_by_features": sorted(withheld.keys() & set(self.sources)),
                },
                "promise": self.promise,
            }
        )
