"""A task with a text feature from the command line: trained, ranked, and explained by words."""

import json
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from typer.testing import CliRunner

from ranker.app.cli import app
from ranker.app.model import Model
from ranker.app.task import parse_task
from ranker.errors import TaskError
from ranker.features.text_similarity import TextSimilarity
from ranker.scoring.attribution import attribute_pairs

TASK = """
name = "posts"
[candidates]
path = "people.jsonl"
id = "id"
[jobs]
path = "jobs.jsonl"
id = "key"
[applications]
path = "applications.csv"
candidate = "id"
job = "key"
relevance = "grade"
[fields."job.description"]
label = "description"
[[features]]
name = "years"
kind = "number"
field = "candidate.years"
[[features]]
name = "likeness"
kind = "text_similarity"
text = "candidate.resume"
wants = "job.description"
names = "candidate.name"
encoder = "{encoder}"
[training]
objective = "centred"
outer_bags = 2
interactions = 1
[split]
by = "candidate"
"""

WORK = {
    "java": "Java developer with Spring Boot, Kafka and AWS",
    "nurse": "registered nurse in intensive care, wards and emergencies",
    "sales": "sales manager for retail accounts, tenders and fairs",
}
PLACES = ("a bank", "a clinic", "a shop", "a ministry", "a start-up", "a school", "a factory")
NAMES = ("Ada Okafor", "Emma Visser", "Mei Zhang", "Jamal Brown", "Sofia Rossi")


def candor(*words):
    found = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    return SimpleNamespace(code=found.exit_code, out=found.stdout, err=found.stderr)


@pytest.fixture(scope="module")
def files(tmp_path_factory, minilm_path, captum):
    """Thirty-five people, twins of whom differ by their names alone, and three jobs."""
    folder, people, rows = tmp_path_factory.mktemp("posts"), [], []
    for number in range(35):
        kind = list(WORK)[number % 3]
        name = NAMES[number % len(NAMES)]
        people.append(
            {
                "id": f"p{number}", "name": name, "years": number % 7,
                "resume": f"{name}\n{WORK[kind]}, in {PLACES[number % 7]}.\n{name.split()[0]}@mail.org. Reads novels.",
            }
        )  # fmt: skip
        rows += [
            {"id": f"p{number}", "key": key, "grade": 3 * (key == kind) + (number % 7 > 3)} for key in WORK
        ]
    twins = [{**people[0], "id": f"t{n}", "name": name, "resume": people[0]["resume"].replace(
        "Ada Okafor", name).replace("Ada@", f"{name.split()[0]}@")} for n, name in enumerate(NAMES)]  # fmt: skip
    rows += [{"id": twin["id"], "key": key, "grade": 3 * (key == "java")} for twin in twins for key in WORK]
    jobs = [
        {"key": key, "description": f"We look for a {said}. She or he is at ease with people."}
        for key, said in WORK.items()
    ]
    for name, found in (("people", [*people, *twins]), ("jobs", jobs)):
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, found)), encoding="utf-8")
    pd.DataFrame(rows).to_csv(folder / "applications.csv", index=False)
    (folder / "task.toml").write_text(TASK.replace("{encoder}", str(minilm_path)), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def model(files):
    found = candor("train", files / "task.toml", "--out", files / "model")
    assert found.code == 0, found.err
    return files / "model"


@pytest.fixture(scope="module")
def ranked(model, files):
    found = candor("rank", model, "--out", files / "ranked.csv")
    assert found.code == 0, found.err
    return pd.read_csv(files / "ranked.csv", dtype={"candidate": str})


def test_the_text_puts_those_who_fit_first(ranked):
    for key, pool in ranked.groupby("job"):
        first = pool.sort_values("rank").head(5)["candidate"]
        assert all(list(WORK)[int(name[1:]) % 3 if name[0] == "p" else 0] == key for name in first)


def test_twins_with_other_names_have_the_same_score_to_the_last_bit(ranked):
    twins = ranked[ranked["candidate"].str.startswith("t")]
    assert len(twins) >= len(NAMES)
    for _, pool in twins.groupby("job"):
        assert pool["score"].nunique() == 1


def test_an_explanation_names_words_and_sums_to_the_score(model, ranked):
    row = ranked[(ranked["job"] == "java") & ranked["candidate"].str.startswith("p")].iloc[0]
    who = ("explain", model, "--job", "java", "--candidate", row["candidate"])
    said = json.loads(candor(*who, "--json").out)
    for part in ("terms", "features", "fields"):
        assert said["intercept"] + sum(said[part].values()) == pytest.approx(said["score"], abs=1e-9)
    words = [path for path in said["fields"] if path.startswith("candidate.resume[word")]
    assert any("Java developer" in path or "Spring Boot" in path for path in words)
    assert not any(name in path for path in said["fields"] for name in " ".join(NAMES).split())
    own = sum(amount for path, amount in said["fields"].items() if path.startswith("candidate.resume"))
    assert own == pytest.approx(said["features"]["likeness"], abs=1e-9)
    told = candor(*who, "--for", "recruiter", "--format", "text")
    assert told.code == 0
    assert "Java developer" in told.out
    assert candor(*who, "--for", "auditor", "--format", "html").code == 0


def test_every_score_of_a_pool_walks_back_to_fields(model):
    found = Model.load(model)
    records = found.load_records()
    table = found.task.features.compute(records)
    parts = attribute_pairs(found.scorer, found.task.features, records, table)
    assert len(parts) == len(records) > 100
    assert max(part.residual for part in parts) <= 1e-9


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('encoder = ""', "give the directory with the files of all-MiniLM-L6-v2"),
        ("encoder = false", "give the directory with the files of all-MiniLM-L6-v2"),
        ('names = ["application.name"]', "stands in another table"),
        ('by = "letters"', "by"),
    ],
)
def test_a_task_file_that_cannot_be_meant_is_refused_in_its_place(written, said, tmp_path):
    key = written.partition(" =")[0]
    text = TASK.replace('encoder = "{encoder}"\n', "").replace('names = "candidate.name"\n', "")
    text = text.replace('kind = "text_similarity"', f'kind = "text_similarity"\n{written}')
    with pytest.raises(TaskError, match=r"\[\[features\]\] 2 \('likeness'\)") as caught:
        parse_task(text, tmp_path)
    assert said in str(caught.value)
    assert key in str(caught.value)


def test_the_folder_of_an_encoder_starts_at_the_task_files_folder(tmp_path):
    task = parse_task(TASK.replace("{encoder}", "encoders/minilm"), tmp_path)
    [feature] = [one for one in task.features if isinstance(one, TextSimilarity)]
    assert feature.encoder == str(tmp_path / "encoders" / "minilm")


def test_a_task_file_may_name_several_fields_of_names_and_leave_the_encoder_to_what_is_installed(tmp_path):
    text = TASK.replace('encoder = "{encoder}"', "encoder = true").replace(
        '"candidate.name"', '["candidate.first", "candidate.last"]'
    )
    made = list(parse_task(text, tmp_path).features)[1]
    assert isinstance(made, TextSimilarity)
    assert made.names == ("candidate.first", "candidate.last")
    assert made.sources == ("candidate.resume", "candidate.first", "candidate.last", "job.description")


def test_a_directory_without_the_encoder_is_refused_by_name(files, tmp_path, captum):
    text = (files / "task.toml").read_text(encoding="utf-8")
    start = text.index('encoder = "')
    end = text.index("\n", start)
    other = files / "elsewhere.toml"
    other.write_text(text[:start] + f'encoder = "{Path(tmp_path).as_posix()}"' + text[end:], encoding="utf-8")
    found = candor("train", other, "--out", tmp_path / "model")
    assert found.code == 7
    assert "has no model.safetensors" in found.err
