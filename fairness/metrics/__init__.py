"""How rankings treat groups: one function per metric, standard names.

``*_ratio`` is least over most in [0, 1]; ``*_gap`` is each group against the pools it
stands in, 0 where they are equal; both read the order of the ranking, moves included.
"""

from fairness.metrics.arp import (
    arp,
    arp_per_job,
    favored_pair_representation,
    favored_pair_representation_per_job,
)
from fairness.metrics.awrf import (
    attention_shares,
    attention_shares_per_job,
    awrf,
    awrf_per_job,
)
from fairness.metrics.bootstrap import (
    MIN_JOBS,
    BootstrapInterval,
    bootstrap_over_jobs,
)
from fairness.metrics.compared_jobs import (
    compared_jobs,
)
from fairness.metrics.erbp import (
    erbp,
    erbp_difference,
    erbp_difference_per_job,
    erbp_per_job,
    erbp_ratio,
    erbp_ratio_per_job,
)
from fairness.metrics.expected_exposure import (
    expected_exposure,
    expected_exposure_disparity,
    expected_exposure_disparity_per_job,
    expected_exposure_loss,
    expected_exposure_loss_per_job,
    expected_exposure_relevance,
    expected_exposure_relevance_per_job,
    target_exposure,
)
from fairness.metrics.exposure import (
    exposure,
    exposure_gap,
    exposure_ratio,
    relative_exposure,
)
from fairness.metrics.exposure_to_clicks import (
    exposure_to_clicks,
    exposure_to_clicks_per_job,
    exposure_to_clicks_ratio,
    exposure_to_clicks_ratio_per_job,
    relative_exposure_to_clicks,
    relative_exposure_to_clicks_per_job,
)
from fairness.metrics.exposure_to_relevance import (
    exposure_to_relevance,
    exposure_to_relevance_per_job,
    exposure_to_relevance_ratio,
    exposure_to_relevance_ratio_per_job,
    relative_exposure_to_relevance,
    relative_exposure_to_relevance_per_job,
)
from fairness.metrics.individual_unfairness import (
    amortized_individual_unfairness,
    exposure_per_merit_inequality,
    exposure_per_merit_inequality_per_job,
    individual_unfairness,
    individual_unfairness_per_job,
)
from fairness.metrics.infeasible import (
    infeasible_count,
    infeasible_count_per_job,
    infeasible_index,
    infeasible_index_per_job,
)
from fairness.metrics.mean_rank import (
    mean_rank,
    mean_rank_difference,
    mean_rank_gap,
)
from fairness.metrics.measure import (
    MeasureStatistic,
    measure_gap,
    measure_ratio,
)
from fairness.metrics.metric_frame import (
    mean_exposure,
    mean_normalised_rank,
    metric_frame,
    selected_share,
    selected_share_of_relevant,
    share_above_median,
)
from fairness.metrics.ndkl import (
    ndkl,
    ndkl_per_job,
)
from fairness.metrics.pairwise_accuracy import (
    pairwise_accuracy,
    pairwise_accuracy_difference,
    pairwise_accuracy_per_job,
    pairwise_counts,
)
from fairness.metrics.pairwise_equal_opportunity import (
    pairwise_equal_opportunity,
    pairwise_equal_opportunity_counts,
    pairwise_equal_opportunity_difference,
    pairwise_equal_opportunity_per_job,
)
from fairness.metrics.rkl import (
    rkl,
    rkl_per_job,
)
from fairness.metrics.rnd import (
    rnd,
    rnd_each,
    rnd_per_job,
)
from fairness.metrics.rrd import (
    rrd,
    rrd_each,
    rrd_per_job,
)
from fairness.metrics.scoring_rate import (
    above_median,
    impact_ratios,
    scoring_counts,
    scoring_rate,
    scoring_rate_per_job,
)
from fairness.metrics.selection_rate import (
    UNDISCLOSED,
    impact_ratio,
    selection_counts,
    selection_gap,
    selection_rate,
)
from fairness.metrics.skew import (
    max_skew,
    max_skew_per_job,
    min_skew,
    min_skew_per_job,
    skew,
    skew_per_job,
)
from fairness.metrics.threshold_parity import (
    demographic_parity_difference,
    demographic_parity_difference_per_job,
    equal_opportunity_difference,
    equal_opportunity_difference_per_job,
    true_positive_counts,
    true_positive_rate,
)

__all__ = [
    "MIN_JOBS",
    "UNDISCLOSED",
    "BootstrapInterval",
    "MeasureStatistic",
    "above_median",
    "amortized_individual_unfairness",
    "arp",
    "arp_per_job",
    "attention_shares",
    "attention_shares_per_job",
    "awrf",
    "awrf_per_job",
    "bootstrap_over_jobs",
    "compared_jobs",
    "demographic_parity_difference",
    "demographic_parity_difference_per_job",
    "equal_opportunity_difference",
    "equal_opportunity_difference_per_job",
    "erbp",
    "erbp_difference",
    "erbp_difference_per_job",
    "erbp_per_job",
    "erbp_ratio",
    "erbp_ratio_per_job",
    "expected_exposure",
    "expected_exposure_disparity",
    "expected_exposure_disparity_per_job",
    "expected_exposure_loss",
    "expected_exposure_loss_per_job",
    "expected_exposure_relevance",
    "expected_exposure_relevance_per_job",
    "exposure",
    "exposure_gap",
    "exposure_per_merit_inequality",
    "exposure_per_merit_inequality_per_job",
    "exposure_ratio",
    "exposure_to_clicks",
    "exposure_to_clicks_per_job",
    "exposure_to_clicks_ratio",
    "exposure_to_clicks_ratio_per_job",
    "exposure_to_relevance",
    "exposure_to_relevance_per_job",
    "exposure_to_relevance_ratio",
    "exposure_to_relevance_ratio_per_job",
    "favored_pair_representation",
    "favored_pair_representation_per_job",
    "impact_ratio",
    "impact_ratios",
    "individual_unfairness",
    "individual_unfairness_per_job",
    "infeasible_count",
    "infeasible_count_per_job",
    "infeasible_index",
    "infeasible_index_per_job",
    "max_skew",
    "max_skew_per_job",
    "mean_exposure",
    "mean_normalised_rank",
    "mean_rank",
    "mean_rank_difference",
    "mean_rank_gap",
    "measure_gap",
    "measure_ratio",
    "metric_frame",
    "min_skew",
    "min_skew_per_job",
    "ndkl",
    "ndkl_per_job",
    "pairwise_accuracy",
    "pairwise_accuracy_difference",
    "pairwise_accuracy_per_job",
    "pairwise_counts",
    "pairwise_equal_opportunity",
    "pairwise_equal_opportunity_counts",
    "pairwise_equal_opportunity_difference",
    "pairwise_equal_opportunity_per_job",
    "relative_exposure",
    "relative_exposure_to_clicks",
    "relative_exposure_to_clicks_per_job",
    "relative_exposure_to_relevance",
    "relative_exposure_to_relevance_per_job",
    "rkl",
    "rkl_per_job",
    "rnd",
    "rnd_each",
    "rnd_per_job",
    "rrd",
    "rrd_each",
    "rrd_per_job",
    "scoring_counts",
    "scoring_rate",
    "scoring_rate_per_job",
    "selected_share",
    "selected_share_of_relevant",
    "selection_counts",
    "selection_gap",
    "selection_rate",
    "share_above_median",
    "skew",
    "skew_per_job",
    "target_exposure",
    "true_positive_counts",
    "true_positive_rate",
]
