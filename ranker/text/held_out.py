"""How well labels of texts are told, judged by texts that training did not see in any copy."""

import re
import unicodedata
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import bootstrap
from sklearn.model_selection import StratifiedGroupKFold

from ranker.errors import FitError

__all__ = ["Estimate", "HeldOut", "copies_of", "folds_of", "judged"]

LEVEL: Final = 0.95
RESAMPLES: Final = 2000
_WORD = re.compile(r"\w+")

Codes = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its 95 % interval.

    Parameters
    ----------
    value, low, high : float
        In the figure's unit.
    """

    value: float
    low: float
    high: float

    def to_json(self) -> dict[str, float]:
        """Return value, low and high."""
        return asdict(self)


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """What was said of each of ``n`` texts by a classifier that was trained without it.

    Parameters
    ----------
    truth : (n,) int array
        Position of the given label, of ``K``.
    probabilities : (n, K) float64 array
        Rows sum to 1.
    group : (n,) int array
        Texts of one group are copies of each other and were held out together.
    fold : (n,) int array
        In which a text was held out.
    accuracy, macro_f1 : Estimate
        In [0, 1]. Macro-F1 is the mean over labels; the intervals are by resampling groups, over labels
        that are drawn, and tell of other texts of this kind, not of other choices in training.
    f1 : (K,) float64 array
        Of each label, in [0, 1].
    """

    truth: Codes
    probabilities: NDArray[np.float64]
    group: Codes
    fold: Codes
    accuracy: Estimate
    macro_f1: Estimate
    f1: NDArray[np.float64]

    @property
    def predicted(self) -> Codes:
        """Position of each text's most probable label, (n,)."""
        return np.asarray(self.probabilities.argmax(axis=1))

    @property
    def log_loss(self) -> float:
        """Mean of ``-log`` of the given label's probability, in nats."""
        return log_loss(self.truth, self.probabilities)


def copies_of(texts: Sequence[str]) -> Codes:
    """Give texts that differ in case, marks and space alone the same number.

    Returns
    -------
    (n,) int array
        From 0, in the order of first appearance.
    """
    seen: dict[str, int] = {}
    words = (" ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold())) for text in texts)
    # What has neither letters nor digits is told apart by its marks.
    keys = (found or text for found, text in zip(words, texts, strict=True))
    return np.array([seen.setdefault(key, len(seen)) for key in keys], dtype=np.intp)


def folds_of(truth: Codes, group: Codes, folds: int, random_state: int) -> Codes:
    """Share texts out to folds: a group never straddles two, and labels are spread evenly.

    Parameters
    ----------
    truth, group : (n,) int array
    folds : int
        At least 2; no more are made than the most frequent label has groups.
    random_state : int

    Returns
    -------
    (n,) int array
        Fold of each text, from 0.

    Raises
    ------
    FitError
        If no label has two groups.
    """
    pairs = np.unique(np.stack([truth, group]), axis=1)
    n_folds = min(folds, int(np.bincount(pairs[0]).max()))
    if n_folds < 2:
        raise FitError("each label has only one text and its copies: nothing can be held out; add texts")
    fold = np.zeros(len(truth), dtype=np.intp)
    splitter = StratifiedGroupKFold(n_folds, shuffle=True, random_state=random_state)
    with warnings.catch_warnings():
        # Labels with fewer texts than folds are missing from some folds, which judges them as well as any.
        warnings.filterwarnings("ignore", message="The least populated class")
        for number, (_, held) in enumerate(splitter.split(np.zeros(len(truth)), truth, group)):
            fold[held] = number
    return fold


def judged(
    truth: Codes, probabilities: NDArray[np.float64], group: Codes, fold: Codes, random_state: int
) -> HeldOut:
    """Measure what was said of texts held out.

    Parameters
    ----------
    truth, probabilities, group, fold
        As in :class:`HeldOut`.
    random_state : int
        Seed of the resampling.
    """
    n_labels = probabilities.shape[1]
    cell = truth * n_labels + probabilities.argmax(axis=1)
    group = np.unique(group, return_inverse=True)[1].reshape(-1)

    def figures(drawn: Codes) -> tuple[float, float]:
        weight = np.bincount(drawn, minlength=len(drawn))[group]
        table = np.bincount(cell, weights=weight, minlength=n_labels**2).reshape(n_labels, n_labels)
        return float(np.trace(table) / table.sum()), float(np.nanmean(_f1(table)))

    everyone = np.arange(group.max() + 1)
    found = bootstrap(
        (everyone,),
        figures,
        n_resamples=RESAMPLES,
        vectorized=False,
        method="percentile",
        confidence_level=LEVEL,
        random_state=np.random.default_rng(random_state),
    ).confidence_interval
    values = figures(everyone)
    accuracy, macro_f1 = (
        Estimate(value, float(low), float(high))
        for value, low, high in zip(values, found.low, found.high, strict=True)
    )
    table = np.bincount(cell, minlength=n_labels**2).reshape(n_labels, n_labels)
    return HeldOut(truth, probabilities, group, fold, accuracy, macro_f1, _f1(table))


def log_loss(truth: Codes, probabilities: NDArray[np.float64]) -> float:
    """Return the mean of ``-log`` of the given label's probability, in nats; 0 counts as 1e-15."""
    given = probabilities[np.arange(len(truth)), truth]
    return float(-np.log(np.maximum(given, 1e-15)).mean())


def _f1(table: NDArray[Any]) -> NDArray[np.float64]:
    """Return each label's F1 from counts of (given, said); NaN where it was neither."""
    both = table.sum(axis=0) + table.sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.asarray(2 * np.diag(table) / np.where(both == 0, np.nan, both))
