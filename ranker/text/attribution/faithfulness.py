"""Whether the words that an explanation puts first are those that the model goes by."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranker.errors import UsageError
from ranker.text.attribution.masking import MaskableText
from ranker.text.attribution.pooling import probabilities
from ranker.text.attribution.words import TokenAmount

__all__ = ["Curve", "Faithfulness", "faithfulness"]


@dataclass(frozen=True, slots=True)
class Curve:
    """A label's probability while words are taken away or put in.

    Parameters
    ----------
    shares : tuple of float
        Of the words, rising from 0 to 1; only 0 for a text without words.
    probabilities : tuple of float
        Of the label after that share, in [0, 1].
    """

    shares: tuple[float, ...]
    probabilities: tuple[float, ...]

    @property
    def area(self) -> float:
        """Area under the curve by trapezoids: the mean probability on the way, in [0, 1]."""
        if len(self.shares) == 1:
            return self.probabilities[0]
        return float(np.trapezoid(self.probabilities, self.shares))


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """What happens to a label's probability as words go and come in an explanation's order.

    Parameters
    ----------
    deletion : Curve
        From the whole text, the strongest words replaced first: a good order falls early, and its area
        is small.
    insertion : Curve
        From the baseline, the strongest words put in first: a good order rises early, and its
        area is large.
    """

    deletion: Curve
    insertion: Curve


def faithfulness(
    text: MaskableText, amounts: Sequence[TokenAmount | float], target: int, *, points: int = 20
) -> Faithfulness:
    """Take a text's words away, and put them in, from the largest amount to the smallest.

    Parameters
    ----------
    text : MaskableText
        ``n_words``.
    amounts : sequence of TokenAmount or of float
        One per word; equal ones go in the text's order.
    target : int
        Position of the label whose probability is followed.
    points : int
        Steps from no word to all, at least 1; fewer where there are fewer words.

    Returns
    -------
    Faithfulness

    Raises
    ------
    UsageError
        If there is not one amount per word, or ``points`` is less than 1.

    References
    ----------
    Petsiuk, Das & Saenko (2018), RISE, BMVC: deletion and insertion, of pixels there.
    """
    n_words = len(text.words)
    if len(amounts) != n_words:
        raise UsageError(f"{len(amounts)} amounts are not one for each of {n_words} words")
    if points < 1:
        raise UsageError(f"points {points} must be at least 1")
    values = np.array([a.amount if isinstance(a, TokenAmount) else float(a) for a in amounts])
    place = np.empty(n_words, dtype=np.intp)
    place[np.argsort(-values, kind="stable")] = np.arange(n_words)
    taken = np.unique(np.round(np.linspace(0, n_words, points + 1)).astype(int))
    first = place[None, :] < taken[:, None]
    # Whole text and bare baseline are the ends of both curves: read once.
    outputs = text.outputs(np.concatenate([~first, first]))
    of_target = probabilities(text.model, outputs)[:, target]
    shares = taken / max(n_words, 1)
    return Faithfulness(_curve(shares, of_target[: len(taken)]), _curve(shares, of_target[len(taken) :]))


def _curve(shares: NDArray[np.float64], of_target: NDArray[np.float64]) -> Curve:
    return Curve(tuple(shares.tolist()), tuple(of_target.tolist()))
