"""A ranker that is trained to keep fairness constraints, and ships as one EBM."""

import logging
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from interpret.glassbox import ExplainableBoostingRegressor
from sklearn.base import BaseEstimator, clone
from sklearn.utils.validation import check_is_fitted

from fairness._choice import Choice
from fairness._demands import Demand, check_lengths, read_demands
from fairness._parts import Part, gap_names, shared
from fairness._path import Path
from fairness._refit import NAME, StraightPath, refit_path
from fairness._response import Tables
from fairness._signals import signals_of, top_heavy
from fairness.certificate import Certificate, certify
from fairness.constraint import FairnessConstraint
from fairness.groups import SMALL_SHARE
from fairness.strategies import STRATEGIES
from ranker.errors import ConstraintError, DataError, EmptyPoolError, did_you_mean
from ranker.ranking import Ranking
from ranker.ranking.labels import as_labels
from ranker.ranking.metrics import shift_gains
from ranker.records.splits import PARTS, share_out
from ranker.scoring import AdditiveScorer, EBMRanker
from ranker.scoring.columns import infer_kinds
from ranker.scoring.quality import RankingQuality, best_or_default
from ranker.scoring.row_order import canonical_order, columns_in, take_rows

TOGETHER, ALONE = "all groups", "most favoured or disfavoured group"

log = logging.getLogger("candor.training")


class FairRanker(BaseEstimator):
    """Train an :class:`~ranker.scoring.EBMRanker` under one or several :class:`FairnessConstraint`.

    One EBM is fitted to relevance and one to each way in which the features betray a group,
    on the same bins and bags. fairlearn's ExponentiatedGradient then asks for ever tighter
    bounds on the train part, its best responses being sums of those EBMs; each mixture that
    it ends with collapses to one EBM. fairlearn's GridSearch walks the path between and
    beyond them, and the first point that keeps the bound on the tune part ships. What it
    promises is measured once on the test part, for that very EBM.

    Where the ranker's objective is "auto", each objective has a path, and the one whose
    point ranks the tune part best under the constraint ships; the blend gives way only to
    what is better beyond noise.

    Parameters
    ----------
    ranker : EBMRanker
        Settings of the EBMs.
    constraint : FairnessConstraint or sequence of them
        What the ranking must keep; several are kept at once, each on its own attribute (or
        intersection of attributes).
    strategy : {"auto", "response", "refit"}
        How a reduction's multipliers are answered: by sums of tables that were fitted once
        ("response"), or, slowly, by fitting an EBM anew each time ("refit", the reference).
        "auto" refits once, at the multipliers that come nearest, where no sum of tables
        keeps the bound on the tune part, and ships whichever comes nearer; ``objectives_``
        shows both.
    tune, test : float
        Shares of the jobs (or of the candidates, where jobs are few) that choose and
        that test; used where ``fit`` is given no parts.
    max_iter : int
        Rounds of each exponentiated gradient.
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
    objective_ : str
        What its relevance EBM was trained for.
    unconstrained_ : AdditiveScorer
        The relevance EBM alone; ``scorer_`` at multiplier 0, bit for bit.
    group_scorers_ : dict of str to AdditiveScorer
        What the features say of each group, in units of the constraint's signal; of two
        groups, of the one against the other.
    multiplier_ : float
        Position on the path that ships: up to 1 the share of the train part's gap that a
        reduction was asked to take out; above, as many times the last reduction's multipliers.
    group_multipliers_ : dict of str to float
        Factor of each group's table in ``scorer_``.
    reduction_ : DataFrame
        The mixtures that the reductions ended with: ``position`` on the path, bound asked
        for, ``share`` of each response, and its factor of each group's table.
    frontier_ : DataFrame
        A row for each position, measured on the tune part: ``multiplier``, ``ndcg``,
        ``ndcg_50``, ``gap`` (the constraint's measure; one column for each of several),
        ``exposure_ratio``, ``accuracy_cost`` (NDCG@10 lost), ``missed`` (by how much the
        worst constraint misses its bound), ``met``, ``chosen``.
    way_ : str
        How it is corrected: "all groups" together, the "most favoured or disfavoured group"
        alone (tried where there are three groups or more), or "refitted".
    objectives_ : DataFrame
        For each objective and way tried: mean of NDCG@10 and NDCG@50 on the tune part without
        and with the constraint, and by how much the bound is missed there.
    certificates_ : tuple of Certificate
        What was promised and what the test part shows, for each constraint.
    certificate_ : Certificate
        The only one of them, or the one with the worst verdict.
    part_ : (n,) object array
        Part of each training row.

    References
    ----------
    Agarwal et al. (2018), A Reductions Approach to Fair Classification, ICML.
    """

    def __init__(
        self,
        ranker: EBMRanker,
        constraint: FairnessConstraint | Sequence[FairnessConstraint],
        *,
        strategy: str = "auto",
        tune: float = 0.2,
        test: float = 0.2,
        max_iter: int = 50,
        min_group_share: float = SMALL_SHARE,
        random_state: int = 0,
    ) -> None:
        self.ranker = ranker
        self.constraint = constraint
        self.strategy = strategy
        self.tune = tune
        self.test = test
        self.max_iter = max_iter
        self.min_group_share = min_group_share
        self.random_state = random_state

    @property
    def constraints(self) -> tuple[FairnessConstraint, ...]:
        """The constraints, one or several."""
        if isinstance(self.constraint, FairnessConstraint):
            return (self.constraint,)
        return tuple(self.constraint)

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
        """Learn from labelled candidates; the order of the rows does not matter.

        Parameters
        ----------
        X : DataFrame, 2-D array or Arrow table of ``n`` rows
            Features.
        relevance, job : (n,) arrays
            Label and job of each row.
        sensitive_features : (n,) array, DataFrame with one column an attribute, Groups, or dict of these
            Groups of the people, needed here and nowhere later; undisclosed ones stay in
            the ranking and out of the constraint. Several constraints find theirs by name.
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
            If a relevance is no finite number, or the labels of every job all equal.
        ConstraintError
            If there is no constraint, fewer than two groups are large enough to compare,
            or no job holds two.
        """
        if not self.constraints:
            raise ConstraintError("there is no constraint: pass one, or train an EBMRanker")
        if self.strategy not in STRATEGIES:
            raise ConstraintError(
                f"strategy {self.strategy!r} is not known{did_you_mean(str(self.strategy), STRATEGIES)}"
            )
        jobs = as_labels(job, what="job")
        people = None if candidate is None else as_labels(candidate, what="candidate")
        # A ranking of nothing meets every fault of labels before anything is fitted.
        Ranking.from_scores(np.zeros(len(jobs)), job=jobs, candidate=people)
        infer_kinds(X)
        lots = None if lot is None else np.asarray(lot, dtype=object)
        weight = None if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        check_lengths(
            len(jobs), X=X, sensitive_features=sensitive_features, sample_weight=weight, lot=lots, part=part
        )
        labels = self.ranker.labels(relevance, jobs)
        everyone = read_demands(self.constraints, sensitive_features)
        names = [demand.groups.names() for demand in everyone]
        order = canonical_order(jobs, people, *columns_in(X), labels, weight, *names)
        X, jobs, labels = take_rows(X, order), jobs[order], labels[order]
        persons = as_labels(np.arange(len(jobs)), what="candidate") if people is None else people[order]
        lots, weight = (None if array is None else array[order] for array in (lots, weight))
        parts = self._parts(None if part is None else np.asarray(part, dtype=object)[order], jobs, persons)
        self.part_ = np.empty(len(jobs), dtype=object)
        self.part_[order] = parts
        rows = {name: np.flatnonzero(parts == name) for name in PARTS}
        train = rows["train"]
        if weight is not None:
            train = train[weight[train] != 0]
        if not len(train):
            raise EmptyPoolError("there is no row to learn from: none of the train part weighs anything")
        demands = tuple(
            demand.large(train, self.min_group_share) for demand in (d.take(order) for d in everyone)
        )

        self._tune, self._test = (
            Part(
                take_rows(X, at), _gains(labels[at], jobs[at]), jobs[at], persons[at],
                tuple((d.constraint, d.groups.take(at)) for d in demands),
                None if lots is None else lots[at],
            )
            for at in (rows["tune"], rows["test"])
        )  # fmt: skip
        self._notes = tuple((*d.notes, *shared(persons, parts)) for d in demands)
        self._trace(
            take_rows(X, train), labels[train], jobs[train], persons[train],
            None if weight is None else weight[train], tuple(d.take(train) for d in demands),
        )  # fmt: skip
        return self

    def with_bound(self, *bounds: float) -> "FairRanker":
        """Return a ranker for other bounds, from the same tables and paths: nothing is fitted again.

        Parameters
        ----------
        *bounds : float
            One for each constraint.
        """
        check_is_fitted(self, "scorer_")
        constraints = self.constraints
        if len(bounds) != len(constraints):
            raise ConstraintError(f"{len(bounds)} bounds for {len(constraints)} constraint(s): give one each")
        changed = tuple(
            FairnessConstraint(c.measure, c.attribute, float(bound), c.kind, c.top_k)
            for c, bound in zip(constraints, bounds, strict=True)
        )
        other = clone(self).set_params(constraint=changed[0] if len(changed) == 1 else changed)
        other.part_, other._paths, other._notes = self.part_, self._paths, self._notes
        for name in ("_tune", "_test"):
            old = getattr(self, name)
            demands = tuple((c, groups) for c, (_, groups) in zip(changed, old.demands, strict=True))
            setattr(other, name, Part(old.X, old.gains, old.job, old.candidate, demands, old.lot))
        return other._ship()

    def scorer_at(self, multiplier: float) -> AdditiveScorer:
        """Return the scorer at another position of the shipped objective's path; 0 is the unconstrained."""
        check_is_fitted(self, "scorer_")
        path = self._paths[self.objective_, self.way_]
        return self._choice().collapse(path, path.multipliers(multiplier)[0])

    def decision_function(self, X: Any) -> np.ndarray:
        """Score candidates, (n,); no group is asked for."""
        check_is_fitted(self, "scorer_")
        return self.scorer_.score(X)

    def rank(self, X: Any, *, job: Any, candidate: Any = None) -> Ranking:
        """Rank the candidates of each job; see :meth:`EBMRanker.rank`."""
        return Ranking.from_scores(self.decision_function(X), job=job, candidate=candidate)

    def _parts(self, part: np.ndarray | None, job: np.ndarray, person: np.ndarray) -> np.ndarray:
        if part is None:
            return share_out(job, person, tune=self.tune, test=self.test, seed=self.random_state)
        unknown = sorted({str(p) for p in part} - set(PARTS))
        absent = [name for name in PARTS if not (part == name).any()]
        if unknown or absent:
            raise DataError(
                f"part must hold {len(job)} of 'train', 'tune', 'test', each at least once"
                + (f"; found {unknown[0]!r}" if unknown else f"; none is {absent[0]!r}")
            )
        return part

    def _trace(
        self,
        X: Any,
        relevance: np.ndarray,
        job: np.ndarray,
        person: np.ndarray,
        weight: np.ndarray | None,
        demands: tuple[Demand, ...],
    ) -> None:
        """Fit the tables, and run the reductions of each objective."""
        ranker: EBMRanker = clone(self.ranker)
        # What the features say of a group has no direction to keep; sums of tables have.
        free: EBMRanker = clone(ranker).set_params(monotone=None)
        plan = ranker.design(X, job, candidate=person, sample_weight=weight)
        tried = ranker.fit_objectives(plan, relevance, job)
        quality = RankingQuality(self._tune.X, self._tune.gains, self._tune.job)
        said = {name: scorer.score(self._tune.X) for name, scorer in tried.items()}
        best = best_or_default(quality, said, "blend")
        signals, targets, mix, names = signals_of(demands, plan, relevance, job)
        heavy = top_heavy(demands, tried[best].score(plan.frame), job)
        pairs = [term.features for term in tried[best].terms if len(term.features) > 1]
        group_tables = []
        for name, target in zip(names, targets.T, strict=True):
            if self.strategy == "refit":
                continue
            log.info("fitting the EBM of %s", name)
            ebm = free.fit_table(plan.weighted(heavy), target, interactions=pairs)
            group_tables.append(AdditiveScorer.from_ebm(ebm))
        tables = Tables.of(signals, (tried[best], *group_tables), mix, plan.frame)
        self._paths: dict[tuple[str, str], Path | StraightPath] = {}
        if self.strategy != "refit":
            for name, scorer in tried.items():
                log.info("solving for the constraint's multipliers (%s)", name)
                own = tables if name == best else tables.for_relevance(scorer)
                path = Path.trace(own, demands, relevance, job, names, max_iter=self.max_iter)
                self._paths[name, TOGETHER] = path
                if any(len(demand.groups.labels) > 2 for demand in demands):
                    self._paths[name, ALONE] = path.worst_alone()
            self._ship()
        if self.strategy == "refit":
            self._paths[best, NAME] = refit_path(
                ranker, plan, tables, demands, relevance, job, max_iter=self.max_iter
            )
            self._ship()
        elif self.strategy == "auto" and not self.objectives_["met"].any():
            log.info("no sum of tables keeps the bound on the tune part: fitting one EBM anew")
            nearest = self._paths[self.objective_, self.way_]
            assert isinstance(nearest, Path)
            self._paths[self.objective_, NAME] = refit_path(
                ranker, plan, nearest.tables, demands, relevance, job, max_iter=self.max_iter,
                vector=nearest.vector(self.multiplier_),
            )  # fmt: skip
            self._ship()

    def _choice(self) -> Choice:
        return Choice(self.ranker, tuple(self.constraints), self._tune)

    def _ship(self) -> Self:
        log.info("choosing on the tune part")
        choice = self._choice()
        walks = {name: choice.choose(path) for name, path in self._paths.items()}
        ends = pd.concat([w[w["chosen"]] for w in walks.values()], ignore_index=True)
        starts = pd.concat([w.iloc[:1] for w in walks.values()], ignore_index=True)
        self.objectives_ = pd.DataFrame({
            "objective": [objective for objective, _ in walks],
            "way": [way for _, way in walks],
            "quality_unconstrained": (starts["ndcg"] + starts["ndcg_50"]) / 2,
            "quality": (ends["ndcg"] + ends["ndcg_50"]) / 2,
            "multiplier": ends["multiplier"],
            "missed": ends["missed"],
            "met": ends["met"],
        })  # fmt: skip
        chosen = choice.best(self._paths, ends)
        self.objective_, self.way_ = list(walks)[chosen]
        path, walked = self._paths[self.objective_, self.way_], walks[self.objective_, self.way_]
        point = ends["point"].iloc[chosen]
        self.multiplier_ = float(ends["multiplier"].iloc[chosen])
        names = path.names
        self.group_multipliers_ = dict(zip(names, map(float, point), strict=True))
        self.group_scorers_ = dict(zip(names, path.tables.scorers[1:], strict=True))
        self.reduction_ = path.mixtures
        self.frontier_ = walked.drop(columns="point")
        self.unconstrained_ = path.tables.scorers[0]
        self.scorer_ = choice.collapse(path, point)
        self.feature_names_in_ = np.array(self.scorer_.feature_names, dtype=object)
        self.n_features_in_ = len(self.feature_names_in_)
        self.ebm_: ExplainableBoostingRegressor = self.scorer_.to_ebm()
        log.info("measuring the promise on the test part")
        ranking = self._test.rank(self.scorer_.score(self._test.X))
        row = self.frontier_[self.frontier_["chosen"]].iloc[0]
        self.certificates_ = tuple(
            certify(
                constraint, ranking, groups, chosen_on_tune=float(row[name]),
                met_on_tune=constraint.met_by(float(row[name])), notes=notes, random_state=self.random_state,
            )
            for (constraint, groups), name, notes in zip(
                self._test.demands, gap_names(list(self.constraints)), self._notes, strict=True
            )
        )  # fmt: skip
        self.certificate_: Certificate = max(self.certificates_, key=lambda c: c.severity)
        return self


def _gains(labels: np.ndarray, job: np.ndarray) -> np.ndarray:
    """Labels of one part as gains: where 0 lies is said by its own rows, never by those of another part."""
    return shift_gains(labels, job) if (labels < 0).any() else labels
