"""A weighted sum of scorers, as one scorer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ranker.errors import DataError
from ranker.scoring.additive import AdditiveScorer, Axis, Level, Term
from ranker.scoring.grids import parent_bins, refine, split_weights, union

__all__ = ["combine"]


def combine(weights: Sequence[float], scorers: Sequence[AdditiveScorer]) -> AdditiveScorer:
    """Weighted sum of scorers: its score is ``sum(w * scorer.score(X))`` for every ``X``.

    Parameters
    ----------
    weights : sequence of float, length n_scorers
        Finite, of any sign; dimensionless.
    scorers : sequence of AdditiveScorer, length n_scorers
        On the same features by name, of the same kinds, in any order.

    Returns
    -------
    AdditiveScorer
        Features in the order of the first member that counts, terms by number of
        features and then by position, as interpret orders them.

    Raises
    ------
    DataError
        If there is no member, a weight is missing or not finite, or the features differ.

    Notes
    -----
    The sum is one of step functions on the union of the members' cuts and categories,
    resolution by resolution, and a term that a member lacks is 0 there: exact up to
    the rounding of ``n_scorers`` products and additions per cell. A category that a
    member has not seen takes that member's "unknown" value.

    Members of weight 0 are checked and then left out, cuts and all, unless all
    weights are 0; what remains of one member of weight 1 is that member itself.

    What a scorer holds about its training describes the first member that has it:
    members are taken to be trained on the same rows. Where a bin is split, its
    training weight is shared equally among the parts. Bag tables are added bag by
    bag, and deviations taken over these sums, if all members have equally many bags and
    nothing had to be split; otherwise both are left out. The first member's bags weigh
    the sums; a member with other weights has all its bags moved by what their mean would
    differ, so that the mean over bags is the score.
    """
    _check(weights, scorers)
    members = [_Member(float(w), s) for w, s in zip(weights, scorers, strict=True) if w != 0]
    members = members or [_Member(0.0, scorers[0])]
    if len(members) == 1 and members[0].weight == 1:
        return members[0].scorer

    sums = _sums(members)
    axes = tuple(_axis(f, members, sums) for f in range(len(members[0].scorer.axes)))
    bag_weights = _common_bags(members, axes, sums)
    bagged = [
        m.weight * _centred(m.scorer.bagged_intercept, m.scorer.intercept, bag_weights)
        for m in members
        if bag_weights is not None and m.scorer.bagged_intercept is not None
    ]
    return AdditiveScorer(
        axes,
        tuple(_term(sum_, axes, bag_weights) for sum_ in sums),
        float(sum(m.weight * m.scorer.intercept for m in members)),
        None if bag_weights is None else np.sum(bagged, axis=0),
        bag_weights,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Member:
    weight: float
    scorer: AdditiveScorer


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One member's term, its axes in the order of the sum that it goes into."""

    weight: float
    term: Term
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Sum:
    """The parts of one term of the mixture; positions are those of the first member."""

    features: tuple[int, ...]
    parts: list[_Part]


def _check(weights: Sequence[float], scorers: Sequence[AdditiveScorer]) -> None:
    if len(weights) != len(scorers) or not len(scorers):
        raise DataError(
            f"{len(weights)} weights for {len(scorers)} scorers: give one weight per scorer, and one at least"
        )
    for k, weight in enumerate(weights):
        if not np.isfinite(weight):
            raise DataError(f"weights[{k}] is {weight}: weights must be finite")
    kinds = {axis.name: axis.kind for axis in scorers[0].axes}
    for k, scorer in enumerate(scorers):
        for name in sorted(kinds.keys() ^ set(scorer.feature_names)):
            here, there = (k, 0) if name in scorer.feature_names else (0, k)
            raise DataError(
                f"scorers[{here}] has a feature {name!r} that scorers[{there}] lacks: "
                "train the members of a mixture on the same features"
            )
        for axis in scorer.axes:
            if axis.kind != kinds[axis.name]:
                raise DataError(
                    f"feature {axis.name!r} is {kinds[axis.name]} in scorers[0] and {axis.kind} in "
                    f"scorers[{k}]: train the members of a mixture on columns of one kind"
                )


def _sums(members: list[_Member]) -> list[_Sum]:
    """Terms of all members by their set of features, each turned to the order of the first."""
    positions = {name: f for f, name in enumerate(members[0].scorer.feature_names)}
    sums: dict[tuple[int, ...], _Sum] = {}
    for member in members:
        axes = member.scorer.axes
        for term in member.scorer.terms:
            found = [positions[axes[f].name] for f in term.features]
            sum_ = sums.setdefault(tuple(sorted(found)), _Sum(tuple(found), []))
            order = [found.index(f) for f in sum_.features]
            own = [axes[term.features[i]] for i in order]
            levels = tuple(axis.levels[axis.level(len(order))] for axis in own)
            sum_.parts.append(_Part(member.weight, term.turned(order), levels))
    return [sums[key] for key in sorted(sums, key=lambda key: (len(key), key))]


def _axis(f: int, members: list[_Member], sums: list[_Sum]) -> Axis:
    """Axis ``f`` of the first member, with the union of what the members' terms read."""
    name = members[0].scorer.axes[f].name
    own = [member.scorer.axes[member.scorer.feature_names.index(name)] for member in members]
    depth = max(len(axis.levels) for axis in own)
    # The first member whose terms read the feature describes it; interpret drops the bins of others.
    first = next((axis for axis in own if axis.levels), own[0])
    levels = []
    for level in range(depth):
        read = [
            part.levels[sum_.features.index(f)]
            for sum_ in sums
            if f in sum_.features and min(depth, len(sum_.features)) - 1 == level
            for part in sum_.parts
        ]
        levels.append(union(read or [first.levels[first.level(level + 1)]]))
    known = [axis.bounds for axis in own if axis.bounds is not None]
    bounds = (min(low for low, _ in known), max(high for _, high in known)) if known else None
    histogram = first.histogram if first.bounds == bounds else None
    if histogram is not None and levels and isinstance(levels[0], dict):
        parents = [parent_bins(levels[0], first.levels[0])]
        histogram = split_weights(histogram, parents) if histogram.size == first.n_bins(0) else None
    counts = [axis.n_unique for axis in own if axis.n_unique is not None]
    return replace(
        first,
        levels=tuple(levels),
        bounds=bounds,
        histogram=histogram,
        n_unique=max(counts, default=None),
    )


def _grid(sum_: _Sum, axes: tuple[Axis, ...]) -> list[Level]:
    own = [axes[f] for f in sum_.features]
    return [axis.levels[axis.level(len(own))] for axis in own]


def _common_bags(
    members: list[_Member], axes: tuple[Axis, ...], sums: list[_Sum]
) -> NDArray[np.float64] | None:
    """Weights of the bags, if all members share them and no bin is split."""
    weights = members[0].scorer.bag_weights
    for member in members:
        other = member.scorer.bag_weights
        if weights is None or other is None or weights.shape != other.shape:
            return None
        if member.scorer.bagged_intercept is None:
            return None
    for sum_ in sums:
        grid = _grid(sum_, axes)
        for part in sum_.parts:
            if part.term.bagged is None or [*map(len, grid)] != [*map(len, part.levels)]:
                return None
    return weights


def _term(sum_: _Sum, axes: tuple[Axis, ...], bag_weights: NDArray[np.float64] | None) -> Term:
    grid = _grid(sum_, axes)
    shape = tuple(axes[f].n_bins(axes[f].level(len(grid))) for f in sum_.features)
    scores, weights = np.zeros(shape), None
    bagged = None if bag_weights is None else np.zeros((bag_weights.size, *shape))
    for part in sum_.parts:
        parents = [parent_bins(level, own) for level, own in zip(grid, part.levels, strict=True)]
        scores += part.weight * refine(part.term.scores, parents)
        if bagged is not None and part.term.bagged is not None:
            own = _centred(part.term.bagged, part.term.scores, bag_weights)
            bagged += part.weight * refine(own, parents)
        if weights is None and part.term.weights is not None:
            weights = split_weights(part.term.weights, parents)
    return Term(sum_.features, scores, weights, _deviations(bagged, bag_weights), bagged)


def _centred(
    bagged: NDArray[np.float64], scores: float | NDArray[np.float64], bag_weights: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """Move all bags by the same, so that their mean under ``bag_weights`` is ``scores``."""
    missed = scores - np.average(bagged, axis=0, weights=bag_weights)
    # What rounding leaves is no other weighting: bags then stay what they were, bit for bit.
    return bagged if np.abs(missed).max(initial=0.0) < 1e-9 else bagged + missed


def _deviations(
    bagged: NDArray[np.float64] | None, bag_weights: NDArray[np.float64] | None
) -> NDArray[np.float64] | None:
    """Weighted population standard deviation over the bags, which is interpret's measure."""
    if bagged is None:
        return None
    mean = np.average(bagged, axis=0, weights=bag_weights)
    return np.sqrt(np.average((bagged - mean) ** 2, axis=0, weights=bag_weights))
