"""From interpret's EBMs to scorers and back, to the last bit."""

from typing import Any

import numpy as np
from interpret.glassbox import ExplainableBoostingClassifier, ExplainableBoostingRegressor
from interpret.utils._histogram import make_all_histogram_edges
from numpy.typing import NDArray

from ranker.errors import ModelError
from ranker.scoring.additive import AdditiveScorer, Axis, Level, Term

__all__ = ["ebm_from_scorer", "scorer_from_ebm"]


def scorer_from_ebm(ebm: ExplainableBoostingRegressor | ExplainableBoostingClassifier) -> AdditiveScorer:
    """Copy a fitted EBM into a scorer.

    Parameters
    ----------
    ebm : ExplainableBoostingRegressor or ExplainableBoostingClassifier
        Fitted; a regressor with the identity link, or a classifier of two classes.

    Returns
    -------
    AdditiveScorer
        Its ``score`` is the regressor's ``predict``, or the classifier's
        ``decision_function``, to the last bit, with two exceptions. Text that is no
        number in a numeric column is an error to the scorer, where interpret takes it
        for "unknown". And a boolean is the same category to the scorer whatever the
        other rows hold, where interpret does not know it among texts or integers.

    Raises
    ------
    ModelError
        If ``ebm`` is no such model.
    """
    _check_kind(ebm)
    bounds = getattr(ebm, "feature_bounds_", None)
    histograms = getattr(ebm, "histogram_weights_", None)
    counts = getattr(ebm, "unique_val_counts_", None)
    axes = tuple(
        Axis(
            name=str(name),
            kind=ebm.feature_types_in_[f],
            levels=tuple(_level(bins) for bins in ebm.bins_[f]),
            bounds=None if bounds is None or np.isnan(bounds[f]).all() else tuple(bounds[f].tolist()),
            histogram=None if histograms is None else _copy(histograms[f]),
            n_unique=None if counts is None else int(counts[f]),
        )
        for f, name in enumerate(ebm.feature_names_in_)
    )
    n_terms = len(ebm.term_features_)
    terms = tuple(
        Term(tuple(int(f) for f in features), np.array(scores, np.float64), *map(_copy, rest))
        for features, scores, *rest in zip(
            ebm.term_features_,
            ebm.term_scores_,
            _per_term(ebm.bin_weights_, n_terms),
            _per_term(ebm.standard_deviations_, n_terms),
            _per_term(ebm.bagged_scores_, n_terms),
            strict=True,
        )
    )
    return AdditiveScorer(
        axes,
        terms,
        # A regressor's is a float, a binary classifier's an array of one.
        intercept=float(np.ravel(ebm.intercept_)[0]),
        bagged_intercept=_copy(ebm.bagged_intercept_),
        bag_weights=_copy(getattr(ebm, "bag_weights_", None)),
    )


def ebm_from_scorer(scorer: AdditiveScorer) -> ExplainableBoostingRegressor:
    """Build the EBM that a scorer is.

    Parameters
    ----------
    scorer : AdditiveScorer
        Any scorer.

    Returns
    -------
    ExplainableBoostingRegressor
        As if fitted, with its own copies of the tables: ``predict`` equals ``score``
        to the last bit, and explanations, editing and export work. What a scorer does
        not hold stays unknown: ``best_iteration_`` is empty, ``min_target_`` and
        ``max_target_`` are NaN. A term without weights gets equal ones, so that
        importances are defined.
    """
    ebm = ExplainableBoostingRegressor()
    axes, terms = scorer.axes, scorer.terms
    bounds = np.array([(np.nan, np.nan) if a.bounds is None else a.bounds for a in axes], np.float64)
    bounds = bounds.reshape(len(axes), 2)
    histograms = [_copy(axis.histogram) for axis in axes]

    ebm.n_features_in_ = len(axes)
    ebm.feature_names_in_ = list(scorer.feature_names)
    ebm.feature_types_in_ = [axis.kind for axis in axes]
    ebm.feature_bounds_ = bounds
    ebm.bins_ = [[_level(level) for level in axis.levels] for axis in axes]
    ebm.histogram_weights_ = histograms
    ebm.histogram_edges_ = [_edges(bounds[f], histogram) for f, histogram in enumerate(histograms)]
    ebm.unique_val_counts_ = np.array([_count(axis) for axis in axes], np.int64)

    ebm.term_features_ = [term.features for term in terms]
    ebm.term_names_ = list(scorer.term_names)
    ebm.term_scores_ = [term.scores.copy() for term in terms]
    ebm.bin_weights_ = [_weights(term) for term in terms]
    ebm.standard_deviations_ = [_copy(term.deviations) for term in terms]
    ebm.bagged_scores_ = [_copy(term.bagged) for term in terms]

    ebm.intercept_ = float(scorer.intercept)
    ebm.bagged_intercept_ = _copy(scorer.bagged_intercept)
    ebm.bag_weights_ = _copy(scorer.bag_weights)
    n_bags = 0 if scorer.bag_weights is None else scorer.bag_weights.size
    ebm.best_iteration_ = np.empty((0, n_bags), np.int64)
    ebm.link_ = "identity"
    ebm.link_param_ = np.nan
    ebm.min_target_ = np.nan
    ebm.max_target_ = np.nan
    ebm.has_fitted_ = True
    return ebm


def _check_kind(ebm: Any) -> None:
    if not isinstance(ebm, ExplainableBoostingRegressor | ExplainableBoostingClassifier):
        raise ModelError(
            f"a {type(ebm).__name__} cannot become a scorer: pass an ExplainableBoostingRegressor or "
            "an ExplainableBoostingClassifier"
        )
    if not getattr(ebm, "has_fitted_", False):
        raise ModelError(f"the {type(ebm).__name__} is not fitted: call its fit first")
    if isinstance(ebm, ExplainableBoostingClassifier):
        if len(ebm.classes_) != 2 or ebm.link_ != "logit":
            raise ModelError(
                f"the classifier has {len(ebm.classes_)} classes ({', '.join(map(str, ebm.classes_[:5]))}) "
                f"and link {ebm.link_!r}, so its rows have no single score: train it on two classes, "
                "or a regressor on grades"
            )
    elif ebm.link_ != "identity":
        raise ModelError(
            f"the regressor's link is {ebm.link_!r}, so its predictions are no sums of terms: train it "
            "with objective='rmse'"
        )


def _per_term(tables: Any, n_terms: int) -> list[Any]:
    # Editing an EBM can leave None for all bags at once, or for single terms.
    return [None] * n_terms if tables is None else list(tables)


def _copy(array: Any) -> NDArray[np.float64] | None:
    return None if array is None else np.array(array, np.float64)


def _level(bins: Any) -> Level:
    if isinstance(bins, dict):
        return {str(category): int(position) for category, position in bins.items()}
    return np.array(bins, np.float64)


def _edges(bounds: NDArray[np.float64], histogram: NDArray[np.float64] | None) -> Any:
    return None if histogram is None else make_all_histogram_edges(bounds[np.newaxis], [histogram])[0]


def _count(axis: Axis) -> int:
    if axis.n_unique is not None or not axis.levels:
        return axis.n_unique or 0
    # Unknown: as many as there are bins is the least there can have been.
    return axis.n_bins(0) - 2


def _weights(term: Term) -> NDArray[np.float64]:
    if term.weights is not None:
        return term.weights.copy()
    # Nothing at "unknown": interpret would draw that bin too, and number its edges wrong.
    weights = np.zeros_like(term.scores)
    weights[(slice(-1),) * weights.ndim] = 1.0
    return weights
