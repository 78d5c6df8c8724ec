"""Adverse-impact arithmetic against exact twins, published figures and peers."""

import json
import math
import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from reference_impact import (
    benjamini_hochberg_reference,
    boschloo_reference,
    counts_reference,
    fewest_reference,
    fisher_reference,
    holm_reference,
    impact_ratios_reference,
    median_reference,
    mid_p_reference,
    score_reference,
    z_squared_reference,
)

from fairness.adverse_impact.counts import SelectionCounts
from fairness.adverse_impact.four_fifths import four_fifths, highest_rate, is_below_four_fifths
from fairness.adverse_impact.intervals import katz, koopman, newcombe, wilson
from fairness.adverse_impact.notes import benjamini_hochberg, few_people, holm
from fairness.adverse_impact.reading import read_counts
from fairness.adverse_impact.shortfall import shortfall
from fairness.adverse_impact.significance import (
    boschloo,
    compare_rates,
    fisher_exact,
    fisher_mid_p,
    pooled_z,
)
from fairness.adverse_impact.table import adverse_impact
from fairness.groups import Groups
from fairness.metrics.bootstrap import bootstrap_over_jobs
from fairness.metrics.measure import MeasureStatistic
from ranker.errors import DataError, SourceError, UnknownCandidateError, UnknownFieldError
from ranker.ranking.ranking import Move, Ranking

DATA = Path(os.environ.get("CANDOR_DATA") or Path(__file__).parents[3] / "shared" / "data")
VECTORS = DATA / "test_vectors" / "vectors.json"


@pytest.fixture(scope="module")
def vectors():
    if not VECTORS.is_file():
        pytest.skip(f"no test vectors at {VECTORS}: set CANDOR_DATA to the folder of test data")
    return json.loads(VECTORS.read_text(encoding="utf-8"))


def of(**groups):
    return SelectionCounts.from_mapping(groups, attribute="race")


pairs = st.integers(0, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
some = pairs.filter(lambda pair: pair[1] > 0)
tables = st.dictionaries(st.sampled_from(["a", "b", "c", "žena", "d e"]), pairs, min_size=1)


# --- counts -----------------------------------------------------------------------------------


@given(
    lists=st.lists(
        st.lists(st.sampled_from(["f", "m", "x", None]), min_size=1, max_size=8), min_size=1, max_size=4
    ),
    top_k=st.integers(1, 12),
)
def test_counts_of_a_ranking_agree_with_their_plain_twin(lists, top_k):
    rows = [(group, place < top_k) for one in lists for place, group in enumerate(one)]
    job = [j for j, one in enumerate(lists) for _ in one]
    scores = [-float(place) for one in lists for place in range(len(one))]
    groups = Groups.from_values([group for group, _ in rows], attribute="gender")
    counts = SelectionCounts.from_ranking(Ranking.from_scores(scores, job=job), groups, top_k=top_k)
    expected = counts_reference(rows)
    assert {label: counts.of(label) for label in counts.labels} == {
        g: pair for g, pair in expected.items() if g is not None
    }
    assert (counts.unknown_selected, counts.unknown_total) == expected.get(None, (0, 0))
    assert counts == SelectionCounts.from_flags([selected for _, selected in rows], groups)


def test_counts_read_the_order_after_moves():
    ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=["a"] * 3)
    groups = Groups.from_values(["m", "m", "f"], attribute="gender")
    moved = ranking.with_order([2, 0, 1], [Move("a", "2", 3, 1, rule="test", reason="first")])
    assert SelectionCounts.from_ranking(ranking, groups, top_k=1).of("f") == (0, 1)
    assert SelectionCounts.from_ranking(moved, groups, top_k=1).of("f") == (1, 1)


def test_a_group_that_was_not_taken_counts_nobody():
    ranking = Ranking.from_scores([2.0, 1.0], job=["a"] * 2)
    groups = Groups.from_values(["x", "f", "m"], attribute="gender").take([1, 2])
    assert SelectionCounts.from_ranking(ranking, groups, top_k=1).of("x") == (0, 0)


@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["f", "m", None]), st.sampled_from([0.0, 0.5, 1.0, -math.inf, 7.25])),
        min_size=1,
        max_size=20,
    )
)
def test_scores_count_strictly_above_the_median_of_everyone(rows):
    scores = [score for _, score in rows]
    assume(not math.isnan(median_reference(scores)))
    groups = Groups.from_values([group for group, _ in rows], attribute="sex")
    counts = SelectionCounts.from_scores(scores, groups)
    expected = counts_reference([(g, score > median_reference(scores)) for g, score in rows])
    assert {label: counts.of(label) for label in counts.labels} == {
        g: pair for g, pair in expected.items() if g is not None
    }
    assert (counts.unknown_selected, counts.unknown_total) == expected.get(None, (0, 0))
    assert counts.kind == "scoring"


def test_a_score_equal_to_the_median_is_not_above_it():
    groups = Groups.from_values(["f", "m", "m", None], attribute="sex")
    assert SelectionCounts.from_scores([5, 5, 5, 5], groups).overall == (0, 3)
    # The person of unknown sex is part of the sample: without them the median would be 2.
    assert SelectionCounts.from_scores([1, 2, 3, 9], groups).of("m") == (1, 2)


def test_a_table_of_counts_is_read_from_a_file(tmp_path):
    path = tmp_path / "counts.csv"
    path.write_text("race,hired,applied\nWhite,48,80\nBlack,12,40\nUnknown,,7\n", encoding="utf-8")
    counts = read_counts(path, group="race", selected="hired", total="applied")
    assert counts.attribute == "race"
    assert counts.of("Black") == (12, 40)
    assert (counts.unknown_selected, counts.unknown_total) == (None, 7)
    frame = counts.to_frame()
    assert frame.loc["White"].to_dict() == {"selected": 48, "total": 80, "rate": 0.6, "share": 80 / 120}


def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path):
    path = tmp_path / "counts.csv"
    with pytest.raises(SourceError, match="does not exist"):
        read_counts(path)
    path.write_text("group,selected,total\na,1\n", encoding="utf-8")
    with pytest.raises(DataError, match="line 2: 2 values where 3 were expected"):
        read_counts(path)
    path.write_text("group,selected,total\na,3,2\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"counts.csv: .* 3 selected of 2"):
        read_counts(path)
    path.write_text("group,select,total\na,1,2\n", encoding="utf-8")
    with pytest.raises(UnknownFieldError, match="no column 'selected'; did you mean 'select'"):
        read_counts(path)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("a", -1, 2)], "'a': selected is -1, and no fewer than nobody"),
        ([("a", 3, 2)], "3 selected of 2; .* swapped"),
        ([("a", 1, 2), (" a", 1, 2)], "'a' stands there 2 times"),
        ([("a", None, 2)], "selected is missing"),
        ([("a", float("nan"), 2)], "selected is missing"),
        ([("a", 1, "")], "total is missing"),
        ([("a", 4.62, 39)], "no part of a person"),
        ([("a", "1,204", 2000)], "no number.* without separators"),
        ([("a", True, 2)], "a truth value"),
        ([("a", float("inf"), 2)], "no number"),
        ([("unknown", 3, 2), ("a", 1, 2)], "of unknown group: 3 selected of 2"),
        ([], "no row"),
    ],
)
def test_counts_that_make_no_sense_are_refused(rows, message):
    frame = pd.DataFrame(rows, columns=["group", "selected", "total"], dtype=object)
    with pytest.raises(DataError, match=message):
        SelectionCounts.from_frame(frame)


def test_counts_of_the_wrong_shape_are_refused():
    with pytest.raises(DataError, match="1 labels, 2 selected"):
        SelectionCounts("sex", ("f",), (1, 2), (3,))
    with pytest.raises(DataError, match="has no name"):
        SelectionCounts("sex", ("",), (1,), (3,))
    with pytest.raises(DataError, match="kind 'scores'"):
        SelectionCounts("sex", ("f",), (1,), (3,), kind="scores")
    with pytest.raises(DataError, match="give a pair"):
        SelectionCounts.from_mapping({"f": 3}, attribute="sex")
    with pytest.raises(DataError, match="no group 'femal'; did you mean 'female'"):
        of(female=(1, 2)).of("femal")
    groups = Groups.from_values(["f", "m"], attribute="sex")
    with pytest.raises(DataError, match="3 scores but groups by 'sex' of 2 rows"):
        SelectionCounts.from_scores([1, 2, 3], groups)
    with pytest.raises(DataError, match="row 1 is NaN"):
        SelectionCounts.from_scores([1, math.nan], groups)
    with pytest.raises(DataError, match="must be numbers"):
        SelectionCounts.from_scores(["a", "b"], groups)
    with pytest.raises(DataError, match="nobody has no median"):
        SelectionCounts.from_scores([], groups.take(np.zeros(2, bool)))
    with pytest.raises(DataError, match="one is 2"):
        SelectionCounts.from_flags([1, 2], groups)
    with pytest.raises(UnknownCandidateError):
        SelectionCounts.from_ranking(Ranking.from_scores([1.0] * 3, job=[0] * 3), groups, top_k=1)


# --- four fifths --------------------------------------------------------------------------------


@given(counts=tables, min_share=st.sampled_from([0.0, 0.02, 0.1, 0.3]))
def test_impact_ratios_agree_with_their_plain_twin(counts, min_share):
    found = four_fifths(of(**counts), min_share=min_share)
    expected = impact_ratios_reference(counts, Fraction(str(min_share)))
    assert found.ratios == expected
    assert found.below == {g: None if r is None else r < Fraction(4, 5) for g, r in expected.items()}
    assert set(found.reference) == {g for g, r in expected.items() if r == 1}


@given(group=some, best=some)
def test_exactly_four_fifths_is_not_below(group, best):
    (s, n), (S, N) = group, best
    assert is_below_four_fifths(s, n, S, N) == (Fraction(s, n) < Fraction(4, 5) * Fraction(S, N))
    assert not is_below_four_fifths(4 * S, 5 * N, S, N)


def test_floating_point_would_flag_exactly_four_fifths():
    wrong = [
        (s, n, S, N)
        for N in (20, 25, 40)
        for n in (20, 25, 40)
        for S in range(1, N + 1)
        for s in range(n + 1)
        if 5 * s * N == 4 * S * n and (s / n) / (S / N) < 0.8
    ]
    assert (1, 25, 1, 20) in wrong
    assert not any(is_below_four_fifths(*four) for four in wrong)


def test_two_percent_is_large_enough_and_less_is_left_out():
    counts = of(a=(50, 98), b=(2, 2), c=(0, 0))
    assert four_fifths(counts).reference == ("b",)
    smaller = of(a=(50, 99), b=(2, 2))
    found = four_fifths(smaller)
    assert found.reference == ("a",)
    assert found.left_out == ("b",)
    assert found.ratios["b"] is None
    assert four_fifths(smaller, min_share=0).reference == ("b",)
    assert highest_rate(smaller) == ("b",)


def test_nobody_selected_has_no_reference():
    found = four_fifths(of(a=(0, 10), b=(0, 5)))
    assert found.reference == ()
    assert found.ratios == {"a": None, "b": None}


@given(counts=tables)
def test_the_lowest_ratio_is_the_one_that_fairlearn_finds(counts):
    from fairlearn.metrics import demographic_parity_ratio

    counts = {g: pair for g, pair in counts.items() if pair[1]}
    ratios = four_fifths(of(**counts), min_share=0).ratios.values() if counts else ()
    assume(len(counts) > 1 and None not in ratios)
    flags = [int(i < s) for s, n in counts.values() for i in range(n)]
    members = [g for g, (_, n) in counts.items() for _ in range(n)]
    assert float(min(ratios)) == pytest.approx(
        demographic_parity_ratio(flags, flags, sensitive_features=members)
    )


@pytest.mark.parametrize("n_jobs", [1, 30])
def test_a_ratio_of_a_ranking_has_the_bootstrap_interval_of_the_metric(n_jobs):
    rng = np.random.default_rng(0)
    job = np.repeat(np.arange(n_jobs), 40)
    ranking = Ranking.from_scores(rng.normal(size=job.size), job=job)
    groups = Groups.from_values(rng.choice(["f", "m", ""], size=job.size), attribute="gender")

    def lowest(drawn, members):
        found = four_fifths(SelectionCounts.from_ranking(drawn, members, top_k=10), min_share=0)
        return float(min(found.ratios.values()))

    ends = bootstrap_over_jobs(ranking, groups, lowest, n_resamples=40)
    same = bootstrap_over_jobs(
        ranking, groups, MeasureStatistic("selection_rate", "ratio", 10), n_resamples=40
    )
    assert ends.unit == same.unit == ("jobs" if n_jobs >= 20 else "candidates")
    assert ends[:2] == pytest.approx(same[:2], rel=1e-9)
    assert ends.low < lowest(ranking, groups) <= ends.high


# --- tests and intervals ------------------------------------------------------------------------


@given(group=some, other=some)
def test_exact_tests_agree_with_enumeration(group, other):
    assert fisher_exact(*group, *other) == pytest.approx(float(fisher_reference(*group, *other)), rel=1e-9)
    assert fisher_mid_p(*group, *other) == pytest.approx(float(mid_p_reference(*group, *other)), rel=1e-9)


@given(group=some, other=some)
def test_z_is_the_root_of_pearsons_chi_squared(group, other):
    z, p = pooled_z(*group, *other)
    everyone, chosen = group[1] + other[1], group[0] + other[0]
    if chosen in (0, everyone):
        assert math.isnan(z)
        assert math.isnan(p)
        assert compare_rates(*group, *other).agree is None
    else:
        assert z * z == pytest.approx(float(z_squared_reference(*group, *other)), rel=1e-12)
        assert np.sign(z) == np.sign(Fraction(*group) - Fraction(*other))
        assert pooled_z(*other, *group)[0] == -z


@pytest.mark.parametrize("four", [(2, 5, 5, 6), (7, 15, 12, 15), (1, 9, 4, 4), (3, 7, 3, 7)])
def test_boschloo_is_the_largest_chance_of_so_small_a_fisher_p(four):
    assert boschloo(*four) == pytest.approx(boschloo_reference(*four), abs=2e-4)


def test_boschloo_is_never_above_fishers_and_knows_the_bare_cases():
    assert boschloo(7, 15, 12, 15) <= fisher_exact(7, 15, 12, 15)
    assert boschloo(0, 5, 0, 9) == 1.0
    assert compare_rates(7, 15, 12, 15, with_boschloo=True).boschloo_p == boschloo(7, 15, 12, 15)


def test_tests_may_disagree_and_say_so():
    found = compare_rates(2, 10, 15, 25)
    assert found.z_p < 0.05 < found.fisher_p
    assert found.agree is False
    assert compare_rates(2, 10, 15, 25, level=0.1).agree is True


# Newcombe (1998), table I of the paper on single proportions (method 3), and table II of the
# paper on differences (method 10).
@pytest.mark.parametrize(
    ("pair", "ends"),
    [
        ((81, 263), (0.2553, 0.3662)),
        ((15, 148), (0.0624, 0.1605)),
        ((0, 20), (0.0, 0.1611)),
        ((1, 29), (0.0061, 0.1718)),
    ],
)
def test_wilson_gives_the_published_intervals(pair, ends):
    assert wilson(*pair) == pytest.approx(ends, abs=5e-5)


@pytest.mark.parametrize(
    ("four", "ends"),
    [
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((6, 7, 2, 7), (0.0582, 0.8062)),
        ((5, 56, 0, 29), (-0.0381, 0.1926)),
        ((0, 10, 0, 20), (-0.1611, 0.2775)),
        ((0, 10, 0, 10), (-0.2775, 0.2775)),
        ((10, 10, 0, 20), (0.6791, 1.0)),
        ((10, 10, 0, 10), (0.6075, 1.0)),
    ],
)
def test_newcombe_gives_the_published_intervals(four, ends):
    assert newcombe(*four) == pytest.approx(ends, abs=5e-5)


def test_koopman_gives_the_published_interval():
    # Koopman (1984), the example of 36 of 40 against 16 of 80.
    assert koopman(36, 40, 16, 80) == pytest.approx((2.94, 7.15), abs=5e-3)


@given(group=some, other=some)
def test_katz_agrees_with_scipy(group, other):
    from scipy.stats.contingency import relative_risk

    assume(group[0] and other[0])
    assume(group[0] < group[1] or other[0] < other[1])
    ends = relative_risk(*group, *other).confidence_interval(0.95)
    assert katz(*group, *other) == pytest.approx((ends.low, ends.high), rel=1e-9)


@given(group=some, other=some, level=st.sampled_from([0.8, 0.95, 0.99]))
def test_intervals_hold_what_they_are_intervals_of(group, other, level):
    rate, other_rate = group[0] / group[1], other[0] / other[1]
    low, high = wilson(*group, level=level)
    assert 0 <= low <= rate <= high <= 1
    low, high = newcombe(*group, *other, level=level)
    assert -1 - 1e-12 <= low <= rate - other_rate <= high <= 1 + 1e-12
    for interval in (katz, koopman):
        low, high = interval(*group, *other, level=level)
        if not group[0] and not other[0]:
            assert math.isnan(low)
            assert math.isnan(high)
            continue
        ratio = rate / other_rate if other_rate else math.inf
        assert low * (1 - 1e-9) <= ratio <= high * (1 + 1e-9)
        turned = interval(*other, *group, level=level)
        for end, opposite in ((low, turned[1]), (high, turned[0])):
            assert end == pytest.approx(math.inf if not opposite else 1 / opposite, rel=1e-6)


@given(group=some, other=some)
def test_koopmans_interval_excludes_one_where_z_is_significant(group, other):
    """At the ratio 1 the score test is the pooled Z: the interval and the test cannot part."""
    assume(0 < group[0] + other[0] < group[1] + other[1])
    _, p = pooled_z(*group, *other)
    assume(abs(p - 0.05) > 1e-9)
    low, high = koopman(*group, *other)
    assert (low <= 1 <= high) == (p > 0.05)


def test_zeros_are_handled_as_stated():
    assert katz(0, 10, 5, 10)[0] == 0.0
    # Walter's half: (.5 / 10.5) / (5.5 / 10.5), 1 / .5 - 1 / 10.5 + 1 / 5.5 - 1 / 10.5.
    spread = 1.959964 * math.sqrt(1 / 0.5 - 1 / 10.5 + 1 / 5.5 - 1 / 10.5)
    assert katz(0, 10, 5, 10)[1] == pytest.approx(0.5 / 5.5 * math.exp(spread), rel=1e-6)
    assert katz(5, 10, 0, 10)[1] == math.inf
    assert koopman(0, 10, 5, 10)[0] == 0.0
    assert koopman(5, 10, 0, 10)[1] == math.inf
    assert katz(5, 5, 7, 7) == (1.0, 1.0)
    assert koopman(5, 5, 7, 7)[0] < 1 < koopman(5, 5, 7, 7)[1]
    for interval in (newcombe, katz, koopman):
        assert all(math.isnan(end) for end in interval(0, 0, 5, 10))
    assert all(math.isnan(end) for end in wilson(0, 0))


@given(group=some, other=some)
def test_at_the_ends_of_koopmans_interval_the_score_is_at_its_quantile(group, other):
    """Rates under a ratio come from the likelihood itself, by trying, in the twin."""
    assume(group[0] or other[0])
    for end in koopman(*group, *other):
        if 0 < end < math.inf:
            assert abs(score_reference(*group, *other, end)) == pytest.approx(1.959964, abs=2e-3)


def test_statsmodels_stops_short_where_all_of_a_group_are_selected():
    """For 5 of 5 against 3 of 9 it says that the interval begins at 1.75; the score there is 1.44, not 1.96."""
    assert score_reference(5, 5, 3, 9, 1.75) == pytest.approx(1.443, abs=2e-3)
    assert koopman(5, 5, 3, 9)[0] < 1.75
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    theirs = proportion.confint_proportions_2indep(
        5, 5, 3, 9, method="score", compare="ratio", correction=False
    )
    assert theirs[0] == pytest.approx(1.75, abs=1e-6)


@pytest.mark.parametrize("four", [(3, 20, 16, 80), (52, 395, 48, 255), (12, 40, 48, 80)])
def test_intervals_agree_with_statsmodels(four):
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    s, n, S, N = four
    assert wilson(s, n) == pytest.approx(proportion.proportion_confint(s, n, method="wilson"))
    ends = proportion.confint_proportions_2indep(s, n, S, N, method="newcomb", compare="diff")
    assert newcombe(*four) == pytest.approx(ends)
    ends = proportion.confint_proportions_2indep(
        s, n, S, N, method="score", compare="ratio", correction=False
    )
    assert koopman(*four) == pytest.approx(ends, rel=1e-5)
    z = proportion.proportions_ztest([s, S], [n, N])
    assert pooled_z(*four) == pytest.approx(z)


def test_levels_and_empty_groups_are_refused():
    with pytest.raises(DataError, match="between 0 and 1"):
        compare_rates(1, 2, 1, 2, level=5)
    with pytest.raises(DataError, match="between 0 and 1"):
        wilson(1, 2, level=95)
    with pytest.raises(DataError, match="between 0 and 1"):
        adverse_impact(of(a=(1, 2)), level=0)
    with pytest.raises(DataError, match="nobody has no rate"):
        pooled_z(0, 0, 1, 2)
    with pytest.raises(DataError, match="lacks no selection"):
        shortfall(0, 0, 1, 2, all_selected=1, all_total=2)


# --- shortfall ----------------------------------------------------------------------------------


@given(group=some, best=some, rest=pairs)
def test_shortfalls_are_the_fewest_persons_that_are_enough(group, best, rest):
    (s, n), (S, N) = group, best
    assume(s * N <= S * n)
    T, M = s + S + rest[0], n + N + rest[1]
    found = shortfall(s, n, S, N, all_selected=T, all_total=M)
    rate, best_rate = (lambda k: Fraction(s + k, n)), Fraction(S, N)
    assert found.to_highest == fewest_reference(lambda k: rate(k) >= best_rate, n - s)
    assert found.to_four_fifths == fewest_reference(lambda k: rate(k) >= best_rate * 4 / 5, n - s)
    assert found.swaps_to_highest == fewest_reference(lambda k: rate(k) >= Fraction(S - k, N), S)
    assert found.swaps_to_four_fifths == fewest_reference(lambda k: rate(k) >= Fraction(S - k, N) * 4 / 5, S)
    overall = fewest_reference(lambda k: rate(k) >= Fraction(T, M), n)
    assert found.to_overall == overall
    assert found.expected == Fraction(T * n, M) - s
    assert found.one_more_reverses == (s * N < S * n and rate(1) > Fraction(S - 1, N))
    below = rate(0) < best_rate * 4 / 5
    assert found.one_more_clears_four_fifths == (below and rate(1) >= Fraction(S - 1, N) * 4 / 5)


def test_one_different_person_turns_the_example_of_the_questions_and_answers():
    # Questions and answers on the Uniform Guidelines, no. 21: 16 of 80 and 3 of 20.
    found = adverse_impact(of(White=(16, 80), Black=(3, 20))).row("Black")
    assert found.comparison.ratio == Fraction(3, 4)
    assert found.comparison.below_four_fifths
    assert found.comparison.shortfall.one_more_reverses
    assert any("one person of this group selected instead of one of 'White'" in note for note in found.notes)


# --- notes and the table --------------------------------------------------------------------------


@given(ps=st.lists(st.floats(0, 1), max_size=8))
def test_adjusted_p_values_agree_with_their_plain_twins(ps):
    named = {str(i): p for i, p in enumerate(ps)}
    assert list(holm(named).values()) == pytest.approx(holm_reference(ps))
    assert list(benjamini_hochberg(named).values()) == pytest.approx(benjamini_hochberg_reference(ps))
    for p, by_bh, by_holm in zip(ps, benjamini_hochberg(named).values(), holm(named).values(), strict=True):
        assert p <= by_bh * (1 + 1e-12)
        assert by_bh <= by_holm * (1 + 1e-12)


@given(ps=st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_benjamini_hochberg_agrees_with_scipy(ps):
    from scipy.stats import false_discovery_control

    named = {str(i): p for i, p in enumerate(ps)}
    assert list(benjamini_hochberg(named).values()) == pytest.approx(false_discovery_control(ps))


def test_what_is_no_test_counts_as_none():
    assert holm({"a": 0.02, "b": math.nan})["a"] == 0.02
    assert math.isnan(benjamini_hochberg({"a": 0.02, "b": math.nan})["b"])


def test_few_people_are_told_of():
    notes = few_people(1, 12, 30, 988, share=0.012, min_share=0.02)
    assert any("smallest expected count is 0.3" in note for note in notes)
    assert any("under 30 people: 12" in note for note in notes)
    assert any("under 2% of all people of known group: 1.2%" in note for note in notes)
    assert any("under 5 selected: 1" in note for note in notes)
    assert few_people(200, 400, 300, 500, share=0.4, min_share=0.02) == ()


def test_a_reference_of_few_people_says_so():
    table = adverse_impact(of(White=(48, 255), Black=(2, 10)))
    assert table.reference == ("Black",)
    assert table.row("Black").notes == ("under 30 people: 10", "under 5 selected: 2")


@given(counts=tables, min_share=st.sampled_from([0.0, 0.02, 0.3]))
def test_every_group_stands_in_the_table_once_and_its_figures_are_those_of_the_parts(counts, min_share):
    table = adverse_impact(of(**counts), min_share=min_share)
    assert [row.label for row in table.rows] == list(counts)
    ratios = impact_ratios_reference(counts, Fraction(str(min_share)))
    for row in table.rows:
        assert (row.selected, row.total) == counts[row.label]
        assert row.is_reference == (ratios[row.label] == 1)
        compared = ratios[row.label] not in (None, 1)
        assert (row.comparison is not None) == compared
        if compared:
            best = counts[table.compared_with]
            assert row.comparison.ratio == ratios[row.label]
            assert row.comparison.difference == Fraction(*counts[row.label]) - Fraction(*best)
            assert row.comparison.tests == compare_rates(*counts[row.label], *best)
            assert row.comparison.tests.fisher_p <= row.comparison.fisher_holm
    assert table.n_tests == sum(row.comparison is not None for row in table.rows)
    text = json.dumps(table.to_json(), allow_nan=False)
    assert json.loads(text)["n_tests"] == table.n_tests
    frame = table.to_frame()
    assert frame.index.tolist() == list(counts)


def test_the_frame_holds_every_figure_by_name():
    table = adverse_impact(of(White=(48, 80), Black=(12, 40)))
    row = table.to_frame().loc["Black"]
    assert row["ratio"] == 0.5
    assert row["z"] == pytest.approx(-math.sqrt(9.6))
    assert row["shortfall_to_highest"] == 12
    assert row["ratio_low"] < 0.5 < row["ratio_high"]
    assert np.isnan(table.to_frame().loc["White", "ratio"])


def test_groups_that_tie_for_the_highest_are_all_references():
    table = adverse_impact(of(a=(5, 10), b=(50, 100), c=(10, 100)))
    assert table.reference == ("a", "b")
    assert table.compared_with == "b"
    assert table.row("a").comparison is None
    assert any("share the highest rate" in note for note in table.notes)


def test_a_small_group_is_shown_with_its_rate_and_not_compared():
    table = adverse_impact(of(a=(50, 1000), b=(1, 10)))
    row = table.row("b")
    assert row.rate == 0.1
    assert row.comparison is None
    assert not row.is_reference
    assert "shown, not compared" in row.notes[0]
    assert adverse_impact(of(a=(50, 1000), b=(1, 10)), min_share=0).reference == ("b",)


@pytest.mark.parametrize("counts", [{"a": (3, 5)}, {"a": (0, 5), "b": (0, 9)}, {"a": (0, 0)}])
def test_without_two_groups_nothing_is_compared(counts):
    table = adverse_impact(of(**counts))
    assert all(row.comparison is None for row in table.rows)
    assert table.n_tests == 0
    assert table.to_frame().index.tolist() == list(counts)


def test_the_table_tells_of_many_tests_and_of_unknown_people():
    counts = of(a=(50, 100), b=(40, 100), c=(30, 100), unknown=(3, 100))
    notes = " ".join(adverse_impact(counts).notes)
    assert "2 tests" in notes
    assert "10%" in notes
    assert "100 of 400 people (25.0%) are of unknown group" in notes


# --- vectors --------------------------------------------------------------------------------------


def test_the_example_of_question_eleven(vectors):
    vector = vectors["eeoc_uniform_guidelines_qa_1979_q11"]
    rates = {label: Fraction(str(rate)) for label, rate in vector["rates"].items()}
    counts = SelectionCounts.from_mapping(
        {label: (int(rate * 100), 100) for label, rate in rates.items()}, attribute="race"
    )
    found = four_fifths(counts)
    assert found.reference == ("White",)
    for label, ratio in vector["impact_ratio"].items():
        assert found.ratios[label] == Fraction(str(ratio))
    assert [label for label, below in found.below.items() if below] == vector["adverse"]


def case(vectors, name):
    return next(one for one in vectors["adverse_impact"]["cases"] if one["name"].startswith(name))


def test_the_selection_example_of_the_rule(vectors):
    vector = case(vectors, "DCWP")
    table = adverse_impact(SelectionCounts.from_mapping(vector["groups"], attribute="race"))
    for label, ratio in vector["impact_ratio"].items():
        row = table.row(label)
        assert float(row.comparison.ratio if row.comparison else 1) == pytest.approx(ratio, abs=5e-5)
    tests = table.row("Black").comparison.tests
    assert -tests.z == pytest.approx(vector["z_white_black"], abs=5e-4)
    assert tests.fisher_p == pytest.approx(vector["fisher_white_black"], abs=5e-5)


def test_the_case_that_was_quoted_from_memory_is_right(vectors):
    vector = case(vectors, "small numbers")
    four = (*vector["groups"]["B"], *vector["groups"]["A"])
    exact = fisher_reference(*four)
    assert float(exact) == pytest.approx(vector["fisher"], abs=5e-5)
    assert z_squared_reference(*four) == Fraction(48, 5)
    assert math.sqrt(48 / 5) == pytest.approx(vector["z"], abs=5e-4)
    found = adverse_impact(SelectionCounts.from_mapping(vector["groups"], attribute="g")).row("B").comparison
    assert found.ratio == Fraction(str(vector["impact_ratio"]["B"]))
    assert -found.tests.z == pytest.approx(vector["z"], abs=5e-4)
    assert found.tests.fisher_p == pytest.approx(vector["fisher"], abs=5e-5)


@pytest.mark.parametrize("name", ["tests disagree", "fails four fifths"])
def test_the_cases_of_the_r_package(vectors, name):
    vector = case(vectors, name)
    counts = SelectionCounts.from_mapping(vector["groups"], attribute="g")
    found = adverse_impact(counts).row("focal").comparison
    assert found.below_four_fifths
    # Printed to two or three digits, some rounded and some cut off.
    assert abs(found.tests.z) == pytest.approx(abs(vector["z"]), abs=5e-3)
    assert found.tests.z_p == pytest.approx(vector["z_p"], abs=1e-3)
    assert float(found.ratio) == pytest.approx(vector["impact_ratio"]["focal"], abs=1e-3)
    if "fisher" in vector:
        assert found.tests.fisher_p == pytest.approx(vector["fisher"], abs=5e-3)


def test_both_z_of_holisticai_are_reproduced(vectors):
    vector = case(vectors, "holisticai")
    (s, n), (S, N) = vector["groups"]["a"], vector["groups"]["b"]
    assert pooled_z(s, n, S, N)[0] == pytest.approx(vector["z_diff"], abs=1e-8)
    # Its second one is the logarithm of the ratio over the spread that Katz's interval has.
    low, high = katz(s, n, S, N, level=0.95)
    spread = math.log(high / low) / (2 * 1.959963984540054)
    assert math.log(s / n / (S / N)) / spread == pytest.approx(vector["z_ratio"], abs=1e-8)


def test_z_of_audit_ai(vectors):
    vector = case(vectors, "audit-ai")
    (s, failed), (S, other_failed) = vector["table"]
    assert abs(pooled_z(s, s + failed, S, S + other_failed)[0]) == pytest.approx(vector["abs_z"], abs=5e-6)


def test_scores_that_lie_a_bit_apart_are_told_apart_at_the_median():
    scores = [0.0, 1 + 2.0**-52, 1 + 2.0**-51, 3.0]  # the mean of the middle two rounds up to the greater
    groups = Groups.from_values(["f", "m", "f", "m"], attribute="sex")
    assert SelectionCounts.from_scores(scores, groups).selected == (1, 1)
