"""What the command line says to data and places that are not as they should be."""

import csv
import json
import os
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ranker.app.cli import app
from ranker.app.model import Model

TASK = """
name = "kitchens"

[candidates]
path = "people.csv"
id = "id"

[jobs]
path = "jobs.csv"
id = "id"

[applications]
path = "applications.csv"
candidate = "person"
job = "job"
relevance = "grade"

[fields."candidate.gender"]
usage = "protected"

[[features]]
name = "years"
kind = "number"
field = "candidate.years"
[[features]]
name = "skills"
kind = "coverage"
has = "candidate.skills"
wants = "job.skills"

[fairness]
measure = "exposure"
attribute = "candidate.gender"
bound = 0.2

[training]
objective = "centred"
outer_bags = 2
interactions = 0
"""
SKILLS = ["cut", "fry", "bake", "boil"]


class Kitchens:
    """Small tables to spoil: 5 jobs, and 60 people who applied for two of them each."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.task = folder, TASK
        self.people = [
            {
                "id": f"p{i}",
                "name": f"Ana {i}",
                "years": str(i * 7 % 12),
                "skills": json.dumps(SKILLS[: i * 5 % 4 + 1]),
                "gender": "f" if i % 3 else "m",
            }
            for i in range(60)
        ]
        self.jobs = [{"id": f"k{j}", "skills": json.dumps(SKILLS[j % 3 :])} for j in range(5)]
        self.applications = [
            {"person": p["id"], "job": f"k{(i + k) % 5}", "grade": str((int(p["years"]) + k) // 4)}
            for i, p in enumerate(self.people)
            for k in range(2)
        ]

    def write(self) -> Path:
        """Write the files and return the task file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in ("people", "jobs", "applications"):
            rows = getattr(self, name)
            with (self.folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows([row for row in rows if any(row.values())])
        (self.folder / "task.toml").write_text(self.task, encoding="utf-8")
        return self.folder / "task.toml"

    def empty(self, name: str) -> None:
        """Leave a table without rows."""
        setattr(self, name, [dict.fromkeys(getattr(self, name)[0], "")])


def candor(*arguments: object) -> tuple[int, str, str]:
    """Run a command; whatever happens, it is no traceback."""
    result = CliRunner().invoke(app, list(map(str, arguments)))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    assert "Traceback" not in result.output
    return result.exit_code, result.stdout, result.stderr


def refused(code: int, *arguments: object) -> str:
    """Run a command that must fail with a code and one message on standard error."""
    found, out, err = candor(*arguments)
    assert (found, out) == (code, ""), err
    assert err.startswith("candor: ")
    assert len(err.strip().splitlines()) == 1
    return err


def machine(*arguments: object) -> dict:
    code, out, err = candor(*arguments, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def counted(said: dict, action: str) -> dict[tuple[str, str], int]:
    """Return how many rows of which table or field met which fate."""
    rows = [row for row in said["cleaning"] if row["action"] == action]
    return {(row["field"] or row["table"], row["reason"]): row["rows"] for row in rows}


@pytest.fixture
def kitchens(tmp_path) -> Kitchens:
    return Kitchens(tmp_path / "data")


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path / "model"


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> tuple[Kitchens, Path]:
    """Return data and the model that was trained on them; tests that spoil them take a copy."""
    folder = tmp_path_factory.mktemp("kitchens")
    kitchens = Kitchens(folder / "data")
    kitchens.people[7] |= {"id": "Ñandú 李", "gender": "weiblich"}
    kitchens.people[8] |= {"id": 'O\'Neill, "Zoë"\nJr'}
    for row in kitchens.applications:
        row["person"] = {"p7": "Ñandú 李", "p8": kitchens.people[8]["id"]}.get(row["person"], row["person"])
        row["job"] = {"k0": "Küche № 0"}.get(row["job"], row["job"])
    kitchens.jobs[0]["id"] = "Küche № 0"
    machine("train", kitchens.write(), "--out", folder / "model")
    return kitchens, folder / "model"


@pytest.fixture
def copied(trained, tmp_path) -> Path:
    return Path(shutil.copytree(trained[1], tmp_path / "copy"))


# Files and columns


def test_a_missing_task_file_is_a_mistake_of_the_command(tmp_path, out):
    (tmp_path / "kitchens.toml").write_text(TASK)
    err = refused(2, "train", tmp_path / "kitchen.toml", "--out", out)
    assert "there is no task file" in err
    assert "did you mean 'kitchens.toml'?" in err


@pytest.mark.parametrize("name", ["people", "jobs", "applications"])
def test_a_missing_file_is_named_with_its_neighbours(kitchens, out, name):
    task = kitchens.write()
    (kitchens.folder / f"{name}.csv").rename(kitchens.folder / f"{name}2.csv")
    err = refused(3, "train", task, "--out", out)
    assert f"{name}.csv does not exist; did you mean '{name}2.csv'?" in err
    assert not out.exists()


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        (
            '"candidate.years"',
            '"candidate.yeers"',
            2,
            "feature 'years': the candidate table has no column 'yeers'; did you mean 'years'?",
        ),
        (
            '"candidate.gender"',
            '"candidate.gendre"',
            2,
            "the candidate table has no column 'gendre'; did you mean 'gender'?",
        ),
        ("person", "persons", 3, "the application table has no column 'persons'; did you mean 'person'?"),
        ('"grade"', '"grades"', 3, "the application table has no column 'grades'; did you mean 'grade'?"),
        (
            '"candidate.years"',
            '"candidate.gender"',
            4,
            "feature 'years' reads 'candidate.gender', which the task marks protected",
        ),
        (
            '"candidate.years"',
            '"application.grade"',
            4,
            "feature 'years' reads 'application.grade', which the task marks target",
        ),
        (
            '"exposure"',
            '"exposur"',
            6,
            "[fairness]: measure 'exposur' is not known; did you mean 'exposure'?",
        ),
        ('relevance = "grade"', "", 2, "[applications] names no relevance column"),
        ("people.csv", "people.xlsx", 3, "files of kind '.xlsx' are not read"),
    ],
)
def test_a_mistake_in_the_task_has_its_own_exit_code_and_says_what_was_meant(
    kitchens, out, old, new, code, said
):
    kitchens.task = TASK.replace(old, new)
    assert said in refused(code, "train", kitchens.write(), "--out", out)


def test_with_json_an_error_is_an_object_too(tmp_path, out):
    code, stdout, err = candor("train", tmp_path / "no.toml", "--out", out, "--json")
    said = json.loads(stdout)
    assert (code, said["error"]) == (2, "TaskError")
    assert said["message"] in err


# Rows and values


def test_an_empty_pool_says_why_nobody_is_left(kitchens, out):
    kitchens.empty("applications")
    err = refused(3, "train", kitchens.write(), "--out", out)
    assert "nobody is left to rank" in err
    assert "application: 0 rows read" in err


def test_a_relevance_of_the_wrong_type_says_why_nobody_is_left(kitchens, out):
    for row in kitchens.applications:
        row["grade"] = "good"
    err = refused(3, "train", kitchens.write(), "--out", out)
    assert "set aside: 120 x application: relevance 'grade': not a number" in err


def test_rows_without_a_partner_are_noted_and_rows_that_cannot_be_used_are_counted(kitchens, out):
    kitchens.jobs += [{"id": "empty", "skills": "[]"}]
    kitchens.people += [{"id": "idle", "years": "1", "skills": "[]", "gender": "f"}, kitchens.people[0]]
    kitchens.people += [kitchens.people[1] | {"years": "99"}, kitchens.people[0] | {"id": " "}]
    first = kitchens.applications[0]
    kitchens.applications += [
        first, first | {"grade": "99"}, first | {"job": "nowhere"}, first | {"person": "nobody"},
        first | {"person": ""}, first | {"job": "  "},
    ]  # fmt: skip
    said = machine("train", kitchens.write(), "--out", out)
    assert counted(said, "noted") == {
        ("candidate", "a candidate without application"): 1,
        ("job", "a job without candidates"): 1,
    }
    assert counted(said, "set_aside") == {
        ("application", "repeated (candidate, job) key, same relevance"): 1,
        ("application", "repeated (candidate, job) key, other relevance; the first one counts"): 1,
        ("application", "unknown job"): 1,
        ("application", "unknown candidate"): 1,
        ("application", "no candidate is named"): 1,
        ("application", "no job is named"): 1,
        ("candidate", "id repeated, all values equal"): 1,
        ("candidate", "id repeated with other values; the first one counts"): 1,
        ("candidate", "no id"): 1,
    }
    assert said["set_aside"] == 9
    assert said["read"] == {"candidate": 64, "job": 6, "application": 126}
    assert said["kept"] == {"candidate": 60, "job": 5, "application": 120}
    code, stdout, err = candor("rank", out, "--out", out.parent / "r.csv", "--strict")
    assert code == 9
    assert "9 row(s) were set aside and --strict was given" in err
    assert "set aside: 1 x application: unknown job" in stdout
    with (out.parent / "r.set_aside.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = list(csv.DictReader(file))
    assert len(listed) == 9
    assert {"table", "row", "reason"} <= set(listed[0])
    assert {row["row"] for row in listed if row["reason"] == "unknown job"} == {
        "candidate p0 for job nowhere"
    }


def test_values_that_cannot_be_read_are_missing_and_counted_by_field_and_reason(kitchens, out):
    for i, value in enumerate(["inf", "-Infinity", "1e999", "nan", "NaN", "", "many"]):
        kitchens.people[i]["years"] = value
    for i, value in enumerate(["cut and fry", "[cut, fry]", "", "3", '{"cut": 1}']):
        kitchens.people[20 + i]["skills"] = value
    for i, value in enumerate(["inf", "nan", "", "-1", "good"]):
        kitchens.applications[40 + i]["grade"] = value
    said = machine("train", kitchens.write(), "--out", out)
    assert counted(said, "missing") == {
        ("candidate.years", "not a finite number"): 3,
        ("candidate.years", "not a number"): 1,
        ("candidate.skills", "no list where one was expected"): 3,
        ("candidate.skills", "a list or object that is neither JSON nor a Python literal"): 1,
    }
    assert counted(said, "set_aside") == {
        ("application", "relevance 'grade': not a finite number"): 1,
        ("application", "relevance 'grade': not given"): 2,
        ("application", "relevance 'grade': a grade below 0; call it relevance_kind = 'real'"): 1,
        ("application", "relevance 'grade': not a number"): 1,
    }
    ranked = machine("rank", out, "--out", out.parent / "r.jsonl")
    assert (ranked["candidates"], ranked["set_aside"]) == (120, 0)
    scores = [json.loads(line)["score"] for line in (out.parent / "r.jsonl").read_text().splitlines()]
    assert all(isinstance(score, float) for score in scores)


def test_a_column_of_the_wrong_type_is_missing_for_everybody_and_the_rest_still_ranks(kitchens, out):
    for row in kitchens.people:
        row["years"] = "many"
    said = machine("train", kitchens.write(), "--out", out)
    assert counted(said, "missing") == {("candidate.years", "not a number"): 60}


def test_a_link_to_a_model_is_followed(kitchens, out):
    task = kitchens.write()
    assert candor("train", task, "--out", out)[0] == 0
    link = out.with_name("link")
    link.symlink_to(out)
    assert candor("train", task, "--out", link)[0] == 0
    assert link.is_symlink()
    assert (out / "manifest.json").is_file()


def test_what_else_lies_in_a_model_directory_is_not_deleted(kitchens, out):
    task = kitchens.write()
    assert candor("train", task, "--out", out)[0] == 0
    (out / "report.html").write_text("kept", encoding="utf-8")
    code, _, err = candor("train", task, "--out", out)
    assert code == 7
    assert "'report.html'" in err
    assert (out / "report.html").read_text(encoding="utf-8") == "kept"


def test_a_row_of_another_length_is_set_aside_with_its_line(kitchens, out):
    task = kitchens.write()
    with (kitchens.folder / "applications.csv").open("a", encoding="utf-8") as file:
        file.write("p1,k1,2,3\n")
    code, stdout, _ = candor("train", task, "--out", out)
    assert code == 0
    assert "set aside: 1 x application: 4 values where 3 were expected" in stdout
    fates = json.loads((out / "cleaning.json").read_text(encoding="utf-8"))["fates"]
    assert [fate["row"] for fate in fates if fate["action"] == "set_aside"] == ["line 122"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"id,skills\nk0,\xff\n", "line 2 is not UTF-8"),
        (b"", "must hold the column names"),
        (b"id,id\nk0,1\n", "more than one column named 'id'"),
        (b'id,skills\nk0,"[]\nk1,[]\n', "line 2: a quote is opened there and never closed"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(kitchens, out, content, said):
    task = kitchens.write()
    (kitchens.folder / "jobs.csv").write_bytes(content)
    err = refused(3, "train", task, "--out", out)
    assert "jobs.csv" in err
    assert said in err


# Groups


def test_a_group_of_one_and_the_undisclosed_are_ranked_and_left_out_of_the_constraint(kitchens, out):
    kitchens.people[4]["gender"] = "x"
    del kitchens.applications[8]
    for i in range(10, 16):
        kitchens.people[i]["gender"] = ""
    said = machine("train", kitchens.write(), "--out", out)
    notes = " ".join(said["certificate"]["notes"])
    assert "group 'x'" in notes
    assert "undisclosed group are ranked and not part of the constraint" in notes
    assert set(said["certificate"]["by_group"]) == {"f", "m"}
    assert machine("rank", out, "--out", out.parent / "r.csv")["candidates"] == 119


@pytest.mark.parametrize(("genders", "found"), [(["f"], 1), ([""], 0), (["f"] + ["m"] * 59, 1)])
def test_a_constraint_on_fewer_than_two_groups_says_so(kitchens, out, genders, found):
    for i, row in enumerate(kitchens.people):
        row["gender"] = genders[min(i, len(genders) - 1)]
    del kitchens.applications[0]
    err = refused(6, "train", kitchens.write(), "--out", out)
    assert f"candidate.gender: {found} group(s)" in err
    assert "a constraint compares at least two" in err


# Labels and jobs


def test_equal_labels_within_one_job_are_fine(kitchens, out):
    for row in kitchens.applications:
        if row["job"] == "k1":
            row["grade"] = "2"
    assert machine("train", kitchens.write(), "--out", out)["kept"]["job"] == 5


def test_equal_labels_within_every_job_leave_nothing_to_learn(kitchens, out):
    for row in kitchens.applications:
        row["grade"] = row["job"][1]
    err = refused(5, "train", kitchens.write(), "--out", out)
    assert "the labels of every job are all equal" in err
    assert not out.exists()


def test_one_job_is_shared_out_by_candidate(kitchens, out):
    kitchens.jobs = kitchens.jobs[:1]
    kitchens.applications = kitchens.applications[::2]
    for row in kitchens.applications:
        row["job"] = "k0"
    said = machine("train", kitchens.write(), "--out", out)
    assert {part: said["evaluation"][part]["fair"]["jobs"] for part in said["evaluation"]} == {
        "train": 1,
        "tune": 1,
        "test": 1,
    }


def test_whole_jobs_that_are_too_few_to_share_out_are_refused(kitchens, out):
    kitchens.task += '\n[split]\nby = "job"\n'
    for row in kitchens.applications:
        row["job"] = "k0"
    err = refused(5, "train", kitchens.write(), "--out", out)
    assert "1 job(s) cannot be shared over three parts: split by = 'candidate'" in err


def test_a_pool_too_small_to_share_out_is_refused(kitchens, out):
    kitchens.applications = kitchens.applications[:2]
    assert "leave the part" in refused(5, "train", kitchens.write(), "--out", out)


def test_without_a_constraint_and_without_groups_a_flat_table_is_enough(tmp_path, out):
    rows = [f"{'xyz'[i % 3]},{i % 9},{i % 4}" for i in range(90)]
    (tmp_path / "flat.csv").write_text("\n".join(["job,years,grade", *rows]), encoding="utf-8")
    task = tmp_path / "flat.toml"
    start = TASK.index('[[features]]\nname = "skills"')
    text = TASK[TASK.index("[[features]]") : start] + TASK[TASK.index("[training]") :]
    source = 'path = "flat.csv"\njob = "job"\nrelevance = "grade"'
    task.write_text(f'name = "flat"\n[applications]\n{source}\n{text}')
    said = machine("train", task, "--out", out)
    assert said["certificate"] is None
    assert said["kept"] == {"candidate": 90, "job": 3, "application": 90}


# Names


@pytest.mark.parametrize("candidate", ["Ñandú 李", 'O\'Neill, "Zoë"\nJr', " p9 "])
def test_names_beyond_ascii_and_with_any_punctuation_come_through(trained, candidate):
    kitchens, model = trained
    name = candidate.strip()
    job = next(row["job"] for row in kitchens.applications if row["person"] == name)
    said = machine("explain", model, "--job", job, "--candidate", name)
    assert (said["job"], said["candidate"]) == (job, name)
    for audience in ("candidate", "recruiter"):
        code, stdout, err = candor("explain", model, "--job", job, "--candidate", name, "--for", audience)
        assert (code, err) == (0, "")
        assert stdout


def test_a_list_of_rows_set_aside_does_not_outlive_its_ranking(trained, tmp_path):
    out, listed = tmp_path / "r.csv", tmp_path / "r.set_aside.csv"
    few = tmp_path / "few.csv"
    few.write_text("person,job\np1,k1\np2,k9\n")
    assert machine("rank", trained[1], "--out", out, "--applications", few)["set_aside_file"] == str(listed)
    assert listed.is_file()
    assert machine("rank", trained[1], "--out", out)["set_aside_file"] is None
    assert not listed.exists()


def test_a_ranking_holds_names_as_they_were_written(trained, tmp_path):
    kitchens, model = trained
    machine("rank", model, "--out", tmp_path / "r.csv")
    with (tmp_path / "r.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {(r["candidate"], r["job"]) for r in rows} == {
        (a["person"], a["job"]) for a in kitchens.applications
    }


@pytest.mark.parametrize(
    ("job", "candidate", "said"),
    [
        ("k9", "p1", "job 'k9'"),
        ("Kuche № 0", "p1", "did you mean 'Küche № 0'?"),
        ("k1", "p11111", "'p11111'"),
        ("k1", "Nandu 李", "'Nandu 李'"),
        ("k1", "p2", "'p2'"),
    ],
)
def test_who_is_not_in_the_pool_cannot_be_explained(trained, job, candidate, said):
    assert said in refused(3, "explain", trained[1], "--job", job, "--candidate", candidate)


# Models and places


def test_a_missing_model_directory_says_how_to_make_one(tmp_path):
    err = refused(7, "rank", tmp_path / "model", "--out", tmp_path / "r.csv")
    assert "make one with candor train TASK.toml --out DIR" in err


@pytest.mark.parametrize(
    "name",
    ["scorer.json", "unconstrained.json", "task.toml", "parts.arrow", "cleaning.json", "certificate.json"],
)
def test_a_file_that_was_altered_or_lost_after_training_is_named(copied, tmp_path, name):
    file = copied / name
    content = file.read_bytes()
    file.write_bytes(content + b"\n")
    err = refused(7, "rank", copied, "--out", tmp_path / "r.csv")
    assert name in err
    assert "altered after training" in err
    file.unlink()
    assert f"{name} is missing" in refused(7, "rank", copied, "--out", tmp_path / "r.csv")
    file.write_bytes(content)
    machine("rank", copied, "--out", tmp_path / "r.csv")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda manifest: "{", "cannot be read"),
        (lambda manifest: "[]", "no manifest.json that says so"),
        (lambda manifest: json.dumps(manifest | {"format": "other"}), "no manifest.json that says so"),
        (lambda manifest: json.dumps(manifest | {"version": 99}), "version 99"),
        (lambda manifest: json.dumps(manifest | {"files": None}), "names no files"),
        (lambda manifest: json.dumps(manifest | {"files": {"../x": "0"}}), "names no files"),
        (lambda manifest: json.dumps(manifest | {"files": {}}), "'task.toml' is missing"),
        (lambda manifest: json.dumps(manifest | {"task_directory": 3}), "task_directory"),
        (lambda manifest: json.dumps({k: v for k, v in manifest.items() if k != "sources"}), "'sources' is missing"),
    ],
)  # fmt: skip
def test_a_manifest_that_is_foreign_or_broken_is_refused(copied, tmp_path, change, said):
    file = copied / "manifest.json"
    file.write_text(change(json.loads(file.read_text(encoding="utf-8"))), encoding="utf-8")
    assert said in refused(7, "rank", copied, "--out", tmp_path / "r.csv")


@pytest.mark.parametrize("command", ["rank", "evaluate", "explain"])
def test_a_directory_that_is_no_model_is_refused(tmp_path, command):
    options = {
        "rank": ["--out", tmp_path / "r.csv"],
        "evaluate": [],
        "explain": ["--job", "k1", "--candidate", "p1"],
    }
    (tmp_path / "notes.txt").write_text("mine")
    assert "is no model of Candor" in refused(7, command, tmp_path, *options[command])


def test_a_model_whose_data_changed_or_are_gone_says_so(tmp_path):
    kitchens = Kitchens(tmp_path / "moved")
    machine("train", kitchens.write(), "--out", tmp_path / "model")
    said = machine("evaluate", tmp_path / "model")
    assert (said["pairs_new"], said["pairs_gone"]) == (0, 0)
    kitchens.applications[3]["job"] = "k4"
    del kitchens.applications[0]
    kitchens.write()
    code, stdout, _ = candor("evaluate", tmp_path / "model")
    assert code == 0
    assert "since training 1 pair(s) came, which are not measured, and 2 went" in stdout
    kitchens.applications = kitchens.applications[:1]
    kitchens.write()
    assert "no longer hold the pairs" in refused(3, "evaluate", tmp_path / "model")
    (kitchens.folder / "people.csv").unlink()
    assert "people.csv does not exist" in refused(3, "rank", tmp_path / "model", "--out", tmp_path / "r.csv")
    assert "people.csv does not exist" in refused(3, "evaluate", tmp_path / "model")


def test_training_leaves_alone_what_is_no_model(kitchens, tmp_path):
    task = kitchens.write()
    file, folder, site = tmp_path / "file", tmp_path / "folder", tmp_path / "site"
    file.write_text("mine")
    for place, name, content in (
        (folder, "notes.txt", "mine"),
        (site, "manifest.json", '{"name": "my site"}'),
    ):
        place.mkdir()
        (place / name).write_text(content)
    for place in (file, folder, site):
        assert "exists and is no model of Candor: name another place" in refused(
            7, "train", task, "--out", place
        )
    assert file.read_text() == (folder / "notes.txt").read_text() == "mine"
    assert (site / "manifest.json").read_text() == '{"name": "my site"}'


def test_training_replaces_an_earlier_model(copied, trained):
    before = (copied / "manifest.json").read_text(encoding="utf-8")
    machine("train", trained[0].folder / "task.toml", "--out", copied)
    assert (copied / "manifest.json").read_text(encoding="utf-8") == before
    assert os.listdir(copied.parent) == ["copy"]


def test_a_model_may_fill_an_empty_directory(trained, tmp_path):
    (tmp_path / "empty").mkdir()
    Model.load(trained[1]).save(tmp_path / "empty")
    machine("rank", tmp_path / "empty", "--out", tmp_path / "r.csv")


def test_a_place_where_nothing_can_be_written_is_refused_before_training(kitchens, tmp_path):
    (tmp_path / "file").write_text("mine")
    task = kitchens.write()
    (kitchens.folder / "people.csv").unlink()  # which training would be the first to miss
    err = refused(7, "train", task, "--out", tmp_path / "file" / "model")
    assert f"cannot be written: {tmp_path / 'file'} is no folder that may be written to" in err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_leave_to_write_is_refused(kitchens, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    assert "may be written to" in refused(7, "train", kitchens.write(), "--out", closed / "model")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere/r.csv", "give a path in a folder that exists and may be written to"),
        ("r.xlsx", "end it in one of .csv, .parquet, .jsonl, .json"),
        ("r", "end it in one of .csv"),
        (".", "end it in one of .csv"),
    ],
)
def test_a_ranking_that_cannot_be_written_is_refused(trained, tmp_path, name, said):
    assert said in refused(3, "rank", trained[1], "--out", tmp_path / name)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["train"],
        ["rank", "model", "--out", "r.csv", "--top-k", "0"],
        ["rank", "model", "--out", "r.csv", "--top-k", "many"],
        ["explain", "model", "--job", "k1"],
        ["misspelt"],
    ],
)
def test_a_mistake_on_the_command_line_shows_its_usage(arguments):
    code, stdout, err = candor(*arguments)
    assert code == 2
    assert "Usage:" in stdout + err
