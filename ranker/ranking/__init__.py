"""RODD, the ranking-output domain: who stands where for which job, and how good that is."""

from ranker.ranking.ranking import Move, Ranking

__all__ = ["Move", "Ranking"]
