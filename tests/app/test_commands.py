"""The whole way through the command line, on a small synthetic task."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from ranker.app.cli import app
from ranker.app.model import Model
from ranker.records.synthetic import generate
from ranker.scoring.attribution import attribute_pair


def candor(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(map(str, arguments)))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def machine(*arguments: str) -> dict:
    code, out, err = candor(*arguments, "--json")
    assert code == 0, err
    return json.loads(out)


@pytest.fixture(scope="module")
def task(tmp_path_factory) -> Path:
    path = generate(
        tmp_path_factory.mktemp("data"), n_candidates=150, n_jobs=16, applications_per_job=20, seed=7
    )
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"interactions = \d+", "interactions = 2\nouter_bags = 2", text), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def trained(task, tmp_path_factory) -> tuple[Path, dict]:
    directory = tmp_path_factory.mktemp("models") / "model"
    return directory, machine("train", task, "--out", directory)


@pytest.fixture(scope="module")
def ranked(trained, tmp_path_factory) -> tuple[pd.DataFrame, dict]:
    out = tmp_path_factory.mktemp("rankings") / "ranking.csv"
    said = machine("rank", trained[0], "--out", out)
    return pd.read_csv(out, dtype={"job": str, "candidate": str}), said


def test_training_reports_what_became_of_every_row(trained):
    said = trained[1]
    assert said["read"]["application"] == said["kept"]["application"] + said["set_aside"]
    reasons = " ".join(row["reason"] for row in said["cleaning"])
    for expected in ("repeated (candidate, job) key", "unknown job", "work permit", "not a number"):
        assert expected in reasons


def test_training_is_byte_identical_from_the_same_seed(task, trained, tmp_path):
    again = tmp_path / "again"
    machine("train", task, "--out", again)
    names = sorted(file.name for file in trained[0].iterdir())
    assert names == sorted(file.name for file in again.iterdir())
    for name in names:
        assert (again / name).read_bytes() == (trained[0] / name).read_bytes(), name


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl", ".json"])
def test_ranking_is_byte_identical_from_the_same_model(trained, tmp_path, suffix):
    one, other = tmp_path / f"one{suffix}", tmp_path / f"other{suffix}"
    machine("rank", trained[0], "--out", one)
    machine("rank", trained[0], "--out", other)
    assert one.read_bytes() == other.read_bytes()


def test_ranks_run_from_one_to_the_size_of_each_pool(ranked):
    frame, said = ranked
    assert len(frame) == said["rows"] == said["candidates"]
    for _, pool in frame.groupby("job"):
        assert pool["rank"].tolist() == list(range(1, len(pool) + 1))
        assert pool["score"].is_monotonic_decreasing


def test_the_tie_rule_stands_where_it_decided(ranked):
    frame, said = ranked
    assert "BLAKE2b" in said["tie_rule"]
    assert frame.loc[frame["tied"], "tie_rule"].eq(said["tie_rule"]).all()
    assert frame.loc[~frame["tied"], "tie_rule"].isna().all()


def test_rows_that_are_set_aside_are_listed_beside_the_ranking(ranked):
    said = ranked[1]
    listed = pd.read_csv(said["set_aside_file"], dtype=str)
    assert len(listed) == said["set_aside"] > 0
    assert listed["reason"].notna().all()


def test_strict_leaves_with_a_code_that_says_rows_were_set_aside(trained, tmp_path):
    code, _, err = candor("rank", trained[0], "--out", tmp_path / "r.csv", "--strict")
    assert code == 9
    assert "set aside" in err


def test_top_k_writes_the_first_k_of_each_job(trained, tmp_path):
    machine("rank", trained[0], "--out", tmp_path / "r.parquet", "--top-k", "3")
    frame = pd.read_parquet(tmp_path / "r.parquet")
    assert frame.groupby("job")["rank"].max().max() == 3


def test_new_candidates_are_ranked_for_every_job(task, tmp_path):
    lines = (task.parent / "candidates.jsonl").read_text(encoding="utf-8").splitlines()[:7]
    (tmp_path / "new.jsonl").write_text("\n".join(lines), encoding="utf-8")
    text = task.read_text(encoding="utf-8")
    start, end = text.index("[[requirements]]"), text.index("[training]")
    open_to_all = task.with_name("open_to_all.toml")
    open_to_all.write_text(text[:start] + text[end:], encoding="utf-8")
    machine("train", open_to_all, "--out", tmp_path / "model")
    said = machine(
        "rank", tmp_path / "model", "--out", tmp_path / "r.csv", "--candidates", tmp_path / "new.jsonl"
    )
    assert said["jobs"] == 16
    assert said["candidates"] == 7 * 16


def test_a_requirement_on_an_application_asks_for_applications(task, trained, tmp_path):
    file = task.parent / "candidates.jsonl"
    code, _, err = candor("rank", trained[0], "--out", tmp_path / "r.csv", "--candidates", file)
    assert code == 3
    assert "requirement 'work permit' reads 'application.work_permit'" in err
    assert "--applications" in err


def test_an_explanation_adds_up_for_machines(trained, ranked):
    row = ranked[0].iloc[4]
    said = machine("explain", trained[0], "--job", row["job"], "--candidate", row["candidate"])
    assert said["rank"] == row["rank"]
    for part in ("terms", "features", "fields"):
        assert said["intercept"] + sum(said[part].values()) == pytest.approx(said["score"], abs=1e-9)
    assert said["score"] == pytest.approx(row["score"], abs=1e-12)


def test_every_score_walks_back_to_raw_fields(trained):
    model = Model.load(trained[0])
    records = model.load_records()
    table = model.task.features.compute(records)
    for pair in range(len(records)):
        assert attribute_pair(model.scorer, model.task.features, records, table, pair).residual <= 1e-9


@pytest.mark.parametrize("audience", ["candidate", "recruiter", "auditor", "developer"])
@pytest.mark.parametrize("form", ["text", "html", "json"])
def test_every_audience_is_answered_in_every_form(trained, ranked, audience, form):
    row = ranked[0].iloc[0]
    code, out, err = candor(
        "explain",
        trained[0],
        "--job",
        row["job"],
        "--candidate",
        row["candidate"],
        "--for",
        audience,
        "--format",
        form,
    )
    assert code == 0, err
    assert row["candidate"] in out


def test_evaluation_has_each_part_and_both_models(trained):
    said = machine("evaluate", trained[0])
    assert said["test"] == trained[1]["evaluation"]["test"]
    for part in ("train", "tune", "test"):
        for model in ("unconstrained", "fair"):
            figures = said[part][model]
            assert 0 <= figures["ndcg"]["10"] <= 1
            assert 0 <= figures["exposure_ratio"] <= 1
            assert set(figures["impact_ratio"]) == {"10"}


def test_the_summary_is_for_people(trained):
    code, out, _ = candor("evaluate", trained[0])
    assert code == 0
    assert "NDCG@10" in out
    assert "unconstrained" in out


def test_the_audit_is_one_page_and_one_object(trained, tmp_path):
    said = machine("audit", trained[0], "--out", tmp_path / "report.html")
    assert {"groups", "selection", "exposure", "certificate", "gap_by_field"} <= set(said)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"<(script|link|img|iframe)[^>]+(src|href)\s*=\s*[\"']?(https?:)?//", page)


def test_swapping_protected_values_changes_no_rank(task, trained, ranked, tmp_path):
    rows = [
        json.loads(line)
        for line in (task.parent / "candidates.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    other = {"woman": "man", "man": "woman"}
    for row in rows:
        row["gender"] = other.get(row["gender"], row["gender"])
        row["name"], row["origin"] = "Somebody Else", "foreign" if row["origin"] == "native" else "native"
    (tmp_path / "swapped.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    machine(
        "rank", trained[0], "--out", tmp_path / "r.csv", "--candidates", tmp_path / "swapped.jsonl",
        "--applications", task.parent / "applications.csv",
    )  # fmt: skip
    swapped = pd.read_csv(tmp_path / "r.csv", dtype={"job": str, "candidate": str})
    pd.testing.assert_frame_equal(swapped, ranked[0])


def test_the_model_directory_holds_no_protected_value_of_anybody(trained):
    for file in trained[0].iterdir():
        if file.suffix in (".json", ".csv"):
            assert "native" not in file.read_text(encoding="utf-8")
