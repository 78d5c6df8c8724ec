"""The frontier study in its small form, and what it keeps between runs."""

import json
import os
from dataclasses import asdict
from pathlib import Path

import pytest

from benchmarks import frontier
from benchmarks.frontier_parts.drawing import draw
from benchmarks.frontier_parts.ours import FAIR_OF_OURS, QUALITY_OF_OURS
from benchmarks.frontier_parts.store import Key, Outcome, Store
from benchmarks.frontier_parts.summary import markdown, summarise

DATA = Path(os.environ.get("CANDOR_DATA") or Path(__file__).parents[2] / "shared" / "data")
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"the real data are not at {DATA}: set CANDOR_DATA")


def outcome(method, split=0, *, ndcg=0.5, ratios=(0.8, 0.9), reason="", bags=2):
    rows = [
        {
            "setting": {"at": at},
            "seconds": 1.0,
            **dict.fromkeys(("tune", "test"), measured(ndcg - at / 10, ratio)),
        }
        for at, ratio in enumerate(ratios)
    ]
    return Outcome("compas", "candidate.race", split, method, 6, bags, 2.0, 60, 20, rows, reason)


def measured(ndcg, ratio):
    same = dict.fromkeys(("mean_rank_difference", "impact_ratio_10"), 0.5)
    return {"ndcg_10": ndcg, "ndcg_50": ndcg, "exposure_ratio": ratio, **same}


@needs_data
def test_the_quick_study_measures_every_method_and_writes_nothing(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(frontier, "RESULTS", tmp_path)
    assert frontier.main(["--quick"]) == 0
    told = capsys.readouterr().out
    for word in ("findhr", "chile_engineering", "ebm_raw", "subtraction", "fairlearn_eg", FAIR_OF_OURS):
        assert word in told
    assert not list(tmp_path.iterdir())


def test_what_is_finished_is_read_again_unless_its_settings_differ(tmp_path):
    store = Store(tmp_path, trials=6, bags=2)
    store.add(outcome("ebm_raw", ndcg=0.4))
    store.add(outcome("ebm_raw", ndcg=0.6))
    again = Store(tmp_path, trials=6, bags=2)
    key = Key("compas", "candidate.race", 0, "ebm_raw")
    assert again.get(key).best()["test"]["ndcg_10"] == 0.6
    assert key not in Store(tmp_path, trials=6, bags=4)
    lines = (tmp_path / "compas.jsonl").read_text().splitlines()
    assert json.loads(lines[1]) == json.loads(json.dumps(asdict(outcome("ebm_raw", ndcg=0.6))))


def test_the_best_choice_is_made_on_the_tune_part():
    store = Store(None, trials=6, bags=2)
    store.add(outcome("ebm_raw", ndcg=0.4))
    store.add(outcome("lightgbm", ndcg=0.7))
    assert list(store.choices("compas", "candidate.race", 0, ("ebm_raw", "lightgbm", "xgboost"))) == [
        "lightgbm",
        "ebm_raw",
    ]


def test_tables_say_what_is_better_and_what_did_not_finish():
    outcomes = [
        made
        for split in range(3)
        for made in (
            outcome("ebm_raw", split, ndcg=0.5),
            outcome(QUALITY_OF_OURS, split, ndcg=0.6 + split / 1000),
            outcome(FAIR_OF_OURS, split, ndcg=0.6),
            outcome("fairlearn_eg", split, ndcg=0.5),
            outcome("deltr", split, ratios=(), reason="too slow"),
        )
    ]
    (figures,) = summarise(outcomes)
    assert figures["quality"]["ebm_raw"]["ours_less_this"]["ndcg_10"]["mean"] == pytest.approx(0.101)
    compared = figures["fair"]["fairlearn_eg"]["ours_less_this"]["ndcg_50"]
    assert compared["difference"]["mean"] == pytest.approx(0.1)
    assert compared["width"] == pytest.approx(0.1)
    told = markdown([figures], trials=6, bags=2)
    assert "**+.101 (+.0" in told
    assert "did not finish" in told
    assert "too slow" in told


def test_a_plot_stands_by_itself(tmp_path):
    pytest.importorskip("matplotlib", reason="plots need matplotlib")
    figures = summarise(outcome(name, split) for name in ("ebm_raw", FAIR_OF_OURS) for split in range(2))
    first, second = draw(figures, tmp_path)
    assert first.name == "frontier.svg"
    assert second.name == "compas-race.svg"
    text = first.read_text()
    assert "<svg" in text
    assert 'href="http' not in text
