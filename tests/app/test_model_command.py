"""``candor model``: the whole model as text, page, tables and JSON."""

import csv
import io
import json
import re

import numpy as np
import pytest
from typer.testing import CliRunner

from ranker.app.cli import app
from ranker.app.model import Model
from ranker.app.model_directory import read_directory
from ranker.app.task import read_task
from ranker.app.training import train
from ranker.records.synthetic import generate

HOSTILE = "skill<script>alert(1)</script>s"


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    """A model that was trained under a constraint, whose task calls a feature something hostile."""
    place = tmp_path_factory.mktemp("whole")
    task = generate(place / "data", n_candidates=120, n_jobs=12, applications_per_job=20)
    text = re.sub(r"\[training\][^\[]*", "", task.read_text(encoding="utf-8"))
    text += '\n[training]\nobjective = "centred"\nouter_bags = 2\ninteractions = 2\n'
    text = text.replace('label = "required skills"', f'label = "{HOSTILE}"')
    task.write_text(text, encoding="utf-8")
    train(read_task(task)).save(place / "model")
    return place / "model"


def candor(*arguments):
    return CliRunner().invoke(app, ["model", *map(str, arguments)])


def machine(*arguments):
    result = candor(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_text_says_what_the_score_leans_on(directory):
    result = candor(directory)
    assert result.exit_code == 0, result.output
    assert "Most of all the score leans on " in result.stdout
    for heading in ("What the score leans on", "Terms"):
        assert heading in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 96


def test_the_object_holds_importance_before_and_after_and_leaning(directory):
    said = machine(directory)
    assert said["schema"] == "candor-model/1"
    for key in ("importance", "importance_before"):
        for level in ("terms", "features", "fields"):
            assert sum(part["share"] for part in said[key][level]) == pytest.approx(1.0, abs=1e-9)
    assert sum(one["share_of_variance"] for one in said["leaning"]["fields"]) == pytest.approx(1.0, abs=1e-9)
    model = Model.load(directory)
    assert {term["term"] for term in said["terms"]} == set(model.scorer.term_names)
    assert (said["job"], said["comparison"], said["out"]) == (None, None, None)


def test_what_mattered_for_a_job_is_told_by_field_and_entry(directory):
    job = Model.load(directory).load_records().job[0]
    said = machine(directory, "--job", job)["job"]
    assert said["job"] == job
    assert sum(part["share"] for part in said["fields"]) == pytest.approx(1.0, abs=1e-9)
    assert sum(part["share"] for part in said["items"]) == pytest.approx(1.0, abs=1e-9)
    assert f"What mattered for job {job}" in candor(directory, "--job", job).stdout


def test_two_fields_are_compared_in_a_line(directory):
    said = machine(directory, "--compare", "test score", "candidate.skills,work experience")["comparison"]
    assert said["first"] == ["candidate.test_score"]
    assert said["second"] == ["candidate.skills", "candidate.work_experience"]
    text = candor(directory, "--compare", "test score", "candidate.skills,work experience").stdout
    assert said["in_words"].split(".")[0] in " ".join(text.split())


def test_the_same_seed_gives_the_same_answer(directory):
    assert machine(directory, "--seed", 4) == machine(directory, "--seed", 4)


def test_one_term_needs_no_records(directory):
    said = machine(directory, "--term", "test_score")
    assert [term["term"] for term in said["terms"]] == ["test_score"]
    assert said["leaning"] is None
    [shape] = said["shapes"]["terms"]
    scorer = Model.load(directory).scorer
    own = scorer.terms[scorer.term_names.index("test_score")]
    assert max(shape["after"]) == own.scores.max()


def test_the_csv_holds_all_tables_before_and_after(directory, tmp_path):
    out = tmp_path / "shapes.csv"
    machine(directory, "--out", out)
    lines = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8"))))
    model = Model.load(directory)
    assert {line["term"] for line in lines} == set(model.scorer.term_names)
    for line in lines[::50]:
        total = float(line["before"]) + float(line["correction"])
        assert total == pytest.approx(float(line["after"]), abs=1e-12)


def test_the_csv_of_a_job_holds_what_mattered_for_it(directory, tmp_path):
    out = tmp_path / "job.csv"
    job = Model.load(directory).load_records().job[0]
    said = machine(directory, "--job", job, "--out", out)["job"]
    lines = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8"))))
    fields = [line for line in lines if line["level"] == "fields"]
    assert [float(line["share"]) for line in fields] == [part["share"] for part in said["fields"]]


def test_the_json_file_is_strict_and_names_its_schemas(directory, tmp_path):
    out = tmp_path / "model.json"
    machine(directory, "--out", out)

    def refuse(text):
        raise AssertionError(text)

    document = json.loads(out.read_text(encoding="utf-8"), parse_constant=refuse)
    schemas = [document["schema"], document["shapes"]["schema"], document["importance"]["schema"]]
    assert schemas == ["candor-model/1", "candor-shapes/1", "candor-importance/1"]
    assert document["leaning"]["schema"] == "candor-leaning/1"
    before = Model.load(directory).unconstrained
    for term in document["shapes"]["terms"]:
        if len(term["axes"]) == 1 and term["term"] in before.term_names:
            own = before.terms[before.term_names.index(term["term"])].scores
            assert np.unique(term["before"]) == pytest.approx(np.unique(own))


@pytest.fixture(scope="module")
def page(directory, tmp_path_factory):
    out = tmp_path_factory.mktemp("page") / "model.html"
    job = Model.load(directory).load_records().job[0]
    machine(directory, "--job", job, "--compare", "test score", "skills", "--out", out)
    return out.read_text(encoding="utf-8")


def test_the_page_asks_nobody_and_escapes_what_it_quotes(page):
    assert "default-src 'none'" in page
    bare = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert "alert(1)" not in re.sub(r"&lt;script&gt;alert\(1\)&lt;/script&gt;", "", bare)
    assert not re.findall(r'(?:src|href)="(?!#)', bare)
    assert page.count("alert(1)</script>") == 0


def test_each_plot_of_the_page_can_be_saved_as_png(page):
    plots = re.findall(r'class="plotly-graph-div"', page)
    cameras = re.findall(r'"toImageButtonOptions": ?\{"format": ?"png"', page)
    assert len(plots) == len(cameras) > 5


def test_the_page_has_a_section_for_each_question(page):
    for section in ("comparison", "leaning", "job", "shapes"):
        assert f'<section id="{section}">' in page


def test_the_same_model_gives_the_same_page(directory, tmp_path):
    out = tmp_path / "one.html"
    pages = []
    for _ in range(2):
        machine(directory, "--term", "test_score", "--out", out)
        pages.append(out.read_bytes())
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--out", "model.pdf"), "ends in .html"),
        (("--term", "test_scor"), "did you mean 'test_score'"),
        (("--job", "nobody"), "no pair has a job"),
        (("--compare", "gender", "skills"), "no feature reads a field 'gender'"),
        (("--compare", "skills", "candidate.skills"), "both sides"),
    ],
)
def test_mistakes_are_told_with_what_to_do(directory, arguments, said):
    result = candor(directory, *arguments)
    assert result.exit_code in (2, 3), result.output
    assert said in result.output


def test_a_model_directory_is_left_as_it_was(directory):
    candor(directory)
    read_directory(directory)
