"""The command ``candor text train``, and what the commands for texts say without their libraries."""

import json
import subprocess
import sys

import pandas as pd
import pytest
from typer.testing import CliRunner

from ranker.app.cli import app

ROWS = [
    ("Nurse", "Wound care on night shifts"),
    ("Nurse", "Intensive care in two hospitals"),
    ("Nurse", "Patient care in anaesthesia"),
    ("Developer", "Java and Spring Boot on AWS"),
    ("Developer", "REST services in Java"),
    ("Developer", "Web applications with Hibernate"),
    ("Cook", "Soup"),
]


@pytest.fixture
def data(tmp_path):
    file = tmp_path / "texts.csv"
    pd.DataFrame(ROWS, columns=["Category", "Resume"]).to_csv(file, index=False)
    return file


def run(*arguments):
    return CliRunner().invoke(app, ["text", *map(str, arguments)])


def test_training_writes_a_directory_and_tells_what_it_is_worth(data, tmp_path, minilm_path):
    found = run("train", data, "--out", tmp_path / "model", "--encoder", minilm_path, "--folds", 3)
    assert found.exit_code == 0, found.output
    assert "text: 7 rows read, 6 take part" in found.output
    assert "set aside: 1 x text: the only text of the label 'Cook', copies apart" in found.output
    assert "accuracy " in found.output
    assert "95 % interval" in found.output
    evaluation = json.loads((tmp_path / "model" / "evaluation.json").read_text())
    assert [row["label"] for row in evaluation["labels"]] == ["Developer", "Nurse"]
    assert sum(map(sum, evaluation["confusion"])) == 6
    right = sum(evaluation["confusion"][i][i] for i in range(2))
    assert evaluation["accuracy"]["value"] == pytest.approx(right / 6)


def test_with_strict_a_row_that_was_set_aside_shows_in_the_exit_code(data, tmp_path, minilm_path):
    found = run(
        "train", data, "--out", tmp_path / "m", "--encoder", minilm_path, "--folds", 2, "--strict", "--json"
    )
    assert found.exit_code == 9
    machine = json.loads(found.stdout)
    assert machine["set_aside"] == 1
    assert machine["kept"] == {"text": 6}
    assert (machine["text_column"], machine["label_column"]) == ("Resume", "Category")


def test_a_place_that_is_taken_is_refused_before_anything_is_read(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("x")
    found = run("train", tmp_path / "missing.csv", "--out", tmp_path / "mine")
    assert found.exit_code == 7
    assert "exists and is no model of Candor" in found.output


def test_without_torch_training_says_what_to_install(data, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    found = run("train", data, "--out", tmp_path / "model")
    assert found.exit_code == 2
    assert "needs torch: pip install 'candor-rank[text]'" in found.output
    assert not (tmp_path / "model").exists()


def test_an_encoder_s_folder_without_its_files_is_said(data, tmp_path, torch):
    found = run("train", data, "--out", tmp_path / "model", "--encoder", tmp_path)
    assert found.exit_code == 7
    assert "has no model.safetensors" in found.output


@pytest.mark.parametrize("arguments", [["--help"], ["text", "--help"], ["text", "train", "--help"]])
def test_help_loads_no_heavy_library(arguments):
    code = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from ranker.app.cli import app\n"
        f"found = CliRunner().invoke(app, {arguments!r})\n"
        "assert found.exit_code == 0, found.output\n"
        "print(sorted({'torch', 'transformers', 'captum', 'huggingface_hub'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
