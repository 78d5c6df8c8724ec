"""Candor ranks candidates per job with a glass-box model that is trained to be fair.

``EBMRanker`` trains, ``AdditiveScorer`` scores, ``Ranking`` says who stands where. The
names are loaded when they are first used, so that ``import ranker`` stays light.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ranker.ranking import Ranking
    from ranker.scoring import AdditiveScorer, EBMRanker

__all__ = ["AdditiveScorer", "EBMRanker", "Ranking"]

_HOMES = {"AdditiveScorer": "ranker.scoring", "EBMRanker": "ranker.scoring", "Ranking": "ranker.ranking"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'ranker' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
