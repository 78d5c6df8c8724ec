"""Scores taken apart, for the gaps between groups; the arithmetic stands in ``ranker.scoring.score_parts``."""

from ranker.scoring.score_parts import ScoreParts

__all__ = ["ScoreParts"]
