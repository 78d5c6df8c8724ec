"""Fairlearn moments over rankings: what groups may differ in, for any of its reductions.

A moment measures each group against the pools of the jobs it stands in. Most are linear
in what each candidate's place is worth: write ``v_i`` for the worth of candidate i's place
(``1 / log2(1 + rank)`` for exposure). A group's value is a weighted sum of the ``v_i`` of
its members, and the pool's value is fixed by the pool's size; so "group / pool - 1" is a
sum ``C_gi v_i`` whose coefficients are known before anybody is ranked and sum to zero
within each job. A constraint costs two rows a group, however many jobs there are, and
fairlearn's mixtures of predictors become mixtures of rankings, in which these values are
exactly linear.

=========================== ========================================================
name                        each group, against its pools
=========================== ========================================================
exposure                    is seen as much (:class:`ExposureParity`)
mean_rank                   wins as many comparisons (:class:`MeanRankParity`)
selection_rate              is among the first k as often (:class:`SelectionRateParity`)
top_k_share                 the same at several k at once (:class:`TopKShareParity`)
mean_score                  scores as high (:class:`MeanScoreParity`)
pairwise_equal_opportunity  has its better members put first as often
                            (:class:`PairwiseEqualOpportunity`)
merit_exposure              is seen in proportion to merit (:class:`MeritExposure`)
=========================== ========================================================

:func:`moment_by_name` makes these, and fairlearn's own, from their names;
:class:`StackedMoments` holds several at once.
"""

from fairness.moments.base import ParityMoment
from fairness.moments.mean_score import MeanScoreParity
from fairness.moments.merit import MeritExposure
from fairness.moments.names import MOMENTS, moment_by_name
from fairness.moments.objective import DiscountedGain
from fairness.moments.pairwise import PairwiseEqualOpportunity
from fairness.moments.places import place_values
from fairness.moments.ranking_parity import (
    ExposureParity,
    MeanRankParity,
    RankingParity,
    SelectionRateParity,
    parity_coefficients,
)
from fairness.moments.stacked import StackedMoments
from fairness.moments.top_k_share import TopKShareParity

__all__ = [
    "MOMENTS",
    "DiscountedGain",
    "ExposureParity",
    "MeanRankParity",
    "MeanScoreParity",
    "MeritExposure",
    "PairwiseEqualOpportunity",
    "ParityMoment",
    "RankingParity",
    "SelectionRateParity",
    "StackedMoments",
    "TopKShareParity",
    "moment_by_name",
    "parity_coefficients",
    "place_values",
]
