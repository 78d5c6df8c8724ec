import sys

import numpy as np
import pytest

from ranker.errors import DataError, UsageError
from ranker.resume.balancing import HOW, balanced, class_weights

CODES = np.repeat([0, 1, 2], [1000, 300, 200])


def test_a_class_weighs_the_total_over_classes_times_its_count():
    weights = class_weights(["Not Fit"] * 1000 + ["Partial Fit"] * 300 + ["Fit"] * 200)
    assert weights == {"Not Fit": 1500 / 3000, "Partial Fit": 1500 / 900, "Fit": 1500 / 600}
    assert [round(weight, 2) for weight in weights.values()] == [0.5, 1.67, 2.5]


def test_weighted_classes_weigh_the_same_and_a_row_weighs_one_on_average():
    rows, weights = balanced(CODES, "weights")
    np.testing.assert_array_equal(rows, np.arange(1500))
    np.testing.assert_allclose(np.bincount(CODES, weights=weights), 500)
    assert weights.mean() == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("how", "counts"),
    [("none", [1000, 300, 200]), ("under", [200] * 3), ("over", [1000] * 3), ("hybrid", [500] * 3)],
)
def test_each_way_gives_the_counts_it_promises(how, counts):
    if how != "none":
        pytest.importorskip("imblearn", reason="imbalanced-learn is not installed")
    rows, weights = balanced(CODES, how)
    assert np.bincount(CODES[rows]).tolist() == counts
    assert (weights == 1).all()
    assert (np.diff(rows) >= 0).all()


def test_only_the_larger_classes_lose_rows_and_only_the_smaller_repeat_them():
    pytest.importorskip("imblearn", reason="imbalanced-learn is not installed")
    rows, _ = balanced(CODES, "hybrid")
    kept = [np.unique(rows[CODES[rows] == code]).size for code in range(3)]
    assert kept == [500, 300, 200]


def test_the_seed_decides_what_is_drawn():
    pytest.importorskip("imblearn", reason="imbalanced-learn is not installed")
    first, again, other = (balanced(CODES, "under", random_state=seed)[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("how", HOW)
def test_one_class_alone_stays_as_it_is(how):
    rows, weights = balanced([1, 1, 1], how)
    assert rows.tolist() == [0, 1, 2]
    assert weights.tolist() == [1.0, 1.0, 1.0]


def test_sampling_without_its_package_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "imblearn.over_sampling", None)
    with pytest.raises(UsageError, match=r"imbalanced-learn .* or balance by 'weights'"):
        balanced(CODES, "over")
    assert len(balanced(CODES, "weights")[0]) == 1500


@pytest.mark.parametrize(
    ("codes", "how", "words"),
    [
        ([], "none", "one row or more"),
        ([0, 1], "smote", "known are"),
        ([0, 1], "overs", "did you mean 'over'"),
    ],
)
def test_what_cannot_be_balanced_is_named(codes, how, words):
    with pytest.raises(DataError, match=words):
        balanced(codes, how)


def test_no_labels_have_no_weights():
    with pytest.raises(DataError, match="no labels"):
        class_weights([])
