"""An Explainable Boosting Machine that ranks the candidates of each job."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from interpret.glassbox import ExplainableBoostingRegressor
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from ranker.errors import DataError, EmptyPoolError, FitError, did_you_mean
from ranker.ranking import Ranking
from ranker.ranking.labels import as_labels
from ranker.scoring.additive import AdditiveScorer
from ranker.scoring.first_k import rank_pool, rank_rows
from ranker.scoring.mixture import combine
from ranker.scoring.monotone import directions, keep_monotone
from ranker.scoring.objectives import LOSSES, OBJECTIVES
from ranker.scoring.pool import Pool
from ranker.scoring.quality import RankingQuality, best_or_default
from ranker.scoring.ranking_booster import fit_ranking
from ranker.scoring.row_order import canonical_order, columns_in, take_rows
from ranker.scoring.training import Design, centre, design, draw_bags

TUNE_SHARE = 0.2  # of the units, for "auto" where fit is given no parts

log = logging.getLogger("candor.training")


class EBMRanker(BaseEstimator):
    """Rank the candidates of each job by a score that is a sum of readable terms.

    Parameters
    ----------
    objective : {"auto", "centred", "pointwise", "pairwise", "lambdarank", "blend"}
        ``centred`` learns each candidate's relevance against the mean of the job's pool,
        so that no term is spent on telling jobs apart; ``pointwise`` learns the relevance
        itself; ``pairwise`` learns which of two candidates of a job is the better one, a
        pair weighing the difference of its labels (RankNet's loss); ``lambdarank`` too, a
        pair weighing what swapping it would change in NDCG@50. ``blend`` is the sum of these
        four, each in units of its own spread within jobs: one EBM again. ``auto`` fits all
        and keeps the blend, unless another ranks the tune part better by more than the
        standard error of the difference.
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
    monotone : dict of str to {"increasing", "decreasing", 1, -1}, optional
        Features whose shape must not fall, or not rise; held exactly. They get no pairs.
    feature_types : sequence of {"continuous", "nominal", "ordinal"}, optional
        Kind of each column; numbers are continuous and texts nominal by default.
    n_threads : int, optional
        Processes or threads that fit bags; the result does not depend on it.
    random_state : int
        Seed of bags and boosting.

    Attributes
    ----------
    objective_ : str
        The objective that was learned.
    quality_ : dict of str to float
        Mean of NDCG@10 and NDCG@50 on the tune part, of each objective that ``auto`` tried.
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
        monotone: Mapping[str, Any] | None = None,
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
        self.monotone = monotone
        self.feature_types = feature_types
        self.n_threads = n_threads
        self.random_state = random_state

    def fit(
        self,
        X: Any,
        relevance: Any,
        *,
        job: Any,
        candidate: Any = None,
        sample_weight: Any = None,
        part: Any = None,
    ) -> Self:
        """Learn from labelled candidates; the order of the rows does not matter.

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
        part : (n,) array of {"train", "tune", ...}, optional
            Fit on "train" and let ``auto`` choose on "tune". Without it ``auto`` chooses on
            a fifth of the jobs (or people, as bags do) and fits its choice to all rows.

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
        people = None if candidate is None else np.asarray(candidate)
        self.design(X, jobs, candidate=people, sample_weight=sample_weight)  # refuses before anything is cut
        labels = self.labels(relevance, jobs)
        weight = None if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        order = canonical_order(jobs, people, *columns_in(X), labels, weight)
        X, labels, jobs = take_rows(X, order), labels[order], jobs[order]
        people = None if people is None else people[order]
        weight = None if weight is None else weight[order]
        parts = None if part is None else np.asarray(part, dtype=object)[order]

        def laid_out(rows: np.ndarray) -> tuple[Design, np.ndarray, np.ndarray]:
            rows = rows if weight is None else rows[weight[rows] != 0]
            if not len(rows):
                raise EmptyPoolError("there is no row to learn from: none of the train part weighs anything")
            plan = self.design(
                take_rows(X, rows), jobs[rows],
                candidate=None if people is None else people[rows],
                sample_weight=None if weight is None else weight[rows],
            )  # fmt: skip
            return plan, labels[rows], jobs[rows]

        every = np.arange(len(jobs))
        if self.objective != "auto":
            rows = every if parts is None else np.flatnonzero(parts == "train")
            return self._keep(self.fit_relevance(*laid_out(rows)))
        if parts is None:
            held = draw_bags(
                jobs, 1, candidate=people, validation_size=TUNE_SHARE, random_state=self.random_state
            )[:, 0]
            train, tune = np.flatnonzero(held == 1), np.flatnonzero(held == -1)
        else:
            train, tune = np.flatnonzero(parts == "train"), np.flatnonzero(parts == "tune")
        scorer = self.fit_relevance(
            *laid_out(train), quality=RankingQuality.of(take_rows(X, tune), labels[tune], jobs[tune])
        )
        if parts is None:
            scorer = self.fit_relevance(*laid_out(every), objective=self.objective_)
        return self._keep(scorer)

    def design(self, X: Any, job: np.ndarray, *, candidate: Any = None, sample_weight: Any = None) -> Design:
        """Lay out a training set with this ranker's bags; see :class:`~ranker.scoring.training.Design`."""
        return design(
            X, job, n_bags=self.outer_bags, validation_size=self.validation_size,
            random_state=self.random_state, kinds=self.feature_types, sample_weight=sample_weight,
            candidate=None if candidate is None else np.asarray(candidate),
        )  # fmt: skip

    def labels(self, relevance: Any, job: np.ndarray) -> np.ndarray:
        """Return the labels as numbers, (n,), or say why no order can be learned from them."""
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
        if np.allclose(centre(labels, job), 0.0):
            raise FitError("the labels of every job are all equal: there is nothing to learn an order from")
        return labels

    def fit_relevance(
        self,
        plan: Design,
        labels: np.ndarray,
        job: np.ndarray,
        *,
        objective: str | None = None,
        quality: RankingQuality | None = None,
    ) -> AdditiveScorer:
        """Fit this ranker's objective on a design, rows in canonical order; sets ``objective_``.

        Parameters
        ----------
        plan : Design
            ``n`` rows.
        labels, job : (n,) arrays
            Relevance and job labels.
        objective : str, optional
            Another than the ranker's.
        quality : RankingQuality, optional
            Tells how well a scorer ranks the tune part; needed for "auto".
        """
        objective = objective or self.objective
        if objective != "auto":
            self.objective_ = objective
            return self._fit_objective(plan, labels, job, objective)
        if quality is None:
            raise FitError("objective 'auto' chooses on a tune part: pass one, or name an objective")
        tried = self.fit_objectives(plan, labels, job)
        self.quality_ = {name: quality(scorer) for name, scorer in tried.items()}
        scores = {name: scorer.score(quality.X) for name, scorer in tried.items()}
        self.objective_ = best_or_default(quality, scores, "blend")
        return tried[self.objective_]

    def fit_objectives(self, plan: Design, labels: np.ndarray, job: np.ndarray) -> dict[str, AdditiveScorer]:
        """Fit the ranker's objective, or each that "auto" chooses from: name -> scorer."""
        if self.objective not in ("auto", "blend"):
            log.info("fitting the relevance EBM (%s)", self.objective)
            return {self.objective: self._fit_objective(plan, labels, job, self.objective)}
        fitted = {}
        for name in LOSSES:
            log.info("fitting the relevance EBM (%s)", name)
            fitted[name] = self._fit_objective(plan, labels, job, name)
        blend = blend_of(list(fitted.values()), plan, job)
        return {"blend": blend} if self.objective == "blend" else {**fitted, "blend": blend}

    def _fit_objective(
        self, plan: Design, labels: np.ndarray, job: np.ndarray, objective: str
    ) -> AdditiveScorer:
        if objective == "blend":
            fitted = [self._fit_objective(plan, labels, job, name) for name in LOSSES]
            return blend_of(fitted, plan, job)
        if objective == "pairwise" or objective == "lambdarank":
            scorer = fit_ranking(
                plan, labels, job, objective=objective, interactions=self.interactions,
                max_bins=self.max_bins, learning_rate=self.learning_rate,
                monotone=self._directions(plan), n_threads=self.n_threads, random_state=self.random_state,
            )  # fmt: skip
        else:
            target = labels if objective == "pointwise" else centre(labels, job, plan.sample_weight)
            scorer = AdditiveScorer.from_ebm(self.fit_table(plan, target))
        return keep_monotone(scorer, self._directions(plan))

    def fit_table(
        self, plan: Design, target: np.ndarray, *, interactions: Any = None
    ) -> ExplainableBoostingRegressor:
        """Fit one EBM by squared error, with this ranker's settings; ``interactions`` overrides its pairs."""
        return plan.fit(
            target,
            interactions=self.interactions if interactions is None else interactions,
            monotone=self._directions(plan),
            max_bins=self.max_bins,
            learning_rate=self.learning_rate,
            n_threads=self.n_threads,
            random_state=self.random_state,
        )

    def keep_monotone(self, scorer: AdditiveScorer) -> AdditiveScorer:
        """Give a sum of tables the nearest shapes that keep ``monotone``."""
        kinds = [axis.kind for axis in scorer.axes]
        return keep_monotone(scorer, directions(self.monotone, scorer.feature_names, kinds))

    def _directions(self, plan: Design) -> tuple[int, ...]:
        return directions(self.monotone, list(plan.frame.columns), plan.kinds)

    def decision_function(self, X: Any) -> np.ndarray:
        """Score candidates.

        Returns
        -------
        (n,) float64 array
            Higher is better; only differences within one job mean something.
        """
        check_is_fitted(self, "scorer_")
        return self.scorer_.score(X)

    def rank(self, X: Any, *, job: Any = None, candidate: Any = None, top_k: int | None = None) -> Ranking:
        """Rank the candidates of each job.

        Parameters
        ----------
        X : DataFrame, 2-D array or Arrow table of ``n`` rows, or Pool
            Features. A :class:`~ranker.scoring.pool.Pool` of everybody for every job is ranked side by
            side, without a row for each pair; it needs ``top_k``.
        job, candidate : (n,) arrays
            Labels; row numbers stand for candidates where none are given. Of a pool, those of its
            jobs and of its candidates, by default their row numbers.
        top_k : int, optional
            Rank only those who reach the score of each job's k-th: k of them, and who ties with the last.

        Raises
        ------
        DataError
            If no ``job`` is given for rows, or no ``top_k`` for a pool.
        """
        if isinstance(X, Pool):
            check_is_fitted(self, "scorer_")
            return rank_pool(self.scorer_, X, job=job, candidate=candidate, top_k=top_k)
        if job is None:
            raise DataError("job is missing: give the job label of each row")
        scores = self.decision_function(X)
        return rank_rows(scores, job=job, candidate=candidate, top_k=top_k)

    def _keep(self, scorer: AdditiveScorer) -> Self:
        self.scorer_ = scorer
        self.ebm_: ExplainableBoostingRegressor = scorer.to_ebm()
        self.feature_names_in_ = np.array(scorer.feature_names, dtype=object)
        self.n_features_in_ = len(self.feature_names_in_)
        return self


def blend_of(scorers: Sequence[AdditiveScorer], plan: Design, job: np.ndarray) -> AdditiveScorer:
    """Mean of scorers, each in units of its standard deviation within the jobs of the training rows."""
    spreads = [float(centre(scorer.score(plan.frame), job).std()) for scorer in scorers]
    weights = [1.0 / (len(scorers) * spread) if spread > 0 else 0.0 for spread in spreads]
    return combine(weights, scorers)
