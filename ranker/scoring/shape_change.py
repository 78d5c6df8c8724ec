"""Two scorers compared term by term: each table before, the correction, and after."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ranker.scoring.additive import AdditiveScorer, Axis, Level, Term
from ranker.scoring.grids import parent_bins, refine
from ranker.scoring.mixture import combine

__all__ = ["ShapeChange", "shape_changes"]

Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ShapeChange:
    """One term before and after, on the grid that both have in common.

    Tables have an axis for each feature, with "missing" first and "never seen" last along
    each, as a term's have; ``after == before + correction`` in every cell, up to rounding.

    Parameters
    ----------
    features : tuple of str
        Names of the features, in the order of the axes.
    axes : tuple of Axis
        How each feature is cut: one level each, the cuts or categories of both scorers.
    before, correction, after : ndarray of shape (n_bins of the first axis, of the second, ...)
        What the term adds to the score, in score units; 0 where a scorer lacks the term.
    weights : ndarray of the same shape, or None
        Weight of the training rows in each cell; None where neither scorer says.
    deviations : (ndarray or None, ndarray or None, ndarray or None)
        Standard deviations of the three tables over the bags, in score units; of the
        correction only where both scorers have the same bags and bins.
    size : float
        Mean absolute correction over the training rows, in score units; over the cells,
        where no training row is known.
    """

    features: tuple[str, ...]
    axes: tuple[Axis, ...]
    before: Table
    correction: Table
    after: Table
    weights: Table | None
    deviations: tuple[Table | None, Table | None, Table | None]
    size: float

    @property
    def name(self) -> str:
        """Name of the term in interpret's spelling: "a", or "a & b"."""
        return " & ".join(self.features)

    @property
    def levels(self) -> tuple[Level, ...]:
        """Cuts, or categories and their bins, along each axis."""
        return tuple(axis.levels[0] for axis in self.axes)


def shape_changes(before: AdditiveScorer, after: AdditiveScorer) -> tuple[ShapeChange, ...]:
    """Compare two scorers term by term.

    ``after`` is a sum of tables, so what training for fairness did to it is a sum of
    tables as well: for every row, ``after.score`` is ``before.score`` plus the corrections
    at the row's bins plus the difference of the intercepts, which moves everybody alike
    and changes no rank.

    Parameters
    ----------
    before, after : AdditiveScorer
        On the same features by name, such as ``FairRanker.unconstrained_`` and ``scorer_``.

    Returns
    -------
    tuple of ShapeChange
        One for every term of either, the largest correction first.

    Raises
    ------
    DataError
        If the two are not on the same features.

    Examples
    --------
    >>> for change in shape_changes(fair.unconstrained_, fair.scorer_):
    ...     print(change.name, round(change.size, 3))
    gap 0.148
    skills 0.011
    """
    difference = combine([1.0, -1.0], [after, before])
    changes = [_change(term, difference, before, after) for term in difference.terms]
    return tuple(sorted(changes, key=lambda change: (-change.size, change.name)))


def _change(
    term: Term, difference: AdditiveScorer, before: AdditiveScorer, after: AdditiveScorer
) -> ShapeChange:
    """Read both scorers off on the grid that a term of their difference has."""
    axes = tuple(_at_level(difference.axes[f], len(term.features)) for f in term.features)
    tables, deviations = zip(
        *(_on_grid(scorer, axes, term.scores.shape) for scorer in (before, after)), strict=True
    )
    correction = tables[1] - tables[0]
    return ShapeChange(
        features=tuple(axis.name for axis in axes),
        axes=axes,
        before=tables[0],
        correction=correction,
        after=tables[1],
        weights=term.weights,
        deviations=(deviations[0], term.deviations, deviations[1]),
        size=_mean(np.abs(correction), term.weights),
    )


def _at_level(axis: Axis, n_features: int) -> Axis:
    """Keep of an axis the level that a term of so many features reads."""
    level = axis.level(n_features)
    # Only the first level's categories are those that the training rows were counted by.
    counted = level == 0 or axis.kind == "continuous"
    return replace(axis, levels=(axis.levels[level],), histogram=axis.histogram if counted else None)


def _on_grid(
    scorer: AdditiveScorer, axes: Sequence[Axis], shape: tuple[int, ...]
) -> tuple[Table, Table | None]:
    """Spread a scorer's term over a finer grid, with its deviations; zeros where it has none."""
    names = [axis.name for axis in axes]
    for term in scorer.terms:
        own = [scorer.axes[f] for f in term.features]
        if {axis.name for axis in own} == set(names):
            order = [[axis.name for axis in own].index(name) for name in names]
            turned = term.turned(order)
            levels = [own[i].levels[own[i].level(len(own))] for i in order]
            parents = [parent_bins(axis.levels[0], level) for axis, level in zip(axes, levels, strict=True)]
            spread = None if turned.deviations is None else refine(turned.deviations, parents)
            return refine(turned.scores, parents), spread
    return np.zeros(shape), None


def _mean(sizes: Table, weights: Table | None) -> float:
    known = weights is not None and weights.sum() > 0
    return float(np.average(sizes, weights=weights if known else None))
