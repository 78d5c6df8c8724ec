"""``candor generate``, ``clean``, ``train``, ``classify`` and ``rank`` on résumés, as a person runs them."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from ranker.app.cli import app
from ranker.app.model_directory import read_directory
from ranker.app.resume_model import ResumeModel
from ranker.app.resume_task import parse_resume_task
from ranker.errors import TaskError
from ranker.resume.labels import LABELS

KEYS = {"label", "confidence", "matched_skills", "missing_skills", "feature_summary", "explanation", "fields"}
SUMMARY = {"skill_match_ratio", "years_experience", "test_score", "project_count"}


def candor(*arguments):
    return CliRunner().invoke(app, list(map(str, arguments)))


def machine(*arguments, code=0):
    result = candor(*arguments, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    place = tmp_path_factory.mktemp("resumes") / "data"
    machine("generate", "--out", place, "--n", 400, "--seed", 5, "--dirt", 0.3, "--label-noise", 0.1)
    task = place / "task.toml"
    text = task.read_text(encoding="utf-8") + "\n[training]\nouter_bags = 2\ninteractions = 1\n"
    task.write_text(text, encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def told(data):
    return machine("train", data / "task.toml", "--out", data.parent / "model")


@pytest.fixture(scope="module")
def model(data, told):
    return data.parent / "model"


@pytest.fixture
def resume(tmp_path):
    path = tmp_path / "resume.json"
    record = {
        "id": "anna", "skills": ["Python", "SQL", "pandas"], "projects": ["Image Classification using CNN Project"],
        "work_experience": [{"title": "Sr. Data Scientist", "years": "18 months"}], "test_score": 120,
        "preferred_domain": "Data Science",
    }  # fmt: skip
    path.write_text(json.dumps(record), encoding="utf-8")
    return path


def test_training_tells_what_it_read_and_how_good_each_part_is(told, data):
    n_lines = len((data / "resumes.jsonl").read_text(encoding="utf-8").splitlines())
    assert told["read"]["resume"] == n_lines
    assert told["kept"]["resume"] + told["set_aside"] == n_lines
    sizes = {part: told["evaluation"][part]["n"] for part in ("train", "tune", "test")}
    assert sum(sizes.values()) == told["kept"]["resume"]
    assert sizes["train"] / told["kept"]["resume"] == pytest.approx(0.7, abs=0.02)
    assert set(told["evaluation"]["test"]["macro"]) == {"precision", "recall", "f1"}


def test_the_directory_keeps_vocabulary_thresholds_calibration_scaling_and_a_reference_sample(model):
    _, files = read_directory(model)
    kept = files["classifier.json"]
    assert kept["labels"]["labels"] == list(LABELS)
    assert len(kept["labels"]["thresholds"]) == 2
    assert kept["uncertain"] == 0.55
    assert kept["scaling"]["skill_match_ratio"].keys() == {"mean", "deviation"}
    assert "python" in files["vocabulary.json"]["canonical"]
    assert {"skill_match_ratio", "score", "label", "domain"} <= set(files["reference.arrow"].columns)
    assert all(path.suffix in (".json", ".arrow", ".toml") for path in model.iterdir())


def test_a_model_reads_back_as_it_was(model, data, tmp_path):
    again = ResumeModel.load(model)
    again.save(tmp_path / "copy")
    assert ResumeModel.load(tmp_path / "copy").classifier.version == again.classifier.version


def test_one_resume_is_answered_with_the_keys_that_machines_read(model, resume):
    answer = machine("classify", model, resume)
    assert answer.keys() >= KEYS
    assert answer["feature_summary"].keys() == SUMMARY
    assert answer["label"] in LABELS
    assert answer["feature_summary"]["test_score"] == 100.0
    assert answer["feature_summary"]["years_experience"] == 1.5
    assert answer["matched_skills"] == ["python", "sql", "pandas"]
    assert answer["intercept"] + sum(answer["fields"].values()) == pytest.approx(answer["score"], abs=1e-9)
    assert {"path": "test_score", "before": "120"}.items() <= next(
        change for change in answer["changes"] if change["path"] == "test_score"
    ).items()
    assert answer["model"] == ResumeModel.load(model).classifier.version


def test_the_text_is_the_paragraph_and_the_same_as_json_by_format(model, resume):
    answer = machine("classify", model, resume)
    result = candor("classify", model, resume)
    assert answer["explanation"] in result.stdout
    assert "'120' read as '100'" in result.stdout
    assert json.loads(candor("classify", model, resume, "--format", "json").stdout) == answer


def test_a_batch_answers_every_record_and_strict_tells_by_the_exit_code(model, data, tmp_path):
    lines = (data / "resumes.jsonl").read_text(encoding="utf-8").splitlines()[:60]
    lines[10:10] = ["{not json", '{"skills": 3}', "[]"]
    (tmp_path / "many.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    out = tmp_path / "answers.jsonl"
    result = candor("classify", model, tmp_path / "many.jsonl", "--out", out, "--strict")
    assert result.exit_code == 9, result.output
    answers = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert len(answers) == 63
    refused = [answer for answer in answers if "error" in answer]
    places = {answer["place"] for answer in refused}
    assert {f"many.jsonl, line {n}" for n in (11, 12, 13)} <= places
    assert all(answer["place"] and answer["error"] for answer in refused)
    assert all(answer.keys() >= KEYS for answer in answers if "error" not in answer)
    summary = machine("classify", model, tmp_path / "many.jsonl", "--out", out)
    assert summary["answered"] + summary["set_aside"] == summary["read"] == 63
    assert sum(summary["labels"].values()) == summary["answered"]


def test_a_folder_is_a_batch(model, resume, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.json").write_text(resume.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "b.json").write_text("null", encoding="utf-8")
    summary = machine("classify", model, folder, "--out", tmp_path / "out.jsonl")
    assert (summary["answered"], summary["set_aside"]) == (1, 1)


def test_many_without_a_place_for_the_answers_is_a_mistake_that_says_what_to_do(model, data):
    result = candor("classify", model, data / "resumes.jsonl")
    assert result.exit_code == 2
    assert "--out ANSWERS.jsonl" in result.stderr


def test_a_single_resume_that_cannot_be_answered_is_an_error(model, tmp_path):
    (tmp_path / "bad.json").write_text('{"id": 3, "skills": {}}', encoding="utf-8")
    result = candor("classify", model, tmp_path / "bad.json")
    assert result.exit_code == 3
    assert "bad.json: skills: an object where a list of texts is due" in result.stderr


def test_the_same_score_ranks_the_resumes_of_each_domain(model, data, tmp_path):
    out = tmp_path / "ranking.csv"
    ranked = machine("rank", model, "--out", out, "--candidates", data / "resumes.jsonl")
    table = pd.read_csv(out)
    assert len(table) == ranked["pairs"]
    for _, job in table.groupby("job"):
        ordered = job.sort_values("rank")
        assert ordered["score"].is_monotonic_decreasing
        assert ordered["label"].map(LABELS.index).is_monotonic_decreasing


@pytest.mark.parametrize(
    "arguments",
    [
        ("explain", "--job", "Nursing", "--candidate", "r00001"),
        ("audit", "--out", "report.html"),
        ("evaluate",),
    ],
)
def test_commands_for_rankers_name_those_for_classifiers(model, arguments):
    command, *options = arguments
    result = candor(command, model, *options)
    assert result.exit_code == 7
    assert "candor classify" in result.stderr


def test_an_altered_model_does_not_answer(model, resume, tmp_path):
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(model, copy)
    path = copy / "classifier.json"
    path.write_text(path.read_text(encoding="utf-8").replace("0.55", "0.05"), encoding="utf-8")
    result = candor("classify", copy, resume)
    assert result.exit_code == 7
    assert "classifier.json was altered" in result.stderr


def test_cleaning_writes_records_changes_and_a_report(data, tmp_path):
    out = tmp_path / "clean"
    told = machine("clean", data / "resumes.jsonl", "--domains", data / "domains.json", "--out", out)
    kept = [json.loads(line) for line in (out / "resumes.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(kept) == told["kept"]
    assert told["kept"] + told["set_aside"] == told["read"]
    changes = [json.loads(line) for line in (out / "changes.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(changes) == told["changes"]
    assert changes[0].keys() == {"id", "path", "before", "after", "rule"}
    assert "kept" in (out / "report.txt").read_text(encoding="utf-8")
    again = machine(
        "clean", out / "resumes.jsonl", "--domains", data / "domains.json", "--out", tmp_path / "again"
    )
    assert (again["changes"], again["dropped"]) == (0, 0)


def test_cleaning_maps_titles_to_a_list_that_is_given(data, tmp_path):
    (tmp_path / "titles.csv").write_text("Title\nData Scientist\n", encoding="utf-8")
    own = {"id": "r", "skills": ["sql"], "work_experience": [{"title": "data scientst", "years": 2}],
           "preferred_domain": "Data Science"}  # fmt: skip
    (tmp_path / "one.json").write_text(json.dumps(own), encoding="utf-8")
    arguments = ("clean", tmp_path / "one.json", "--domains", data / "domains.json")
    for name, more in (("without", ()), ("with", ("--titles", tmp_path / "titles.csv"))):
        machine(*arguments, "--out", tmp_path / name, *more)
    without, mapped = (
        json.loads((tmp_path / name / "resumes.jsonl").read_text(encoding="utf-8"))
        for name in ("without", "with")
    )
    assert without["work_experience"][0]["title"] == "data scientst"
    assert mapped["work_experience"][0]["title"] == "data scientist"


def test_a_file_without_a_resume_is_told(model, tmp_path):
    (tmp_path / "none.jsonl").write_text("", encoding="utf-8")
    result = candor("classify", model, tmp_path / "none.jsonl")
    assert result.exit_code == 3
    assert "holds no résumé" in result.stderr


def test_cleaning_leaves_alone_a_folder_that_holds_something_else(data, tmp_path):
    (tmp_path / "diary.txt").write_text("dear diary", encoding="utf-8")
    result = candor("clean", data / "resumes.jsonl", "--domains", data / "domains.json", "--out", tmp_path)
    assert result.exit_code == 3
    assert "'diary.txt'" in result.stderr


def test_generating_again_writes_the_same(data, tmp_path):
    machine("generate", "--out", tmp_path, "--n", 400, "--seed", 5, "--dirt", 0.3, "--label-noise", 0.1)
    assert (tmp_path / "resumes.jsonl").read_bytes() == (data / "resumes.jsonl").read_bytes()


def test_labels_may_stand_in_a_table(data, tmp_path):
    text = (data / "task.toml").read_text(encoding="utf-8")
    text = text.replace('labels = "resumes"', f'labels = "{data}/truth/labels.csv"')
    for name in ("resumes.jsonl", "domains.json"):
        text = text.replace(f'"{name}"', f'"{data / name}"')
    (tmp_path / "task.toml").write_text(text, encoding="utf-8")
    table = machine("train", tmp_path / "task.toml", "--out", tmp_path / "model")
    assert table["evaluation"]["test"]["n"] > 0


def test_titles_are_mapped_to_the_tasks_own_list_and_the_model_keeps_it(data, resume, tmp_path):
    text = (
        (data / "task.toml")
        .read_text(encoding="utf-8")
        .replace('labels = "resumes"', "titles = 'titles.csv'")
    )
    for name in ("resumes.jsonl", "domains.json"):
        text = text.replace(f'"{name}"', f'"{data / name}"')
    (tmp_path / "task.toml").write_text(text, encoding="utf-8")
    (tmp_path / "titles.csv").write_text("Title\nData Scientist\nRegistered Nurse\n", encoding="utf-8")
    machine("train", tmp_path / "task.toml", "--out", tmp_path / "model")
    (tmp_path / "titles.csv").unlink()
    record = json.loads(resume.read_text(encoding="utf-8"))
    record["work_experience"] = [{"title": "Lead Data Scientst (Remote)", "years": 1}]
    resume.write_text(json.dumps(record), encoding="utf-8")
    [change] = [
        one
        for one in machine("classify", tmp_path / "model", resume)["changes"]
        if one["path"].endswith("title")
    ]
    assert (change["after"], change["rule"]) == ("data scientist", "title: a typing error")


def test_training_shows_which_labels_of_the_test_part_were_taken_for_which(data, told):
    shown = candor("train", data / "task.toml", "--out", data.parent / "again").stdout
    rows = [line.split() for line in shown.splitlines() if line.startswith("truly ")]
    given = [[int(cell) for cell in row[-len(LABELS) :]] for row in rows]
    assert given == told["evaluation"]["test"]["confusion"]


def test_an_encoder_that_is_no_folder_of_one_is_told(data, tmp_path):
    pytest.importorskip("transformers", reason="the encoder needs transformers")
    result = candor(
        "clean", data / "resumes.jsonl", "--domains", data / "domains.json",
        "--out", tmp_path / "out", "--encoder", tmp_path,
    )  # fmt: skip
    assert result.exit_code == 7
    assert "has no model.safetensors" in result.stderr


MINIMAL = 'name = "n"\n[resumes]\npath = "r.jsonl"\ndomains = "d.json"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (MINIMAL + "[labels]\nfit_ration = 0.7\n", "did you mean 'fit_ratio'"),
        (MINIMAL + '[balancing]\nhow = "wieghts"\n', "did you mean 'weights'"),
        (MINIMAL + "[split]\ntune = 0.5\ntest = 0.5\n", "leave nothing to train on"),
        (MINIMAL + "[labels]\nfit_ratio = 0.2\n", "fit_ratio is 0.2, below partial_ratio"),
        ('name = "n"\n[resumes]\npath = "r.jsonl"\n', "'domains' is missing"),
        (MINIMAL + "[resumes]\n", "not TOML"),
    ],
)
def test_a_mistake_in_the_task_is_told_with_its_place(text, said, tmp_path):
    with pytest.raises(TaskError, match="task file") as caught:
        parse_resume_task(text, tmp_path)
    assert said in str(caught.value)
