"""An Explainable Boosting Machine that ranks the candidates of each job."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from interpret.glassbox import ExplainableBoostingRegressor
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from ranker.errors import DataError, EmptyPoolError, FitError, did_you_mean
from ranker.ranking import Ranking
from ranker.ranking.labels import as_labels
from ranker.scoring.additive import AdditiveScorer
from ranker.scoring.training import Design, centre, design

OBJECTIVES = ("auto", "centred", "pointwise")


class EBMRanker(BaseEstimator):
    """Rank the candidates of each job by a score that is a sum of readable terms.

    Parameters
    ----------
    objective : {"auto", "centred", "pointwise"}
        ``centred`` learns each candidate's relevance against the mean of the job's pool,
        so that no term is spent on telling jobs apart; ``pointwise`` learns the relevance
        itself. ``auto`` is ``centred``.
    outer_bags : int
        EBMs that are fitted on different parts of the data and averaged; their spread is
        the deviation of each term.
    interactions : int, float, str or list
        Pairs of features that get a term of their own, as in interpret.
    validation_size : float
        Share of the jobs that each bag holds out to stop early; of each job's candidates
        where there are fewer than 20 jobs, of the people where they stand in several jobs.
    max_bins, learning_rate : int, float
        As in interpret.
    feature_types : sequence of {"continuous", "nominal", "ordinal"}, optional
        Kind of each column; numbers are continuous and texts nominal by default.
    n_threads : int, optional
        Processes that fit bags; the result does not depend on it.
    random_state : int
        Seed of bags and boosting.

    Attributes
    ----------
    ebm_ : ExplainableBoostingRegressor
        A genuine interpret EBM; its explanations work on it.
    scorer_ : AdditiveScorer
        The same model as tables; it gives every score.
    feature_names_in_ : (n_features,) array of str
    n_features_in_ : int

    Examples
    --------
    >>> ranker = EBMRanker().fit(X, relevance, job=job)  # doctest: +SKIP
    >>> ranking = ranker.rank(X, job=job, candidate=names)  # doctest: +SKIP
    """

    def __init__(
        self,
        objective: str = "auto",
        *,
        outer_bags: int = 14,
        interactions: Any = "5x",
        validation_size: float = 0.15,
        max_bins: int = 1024,
        learning_rate: float = 0.04,
        feature_types: Sequence[str] | None = None,
        n_threads: int | None = None,
        random_state: int = 0,
    ) -> None:
        self.objective = objective
        self.outer_bags = outer_bags
        self.interactions = interactions
        self.validation_size = validation_size
        self.max_bins = max_bins
        self.learning_rate = learning_rate
        self.feature_types = feature_types
        self.n_threads = n_threads
        self.random_state = random_state

    def fit(
        self, X: Any, relevance: Any, *, job: Any, candidate: Any = None, sample_weight: Any = None
    ) -> Self:
        """Learn from labelled candidates.

        Parameters
        ----------
        X : DataFrame, 2-D array or Arrow table of ``n`` rows
            Features; missing values are NaN or ``None``.
        relevance : (n,) array of numbers
            How good each candidate was for the job; higher is better.
        job : (n,) array
            Job label of each row.
        candidate : (n,) array, optional
            Whose row it is; where people stand in several jobs, bags then hold out people.
        sample_weight : (n,) array, optional
            Row weights.

        Returns
        -------
        EBMRanker
            Itself.

        Raises
        ------
        FitError
            If nothing can be learned: no rows, a label that is no finite number, or the
            labels of every job all equal.
        """
        jobs = as_labels(job, what="job")
        if len(jobs) == 0:
            raise EmptyPoolError("there is no row to learn from")
        plan = self.design(X, jobs, candidate=candidate, sample_weight=sample_weight)
        target = self.target(relevance, jobs, plan.sample_weight)
        return self._keep(self.fit_table(plan, target))

    def design(self, X: Any, job: np.ndarray, *, candidate: Any = None, sample_weight: Any = None) -> Design:
        """Lay out a training set with this ranker's bags; see :class:`~ranker.scoring.training.Design`."""
        return design(
            X, job, n_bags=self.outer_bags, validation_size=self.validation_size,
            random_state=self.random_state, kinds=self.feature_types, sample_weight=sample_weight,
            candidate=None if candidate is None else np.asarray(candidate),
        )  # fmt: skip

    def target(self, relevance: Any, job: np.ndarray, sample_weight: np.ndarray | None = None) -> np.ndarray:
        """Return what the booster is to predict: (n,) labels, centred per job unless pointwise."""
        if self.objective not in OBJECTIVES:
            raise FitError(
                f"objective {self.objective!r} is not known{did_you_mean(self.objective, OBJECTIVES)}"
            )
        try:
            labels = np.asarray(relevance, dtype=np.float64)
        except (TypeError, ValueError):
            raise FitError("relevance holds something that is no number") from None
        if labels.shape != (len(job),):
            raise DataError(
                f"relevance has shape {labels.shape} where {(len(job),)} was expected: one label a row"
            )
        bad = np.flatnonzero(~np.isfinite(labels))
        if len(bad):
            raise FitError(
                f"relevance of row {bad[0]} is {labels[bad[0]]}, and of {len(bad) - 1} more: drop them"
            )
        centred = centre(labels, job, sample_weight)
        if np.allclose(centred, 0.0):
            raise FitError("the labels of every job are all equal: there is nothing to learn an order from")
        return labels if self.objective == "pointwise" else centred

    def fit_table(
        self, plan: Design, target: np.ndarray, *, interactions: Any = None
    ) -> ExplainableBoostingRegressor:
        """Fit one EBM on a design, with this ranker's settings; ``interactions`` overrides its pairs."""
        return plan.fit(
            target,
            interactions=self.interactions if interactions is None else interactions,
            max_bins=self.max_bins,
            learning_rate=self.learning_rate,
            n_threads=self.n_threads,
            random_state=self.random_state,
        )

    def decision_function(self, X: Any) -> np.ndarray:
        """Score candidates.

        Returns
        -------
        (n,) float64 array
            Higher is better; only differences within one job mean something.
        """
        check_is_fitted(self, "scorer_")
        return self.scorer_.score(X)

    def rank(self, X: Any, *, job: Any, candidate: Any = None) -> Ranking:
        """Rank the candidates of each job.

        Parameters
        ----------
        X : DataFrame, 2-D array or Arrow table of ``n`` rows
            Features.
        job, candidate : (n,) arrays
            Labels; row numbers stand for candidates where none are given.
        """
        return Ranking.from_scores(self.decision_function(X), job=job, candidate=candidate)

    def _keep(self, ebm: ExplainableBoostingRegressor) -> Self:
        self.ebm_ = ebm
        self.scorer_ = AdditiveScorer.from_ebm(ebm)
        self.feature_names_in_ = np.array(ebm.feature_names_in_, dtype=object)
        self.n_features_in_ = len(self.feature_names_in_)
        return self
