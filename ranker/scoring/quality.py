"""How well a scorer ranks, in one number that choices are made by."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ranker.ranking import Ranking
from ranker.ranking.metrics import ndcg, shift_gains
from ranker.scoring.additive import AdditiveScorer

CUTS = (10, 50)


def ranking_quality(X: Any, labels: np.ndarray, job: np.ndarray) -> Callable[[AdditiveScorer], float]:
    """Return a function that tells a scorer's mean of NDCG@10 and NDCG@50 on some rows.

    Parameters
    ----------
    X : features of ``n`` rows
    labels : (n,) array
        Relevance; a job's lowest counts as 0 where labels go below it.
    job : (n,) array
        Job labels.

    Returns
    -------
    callable
        ``quality(scorer) -> float`` in [0, 1]; NaN where no job has a relevant candidate.
    """
    gains = shift_gains(labels, job) if (labels < 0).any() else labels

    def quality(scorer: AdditiveScorer) -> float:
        ranking = Ranking.from_scores(scorer.score(X), job=job)
        return float(np.mean([ndcg(ranking, gains, k=k) for k in CUTS]))

    return quality
