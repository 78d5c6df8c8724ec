"""Re-rankers: they read groups at decision time, so they are off unless asked for by name.

Each returns a new `Ranking` with the moves that lead to it, and a reason for each move. To choose by
group when deciding about a person is restricted in many places; ask before using one.
"""

from fairness.rerank.det_cons import det_cons
from fairness.rerank.det_const_sort import det_const_sort
from fairness.rerank.det_greedy import det_greedy
from fairness.rerank.det_relaxed import det_relaxed
from fairness.rerank.exposure_policy import ExposurePolicy, exposure_policy
from fairness.rerank.fa_ir import fa_ir
from fairness.rerank.hypergeometric_fa_ir import hypergeometric_fa_ir
from fairness.rerank.minimum_tables import (
    AdjustedTable,
    adjusted_alpha,
    fail_probability,
    hypergeometric_adjusted_alpha,
    hypergeometric_fail_probability,
    hypergeometric_minimum_table,
    minimum_table,
)
from fairness.rerank.multigroup_fa_ir import multigroup_fa_ir
from fairness.rerank.multinomial_counts import (
    AdjustedLevel,
    multinomial_adjusted_alpha,
    multinomial_fail_probability,
)

__all__ = [
    "AdjustedLevel",
    "AdjustedTable",
    "ExposurePolicy",
    "adjusted_alpha",
    "det_cons",
    "det_const_sort",
    "det_greedy",
    "det_relaxed",
    "exposure_policy",
    "fa_ir",
    "fail_probability",
    "hypergeometric_adjusted_alpha",
    "hypergeometric_fa_ir",
    "hypergeometric_fail_probability",
    "hypergeometric_minimum_table",
    "minimum_table",
    "multigroup_fa_ir",
    "multinomial_adjusted_alpha",
    "multinomial_fail_probability",
]
