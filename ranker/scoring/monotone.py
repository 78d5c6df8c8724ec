"""Shapes that must not fall (or rise), held exactly."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.isotonic import isotonic_regression

from ranker.errors import FitError, did_you_mean
from ranker.scoring.additive import AdditiveScorer, Term

__all__ = ["directions", "keep_monotone"]

WORDS = {"increasing": 1, "decreasing": -1, 1: 1, -1: -1}


def directions(
    monotone: Mapping[str, Any] | None, names: Sequence[str], kinds: Sequence[str]
) -> tuple[int, ...]:
    """Direction of each feature: 1 where the score must not fall as it grows, -1 where not rise, 0 if free.

    Parameters
    ----------
    monotone : dict of str to {1, -1, "increasing", "decreasing"}, optional
        By feature.
    names, kinds : sequences of str
        Features and what they hold.

    Raises
    ------
    FitError
        If a name or direction is not known, or a feature has no order.
    """
    monotone = monotone or {}
    for name, direction in monotone.items():
        if name not in names:
            raise FitError(f"monotone names {name!r}, which is no feature{did_you_mean(str(name), names)}")
        if isinstance(direction, bool) or direction not in WORDS:
            raise FitError(f"monotone[{name!r}] is {direction!r}: say 'increasing' (1) or 'decreasing' (-1)")
        if kinds[list(names).index(name)] == "nominal":
            raise FitError(
                f"feature {name!r} has categories without an order, so its shape cannot be monotone: "
                "make it ordinal or leave it out of monotone"
            )
    return tuple(WORDS[monotone[name]] if name in monotone else 0 for name in names)


def keep_monotone(scorer: AdditiveScorer, monotone: Sequence[int]) -> AdditiveScorer:
    """Give each constrained feature the nearest monotone shape, by weighted least squares.

    "Missing" and "unknown" stay as they are. Shapes that keep their direction already are
    left as they are, to the last bit. With bags, each bag's shape is made monotone and the
    term is their mean, so that score and deviations go on belonging together.

    Parameters
    ----------
    scorer : AdditiveScorer
        Whose constrained features stand in no pair.
    monotone : sequence of -1, 0, 1
        One for each of its axes.

    Raises
    ------
    FitError
        If a constrained feature stands in a term with others.
    """
    if not any(monotone):
        return scorer
    terms = []
    for term, name in zip(scorer.terms, scorer.term_names, strict=True):
        constrained = [monotone[f] for f in term.features if monotone[f]]
        if constrained and len(term.features) > 1:
            raise FitError(f"term {name!r} joins a monotone feature with another: leave such pairs out")
        terms.append(_monotone_term(term, constrained[0], scorer.bag_weights) if constrained else term)
    return replace(scorer, terms=tuple(terms))


def _monotone_term(term: Term, direction: int, bag_weights: np.ndarray | None) -> Term:
    if _keeps(term.scores, direction) and (
        term.bagged is None or all(_keeps(bag, direction) for bag in term.bagged)
    ):
        return term
    if term.bagged is None:
        return replace(term, scores=_nearest(term.scores, term.weights, direction))
    bagged = np.array([_nearest(bag, term.weights, direction) for bag in term.bagged])
    scores = np.average(bagged, axis=0, weights=bag_weights)
    deviations = np.sqrt(np.average((bagged - scores) ** 2, axis=0, weights=bag_weights))
    return replace(term, scores=scores, bagged=bagged, deviations=deviations)


def _keeps(table: np.ndarray, direction: int) -> bool:
    return bool((direction * np.diff(table[1:-1]) >= 0).all())


def _nearest(table: np.ndarray, weights: np.ndarray | None, direction: int) -> np.ndarray:
    if _keeps(table, direction):
        return table
    # A bin that no training row fell in has no weight of its own, and must bend all the same.
    w = None if weights is None else np.maximum(weights[1:-1], 1e-9 * max(float(weights.max()), 1.0))
    out = table.copy()
    shape = isotonic_regression(table[1:-1], sample_weight=w, increasing=direction > 0)
    # Blocks are means of floats: take the running extreme, lest their last bits fall back.
    out[1:-1] = np.maximum.accumulate(shape) if direction > 0 else np.minimum.accumulate(shape)
    return out
