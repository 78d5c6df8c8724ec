"""One candidate against another: a subtraction, and the moves where they decided the order."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from explain.explanation import Explanation
from explain.reason import Reason
from explain.strict_json import as_json
from ranker.errors import DataError
from ranker.ranking import Ranking

__all__ = ["CONTRAST_SCHEMA", "Contrast", "contrast", "rival_at_cutoff"]

CONTRAST_SCHEMA = "candor-contrast/1"
LEVELS = ("terms", "features", "fields")


@dataclass(frozen=True, slots=True)
class Contrast:
    """Why one candidate of a job stands where it stands, and another elsewhere.

    Parameters
    ----------
    one, other : Explanation
        Of the two, for the same job by the same scorer.
    """

    one: Explanation
    other: Explanation

    @property
    def difference(self) -> float:
        """Score of the one less that of the other, in score units."""
        return self.one.score - self.other.score

    def amounts(self, level: str) -> dict[str, float]:
        """Differences that sum to :attr:`difference`, the largest first, whatever its sign.

        Parameters
        ----------
        level : {"terms", "features", "fields"}
        """
        one: dict[str, float] = getattr(self.one, level)
        other: dict[str, float] = getattr(self.other, level)
        found = {name: one.get(name, 0.0) - other.get(name, 0.0) for name in {**one, **other}}
        return dict(sorted(found.items(), key=lambda item: -abs(item[1])))

    @property
    def residual(self) -> float:
        """Largest absolute difference between :attr:`difference` and any of its three sums."""
        return max(abs(self.difference - sum(self.amounts(level).values())) for level in LEVELS)

    @property
    def is_ahead(self) -> bool:
        """Whether the one stands above the other."""
        return self.one.rank < self.other.rank

    @property
    def decided_by(self) -> Literal["score", "lot", "moves"]:
        """What put the two in their order.

        Moves, where the order is not that of the scores and lots. Only a move of one of the two can
        do that: a third who moves past both shifts them alike.
        """
        if self.is_ahead != (self.one.rank_by_score < self.other.rank_by_score):
            return "moves"
        return "lot" if self.difference == 0 else "score"

    @property
    def reasons(self) -> tuple[tuple[Reason, Reason], ...]:
        """Both sides of each feature, the largest difference first."""
        others = {reason.name: reason for reason in self.other.reasons}
        both = [(reason, others[reason.name]) for reason in self.one.reasons]
        return tuple(sorted(both, key=lambda pair: -abs(pair[0].amount - pair[1].amount)))

    def to_json(self) -> dict[str, Any]:
        """Return all of it as a strict JSON object; names another person, so not for the candidate."""
        return as_json(
            {
                "schema": CONTRAST_SCHEMA,
                "job": self.one.job,
                "candidate": self.one.candidate,
                "against": self.other.candidate,
                "top_k": self.one.top_k,
                "pool_size": self.one.pool_size,
                "ranks": [self.one.rank, self.other.rank],
                "ranks_by_score": [self.one.rank_by_score, self.other.rank_by_score],
                "scores": [self.one.score, self.other.score],
                "difference": self.difference,
                **{level: self.amounts(level) for level in LEVELS},
                "residual": self.residual,
                "decided_by": self.decided_by,
                "moves": [asdict(move) for e in (self.one, self.other) for move in e.moves],
                "reasons": [
                    {
                        "name": mine.name,
                        "label": mine.label,
                        "difference": mine.amount - theirs.amount,
                        "values": [mine.value, theirs.value],
                        "words": [mine.words, theirs.words],
                        "evidence": [mine.evidence, theirs.evidence],
                    }
                    for mine, theirs in self.reasons
                ],
                "raw": [self.one.raw, self.other.raw],
                "certainty": [
                    None if e.certainty is None else asdict(e.certainty) for e in (self.one, self.other)
                ],
            }
        )


def contrast(one: Explanation, other: Explanation) -> Contrast:
    """Hold one candidate against another of the same job.

    Parameters
    ----------
    one, other : Explanation
        As :func:`explain.explain` gives them, from the same ranking with the same options.

    Returns
    -------
    Contrast
        Its amounts sum to the difference of the scores without residual.

    Raises
    ------
    DataError
        If the two are of different jobs or scorers, split differently, or one person.
    """
    if one.job != other.job:
        raise DataError(
            f"candidate {one.candidate!r} is explained for job {one.job!r} and {other.candidate!r} for "
            f"{other.job!r}: scores compare within one job only"
        )
    if one.candidate == other.candidate:
        raise DataError(f"candidate {one.candidate!r} cannot be held against itself: name another")
    if one.pairs != other.pairs:
        raise DataError(f"interactions are {one.pairs} here and {other.pairs} there: explain both alike")
    same = one.intercept == other.intercept and one.terms.keys() == other.terms.keys()
    if not same or one.pool_size != other.pool_size:
        raise DataError("the two explanations come from different scorers or rankings: explain both anew")
    return Contrast(one, other)


def rival_at_cutoff(ranking: Ranking, *, job: Any, candidate: Any, top_k: int) -> str:
    """Name whom to hold a candidate against to see why it is, or is not, among the first.

    Parameters
    ----------
    ranking : Ranking
        Of the job, among others.
    job, candidate : str or number
        Labels of the two.
    top_k : int
        The cut-off.

    Returns
    -------
    str
        The candidate at rank ``top_k``, or for those up to there the next one.

    Raises
    ------
    UnknownJobError, UnknownCandidateError
        If the ranking holds no such job, or the job no such candidate.
    DataError
        If ``top_k`` is not a whole number from 1, or holds the whole pool.
    """
    pool = ranking.of(job)
    pool.in_top(top_k)  # refuses a top_k that means nothing
    if len(pool) <= top_k:
        raise DataError(
            f"job {pool.jobs[0]!r} has {len(pool)} candidate(s), so all are in the top {top_k}: "
            "ask for a shorter list, or name whom to hold against"
        )
    is_inside = pool.position_of(job, candidate) < top_k
    return str(pool.candidates[top_k if is_inside else top_k - 1])
