import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, log_loss, precision_recall_fscore_support

from ranker.errors import DataError
from ranker.resume.evaluation import classification_report, ece, perfect_ece, reliability

LABELS = ("Not Fit", "Partial Fit", "Fit")


def stated(n=2000, seed=0):
    """Probabilities of three labels, and labels that are drawn from them."""
    rng = np.random.default_rng(seed)
    chance = rng.dirichlet([1, 1.5, 0.7], n)
    return chance, (rng.random(n)[:, np.newaxis] > np.cumsum(chance, axis=1)).sum(axis=1)


def test_the_figures_are_those_of_scikit_learn():
    chance, y = stated()
    given = chance.argmax(axis=1)
    report = classification_report(y, given, chance, LABELS, n_draws=2)
    for average in ("macro", "weighted"):
        expected = precision_recall_fscore_support(y, given, average=average)[:3]
        np.testing.assert_allclose(list(report[average].values()), expected)
    assert report["confusion"] == confusion_matrix(y, given).tolist()
    assert report["accuracy"] == pytest.approx((y == given).mean())
    assert report["log_loss"] == pytest.approx(log_loss(y, chance))
    np.testing.assert_allclose(
        [[one[name] for name in ("precision", "recall", "f1")] for one in report["labels"].values()],
        np.transpose(precision_recall_fscore_support(y, given)[:3]),
    )
    json.dumps(report, allow_nan=False)


def test_probabilities_that_are_true_have_the_ece_of_the_simulation():
    chance, y = stated(6000)
    report = classification_report(y, chance.argmax(axis=1), chance, LABELS)
    assert 0 < report["ece"] < report["ece_if_perfect"]["p95"] + 0.005
    boasting = np.clip(chance**3, 1e-9, None)
    boasting /= boasting.sum(axis=1, keepdims=True)
    worse = classification_report(y, chance.argmax(axis=1), boasting, LABELS)
    assert worse["ece"] > worse["ece_if_perfect"]["p95"] + 0.05


def test_the_ece_is_the_gap_that_was_built_in():
    confidence = np.repeat([0.6, 0.8, 0.9], 1000)
    right = np.tile(np.arange(1000) < 700, 3)
    assert ece(confidence, right) == pytest.approx((0.1 + 0.1 + 0.2) / 3)
    bins = reliability(confidence, right)
    assert [row["count"] for row in bins] == [1000, 1000, 1000]
    np.testing.assert_allclose([row["accuracy"] for row in bins], 0.7)
    np.testing.assert_allclose([row["confidence"] for row in bins], [0.6, 0.8, 0.9])


def test_bins_hold_equal_shares_where_no_confidence_is_shared():
    confidence = np.random.default_rng(0).random(1500)
    bins = reliability(confidence, confidence > 0.5)
    assert [row["count"] for row in bins] == [100] * 15


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([0.4, 0.5, 0.7, 0.71, 1.0]), st.booleans()), min_size=1, max_size=60)
)
def test_the_order_of_the_rows_does_not_matter(rows):
    confidence, right = np.array([c for c, _ in rows]), np.array([r for _, r in rows])
    assert ece(confidence, right) == pytest.approx(ece(confidence[::-1], right[::-1]))
    assert sum(row["count"] for row in reliability(confidence, right)) == len(rows)
    assert abs(confidence.mean() - right.mean()) <= ece(confidence, right) + 1e-12 <= 1 + 1e-12


def test_who_is_less_than_fifty_five_per_cent_sure_goes_to_a_person():
    chance = np.array([[0.55, 0.25, 0.2], [0.549, 0.251, 0.2], [0.1, 0.1, 0.8], [0.3, 0.4, 0.3]])
    report = classification_report([0, 0, 2, 1], [0, 0, 2, 1], chance, LABELS)
    assert report["uncertain"] == {"below": 0.55, "count": 2, "share": 0.5}
    assert sum(report["histogram"]["counts"]) == 4


def test_the_greatest_probability_decides_who_goes_to_a_person_whatever_label_thresholds_give():
    chance = np.array([[0.6, 0.4, 0.0], [0.5, 0.3, 0.2]])
    report = classification_report([0, 1], [1, 1], chance, LABELS)
    assert report["uncertain"]["count"] == 1
    stricter = classification_report([0, 1], [1, 1], chance, LABELS, uncertain=0.7)
    assert stricter["uncertain"] == {"below": 0.7, "count": 2, "share": 1.0}


def test_a_label_that_never_occurs_counts_in_no_mean():
    chance = np.array([[0.9, 0.1, 0.0]] * 4)
    report = classification_report([0, 0, 0, 1], [0, 0, 0, 0], chance, LABELS)
    assert report["labels"]["Fit"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 0}
    assert report["macro"]["recall"] == pytest.approx(0.5)


def test_a_simulation_without_doubt_has_no_error():
    assert (perfect_ece(np.eye(3), np.arange(3)) == 0).all()


@pytest.mark.parametrize(
    ("y", "codes", "chance", "words"),
    [
        ([], [], np.empty((0, 3)), "no row"),
        ([0, 1], [0], np.eye(3)[:2], "belong together"),
        ([0, 1], [0, 1], np.eye(2), "belong together"),
        ([0, 3], [0, 1], np.eye(3)[:2], "y of row 1 is 3"),
        ([0, 1], [0, -1], np.eye(3)[:2], "codes of row 1 is -1"),
        ([0], [0], [[0.5, 0.4, 0.2]], "sum to 1"),
        ([0], [0], [[np.nan, 0.5, 0.5]], "sum to 1"),
    ],
)
def test_what_does_not_fit_together_is_named(y, codes, chance, words):
    with pytest.raises(DataError, match=words):
        classification_report(y, codes, chance, LABELS)
