"""A ledger of the shared test vectors: each entry is reproduced, or wrong with its proof, or an input, or words.

The vectors were collected from other packages' tests and printed outputs, from rules and from memory;
what stands there is a claim. An entry that no table names makes a test fail, so that none is passed over.
"""

import json
import math
from collections.abc import Callable
from fnmatch import fnmatchcase
from fractions import Fraction
from typing import Any

import pytest
from reference_fa_ir import (
    all_lists,
    binomial_tail,
    fail_probability_by_counts,
    fail_probability_reference,
    fraction,
    table_reference,
)
from vector_cases import (
    FAIRSEARCH,
    FOLDER,
    GUIDELINES,
    JAVA,
    NOTEBOOK,
    SCORING,
    SELECTION,
    Entry,
    below,
    callbacks,
    charged_again,
    entries_of,
    impact_ratio_of,
    its_table,
    java_table_fits,
    kept_by_propublica,
    law_table,
    listed,
    notebook,
    of_rates,
    only_count_that_fits,
    pair,
    pool_of_thousand,
    setting,
    simulated_around,
    spread_of_exposures,
    warned_of,
    z_of_a_table,
    z_of_the_ratio,
)

from fairness.adverse_impact.four_fifths import four_fifths
from fairness.adverse_impact.significance import fisher_exact, pooled_z
from fairness.metrics.arp import favored_pair_representation
from fairness.metrics.awrf import awrf
from fairness.metrics.erbp import erbp
from fairness.metrics.exposure import exposure, exposure_ratio
from fairness.metrics.ndkl import ndkl
from fairness.rerank.minimum_tables import (
    adjusted_alpha,
    fail_probability,
    hypergeometric_adjusted_alpha,
    minimum_table,
)


@pytest.fixture(scope="module")
def entries():
    path = FOLDER / "vectors.json"
    if not path.is_file():
        pytest.skip(f"no test vectors at {path}: set CANDOR_DATA to the folder of test data")
    return entries_of(json.loads(path.read_text(encoding="utf-8")))


# --- Reproduced: by which function of ours -----------------------------------------------------------

REPRODUCED: dict[str, Callable[[Entry], Any]] = {
    f"{FAIRSEARCH}/unadjusted_mtable/*/mtable": lambda e: minimum_table(**setting(e)).tolist(),
    f"{FAIRSEARCH}/adjusted_mtable/*/mtable": lambda e: adjusted_alpha(**setting(e)).table.tolist(),
    f"{FAIRSEARCH}/adjust_alpha/*/adjusted": lambda e: adjusted_alpha(**setting(e)).alpha,
    f"{FAIRSEARCH}/fail_probability_of_adjusted/*/prob": lambda e: fail_probability(
        its_table(e), e.beside["p"]
    ),
    f"{FAIRSEARCH}/warning": warned_of,
    f"{JAVA}/files/*/n": java_table_fits,
    f"{NOTEBOOK}/EXP_avg/*": lambda e: exposure(*notebook(e))[e.parts[-1]],
    f"{NOTEBOOK}/EXP_MaxMinDiff": spread_of_exposures,
    f"{NOTEBOOK}/EXP_MinMaxRatio": lambda e: exposure_ratio(*notebook(e)),
    f"{NOTEBOOK}/ERBP_decay0.75_avg/*": lambda e: erbp(*notebook(e), patience=0.75)[e.parts[-1]],
    # The package adds 1e-7 to every share.
    f"{NOTEBOOK}/NDKL": lambda e: ndkl(*notebook(e), smoothing=1e-7),
    f"{NOTEBOOK}/ARP_ranking_M6_W_M_W_W/*": lambda e: favored_pair_representation(
        *listed(list("MMMMMMWMWW"))
    )[e.parts[-1]],
    f"{GUIDELINES}/impact_ratio/*": lambda e: of_rates(e.file[GUIDELINES]["rates"]).ratios[e.parts[-1]],
    f"{GUIDELINES}/adverse": lambda e: below(of_rates(e.beside["rates"])),
    f"{SCORING}/counts_inferred/*": only_count_that_fits,
    f"{SCORING}/*/*/rate": lambda e: law_table(e, "scoring").rate,
    f"{SCORING}/*/*/ratio": lambda e: law_table(e, "scoring").impact_ratio,
    f"{SELECTION}/*/*/rate": lambda e: law_table(e, "selection").rate,
    f"{SELECTION}/*/*/ratio": lambda e: law_table(e, "selection").impact_ratio,
    "bertrand_2004/callback/*": lambda e: callbacks().rates()[e.parts[-1]],
    "bertrand_2004/ratio_b_w": lambda e: four_fifths(callbacks()).ratios["black"],
    "propublica_compas/filtered_rows": lambda e: kept_by_propublica(),
    "propublica_compas/two_year_recid_all7214": lambda e: charged_again(),
    "adverse_impact/cases/*/impact_ratio/*": impact_ratio_of,
    "adverse_impact/cases/UGESP Q&A 11 rates/flagged": lambda e: below(of_rates(e.beside["rates"])),
    "adverse_impact/cases/*/z_white_black": lambda e: pooled_z(*pair(e, "White", "Black"))[0],
    "adverse_impact/cases/*/fisher_white_black": lambda e: fisher_exact(*pair(e, "White", "Black")),
    "adverse_impact/cases/*/z": lambda e: pooled_z(*pair(e))[0],
    "adverse_impact/cases/*/z_p": lambda e: pooled_z(*pair(e))[1],
    "adverse_impact/cases/*/fisher": lambda e: fisher_exact(*pair(e)),
    "adverse_impact/cases/holisticai z tests/z_diff": lambda e: pooled_z(*pair(e))[0],
    "adverse_impact/cases/holisticai z tests/z_ratio": z_of_the_ratio,
    "adverse_impact/cases/audit-ai/abs_z": z_of_a_table,
    "hyperfair_exact/*/exact": pool_of_thousand,
    "hyperfair_exact/*/mc": simulated_around,
}

# Inputs of the cases, and words about them.
GIVEN = (
    f"{FAIRSEARCH}/*/*/[kp]",
    f"{FAIRSEARCH}/*/*/alpha",
    f"{FAIRSEARCH}/source",
    f"{JAVA}/files/*/p",
    f"{JAVA}/files/*/alpha",
    f"{JAVA}/note",
    f"{NOTEBOOK}/source",
    f"{NOTEBOOK}/ranking",
    f"{GUIDELINES}/rates/*",
    f"{SCORING}/source",
    f"{SCORING}/*/*/n",
    f"{SELECTION}/*/*/n",
    f"{SELECTION}/*/*/selected",
    "adverse_impact/note",
    "adverse_impact/cases/*/name",
    "adverse_impact/cases/*/source_quality",
    "adverse_impact/cases/*/groups/*",
    "adverse_impact/cases/*/rates/*",
    "adverse_impact/cases/UGESP Q&A 11 rates/trap",
    "adverse_impact/cases/audit-ai/table",
)


# --- Wrong: with what proof --------------------------------------------------------------------------


def exactly_failing(table, p):
    """Fail probability of a table as a fraction; here it is certain which of two numbers is larger."""
    return fail_probability_by_counts(table, lambda i, c: fraction(p))


def the_table_fails_too_often(entry):
    """The peer takes the table whose fail probability is nearest to alpha, though it be above it."""
    case, ours = setting(entry), adjusted_alpha(**setting(entry))
    alpha = fraction(case["alpha"])
    assert exactly_failing(ours.table.tolist(), case["p"]) <= alpha < exactly_failing(entry.value, case["p"])


def the_level_fails_too_often(entry):
    """At the published level the table that belongs to it fails more often than alpha, ours does not."""
    case, ours = setting(entry), adjusted_alpha(**setting(entry))
    tail, alpha = binomial_tail(fraction(case["p"])), fraction(case["alpha"])
    of_theirs = table_reference(case["k"], tail, fraction(entry.value))
    assert of_theirs == minimum_table(case["k"], case["p"], entry.value).tolist()
    assert exactly_failing(ours.table.tolist(), case["p"]) <= alpha < exactly_failing(of_theirs, case["p"])


def no_number_of_28_persons_rounds_to_it(entry):
    """It would be cut off, where the rule's other figure of that kind, 10 of 24 as .417, is rounded."""
    n, asian = entry.beside["n"], entry.file[SCORING]["race"]["Asian"]
    assert entry.value not in [round(above / n, 3) for above in range(n + 1)]
    assert law_table(entry, "scoring").rate == Fraction(18, 28)
    assert math.floor(1000 * Fraction(18, 28)) == 642 == round(1000 * entry.value)
    assert math.floor(1000 * Fraction(10, 24)) == 416 != round(1000 * asian[1])


def the_note_says_that_it_is_cut_off(entry):
    """The note has it that the rule cuts off: then .41666 of its Asian candidates would be .416."""
    n, rate, _ = entry.file[SCORING]["race"]["Asian"]
    assert "truncates" in entry.value
    assert rate not in [math.floor(1000 * Fraction(above, n)) / 1000 for above in range(n + 1)]


def it_is_mean_attention_under_another_name(entry):
    """AWRF is one number in [0, 1] that knows a target; this is attention in per cent, of each group."""
    group, (ranking, groups) = entry.parts[-1], notebook(entry)
    members = entry.file[NOTEBOOK]["ranking"]
    attention = [100 * fraction(0.1) * fraction(0.9) ** place for place in range(len(members))]
    own = [one for one, member in zip(attention, members, strict=True) if member == group]
    mean = sum(own) / len(own)
    assert float(mean) == pytest.approx(entry.value, rel=1e-9)
    assert 100 * erbp(ranking, groups, patience=0.9)[group] == pytest.approx(entry.value, rel=1e-9)
    assert awrf(ranking, groups, browsing="rbp", patience=0.9) <= 1 < entry.value
    # By the paper it is 1 where every group has the attention that the target gives it.
    target = {
        one: float(sum(a for a, m in zip(attention, members, strict=True) if m == one))
        for one in groups.labels
    }
    assert awrf(ranking, groups, target=target, browsing="rbp", patience=0.9) == pytest.approx(1.0)


def its_alpha_is_a_tenth(entry):
    """The note guesses alpha = .05: its figures come out at .1, and at no .05."""
    assert "alpha=.05?" in entry.value
    for k, printed in ((100, 0.0197), (1000, 0.00494)):
        assert hypergeometric_adjusted_alpha(k, 1000, 500, 0.1).alpha == pytest.approx(printed, abs=5e-5)
        assert hypergeometric_adjusted_alpha(k, 1000, 500, 0.05).alpha < 0.6 * printed


WRONG: dict[str, Callable[[Entry], None]] = {
    f"{FAIRSEARCH}/adjusted_mtable/k=20/mtable": the_table_fails_too_often,
    f"{FAIRSEARCH}/adjust_alpha/k=20/adjusted": the_level_fails_too_often,
    f"{FAIRSEARCH}/adjust_alpha/k=30/adjusted": the_level_fails_too_often,
    f"{SCORING}/race/Hispanic or Latino/rate": no_number_of_28_persons_rounds_to_it,
    f"{SCORING}/note": the_note_says_that_it_is_cut_off,
    f"{NOTEBOOK}/AWRF_p0.1_avg/M": it_is_mean_attention_under_another_name,
    f"{NOTEBOOK}/AWRF_p0.1_avg/W": it_is_mean_attention_under_another_name,
    "hyperfair_exact/note": its_alpha_is_a_tenth,
}


# --- The ledger --------------------------------------------------------------------------------------


def tables_that_name(path):
    if path in WRONG:
        return [path]
    return [pattern for pattern in (*REPRODUCED, *GIVEN) if fnmatchcase(path, pattern)]


def as_printed(ours, printed):
    """Whether a value is the printed one; floats to half of the last digit that is printed."""
    if not isinstance(printed, float):
        return ours == printed
    digits = len(str(printed).partition(".")[2])
    return abs(float(ours) - printed) <= max(0.5 * 10**-digits, 1e-10 * abs(printed)) * (1 + 1e-9)


def test_every_entry_is_accounted_for_exactly_once(entries):
    named = {entry.path: tables_that_name(entry.path) for entry in entries}
    assert len(named) == len(entries)
    assert {path: tables for path, tables in named.items() if len(tables) != 1} == {}


def test_no_line_of_the_ledger_is_of_an_entry_that_is_gone(entries):
    used = {table for entry in entries for table in tables_that_name(entry.path)}
    assert {*REPRODUCED, *GIVEN, *WRONG} - used == set()


@pytest.mark.parametrize("pattern", REPRODUCED)
def test_the_entry_is_reproduced(entries, pattern):
    mine = [entry for entry in entries if tables_that_name(entry.path) == [pattern]]
    ours = {entry.path: REPRODUCED[pattern](entry) for entry in mine}
    assert ours
    assert {e.path: (ours[e.path], e.value) for e in mine if not as_printed(ours[e.path], e.value)} == {}


@pytest.mark.parametrize("path", WRONG)
def test_the_entry_is_wrong_and_ours_is_proven_right(entries, path):
    entry = next(entry for entry in entries if entry.path == path)
    reproduces = next((REPRODUCED[p] for p in REPRODUCED if fnmatchcase(path, p)), None)
    if reproduces is not None:
        assert not as_printed(reproduces(entry), entry.value)
    WRONG[path](entry)


def test_walking_over_counts_is_the_sum_over_all_lists():
    """What proves tables wrong above, proven right where all lists can be written out: 2 ** 10 of them."""
    for table, p in (([0, 0, 0, 1, 1, 1, 2, 2, 2, 3], 0.5), (minimum_table(10, 0.2, 0.15).tolist(), 0.2)):
        written_out = fail_probability_reference(table, list(all_lists(10, fraction(p))))
        assert exactly_failing(table, p) == written_out
    assert exactly_failing([0, 0, 0, 1, 1, 1, 2, 2, 2, 3], 0.5) == Fraction(
        114, 1024
    )  # .1113, said to be .0938


@pytest.mark.parametrize(
    ("ours", "printed", "same"),
    [
        (0.6428571, 0.642, False),
        (0.6428571, 0.643, True),
        (Fraction(48, 60), 0.8, True),
        (0.2925554332073209, 0.2925554332073208, True),
        (0.2925554, 0.2925554332073208, False),
        ([0, 1], [0, 1], True),
        (None, "words", False),
        (6173, 6172, False),
    ],
)
def test_what_counts_as_the_printed_value(ours, printed, same):
    assert as_printed(ours, printed) == same
