"""Ordered labels on a score: thresholds that give the label, and calibrated probabilities."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from ranker.errors import DataError, ModelError, did_you_mean
from ranker.scoring.calibration import Calibration, check_keys

__all__ = ["FORMAT", "OrdinalLabels", "best_thresholds", "median_thresholds"]

FORMAT: Final = "candor ordinal labels 1"
GRID: Final = 200  # thresholds are sought among so many quantiles of the scores

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OrdinalLabels:
    """Ordered labels, read off one score.

    A score gets the label ``k`` where ``thresholds[k - 1] <= score < thresholds[k]``, so whatever
    explains the score explains the label: what lies between the score and the next threshold is
    what the next label would take.

    Parameters
    ----------
    labels : tuple of str
        Lowest first, K of them.
    thresholds : tuple of float, K - 1 of them
        In the score's unit, ascending. By the rule "median" each lies where
        P(label > k) = .5; a label of probability above .5 is then the label that is given.
    calibration : Calibration
        From the score to probabilities.
    """

    labels: tuple[str, ...]
    thresholds: tuple[float, ...]
    calibration: Calibration

    def __post_init__(self) -> None:
        n = len(self.labels)
        if n < 2 or len(set(self.labels)) != n:
            raise DataError(f"labels are {self.labels!r}: give two or more different ones, lowest first")
        if len(self.thresholds) != n - 1 or self.calibration.n_labels != n:
            raise DataError(
                f"{n} labels need {n - 1} thresholds and a calibration of {n}: there are "
                f"{len(self.thresholds)}, and {self.calibration.n_labels}"
            )
        if not all(low <= high for low, high in pairwise((-np.inf, *self.thresholds, np.inf))):
            raise DataError(f"thresholds are {self.thresholds}: they must not fall")

    def predict(self, scores: Any) -> NDArray[np.int64]:
        """Position in ``labels`` of each score's label, (n,); a score on a threshold is above it."""
        scores = np.asarray(scores, dtype=np.float64)
        return np.searchsorted(np.array(self.thresholds), scores, side="right").astype(np.int64)

    def predict_proba(self, scores: Any) -> Array:
        """Calibrated probability of each label, (n, K); each row sums to 1."""
        return self.calibration.probabilities(np.asarray(scores, dtype=np.float64))

    def score_at(self, label: str, probability: float | None = None) -> float:
        """Least score that is given a label, or a higher one.

        Parameters
        ----------
        label : str
            Any but the lowest, which has no least score.
        probability : float, optional
            Instead: the score at which this label or a higher one has this probability;
            infinite where no score gives it.

        Raises
        ------
        DataError
            If there is no such label, or it is the lowest.
        """
        if label not in self.labels[1:]:
            why = "the lowest: every score reaches it" if label == self.labels[0] else "none of the labels"
            raise DataError(f"label {label!r} is {why}{did_you_mean(label, self.labels[1:])}")
        boundary = self.labels.index(label) - 1
        if probability is None:
            return self.thresholds[boundary]
        return self.calibration.score_at(boundary, probability)

    def to_json(self) -> dict[str, Any]:
        """Write it as a strict JSON object; ``from_json`` gives it back to the last bit."""
        return {
            "format": FORMAT,
            "labels": list(self.labels),
            "thresholds": list(self.thresholds),
            "calibration": self.calibration.to_json(),
        }

    @classmethod
    def from_json(cls, document: Any) -> Self:
        """Read what ``to_json`` wrote.

        Raises
        ------
        ModelError
            If the object has another format, lacks a key, or its parts do not fit together.
        """
        check_keys(document, {"format": FORMAT, "labels": "texts", "thresholds": "numbers"})
        check_keys(document, {"calibration": "the curves"})
        if document["format"] != FORMAT:
            raise ModelError(f"ordinal labels of the format {document['format']!r}: {FORMAT!r} is read")
        try:
            return cls(
                tuple(map(str, document["labels"])),
                tuple(map(float, document["thresholds"])),
                Calibration.from_json(document["calibration"]),
            )
        except (TypeError, ValueError) as error:
            raise ModelError(f"ordinal labels: {error}") from None


def median_thresholds(calibration: Calibration) -> tuple[float, ...]:
    """Thresholds where a score is as likely above each boundary as below: K - 1 scores.

    The label is then the median of the calibrated probabilities, which is also the most probable
    label wherever that has more than half; where none has, the answer is uncertain anyway.
    """
    return tuple(calibration.score_at(boundary) for boundary in range(calibration.n_labels - 1))


def best_thresholds(calibration: Calibration, scores: Array) -> tuple[float, ...]:
    """Thresholds of the greatest macro-F1 that the calibrated probabilities promise.

    A label that is rare is then given at a probability below .5. Found among 200 quantiles of the
    scores, exactly, since each label's F1 depends on the two thresholds beside it alone.

    Parameters
    ----------
    calibration : Calibration
        K labels.
    scores : (n,) array
        Scores of the people that labels will be given to, or of others like them. Their own labels
        are not asked: what is expected of the probabilities varies less than what was counted.

    Returns
    -------
    tuple of float, K - 1 of them
        Scores, ascending.
    """
    scores = np.sort(scores)
    grid = np.unique(np.quantile(scores, np.linspace(0.0, 1.0, GRID + 1)))
    at = np.searchsorted(scores, grid, side="left")
    mass = np.vstack([np.zeros(calibration.n_labels), np.cumsum(calibration.probabilities(scores), axis=0)])
    ends = np.array([0, *at, len(scores)])  # rows below each threshold: none, at each of the grid, all
    best, chosen = np.full(len(ends), -np.inf), list[NDArray[np.int64]]()
    best[0] = 0.0
    for label in range(calibration.n_labels):
        held = mass[ends, label]
        given = ends[np.newaxis, :] - ends[:, np.newaxis]
        f1 = 2.0 * (held[np.newaxis, :] - held[:, np.newaxis]) / np.maximum(given + held[-1], 1e-12)
        f1[np.tril_indices(len(ends), -1)] = -np.inf
        # The ends stand for no threshold: only the first label begins there, only the last ends there.
        f1[:, [0, -1] if label < calibration.n_labels - 1 else [0]] = -np.inf
        total = best[:, np.newaxis] + f1
        chosen.append(total.argmax(axis=0))
        best = total.max(axis=0)
    places, end = list[int](), len(ends) - 1
    for before in reversed(chosen[1:]):
        end = int(before[end])
        places.append(end)
    return tuple(float(grid[place - 1]) for place in reversed(places))
