import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference_ranking import group_values_reference, selection_rates_reference

from fairness.groups import Groups
from fairness.metrics import (
    MeasureStatistic,
    compared_jobs,
    exposure,
    exposure_gap,
    exposure_ratio,
    impact_ratio,
    mean_rank,
    mean_rank_difference,
    mean_rank_gap,
    measure_gap,
    measure_ratio,
    relative_exposure,
    selection_counts,
    selection_gap,
    selection_rate,
)
from ranker.errors import ConstraintError, DataError, UnknownCandidateError
from ranker.ranking.ranking import Move, Ranking

MEASURES = [("exposure", None), ("exposure", 3), ("selection_rate", 2), ("mean_rank", None)]


def lists_ranked(*lists):
    """Ranking and groups from lists of groups by rank, one list a job; None is undisclosed."""
    job = [j for j, one in enumerate(lists) for _ in one]
    scores = [-float(place) for one in lists for place in range(len(one))]
    members = [group for one in lists for group in one]
    return Ranking.from_scores(scores, job=job), Groups.from_values(members, attribute="gender")


lists_of_groups = st.lists(
    st.lists(st.sampled_from(["f", "m", "žena", None]), min_size=1, max_size=8), min_size=1, max_size=5
)


@pytest.mark.parametrize(("measure", "top_k"), MEASURES)
@given(lists=lists_of_groups)
def test_gaps_agree_with_their_plain_twin(measure, top_k, lists):
    ranking, groups = lists_ranked(*lists)
    expected = group_values_reference(lists, measure, top_k)
    gaps = measure_gap(ranking, groups, measure=measure, top_k=top_k)
    assert gaps.index.tolist() == list(groups.labels)
    for label, gap in gaps.items():
        if label in expected:
            own, pool = expected[label]
            assert gap == pytest.approx(own / pool - 1, abs=1e-12)
        else:
            assert math.isnan(gap)


@pytest.mark.parametrize(
    ("metric", "measure", "top_k"),
    [
        (exposure, "exposure", None),
        (lambda r, g: exposure(r, g, top_k=3), "exposure", 3),
        (mean_rank, "mean_rank", None),
    ],
)
@given(lists=lists_of_groups)
def test_means_agree_with_their_plain_twin(metric, measure, top_k, lists):
    ranking, groups = lists_ranked(*lists)
    expected = group_values_reference(lists, measure, top_k)
    for label, value in metric(ranking, groups).items():
        np.testing.assert_allclose(value, expected[label][0] if label in expected else np.nan, rtol=1e-12)


@given(lists=lists_of_groups, top_k=st.integers(1, 4))
def test_selection_rates_agree_with_their_plain_twin(lists, top_k):
    ranking, groups = lists_ranked(*lists)
    rates = selection_rate(ranking, groups, top_k=top_k)
    assert rates.to_dict() == pytest.approx(selection_rates_reference(lists, top_k))
    counts = selection_counts(ranking, groups, top_k=top_k)
    assert counts["candidates"].sum() == len(ranking)
    assert counts["selected"].sum() == ranking.in_top(top_k).sum()


@pytest.mark.parametrize("kind", ["ratio", "difference"])
@pytest.mark.parametrize(("measure", "top_k"), MEASURES)
@given(lists=lists_of_groups, random=st.randoms(use_true_random=False))
def test_a_permutation_of_the_input_rows_changes_no_metric(kind, measure, top_k, lists, random):
    job = [j for j, one in enumerate(lists) for _ in one]
    members = [group for one in lists for group in one]
    names = [f"c{i}" for i in range(len(job))]
    scores = [float(i % 3) for i in range(len(job))]
    order = list(range(len(job)))
    random.shuffle(order)
    statistic = MeasureStatistic(measure, kind, top_k)
    values = []
    for rows in (range(len(job)), order):
        pick = lambda column, rows=rows: [column[i] for i in rows]  # noqa: E731
        ranking = Ranking.from_scores(pick(scores), job=pick(job), candidate=pick(names))
        values.append(statistic(ranking, Groups.from_values(pick(members), attribute="gender")))
    np.testing.assert_allclose(values[1], values[0], rtol=1e-12)


@pytest.mark.parametrize(
    "metric",
    [exposure, exposure_gap, relative_exposure, mean_rank, mean_rank_gap]
    + [lambda r, g, m=m: m(r, g, top_k=2) for m in (selection_rate, selection_gap)],
)
@given(lists=lists_of_groups)
def test_swapping_the_labels_swaps_the_values(metric, lists):
    swap = {"f": "m", "m": "f", "žena": "žena", None: None}
    ranking, groups = lists_ranked(*lists)
    _, swapped = lists_ranked(*[[swap[group] for group in one] for one in lists])
    values, mirrored = metric(ranking, groups), metric(ranking, swapped)
    for label in groups.labels:
        np.testing.assert_allclose(mirrored[swap[label]], values[label], rtol=1e-12)


@given(lists=lists_of_groups)
def test_ratios_lie_in_zero_to_one(lists):
    ranking, groups = lists_ranked(*lists)
    for measure, top_k in MEASURES:
        ratio = measure_ratio(ranking, groups, measure=measure, top_k=top_k)
        assert math.isnan(ratio) or 0 <= ratio <= 1


@given(lists=lists_of_groups)
def test_disclosed_gaps_weighted_by_members_cancel_in_a_job_that_hides_nobody(lists):
    for one in lists:
        if None not in one and len(set(one)) >= 2:
            ranking, groups = lists_ranked(one)
            gaps = exposure_gap(ranking, groups)
            assert sum(gaps[label] * n for label, n in groups.counts().items()) == pytest.approx(0, abs=1e-12)


def test_hand_computed_exposure():
    # Exposures by rank: 1, .6309, .5.
    ranking, groups = lists_ranked(["m", "f", "m"])
    assert exposure(ranking, groups).round(4).to_dict() == {"f": 0.6309, "m": 0.75}
    assert exposure_ratio(ranking, groups) == pytest.approx(1 / math.log2(3) / 0.75)
    assert relative_exposure(ranking, groups)["m"] == pytest.approx(0.75 * math.log2(3))
    pool = (1.5 + 1 / math.log2(3)) / 3
    assert exposure_gap(ranking, groups).to_dict() == pytest.approx(
        {"f": 1 / math.log2(3) / pool - 1, "m": 0.75 / pool - 1}
    )
    assert exposure(ranking, groups, top_k=1).to_dict() == {"f": 0.0, "m": 0.5}
    assert exposure_ratio(ranking, groups, top_k=1) == 0.0


def test_exposure_agrees_with_the_figures_that_fairranktune_prints():
    # KCachel/fairranktune, examples/4_statisticalparitymetrics.ipynb: EXP of seven M above three W.
    ranking, groups = lists_ranked(["M"] * 7 + ["W"] * 3)
    assert exposure(ranking, groups).to_dict() == pytest.approx(
        {"M": 0.5197142341886783, "W": 0.3018532329225326}
    )
    assert exposure_ratio(ranking, groups) == pytest.approx(0.5808061682084833)


def test_jobs_are_weighted_by_their_pool_and_undisclosed_members_are_part_of_it():
    ranking, groups = lists_ranked(["f", "m"], [None, "m", None, "f"])
    second, fourth = 1 / math.log2(3), 1 / math.log2(5)
    assert exposure(ranking, groups).to_dict() == pytest.approx(
        {"f": (2 * 1 + 4 * fourth) / 6, "m": (2 * second + 4 * second) / 6}
    )
    pools = (1 + second) + (1 + second + 0.5 + fourth)
    assert exposure_gap(ranking, groups)["f"] == pytest.approx((2 + 4 * fourth) / pools - 1)
    assert relative_exposure(ranking, groups)["f"] == pytest.approx((2 + 4 * fourth) / (6 * second))


def test_jobs_without_two_groups_are_left_out_and_counted():
    ranking, groups = lists_ranked(["f", "m"], ["f", "f", None], [None], ["m"])
    assert compared_jobs(ranking, groups).tolist() == [True, False, False, False]
    alone_ranking, alone_groups = lists_ranked(["f", "m"])
    for measure, top_k in MEASURES:
        here = measure_gap(ranking, groups, measure=measure, top_k=top_k)
        alone = measure_gap(alone_ranking, alone_groups, measure=measure, top_k=top_k)
        assert here.to_dict() == alone.to_dict()


def test_pool_size_alone_opens_no_gap():
    # f and m alternate for the lead, in jobs of 2 and of 8: the others have the same exposure.
    ranking, groups = lists_ranked(["f", "m"], ["m", "f"], ["x", "y"] * 4, ["y", "x"] * 4)
    assert np.abs(exposure_gap(ranking, groups)).max() == pytest.approx(0, abs=1e-12)
    assert exposure_ratio(ranking, groups) < 0.8


def test_hand_computed_selection():
    ranking, groups = lists_ranked(["m", "m", "f", "m"], ["f", "m"], ["m", None])
    assert selection_rate(ranking, groups, top_k=1).to_dict() == {"f": 1 / 2, "m": 2 / 5}
    assert impact_ratio(ranking, groups, top_k=1) == pytest.approx(4 / 5)
    # Within the two compared jobs: f 0 and 1, m 1/3 and 0; pools 1/4 and 1/2; weights 4 and 2.
    assert selection_gap(ranking, groups, top_k=1).to_dict() == pytest.approx({"f": 0.0, "m": -1 / 3})
    counts = selection_counts(ranking, groups, top_k=1)
    assert counts.index.tolist() == ["f", "m", "(undisclosed)"]
    assert counts["selected"].tolist() == [1, 2, 0]
    assert counts["candidates"].tolist() == [2, 5, 1]
    assert counts["selection_rate"].tolist() == [1 / 2, 2 / 5, 0.0]


def test_everybody_selected_is_parity():
    ranking, groups = lists_ranked(["m", "m", "f"], ["f", "m"])
    assert impact_ratio(ranking, groups, top_k=10) == 1.0
    assert selection_gap(ranking, groups, top_k=10).to_dict() == {"f": 0.0, "m": 0.0}


def test_nobody_disclosed_selected_has_no_ratio():
    ranking, groups = lists_ranked([None, "f", "m"])
    assert math.isnan(impact_ratio(ranking, groups, top_k=1))
    assert math.isnan(exposure_ratio(ranking, groups, top_k=1))


def test_hand_computed_mean_rank():
    ranking, groups = lists_ranked(["m", "m", "f"], ["f", "m"])
    # Normalised ranks 1, .5, 0 and 1, 0; weights 3 and 2.
    assert mean_rank(ranking, groups).to_dict() == pytest.approx({"f": 2 / 5, "m": 3 * 0.75 / 5})
    assert mean_rank_difference(ranking, groups) == pytest.approx(0.05)
    assert mean_rank_gap(ranking, groups).to_dict() == pytest.approx({"f": -0.2, "m": -0.1})
    assert measure_ratio(ranking, groups, measure="mean_rank") == pytest.approx(0.4 / 0.45)


def test_a_group_of_one_at_the_top_is_measured():
    ranking, groups = lists_ranked(["x", "m", "m", "m"])
    assert exposure(ranking, groups)["x"] == 1.0
    assert mean_rank_gap(ranking, groups)["x"] == pytest.approx(1.0)
    assert selection_rate(ranking, groups, top_k=1).to_dict() == {"m": 0.0, "x": 1.0}


@pytest.mark.parametrize("lists", [[["f"]], [["f", "f"], ["m"]], [[None, None]], [["f", None]]])
def test_without_two_groups_in_a_job_nothing_is_compared(lists):
    ranking, groups = lists_ranked(*lists)
    assert math.isnan(exposure_ratio(ranking, groups))
    assert math.isnan(mean_rank_difference(ranking, groups))
    assert exposure(ranking, groups).isna().all()
    assert exposure_gap(ranking, groups).isna().all()
    assert relative_exposure(ranking, groups).isna().all()
    assert math.isnan(MeasureStatistic("exposure", "difference")(ranking, groups))


def test_one_group_has_no_impact_ratio():
    ranking, groups = lists_ranked(["f", "f", None])
    assert math.isnan(impact_ratio(ranking, groups, top_k=1))


def test_a_group_that_was_not_taken_is_nan_and_takes_no_part():
    ranking, _ = lists_ranked(["f", "m"])
    groups = Groups.from_values(["x", "f", "m"], attribute="gender").take([1, 2])
    assert math.isnan(exposure(ranking, groups)["x"])
    assert exposure_ratio(ranking, groups) == pytest.approx(1 / math.log2(3))
    assert math.isnan(selection_counts(ranking, groups, top_k=1).loc["x", "selection_rate"])


def test_metrics_read_the_order_after_moves():
    ranking, groups = lists_ranked(["m", "m", "f"])
    moved = ranking.with_order([2, 0, 1], [Move("0", "2", 3, 1, rule="test", reason="first")])
    assert exposure(moved, groups)["f"] == 1.0


def test_one_job_of_many_is_measured_with_the_groups_of_all_rows():
    ranking, groups = lists_ranked(["m", "f"], ["f", "m", "m"])
    assert exposure(ranking.of(1), groups).round(4).to_dict() == {"f": 1.0, "m": 0.5655}


def test_named_metrics_are_the_measures_they_stand_for():
    ranking, groups = lists_ranked(["m", "f", "m", None], ["f", "m", "m"])
    assert measure_ratio(ranking, groups, measure="exposure", top_k=2) == exposure_ratio(
        ranking, groups, top_k=2
    )
    assert measure_ratio(ranking, groups, measure="selection_rate", top_k=2) == impact_ratio(
        ranking, groups, top_k=2
    )
    for measure, gap in (("exposure", exposure_gap), ("selection_rate", selection_gap)):
        expected = gap(ranking, groups, top_k=2)
        assert measure_gap(ranking, groups, measure=measure, top_k=2).to_dict() == expected.to_dict()
        largest = MeasureStatistic(measure, "difference", 2)(ranking, groups)
        assert largest == expected.abs().max()


def test_groups_of_other_rows_are_refused():
    ranking, _ = lists_ranked(["m", "f"])
    with pytest.raises(UnknownCandidateError, match="groups by 'gender': 1 given for the 2 rows"):
        exposure(ranking, Groups.from_values(["m"], attribute="gender"))
    with pytest.raises(DataError, match="3 given for the 2 rows"):
        compared_jobs(ranking, Groups.from_values(["m", "f", "f"], attribute="gender"))


def test_a_measure_that_means_nothing_is_refused():
    ranking, groups = lists_ranked(["m", "f"])
    with pytest.raises(ConstraintError, match="did you mean 'exposure'"):
        measure_gap(ranking, groups, measure="exposures")
    with pytest.raises(ConstraintError, match="needs top_k"):
        measure_ratio(ranking, groups, measure="selection_rate")
    with pytest.raises(ConstraintError, match="leave top_k=5 out"):
        measure_gap(ranking, groups, measure="mean_rank", top_k=5)
    with pytest.raises(DataError, match="whole number from 1"):
        exposure(ranking, groups, top_k=0)
    with pytest.raises(ConstraintError, match="did you mean 'difference'"):
        MeasureStatistic("exposure", "diference")
