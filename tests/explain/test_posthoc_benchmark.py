import json

import numpy as np
import pytest

from benchmarks import posthoc
from benchmarks.posthoc_parts.agreement import Agreement
from benchmarks.posthoc_parts.setting import TASK, Counted
from ranker.app.task import read_task


def test_a_split_agrees_with_itself():
    amounts = {"a": 2.0, "b": -1.0, "c": 0.0}
    assert Agreement.of(amounts, amounts) == Agreement(tau=1.0, signs=1.0, distance=0.0)


def test_the_opposite_split_agrees_in_nothing():
    exact = {"a": 2.0, "b": -1.0, "c": 0.5}
    said = {name: -amount for name, amount in exact.items()}
    assert Agreement.of(said, exact) == Agreement(tau=-1.0, signs=0.0, distance=2.0)


def test_a_part_that_one_of_them_leaves_out_counts_as_nothing():
    assert Agreement.of({"a": 1.0}, {"a": 1.0, "b": 0.5}).distance == 0.5


def test_equal_amounts_are_not_put_in_an_order_by_noise():
    exact = {"a": 1.0, "b": 0.2, "c": 0.2}
    assert Agreement.of({"a": 1.0, "b": 0.2001, "c": 0.1999}, exact).tau == pytest.approx(1.0)


def test_where_nothing_counts_there_is_nothing_to_agree_on():
    assert np.isnan(Agreement.of({"a": 1.0}, {"a": 0.0}).tau)


def test_rows_are_counted():
    model = Counted(len)
    model([1, 2])
    model([3])
    assert model.rows == 3


def test_the_small_form_runs_and_every_kernel_shap_sums(tmp_path, capsys):
    pytest.importorskip("shap")
    pytest.importorskip("lightgbm")
    if not all(path.exists() for path, _ in read_task(TASK).sources.values()):
        pytest.skip("CANDOR_DATA holds no findhr")
    out = tmp_path / "posthoc.json"
    assert posthoc.main(["--quick", "--out", str(out)]) == 0
    document = json.loads(out.read_text(encoding="utf-8"))
    assert document["exact_pool"]["sum_error"] < 1e-9
    for row in document["rows"]:
        if "LIME" not in row["name"]:
            assert row["sum_error"] < 1e-9
    for row in document["without_interactions"]:
        if row["level"] != "entries":  # of which long lists are split by Aumann-Shapley, and drawn
            assert row["distance"] < 1e-9
    assert capsys.readouterr().out.count("\n") >= len(document["rows"])
