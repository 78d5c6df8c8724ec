"""What is asked for, as a score that must be reached or exceeded."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ranker.errors import DataError
from ranker.ranking import Ranking
from ranker.ranking.checks import refuse_length

__all__ = ["Goal", "Pool"]


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """The job's candidates as the score alone ranks them, one of whom may change.

    Parameters
    ----------
    scores, candidates : ndarray of shape (m,)
        In the order of the records.
    job : str
        Label.
    at : int
        Position of the one.
    lots : ndarray of shape (m,), or None
        What the lot between equal scores is drawn from, where candidates have no label.
    """

    scores: np.ndarray
    candidates: np.ndarray
    job: str
    at: int
    lots: np.ndarray | None

    def ranking(self, score: float | None = None) -> Ranking:
        """Rank the pool, the one with another score."""
        scores = self.scores.copy()
        if score is not None:
            scores[self.at] = score
        return Ranking.from_scores(
            scores, job=np.repeat(self.job, scores.size), candidate=self.candidates, lot=self.lots
        )

    def rank(self, score: float | None = None) -> int:
        """Rank of the one, from 1, were this the score."""
        return self.ranking(score).rank_of(self.job, self.candidates[self.at])


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal.

    Parameters
    ----------
    threshold : float
        Score to be reached; minus infinity where anything will do.
    strict : bool
        Whether it must be exceeded: equal scores would lose the lot.
    words : str
        As the end of "You would ...".
    """

    threshold: float
    strict: bool
    words: str

    @classmethod
    def top(cls, pool: Pool, k: int) -> "Goal":
        """Be among the first ``k``, everyone else as they are."""
        refuse_length(k)
        words = "be at rank 1" if k == 1 else f"be among the first {k:,}"
        others = np.delete(pool.scores, pool.at)
        if k > others.size:
            return cls(-np.inf, False, words)
        threshold = float(np.partition(others, others.size - k)[others.size - k])
        # A lot drawn from the record changes with the record: nobody may count on it.
        strict = pool.lots is not None or pool.rank(threshold) > k
        return cls(threshold, strict, words)

    @classmethod
    def above(cls, pool: Pool, other: str) -> "Goal":
        """Be ranked above another candidate of the job."""
        now = pool.ranking()
        place = now.position_of(pool.job, other)
        if now.candidates[place] == pool.candidates[pool.at]:
            raise DataError(f"candidate {other!r} cannot be ranked above themselves: name another one")
        threshold = float(now.scores[place])
        tied = pool.ranking(threshold)
        loses = tied.rank_of(pool.job, pool.candidates[pool.at]) > tied.rank_of(pool.job, other)
        return cls(threshold, pool.lots is not None or loses, "be ranked above the person you ask about")

    @classmethod
    def score(cls, score: float) -> "Goal":
        """Reach a score."""
        if not np.isfinite(score):
            raise DataError(f"score is {score}: give a finite number")
        return cls(float(score), False, f"have a score of at least {score:g}")

    def met(self, score: float) -> bool:
        """Tell whether a score meets it."""
        return score > self.threshold if self.strict else score >= self.threshold


def goal_of(pool: Pool, top_k: int | None, above: Any, score: float | None) -> Goal:
    """Make the goal that was asked for; exactly one must be."""
    asked = {"top_k": top_k, "above": above, "score": score}
    given = [name for name, value in asked.items() if value is not None]
    if len(given) != 1:
        said = " and ".join(given) or "none"
        raise DataError(f"one goal is needed, top_k, above or score, and {said} was given")
    if top_k is not None:
        return Goal.top(pool, top_k)
    return Goal.above(pool, str(above)) if above is not None else Goal.score(float(score or 0.0))
