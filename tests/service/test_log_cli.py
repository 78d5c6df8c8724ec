"""``candor log`` and ``candor keys`` as a person runs them, and ``candor train --with-reviews``."""

import json
import re

import pytest
from typer.testing import CliRunner

from ranker.app.cli import app
from ranker.app.decisions import ReviewWanted, decide_review, open_store, queue, register_model
from ranker.app.decisions.log_commands import digest_of
from ranker.app.model_directory import read_directory
from tests.service.log_case import labelled, ranking


def candor(*arguments):
    return CliRunner().invoke(app, list(map(str, arguments)), env={"COLUMNS": "200"})


def machine(*arguments, code=0):
    result = candor(*arguments, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


@pytest.fixture
def url(tmp_path):
    found = f"sqlite:///{tmp_path / 'log.db'}"
    with open_store(found) as store:
        for new in (ranking(), labelled()):
            store.record(new)
    return found


def test_a_log_is_verified_against_a_head_that_was_kept(url, tmp_path):
    kept = candor("log", "head", "--database", url).stdout.strip()
    assert re.fullmatch(r"2:[0-9a-f]{64}", kept)
    found = machine("log", "verify", "--database", url, "--anchor", kept)
    assert found == {"ok": True, "n": 2, "head": kept[2:], "faults": [], "notes": []}
    result = candor("log", "verify", "--database", url, "--anchor", "0" * 64)
    assert result.exit_code == 7
    assert "the chain was written anew" in result.stdout
    assert "without --anchor" in candor("log", "verify", "--database", url).stdout


def test_decisions_are_listed_and_shown(url):
    rows = machine("log", "show", "--database", url)["decisions"]
    assert [(row["kind"], row["people"]) for row in rows] == [
        ("rank", ["anna", "ben", "cleo"]),
        ("classify", ["dora"]),
    ]
    assert all("input" not in row for row in rows)
    shown = machine("log", "show", rows[1]["id"], "--database", url)
    assert shown["answer"] == labelled().answer
    assert rows[1]["id"] in candor("log", "show", "--database", url, "--kind", "classify").stdout
    assert rows[0]["id"] not in candor("log", "show", "--database", url, "--kind", "classify").stdout
    result = candor("log", "show", "nothing", "--database", url)
    assert (result.exit_code, result.stderr.count("\n")) == (3, 1)


def test_one_person_is_forgotten_and_the_log_verifies(url):
    done = machine("log", "forget", "ben", "--database", url, "--why", "asked for")
    assert (done["decisions"], done["answers"]) == (1, 1)
    assert machine("log", "verify", "--database", url)["n"] == 3
    assert "holds nothing" in candor("log", "forget", "ben", "--database", url, "--why", "asked").stdout
    assert candor("log", "forget", "anna", "--database", url, "--why", "anna asked").exit_code == 3


def test_old_data_expire(url):
    assert machine("log", "expire", "--database", url, "--days", 1)["decisions"] == 0
    assert machine("log", "expire", "--database", url, "--days", 0)["decisions"] == 2
    assert machine("log", "verify", "--database", url)["ok"]


def test_a_backup_is_restored_and_verified(url, tmp_path):
    machine("log", "backup", "--database", url, "--out", tmp_path / "log.gz")
    again = f"sqlite:///{tmp_path / 'again.db'}"
    told = machine("log", "restore", tmp_path / "log.gz", "--database", again)
    assert told["rows"]["decisions"] == 2
    assert told["verified"]["ok"]
    assert machine("log", "head", "--database", again) == machine("log", "head", "--database", url)


def test_keys_are_made_listed_and_revoked(url):
    made = machine("keys", "create", "recruiter", "--name", "desk", "--database", url)
    assert made["secret"].startswith(f"candor_{made['id']}_")
    listed = candor("keys", "list", "--database", url)
    assert made["id"] in listed.stdout
    assert made["secret"] not in listed.stdout
    assert machine("keys", "revoke", made["id"], "--database", url)["revoked"] is not None
    assert candor("keys", "create", "applicant", "--name", "x", "--database", url).exit_code == 2


def test_the_database_may_stand_in_the_environment(url, monkeypatch):
    monkeypatch.setenv("CANDOR_DATABASE", url)
    assert machine("log", "head")["number"] == 2


def test_a_log_that_is_not_there_is_told_in_one_line(tmp_path):
    result = candor("log", "verify", "--database", f"sqlite:///{tmp_path / 'no' / 'log.db'}")
    assert result.exit_code == 3
    assert len(result.stderr.strip().splitlines()) == 1
    assert candor("log", "verify", "--database", "mysql://x").exit_code == 2


def test_a_classifier_learns_what_reviewers_said(url, tmp_path):
    machine("generate", "--out", tmp_path / "data", "--n", 200, "--seed", 5)
    task = tmp_path / "data" / "task.toml"
    text = task.read_text(encoding="utf-8").replace('labels = "resumes"', 'labels = "rules"')
    task.write_text(text + "\n[training]\nouter_bags = 1\ninteractions = 0\n", encoding="utf-8")
    lines = (tmp_path / "data" / "resumes.jsonl").read_text(encoding="utf-8").splitlines()
    known = {
        **json.loads(lines[0]),
        "test_score": 12,
    }  # by the rules below 50 is Not Fit, whatever else is there
    new = {**known, "id": "from-the-service", "test_score": 12.5}
    with open_store(url) as store:
        for resume in (known, new):
            person, body = resume["id"], {"resume": resume}
            store.record(labelled(person, input=body, reviews=(ReviewWanted(person, "uncertain"),)))
            decide_review(store, queue(store)[0].id, "k4", "Fit", "met the person")
    told = machine("train", task, "--out", tmp_path / "model", "--with-reviews", url)
    assert told["reviews"] == {"learned": 2, "without_resume": 0}
    assert told["read"]["resume"] == len(lines) + 1
    learned = read_directory(tmp_path / "model")[1]["parts.arrow"].set_index("id")["label"]
    assert learned[known["id"]] == learned["from-the-service"] == "Fit"
    low = {one["id"] for one in map(json.loads, lines[1:]) if (one.get("test_score") or 100) < 50}
    assert set(learned[learned.index.isin(low)]) == {"Not Fit"}


@pytest.mark.parametrize("kind", ["classify", "rank", "explain"])
def test_an_answer_of_a_served_model_is_the_same_when_it_is_replayed(kind, url):
    from served_case import classifier_directory, make_served, pool_body, ranker_directory

    served = make_served()
    if kind == "classify":
        model = classifier_directory()
        resume = json.loads(
            (model.parent / "resumes" / "resumes.jsonl").read_text(encoding="utf-8").splitlines()[3]
        )
        body = {"resume": {name: value for name, value in resume.items() if name != "label"}}
    else:
        model, body = ranker_directory(), pool_body()
        if kind == "explain":
            body |= {"candidate": body["candidates"][2]["id"], "audience": "recruiter"}
    answer = getattr(served, kind)(body)
    with open_store(url) as store:
        register_model(store, digest_of(model), model)
        new = labelled("dora", kind=kind, input=body, answer=answer, model=digest_of(model))
        id = store.record(new).id
    assert machine("log", "replay", id, "--database", url)["same"] is True
    assert machine("log", "verify", "--database", url, "--model", model)["ok"]
    with open_store(url) as store:
        altered = store.record(
            labelled("dora", kind=kind, input=body, answer={**answer, "x": 1}, model=new.model)
        ).id
    assert machine("log", "replay", altered, "--database", url, "--model", model, code=7)["same"] is False
    with open_store(url) as store:
        unkept = store.record(labelled("dora", kind=kind, input=body, answer=answer, keep_input=False)).id
    assert machine("log", "replay", unkept, "--database", url, "--model", model, code=8)["same"] is None


def test_a_ranker_is_not_taught_by_reviews(tmp_path, url):
    (tmp_path / "task.toml").write_text('name = "n"\n[candidates]\npath = "c.csv"\n', encoding="utf-8")
    result = candor("train", tmp_path / "task.toml", "--out", tmp_path / "m", "--with-reviews", url)
    assert result.exit_code == 2
    assert "reviewers label résumés" in result.stderr


@pytest.mark.parametrize(
    "command",
    ["log verify", "log head", "log show", "log replay ID", "log forget ID --why x", "log expire --days 1",
     "log backup --out log.gz", "keys list", "keys revoke ID"],
)  # fmt: skip
def test_a_mistyped_file_is_not_taken_for_an_empty_log(tmp_path, command):
    result = candor(*command.split(), "--database", f"sqlite:///{tmp_path / 'lgo.db'}")
    assert result.exit_code == 3
    assert "there is no log at" in result.stderr
    assert not list(tmp_path.iterdir())


def test_a_port_that_is_no_number_is_told_as_the_url_it_stands_in():
    result = candor("log", "verify", "--database", "postgresql://u@h:abc/d")
    assert "the URL of the log cannot be read" in result.stderr
