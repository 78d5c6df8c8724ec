"""The measures of drift against their definitions and against scipy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, chi2_contingency, ks_2samp

from ranker.app.monitoring.columns import Column, column_of
from ranker.app.monitoring.drift import kolmogorov_smirnov, mean_shift, merged_bins, stability
from ranker.errors import ModelError

NUMBERS = st.lists(st.integers(-5, 5).map(float) | st.none(), min_size=3, max_size=60)


def placed(column: Column, values):
    places = [column.place(value) for value in values]
    return tuple(np.array(part) for part in zip(*places, strict=True))


@settings(max_examples=60, deadline=None)
@given(NUMBERS, NUMBERS)
def test_the_distance_is_the_largest_between_the_two_distributions_missing_values_lowest(train, live):
    column = column_of("x", "x", train)
    low, high, _, _ = placed(column, live)
    a, b = ([-9.0 if value is None else value for value in values] for values in (train, live))

    def share(values, point):
        return sum(value <= point for value in values) / len(values)

    expected = max(abs(share(a, point) - share(b, point)) for point in (*a, *b))
    assert kolmogorov_smirnov(low, high, column).value == pytest.approx(expected, abs=1e-12)


def test_its_p_is_scipys_where_samples_are_large():
    rng = np.random.default_rng(0)
    train, live = rng.normal(size=900), rng.normal(0.1, size=800)
    column = column_of("x", "x", train.tolist())
    low, high, _, _ = placed(column, live.tolist())
    assert kolmogorov_smirnov(low, high, column).p == pytest.approx(ks_2samp(train, live).pvalue, rel=0.05)


def test_the_index_is_the_sum_over_bins_that_defines_it():
    column = column_of("x", "x", ["a"] * 50 + ["b"] * 50)
    *_, codes, _ = placed(column, ["a"] * 75 + ["b"] * 25)
    assert stability(codes, column).value == pytest.approx(0.25 * np.log(3))


def test_its_p_is_the_likelihood_ratios_of_the_two_samples():
    column = column_of("x", "x", ["a"] * 300 + ["b"] * 200 + ["c"] * 100)
    *_, codes, _ = placed(column, ["a"] * 80 + ["b"] * 80 + ["c"] * 40)
    table = [[300, 200, 100], [80, 80, 40]]
    expected = chi2_contingency(table, correction=False, lambda_="log-likelihood").pvalue
    assert stability(codes, column).p == pytest.approx(expected)


def test_a_rare_bin_is_no_alarm_more_often_than_its_p_says():
    column = column_of("x", "x", ["a"] * 500 + ["b"] * 9_500)
    codes = np.array([1] * 20 + [2] * 80)  # five are expected
    exact = binom.sf(19, 100, 0.05)
    assert exact / 3 < stability(codes, column).p / 2 < 10 * exact  # of both sides together


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30).filter(lambda a: sum(a) > 0), st.integers(1, 800))
def test_merged_bins_expect_five_answers_each_or_are_one(weights, n):
    shares = np.array(weights) / sum(weights)
    merged = merged_bins(shares, n)
    expected = n * np.bincount(merged, shares)
    assert expected.size == 1 or expected.min() > 5 - 1e-9


def test_p_of_the_mean_is_uniform_without_drift_and_nothing_where_one_value_rules():
    rng = np.random.default_rng(0)
    column = column_of("x", "x", rng.gamma(2, size=2_000).tolist())
    p = []
    for _ in range(400):
        *_, scores = placed(column, rng.gamma(2, size=100).tolist())
        p.append(mean_shift(scores, column).p)
    assert 0.02 < np.mean(np.array(p) < 0.05) < 0.09
    flag = column_of("flag", "flag", [0.0] * 99 + [1.0])
    assert mean_shift(np.zeros(100), flag) is None


def test_rows_of_a_job_that_are_alike_count_as_one():
    jobs = np.repeat(np.arange(10), 20)
    alike = column_of("x", "x", jobs.astype(float).tolist(), clusters=(jobs,))
    assert (alike.n, alike.effective) == (200, pytest.approx(10))
    rng = np.random.default_rng(1)
    own = column_of("x", "x", rng.normal(size=200).tolist(), clusters=(jobs,))
    assert 100 < own.effective <= 200.001


def test_jobs_count_alike_whatever_the_size_of_their_pools():
    jobs = np.array(["small"] * 10 + ["large"] * 90)
    column = column_of("x", "x", ["a"] * 10 + ["b"] * 90, clusters=(jobs,))
    assert column.shares == pytest.approx((0, 0.5, 0.5, 0))


@settings(max_examples=40, deadline=None)
@given(NUMBERS, st.floats(-9, 9) | st.none() | st.text(max_size=3))
def test_a_column_reads_back_from_json_and_places_every_value(values, value):
    column = column_of("x", "the x", values)
    again = Column.from_json(column.to_json())
    place = column.place(value)
    assert again.place(value) == place
    assert 0 <= place.low <= place.high <= 1 + 1e-12
    assert 0 <= place.code < len(column.bins) == len(column.shares)
    assert sum(column.shares) == pytest.approx(1)


def test_the_bins_of_a_category_hold_what_training_never_saw():
    column = column_of(
        "x", "x", ["Fit", "Not Fit", None, "Fit"], categories=("Not Fit", "Partial Fit", "Fit")
    )
    assert column.bins == ("missing", "Not Fit", "Partial Fit", "Fit", "never seen in training")
    assert column.shares == (0.25, 0.25, 0, 0.5, 0)
    assert [column.place(v).code for v in (None, "Fit", "else")] == [0, 3, 4]


def test_a_column_that_does_not_fit_its_bins_is_refused_with_its_name():
    told = column_of("years", "years", [1.0, 2.0]).to_json()
    with pytest.raises(ModelError, match="'years'"):
        Column.from_json({**told, "shares": [1.0]})
