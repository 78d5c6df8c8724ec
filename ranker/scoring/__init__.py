"""The score: additive step functions, trained by interpret, attributed back to raw fields.

``AdditiveScorer`` needs numpy and numba alone; ``EBMRanker`` loads interpret and scikit-learn, so it is loaded
when it is first used: who scores does without them.
"""

from typing import TYPE_CHECKING, Any

from ranker.scoring.additive import AdditiveScorer

if TYPE_CHECKING:
    from ranker.scoring.ebm_ranker import EBMRanker

__all__ = ["AdditiveScorer", "EBMRanker"]


def __getattr__(name: str) -> Any:
    if name != "EBMRanker":
        raise AttributeError(f"module 'ranker.scoring' has no attribute {name!r}")
    from ranker.scoring.ebm_ranker import EBMRanker

    return EBMRanker


def __dir__() -> list[str]:
    return sorted([*globals(), "EBMRanker"])
