import json
import math
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fairlearn import metrics as fairlearn_metrics
from hypothesis import given
from hypothesis import strategies as st
from reference_pairs_and_rates import (
    pair_counts_reference,
    pairwise_accuracy_reference,
    rates_at_k_reference,
    scoring_counts_reference,
    spread_reference,
)
from sklearn.metrics import roc_auc_score

from fairness.groups import SMALL_SHARE, Groups
from fairness.metrics.bootstrap import bootstrap_over_jobs
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
from fairness.metrics.scoring_rate import (
    above_median,
    impact_ratios,
    scoring_counts,
    scoring_rate,
    scoring_rate_per_job,
)
from fairness.metrics.selection_rate import UNDISCLOSED, impact_ratio, selection_counts, selection_rate
from fairness.metrics.threshold_parity import (
    demographic_parity_difference,
    demographic_parity_difference_per_job,
    equal_opportunity_difference,
    equal_opportunity_difference_per_job,
    true_positive_counts,
    true_positive_rate,
)
from ranker.errors import DataError, UnknownCandidateError
from ranker.kernels.pairwise_accuracy import pairs_won
from ranker.ranking.metrics.intervals import bootstrap_mean
from ranker.ranking.ranking import Move, Ranking

DATA = Path(os.environ.get("CANDOR_DATA") or Path(__file__).parents[3] / "shared" / "data")
VECTORS = DATA / "test_vectors" / "vectors.json"

LABELS = ["f", "m", "žena", None]
entries = st.tuples(st.sampled_from(LABELS), st.sampled_from([-0.5, 0.0, 1.0, 2.0]))
lists_of_entries = st.lists(st.lists(entries, min_size=1, max_size=9), min_size=1, max_size=5)


def ranked(*lists):
    """Ranking, groups and relevance from lists of (group, relevance) by rank, one list a job.

    The rows are given in another order than that of the ranks.
    """
    rows = [(job, -place, *entry) for job, one in enumerate(lists) for place, entry in enumerate(one)]
    rows.sort(key=lambda row: (row[1], -row[0]))
    job, scores, members, relevance = (list(column) for column in zip(*rows, strict=True))
    groups = Groups.from_values([*members, "f", "m", "žena"], attribute="gender").take(range(len(members)))
    return Ranking.from_scores(scores, job=job), groups, relevance


def graded(lists):
    """Lists of groups by rank, all of one relevance."""
    return [[(one, 1.0) for one in members] for members in lists]


# Pairs.


@given(lists=lists_of_entries)
def test_pairs_are_counted_as_their_plain_twin_counts_them(lists):
    ranking, groups, relevance = ranked(*lists)
    expected = pair_counts_reference(lists)
    table, of_groups = (
        count(ranking, groups, relevance) for count in (pairwise_counts, pairwise_equal_opportunity_counts)
    )
    assert len(table) == len(groups.labels) ** 2
    for frame, key in ((table, lambda at: at), (of_groups, lambda at: (at, "*"))):
        for at, row in frame.iterrows():
            found = [count for (*groups_, _), count in expected.items() if tuple(groups_) == key(at)]
            assert (row["jobs"], row["right"], row["pairs"]) == (
                len(found),
                sum(right for right, _ in found),
                sum(pairs for _, pairs in found),
            )


@pytest.mark.parametrize("over", ["pairs", "jobs"])
@given(lists=lists_of_entries)
def test_pairwise_accuracies_agree_with_their_plain_twin(over, lists):
    ranking, groups, relevance = ranked(*lists)
    accuracy = pairwise_accuracy(ranking, groups, relevance, over=over)
    against_all = pairwise_equal_opportunity(ranking, groups, relevance, over=over)
    for own in groups.labels:
        for other in groups.labels:
            np.testing.assert_allclose(
                accuracy.loc[own, other], pairwise_accuracy_reference(lists, own, other, over), rtol=1e-12
            )
        np.testing.assert_allclose(
            against_all[own], pairwise_accuracy_reference(lists, own, "*", over), rtol=1e-12
        )
    known = against_all.dropna()
    np.testing.assert_allclose(
        pairwise_equal_opportunity_difference(ranking, groups, relevance, over=over),
        known.max() - known.min() if known.size >= 2 else np.nan,
        atol=1e-15,
    )
    both_ways = [
        abs(accuracy.loc[g, h] - accuracy.loc[h, g]) for g in groups.labels for h in groups.labels if g < h
    ]
    np.testing.assert_allclose(
        pairwise_accuracy_difference(ranking, groups, relevance, over=over),
        np.nanmax(both_ways) if not np.isnan(both_ways).all() else np.nan,
        atol=1e-15,
    )


@given(lists=lists_of_entries)
def test_the_accuracy_of_a_job_is_that_of_the_job_alone(lists):
    ranking, groups, relevance = ranked(*lists)
    tables = pairwise_accuracy_per_job(ranking, groups, relevance)
    rows = pairwise_equal_opportunity_per_job(ranking, groups, relevance)
    assert tables.shape == (len(lists), 3, 3)
    assert rows.shape == (len(lists), 3)
    for j, job in enumerate(ranking.jobs):
        alone = ranking.of(job)
        np.testing.assert_array_equal(tables[j], pairwise_accuracy(alone, groups, relevance))
        np.testing.assert_array_equal(rows[j], pairwise_equal_opportunity(alone, groups, relevance))


@given(lists=lists_of_entries)
def test_turning_a_ranking_upside_down_turns_right_pairs_into_wrong_ones(lists):
    counts = pairwise_counts(*ranked(*lists))
    turned = pairwise_counts(*ranked(*[one[::-1] for one in lists]))
    assert (
        (counts["right"] + turned["right"]).tolist() == counts["pairs"].tolist() == turned["pairs"].tolist()
    )


def test_the_order_of_relevance_has_no_wrong_pair():
    ranking, groups, relevance = ranked([("f", 3), ("m", 2), ("m", 2), ("f", 1), ("m", 0)])
    assert pairwise_accuracy(ranking, groups, relevance).loc[["f", "m"], ["f", "m"]].eq(1.0).all(axis=None)
    assert pairwise_equal_opportunity_difference(ranking, groups, relevance) == 0.0


def test_two_grades_of_one_job_are_an_area_under_the_curve():
    rng = np.random.default_rng(4)
    scores, relevance = rng.permutation(500).astype(float), rng.integers(0, 2, 500)
    members = rng.choice(["f", "m"], 500)
    groups = Groups.from_values(members, attribute="gender")
    accuracy = pairwise_accuracy(Ranking.from_scores(scores, job=["a"] * 500), groups, relevance)
    for own in "fm":
        for other in "fm":
            higher, lower = (members == own) & (relevance == 1), (members == other) & (relevance == 0)
            both = higher | lower
            assert accuracy.loc[own, other] == pytest.approx(
                roc_auc_score(relevance[both], scores[both]), abs=1e-12
            )
            above, tied = pairs_won(scores[higher], scores[lower])
            assert tied == 0
            assert accuracy.loc[own, other] == above / (higher.sum() * lower.sum())


def test_hand_computed_pairs():
    # By rank: m 1, f 1, m 0, f 2. Of f's pairs, 2 > 0 and 2 > 1 of m are wrong, 1 > 0 is right; 2 > 1 of f is wrong.
    ranking, groups, relevance = ranked([("m", 1), ("f", 1), ("m", 0), ("f", 2)])
    counts = pairwise_counts(ranking, groups, relevance)
    assert counts.loc[("f", "m"), ["pairs", "right"]].tolist() == [3, 1]
    assert counts.loc[("f", "f"), ["pairs", "right"]].tolist() == [1, 0]
    assert counts.loc[("m", "f"), ["pairs", "right"]].tolist() == [0, 0]
    assert counts.loc[("m", "m"), ["pairs", "right"]].tolist() == [1, 1]
    accuracy = pairwise_equal_opportunity(ranking, groups, relevance)
    assert accuracy.loc[["f", "m"]].tolist() == [1 / 4, 1.0]
    assert pairwise_equal_opportunity_difference(ranking, groups, relevance) == 0.75
    assert math.isnan(pairwise_accuracy_difference(ranking, groups, relevance))


def test_jobs_with_many_pairs_count_for_many_or_as_one():
    few, many = [("m", 0), ("f", 1)], [("f", 1), *[("m", 0)] * 3]
    ranking, groups, relevance = ranked(few, many)
    assert pairwise_accuracy(ranking, groups, relevance).loc["f", "m"] == 3 / 4
    assert pairwise_accuracy(ranking, groups, relevance, over="jobs").loc["f", "m"] == 1 / 2
    per_job = pairwise_equal_opportunity_per_job(ranking, groups, relevance)[:, 0]
    assert per_job.tolist() == [0.0, 1.0]
    assert bootstrap_mean(per_job) == (0.0, 1.0)


def test_undisclosed_members_are_opponents_of_a_group_but_none_of_its_members():
    ranking, groups, relevance = ranked([(None, 0), ("f", 1), (None, 2)])
    counts = pairwise_equal_opportunity_counts(ranking, groups, relevance)
    assert counts["pairs"].tolist() == [1, 0, 0]
    assert pairwise_counts(ranking, groups, relevance)["pairs"].sum() == 0


def test_pairs_of_intersections_sum_to_those_of_the_groups():
    rng = np.random.default_rng(6)
    ranking = Ranking.from_scores(rng.normal(size=200), job=rng.integers(0, 6, 200))
    relevance = rng.integers(0, 3, 200)
    gender = Groups.from_values(rng.choice(["f", "m"], 200), attribute="gender")
    origin = Groups.from_values(rng.choice(["x", "y"], 200), attribute="origin")
    crossed = pairwise_equal_opportunity_counts(ranking, gender.intersect(origin), relevance)
    assert crossed.index.name == "gender × origin"
    whole = pairwise_equal_opportunity_counts(ranking, gender, relevance)
    for label in "fm":
        parts = crossed.loc[[f"{label} × x", f"{label} × y"], ["pairs", "right"]].sum()
        assert parts.tolist() == whole.loc[label, ["pairs", "right"]].tolist()


@pytest.mark.parametrize("metric", [pairwise_accuracy, pairwise_equal_opportunity])
def test_accuracy_over_what_is_unknown_is_refused(metric):
    ranking, groups, relevance = ranked([("f", 1), ("m", 0)])
    with pytest.raises(DataError, match="did you mean 'pairs'"):
        metric(ranking, groups, relevance, over="pair")
    with pytest.raises(DataError, match="relevance of row 0 is nan"):
        metric(ranking, groups, [math.nan, 1])
    with pytest.raises(UnknownCandidateError, match="1 given for the 2 rows"):
        metric(ranking, groups, [1])


# Scoring rates.


@pytest.mark.parametrize("median", ["sample", "job"])
@given(lists=lists_of_entries)
def test_scoring_rates_agree_with_their_plain_twin(median, lists):
    # The relevance of the lists is the score here: tied often, and not in the order of the lists.
    by_place, groups, scores = ranked(*lists)
    job_of_row = np.empty(len(by_place), dtype=object)
    job_of_row[by_place.row] = by_place.jobs[by_place.job_of]
    ranking = Ranking.from_scores(scores, job=job_of_row)
    samples = lists if median == "job" else [[entry for one in lists for entry in one]]
    expected = scoring_counts_reference(samples)
    counts = scoring_counts(ranking, groups, median=median)
    for label in (*groups.labels, UNDISCLOSED):
        found = expected.get(None if label == UNDISCLOSED else label)
        if label == UNDISCLOSED and found is None:
            assert label not in counts.index
        else:
            assert counts.loc[label].tolist()[:3] == (found or [0, 0, 0])
    rates = scoring_rate(ranking, groups, median=median)
    np.testing.assert_array_equal(rates, counts["scoring_rate"].drop(UNDISCLOSED, errors="ignore"))
    if median == "sample":
        pd.testing.assert_frame_equal(scoring_counts(scores, groups), counts)
        pd.testing.assert_series_equal(scoring_rate(scores, groups), rates)


@given(lists=lists_of_entries)
def test_the_scoring_rate_of_a_job_is_that_of_the_job_alone(lists):
    ranking, groups, _ = ranked(*lists)
    per_job = scoring_rate_per_job(ranking, groups)
    for j, job in enumerate(ranking.jobs):
        np.testing.assert_array_equal(per_job[j], scoring_rate(ranking.of(job), groups, median="sample"))
        np.testing.assert_array_equal(per_job[j], scoring_rate(ranking.of(job), groups, median="job"))


@given(scores=st.lists(st.floats(allow_nan=False), min_size=1, max_size=15))
def test_at_most_half_stand_above_the_median(scores):
    above = above_median(scores)
    assert 2 * above.sum() <= len(scores)
    if len(set(scores)) == len(scores):
        assert above.sum() == len(scores) // 2


def test_a_median_between_neighbouring_numbers_is_not_rounded_to_one_of_them():
    # Their mean as a float is 1.0 or its neighbour: whoever has the higher score is above it either way.
    for low in (1.0, math.nextafter(1.0, 2.0)):
        assert above_median([low, math.nextafter(low, 2.0)]).tolist() == [False, True]
    assert above_median([-math.inf, math.inf]).tolist() == [False, True]


def test_hand_computed_scoring():
    groups = Groups.from_values(["f", "m", "m", "", "f"], attribute="gender")
    counts = scoring_counts([1.0, 2.0, 2.0, 3.0, 4.0], groups)
    assert counts.index.tolist() == ["f", "m", UNDISCLOSED]
    assert counts["candidates"].tolist() == [2, 2, 1]
    assert counts["above_median"].tolist() == [1, 0, 1]
    assert counts["at_median"].tolist() == [0, 2, 0]
    assert scoring_rate([1.0, 2.0, 2.0, 3.0, 4.0], groups).to_dict() == {"f": 0.5, "m": 0.0}


def test_the_undisclosed_are_part_of_the_sample_whose_median_counts():
    scores = [1.0, 2.0, 3.0, 9.0, 8.0, 7.0]
    assert scoring_rate(scores, Groups.from_values(list("fmf") + [""] * 3, attribute="g")).eq(0.0).all()


def test_scores_of_jobs_on_scales_of_their_own_are_compared_within_each():
    ranking = Ranking.from_scores([1.0, 2.0, 101.0, 102.0], job=["a", "a", "b", "b"])
    groups = Groups.from_values(["f", "m", "m", "m"], attribute="gender")
    assert scoring_rate(ranking, groups).to_dict() == {"f": 0.0, "m": 2 / 3}
    assert scoring_rate(ranking, groups, median="job").to_dict() == {"f": 0.0, "m": 2 / 3}
    assert scoring_counts(ranking, groups, median="job")["above_median"].tolist() == [0, 2]
    assert above_median(ranking).tolist() == [False, False, True, True]
    assert above_median(ranking, median="job").tolist() == [True, False, True, False]


def test_scoring_rates_are_about_scores_and_do_not_see_moves():
    ranking, groups, _ = ranked(*graded([["m", "f"]]))
    moved = ranking.with_order([1, 0], [Move("0", ranking.candidates[1], 2, 1, rule="test", reason="first")])
    assert scoring_rate(moved, groups).dropna().to_dict() == {"f": 0.0, "m": 1.0}
    assert selection_rate(moved, groups, top_k=1).dropna().to_dict() == {"f": 1.0, "m": 0.0}


def test_scores_that_have_no_median_are_refused():
    groups = Groups.from_values(["f", "m"], attribute="gender")
    with pytest.raises(DataError, match=r"score of row 1 is NaN \(1 NaN in all\)"):
        scoring_rate([1.0, math.nan], groups)
    with pytest.raises(DataError, match="3 scores but 2 groups by 'gender'"):
        scoring_rate([1.0, 2.0, 3.0], groups)
    with pytest.raises(DataError, match="give a Ranking"):
        scoring_rate([1.0, 2.0], groups, median="job")
    with pytest.raises(DataError, match="did you mean 'job'"):
        scoring_rate([1.0, 2.0], groups, median="jobs")
    with pytest.raises(UnknownCandidateError, match="2 given for the 3 rows"):
        scoring_rate(Ranking.from_scores([1.0, 2.0, 3.0], job=["a"] * 3), groups)
    assert scoring_counts([], Groups.from_values([], attribute="gender")).empty


# Impact ratios.


@given(lists=lists_of_entries, top_k=st.integers(1, 12))
def test_the_lowest_of_the_impact_ratios_is_the_impact_ratio(lists, top_k):
    ranking, groups, _ = ranked(*lists)
    ratios = impact_ratios(selection_rate(ranking, groups, top_k=top_k))
    np.testing.assert_array_equal(ratios.min(), impact_ratio(ranking, groups, top_k=top_k))
    assert ratios.index.tolist() == list(groups.labels)
    assert np.isnan(ratios.max()) or ratios.max() == 1.0


def test_small_groups_may_be_left_out_of_ratios_but_are_shown():
    members = ["f"] * 50 + ["m"] * 47 + ["x"] + [""] * 3
    ranking = Ranking.from_scores(-np.arange(101.0), job=["a"] * 101)
    counts = selection_counts(ranking, Groups.from_values(members, attribute="gender"), top_k=98)
    rates, candidates = counts["selection_rate"], counts["candidates"]
    every = impact_ratios(rates)
    assert every.to_dict() == pytest.approx({"f": 1, "m": 1, "x": 1, UNDISCLOSED: math.nan}, nan_ok=True)
    counts.loc["x", "selection_rate"], counts.loc["m", "selection_rate"] = 1.0, 0.5
    counts.loc["f", "selection_rate"] = 0.8
    kept = impact_ratios(counts["selection_rate"], candidates=candidates, min_share=SMALL_SHARE)
    # x, 1 of 101, is shown without a ratio, and its rate is not the highest.
    assert kept.to_dict() == pytest.approx(
        {"f": 1.0, "m": 0.5 / 0.8, "x": math.nan, UNDISCLOSED: math.nan}, nan_ok=True
    )


@pytest.mark.parametrize("rates", [{"f": 0.0, "m": 0.0}, {"f": 0.5}, {"f": 0.5, "m": math.nan}, {}])
def test_without_two_groups_or_a_highest_rate_there_are_no_ratios(rates):
    assert impact_ratios(rates).isna().all()


def test_ratios_of_what_is_no_rate_are_refused():
    with pytest.raises(DataError, match=r"rate of 'f' is 1.5"):
        impact_ratios({"f": 1.5, "m": 0.2})
    with pytest.raises(DataError, match="needs the number of candidates of 'f'"):
        impact_ratios({"f": 0.5, "m": 0.2}, min_share=0.02)
    with pytest.raises(DataError, match="min_share=2 is no share"):
        impact_ratios({"f": 0.5, "m": 0.2}, candidates={"f": 3, "m": 4}, min_share=2)


# Figures printed by rules and guidelines.


@pytest.fixture(scope="module")
def vectors():
    if not VECTORS.is_file():
        pytest.skip(f"no vectors at {VECTORS}: set CANDOR_DATA to the folder of test data")
    return json.loads(VECTORS.read_text())


@pytest.fixture(scope="module")
def culture_fit(vectors):
    return vectors["nyc_ll144_5-301_scoring_example_verified_in_stored_text"]


def sample_of_the_rule(vector):
    """Scores of the rule's 168 persons, as many above the median as it says, with sex and race of each."""
    above_of = vector["counts_inferred"]
    columns = {}
    for attribute in ("sex", "race"):
        of_all = {label: (above_of[label], n) for label, (n, *_) in vector[attribute].items()}
        # Of 168 persons 132 have a known race; of the 84 above the median, the others are of unknown race.
        n_unknown = 168 - sum(n for _, n in of_all.values())
        of_all[""] = (84 - sum(above for above, _ in of_all.values()), n_unknown)
        high = [label for label, (above, _) in of_all.items() for _ in range(above)]
        low = [label for label, (above, n) in of_all.items() for _ in range(n - above)]
        columns[attribute] = Groups.from_values(high + low, attribute=attribute)
    return -np.arange(168.0), columns


@pytest.mark.parametrize("attribute", ["sex", "race"])
def test_the_scoring_example_of_local_law_144_comes_out(culture_fit, attribute):
    scores, columns = sample_of_the_rule(culture_fit)
    rates = scoring_rate(scores, columns[attribute])
    ratios = impact_ratios(rates)
    for label, (n, rate, ratio) in culture_fit[attribute].items():
        assert columns[attribute].counts()[label] == n
        if label != "Hispanic or Latino":
            assert round(rates[label], 3) == rate
        assert round(ratios[label], 2) == ratio


def test_one_figure_of_that_example_is_cut_off_and_another_one_rounded(culture_fit):
    # 18 / 28 = .64286 is printed .642, and no whole number of 28 rounds to that; 10 / 24 = .41667 is printed
    # .417, which cut off would be .416: the rule neither rounds throughout nor cuts off throughout.
    printed, race = culture_fit["race"], culture_fit["counts_inferred"]
    hispanic, asian = printed["Hispanic or Latino"], printed["Asian"]
    assert hispanic[1] not in [round(above / hispanic[0], 3) for above in range(hispanic[0] + 1)]
    assert math.floor(1000 * race["Hispanic or Latino"] / hispanic[0]) / 1000 == hispanic[1]
    assert asian[1] not in [math.floor(1000 * above / asian[0]) / 1000 for above in range(asian[0] + 1)]
    assert round(race["Asian"] / asian[0], 3) == asian[1]


def test_the_median_of_that_example_is_of_persons_of_unknown_race_too(culture_fit):
    # Of those whose race is known 64 of 132 are above it: it cannot be their own median, of 132 different scores.
    scores, columns = sample_of_the_rule(culture_fit)
    counts = scoring_counts(scores, columns["race"])
    assert counts.loc[UNDISCLOSED, ["candidates", "above_median"]].tolist() == [36, 20]
    assert counts["above_median"].sum() == 84
    known = columns["race"].codes >= 0
    of_the_known = scoring_rate(scores[known], columns["race"].take(known))
    assert not of_the_known.equals(scoring_rate(scores, columns["race"]))


@pytest.mark.parametrize("attribute", ["sex", "race"])
def test_the_selection_example_of_local_law_144_comes_out(vectors, attribute):
    vector = vectors["nyc_ll144_5-301_selection_example_FROM_MEMORY_verify"][attribute]
    ratios = impact_ratios({label: selected / n for label, (n, selected, *_) in vector.items()})
    for label, (n, selected, rate, ratio) in vector.items():
        assert round(selected / n, 2) == rate
        assert round(ratios[label], 3 if attribute == "sex" else 2) == ratio


def test_the_example_of_the_uniform_guidelines_comes_out(vectors):
    vector = vectors["eeoc_uniform_guidelines_qa_1979_q11"]
    ratios = impact_ratios(vector["rates"])
    assert ratios["White"] == 1.0
    for label, ratio in vector["impact_ratio"].items():
        assert ratios[label] == pytest.approx(ratio, abs=1e-12)


def test_every_impact_ratio_among_the_adverse_impact_vectors_comes_out(vectors):
    compared = 0
    for case in vectors["adverse_impact"]["cases"]:
        rates = case.get("rates") or {label: s / n for label, (s, n) in case.get("groups", {}).items()}
        for label, ratio in case.get("impact_ratio", {}).items():
            assert impact_ratios(rates)[label] == pytest.approx(ratio, abs=6e-4)
            compared += 1
    assert compared >= 8


# Demographic parity and equal opportunity.


@given(lists=lists_of_entries, top_k=st.integers(1, 12))
def test_rates_at_k_agree_with_their_plain_twin(lists, top_k):
    ranking, groups, relevance = ranked(*lists)
    selected = rates_at_k_reference(lists, top_k, relevant_only=False)
    found = rates_at_k_reference(lists, top_k, relevant_only=True)
    rates = true_positive_rate(ranking, groups, relevance, top_k=top_k)
    assert rates.dropna().to_dict() == pytest.approx(found)
    np.testing.assert_allclose(
        demographic_parity_difference(ranking, groups, top_k=top_k), spread_reference(selected), rtol=1e-12
    )
    np.testing.assert_allclose(
        equal_opportunity_difference(ranking, groups, relevance, top_k=top_k),
        spread_reference(found),
        rtol=1e-12,
    )
    counts = true_positive_counts(ranking, groups, relevance, top_k=top_k)
    np.testing.assert_array_equal(counts["true_positive_rate"].drop(UNDISCLOSED, errors="ignore"), rates)
    assert counts["relevant"].sum() == sum(value > 0 for value in relevance)
    assert counts["selected"].sum() == (ranking.in_top(top_k) & (ranking.aligned(relevance) > 0)).sum()


@given(lists=lists_of_entries, top_k=st.integers(1, 5))
def test_the_parity_differences_of_a_job_are_those_of_the_job_alone(lists, top_k):
    ranking, groups, relevance = ranked(*lists)
    parity = demographic_parity_difference_per_job(ranking, groups, top_k=top_k)
    opportunity = equal_opportunity_difference_per_job(ranking, groups, relevance, top_k=top_k)
    for j, job in enumerate(ranking.jobs):
        alone = ranking.of(job)
        np.testing.assert_array_equal(parity[j], demographic_parity_difference(alone, groups, top_k=top_k))
        np.testing.assert_array_equal(
            opportunity[j], equal_opportunity_difference(alone, groups, relevance, top_k=top_k)
        )


@given(lists=lists_of_entries, top_k=st.integers(1, 12))
def test_differences_agree_with_fairlearn_on_the_same_rows(lists, top_k):
    ranking, groups, relevance = ranked(*lists)
    known = ranking.aligned(groups.codes) >= 0
    members = ranking.aligned(groups.names())[known]
    selected = ranking.in_top(top_k)[known].astype(int)
    relevant = (ranking.aligned(relevance)[known] > 0).astype(int)
    if len(set(members)) >= 2:
        theirs = fairlearn_metrics.demographic_parity_difference(
            relevant, selected, sensitive_features=members
        )
        assert demographic_parity_difference(ranking, groups, top_k=top_k) == pytest.approx(theirs, abs=1e-12)
    if len(set(members)) >= 2 and set(members) == set(members[relevant == 1]):
        theirs = fairlearn_metrics.equal_opportunity_difference(
            relevant, selected, sensitive_features=members
        )
        ours = equal_opportunity_difference(ranking, groups, relevance, top_k=top_k)
        assert ours == pytest.approx(theirs, abs=1e-12)


def test_fairlearn_takes_the_rate_of_a_group_without_anybody_relevant_to_be_nought():
    # Of nobody, no share was selected: a difference to such a group says nothing, and is left out here.
    ranking, groups, relevance = ranked([("f", 1), ("m", 0), ("m", 0)])
    relevant, members = ranking.aligned(relevance), ranking.aligned(groups.names())
    selected = ranking.in_top(1).astype(int)
    assert (
        fairlearn_metrics.equal_opportunity_difference(relevant, selected, sensitive_features=members) == 1.0
    )
    assert math.isnan(true_positive_rate(ranking, groups, relevance, top_k=1)["m"])
    assert math.isnan(equal_opportunity_difference(ranking, groups, relevance, top_k=1))


def test_chance_alone_opens_differences_in_short_lists():
    # Each job favours the other group: people pooled there is none, in the mean of jobs it is the largest.
    ranking, groups, _ = ranked(*graded([["f", "m"], ["m", "f"]]))
    assert demographic_parity_difference(ranking, groups, top_k=1) == 0.0
    assert demographic_parity_difference_per_job(ranking, groups, top_k=1).tolist() == [1.0, 1.0]


# What all of them share.

STATISTICS = {
    "pairwise": lambda relevance: lambda r, g: pairwise_accuracy_difference(r, g, relevance),
    "pairwise, equal opportunity": lambda relevance: (
        lambda r, g: pairwise_equal_opportunity_difference(r, g, relevance)
    ),
    "scoring rate": lambda relevance: lambda r, g: impact_ratios(scoring_rate(r, g)).min(),
    "demographic parity": lambda relevance: lambda r, g: demographic_parity_difference(r, g, top_k=4),
    "equal opportunity": lambda relevance: (
        lambda r, g: equal_opportunity_difference(r, g, relevance, top_k=4)
    ),
}


@pytest.mark.parametrize("name", STATISTICS)
@pytest.mark.parametrize(("n_jobs", "unit"), [(25, "jobs"), (1, "candidates")])
def test_intervals_come_from_resampled_jobs_or_candidates(name, n_jobs, unit):
    rng = np.random.default_rng(11)
    n = 30 * n_jobs
    groups = Groups.from_values(rng.choice(["f", "m", ""], n, p=[0.45, 0.45, 0.1]), attribute="gender")
    scores = rng.normal(size=n) + (groups.names() == "m")  # f and m differ
    ranking = Ranking.from_scores(scores, job=np.repeat(np.arange(n_jobs), 30))
    statistic = STATISTICS[name](rng.integers(0, 2, n))
    low, high, resampled = bootstrap_over_jobs(ranking, groups, statistic, n_resamples=60)
    assert resampled == unit
    assert 0 <= low < high <= 1
    assert low <= statistic(ranking, groups) <= high


@pytest.mark.parametrize(
    "entry",
    [[("f", 1)], [("f", 1), ("f", 0)], [(None, 1), (None, 0)]],
    ids=["one candidate", "one group", "none"],
)
def test_without_two_groups_there_is_no_difference(entry):
    ranking, groups, relevance = ranked(entry)
    for statistic in STATISTICS.values():
        assert math.isnan(statistic(relevance)(ranking, groups))


def test_no_groups_at_all_are_no_error():
    ranking = Ranking.from_scores([2.0, 1.0], job=["a", "a"])
    nobody = Groups.from_values(["", None], attribute="gender")
    assert nobody.labels == ()
    for statistic in STATISTICS.values():
        assert math.isnan(statistic([1, 0])(ranking, nobody))
    assert pairwise_counts(ranking, nobody, [1, 0]).empty
    assert scoring_counts(ranking, nobody).index.tolist() == [UNDISCLOSED]


def test_they_read_the_order_after_moves():
    ranking, groups, relevance = ranked([("m", 0), ("f", 1)])
    moved = ranking.with_order([1, 0], [Move("0", ranking.candidates[1], 2, 1, rule="test", reason="first")])
    assert pairwise_accuracy(ranking, groups, relevance).loc["f", "m"] == 0.0
    assert pairwise_accuracy(moved, groups, relevance).loc["f", "m"] == 1.0
    assert true_positive_rate(moved, groups, relevance, top_k=1)["f"] == 1.0
    assert demographic_parity_difference(moved, groups, top_k=1) == 1.0


@pytest.mark.parametrize("metric", [demographic_parity_difference, selection_rate])
def test_a_top_that_is_no_whole_number_is_refused(metric):
    ranking, groups, _ = ranked([("f", 1), ("m", 0)])
    with pytest.raises(DataError, match="whole number from 1"):
        metric(ranking, groups, top_k=0)
