"""The command that explains a text model's answer: what it reads, refuses, shows and writes."""

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from ranker.app.text_cli import texts
from ranker.app.text_explain_command import load_text_model, read_text, run_text_explain
from ranker.errors import CandorError, DataError, ModelError, SourceError, UsageError

EXAMPLE = "Senior Java developer with 8 years of experience in Spring Boot, microservices and AWS."


@pytest.fixture(scope="module")
def classifier(tiny_gemma_path: Path) -> str:
    return str(tiny_gemma_path)


def explained(source: str, text: str | None = EXAMPLE, **options: Any) -> Any:
    return run_text_explain(source, text, **{"steps": 4, "max_steps": 16, **options})


def test_a_sequence_classifier_is_explained_word_by_word(classifier: str):
    result = explained(classifier, steps=50, max_steps=800)
    machine = json.loads(json.dumps(result.machine, allow_nan=False))
    assert machine["label"] in ("engineer", "nurse", "accountant")
    assert machine["reached"] is True
    assert [w["text"] for w in machine["words"]][:4] == ["Senior", "Java", "developer", "with"]
    assert sum(w["amount"] for w in machine["words"]) == pytest.approx(
        machine["difference"], abs=machine["bound"] * 1.001
    )
    assert result.text.startswith(f"{machine['label']}, word by word")


def test_a_writer_of_text_is_explained_with_its_labels_and_prompt(tiny_writer_path: Path):
    result = explained(
        str(tiny_writer_path), labels=["Java Developer", "Nurse"], prompt="Resume: {text}\nCategory:"
    )
    assert result.machine["labels"] == ["Java Developer", "Nurse"]


@pytest.mark.parametrize("target", ["nurse", "1"])
def test_another_label_can_be_asked_for_by_name_or_position(classifier: str, target: str):
    assert explained(classifier, target=target).machine["label"] == "nurse"


@pytest.mark.parametrize(
    ("target", "said"), [("nurs", "did you mean 'nurse'"), ("7", "it has 3, counted from 0")]
)
def test_a_label_that_the_model_has_not_is_refused(classifier: str, target: str, said: str):
    with pytest.raises(UsageError, match=said):
        explained(classifier, target=target)


def test_a_baseline_that_is_not_known_is_refused(classifier: str):
    with pytest.raises(UsageError, match="did you mean 'mask'"):
        explained(classifier, baseline="masks")


def test_what_was_not_reached_is_said_in_every_form(classifier: str, tmp_path: Path):
    out = tmp_path / "page.html"
    result = explained(classifier, steps=1, max_steps=1, out=out)
    assert result.machine["reached"] is False
    assert "MORE than the bound" in " ".join(result.text.split())
    assert "MORE than the bound" in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "begins"), [("a.html", "<!DOCTYPE html>"), ("a.json", "{"), ("a.txt", "engineer")]
)
def test_the_explanation_is_written_in_the_form_that_the_name_says(
    classifier: str, tmp_path: Path, name: str, begins: str
):
    result = explained(classifier, target="engineer", out=tmp_path / name)
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(begins)
    assert str(tmp_path / name) in result.text
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_name_of_no_known_form_is_refused_before_anything_is_read(tmp_path: Path):
    with pytest.raises(UsageError, match=r"let the name end in \.html, \.json or \.txt"):
        explained("no model at all", out=tmp_path / "page.pdf")


def test_a_place_that_cannot_be_written_is_told(classifier: str, tmp_path: Path):
    with pytest.raises(SourceError, match="cannot write"):
        explained(classifier, out=tmp_path / "no such folder" / "page.html")


def test_the_text_comes_from_a_file_or_from_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "resume.txt"
    file.write_bytes("\ufeffLéa, développeuse".encode())
    assert read_text(None, file) == "Léa, développeuse"
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO("数据科学".encode())))
    assert read_text("-", None) == "数据科学"


@pytest.mark.parametrize(("text", "given"), [(None, False), ("Java", True)])
def test_neither_no_text_nor_two_are_taken(tmp_path: Path, text: str | None, given: bool):
    with pytest.raises(UsageError, match="give one text"):
        read_text(text, tmp_path / "x.txt" if given else None)


def test_a_blank_text_is_refused():
    with pytest.raises(UsageError, match="the text is blank"):
        read_text(" \n\t", None)


def test_a_file_that_is_no_text_is_refused_with_what_to_do(tmp_path: Path):
    file = tmp_path / "resume.pdf"
    file.write_bytes(b"%PDF-1.7\n\xff\xfe")
    with pytest.raises(DataError, match="no UTF-8 text"):
        read_text(None, file)
    with pytest.raises(SourceError, match="cannot read"):
        read_text(None, tmp_path / "nothing.txt")


def test_a_prompt_without_labels_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match="--label"):
        explained(str(tmp_path), prompt="{text}")


def test_a_path_that_leads_nowhere_is_not_looked_for_on_the_hub(tmp_path: Path):
    with pytest.raises(ModelError, match="there is no model directory"):
        load_text_model(str(tmp_path / "nowhere"))


def test_a_directory_without_a_model_is_told(torch: Any, tmp_path: Path):
    with pytest.raises(ModelError, match=r"holds no model: its directory must hold config\.json"):
        load_text_model(str(tmp_path))


def test_labels_for_a_model_that_has_its_own_are_refused(tmp_path: Path):
    (tmp_path / "manifest.json").write_text("{}", encoding="utf-8")
    with pytest.raises(UsageError, match="leave out --label"):
        load_text_model(str(tmp_path), labels=["a", "b"])


def test_without_the_extra_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(CandorError, match=r"needs torch: pip install 'candor-rank\[text\]'"):
        load_text_model(str(tmp_path))


def test_the_command_prints_one_object_for_machines(classifier: str):
    run = CliRunner().invoke(texts, ["explain", classifier, EXAMPLE, "--steps", "4", "--json"])
    assert run.exit_code == 0, run.output
    found = json.loads(run.stdout)
    assert found["text"] == EXAMPLE
    assert {"label", "probabilities", "words", "delta", "bound", "reached"} <= set(found)


def test_the_command_ends_with_a_message_and_a_code_of_its_own(tmp_path: Path):
    run = CliRunner().invoke(texts, ["explain", str(tmp_path / "nowhere"), EXAMPLE])
    assert run.exit_code == ModelError.exit_code
    assert "candor: there is no model directory" in run.stderr
    assert "Traceback" not in run.output
