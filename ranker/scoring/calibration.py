"""From one score to the chance of reaching each label: a logistic curve a label, with lapses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from ranker.errors import FitError, ModelError

__all__ = ["Calibration"]

LEAST: Final = 1e-9  # probability that a label keeps where rounding leaves none
VAGUE: Final = 3.0  # standard deviation of each free number around a guess of it
NEAR: Final = 1.0  # and around other curves
FEW_LAPSES: Final = -4.0  # where lapses start: one per cent a label
STEEP: Final = 1.8  # where the slope starts: logits a standard deviation of the scores
APART: Final = 0.1  # least distance, in logits, at which two centres start

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Chance that a score belongs above each boundary between labels.

    P(label > k | score) = lower[k] + (upper[k] - lower[k]) / (1 + exp(centres[k] - slope * score))

    A proportional-odds model whose curves need not run to 0 and 1: however low or high the score, a
    share of the labels is given by slips and by judgements of another kind. Without these lapses a
    few surprising labels flatten the whole curve. The curves rise with the score and do not cross
    at any score, since ``lower < .5 < upper`` and all three run in the order of the labels.

    Parameters
    ----------
    slope : float
        Logits a unit of the score, above 0.
    centres : tuple of float, K - 1 of them
        In logits, ascending.
    lower, upper : tuples of float, K - 1 of them
        Probabilities that the curves start from and end at, each descending.

    References
    ----------
    McCullagh (1980), Regression Models for Ordinal Data, JRSS B 42(2): proportional odds.
    Wichmann & Hill (2001), The psychometric function I, Perception & Psychophysics 63(8): lapses.
    """

    slope: float
    centres: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]

    @classmethod
    def fit(
        cls,
        scores: Array,
        codes: NDArray[np.int64],
        n_labels: int,
        *,
        weight: Array | None = None,
        near: "Calibration | None" = None,
    ) -> "Calibration":
        """Fit the curves by maximum likelihood, each parameter with a wide normal prior.

        Parameters
        ----------
        scores : (n,) array
            In the score's unit.
        codes : (n,) int array
            Labels, ``0 .. n_labels - 1``.
        n_labels : int
            K.
        weight : (n,) array, optional
            Weight of each row.
        near : Calibration, optional
            Where the prior lies; few rows move little away from it. Without, at the quantiles of
            the scores that the shares of the labels name.

        Raises
        ------
        FitError
            If there is no row, or the likelihood has no finite maximum.
        """
        from scipy.optimize import minimize  # slow to load, and curves that were fitted do without

        if not len(scores):
            raise FitError("no row to calibrate on: the tune part is empty")
        weight = np.ones(len(scores)) if weight is None else weight
        start = _start(scores, codes, weight, n_labels) if near is None else _numbers(near)
        spread = VAGUE if near is None else NEAR

        def loss(numbers: Array) -> tuple[float, Array]:
            value, slope = _loss(numbers, scores, codes, weight)
            away = (numbers - start) / spread
            return value + 0.5 * float(away @ away), slope + away / spread

        found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 500})
        if not np.isfinite(found.fun):
            raise FitError(f"no calibration of {len(scores)} rows was found: their scores are not finite")
        return _curves(found.x)

    @property
    def n_labels(self) -> int:
        """K."""
        return len(self.centres) + 1

    def above(self, scores: Array) -> Array:
        """P(label > k), (n, K - 1), for scores of shape (n,)."""
        lower, upper = np.array(self.lower), np.array(self.upper)
        return lower + (upper - lower) * expit(self.slope * scores[:, np.newaxis] - np.array(self.centres))

    def probabilities(self, scores: Array) -> Array:
        """P(label = k), (n, K), each row summing to 1."""
        return _steps(self.above(np.asarray(scores, np.float64)))

    def score_at(self, boundary: int, probability: float = 0.5) -> float:
        """Score at which P(label > boundary) is ``probability``; infinite where no score gives it."""
        lower, upper = self.lower[boundary], self.upper[boundary]
        if not lower < probability < upper:
            return -np.inf if probability <= lower else np.inf
        share = (probability - lower) / (upper - lower)
        return float((self.centres[boundary] + logit(share)) / self.slope)

    def steps(self, scores: Array, codes: NDArray[np.int64]) -> tuple[Array, Array]:
        """Slope of each row's log-likelihood in its score, and Fisher's expected curvature: (n,), (n,)."""
        curve = expit(self.slope * scores[:, np.newaxis] - np.array(self.centres))
        height = np.array(self.upper) - np.array(self.lower)
        steep = self.slope * height * curve * (1.0 - curve)
        chance = _steps(np.array(self.lower) + height * curve)
        change = -np.diff(steep, axis=1, prepend=0.0, append=0.0)
        own = np.arange(len(scores)), codes
        return change[own] / chance[own], (change**2 / chance).sum(axis=1)

    def rescaled(self, slope: float) -> "Calibration":
        """Return the calibration of scores that are divided by ``slope``."""
        return Calibration(self.slope * slope, self.centres, self.lower, self.upper)

    def to_json(self) -> dict[str, Any]:
        """Write it as a JSON object; ``from_json`` gives it back to the last bit."""
        return {
            "slope": self.slope,
            "centres": list(self.centres),
            "lower": list(self.lower),
            "upper": list(self.upper),
        }

    @classmethod
    def from_json(cls, document: Any) -> Self:
        """Read what ``to_json`` wrote.

        Raises
        ------
        ModelError
            If a key lacks, or the curves would fall or cross.
        """
        try:
            slope = float(document["slope"])
            rest = [tuple(map(float, document[key])) for key in ("centres", "lower", "upper")]
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(
                f"calibration: {error!r} is missing or no number: train the model again"
            ) from None
        centres, lower, upper = rest
        ordered = all(np.all(np.diff(way) >= 0) for way in (centres, lower[::-1], upper[::-1]))
        inside = np.isfinite(centres).all() and all(
            0 <= low < 0.5 < high <= 1 for low, high in zip(lower, upper, strict=False)
        )
        if not (ordered and inside and len({len(part) for part in rest}) == 1 and 0 < slope < np.inf):
            raise ModelError("calibration: its curves fall, cross or lack numbers: train the model again")
        return cls(slope, centres, lower, upper)


def check_keys(document: Any, keys: Mapping[str, str]) -> None:
    """Refuse a JSON value that is no object, or lacks a key; ``keys`` say what each one holds."""
    missing = [key for key in keys if not isinstance(document, Mapping) or key not in document]
    if missing:
        raise ModelError(f"{missing[0]!r} ({keys[missing[0]]}) is missing: train the model again")


def _steps(above: Array) -> Array:
    """Chances of the labels from those of exceeding each but the last: (n, K - 1) -> (n, K)."""
    chance = np.maximum(-np.diff(above, axis=1, prepend=1.0, append=0.0), LEAST)
    return chance / chance.sum(axis=1, keepdims=True)


def _start(scores: Array, codes: NDArray[np.int64], weight: Array, n_labels: int) -> Array:
    """Numbers to start from: centres at the quantiles of the scores that the labels' shares name."""
    spread = float(scores.std())
    # Scores that are all alike differ by rounding, which is no scale.
    spread = spread if spread > 1e-9 * max(1.0, float(np.abs(scores).max())) else 1.0
    shares = np.cumsum(np.bincount(codes, weights=weight, minlength=n_labels))[:-1] / weight.sum()
    centres = STEEP / spread * np.quantile(scores, np.clip(shares, 0.0, 1.0))
    gaps = np.log(np.maximum(np.diff(centres), APART))
    return np.concatenate(
        ([np.log(STEEP / spread), centres[0]], gaps, np.full(2 * (n_labels - 1), FEW_LAPSES))
    )


def _numbers(curves: Calibration) -> Array:
    """Free numbers of curves: log slope, first centre, log gaps, log odds of the lapses."""
    low, high = -np.diff([*curves.lower, 0.0]), np.diff([0.0, *(1 - np.array(curves.upper))])
    gaps = np.log(np.maximum(np.diff(curves.centres), LEAST))
    return np.concatenate(([np.log(curves.slope), curves.centres[0]], gaps, _odds(low), _odds(high)))


def _odds(lapses: Array) -> Array:
    lapses = np.maximum(lapses, LEAST)
    return np.log(lapses / max(0.5 - lapses.sum(), LEAST))


def _lapses(numbers: Array) -> Array:
    """Shares that add up to less than a half, whatever the numbers."""
    largest = max(float(numbers.max()), 0.0)
    weights = np.exp(numbers - largest)
    return 0.5 * weights / (np.exp(-largest) + weights.sum())


def _curves(numbers: Array) -> Calibration:
    cuts = len(numbers) // 3
    centres = np.cumsum(np.concatenate((numbers[1:2], np.exp(numbers[2 : cuts + 1]))))
    low, high = _lapses(numbers[cuts + 1 : 2 * cuts + 1]), _lapses(numbers[2 * cuts + 1 :])
    lower, upper = np.cumsum(low[::-1])[::-1], 1.0 - np.cumsum(high)
    return Calibration(
        float(np.exp(numbers[0])), tuple(centres.tolist()), tuple(lower.tolist()), tuple(upper.tolist())
    )


def _loss(numbers: Array, scores: Array, codes: NDArray[np.int64], weight: Array) -> tuple[float, Array]:
    """Return minus the log-likelihood, and its slope in the free numbers."""
    curves = _curves(numbers)
    cuts = len(curves.centres)
    lower, upper = np.array(curves.lower), np.array(curves.upper)
    curve = expit(curves.slope * scores[:, np.newaxis] - np.array(curves.centres))
    above = lower + (upper - lower) * curve
    chance = np.maximum(-np.diff(above, axis=1, prepend=1.0, append=0.0), LEAST)
    own = chance[np.arange(len(codes)), codes]
    # A row's own label lies between two curves: it gains where the one below rises, loses where the
    # one above does.
    boundary = np.arange(cuts)
    label = codes[:, np.newaxis]
    pull = -(weight / own)[:, np.newaxis] * ((label == boundary + 1).astype(float) - (label == boundary))
    inner = pull * (upper - lower) * curve * (1.0 - curve)
    centres = -inner.sum(axis=0)
    gaps = np.exp(numbers[2 : cuts + 1]) * np.cumsum(centres[::-1])[::-1][1:]
    return -float(weight @ np.log(own)), np.concatenate(
        (
            [curves.slope * float((inner * scores[:, np.newaxis]).sum()), centres.sum()],
            gaps,
            _lapse_slope(numbers[cuts + 1 : 2 * cuts + 1], np.cumsum((pull * (1.0 - curve)).sum(axis=0))),
            _lapse_slope(numbers[2 * cuts + 1 :], -np.cumsum((pull * curve).sum(axis=0)[::-1])[::-1]),
        )
    )


def _lapse_slope(numbers: Array, slope: Array) -> Array:
    """Slope in the numbers behind lapses, given the slope in the lapses."""
    lapses = _lapses(numbers)
    return lapses * (slope - 2.0 * float(slope @ lapses))
