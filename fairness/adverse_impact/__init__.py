"""Adverse-impact arithmetic: figures that hold up in front of an auditor, from nothing but counts.

`adverse_impact` makes the table: rates, four fifths in whole numbers, two tests, intervals and
shortfall. `local_law_144` makes the three tables of New York City's rule. What the figures mean
in law is not in them.
"""

from fairness.adverse_impact.counts import SelectionCounts
from fairness.adverse_impact.four_fifths import (
    FourFifths,
    four_fifths,
    highest_rate,
    is_below_four_fifths,
)
from fairness.adverse_impact.intervals import Interval, katz, koopman, newcombe, wilson
from fairness.adverse_impact.local_law_144 import (
    CategoryRow,
    ImpactTable,
    LocalLaw144,
    impact_table,
    local_law_144,
    local_law_144_of_ranking,
    local_law_144_of_scores,
)
from fairness.adverse_impact.notes import benjamini_hochberg, few_members, few_people, holm
from fairness.adverse_impact.reading import read_counts
from fairness.adverse_impact.shortfall import Shortfall, shortfall
from fairness.adverse_impact.significance import (
    Significance,
    boschloo,
    compare_rates,
    fisher_exact,
    fisher_mid_p,
    pooled_z,
)
from fairness.adverse_impact.table import AdverseImpact, Comparison, ImpactRow, adverse_impact
from fairness.adverse_impact.within_lists import WithinLists, mantel_haenszel

__all__ = [
    "AdverseImpact",
    "CategoryRow",
    "Comparison",
    "FourFifths",
    "ImpactRow",
    "ImpactTable",
    "Interval",
    "LocalLaw144",
    "SelectionCounts",
    "Shortfall",
    "Significance",
    "WithinLists",
    "adverse_impact",
    "benjamini_hochberg",
    "boschloo",
    "compare_rates",
    "few_members",
    "few_people",
    "fisher_exact",
    "fisher_mid_p",
    "four_fifths",
    "highest_rate",
    "holm",
    "impact_table",
    "is_below_four_fifths",
    "katz",
    "koopman",
    "local_law_144",
    "local_law_144_of_ranking",
    "local_law_144_of_scores",
    "mantel_haenszel",
    "newcombe",
    "pooled_z",
    "read_counts",
    "shortfall",
    "wilson",
]
