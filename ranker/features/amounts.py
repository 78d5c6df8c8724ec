"""What a feature holds in scores as a function of its value, and how that is split over raw parts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ranker.features.shares import SHAPLEY, WHOLE

__all__ = ["AmountOf", "Amounts", "OneFunction", "Split", "split_equally", "split_of"]

AmountOf = Callable[[np.ndarray], np.ndarray]
Rule = Literal["whole", "Shapley", "Aumann-Shapley"]


class Amounts(Protocol):
    """What one feature holds in the scores of ``n`` pairs, the other features as they are."""

    @property
    def whole(self) -> NDArray[np.float64]:
        """At the value that each pair has, (n,), in score units."""

    def at(self, value: float) -> NDArray[np.float64]:
        """Were every pair's value this one, (n,), in score units."""

    def of(self, pair: int, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Were one pair's value each of these, (m,) -> (m,), in score units."""


@dataclass(frozen=True, slots=True)
class OneFunction:
    """The same function for a single pair whose value is ``value``, (1,)."""

    value: np.ndarray
    amount_of: AmountOf

    @property
    def whole(self) -> NDArray[np.float64]:
        """See :class:`Amounts`."""
        return self.amount_of(self.value)

    def at(self, value: float) -> NDArray[np.float64]:
        """See :class:`Amounts`."""
        return self.amount_of(np.array([value]))

    def of(self, pair: int, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """See :class:`Amounts`."""
        return self.amount_of(values)


@dataclass(frozen=True, slots=True)
class Split:
    """One pair's amount, split over the raw parts that made the value.

    Parameters
    ----------
    shares : dict of str to float
        Path of each part and its share, in score units; they sum to the amount.
    rule : {"whole", "Shapley", "Aumann-Shapley"}
        How it was split: not at all, exactly, or by the limit of many small parts.
    """

    shares: dict[str, float]
    rule: Rule


def split_of(subject: str, amount: float, paths: Iterable[str], shares: Iterable[float], rule: Rule) -> Split:
    """Give the parts their shares, and the subject what remains: rounding never leaves a residual."""
    parts = dict(zip(paths, shares, strict=True))
    return Split({subject: amount - sum(parts.values()), **parts}, rule)


def split_equally(subject: str, amount: float, nothing: float, paths: list[str]) -> Split:
    """Split over parts that are worth the same, which their Shapley values then are, too.

    Parameters
    ----------
    subject : str
        Path of the field, which gets what none of the parts gives.
    amount, nothing : float
        With all parts, and with none, in score units.
    paths : list of str
        Of the parts.
    """
    if not paths:
        return Split({subject: amount}, WHOLE)
    return split_of(subject, amount, paths, [(amount - nothing) / len(paths)] * len(paths), SHAPLEY)
