"""How well scores rank, in one number that choices are made by, and how sure a difference of it is."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from ranker.ranking import Ranking
from ranker.ranking.metrics import ndcg, ndcg_per_job, shift_gains
from ranker.scoring.additive import AdditiveScorer

CUTS = (10, 50)
FEW_JOBS = 20  # below this, candidates are resampled instead of jobs
N_RESAMPLES = 30


@dataclass(frozen=True, slots=True, eq=False)
class RankingQuality:
    """Mean of NDCG@10 and NDCG@50 on some rows.

    Parameters
    ----------
    X : features of ``n`` rows
    gains : (n,) array
        Relevance, not negative.
    job : (n,) array
        Job labels.
    """

    X: Any
    gains: np.ndarray
    job: np.ndarray

    @classmethod
    def of(cls, X: Any, labels: np.ndarray, job: np.ndarray) -> Self:
        """Take rows in; a job's lowest label counts as 0 where labels go below it."""
        return cls(X, shift_gains(labels, job) if (labels < 0).any() else labels, job)

    def __call__(self, scorer: AdditiveScorer) -> float:
        """Return the quality of a scorer, in [0, 1]; NaN where no job has a relevant candidate."""
        return self.of_scores(scorer.score(self.X))

    def of_scores(self, scores: np.ndarray) -> float:
        """Return the quality of scores, (n,)."""
        ranking = Ranking.from_scores(scores, job=self.job)
        return float(np.mean([ndcg(ranking, self.gains, k=k) for k in CUTS]))

    def error_of_difference(self, one: np.ndarray, other: np.ndarray) -> float:
        """Return the standard error of the difference between the qualities of two scores.

        From the spread over jobs where there are 20 or more; else from candidates drawn
        with replacement within each job, the same for both.
        """
        if len(np.unique(self.job)) >= FEW_JOBS:
            difference = self._by_job(one) - self._by_job(other)
            known = difference[np.isfinite(difference)]
            return float(known.std(ddof=1) / np.sqrt(known.size)) if known.size > 1 else float("nan")
        rng = np.random.default_rng(0)
        members = [np.flatnonzero(self.job == name) for name in np.unique(self.job)]
        differences = []
        for _ in range(N_RESAMPLES):
            drawn = np.concatenate([rng.choice(rows, len(rows)) for rows in members])
            part = RankingQuality(None, self.gains[drawn], self.job[drawn])
            differences.append(part.of_scores(one[drawn]) - part.of_scores(other[drawn]))
        return float(np.nanstd(differences, ddof=1))

    def _by_job(self, scores: np.ndarray) -> np.ndarray:
        ranking = Ranking.from_scores(scores, job=self.job)
        return np.mean([ndcg_per_job(ranking, self.gains, k=k) for k in CUTS], axis=0)


def best_or_default(
    quality: RankingQuality, scores: dict[Any, np.ndarray], default: Any, *, errors: float = 1.0
) -> Any:
    """Choose the best, unless it is ahead of a default by no more than the error of the difference.

    Choosing the largest of several noisy figures rewards luck: a default that is good
    everywhere should lose only to what is better beyond noise.

    Parameters
    ----------
    quality : RankingQuality
        The judge.
    scores : dict of name to (n,) array
        What is chosen from.
    default : name
        One of them, or anything else for none.
    errors : float
        How many standard errors of the difference the best must be ahead.
    """
    values = {name: np.nan_to_num(quality.of_scores(found), nan=-1.0) for name, found in scores.items()}
    best = max(values, key=lambda name: values[name])
    if default not in scores or best == default:
        return best
    error = quality.error_of_difference(scores[best], scores[default])
    return best if values[best] - values[default] > errors * np.nan_to_num(error) else default
