"""One candidate's rank for one job, taken apart down to the raw record.

Versions of the JSON. 2: ``baseline``, ``relative`` (amounts held against it) and ``pairs`` are new, as are
``certainty``, ``borderline``, ``cleaning`` and ``context``, and ``base``, ``split`` and ``gains`` of each
reason; everything of version 1 stands where it stood and means what it meant.
"""

from dataclasses import asdict, dataclass
from typing import Any

from explain.baselines import Baseline
from explain.certainty import Certainty
from explain.reason import Cell, Reason
from explain.strict_json import as_json
from ranker.ranking import Move
from ranker.records.ledger import Fate

__all__ = ["SCHEMA", "Cell", "Explanation", "Reason"]

SCHEMA = "candor-explanation/2"


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
    baseline : Baseline or None
        What amounts are held against; zero where it is ``None``.
    pairs : {"halved", "unsplit"}
        Whether a term of several features is shared equally among them or stands by itself.
    certainty : Certainty or None
        How far score and rank could move; not for the candidate's eyes, since it depends on
        how close others are.
    uncertain_because : str
        Why there is none, where there is none.
    cleaning : tuple of Fate
        What became of the candidate's and the job's values that were changed or could not be read.
    context : tuple of str
        Sentences on groups of candidates in this job; for the auditor alone.
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
    baseline: Baseline | None = None
    pairs: str = "halved"
    certainty: Certainty | None = None
    uncertain_because: str = ""
    cleaning: tuple[Fate, ...] = ()
    context: tuple[str, ...] = ()

    @property
    def residual(self) -> float:
        """Largest absolute difference between the score and any of its sums, from zero or the baseline."""
        levels = ("terms", "features", "fields")
        plain = [abs(self.score - self.intercept - sum(getattr(self, level).values())) for level in levels]
        held = [abs(self.score - self.base_score - sum(self.relative(level).values())) for level in levels]
        return max(*plain, *held)

    @property
    def borderline(self) -> bool | None:
        """Whether the rank by score could as well lie on the other side of the cut-off; ``None`` if unknown."""
        return None if self.certainty is None else self.certainty.borderline

    @property
    def base_score(self) -> float:
        """The baseline's score, in score units."""
        return self.intercept if self.baseline is None else self.baseline.parts.score

    def relative(self, level: str) -> dict[str, float]:
        """Amounts held against the baseline; they sum to ``score - base_score``.

        Parameters
        ----------
        level : {"terms", "features", "fields"}
        """
        own: dict[str, float] = getattr(self, level)
        base: dict[str, float] = {} if self.baseline is None else getattr(self.baseline.parts, level)
        return {name: own.get(name, 0.0) - base.get(name, 0.0) for name in {**own, **base}}

    @property
    def in_top(self) -> bool:
        """Whether the rank lies inside the cut-off."""
        return self.rank <= self.top_k

    @property
    def deviations(self) -> dict[str, float]:
        """Standard deviation over the bags of each term's amount, where the scorer keeps them."""
        return {cell.term: cell.deviation for cell in self.cells if cell.deviation is not None}

    def label_of(self, path: str) -> str:
        """Name in words of a raw field that a feature reads; its path where no reason names it."""
        return next((reason.labels[path] for reason in self.reasons if path in reason.labels), path)

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
                "baseline": None if self.baseline is None else self.baseline.to_json(),
                "relative": {level: self.relative(level) for level in ("terms", "features", "fields")},
                "pairs": self.pairs,
                "certainty": None if self.certainty is None else asdict(self.certainty),
                "uncertain_because": self.uncertain_because,
                "borderline": self.borderline,
                "cleaning": [asdict(fate) for fate in self.cleaning],
                "context": list(self.context),
            }
        )
