"""Parity of mean scores."""

import numpy as np

from fairness.moments._pools import Pools
from fairness.moments.base import ParityMoment


class MeanScoreParity(ParityMoment):
    """Each group scores on average as its pools do, up to a bound.

    With w_gj the pool size of job j over that of all jobs where g is compared,

        gamma_g = sum_j w_gj (mean of s_i over i in g and j - mean of s_i over i in j).

    Exactly linear in the scores: ``gamma = coefficients @ scores``. Of 0/1 predictions it
    is demographic parity within jobs. It does not see ranks, so a spread of scores can
    hide what places show: measure the ranking as well.

    Parameters
    ----------
    difference_bound : float
        Largest allowed ``|gamma|``, in the unit of the scores.

    References
    ----------
    Calders, Karim, Kamiran, Ali & Zhang (2013), Controlling Attribute Effect in Linear
    Regression, ICDM: equal means.
    """

    short_name = "MeanScoreParity"

    def _fit(self, pools: Pools) -> np.ndarray:
        return pools.contrasts(pools.shares(pools.sizes))

    def _gaps(self, scores: np.ndarray) -> np.ndarray:
        return self.coefficients @ scores
