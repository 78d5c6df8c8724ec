"""A ranker that is trained to keep a fairness constraint, and ships as one EBM."""

import logging
from typing import Any, Self

import numpy as np
import pandas as pd
from fairlearn.reductions import ExponentiatedGradient, GridSearch
from interpret.glassbox import ExplainableBoostingRegressor
from sklearn.base import BaseEstimator, clone
from sklearn.utils.validation import check_is_fitted

from fairness._parts import Part, as_groups, comparable, rows_of, shared
from fairness._response import LinearResponse, Tables
from fairness.certificate import Certificate
from fairness.constraint import FairnessConstraint
from fairness.groups import SMALL_SHARE
from fairness.metrics import (
    MeasureStatistic,
    bootstrap_over_jobs,
    compared_jobs,
    measure_gap,
)
from fairness.moments import RankingParity
from ranker.errors import ConstraintError, DataError
from ranker.ranking import Ranking
from ranker.ranking.labels import as_labels
from ranker.ranking.metrics import shift_gains
from ranker.records.splits import PARTS, share_out
from ranker.scoring import AdditiveScorer, EBMRanker
from ranker.scoring.columns import infer_kinds

# What the train part needs and what other parts need differ by orders of magnitude where
# the EBM fits its own rows closely, so the path runs from an eighth to 256 times it.
MULTIPLES = (0.0, *2.0 ** np.arange(-3.0, 8.1, 0.5))
FINER = 8  # points between the last multiple that misses the bound and the first that keeps it
LEVEL = 0.95

log = logging.getLogger("candor.training")


class FairRanker(BaseEstimator):
    """Train an :class:`~ranker.scoring.EBMRanker` under a :class:`FairnessConstraint`.

    One EBM is fitted to relevance and one to each group's signal, on the same bins, pairs
    and bags. fairlearn's ExponentiatedGradient then finds multipliers for the constraint
    on the train part, its best responses being sums of those EBMs; the mixture it ends
    with collapses to one EBM. fairlearn's GridSearch walks from no multiplier to several
    times that one, and the smallest that keeps the bound on the tune part ships. What it
    promises is measured once on the test part, for that very EBM.

    Parameters
    ----------
    ranker : EBMRanker
        Settings of the EBMs.
    constraint : FairnessConstraint
        What the ranking must keep.
    tune, test : float
        Shares of the jobs (or of the candidates, where jobs are few) that choose and
        that test; used where ``fit`` is given no parts.
    max_iter : int
        Rounds of the exponentiated gradient.
    min_group_share : float
        A group with a smaller share of the train part is kept in the ranking and out of
        the constraint; the certificate says so. The default is the share below which a
        bias audit under 6 RCNY 5-301 may leave a category out of its ratios.
    random_state : int
        Seed of the parts.

    Attributes
    ----------
    ebm_ : ExplainableBoostingRegressor
        The EBM that ships.
    scorer_ : AdditiveScorer
        The same model as tables. It reads no group.
    unconstrained_ : AdditiveScorer
        The relevance EBM alone; ``scorer_`` at multiplier 0, bit for bit.
    group_scorers_ : dict of str to AdditiveScorer
        What the features say of each group, in units of the constraint's signal.
    multiplier_ : float
        The multiple of the reduction's solution that ships.
    group_multipliers_ : dict of str to float
        Factor of each group's table in ``scorer_``.
    reduction_ : DataFrame
        The mixture that the reduction ended with: ``share`` of each of its responses, and
        the response's factor of each group's table.
    frontier_ : DataFrame
        A row for each multiple, measured on the tune part: ``multiplier``, ``ndcg``,
        ``ndcg_50``, ``gap`` (the constraint's measure), ``exposure_ratio``,
        ``accuracy_cost`` (NDCG lost), ``met``, ``chosen``.
    certificate_ : Certificate
        What was promised and what the test part shows.
    part_ : (n,) object array
        Part of each training row.

    References
    ----------
    Agarwal et al. (2018), A Reductions Approach to Fair Classification, ICML.
    """

    def __init__(
        self,
        ranker: EBMRanker,
        constraint: FairnessConstraint,
        *,
        tune: float = 0.2,
        test: float = 0.2,
        max_iter: int = 50,
        min_group_share: float = SMALL_SHARE,
        random_state: int = 0,
    ) -> None:
        self.ranker = ranker
        self.constraint = constraint
        self.tune = tune
        self.test = test
        self.max_iter = max_iter
        self.min_group_share = min_group_share
        self.random_state = random_state

    def fit(
        self,
        X: Any,
        relevance: Any,
        *,
        job: Any,
        sensitive_features: Any,
        candidate: Any = None,
        part: Any = None,
        sample_weight: Any = None,
        lot: Any = None,
    ) -> Self:
        """Learn from labelled candidates.

        Parameters
        ----------
        X : DataFrame, 2-D array or Arrow table of ``n`` rows
            Features.
        relevance, job : (n,) arrays
            Label and job of each row.
        sensitive_features : (n,) array, DataFrame with one column an attribute, or Groups
            Groups of the people, needed here and nowhere later; undisclosed ones stay in
            the ranking and out of the constraint.
        candidate : (n,) array, optional
            Whose row it is, so that nobody stands in two parts.
        part : (n,) array of {"train", "tune", "test"}, optional
            Which rows fit, choose and test.
        sample_weight : (n,) array, optional
            Row weights of the EBM fits.
        lot : (n,) array of str, optional
            As for :meth:`ranker.Ranking.from_scores`; for the rankings that are measured.

        Raises
        ------
        DataError
            If lengths differ, a label is missing, or a candidate stands twice in a job.
        FitError
            If a relevance is no finite number, or the labels of every job are all equal.
        ConstraintError
            If fewer than two groups are large enough to compare, or no job holds two.
        """
        jobs = as_labels(job, what="job")
        persons = as_labels(np.arange(len(jobs)) if candidate is None else candidate, what="candidate")
        # A ranking of nothing meets every fault of labels before anything is fitted.
        Ranking.from_scores(np.zeros(len(jobs)), job=jobs, candidate=persons)
        infer_kinds(X)
        lots = None if lot is None else np.asarray(lot, dtype=object)
        weight = None if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        groups = as_groups(sensitive_features, self.constraint)
        for what, given in (
            ("X", X),
            ("sensitive_features", groups),
            ("sample_weight", weight),
            ("lot", lots),
        ):
            if given is not None and len(given) != len(jobs):
                raise DataError(f"{what} has {len(given)} rows and job {len(jobs)}: give one a row")
        self.ranker.target(relevance, jobs)
        labels = np.asarray(relevance, dtype=np.float64)
        self.part_ = self._parts(part, jobs, persons)
        rows = {name: np.flatnonzero(self.part_ == name) for name in PARTS}
        train = rows["train"]
        groups, notes = comparable(groups, train, self.min_group_share)

        gains = shift_gains(labels, jobs) if (labels < 0).any() else labels
        tune, test = (
            Part(
                rows_of(X, at),
                gains[at],
                jobs[at],
                persons[at],
                groups.take(at),
                None if lots is None else lots[at],
            )
            for at in (rows["tune"], rows["test"])
        )
        fitted = (labels[train], jobs[train], groups.take(train).names())
        tables = self._fit_tables(
            rows_of(X, train), *fitted, persons[train], None if weight is None else weight[train]
        )
        self._choose(tables, self._reduce(tables, *fitted), *fitted, tune)
        self._ship(tables)
        self.certificate_ = self._certify(test, (*notes, *shared(persons, self.part_)))
        return self

    def decision_function(self, X: Any) -> np.ndarray:
        """Score candidates, (n,); no group is asked for."""
        check_is_fitted(self, "scorer_")
        return self.scorer_.score(X)

    def rank(self, X: Any, *, job: Any, candidate: Any = None) -> Ranking:
        """Rank the candidates of each job; see :meth:`EBMRanker.rank`."""
        return Ranking.from_scores(self.decision_function(X), job=job, candidate=candidate)

    def _parts(self, part: Any, job: np.ndarray, person: np.ndarray) -> np.ndarray:
        if part is None:
            return share_out(job, person, tune=self.tune, test=self.test, seed=self.random_state)
        given = np.asarray(part, dtype=object)
        unknown = sorted({str(p) for p in given} - set(PARTS))
        absent = [name for name in PARTS if not (given == name).any()]
        if len(given) != len(job) or unknown or absent:
            raise DataError(
                f"part must hold {len(job)} of 'train', 'tune', 'test', each at least once"
                + (f"; found {unknown[0]!r}" if unknown else f"; none is {absent[0]!r}" if absent else "")
            )
        return given

    def _fit_tables(
        self,
        X: Any,
        relevance: np.ndarray,
        job: np.ndarray,
        group: np.ndarray,
        person: np.ndarray,
        weight: np.ndarray | None,
    ) -> Tables:
        """Fit the relevance EBM, and on its bins, pairs and bags one EBM a group.

        With a pointwise objective or row weights the relevance EBM answers to that target;
        multipliers are still in its units, and the choice on the tune part is by what they do.
        """
        ranker = clone(self.ranker)
        plan = ranker.design(X, job, candidate=person, sample_weight=weight)
        target = ranker.target(relevance, job, plan.sample_weight)
        log.info("fitting the relevance EBM")
        ebm = ranker.fit_table(plan, target)
        pairs = [tuple(term) for term in ebm.term_features_ if len(term) > 1]
        moment = self._moment()
        moment.load_data(plan.frame, relevance, sensitive_features=group, job=job)
        objective = moment.default_objective()
        objective.load_data(plan.frame, relevance, job=job)
        # One unit a signal: a booster stops by absolute progress.
        scale = np.sqrt((moment.coefficients**2).mean(axis=1, keepdims=True))
        signals = np.vstack([objective.gains, moment.coefficients / scale]).T
        scorers = [AdditiveScorer.from_ebm(ebm)]
        for label, column in zip(moment.group_labels, signals.T[1:], strict=True):
            log.info("fitting the EBM of group %s", label)
            scorers.append(AdditiveScorer.from_ebm(ranker.fit_table(plan, column, interactions=pairs)))
        self.group_scorers_ = dict(zip(moment.group_labels, scorers[1:], strict=True))
        return Tables.of(signals, tuple(scorers), plan.frame)

    def _moment(self) -> RankingParity:
        c = self.constraint
        return RankingParity(c.measure, difference_bound=c.difference_bound, top_k=c.top_k)

    def _reduce(self, tables: Tables, relevance: np.ndarray, job: np.ndarray, group: np.ndarray) -> pd.Series:
        """Solve for the constraint's multipliers on the train part.

        Returns
        -------
        Series
            Mean multiplier of the mixture that the reduction ends with, for each row of
            the constraint. Responses are linear in the multipliers, so the mixture's
            collapse is the response to this mean.
        """
        log.info("solving for the constraint's multipliers")
        reduction = ExponentiatedGradient(
            LinearResponse(tables), self._moment(), eps=0.01, max_iter=self.max_iter, nu=1e-4
        )
        reduction.fit(tables.X, relevance, sensitive_features=group, job=job)
        points = np.array([response.multipliers_ for response in reduction.predictors_])
        self.reduction_ = pd.DataFrame(points, columns=list(self.group_scorers_))
        self.reduction_.insert(0, "share", reduction.weights_ / reduction.weights_.sum())
        shares = reduction.weights_ / reduction.weights_.sum()
        mean = (reduction.lambda_vecs_[shares.index] * shares).sum(axis=1)
        mean = reduction.constraints_.project_lambda(mean)
        if float(mean.abs().sum()) < 1e-9:
            # The bound is kept on the train part without any correction; should the tune
            # part need one, it pushes against the gap that is there.
            gap = reduction.constraints_.gamma(lambda _: tables.outputs[:, 0])
            mean = gap.clip(lower=0.0) / max(float(gap.abs().max()), 1e-12)
        return mean

    def _choose(
        self,
        tables: Tables,
        direction: pd.Series,
        relevance: np.ndarray,
        job: np.ndarray,
        group: np.ndarray,
        tune: Part,
    ) -> None:
        """Walk along the multipliers and take the smallest that keeps the bound on the tune part."""

        def walk(multiples: np.ndarray) -> pd.DataFrame:
            grid = pd.DataFrame({float(m): direction * float(m) for m in multiples})
            search = GridSearch(LinearResponse(tables), self._moment(), grid=grid)
            search.fit(tables.X, relevance, sensitive_features=group, job=job)
            points = [response.multipliers_ for response in search.predictors_]
            outputs = np.column_stack([scorer.score(tune.X) for scorer in tables.scorers])
            rows = []
            for multiple, point in zip(multiples, points, strict=True):
                measured = tune.measure(outputs[:, 0] + outputs[:, 1:] @ point, self.constraint)
                rows.append({"multiplier": float(multiple), **measured, "point": point})
            return pd.DataFrame(rows)

        log.info("choosing the multiplier on the tune part")
        path = walk(np.array(MULTIPLES))
        kept = path["met"].to_numpy()
        if kept.any() and not kept[0]:
            first = int(np.argmax(kept))
            between = np.linspace(path["multiplier"][first - 1], path["multiplier"][first], FINER + 2)[1:-1]
            path = pd.concat([path, walk(between)]).sort_values("multiplier", ignore_index=True)
            kept = path["met"].to_numpy()
        missed = path["gap"].map(self.constraint.shortfall).to_numpy()
        if not np.isfinite(missed).any():
            raise ConstraintError(
                f"no job of the tune part holds two groups of {' × '.join(self.constraint.attributes)}: "
                "the constraint cannot be measured there"
            )
        chosen = int(np.argmax(kept)) if kept.any() else int(np.nanargmin(missed))
        path["accuracy_cost"] = path["ndcg"].iloc[0] - path["ndcg"]
        path["chosen"] = np.arange(len(path)) == chosen
        point = path["point"].iloc[chosen]
        self.multiplier_ = float(path["multiplier"].iloc[chosen])
        self.group_multipliers_ = dict(zip(self.group_scorers_, map(float, point), strict=True))
        self.frontier_ = path.drop(columns="point")

    def _ship(self, tables: Tables) -> None:
        self.unconstrained_ = tables.scorers[0]
        self.scorer_ = tables.collapse(np.array(list(self.group_multipliers_.values())))
        self.feature_names_in_ = np.array(self.scorer_.feature_names, dtype=object)
        self.n_features_in_ = len(self.feature_names_in_)
        self.ebm_: ExplainableBoostingRegressor = self.scorer_.to_ebm()

    def _certify(self, test: Part, notes: tuple[str, ...]) -> Certificate:
        log.info("measuring the promise on the test part")
        c = self.constraint
        ranking = test.rank(self.scorer_.score(test.X))
        statistic = MeasureStatistic(c.measure, c.kind, c.top_k)  # type: ignore[arg-type]
        interval = bootstrap_over_jobs(
            ranking, test.groups, statistic, level=LEVEL, random_state=self.random_state
        )
        gaps = measure_gap(ranking, test.groups, measure=c.measure, top_k=c.top_k)
        row = self.frontier_[self.frontier_["chosen"]].iloc[0]
        return Certificate(
            constraint=c,
            measured=float(statistic(ranking, test.groups)),
            interval=(float(interval.low), float(interval.high)),
            level=LEVEL,
            unit=interval.unit,
            by_group={str(group): float(gap) for group, gap in gaps.items()},
            members=test.groups.counts(),
            n_jobs=ranking.n_jobs,
            n_jobs_compared=int(compared_jobs(ranking, test.groups).sum()),
            chosen_on_tune=float(row["gap"]),
            met_on_tune=bool(row["met"]),
            notes=notes,
        )
