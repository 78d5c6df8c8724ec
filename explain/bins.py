"""What the bins of a term are called, and how many of them are told one by one."""

from itertools import pairwise

import numpy as np

from ranker.features import Feature
from ranker.features.has_item import HasItem
from ranker.features.scalars import AtLeast, Ordinal
from ranker.features.sets import AnyOf, SameCategory
from ranker.scoring.additive import Axis, Level

FEW = 12  # values that are shown one by one


def words_of_values(feature: Feature) -> dict[int, str]:
    """Return what a feature's whole numbers mean, where they stand for words."""
    if isinstance(feature, Ordinal):
        return dict(enumerate(feature.order))
    if isinstance(feature, AnyOf | HasItem | SameCategory) or (
        isinstance(feature, AtLeast) and feature.measure == "met"
    ):
        return {0: "no", 1: "yes"}
    return {}


def whole_values(level: Level, axis: Axis) -> list[tuple[int, int]] | None:
    """Return the whole numbers that each bin holds, first and last, where the feature counts few things."""
    if isinstance(level, dict) or axis.bounds is None or not 0 < len(level) < FEW:
        return None
    cuts, (low, high) = np.asarray(level), axis.bounds
    halves = np.all(np.mod(cuts, 1.0) == 0.5) and float(low).is_integer() and float(high).is_integer()
    if not halves or not low < cuts[0] or not cuts[-1] < high:
        return None
    firsts = [int(low), *(int(cut + 0.5) for cut in cuts)]
    return list(zip(firsts, [*(first - 1 for first in firsts[1:]), int(high)], strict=True))


def bin_labels(level: Level, axis: Axis, words: dict[int, str]) -> list[str]:
    """Name each bin, "missing" and "never seen" included."""
    if isinstance(level, dict):
        called: dict[int, list[str]] = {}
        for category, position in level.items():
            called.setdefault(position, []).append(category)
        return [
            "missing",
            *(", ".join(called.get(i, [])) for i in range(1, max(called, default=0) + 1)),
            "never seen",
        ]
    if whole := whole_values(level, axis):
        names = [
            words.get(a, str(a)) if a == b else f"{words.get(a, a)} to {words.get(b, b)}" for a, b in whole
        ]
        return ["missing", *names, "never seen"]
    cuts = [short(cut) for cut in np.asarray(level)]
    if not cuts:
        return ["missing", "any value", "never seen"]
    inner = [f"{a} to {b}" for a, b in pairwise(cuts)]
    return ["missing", f"below {cuts[0]}", *inner, f"{cuts[-1]} and above", "never seen"]


def chunks(weights: np.ndarray, most: int) -> list[slice]:
    """Cut bins into at most ``most`` runs of about equal weight."""
    n = len(weights)
    if n <= most:
        return [slice(i, i + 1) for i in range(n)]
    whole = weights.sum()
    share = np.cumsum(weights) / whole if whole else np.arange(1, n + 1) / n
    ends = sorted({int(np.searchsorted(share, (i + 1) / most - 1e-9)) + 1 for i in range(most - 1)} | {n})
    ends = [end for end in ends if end <= n]
    return [slice(a, b) for a, b in zip([0, *ends], ends, strict=False)]


def short(value: float, digits: int = 4) -> str:
    """Write a cut with as many digits as a reader needs."""
    return (f"{value:,.{digits}g}" if abs(value) < 1e6 else f"{value:.3g}").replace("-", "\u2212")
