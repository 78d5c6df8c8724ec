"""What a post-hoc method says, as the same `Explanation` that the exact answer is."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from explain.explanation import Explanation, Reason
from explain.posthoc.explainer import Attributions
from explain.strict_json import as_json
from ranker.errors import DataError
from ranker.ranking import Ranking
from ranker.records import Records, Usage

__all__ = ["PostHocExplanation", "Standing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostHocExplanation(Explanation):
    """Why a candidate stands at a rank, as far as a method that looks from outside can tell.

    ``intercept`` is what the method starts from, and ``residual`` what it leaves unexplained;
    where there are no terms, they are what the method split the score over.

    Parameters
    ----------
    method : str
        How the amounts were found, with the size of any sample.
    background : str
        What ``intercept`` stands for.
    seed : int or None
        Of what was drawn.
    """

    method: str
    background: str
    seed: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return all of it as a strict JSON object."""
        # Not super(): a class with slots is made anew, and super() would not know it.
        document = Explanation.to_json(self)
        return document | {
            "posthoc": as_json({"method": self.method, "background": self.background, "seed": self.seed})
        }


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """One candidate among the pool of its job, by the scores of any model.

    Parameters
    ----------
    pool : Records
        The ``n`` pairs of the job.
    pair : int
        Position of the candidate in the pool.
    ranking : Ranking
        Of the pool.
    """

    pool: Records
    pair: int
    ranking: Ranking

    @classmethod
    def by(cls, scores: np.ndarray, pool: Records, candidate: Any) -> "Standing":
        """Rank a pool by scores, (n,).

        Raises
        ------
        UnknownCandidateError
            If the pool holds no such candidate.
        """
        found = np.asarray(scores)
        if found.shape != (len(pool),):
            raise DataError(
                f"the model gave scores of shape {found.shape} for {len(pool)} candidates: give one for each"
            )
        ranking = Ranking.from_scores(found, job=pool.job, candidate=pool.candidate, lot=pool.lots())
        place = ranking.position_of(ranking.jobs[0], candidate)
        return cls(pool, int(ranking.row[place]), ranking)

    def explanation(
        self,
        found: Attributions,
        *,
        features: dict[str, float],
        fields: dict[str, float],
        reasons: list[Reason],
        top_k: int,
    ) -> PostHocExplanation:
        """Put together what a method said about this candidate, in row 0 of ``found``."""
        ranking, place = self.ranking, int(np.flatnonzero(self.ranking.row == self.pair)[0])
        ranking.in_top(top_k)  # refuses a top_k that means nothing
        read = dict.fromkeys(path for reason in reasons for path in reason.sources)
        return PostHocExplanation(
            job=str(ranking.jobs[0]),
            candidate=str(ranking.candidates[place]),
            rank=place + 1,
            rank_by_score=place + 1,
            pool_size=len(ranking),
            top_k=int(top_k),
            tied=bool(ranking.tied[place]),
            tie_rule=ranking.tie_rule,
            score=float(found.scores[0]),
            intercept=float(found.base[0]),
            terms=dict(features),
            features=features,
            fields=fields,
            moves=(),
            shifts=(),
            reasons=tuple(sorted(reasons, key=lambda reason: -abs(reason.amount))),
            cutoff_score=self._score_at(top_k - 1),
            neighbours=(self._score_at(place - 1), self._score_at(place + 1)),
            cells=(),
            raw={path: as_json(self.pool.raw(path, self.pair)) for path in read},
            protected=self._labels(Usage.PROTECTED),
            sensitive=self._labels(Usage.SENSITIVE),
            uncertain_because="seen from outside, a model does not show how far its scores could move",
            method=found.method,
            background=found.background,
            seed=found.seed,
        )

    def _score_at(self, place: int) -> float | None:
        return float(self.ranking.scores[place]) if 0 <= place < len(self.ranking) else None

    def _labels(self, usage: Usage) -> dict[str, str]:
        return {path: field.label for path, field in self.pool.fields.items() if field.usage is usage}
