"""How well a ranking orders candidates by relevance: one function per metric, standard names.

Each metric is a mean over jobs; its ``_per_job`` twin gives the values behind the mean,
NaN for jobs where the metric is undefined. The order that is judged is that of the
ranking, moves included, not that of its scores.
"""

from ranker.ranking.metrics.average_precision import average_precision, average_precision_per_job
from ranker.ranking.metrics.gains import shift_gains
from ranker.ranking.metrics.intervals import bootstrap_mean
from ranker.ranking.metrics.kendall_tau import kendall_tau, kendall_tau_per_job
from ranker.ranking.metrics.ndcg import ndcg, ndcg_per_job
from ranker.ranking.metrics.precision import precision, precision_per_job
from ranker.ranking.metrics.reciprocal_rank import reciprocal_rank, reciprocal_rank_per_job

__all__ = [
    "average_precision",
    "average_precision_per_job",
    "bootstrap_mean",
    "kendall_tau",
    "kendall_tau_per_job",
    "ndcg",
    "ndcg_per_job",
    "precision",
    "precision_per_job",
    "reciprocal_rank",
    "reciprocal_rank_per_job",
    "shift_gains",
]
