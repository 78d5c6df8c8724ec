"""The command ``candor contrast``, and the baselines of ``candor explain``."""

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from ranker.app.cli import app
from ranker.app.commands import run_train

TASK = """
name = "posts"
[applications]
path = "applications.csv"
job = "job"
candidate = "who"
relevance = "grade"
[fields]
"candidate.gender" = { usage = "protected" }
[[features]]
name = "test"
kind = "number"
field = "candidate.test"
maximum = 90
[[features]]
name = "skills"
kind = "coverage"
has = "candidate.skills"
wants = "job.wanted"
[training]
objective = "centred"
outer_bags = 2
interactions = 1
[split]
by = "candidate"
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("contrast")
    skills = ("SQL", "R", "Go")
    rows = [
        {
            "job": f"j{j}", "who": f"p{p}", "test": (37 * p + 11 * j) % 101, "gender": "fm"[p % 2],
            "skills": [s for n, s in enumerate(skills) if (p + j) >> n & 1], "wanted": ["SQL", "R"],
        }
        for j in range(4) for p in range(40)
    ]  # fmt: skip
    frame = pd.DataFrame(rows)
    merit = frame["test"] / 30 + frame["skills"].map(len)
    frame.assign(grade=merit.round().astype(int)).to_csv(folder / "applications.csv", index=False)
    (folder / "task.toml").write_text(TASK, encoding="utf-8")
    run_train(folder / "task.toml", folder / "model")
    return folder / "model"


def candor(*args):
    return CliRunner().invoke(app, [str(arg) for arg in args])


def machine(*args):
    said = candor(*args, "--json")
    assert said.exit_code == 0, said.output
    return json.loads(said.stdout)


def pool(model, tmp_path):
    out = Path(tmp_path) / "ranking.csv"
    machine("rank", model, "--out", out)
    frame = pd.read_csv(out, dtype=str)
    return frame[frame["job"] == "j0"]["candidate"].tolist()


def test_two_candidates_are_contrasted_for_everybody_but_a_candidate(model, tmp_path):
    names = pool(model, tmp_path)
    who = ("contrast", model, "--job", "j0", "--candidate", names[12], "--against", names[3])
    said = machine(*who)
    assert (said["candidate"], said["against"], said["ranks"]) == (names[12], names[3], [13, 4])
    for level in ("terms", "features", "fields"):
        assert abs(sum(said[level].values()) - said["difference"]) <= 1e-9
    for audience in ("recruiter", "auditor", "developer"):
        assert names[3] in candor(*who, "--for", audience).stdout
    refused = candor(*who, "--for", "candidate")
    assert refused.exit_code == 3
    assert "leave out --against" in refused.stderr


def test_without_another_the_cutoff_is_held_against(model, tmp_path):
    names = pool(model, tmp_path)
    who = ("contrast", model, "--job", "j0", "--candidate")
    assert machine(*who, names[12], "--top-k", 5)["against"] == names[4]
    assert machine(*who, names[2], "--top-k", 5)["against"] == names[5]
    own = machine(*who, names[12], "--top-k", 5, "--for", "candidate")
    assert own["distance"] == own["score"] - own["cutoff_score"]
    assert not own["in_top"]
    assert names[4] not in json.dumps(own)
    everyone = candor(*who, names[12], "--top-k", 40)
    assert everyone.exit_code == 3
    assert "all are in the top 40" in everyone.stderr


def test_amounts_are_held_against_what_is_asked_for(model, tmp_path):
    names = pool(model, tmp_path)
    who = ("explain", model, "--job", "j0", "--candidate", names[1], "--for", "recruiter")
    for more, kind in (
        ((), "population"),
        (("--baseline", "pool"), "pool"),
        (("--baseline", "zero"), "zero"),
        (("--reference", names[5]), "candidate"),
        (("--pairs", "unsplit"), "population"),
    ):
        said = machine(*who, *more)
        assert said["baseline"]["kind"] == kind
        for level in ("terms", "features", "fields"):
            held = said["baseline"]["score"] + sum(said["relative"][level].values())
            assert abs(held - said["score"]) <= 1e-9
    assert candor(*who[:-1], "candidate", "--baseline", "pool").exit_code == 3


def test_the_auditor_alone_reads_how_groups_stand_in_the_job(model, tmp_path):
    names = pool(model, tmp_path)
    who = ("explain", model, "--job", "j0", "--candidate", names[1], "--for")
    said = machine(*who, "auditor")["context"]
    assert len(said) == 2
    assert "20 in the pool" in said[0]
    assert machine(*who, "recruiter")["context"] == []
    assert "context" not in machine(*who, "candidate")
