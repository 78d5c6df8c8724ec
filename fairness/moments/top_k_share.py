"""Parity of selection at several cut-offs at once."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from fairness.constraint import FairnessConstraint
from fairness.moments._pools import Pools
from fairness.moments.base import ParityMoment
from fairness.moments.places import Places
from fairness.moments.ranking_parity import coefficients_of_places
from ranker.errors import ConstraintError


class TopKShareParity(ParityMoment):
    """Each group has its share of the first places, at every one of several cut-offs.

    For each cut-off k and group g, ``gamma_kg = rate_kg / rate_k - 1``: the share of the
    members who stand among the first k of a job, averaged over jobs by pool size, over
    that of the pools. A cut-off beyond a pool's size selects everybody there. The index
    holds (cut-off, "+" or "-", group): a fair list to fifty can still be led by one group.

    Parameters
    ----------
    top_k : int or sequence of int
        The cut-offs, each 1 or more.
    difference_bound : float
        Largest allowed ``|gamma|`` at each cut-off, a share in [0, 1].

    Raises
    ------
    ConstraintError
        If there is no cut-off, or one is no whole number from 1 on.
    """

    short_name = "TopKShareParity"

    def __init__(self, *, top_k: int | Iterable[int] = (5, 10, 50), difference_bound: float = 0.01) -> None:
        cuts = list(top_k) if isinstance(top_k, Iterable) else [top_k]
        if not cuts:
            raise ConstraintError("top_k names no cut-off: give one or more, such as top_k=(5, 10, 50)")
        for k in cuts:
            FairnessConstraint("selection_rate", "group", difference_bound, top_k=k)
        super().__init__(difference_bound=difference_bound)
        self.top_k = tuple(sorted(set(cuts)))

    def _outer(self) -> tuple[str, Sequence[Any]]:
        return "top_k", self.top_k

    def _fit(self, pools: Pools) -> np.ndarray:
        self._places = [Places.of(pools.job, measure="selection_rate", top_k=k) for k in self.top_k]
        return np.vstack([coefficients_of_places(pools, places) for places in self._places])

    def _gaps(self, scores: np.ndarray) -> np.ndarray:
        of_cut = np.split(self.coefficients, len(self.top_k))
        return np.concatenate(
            [
                coefficients @ places.values(scores)
                for places, coefficients in zip(self._places, of_cut, strict=True)
            ]
        )
