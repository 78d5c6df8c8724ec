"""Differences between methods over resampled splits, and between frontiers at equal exposure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t as student

LEVEL = 0.95
NARROW = 0.03  # a range of exposure ratios that two frontiers share; shorter ones say nothing


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over splits with its interval.

    Parameters
    ----------
    mean, error, low, high : float
        Mean, its standard error and bounds, in the unit of the values; all but the mean are
        NaN for fewer than two splits.
    n : int
        Splits.
    """

    mean: float
    error: float
    low: float
    high: float
    n: int


def corrected_interval(values: ArrayLike, test_over_train: float, *, level: float = LEVEL) -> Interval:
    """Mean of values over resampled splits, with the corrected t interval.

    Splits share rows, so that their results vary less than those of fresh data would: the
    variance of the mean is ``(1/J + n_test/n_train) * s**2`` instead of ``s**2 / J``.

    Parameters
    ----------
    values : array_like of shape (J,)
        One value a split, such as a paired difference; NaN entries are left out.
    test_over_train : float
        Rows of a test part over rows of its train part.
    level : float
        Of the interval.

    References
    ----------
    Nadeau & Bengio (2003), Inference for the Generalization Error, Machine Learning 52.

    Examples
    --------
    >>> corrected_interval([0.1, 0.3], 0.5).mean
    0.2
    """
    known = np.asarray(values, dtype=np.float64)
    known = known[~np.isnan(known)]
    if known.size < 2:
        nan = float("nan")
        return Interval(float(known.mean()) if known.size else nan, nan, nan, nan, known.size)
    mean = float(known.mean())
    error = float(np.sqrt((1 / known.size + test_over_train) * known.var(ddof=1)))
    half = float(student.ppf(0.5 + level / 2, known.size - 1)) * error
    return Interval(mean, error, mean - half, mean + half, known.size)


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Quality as a function of the exposure ratio: straight lines between measured points.

    Points are sorted by ratio and points of equal ratio averaged. There is no running best
    and no envelope: a method that loses quality without gaining exposure is shown to.

    Parameters
    ----------
    ratios, values : (n,) float64 arrays
        Ascending exposure ratios, and the quality at each.
    """

    ratios: np.ndarray
    values: np.ndarray

    @classmethod
    def through(cls, ratios: ArrayLike, values: ArrayLike) -> "Curve":
        """Draw the curve through measured points; those without a ratio or a value are left out."""
        x, y = np.asarray(ratios, dtype=np.float64), np.asarray(values, dtype=np.float64)
        known = np.isfinite(x) & np.isfinite(y)
        found, at = np.unique(x[known], return_inverse=True)
        return cls(found, np.bincount(at, weights=y[known], minlength=found.size) / np.bincount(at))

    def mean_between(self, low: float, high: float) -> float:
        """Mean of the curve over a range of ratios inside its own; exact, by trapezoids."""
        inner = self.ratios[(self.ratios > low) & (self.ratios < high)]
        x = np.concatenate([[low], inner, [high]])
        return float(np.trapezoid(np.interp(x, self.ratios, self.values), x) / (high - low))


def common_range(one: Curve, other: Curve) -> tuple[float, float] | None:
    """Ratios that both curves reach, or None where there are none or fewer than `NARROW` of them."""
    if not one.ratios.size or not other.ratios.size:
        return None
    low, high = max(one.ratios[0], other.ratios[0]), min(one.ratios[-1], other.ratios[-1])
    return (float(low), float(high)) if high - low >= NARROW else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One method less another at equal exposure, over splits.

    Parameters
    ----------
    difference : Interval
        Of the mean quality over the range that both frontiers of a split reach.
    n_narrow : int
        Splits where that range is empty or narrower than `NARROW`, left out.
    width : float
        Mean width of the ranges compared.
    """

    difference: Interval
    n_narrow: int
    width: float


def compare_at_equal_exposure(
    ones: Sequence[Curve], others: Sequence[Curve], test_over_train: float
) -> Comparison:
    """Compare the frontiers of two methods split by split; nothing is extrapolated.

    Parameters
    ----------
    ones, others : sequences of Curve, length J
        One curve a split, of the same splits in the same order.
    test_over_train : float
        As in `corrected_interval`.
    """
    differences, widths = [], []
    for one, other in zip(ones, others, strict=True):
        shared = common_range(one, other)
        if shared is not None:
            differences.append(one.mean_between(*shared) - other.mean_between(*shared))
            widths.append(shared[1] - shared[0])
    return Comparison(
        corrected_interval(differences, test_over_train),
        len(ones) - len(differences),
        float(np.mean(widths)) if widths else float("nan"),
    )
