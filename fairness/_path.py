"""The path of a constraint: what fairlearn's reductions answer as the bound gets tighter.

ExponentiatedGradient is asked for ever smaller shares of the gap that the unconstrained
ranking leaves on the train part. Its mixtures are collapsed: responses are linear in the
multipliers, so a mixture is the response to its mean multipliers. These are the knots;
between them multipliers are interpolated, and beyond the last one they grow in
proportion, because tables fit their own rows closely and other parts need more than the
train part does. GridSearch walks the path.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import pandas as pd
from fairlearn.reductions import ExponentiatedGradient, GridSearch

from fairness._demands import Demand, group_columns, moment_of
from fairness._parts import constraint_names
from fairness._response import LinearResponse, Tables

SHARES = (0.75, 0.55, 0.4, 0.25, 0.12, 0.04, 0.005)  # of the gap that is there without a constraint
BEYOND = 2.0 ** np.arange(0.5, 3.1, 0.25)  # further on, tables of groups rank instead of relevance
BETWEEN = 0.5  # of the way from one knot to the next
NORM = 0.005  # fairlearn bounds the multipliers' sum by its inverse


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """Multipliers by position.

    A position up to 1 is the share of the train part's gap that a reduction was asked to
    take out; a position t above 1 is t times the last reduction's multipliers.

    Parameters
    ----------
    tables : Tables
        What responses are sums of.
    demands : tuple of Demand
        Constraints, with the groups of the train part.
    relevance, job : (n,) arrays
        Of the train part.
    knots : (n_knots,) float64 array
        Positions of the reductions, from 0 up.
    vectors : (n_rows, n_knots) DataFrame
        Mean multipliers of the reductions' mixtures, a row for each row of the moment.
    mixtures : DataFrame
        What each reduction ended with: ``position``, ``bound`` asked for each constraint,
        ``share`` of each response and its factor of each table.
    names : tuple of str
        Of the group tables.
    points : (k,) float64 array, optional
        Positions worth a look, where knots do not tell.
    """

    tables: Tables
    demands: tuple[Demand, ...]
    relevance: np.ndarray
    job: np.ndarray
    knots: np.ndarray
    vectors: pd.DataFrame
    mixtures: pd.DataFrame
    names: tuple[str, ...]
    points: np.ndarray | None = None
    # Factors by position: every bound that is asked for walks the same positions first.
    _walked: dict[float, np.ndarray] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def trace(
        cls,
        tables: Tables,
        demands: Sequence[Demand],
        relevance: np.ndarray,
        job: np.ndarray,
        names: Sequence[str],
        *,
        max_iter: int,
    ) -> Self:
        """Run the reductions, one for each share of the gap."""
        demands = tuple(demands)
        constraints, columns = [demand.constraint for demand in demands], group_columns(demands)
        gaps = []
        for demand in demands:
            moment = demand.moment(0.0)
            moment.load_data(tables.X, relevance, sensitive_features=demand.groups.names(), job=job)
            gaps.append(float(moment.gamma(lambda _: tables.outputs[:, 0]).abs().max()))
        knots, vectors, mixtures = [0.0], [], []
        for share in SHARES:
            bounds = [share * gap for gap in gaps]
            reduction = ExponentiatedGradient(
                LinearResponse(tables), moment_of(demands, bounds), eps=NORM, max_iter=max_iter, nu=1e-4
            )
            reduction.fit(tables.X, relevance, sensitive_features=columns, job=job)
            shares = reduction.weights_ / reduction.weights_.sum()
            points = np.array([response.multipliers_ for response in reduction.predictors_])
            mean = (reduction.lambda_vecs_[shares.index] * shares).sum(axis=1)
            vectors.append(reduction.constraints_.project_lambda(mean))
            knots.append(1.0 if share == SHARES[-1] else 1.0 - share)
            mixture = pd.DataFrame(points, columns=list(names))
            mixture.insert(0, "share", shares)
            for at, (name, bound) in enumerate(zip(constraint_names(constraints), bounds, strict=True)):
                mixture.insert(at, f"bound: {name}", bound)
            mixture.insert(0, "position", knots[-1])
            mixtures.append(mixture[mixture["share"] > 0])
        frame = pd.concat([vectors[0] * 0.0, *vectors], axis=1)
        frame.columns = range(len(knots))
        return cls(
            tables, demands, relevance, job, np.array(knots), frame,
            pd.concat(mixtures, ignore_index=True), tuple(names),
        )  # fmt: skip

    def worst_alone(self) -> "Path":
        """Return the path that corrects, of each constraint, only the group with the largest gap.

        The grid search's own: one row of the moment has a multiplier and all others none.
        Position 1 puts the multipliers' whole sum there.
        """
        rows = np.zeros(len(self.vectors))
        start = 0
        for demand in self.demands:
            moment = demand.moment(0.0)
            moment.load_data(
                self.tables.X, self.relevance, sensitive_features=demand.groups.names(), job=self.job
            )
            gaps = moment.gamma(lambda _: self.tables.outputs[:, 0]).to_numpy()
            end = start + len(gaps)
            rows[start + int(np.argmax(gaps))] = np.abs(self.vectors.to_numpy()[start:end, -1]).sum()
            start = end
        vectors = pd.DataFrame({0: 0.0 * rows, 1: rows}, index=self.vectors.index)
        alone = replace(
            self, knots=np.array([0.0, 1.0]), vectors=vectors, points=2.0 ** np.arange(-6, 2.1, 0.5)
        )
        mixture = pd.DataFrame(alone.multipliers([1.0]), columns=list(self.names))
        mixture.insert(0, "share", 1.0)
        mixture.insert(0, "position", 1.0)
        return replace(alone, mixtures=mixture)

    def positions(self) -> np.ndarray:
        """Positions worth a look: knots, points between them, and beyond the last."""
        if self.points is not None:
            return np.concatenate([[0.0], self.points])
        between = self.knots[:-1] + BETWEEN * np.diff(self.knots)
        return np.unique(np.concatenate([self.knots, between, BEYOND]))

    def multipliers(self, positions: Any) -> np.ndarray:
        """Walk to some positions: (k,) -> (k, n_tables) factors of the tables."""
        wanted = [float(position) for position in np.atleast_1d(positions)]
        new = [position for position in dict.fromkeys(wanted) if position not in self._walked]
        if new:
            self._walked.update(zip(new, self._walk(new), strict=True))
        return np.array([self._walked[position] for position in wanted])

    def _walk(self, positions: Sequence[float]) -> list[np.ndarray]:
        """Search the grid of some positions' multipliers."""
        grid = pd.DataFrame({at: self.vector(position) for at, position in enumerate(positions)})
        search = GridSearch(
            LinearResponse(self.tables), moment_of(self.demands, [0.0] * len(self.demands)), grid=grid
        )
        search.fit(
            self.tables.X, self.relevance, sensitive_features=group_columns(self.demands), job=self.job
        )
        return [response.multipliers_ for response in search.predictors_]

    def vector(self, position: float) -> pd.Series:
        """Return the multipliers at a position, a row for each row of the moment."""
        values = self.vectors.to_numpy()
        if position >= 1.0:
            return pd.Series(values[:, -1] * position, index=self.vectors.index)
        right = int(np.searchsorted(self.knots, position, side="right"))
        left = right - 1
        way = (position - self.knots[left]) / (self.knots[right] - self.knots[left])
        return pd.Series((1 - way) * values[:, left] + way * values[:, right], index=self.vectors.index)
