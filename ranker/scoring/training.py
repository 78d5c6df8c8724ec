"""What every fit of one ranker shares: columns, bins and bags; so that its EBMs can be added up."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any, cast

import numpy as np
import pandas as pd
from interpret.glassbox import ExplainableBoostingRegressor

from ranker.errors import DataError, FitError
from ranker.scoring.additive import AdditiveScorer, Axis, Kind
from ranker.scoring.columns import columns_of, infer_kinds

FEW_JOBS = 20  # below this, bags hold out candidates of each job instead of whole jobs
MANY_CELLS = 5_000  # rows x features; below this, starting processes costs more than it saves


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Features, bags and weights of ``n`` training pairs.

    Two EBMs fitted on one design with the same pairs share every cut, and their bags
    hold the same rows: a weighted sum of them is an EBM with bags of its own.

    Parameters
    ----------
    frame : DataFrame of shape (n, n_features)
        float64 columns and object columns of texts.
    kinds : tuple of str
        ``continuous``, ``nominal`` or ``ordinal`` for each column.
    bags : (n, n_bags) int8 array
        1 where a bag trains on the row, -1 where it holds it out to stop early.
    sample_weight : (n,) float64 array or None
        Weight of each row.
    """

    frame: pd.DataFrame
    kinds: tuple[str, ...]
    bags: np.ndarray
    sample_weight: np.ndarray | None

    def take(self, rows: np.ndarray) -> "Design":
        """Put the rows in another order, or leave some out."""
        weight = None if self.sample_weight is None else self.sample_weight[rows]
        return Design(self.frame.iloc[rows].reset_index(drop=True), self.kinds, self.bags[rows], weight)

    def weighted(self, weight: np.ndarray | None) -> "Design":
        """Multiply the row weights."""
        if weight is None:
            return self
        return replace(
            self, sample_weight=weight if self.sample_weight is None else weight * self.sample_weight
        )

    def fit(
        self,
        target: np.ndarray,
        *,
        interactions: Any,
        n_threads: int | None = 1,
        monotone: Sequence[int] | None = None,
        bags: np.ndarray | None = None,
        **settings: Any,
    ) -> ExplainableBoostingRegressor:
        """Fit an EBM to a target of shape (n,) by squared error.

        Parameters
        ----------
        target : (n,) array
            What to predict.
        interactions : int, float, str or list
            As in interpret.
        n_threads : int, optional
            Processes that fit bags.
        monotone : sequence of -1, 0, 1, optional
            Direction that each feature's shape must keep.
        bags : (n, n_bags) array, optional
            Other bags than the design's.
        **settings
            Further settings of interpret's regressor.

        Raises
        ------
        FitError
            If interpret cannot fit, with its reason.
        """
        bags = self.bags if bags is None else bags
        n_jobs = n_threads or (1 if self.frame.size < MANY_CELLS else -1)
        ebm = ExplainableBoostingRegressor(
            feature_names=list(self.frame.columns),
            feature_types=list(self.kinds),
            interactions=interactions,
            outer_bags=bags.shape[1],
            monotone_constraints=list(monotone) if monotone is not None and any(monotone) else None,
            n_jobs=n_jobs,
            **settings,
        )
        try:
            with warnings.catch_warnings():
                # interpret warns that its graphs do not show the missing bin; ours do.
                warnings.filterwarnings("ignore", message="Missing values detected")
                # A column without any value has no bounds and gets one bin: that is right.
                warnings.filterwarnings("ignore", message="All-NaN slice encountered")
                return ebm.fit(self.frame, target, sample_weight=self.sample_weight, bags=bags)
        except (ValueError, TypeError) as error:
            raise FitError(f"interpret cannot fit these {len(self.frame)} rows: {error}") from error


def design(
    X: Any,
    job: np.ndarray,
    *,
    n_bags: int,
    validation_size: float,
    random_state: int,
    kinds: Sequence[str] | None = None,
    sample_weight: np.ndarray | None = None,
    candidate: np.ndarray | None = None,
) -> Design:
    """Lay out a training set; see :class:`Design`.

    Parameters
    ----------
    X : DataFrame, 2-D array or Arrow table of ``n`` rows
        Features.
    job : (n,) array
        Job label of each row.
    n_bags : int
        Bags.
    validation_size : float
        Share of the rows that each bag holds out.
    random_state : int
        Seed of the bags.
    kinds : sequence of str, optional
        Kind of each column; inferred from the data by default.
    sample_weight : (n,) array, optional
        Row weights, finite and not negative.
    candidate : (n,) array, optional
        Candidate label of each row; see :func:`draw_bags`.
    """
    names, inferred = infer_kinds(X)
    kinds = tuple(kinds or inferred)
    if len(kinds) != len(names):
        raise DataError(f"{len(kinds)} feature kinds for {len(names)} columns: give one each")
    axes = [Axis(name, cast(Kind, kind), ()) for name, kind in zip(names, kinds, strict=True)]
    data = {
        name: column if kind == "continuous" else pd.Series(column, dtype=object)
        for name, kind, column in zip(names, kinds, columns_of(X, axes), strict=True)
    }
    frame = pd.DataFrame(data)
    if len(frame) != len(job):
        raise DataError(f"X has {len(frame)} rows and job has {len(job)}: give one job label a row")
    if sample_weight is not None:
        sample_weight = np.asarray(sample_weight, dtype=np.float64)
        if sample_weight.shape != (len(frame),) or not np.all(
            np.isfinite(sample_weight) & (sample_weight >= 0)
        ):
            raise DataError(f"sample_weight must hold {len(frame)} finite numbers, none negative")
    bags = draw_bags(
        job, n_bags, candidate=candidate, validation_size=validation_size, random_state=random_state
    )
    return Design(frame, kinds, bags, sample_weight)


def skeleton(plan: Design, pairs: Sequence[tuple[int, ...]], *, max_bins: int) -> AdditiveScorer:
    """Lay out interpret's bins, types and terms for a design, with tables that say next to nothing.

    One round of one bag fits them; only axes, terms and bin weights are of use.
    """
    bags = plan.bags[:, :1]
    ebm = plan.fit(
        np.arange(len(plan.frame), dtype=np.float64), interactions=list(pairs) or 0, bags=bags,
        max_bins=max_bins, max_rounds=1,
    )  # fmt: skip
    return AdditiveScorer.from_ebm(ebm)


def n_pairs(interactions: Any, n_features: int) -> Any:
    """Return the number of pairs that interpret takes ``interactions`` to mean; a list of pairs stays one."""
    if isinstance(interactions, str):
        return ceil(float(interactions.removesuffix("x")) * n_features)
    if isinstance(interactions, float) and interactions < 1:
        return ceil(interactions * n_features)
    return int(interactions) if isinstance(interactions, int | float) else list(interactions)


def draw_bags(
    job: np.ndarray,
    n_bags: int,
    *,
    candidate: np.ndarray | None = None,
    validation_size: float,
    random_state: int,
) -> np.ndarray:
    """Draw bags that hold out what a new case would not share with the training rows.

    Whole jobs are held out; candidates of every job where there are fewer than 20 jobs;
    and whole people where people stand in several jobs. interpret's own bags deal out
    rows, so that a job, or a person, leaks from the held-out part into training.

    Parameters
    ----------
    job, candidate : (n,) arrays
        Labels; without candidates each row is another person.
    n_bags : int
        Bags.
    validation_size : float
        Share that each bag holds out.
    random_state : int
        Seed.

    Returns
    -------
    (n, n_bags) int8 array of 1 (train) and -1 (held out)
    """
    jobs, code = np.unique(np.asarray(job).astype(str), return_inverse=True)
    unit, within = code, np.zeros(len(code), dtype=np.int64)
    if candidate is not None and len(people := np.unique(np.asarray(candidate).astype(str))) < len(code):
        # A person's traits do not change with the job. With whole jobs held out, a booster
        # that learns people by heart goes on improving on their other applications: 450,000
        # rounds, all it may have, instead of 5,456 (benchmarks/person_bags.py).
        unit = np.searchsorted(people, np.asarray(candidate).astype(str))
    elif len(jobs) < FEW_JOBS:
        unit, within = np.arange(len(code)), code
    bags = np.ones((len(code), n_bags), dtype=np.int8)
    for bag in range(n_bags):
        rng = np.random.default_rng([random_state, bag])
        for stratum in np.unique(within):
            units = np.unique(unit[within == stratum])
            held = rng.permutation(units)[: round(validation_size * len(units))]
            bags[np.isin(unit, held), bag] = -1
        if (bags[:, bag] == 1).all() and unit.max() > 0:
            # Pools of three or fewer: without one unit held out a booster never stops early.
            bags[unit == rng.integers(unit.max() + 1), bag] = -1
    return bags


def centre(values: np.ndarray, job: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """Take each job's (weighted) mean away: what is left tells its candidates apart."""
    _, code = np.unique(np.asarray(job).astype(str), return_inverse=True)
    weight = np.ones(len(values)) if weight is None else weight
    total = np.bincount(code, weights=weight)
    mean = np.bincount(code, weights=weight * values) / np.where(total > 0, total, 1.0)
    return values - mean[code]
