"""The one thing that scores: an intercept plus step-function tables, one per term."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from ranker.kernels.scoring import bin_categories, bin_continuous
from ranker.scoring.columns import columns_of

if TYPE_CHECKING:
    from interpret.glassbox import ExplainableBoostingClassifier, ExplainableBoostingRegressor

    from ranker.scoring.packed import PackedScorer

__all__ = ["AdditiveScorer", "Axis", "Kind", "Level", "Term"]

Kind = Literal["continuous", "nominal", "ordinal"]
Level = NDArray[np.float64] | dict[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """How one feature is cut into bins.

    Along a table bin 0 is "missing" and the last bin "unknown": a category never
    seen (no number falls there).

    Parameters
    ----------
    name : str
        The feature.
    kind : {"continuous", "nominal", "ordinal"}
        Numbers, or texts without or with an order.
    levels : tuple
        The cuts, finite and increasing, in the feature's unit, or category -> bin (from 1),
        once per resolution: terms of one feature read the first, pairs the second if
        there is one, and so on. Empty where no term reads the feature.
    bounds : (float, float) or None
        Least and greatest value in training, in the feature's unit.
    histogram : ndarray of shape (n,) or None
        Weight of the training rows: missing, equal slices of the bounds (or the
        categories), unknown.
    n_unique : int or None
        Number of distinct values in training.
    """

    name: str
    kind: Kind
    levels: tuple[Level, ...]
    bounds: tuple[float, float] | None = None
    histogram: NDArray[np.float64] | None = None
    n_unique: int | None = None

    def level(self, n_features: int) -> int:
        """Position in ``levels`` of the resolution that a term of ``n_features`` reads."""
        return min(len(self.levels), n_features) - 1

    def n_bins(self, level: int) -> int:
        """Length of a table along this axis, "missing" and "unknown" included."""
        bins = self.levels[level]
        return max(bins.values(), default=0) + 2 if isinstance(bins, dict) else len(bins) + 3

    def bin(self, values: NDArray[Any], level: int) -> NDArray[np.int64]:
        """Bin of each value.

        Parameters
        ----------
        values : ndarray of shape (n,)
            As ``columns_of`` gives them: float64, NaN where missing, or ``str | None``.
        level : int
            Position in ``levels``.

        Returns
        -------
        ndarray of shape (n,), int64
            In 0 .. ``n_bins(level) - 1``.
        """
        bins = self.levels[level]
        if isinstance(bins, dict):
            return bin_categories(values, bins, self.n_bins(level) - 1)
        return bin_continuous(values, bins)


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A step function of one or more features.

    Parameters
    ----------
    features : tuple of int
        Positions of its axes in the scorer.
    scores : ndarray of shape (n_bins of the first axis, of the second, ...)
        What is added to the score, in the score's unit.
    weights : ndarray of the same shape, or None
        Weight of the training rows in each bin (interpret's ``bin_weights_``).
    deviations : ndarray of the same shape, or None
        Standard deviation of ``scores`` over the bags, in the score's unit.
    bagged : ndarray of shape (n_bags, ...), or None
        ``scores`` bag by bag, in the score's unit.
    """

    features: tuple[int, ...]
    scores: NDArray[np.float64]
    weights: NDArray[np.float64] | None = None
    deviations: NDArray[np.float64] | None = None
    bagged: NDArray[np.float64] | None = None

    def turned(self, order: Sequence[int]) -> "Term":
        """Put the axes of all tables in another order; ``order`` holds positions in ``features``."""
        bags = [0, *(position + 1 for position in order)]
        return Term(
            tuple(self.features[position] for position in order),
            self.scores.transpose(order),
            None if self.weights is None else self.weights.transpose(order),
            None if self.deviations is None else self.deviations.transpose(order),
            None if self.bagged is None else self.bagged.transpose(bags),
        )


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class AdditiveScorer:
    """Score = intercept + sum of terms, in order; higher is better.

    Parameters
    ----------
    axes : tuple of Axis
        The features.
    terms : tuple of Term
        The step functions, in the order in which they are added.
    intercept : float
        In the score's unit.
    bagged_intercept : ndarray of shape (n_bags,) or None
        ``intercept`` bag by bag.
    bag_weights : ndarray of shape (n_bags,) or None
        Weight of each bag in the means over bags.
    """

    axes: tuple[Axis, ...]
    terms: tuple[Term, ...]
    intercept: float
    bagged_intercept: NDArray[np.float64] | None = None
    bag_weights: NDArray[np.float64] | None = None

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features, in the order of ``axes``."""
        return tuple(axis.name for axis in self.axes)

    @property
    def term_names(self) -> tuple[str, ...]:
        """Names of the terms in interpret's spelling: "a", or "a & b"."""
        return tuple(" & ".join(self.axes[f].name for f in term.features) for term in self.terms)

    def bin(self, X: Any) -> tuple[tuple[NDArray[np.int64], ...], ...]:
        """Where each row falls in each table.

        Parameters
        ----------
        X : pandas.DataFrame, pyarrow.Table or ndarray of shape (n, n_features)
            Columns by name, or by position in an array; see ``columns_of``.

        Returns
        -------
        tuple of tuple of ndarray of shape (n,), int64
            For each term one array per feature, so that ``term.scores[bins[t]]`` is
            term ``t``'s contribution. Terms that read an axis at the same
            resolution share the array.

        Raises
        ------
        UnknownFieldError
            If a column is missing.
        DataError
            If ``X`` has another form or width, or text where numbers are due.
        """
        columns = columns_of(X, self.axes)
        seen: dict[tuple[int, int], NDArray[np.int64]] = {}
        for term in self.terms:
            for f in term.features:
                key = (f, self.axes[f].level(len(term.features)))
                if key not in seen:
                    seen[key] = self.axes[f].bin(columns[f], key[1])
        return tuple(
            tuple(seen[f, self.axes[f].level(len(term.features))] for f in term.features)
            for term in self.terms
        )

    def contributions(
        self, X: Any, *, out: NDArray[np.float64] | None = None, n_threads: int = 1
    ) -> NDArray[np.float64]:
        """Tell what each term adds to each row's score.

        Parameters
        ----------
        X : pandas.DataFrame, pyarrow.Table, ndarray of shape (n, n_features) or BinnedPool
            As for :meth:`score`, which also says what is raised.
        out : ndarray of shape (n, n_terms), optional
            Contiguous, of type float64: where they go.
        n_threads : int
            Most threads to use; the result does not depend on it.

        Returns
        -------
        ndarray of shape (n, n_terms)
            In the score's unit; ``intercept`` plus these, added from left to right,
            is ``score(X)`` to the last bit.
        """
        return self.packed.contributions(X, out=out, n_threads=n_threads)

    def score(
        self, X: Any, *, out: NDArray[np.float64] | None = None, n_threads: int = 1
    ) -> NDArray[np.float64]:
        """Score of each row.

        Parameters
        ----------
        X : pandas.DataFrame, pyarrow.Table, ndarray of shape (n, n_features) or BinnedPool
            Columns as for :meth:`bin`, though only those that a term reads are converted; or
            rows that ``packed.bin`` binned before.
        out : ndarray of shape (n,), optional
            Contiguous, of type float64: where the scores go.
        n_threads : int
            Most threads to use; the result does not depend on it.

        Returns
        -------
        ndarray of shape (n,)
            Higher is better; equal to the last bit to what interpret computes.

        Raises
        ------
        UnknownFieldError, DataError
            As :meth:`bin`; DataError as well where ``out`` has another shape or type, or a
            pool was binned by other cuts.
        """
        return self.packed.score(X, out=out, n_threads=n_threads)

    @property
    def packed(self) -> "PackedScorer":
        """The same tables laid out for speed; made once, at first use."""
        from ranker.scoring.packed import packed

        return packed(self)

    def to_json(self) -> dict[str, Any]:
        """Write all of it as a strict JSON object; ``from_json`` gives it back to the last bit."""
        from ranker.scoring.scorer_json import encode

        return encode(self)

    @classmethod
    def from_json(cls, document: Any) -> "AdditiveScorer":
        """Read what ``to_json`` wrote.

        Parameters
        ----------
        document : dict
            The JSON object, parsed.

        Returns
        -------
        AdditiveScorer

        Raises
        ------
        ModelError
            If the object has another format or version, lacks a key, or holds a
            table that does not fit its axes; the message names the place.
        """
        from ranker.scoring.scorer_json import decode

        return decode(document)

    @classmethod
    def from_ebm(
        cls, ebm: "ExplainableBoostingRegressor | ExplainableBoostingClassifier"
    ) -> "AdditiveScorer":
        """Copy a fitted EBM; see ``ranker.scoring.conversion.scorer_from_ebm``."""
        from ranker.scoring.conversion import scorer_from_ebm

        return scorer_from_ebm(ebm)

    def to_ebm(self) -> "ExplainableBoostingRegressor":
        """Build a genuine EBM; see ``ranker.scoring.conversion.ebm_from_scorer``."""
        from ranker.scoring.conversion import ebm_from_scorer

        return ebm_from_scorer(self)
