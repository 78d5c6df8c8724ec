"""The score: additive step functions, trained by interpret, attributed back to raw fields."""

from ranker.scoring.additive import AdditiveScorer
from ranker.scoring.ebm_ranker import EBMRanker

__all__ = ["AdditiveScorer", "EBMRanker"]
