"""One term before and after fair training, on the grid that both have in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np

from ranker.app.report.importance import terms_by_features
from ranker.features import Feature
from ranker.features.scalars import AtLeast, Ordinal
from ranker.features.sets import AnyOf, SameCategory
from ranker.scoring.additive import AdditiveScorer, Axis, Level, Term
from ranker.scoring.grids import parent_bins, refine, split_weights, union

FEW = 12  # values that are shown one by one


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """A term of one or two features; arrays have an axis for each, "missing" first, "never seen" last.

    Parameters
    ----------
    features : tuple of str
        Names of the features, in the order of the axes.
    axes : tuple of Axis
        Their axes in the shipped scorer.
    levels : tuple of Level
        The common grid.
    weights : ndarray
        Training weight of each cell.
    scores : dict of str to ndarray
        ``before`` and ``after``, in score units.
    deviations : dict of str to ndarray or None
        Standard deviations over the bags, in score units.
    """

    features: tuple[str, ...]
    axes: tuple[Axis, ...]
    levels: tuple[Level, ...]
    weights: np.ndarray
    scores: dict[str, np.ndarray]
    deviations: dict[str, np.ndarray | None]

    @classmethod
    def of(cls, features: Sequence[str], before: AdditiveScorer, after: AdditiveScorer) -> Self:
        """Bring one term of two scorers to a common grid; who lacks it adds 0 everywhere."""
        scorers = {"before": before, "after": after}
        found = {
            name: _turned(scorer, terms_by_features(scorer).get(tuple(sorted(features))), features)
            for name, scorer in scorers.items()
        }
        own = {
            name: [_level(scorer, feature, len(features)) for feature in features]
            for name, scorer in scorers.items()
        }
        levels = tuple(union([own["before"][i], own["after"][i]]) for i in range(len(features)))
        axes = tuple(after.axes[after.feature_names.index(feature)] for feature in features)
        shape = tuple(len(level) + (2 if isinstance(level, dict) else 3) for level in levels)
        scores, deviations, weights = {}, {}, np.zeros(shape)
        for name, term in found.items():
            parents = [parent_bins(level, mine) for level, mine in zip(levels, own[name], strict=True)]
            scores[name] = np.zeros(shape) if term is None else refine(term.scores, parents)
            spread = None if term is None or term.deviations is None else refine(term.deviations, parents)
            deviations[name] = spread
            if term is not None and term.weights is not None:
                weights = split_weights(term.weights, parents)
        return cls(tuple(features), axes, levels, weights, scores, deviations)

    @property
    def shares(self) -> np.ndarray:
        """Share of the training rows in each cell; NaN where the scorer does not say."""
        whole = self.weights.sum()
        return self.weights / whole if whole else np.full(self.weights.shape, np.nan)


def _level(scorer: AdditiveScorer, feature: str, n_features: int) -> Level:
    axis = scorer.axes[scorer.feature_names.index(feature)]
    return axis.levels[axis.level(n_features)] if axis.levels else np.empty(0)


def _turned(scorer: AdditiveScorer, term: Term | None, features: Sequence[str]) -> Term | None:
    """Put a term's axes in a stated order of features."""
    if term is None:
        return None
    names = [scorer.feature_names[f] for f in term.features]
    return term.turned([names.index(feature) for feature in features])


def words_of_values(feature: Feature) -> dict[int, str]:
    """Return what a feature's whole numbers mean, where they stand for words."""
    if isinstance(feature, Ordinal):
        return dict(enumerate(feature.order))
    if isinstance(feature, AnyOf | SameCategory) or (
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
