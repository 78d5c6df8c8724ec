"""Hand-worked cases of the frontier study's statistics, FA*IR and labels."""

import math

import numpy as np
import pytest

from benchmarks.frontier_parts.boosters import grades
from benchmarks.frontier_parts.fa_ir import ALPHA, fair_order
from benchmarks.frontier_parts.paths import spread
from benchmarks.frontier_parts.reductions import above_quantile
from benchmarks.frontier_parts.statistics import (
    Curve,
    common_range,
    compare_at_equal_exposure,
    corrected_interval,
)
from fairness.rerank import minimum_table


def test_the_corrected_interval_counts_the_rows_that_splits_share():
    # Mean 2, variance 1 over three splits; (1/3 + 1/3) * 1 = 2/3; t(.975, 2) = 4.30265.
    found = corrected_interval([1.0, 2.0, 3.0], 1 / 3)
    assert found.mean == 2.0
    assert found.n == 3
    assert found.error == pytest.approx(math.sqrt(2 / 3))
    assert found.high - found.mean == pytest.approx(4.30265 * math.sqrt(2 / 3), rel=1e-5)
    assert found.mean - found.low == pytest.approx(found.high - found.mean)


def test_without_shared_rows_it_is_the_ordinary_t_interval():
    assert corrected_interval([1.0, 2.0, 3.0], 0.0).error == pytest.approx(1 / math.sqrt(3))


def test_splits_without_a_value_are_left_out_and_one_split_has_no_interval():
    found = corrected_interval([0.5, float("nan")], 1 / 3)
    assert (found.mean, found.n) == (0.5, 1)
    assert math.isnan(found.low)
    assert math.isnan(corrected_interval([], 1 / 3).mean)


def test_a_curve_averages_points_of_equal_ratio_and_leaves_out_what_was_not_measured():
    curve = Curve.through([0.9, 0.8, 0.9, float("nan")], [0.4, 0.7, 0.6, 0.1])
    assert curve.ratios.tolist() == [0.8, 0.9]
    assert curve.values.tolist() == pytest.approx([0.7, 0.5])


def test_the_mean_of_a_curve_is_that_of_its_straight_lines():
    # From .8 to .9 at 1, then down to 0 at 1.0: (.1 * 1 + .1 * .5) / .2.
    curve = Curve.through([1.0, 0.8, 0.9], [0.0, 1.0, 1.0])
    assert curve.mean_between(0.8, 1.0) == pytest.approx(0.75)
    # Between the points: from .5 at .95 to 0 at 1.0.
    assert curve.mean_between(0.95, 1.0) == pytest.approx(0.25)


def test_a_dip_is_not_hidden_by_a_running_best():
    assert Curve.through([0.8, 0.9, 1.0], [1.0, 0.0, 1.0]).mean_between(0.8, 1.0) == pytest.approx(0.5)


def test_only_ratios_that_both_reach_are_compared():
    one, other = Curve.through([0.80, 0.95], [0, 0]), Curve.through([0.90, 1.0], [0, 0])
    assert common_range(one, other) == pytest.approx((0.90, 0.95))
    assert common_range(one, Curve.through([0.96, 1.0], [0, 0])) is None  # no common range
    assert common_range(one, Curve.through([0.94, 1.0], [0, 0])) is None  # .01, narrower than .03
    assert common_range(one, Curve.through([], [])) is None


def test_frontiers_are_compared_split_by_split_and_splits_without_a_common_range_are_counted():
    flat = Curve.through([0.8, 1.0], [0.6, 0.6])
    sloping = Curve.through([0.9, 1.1], [0.6, 0.4])  # .55 on average between .9 and 1.0
    elsewhere = Curve.through([0.5, 0.6], [0.9, 0.9])
    found = compare_at_equal_exposure([flat, flat, flat], [sloping, sloping, elsewhere], 1 / 3)
    assert found.difference.mean == pytest.approx(0.05)
    assert found.difference.n == 2
    assert found.n_narrow == 1
    assert found.width == pytest.approx(0.1)
    nothing = compare_at_equal_exposure([flat], [elsewhere], 1 / 3)
    assert math.isnan(nothing.difference.mean)
    assert nothing.n_narrow == 1


def test_points_of_a_path_are_spread_evenly_in_exposure_up_to_the_highest():
    ratios = np.array([0.70, 0.71, 0.72, 0.80, 0.81, 0.90, 0.85, 0.60])
    assert spread(ratios, 3) == [0, 3, 5]
    assert spread(np.array([0.9, 0.8, 0.7]), 2) == [0, 1]


def test_whole_grades_stay_and_real_labels_are_cut_at_train_quantiles():
    assert grades(np.array([0.0, 2.0, 4.0]), np.array([0.0, 1.0, 4.0])).tolist() == [0, 2, 4]
    found = grades(np.array([-9.0, 0.0, 9.0]), np.linspace(-1, 1, 1001))
    assert found.tolist() == [0, 15, 30]


def test_labels_are_cut_within_each_job():
    job = np.array(["a", "a", "a", "b", "b", "b"], dtype=object)
    assert above_quantile(np.array([1, 2, 3, 7, 8, 9.0]), job, 0.5).tolist() == [0, 0, 1, 0, 0, 1]


def test_fa_ir_takes_the_best_protected_candidate_where_its_table_asks_for_one():
    # The table of the FA*IR paper for p = .5, alpha = .1 (its table 4, first ten places).
    assert minimum_table(10, 0.5, ALPHA).tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 3, 3]
    protected = np.array([False] * 6 + [True] * 4)
    order = fair_order(protected, minimum_table(10, 0.5, ALPHA))
    assert order.tolist() == [0, 1, 2, 6, 3, 4, 7, 5, 8, 9]
    assert sorted(order) == list(range(10))
    assert fair_order(protected, np.zeros(10, dtype=int)).tolist() == list(range(10))
    # A pool without anybody left of one group goes on with the other.
    assert fair_order(np.array([False, False]), np.array([1, 2])).tolist() == [0, 1]
