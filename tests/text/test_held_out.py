"""Figures on texts held out, and which texts may be held out together."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from ranker.errors import FitError
from ranker.text.held_out import copies_of, folds_of, judged, log_loss


def as_probabilities(predicted, n_labels):
    return np.eye(n_labels)[predicted] * 0.8 + 0.2 / n_labels


def test_texts_that_differ_in_case_marks_and_space_alone_are_copies():
    texts = ["Java developer, AWS", "java  DEVELOPER;\nAWS.", "Java developer", "***", "---", "***"]
    assert copies_of(texts).tolist() == [0, 0, 1, 2, 3, 2]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 12)), min_size=4, max_size=40),
    st.integers(2, 6),
    st.integers(0, 99),
)
def test_a_group_never_straddles_two_folds(rows, folds, seed):
    truth, group = np.array(rows).T
    most = max(len(set(group[truth == label])) for label in set(truth))
    if most < 2:
        with pytest.raises(FitError, match="nothing can be held out; add texts"):
            folds_of(truth, group, folds, seed)
        return
    fold = folds_of(truth, group, folds, seed)
    assert all(len(set(fold[group == g])) == 1 for g in group)
    assert set(fold) <= set(range(min(folds, most)))


def test_each_fold_gets_its_share_of_every_label_and_a_rare_one_brings_no_warning():
    truth = np.repeat([0, 1, 2], [20, 10, 2])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fold = folds_of(truth, np.arange(32), 5, 0)
    assert np.bincount(fold[truth == 0]).tolist() == [4] * 5
    assert np.bincount(fold[truth == 1]).tolist() == [2] * 5
    assert len(set(fold[truth == 2])) == 2


def test_figures_are_those_worked_out_by_hand():
    truth, predicted = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1])
    found = judged(truth, as_probabilities(predicted, 2), np.arange(4), np.zeros(4, int), 0)
    assert found.accuracy.value == 3 / 4
    assert found.f1 == pytest.approx([2 / 3, 4 / 5])
    assert found.macro_f1.value == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert found.predicted.tolist() == predicted.tolist()


def test_figures_are_those_of_scikit_learn():
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 4, 60)
    said = rng.dirichlet(np.ones(4), 60)
    found = judged(truth, said, np.arange(60), np.zeros(60, int), 0)
    assert found.macro_f1.value == pytest.approx(metrics.f1_score(truth, found.predicted, average="macro"))
    assert found.accuracy.value == pytest.approx(metrics.accuracy_score(truth, found.predicted))
    assert found.log_loss == pytest.approx(metrics.log_loss(truth, said))


def test_a_label_that_was_held_to_be_impossible_costs_a_finite_loss():
    assert log_loss(np.array([1]), np.array([[1.0, 0.0]])) == pytest.approx(15 * np.log(10))


def test_copies_of_texts_do_not_make_an_interval_narrower():
    rng = np.random.default_rng(5)
    truth, predicted = rng.integers(0, 2, (2, 40))
    once = judged(truth, as_probabilities(predicted, 2), np.arange(40), np.zeros(40, int), 1)
    thrice = judged(
        np.repeat(truth, 3), as_probabilities(np.repeat(predicted, 3), 2), np.repeat(np.arange(40), 3),
        np.zeros(120, int), 1,
    )  # fmt: skip
    assert thrice.accuracy.to_json() == pytest.approx(once.accuracy.to_json())
    apart = judged(
        np.repeat(truth, 3),
        as_probabilities(np.repeat(predicted, 3), 2),
        np.arange(120),
        np.zeros(120, int),
        1,
    )
    assert apart.accuracy.high - apart.accuracy.low < 0.75 * (once.accuracy.high - once.accuracy.low)
    assert once.accuracy.low <= once.accuracy.value <= once.accuracy.high


def test_the_interval_of_an_accuracy_has_the_width_of_the_binomial_s():
    truth = np.zeros(400, int)
    predicted = np.arange(400) % 4 == 0  # a quarter is wrong
    found = judged(truth, as_probabilities(predicted.astype(int), 2), np.arange(400), truth, 0).accuracy
    expected = 2 * 1.96 * np.sqrt(0.25 * 0.75 / 400)
    assert found.high - found.low == pytest.approx(expected, rel=0.1)
