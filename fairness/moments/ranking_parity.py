"""Parity of what groups get from their places: exposure, selection, mean rank."""

from collections.abc import Sequence

import numpy as np

from fairness.constraint import FairnessConstraint
from fairness.moments._pools import Pools
from fairness.moments.base import ParityMoment
from fairness.moments.places import Places


def parity_coefficients(
    group: np.ndarray,
    labels: Sequence[str],
    job: np.ndarray,
    *,
    measure: str = "exposure",
    top_k: int | None = None,
) -> np.ndarray:
    """Return the coefficients C of ``value_g / pool_g - 1 = C @ worth``.

    Parameters
    ----------
    group : (n,) object array
        Group label of each row, ``None`` where undisclosed.
    labels : list of str
        The groups.
    job : (n,) int array
        Job code of each row.
    measure, top_k
        As in :func:`~fairness.moments.place_values`.

    Returns
    -------
    (n_groups, n) float64 array
        Each row sums to 0 within each job.

    Raises
    ------
    ConstraintError
        If there are fewer than two groups, or one meets another one in no job.
    """
    return coefficients_of_places(Pools.of(group, labels, job), Places.of(job, measure=measure, top_k=top_k))


def coefficients_of_places(pools: Pools, places: Places) -> np.ndarray:
    """Return the (n_groups, n) coefficients of :func:`parity_coefficients` for pools already counted."""
    share = pools.shares(pools.sizes)
    # A pool's mean worth hangs on its size alone; any order shows it.
    mean = share @ pools.mean_by_job(places.values(np.zeros(len(pools.job))))
    return pools.contrasts(share / mean[:, None])


class RankingParity(ParityMoment):
    """Each group gets from the ranking what the pool gets, up to a bound.

    ``gamma`` holds, for each group g, ``value_g / pool_g - 1`` and its negative. A group's
    value is its members' mean worth within a job, averaged over jobs by pool size; the
    pool's is averaged over the same jobs.

    Parameters
    ----------
    measure : {"exposure", "selection_rate", "mean_rank"}
        Worth of a place.
    difference_bound : float
        Largest allowed ``|gamma|``, a share in [0, 1].
    top_k : int, optional
        Places beyond it are worth nothing.

    Raises
    ------
    ConstraintError
        As :class:`~fairness.constraint.FairnessConstraint` does.

    References
    ----------
    Agarwal et al. (2018), A Reductions Approach to Fair Classification, ICML.
    Singh & Joachims (2018), Fairness of Exposure in Rankings, KDD.
    """

    short_name = "RankingParity"

    def __init__(
        self, measure: str = "exposure", *, difference_bound: float = 0.01, top_k: int | None = None
    ) -> None:
        # Words and numbers mean here what they mean in a constraint, so it refuses them.
        FairnessConstraint(measure, "group", difference_bound, top_k=top_k)
        super().__init__(difference_bound=difference_bound)
        self.measure, self.top_k = measure, top_k

    def _fit(self, pools: Pools) -> np.ndarray:
        self._places = Places.of(pools.job, measure=self.measure, top_k=self.top_k)
        return coefficients_of_places(pools, self._places)

    def _gaps(self, scores: np.ndarray) -> np.ndarray:
        return self.coefficients @ self._places.values(scores)


class ExposureParity(RankingParity):
    """Each group is seen as the pool is: :class:`RankingParity` of exposure.

    ``gamma_g = E_g / E_pool - 1``, E the mean of ``1 / log2(1 + rank)`` over the members
    within a job, averaged over jobs by pool size; demographic parity of exposure.

    Parameters
    ----------
    difference_bound : float
        Largest allowed ``|gamma|``, a share in [0, 1].
    top_k : int, optional
        Whoever stands beyond it is not seen.

    References
    ----------
    Singh & Joachims (2018), Fairness of Exposure in Rankings, KDD, section 4.1.
    """

    short_name = "ExposureParity"

    def __init__(self, *, difference_bound: float = 0.01, top_k: int | None = None) -> None:
        super().__init__("exposure", difference_bound=difference_bound, top_k=top_k)


class MeanRankParity(RankingParity):
    """Each group wins its comparisons as often as the pool does: pairwise statistical parity.

    Of a candidate at rank r of n, ``(n - r) / (n - 1)`` is the share of the others who
    stand below (ties one half), and the pool's mean of it is one half. So

        gamma_g = 2 P(s_i > s_j | i in g, j another candidate of the same job) - 1,

    averaged over jobs by pool size: 1 where the members stand above everybody else, 0
    where they win every second comparison, in [-1, 1].

    Parameters
    ----------
    difference_bound : float
        Largest allowed ``|gamma|``, in [0, 1].

    References
    ----------
    Narasimhan, Cotter, Gupta & Wang (2020), Pairwise Fairness for Ranking and Regression,
    AAAI: pairwise statistical parity, here of a group against its pool.
    """

    short_name = "MeanRankParity"

    def __init__(self, *, difference_bound: float = 0.01) -> None:
        super().__init__("mean_rank", difference_bound=difference_bound)


class SelectionRateParity(RankingParity):
    """Each group is among the first ``top_k`` as often as the pool: :class:`RankingParity` of selection.

    Parameters
    ----------
    top_k : int
        How many candidates a job selects.
    difference_bound : float
        Largest allowed ``|gamma|``, a share in [0, 1].
    """

    short_name = "SelectionRateParity"

    def __init__(self, *, top_k: int | None = None, difference_bound: float = 0.01) -> None:
        super().__init__("selection_rate", difference_bound=difference_bound, top_k=top_k)
