"""The comparison of résumé classifiers, in its small form."""

import importlib.util

import numpy as np
import pandas as pd
import pytest

from benchmarks import resume_classifiers
from benchmarks.resume_parts.cases import Part
from benchmarks.resume_parts.explanations import coalitions, network_shap, shapley, subsets
from benchmarks.resume_parts.figures import difference, factors, macro_f1


@pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in ("lightgbm", "xgboost")),
    reason="LightGBM or XGBoost is not installed",
)
def test_the_small_comparison_names_every_model_and_explains_one_resume(capsys, tmp_path):
    assert resume_classifiers.main(["--quick", "--out", str(tmp_path / "found.json")]) == 0
    told = capsys.readouterr().out
    for words in (
        "candor ordinal EBM",
        "multiclass EBM",
        "LightGBM",
        "XGBoost",
        "before calibration",
        "left over",
    ):
        assert words in told
    assert not list(tmp_path.iterdir())


def test_shapley_values_of_a_sum_are_its_parts_and_of_a_product_are_equal():
    parts = [1.0, -2.0, 0.5]
    assert shapley(3, lambda chosen: sum(parts[p] for p in chosen)) == pytest.approx(parts)
    assert shapley(2, lambda chosen: float(len(chosen) == 2)) == pytest.approx([0.5, 0.5])


def test_a_network_is_explained_without_residual():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.random((5, 2)), columns=["a", "b"])
    others = Part(X, rng.integers(0, 2, (5, 3)), np.zeros(5, int), np.zeros(5, int))
    players, asked = coalitions(others.take(np.array([0])), others)
    assert players == ["a", "b", "skills"]
    assert len(asked.y) == 5 * len(subsets(3))

    def network(part):
        chance = 1 / (1 + np.exp(-part.X["a"] * part.X["b"] - part.binary.sum(axis=1)))
        return np.column_stack([1 - chance, chance])

    class Labels:
        labels = ("no", "yes")

    told = network_shap(Labels, players, network(asked), network(others)[0])
    assert told["left_over"] == pytest.approx(0.0, abs=1e-12)
    assert told["start"] == pytest.approx(network(others)[:, 1].mean())


def test_factors_for_macro_f1_do_no_worse_than_none_on_the_rows_they_were_chosen_on():
    rng = np.random.default_rng(1)
    chance = rng.dirichlet([6, 3, 1], 400)
    y = (rng.random(400)[:, np.newaxis] > np.cumsum(chance, axis=1)).sum(axis=1)
    chosen = macro_f1(y, (chance * factors(chance, y)).argmax(axis=1), 3)
    assert chosen >= macro_f1(y, chance.argmax(axis=1), 3)


def test_a_difference_lies_in_its_interval_and_turns_with_its_sides():
    rng = np.random.default_rng(2)
    y = [rng.integers(0, 3, 300) for _ in range(2)]
    good = [np.where(rng.random(300) < 0.9, one, 0) for one in y]
    bad = [np.where(rng.random(300) < 0.6, one, 0) for one in y]
    found, turned = difference(y, good, bad, 3), difference(y, bad, good, 3)
    assert 0 < found["low"] < found["mean"] < found["high"]
    assert turned["mean"] == pytest.approx(-found["mean"])
