"""A scorer with some of its terms silenced; nothing is trained anew."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ranker.errors import DataError, did_you_mean
from ranker.scoring.additive import AdditiveScorer, Term

Way = Literal["flattened", "dropped"]
WAYS = ("flattened", "dropped")


def reduced(
    scorer: AdditiveScorer,
    *,
    terms: Iterable[str] = (),
    features: Iterable[str] = (),
    way: Way = "flattened",
) -> AdditiveScorer:
    """Silence terms, or features in all their terms.

    Parameters
    ----------
    scorer : AdditiveScorer
        What scores.
    terms : iterable of str
        Terms to silence whole, by name.
    features : iterable of str
        Features to silence: in a term with others, what is left depends on those alone.
    way : {"flattened", "dropped"}
        Flattened, an amount is replaced by its mean over the training rows (over the cells,
        where their weights were not kept); of a feature in a term with others, by the mean
        over the rows that are alike in those. Dropped, a term adds 0.

    Returns
    -------
    AdditiveScorer
        Of the same axes and terms; a table that was changed has no deviations any more.

    Raises
    ------
    DataError
        If a term or a feature is unknown, or the way.
    """
    if way not in WAYS:
        raise DataError(f"a term cannot be {way!r}{did_you_mean(str(way), WAYS)}")
    named, silent = set(terms), set(features)
    for what, wanted, known in (
        ("term", named, scorer.term_names),
        ("feature", silent, scorer.feature_names),
    ):
        if unknown := sorted(wanted.difference(known)):
            raise DataError(f"the scorer has no {what} {unknown[0]!r}{did_you_mean(unknown[0], known)}")
    out = []
    for name, term in zip(scorer.term_names, scorer.terms, strict=True):
        at = tuple(
            axis for axis, f in enumerate(term.features) if name in named or scorer.axes[f].name in silent
        )
        out.append(_silenced(term, at, way) if at else term)
    return replace(scorer, terms=tuple(out))


def _silenced(term: Term, at: tuple[int, ...], way: Way) -> Term:
    if way == "dropped":
        scores = np.zeros(term.scores.shape)
    else:
        scores = np.broadcast_to(_means(term, at), term.scores.shape).copy()
    return Term(term.features, scores, term.weights)


def _means(term: Term, at: tuple[int, ...]) -> NDArray[np.float64]:
    """Means along some axes of a table, by training weight; plain where no training row fell."""
    plain = term.scores.mean(axis=at, keepdims=True)
    if term.weights is None:
        return plain
    whole = term.weights.sum(axis=at, keepdims=True)
    sums = (term.scores * term.weights).sum(axis=at, keepdims=True)
    return np.divide(sums, whole, out=plain, where=whole > 0)
