"""One column of the snapshot: its bins, its distribution, and where a new value stands in it."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from ranker.app.monitoring.pools import PoolMeans, pool_means, worth
from ranker.errors import ModelError

__all__ = ["Column", "Place", "column_of", "is_absent"]

N_POINTS: Final = 1_000  # order statistics that are kept of a number; all where there are fewer
N_BINS: Final = 10
MOST_CATEGORIES: Final = 50
EDGE: Final = 0.001  # share at which normal scores are cut off, at 3.1 standard deviations
SAME: Final = 1e-9  # a spread that is none
MOST_SKEWED: Final = 2.0  # of a column whose mean is tested; a flag that 15 % have is as skewed
Value = float | str | None


class Place(NamedTuple):
    """Where a value stands in a column's distribution.

    Parameters
    ----------
    low, high : float
        Share of the training values below it, and below or at it, in [0, 1].
    code : int
        Its bin; 0 for a value that is missing.
    score : float
        Its normal score, in standard deviations of the training part, around 0.
    """

    low: float
    high: float
    code: int
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """What training saw of a feature, the score, the label or the selection of a group.

    A number's bins are: missing, then between ``edges``; a category's: missing, then ``categories``, then
    what training never saw.

    Parameters
    ----------
    name, label : str
        Of the feature, for machines and for people.
    shares : tuple of float
        Share of the training values in each bin; they sum to 1.
    n : int
        Training values, missing ones among them.
    effective : float
        Independent values that they are worth: those of one job, or of one person, are alike.
    edges, points : tuple of float
        Of a number: inner edges of the bins, a value at an edge lies above it; quantiles, ascending.
    categories : tuple of str or None
        Of a category, in order; ``None`` for a number.
    pools : PoolMeans or None
        How means of several candidates of one job vary; ``None`` where answers are about one person each, or
        an earlier version made the snapshot.
    """

    name: str
    label: str
    shares: tuple[float, ...]
    n: int
    effective: float
    edges: tuple[float, ...] = ()
    points: tuple[float, ...] = ()
    categories: tuple[str, ...] | None = None
    pools: PoolMeans | None = None
    mean: float = field(init=False)
    deviation: float = field(init=False)
    skewness: float = field(init=False)
    _ends: tuple[float, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        ends = np.concatenate([[0.0], np.cumsum(self.shares)])
        object.__setattr__(self, "_ends", tuple(np.minimum(ends, 1.0).tolist()))
        weights, scores = self._raw_atoms()
        mean = float(weights @ scores)
        spread = float(np.sqrt(weights @ (scores - mean) ** 2))
        object.__setattr__(self, "mean", mean)
        object.__setattr__(self, "deviation", spread)
        skewness = float(weights @ (scores - mean) ** 3) / spread**3 if spread > SAME else np.inf
        object.__setattr__(self, "skewness", skewness)

    def place(self, value: Value) -> Place:
        """Return where a value stands; one of another kind than the column's counts as never seen."""
        low, high, code = self._between(value)
        score = _normal_score((low + high) / 2)
        return Place(low, high, code, (score - self.mean) / self.deviation if self.deviation > SAME else 0.0)

    def scores(self, values: Sequence[Value]) -> NDArray[np.float64]:
        """Return the normal scores of many values."""
        known = {value: self.place(value).score for value in dict.fromkeys(values)}
        return np.array([known[value] for value in values])

    @property
    def drawn(self) -> int:
        """Candidates of one answer whose mean is watched."""
        return 1 if self.pools is None else self.pools.n

    def deviation_of(self, n: int) -> float:
        """Return the standard deviation of the mean normal score of ``n`` candidates of one answer."""
        return 1.0 if self.pools is None else self.pools.deviation(n)

    def atoms(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the distribution of the training values' normal scores: weights that sum to 1, and scores."""
        weights, scores = self._raw_atoms()
        if not self.deviation > SAME:
            return weights, np.zeros(scores.size)
        return weights, (scores - self.mean) / self.deviation

    @property
    def suits_mean(self) -> bool:
        """Whether its mean says something: not where nearly all have one value."""
        return abs(self.skewness) <= MOST_SKEWED

    @property
    def bins(self) -> tuple[str, ...]:
        """What the bins are called."""
        if self.categories is not None:
            return ("missing", *self.categories, "never seen in training")
        if not self.edges:
            return ("missing", "any number")
        ends = [f"{edge:.4g}" for edge in self.edges]
        inner = [f"{low} to {high}" for low, high in pairwise(ends)]
        return ("missing", f"below {ends[0]}", *inner, f"{ends[-1]} and above")

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "name": self.name,
            "label": self.label,
            "n": self.n,
            "effective": self.effective,
            "shares": list(self.shares),
            "edges": list(self.edges),
            "points": list(self.points),
            "categories": None if self.categories is None else list(self.categories),
            "pools": None if self.pools is None else self.pools.to_json(),
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """Read it back.

        Raises
        ------
        ModelError
            If its parts do not fit together.
        """
        categories, pools = told["categories"], told.get("pools")
        n_bins = len(told["edges"]) + 2 if categories is None else len(categories) + 2
        if len(told["shares"]) != n_bins or not told["effective"] > 0:
            raise ModelError(f"the snapshot's column {told['name']!r} does not fit its bins: train anew")
        return cls(
            str(told["name"]), str(told["label"]), tuple(map(float, told["shares"])), int(told["n"]),
            float(told["effective"]), tuple(map(float, told["edges"])), tuple(map(float, told["points"])),
            None if categories is None else tuple(map(str, categories)),
            None if pools is None else PoolMeans.from_json(pools),
        )  # fmt: skip

    def _between(self, value: Value) -> tuple[float, float, int]:
        if is_absent(value):
            return 0.0, self._ends[1], 0
        if self.categories is not None:
            text = str(value)
            code = self.categories.index(text) + 1 if text in self.categories else len(self.categories) + 1
            return self._ends[code], self._ends[code + 1], code
        number = float(value) if isinstance(value, int | float) else np.inf
        n = max(len(self.points), 1)
        present = 1 - self._ends[1]
        low, high = bisect_left(self.points, number) / n, bisect_right(self.points, number) / n
        code = 1 + bisect_right(self.edges, number)
        return self._ends[1] + present * low, self._ends[1] + present * high, code

    def _raw_atoms(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the weights and normal scores of the training values, before these are standardised."""
        if self.categories is not None or not self.points:
            weights = np.array(self.shares)
            middles = np.array(self._ends[:-1]) + weights / 2
        else:
            _, counts = np.unique(np.array(self.points), return_counts=True)
            present = (1 - self._ends[1]) * counts / counts.sum()
            weights = np.concatenate([[self._ends[1]], present])
            middles = np.cumsum(weights) - weights / 2
        return weights, np.array([_normal_score(float(middle)) for middle in middles])


def is_absent(value: Value) -> bool:
    """Tell whether a value is missing: null, or no number."""
    return value is None or value != value


def column_of(
    name: str,
    label: str,
    values: Sequence[Value],
    *,
    clusters: Sequence[NDArray[Any]] = (),
    categories: Sequence[str] | None = None,
) -> Column:
    """Describe a column of the training part.

    Parameters
    ----------
    name, label : str
        As in :class:`Column`.
    values : sequence of float, str or None, n long
        One for each training row; missing ones are a bin of their own.
    clusters : sequence of (n,) arrays
        The job of each row, and the person: a live answer is one draw of a job, then of a person, so jobs
        count alike whatever the size of their pools.
    categories : sequence of str, optional
        All categories in their order; sorted by default where values are texts.

    Raises
    ------
    ModelError
        If there is no value.
    """
    n = len(values)
    if not n:
        raise ModelError(f"the training part holds no value of {name!r}: there is nothing to compare with")
    there = [value for value in values if not is_absent(value)]
    is_text = categories is not None or any(isinstance(value, str) for value in there)
    weights = np.full(n, 1.0)
    if clusters:
        _, code, sizes = np.unique(clusters[0].astype(str), return_inverse=True, return_counts=True)
        weights = 1.0 / sizes[code]
    weights /= weights.sum()
    keys = _ranked_by(values, is_text)
    effective = min([float(n), *(worth(keys, one) for one in clusters)])
    if is_text:
        found = list(dict.fromkeys(categories or sorted({str(value) for value in there})))
        if len(found) > MOST_CATEGORIES:  # the rest is one bin, with what is never seen
            sums = {name: 0.0 for name in found}
            for value, weight in zip(values, weights, strict=True):
                if str(value) in sums:
                    sums[str(value)] += float(weight)
            found = sorted(sorted(sums, key=lambda one: -sums[one])[:MOST_CATEGORIES])
        known = {one: place + 1 for place, one in enumerate(found)}
        places = [0 if is_absent(v) else known.get(str(v), len(found) + 1) for v in values]
        shares = np.bincount(places, weights, len(found) + 2)
        column = Column(name, label, tuple(shares.tolist()), n, effective, categories=tuple(found))
        return _with_pools(column, values, clusters)
    numbers = np.array([np.nan if is_absent(v) else float(v) for v in values])  # type: ignore[arg-type]
    seen = ~np.isnan(numbers)
    points = _quantiles(numbers[seen], weights[seen])
    cuts = _at(points, np.arange(1, N_BINS) / N_BINS)
    edges = np.unique(cuts[cuts > points[0]]) if points.size else points
    codes = np.where(seen, 1 + np.searchsorted(edges, np.where(seen, numbers, 0.0), side="right"), 0)
    shares = np.bincount(codes, weights, len(edges) + 2)
    column = Column(
        name, label, tuple(shares.tolist()), n, effective, tuple(edges.tolist()), tuple(points.tolist())
    )
    return _with_pools(column, values, clusters)


def _with_pools(column: Column, values: Sequence[Value], clusters: Sequence[NDArray[Any]]) -> Column:
    # Of a column without a walk nobody takes the mean.
    if not clusters or not column.suits_mean or np.unique(clusters[0].astype(str)).size == len(values):
        return column
    return replace(column, pools=pool_means(column.scores(values), clusters[0]))


def _normal_score(share: float) -> float:
    return float(ndtri(min(max(share, EDGE), 1 - EDGE)))


def _quantiles(values: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values at equal steps of their weighted distribution."""
    order = np.argsort(values, kind="stable")
    values, weights = values[order], weights[order]
    n = min(len(values), N_POINTS)
    if not n:
        return values
    ends = np.cumsum(weights) / weights.sum()
    return values[np.minimum(np.searchsorted(ends, (np.arange(n) + 0.5) / n), len(values) - 1)]


def _at(points: NDArray[np.float64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    return (
        points[np.minimum((shares * len(points)).astype(np.int64), len(points) - 1)]
        if points.size
        else points
    )


def _ranked_by(values: Sequence[Value], is_text: bool) -> NDArray[Any]:
    """Return what orders the values, missing ones first."""
    if is_text:
        return np.array(["" if is_absent(v) else str(v) for v in values])
    return np.array([-np.inf if is_absent(v) else float(v) for v in values])  # type: ignore[arg-type]
