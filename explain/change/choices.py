"""What there is to choose, block by block, and what a choice costs and scores."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Choices", "Found", "Part"]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What a term adds.

    Parameters
    ----------
    blocks : tuple of int
        The blocks that it depends on, increasing.
    amounts : ndarray with one axis for each of them
        In score units.
    """

    blocks: tuple[int, ...]
    amounts: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """What there is to choose.

    Parameters
    ----------
    costs : tuple of ndarray
        Of the options of each block, from 0 up; option 0 of each costs nothing.
    parts : tuple of Part
        The terms, in the order in which the scorer adds them.
    intercept : float
        In score units.
    """

    costs: tuple[NDArray[np.float64], ...]
    parts: tuple[Part, ...]
    intercept: float

    def score(self, choice: NDArray[np.integer]) -> NDArray[np.float64]:
        """Return the scores of choices, (m, n_blocks) -> (m,), as the scorer itself would to the last bit."""
        out = np.full(len(choice), self.intercept)
        for part in self.parts:
            out += part.amounts[tuple(choice[:, block] for block in part.blocks)]
        return out

    def cost(self, choice: NDArray[np.integer]) -> NDArray[np.float64]:
        """Return what choices cost, (m, n_blocks) -> (m,)."""
        out = np.zeros(len(choice))
        for block, costs in enumerate(self.costs):
            out += costs[choice[:, block]]
        return out


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """An answer.

    Parameters
    ----------
    choice : ndarray of shape (n_blocks,) or None
        The option of each block; ``None`` where nothing reaches the threshold.
    cost : float
        What it costs; infinite where there is none.
    score : float
        What it reaches.
    proven : bool
        Whether every other choice was ruled out.
    n_states : int
        Partial choices that were looked at.
    """

    choice: NDArray[np.int64] | None
    cost: float
    score: float
    proven: bool
    n_states: int
