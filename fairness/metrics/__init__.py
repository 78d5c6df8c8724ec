"""How rankings treat groups: one function per metric, standard names.

``*_ratio`` is least over most in [0, 1]; ``*_gap`` is each group against the pools it
stands in, 0 where they are equal; both read the order of the ranking, moves included.
"""

from fairness.metrics.bootstrap import BootstrapInterval, bootstrap_over_jobs
from fairness.metrics.compared_jobs import compared_jobs
from fairness.metrics.exposure import exposure, exposure_gap, exposure_ratio, relative_exposure
from fairness.metrics.mean_rank import mean_rank, mean_rank_difference, mean_rank_gap
from fairness.metrics.measure import MeasureStatistic, measure_gap, measure_ratio
from fairness.metrics.selection_rate import (
    impact_ratio,
    selection_counts,
    selection_gap,
    selection_rate,
)

__all__ = [
    "BootstrapInterval",
    "MeasureStatistic",
    "bootstrap_over_jobs",
    "compared_jobs",
    "exposure",
    "exposure_gap",
    "exposure_ratio",
    "impact_ratio",
    "mean_rank",
    "mean_rank_difference",
    "mean_rank_gap",
    "measure_gap",
    "measure_ratio",
    "relative_exposure",
    "selection_counts",
    "selection_gap",
    "selection_rate",
]
