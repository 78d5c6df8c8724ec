"""Pairwise equal opportunity: the better candidate of a pair stands first as often for every group."""

import numpy as np

from fairness.moments._pools import Pools
from fairness.moments.base import ParityMoment
from ranker.kernels.dominance import lower_before


class PairwiseEqualOpportunity(ParityMoment):
    """Better members of each group are put first as often as better candidates of their pools.

    Take the pairs (i, j) of one job with relevance ``y_i > y_j``, i a member of g and j
    anybody. A_g is the share of them, over all jobs, that the scores order rightly, a tie
    counting one half; A_j is that share over all better candidates of job j, undisclosed
    ones included; P_gj counts g's pairs in job j and P_g in all jobs. Then

        gamma_g = A_g - sum_j (P_gj / P_g) A_j,

    which compares each group with its own pools in their own mix: jobs that are easy to
    order and hold many of one group make no gap. Labels may be graded.

    Raising i by one and lowering j turn the pair's indicator by ``(h_i - h_j + 1) / 2``,
    which is exact for 0/1 predictions: there ``gamma = coefficients @ h``. Both sides
    take O(n log n): pairs are counted, never listed.

    Parameters
    ----------
    difference_bound : float
        Largest allowed ``|gamma|``, a difference of shares, in [0, 1].

    References
    ----------
    Narasimhan, Cotter, Gupta & Wang (2020), Pairwise Fairness for Ranking and Regression,
    AAAI: pairwise equal opportunity, with a group's accuracy compared with its pool's.
    """

    short_name = "PairwiseEqualOpportunity"

    def _fit(self, pools: Pools) -> np.ndarray:
        self._grade = np.unique(self._y.to_numpy(), return_inverse=True)[1].astype(np.int64)
        self._indptr = np.concatenate([[0], np.cumsum(pools.sizes)])
        order = np.lexsort((self._grade, self._job))
        grade, job = self._grade[order], self._job[order]
        # Equal labels of one job form a block; whoever stands before it there is worse, after it better.
        first = np.flatnonzero(np.r_[True, (job[1:] != job[:-1]) | (grade[1:] != grade[:-1])])
        ends = np.r_[first[1:], len(job)]
        worse, after = np.empty(len(job)), np.empty(len(job), dtype=np.int64)
        worse[order] = np.repeat(first, ends - first) - self._indptr[job]
        after[order] = np.repeat(ends, ends - first)

        pairs = np.array([pools.sum_by_job(worse * member) for member in pools.member])
        share = pools.shares(pairs, lacking=" with a member who has a better label than somebody")
        of_pool = np.maximum(pools.sum_by_job(worse), 1.0)
        per_pair = share / np.maximum(pairs, 1.0)
        # One rightly ordered pair of i adds this much to the gap of g.
        self._weights = pools.member * per_pair[:, self._job] - (share / of_pool)[:, self._job]
        until = np.concatenate(
            [np.zeros((len(pairs), 1)), np.cumsum(self._weights[:, order], axis=1)], axis=1
        )
        better = until[:, self._indptr[self._job + 1]] - until[:, after]
        return (self._weights * worse - better) / 2.0

    def _gaps(self, scores: np.ndarray) -> np.ndarray:
        return self._weights @ self._rightly_ordered(scores)

    def _rightly_ordered(self, scores: np.ndarray) -> np.ndarray:
        """Count, for each candidate, those of the same job with a lower label and a lower score.

        Ties of scores count one half: the mean of counting all of them, as where the lower
        label stands first among equal scores, and none, as where it stands last.
        """
        counts = np.zeros(len(scores))
        for grade in (self._grade, -self._grade):
            order = np.lexsort((grade, scores, self._job))
            counts[order] += lower_before(self._grade[order], self._indptr) / 2.0
        return counts
