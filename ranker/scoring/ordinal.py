"""An Explainable Boosting Machine for ordered labels: one score, thresholds on it, probabilities."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from interpret.glassbox import ExplainableBoostingRegressor
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from ranker.errors import DataError, FitError, did_you_mean
from ranker.ranking.labels import as_labels
from ranker.scoring.additive import AdditiveScorer
from ranker.scoring.calibration import Calibration
from ranker.scoring.mixture import combine
from ranker.scoring.monotone import directions, keep_monotone
from ranker.scoring.ordinal_labels import OrdinalLabels, best_thresholds, median_thresholds
from ranker.scoring.row_order import canonical_order, columns_in, take_rows
from ranker.scoring.training import FEW_JOBS, Design, design, draw_bags

__all__ = ["DECISIONS", "OrdinalEBM"]

DECISIONS = ("median", "macro_f1")
TUNE_SHARE = 0.15  # of the people, where fit is given no parts
FLAT = 0.1  # floor of a row's curvature, in shares of the mean: rows that no label pulls at stay put

log = logging.getLogger("candor.training")


class OrdinalEBM(BaseEstimator):
    """Give ordered labels by a score that is a sum of readable terms.

    A proportional-odds model with lapses (:class:`~ranker.scoring.calibration.Calibration`) whose
    score is an EBM. It is fitted by local scoring: an EBM of the labels' numbers first; then, again
    and again, the curves that lead from its score to the labels, and an EBM of each row's working
    response, weighted by its curvature. The last EBM is the score; thresholds and probabilities are
    fitted on the tune part.

    Parameters
    ----------
    labels : tuple of str
        Lowest first, 2 to 19 of them.
    decision : {"median", "macro_f1"}
        Where the thresholds lie: where a higher label is as likely as not, so that the label given
        is the most probable one wherever one has more than half; or where the probabilities
        promise the greatest macro-F1, which gives rare labels more often.
    outer_bags, interactions, validation_size, max_bins, learning_rate
        As in :class:`~ranker.scoring.ebm_ranker.EBMRanker`.
    rounds : int
        Times that the score is fitted again to working responses; 0 leaves a regression of the
        labels' numbers.
    monotone : dict of str to {"increasing", "decreasing", 1, -1}, optional
        Features whose shape must not fall, or not rise; held exactly. They get no pairs.
    feature_types : sequence of {"continuous", "nominal", "ordinal"}, optional
        Kind of each column; numbers are continuous and texts nominal by default.
    n_threads : int, optional
        Processes that fit bags; the result does not depend on it.
    random_state : int
        Seed of bags and boosting.

    Attributes
    ----------
    scorer_ : AdditiveScorer
        The score in logits of the training rows' curves; higher is better. Bags are kept.
    ebm_ : ExplainableBoostingRegressor
        The same as a genuine interpret EBM; its explanations work on it.
    labels_ : OrdinalLabels
        Thresholds and calibrated probabilities.
    uncalibrated_ : OrdinalLabels
        What the training rows alone would say, to be held against.
    feature_names_in_ : (n_features,) array of str
    n_features_in_ : int

    References
    ----------
    McCullagh (1980), Regression Models for Ordinal Data, JRSS B 42(2).
    Hastie & Tibshirani (1986), Generalized Additive Models, Statistical Science 1(3): local scoring.

    Examples
    --------
    >>> model = OrdinalEBM(("Not Fit", "Partial Fit", "Fit")).fit(X, codes)  # doctest: +SKIP
    >>> model.labels_.predict_proba(model.scorer_.score(X))  # doctest: +SKIP
    """

    def __init__(
        self,
        labels: tuple[str, ...],
        *,
        decision: str = "median",
        outer_bags: int = 8,
        interactions: Any = "2x",
        validation_size: float = 0.15,
        max_bins: int = 1024,
        learning_rate: float = 0.04,
        rounds: int = 2,
        monotone: Mapping[str, Any] | None = None,
        feature_types: Sequence[str] | None = None,
        n_threads: int | None = None,
        random_state: int = 0,
    ) -> None:
        self.labels = labels
        self.decision = decision
        self.outer_bags = outer_bags
        self.interactions = interactions
        self.validation_size = validation_size
        self.max_bins = max_bins
        self.learning_rate = learning_rate
        self.rounds = rounds
        self.monotone = monotone
        self.feature_types = feature_types
        self.n_threads = n_threads
        self.random_state = random_state

    def fit(
        self, X: Any, y: Any, *, sample_weight: Any = None, part: Any = None, candidate: Any = None
    ) -> Self:
        """Learn from labelled rows; their order does not matter.

        Parameters
        ----------
        X : DataFrame, 2-D array or Arrow table of ``n`` rows
            Features; missing values are NaN or ``None``.
        y : (n,) array of int
            Position of each row's label in ``labels``.
        sample_weight : (n,) array, optional
            Weight of each training row. The tune part counts as it stands, so that probabilities
            are those of people as they come, however the training part is balanced.
        part : (n,) array of {"train", "tune", ...}, optional
            Learn the score on "train", thresholds and probabilities on "tune", and leave other rows
            alone. Without it 15 % of the people, of each label where nobody stands in several rows,
            are the tune part.
        candidate : (n,) array, optional
            Whose row it is. A bag holds out all rows of a person, copies by oversampling too.

        Raises
        ------
        DataError
            If lengths do not fit, or a person stands in both parts.
        FitError
            If a label is missing from the training part, or a part is empty.
        """
        labels = self._labels()
        codes = _codes(y, labels)
        if len(X) != len(codes):
            raise DataError(f"X has {len(X)} rows and y has {len(codes)}: give one label a row")
        person = None if candidate is None else as_labels(candidate, what="candidate")
        weight = None if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        for name, array in (("candidate", person), ("sample_weight", weight), ("part", part)):
            if array is not None and len(array) != len(codes):
                raise DataError(f"{name} has {len(array)} rows and y has {len(codes)}: give one a row")

        order = canonical_order(codes, None, person, *columns_in(X), weight, part)
        X, codes = take_rows(X, order), codes[order]
        person = None if person is None else person[order]
        parts = self._parts(codes, person) if part is None else np.asarray(part, dtype=object)[order]
        train, tune = (np.flatnonzero(parts == name) for name in ("train", "tune"))
        _check_parts(codes, labels, train, tune, person)

        plan = design(
            take_rows(X, train), codes[train], n_bags=self.outer_bags, kinds=self.feature_types,
            validation_size=self.validation_size, random_state=self.random_state,
            sample_weight=None if weight is None else weight[order][train],
            candidate=None if person is None else person[train],
        )  # fmt: skip
        log.info("fitting the ordinal EBM")
        scorer, raw = self._local_scoring(plan, codes[train])
        log.info("calibrating")
        self._calibrate(scorer, raw, scorer.score(take_rows(X, tune)), codes[tune])
        self.scorer_ = scorer
        self.ebm_: ExplainableBoostingRegressor = scorer.to_ebm()
        self.feature_names_in_ = np.array(scorer.feature_names, dtype=object)
        self.n_features_in_ = len(self.feature_names_in_)
        return self

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Score of each row, (n,); higher is better."""
        check_is_fitted(self, "scorer_")
        return self.scorer_.score(X)

    def predict(self, X: Any) -> NDArray[np.int64]:
        """Position of each row's label in ``labels``, (n,)."""
        return self.labels_.predict(self.decision_function(X))

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Calibrated probability of each label, (n, K)."""
        return self.labels_.predict_proba(self.decision_function(X))

    def _labels(self) -> tuple[str, ...]:
        labels = tuple(self.labels)
        if not 2 <= len(set(labels)) == len(labels) < FEW_JOBS:
            raise FitError(
                f"labels are {labels!r}: give 2 to {FEW_JOBS - 1} different ones, lowest first; grades finer "
                "than that are relevance, which EBMRanker learns"
            )
        if self.decision not in DECISIONS:
            raise FitError(f"decision {self.decision!r} is not known{did_you_mean(self.decision, DECISIONS)}")
        return labels

    def _parts(self, codes: NDArray[np.int64], person: NDArray[Any] | None) -> NDArray[np.object_]:
        held = draw_bags(
            codes, 1, candidate=person, validation_size=TUNE_SHARE, random_state=self.random_state
        )
        return np.where(held[:, 0] == 1, "train", "tune").astype(object)

    def _local_scoring(self, plan: Design, codes: NDArray[np.int64]) -> tuple[AdditiveScorer, Calibration]:
        """Fit score and curves by turns; the curves that are returned have slope 1."""
        weight = np.ones(len(codes)) if plan.sample_weight is None else plan.sample_weight
        way = directions(self.monotone, list(plan.frame.columns), plan.kinds)
        scorer = self._fit_table(plan, codes.astype(np.float64), way, self.interactions)
        pairs = [term.features for term in scorer.terms if len(term.features) > 1]
        for turn in range(self.rounds + 1):
            scores = scorer.score(plan.frame)
            curves = Calibration.fit(scores, codes, len(self.labels), weight=weight)
            if turn == self.rounds:
                break
            slope, curvature = curves.steps(scores, codes)
            curvature = np.maximum(curvature, FLAT * np.average(curvature, weights=weight))
            # Boosted from nothing, a working response would be learned all over again, in 10 to 20 times
            # the rounds; its distance from the score is learned as fast as the labels' numbers were.
            step = self._fit_table(
                plan.weighted(curvature / np.average(curvature, weights=weight)),
                slope / curvature,
                way,
                pairs,
            )
            scorer = keep_monotone(combine([1.0, 1.0], [scorer, step]), way)
        return combine([curves.slope], [scorer]), curves.rescaled(1 / curves.slope)

    def _fit_table(
        self, plan: Design, target: NDArray[np.float64], way: Sequence[int], interactions: Any
    ) -> AdditiveScorer:
        ebm = plan.fit(
            target, interactions=interactions, monotone=way, max_bins=self.max_bins,
            learning_rate=self.learning_rate, n_threads=self.n_threads, random_state=self.random_state,
        )  # fmt: skip
        return keep_monotone(AdditiveScorer.from_ebm(ebm), way)

    def _calibrate(
        self,
        scorer: AdditiveScorer,
        raw: Calibration,
        scores: NDArray[np.float64],
        codes: NDArray[np.int64],
    ) -> None:
        fitted = Calibration.fit(scores, codes, len(self.labels), near=raw)
        thresholds = (
            median_thresholds(fitted) if self.decision == "median" else best_thresholds(fitted, scores)
        )
        self.labels_ = OrdinalLabels(tuple(self.labels), thresholds, fitted)
        self.uncalibrated_ = OrdinalLabels(tuple(self.labels), median_thresholds(raw), raw)


def _codes(y: Any, labels: tuple[str, ...]) -> NDArray[np.int64]:
    """Labels as positions, (n,), or an error that names the first that is none."""
    given = np.asarray(y)
    numbers = np.asarray(y, dtype=np.float64) if given.dtype.kind in "iufb" else np.full(given.shape, np.nan)
    if given.ndim != 1:
        raise DataError(f"y has shape {given.shape}: give one label a row")
    bad = np.flatnonzero(~np.isin(numbers, np.arange(len(labels))))
    if len(bad):
        raise FitError(
            f"y of row {bad[0]} is {given.tolist()[bad[0]]!r}, and {len(bad) - 1} more are like it: give the position "
            f"of the label among {labels!r}, 0 to {len(labels) - 1}"
        )
    return numbers.astype(np.int64)


def _check_parts(
    codes: NDArray[np.int64],
    labels: tuple[str, ...],
    train: NDArray[np.int64],
    tune: NDArray[np.int64],
    person: NDArray[Any] | None,
) -> None:
    for code, label in enumerate(labels):
        if not (codes[train] == code).any():
            raise FitError(
                f"no row of the train part is labelled {label!r}: bring such rows, or leave the label out"
            )
    if not len(tune):
        raise FitError(
            "the tune part is empty, and thresholds are chosen on it: give some rows the part 'tune'"
        )
    if person is not None and (both := set(person[train]) & set(person[tune])):
        raise DataError(
            f"candidate {min(both, key=str)!r} stands in the train and the tune part, and {len(both) - 1} more: "
            "split by candidate, so that probabilities are tried on people that are new to the score"
        )
