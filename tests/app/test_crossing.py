"""Everybody against every job: ranked side by side, the first k are those of ranking all pairs."""

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.app.engine_case import JOBS, SKILLS, TASK, applications, candidates, candor, ranked

FEATURES = """
[[features]]
name = "any tool"
kind = "any_of"
has = "candidate.skills"
wants = "job.tools"
[[features]]
name = "weighed"
kind = "coverage"
has = "candidate.skills"
wants = "job.skills"
weights = "job.weights"
[[features]]
name = "enough years"
kind = "at_least"
field = "candidate.years"
required = "job.years"
measure = "share"
[[features]]
name = "level"
kind = "number"
field = "job.level"
"""
SAME = ["job", "rank", "candidate", "score", "tied", "tie_rule"]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("crossing")
    jobs = [
        {
            "id": job,
            "skills": SKILLS[n % 4 : n % 4 + 2],
            "tools": [] if n == 3 else SKILLS[n % 3 : n % 3 + 3],
            "weights": f'{{"{SKILLS[n % 4]}": {n % 3 + 1}}}',
            "years": None if n == 5 else float(n % 4),
            "level": n % 3,
        }
        for n, job in enumerate(JOBS)
    ]
    pq.write_table(candidates(), folder / "candidates.parquet")
    pq.write_table(pa.Table.from_pylist([*jobs, {**jobs[2], "level": 2}]), folder / "jobs.parquet")
    pq.write_table(applications(), folder / "applications.parquet")
    start, rest = TASK.split('[[features]]\nname = "tools"')
    _, split = rest.split("[split]")
    text = start + FEATURES.lstrip() + "[split]" + split.replace("interactions = 1", "interactions = 4")
    (folder / "task.toml").write_text(text, encoding="utf-8")
    code, _, err = candor("train", folder / "task.toml", "--out", folder / "model")
    assert code == 0, err
    return folder / "model"


def everybody(model):
    return ["--candidates", model.parent / "candidates.parquet", "--jobs", model.parent / "jobs.parquet"]


@pytest.mark.parametrize("k", [1, 4, 1000])
def test_the_first_k_are_those_of_ranking_all_pairs(model, tmp_path, k):
    fast, aside, said = ranked(
        model, tmp_path / "a.parquet", *everybody(model), "--top-k", k, "--no-intervals"
    )
    slow, listed, told = ranked(model, tmp_path / "b.parquet", *everybody(model), "--top-k", k, "--intervals")
    pd.testing.assert_frame_equal(fast[SAME], slow[SAME])
    assert list(fast.columns) == list(slow.columns)
    assert aside == listed
    for name in ("jobs", "candidates", "rows", "tied", "tie_rule", "set_aside", "cleaning"):
        assert said[name] == told[name], name


def test_side_by_side_is_the_way_wherever_pairs_are_many(model, tmp_path, monkeypatch):
    _, _, few = ranked(model, tmp_path / "a.parquet", *everybody(model), "--top-k", 3)
    monkeypatch.setattr("ranker.app.ranking_command.MANY", 10)
    _, _, many = ranked(model, tmp_path / "b.parquet", *everybody(model), "--top-k", 3)
    assert few["intervals"]["missing"] is None
    assert "too many; --intervals takes the time" in many["intervals"]["missing"]


def test_a_table_without_anybody_is_refused(model, tmp_path):
    pq.write_table(candidates()[:0], tmp_path / "none.parquet")
    code, _, err = candor(
        "rank", model, "--out", tmp_path / "a.csv", "--candidates", tmp_path / "none.parquet",
        "--jobs", model.parent / "jobs.parquet", "--top-k", 3, "--no-intervals",
    )  # fmt: skip
    assert code == 3
    assert "none.parquet" in err
    assert not (tmp_path / "a.csv").exists()
