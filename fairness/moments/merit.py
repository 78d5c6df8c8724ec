"""Exposure in proportion to merit."""

import numpy as np

from fairness.moments._pools import Pools
from fairness.moments.base import ParityMoment
from fairness.moments.places import Places
from ranker.errors import ConstraintError


class MeritExposure(ParityMoment):
    """Each group is seen in proportion to its merit, up to a bound.

    Exposure E and merit M are means within a job, of ``1 / log2(1 + rank)`` and of the
    relevance. With w_gj the pool size of job j over that of all jobs where g is compared,

        gamma_g = sum_j w_gj (E_gj / E_j - M_gj / M_j).

    Where it is 0 in a job, ``E_gj / M_gj`` is the same for all groups: no disparate
    treatment. Differences stand here for the paper's ratios, so that a group without
    merit has a value and the constraint is linear in the places' worth. Jobs where
    nobody has merit are left out. A pool of n cannot give a group more than its first
    places are worth, so a bound near 0 may be out of reach where merits differ widely.

    Parameters
    ----------
    difference_bound : float
        Largest allowed ``|gamma|``, in shares of the pool's mean.

    References
    ----------
    Singh & Joachims (2018), Fairness of Exposure in Rankings, KDD, section 4.2:
    disparate treatment.
    """

    short_name = "MeritExposure"

    def _fit(self, pools: Pools) -> np.ndarray:
        relevance = self._y.to_numpy()
        negative = np.flatnonzero(relevance < 0)
        if negative.size:
            raise ConstraintError(
                f"relevance of row {negative[0]} is {relevance[negative[0]]:g} ({negative.size} are negative): "
                "merit starts at 0; shift the labels, such as y - y.min()"
            )
        merit = pools.mean_by_job(relevance)
        share = pools.shares(np.where(merit > 0, pools.sizes, 0), lacking=" where anybody has merit")
        merited = pools.contrasts(share / np.where(merit > 0, merit, 1.0))
        self._merit_gaps = merited @ relevance
        self._places = Places.of(pools.job)
        exposure = pools.mean_by_job(self._places.values(np.zeros(len(relevance))))
        return pools.contrasts(share / exposure)

    def _gaps(self, scores: np.ndarray) -> np.ndarray:
        return self.coefficients @ self._places.values(scores) - self._merit_gaps
