"""How far chance alone may have moved a rate, a difference of two rates, or their ratio."""

import math
from collections.abc import Callable
from typing import NamedTuple

from scipy.optimize import brentq
from scipy.stats import norm

from fairness.adverse_impact.significance import refuse_level
from ranker.errors import DataError

__all__ = ["Interval", "katz", "koopman", "newcombe", "wilson"]


class Interval(NamedTuple):
    """A confidence interval.

    Parameters
    ----------
    low, high : float
        In the unit of what it is the interval of; NaN where there is none.
    """

    low: float
    high: float


def wilson(selected: int, total: int, *, level: float = 0.95) -> Interval:
    """Interval of one rate.

    Parameters
    ----------
    selected, total : int
        Persons; ``0 <= selected <= total``.
    level : float, default=.95
        Confidence, between 0 and 1.

    Returns
    -------
    Interval
        In [0, 1]; NaN where there is nobody.

    References
    ----------
    Wilson (1927), Probable Inference, JASA 22; Newcombe (1998), Two-sided Confidence
    Intervals for the Single Proportion, Statistics in Medicine 17, method 3.

    Examples
    --------
    >>> low, high = wilson(81, 263)
    >>> round(low, 4), round(high, 4)
    (0.2553, 0.3662)
    """
    z = _quantile(level)
    if total == 0:
        return Interval(math.nan, math.nan)
    middle = selected + z * z / 2
    half = z * math.sqrt(selected * (total - selected) / total + z * z / 4)
    low, high = (middle - half) / (total + z * z), (middle + half) / (total + z * z)
    return Interval(low if selected else 0.0, high if selected < total else 1.0)


def newcombe(
    selected: int, total: int, other_selected: int, other_total: int, *, level: float = 0.95
) -> Interval:
    """Interval of the difference of two rates, the first less the second.

    Parameters
    ----------
    selected, total : int
        Of the group.
    other_selected, other_total : int
        Of the group that it is compared with.
    level : float, default=.95
        Confidence, between 0 and 1.

    Returns
    -------
    Interval
        In [-1, 1]; NaN where a group has nobody.

    References
    ----------
    Newcombe (1998), Interval Estimation for the Difference Between Independent Proportions,
    Statistics in Medicine 17, method 10.

    Examples
    --------
    >>> low, high = newcombe(56, 70, 48, 80)
    >>> round(low, 4), round(high, 4)
    (0.0524, 0.3339)
    """
    own, other = wilson(selected, total, level=level), wilson(other_selected, other_total, level=level)
    if not total or not other_total:
        return Interval(math.nan, math.nan)
    rate, other_rate = selected / total, other_selected / other_total
    gap = rate - other_rate
    return Interval(
        gap - math.hypot(rate - own.low, other.high - other_rate),
        gap + math.hypot(own.high - rate, other_rate - other.low),
    )


def katz(
    selected: int, total: int, other_selected: int, other_total: int, *, level: float = 0.95
) -> Interval:
    """Interval of the ratio of two rates, normal on the logarithm.

    Where a group has nobody selected, a half is added to each count of selected and of total
    (Walter), and the end that is then certain is put at 0 or at infinity. Where all of both
    are selected the logarithm has no spread and the interval is [1, 1]: read `koopman` then.

    Parameters
    ----------
    selected, total, other_selected, other_total, level
        As in `newcombe`; the ratio is the first rate over the second.

    Returns
    -------
    Interval
        In [0, inf]; NaN where a group has nobody, or nobody of either is selected.

    References
    ----------
    Katz, Baptista, Azen & Pike (1978), Obtaining Confidence Intervals for the Risk Ratio in
    Cohort Studies, Biometrics 34; Walter (1975), The Distribution of Levin's Measure of
    Attributable Risk, Biometrika 62, for the half.

    Examples
    --------
    >>> low, high = katz(36, 40, 16, 80)
    >>> round(low, 3), round(high, 3)
    (2.869, 7.059)
    """
    z = _quantile(level)
    if not total or not other_total or not selected + other_selected:
        return Interval(math.nan, math.nan)
    half = 0.0 if selected and other_selected else 0.5
    s, n, S, N = selected + half, total + half, other_selected + half, other_total + half
    middle = math.log(s / n) - math.log(S / N)
    spread = z * math.sqrt(1 / s - 1 / n + 1 / S - 1 / N)
    return Interval(
        math.exp(middle - spread) if selected else 0.0,
        math.exp(middle + spread) if other_selected else math.inf,
    )


def koopman(
    selected: int, total: int, other_selected: int, other_total: int, *, level: float = 0.95
) -> Interval:
    """Interval of the ratio of two rates: the ratios that a score test does not reject.

    It needs no rule for zeros and keeps its level with few people better than `katz` does.

    Parameters
    ----------
    selected, total, other_selected, other_total, level
        As in `katz`.

    Returns
    -------
    Interval
        In [0, inf]; NaN where a group has nobody, or nobody of either is selected.

    References
    ----------
    Koopman (1984), Confidence Intervals for the Ratio of Two Binomial Proportions,
    Biometrics 40; the rates under a given ratio as in Miettinen & Nurminen (1985),
    Statistics in Medicine 4, without their factor n / (n - 1).

    Examples
    --------
    >>> low, high = koopman(36, 40, 16, 80)
    >>> round(low, 2), round(high, 2)
    (2.94, 7.15)
    """
    z = _quantile(level)
    if not total or not other_total or not selected + other_selected:
        return Interval(math.nan, math.nan)

    def distance(log_ratio: float) -> float:
        return _score(selected, total, other_selected, other_total, math.exp(log_ratio))

    # The score falls from the data's own ratio in both directions; 1e-9 persons stand for a bare 0.
    estimate = math.log(max(selected, 1e-9) / total) - math.log(max(other_selected, 1e-9) / other_total)
    low = math.exp(_root(lambda x: distance(x) - z, estimate, -1.0)) if selected else 0.0
    high = math.exp(_root(lambda x: distance(x) + z, estimate, 1.0)) if other_selected else math.inf
    return Interval(low, high)


def _score(s: int, n: int, S: int, N: int, ratio: float) -> float:
    """Return by how many standard deviations ``s / n`` lies above ``ratio * S / N``, were that the true ratio."""
    a = (n + N) * ratio
    b = (n + S) * ratio + s + N
    # The smaller root, written so that no two large numbers are subtracted.
    other_rate = 2 * (s + S) / (b + math.sqrt(max(b * b - 4 * a * (s + S), 0.0)))
    rate = min(other_rate * ratio, 1.0)
    other_rate = min(other_rate, 1.0)
    variance = rate * (1 - rate) / n + ratio * ratio * other_rate * (1 - other_rate) / N
    gap = s / n - ratio * S / N
    return gap / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, gap) if gap else 0.0


def _root(distance: Callable[[float], float], start: float, step: float) -> float:
    """Find where the distance changes sign, going from `start` in steps that double."""
    far = start + step
    while distance(start) * distance(far) > 0:
        start, far, step = far, far + 2 * step, 2 * step
    return float(brentq(distance, min(start, far), max(start, far), xtol=1e-13, rtol=1e-13))


def _quantile(level: float) -> float:
    refuse_level(level)
    if level < 1e-6:
        raise DataError(f"a level of confidence of {level!r} makes no interval: it is usually .95")
    return float(norm.ppf((1 + level) / 2))
