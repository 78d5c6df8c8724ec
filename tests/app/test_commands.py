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


def train_unconstrained(task: Path, directory: Path, *, bags: int) -> Path:
    """Train on relevance alone."""
    text = re.sub(r"outer_bags = \d+", f"outer_bags = {bags}", task.read_text(encoding="utf-8"))
    start = text.index("[fairness]")
    end = text.find("\n[", start)
    plain = task.with_name(f"plain_{bags}.toml")
    plain.write_text(text[:start] + (text[end:] if end >= 0 else ""), encoding="utf-8")
    machine("train", plain, "--out", directory)
    return directory


@pytest.fixture(scope="module")
def with_bags(task, tmp_path_factory) -> Path:
    return train_unconstrained(task, tmp_path_factory.mktemp("models") / "plain", bags=2)


def test_every_rank_has_an_interval(with_bags, tmp_path):
    said = machine("rank", with_bags, "--out", tmp_path / "r.csv")
    frame = pd.read_csv(tmp_path / "r.csv", dtype={"job": str, "candidate": str})
    assert (frame["score_deviation"] > 0).all()
    assert (frame["rank_low"] <= frame["rank"]).all()
    assert (frame["rank"] <= frame["rank_high"]).all()
    assert said["intervals"]["missing"] is None
    width = (frame["rank_high"] - frame["rank_low"] + 1).mean()
    assert said["intervals"]["mean_width"] == pytest.approx(width)


def test_the_chance_of_the_top_is_that_of_the_whole_pool(with_bags, tmp_path):
    machine("rank", with_bags, "--out", tmp_path / "r.json", "--top-k", "3")
    cut = pd.DataFrame(json.loads((tmp_path / "r.json").read_text(encoding="utf-8")))
    machine("rank", with_bags, "--out", tmp_path / "all.csv", "--top-k", "1000")
    whole = pd.read_csv(tmp_path / "all.csv", dtype={"job": str, "candidate": str})
    assert (whole["p_top_1000"] == 1).all()
    columns = ["job", "candidate", "rank_low", "rank_high", "score_deviation"]
    first = whole[whole["rank"] <= 3].reset_index(drop=True)
    pd.testing.assert_frame_equal(cut[columns], first[columns])
    # Who stands below the third place has the rest of the chances.
    total = cut.groupby("job")["p_top_3"].sum()
    assert ((total > 0) & (total <= 3)).all()
    assert (total < 3).any()


@pytest.mark.parametrize("suffix", [".csv", ".json"])
def test_a_model_of_one_bag_says_that_it_has_no_intervals(task, tmp_path, suffix):
    model = train_unconstrained(task, tmp_path / "model", bags=1)
    out = tmp_path / f"r{suffix}"
    code, told, err = candor("rank", model, "--out", out, "--top-k", "2", "--json")
    assert code == 0
    assert len(err.splitlines()) == 1
    assert "no intervals of ranks" in err
    assert "outer_bags of 2 or more" in json.loads(told)["intervals"]["missing"]
    frame = pd.read_csv(out) if suffix == ".csv" else pd.DataFrame(json.loads(out.read_text("utf-8")))
    assert frame["rank"].notna().all()
    assert frame[["score_deviation", "rank_low", "rank_high", "p_top_2"]].isna().all(axis=None)


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
    assert {"rates", "impact", "measures", "effects", "proxies", "swaps", "labels", "robustness"} <= set(said)
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8")) == {
        key: value for key, value in said.items() if key != "report"
    }
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"<(script|link|img|iframe)[^>]+(src|href)\s*=\s*[\"']?(https?:)?//", page)


def test_the_audit_can_be_its_figures_alone(trained, tmp_path):
    said = machine("audit", trained[0], "--out", tmp_path / "figures.json", "--date", "2026-11-21")
    assert said["date"] == "2026-11-21"
    assert said["command"].endswith("--out " + str(tmp_path / "figures.json"))
    assert [path.name for path in tmp_path.iterdir()] == ["figures.json"]


def test_an_audit_overwrites_no_file_of_its_model(trained):
    before = (trained[0] / "evaluation.json").read_bytes()
    code, _, err = candor("audit", trained[0], "--out", trained[0] / "evaluation.html")
    assert code == 2
    assert "would overwrite" in err
    assert (trained[0] / "evaluation.json").read_bytes() == before


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


def test_the_model_directory_holds_no_protected_value_of_anybody(task, tmp_path):
    """Not even of rows and values that cannot be read, which the cleaning report names."""
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("candidates.jsonl", "jobs.jsonl", "applications.csv", "task.toml"):
        (folder / name).write_text((task.parent / name).read_text(encoding="utf-8"), encoding="utf-8")
    people = (folder / "candidates.jsonl").read_text(encoding="utf-8").splitlines()
    row = json.loads(people[0])
    row["gender"], row["test_score"] = ["SECRET", "other"], {"kept": "SECRET"}
    people[0] = json.dumps(row)
    people += ['{"id": "c9998", "gender": "SECRET"', '["c9999", "SECRET"]']
    (folder / "candidates.jsonl").write_text("\n".join(people), encoding="utf-8")
    with (folder / "applications.csv").open("a", encoding="utf-8") as file:
        file.write("c0001,j001,2025-01-01,3,yes,SECRET\n")
    said = machine("train", folder / "task.toml", "--out", tmp_path / "model")
    assert {"a line that is not JSON", "not an object"} <= {row["reason"] for row in said["cleaning"]}
    for file in (tmp_path / "model").iterdir():
        if file.name not in ("task.toml", "cleaning.json"):
            assert b"SECRET" not in file.read_bytes(), file
    fates = json.loads((tmp_path / "model" / "cleaning.json").read_text(encoding="utf-8"))["fates"]
    told = [fate for fate in fates if "SECRET" in json.dumps(fate)]
    assert [fate["field"] for fate in told] == ["candidate.test_score"]


def test_for_machines_too_a_candidates_answer_holds_nothing_about_others(trained, ranked):
    row = ranked[0].iloc[4]
    who = ("--job", row["job"], "--candidate", row["candidate"])
    own = machine("explain", trained[0], *who)
    assert not {"neighbours", "cutoff_score"} & set(own)
    assert {"neighbours", "cutoff_score"} <= set(machine("explain", trained[0], *who, "--for", "recruiter"))
    assert {"job", "candidate", "rank", "score", "intercept", "terms", "features", "fields", "moves"} <= set(
        own
    )


def test_who_was_shut_out_is_told_why(trained, ranked):
    listed = pd.read_csv(ranked[1]["set_aside_file"], dtype=str)
    row = listed[listed["reason"].str.contains("work permit")].iloc[0]["row"]
    candidate, job = re.fullmatch(r"candidate (\S+) for job (\S+)", row).groups()
    code, _, err = candor("explain", trained[0], "--job", job, "--candidate", candidate)
    assert code == 3
    assert "was set aside and is not ranked: requirement 'work permit' not met" in err


def test_a_rank_from_other_files_is_explained_from_them(task, trained, tmp_path):
    lines = (task.parent / "applications.csv").read_text(encoding="utf-8").splitlines()
    few = [lines[0], *[line for line in lines[1:] if ",j002," in line][:6]]
    (tmp_path / "few.csv").write_text("\n".join(few) + "\n", encoding="utf-8")
    machine("rank", trained[0], "--out", tmp_path / "r.csv", "--applications", tmp_path / "few.csv")
    first = pd.read_csv(tmp_path / "r.csv", dtype=str).iloc[0]
    said = machine(
        "explain", trained[0], "--job", first["job"], "--candidate", first["candidate"],
        "--applications", tmp_path / "few.csv",
    )  # fmt: skip
    assert said["rank"] == 1
    assert said["pool_size"] <= 6


def test_evaluation_says_that_a_file_changed_since_training(task, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("candidates.jsonl", "jobs.jsonl", "applications.csv", "task.toml"):
        (folder / name).write_text((task.parent / name).read_text(encoding="utf-8"), encoding="utf-8")
    machine("train", folder / "task.toml", "--out", tmp_path / "model")
    assert machine("evaluate", tmp_path / "model")["sources_changed"] == []
    people = folder / "candidates.jsonl"
    people.write_text(
        people.read_text(encoding="utf-8").replace('"test_score": 6', '"test_score": 2'), encoding="utf-8"
    )
    assert machine("evaluate", tmp_path / "model")["sources_changed"] == [str(people)]
    assert "changed since training" in candor("evaluate", tmp_path / "model")[1]


def test_the_order_of_rows_decides_no_tie_where_candidates_have_no_label(tmp_path):
    rows = [f"{'xy'[i % 2]},{i % 3},{i % 5},{'fm'[i % 7 % 2]},{i}" for i in range(240)]
    text = """
name = "flat"
[applications]
path = "rows.csv"
job = "job"
relevance = "grade"
[fields."candidate.sex"]
usage = "protected"
[[features]]
name = "skill"
kind = "number"
field = "candidate.skill"
[split]
by = "candidate"
[training]
outer_bags = 2
"""
    (tmp_path / "task.toml").write_text(text, encoding="utf-8")

    def order(lines: list[str]) -> list[str]:
        (tmp_path / "rows.csv").write_text(
            "\n".join(["job,skill,grade,sex,note", *lines]) + "\n", encoding="utf-8"
        )
        machine("rank", tmp_path / "model", "--out", tmp_path / "r.csv")
        ranking = pd.read_csv(tmp_path / "r.csv", dtype=str)
        assert ranking["tie_rule"].dropna().str.contains("job and record").all()
        return [lines[int(number) - 1].split(",")[4] for number in ranking["candidate"]]

    (tmp_path / "rows.csv").write_text(
        "\n".join(["job,skill,grade,sex,note", *rows]) + "\n", encoding="utf-8"
    )
    machine("train", tmp_path / "task.toml", "--out", tmp_path / "model")
    given = order(rows)
    assert order(rows[::-1]) == given
    swapped = [row.replace(",f,", ",?,").replace(",m,", ",f,").replace(",?,", ",m,") for row in rows]
    assert order(swapped) == given


@pytest.mark.parametrize(
    "command", [("audit", "nowhere/deep/x.html"), ("audit", "folder.html"), ("demo", "file/x")]
)
def test_a_place_that_cannot_be_written_is_one_line(trained, tmp_path, command):
    (tmp_path / "folder.html").mkdir()
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "nowhere").write_text("", encoding="utf-8")
    name, place = command
    arguments = (trained[0],) if name == "audit" else ()
    code, _, err = candor(name, *arguments, "--out", tmp_path / place)
    assert code == 3
    assert err.startswith("candor: ")
    assert len(err.splitlines()) == 1


def test_the_demo_overwrites_nothing_but_an_earlier_demo(tmp_path):
    (tmp_path / "mine.txt").write_text("kept", encoding="utf-8")
    code, _, err = candor("demo", "--out", tmp_path)
    assert code == 3
    assert "no earlier demo" in err


def test_the_version_is_told():
    assert candor("--version")[1].startswith("candor")
