"""A classifier of texts as a directory: what is kept, and what is refused."""

import json
import shutil

import numpy as np
import pytest

from ranker.app.model import Model
from ranker.app.model_directory import read_directory, write_directory
from ranker.app.resume_model import ResumeModel
from ranker.app.text_model import KIND, PROBE, TextModelDirectory
from ranker.app.text_train_command import run_text_train
from ranker.errors import ModelError

ROWS = {
    "Nurse": ["Wound care on night shifts", "Intensive care in two hospitals", "Patient care in anaesthesia"],
    "Developer": ["Java and Spring Boot on AWS", "REST services in Java", "Web applications with Hibernate"],
}


@pytest.fixture(scope="module")
def saved(minilm_path, tmp_path_factory):
    folder = tmp_path_factory.mktemp("text-model")
    data = folder / "texts.jsonl"
    rows = [{"Category": label, "Text": text} for label, texts in ROWS.items() for text in texts]
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    run_text_train(data, folder / "model", encoder=minilm_path, folds=3)
    return folder / "model"


@pytest.fixture
def copied(saved, tmp_path):
    return shutil.copytree(saved, tmp_path / "copy")


def test_a_directory_answers_as_it_was_trained_and_saved_again_is_the_same(saved, tmp_path):
    model = TextModelDirectory.load(saved)
    assert model.classifier.labels == ("Developer", "Nurse")
    assert model.classifier.name == str(saved)
    assert model.classifier.predict(["Java programmer", "Hospital ward nurse"]).tolist() == [
        "Developer",
        "Nurse",
    ]
    model.save(tmp_path / "again")
    again, first = read_directory(tmp_path / "again"), read_directory(saved)
    assert again[0].keys() == first[0].keys()
    for name in ("head.arrow", "held_out.arrow"):
        assert first[1][name].equals(again[1][name])
    for name in ("evaluation.json", "reading.json"):
        assert first[1][name] == again[1][name]


def test_a_directory_holds_no_text_that_it_was_trained_on(saved):
    held = b"".join(file.read_bytes() for file in saved.iterdir())
    for text in (text for texts in ROWS.values() for text in texts):
        assert text.encode() not in held


def test_what_was_said_of_each_text_held_out_is_kept_with_its_place(saved):
    held = TextModelDirectory.load(saved).held_out
    assert list(held["place"]) == [f"texts.jsonl, row {n}" for n in range(1, 7)]
    assert list(held["label"]) == ["Nurse"] * 3 + ["Developer"] * 3
    assert held["probability"].between(0.5, 1).all()
    assert set(held["fold"]) == {0, 1, 2}


def test_an_altered_head_is_refused(copied):
    (copied / "head.arrow").write_bytes((copied / "head.arrow").read_bytes() + b" ")
    with pytest.raises(ModelError, match=r"head\.arrow was altered after training"):
        TextModelDirectory.load(copied)


def rewritten(directory, change, **facts):
    manifest, files = read_directory(directory)
    change(files)
    kept = {name: value for name, value in manifest.items() if name not in ("files", "format", "version")}
    write_directory(directory, files, {**kept, **facts})
    return directory


def test_a_model_of_another_kind_is_refused(copied):
    place = rewritten(copied, lambda files: None, kind="resume classifier")
    with pytest.raises(ModelError, match="holds another model than a classifier of texts"):
        TextModelDirectory.load(place)


def test_an_encoder_that_reads_otherwise_than_in_training_is_refused(copied):
    def other_answer(files):
        files["text_model.json"]["probe"]["logits"][0] += 0.1

    with pytest.raises(ModelError, match="answers otherwise than the model that was trained"):
        TextModelDirectory.load(rewritten(copied, other_answer))


def test_a_directory_trained_on_another_encoder_is_refused(copied):
    def other_encoder(files):
        files["text_model.json"]["encoder"]["weights_sha256"] = "0" * 64

    with pytest.raises(ModelError, match="was trained on another encoder"):
        TextModelDirectory.load(rewritten(copied, other_encoder))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda files: files.pop("text_model.json"), "incomplete: 'text_model.json' is missing"),
        (lambda files: files["text_model.json"].pop("probe"), "incomplete: 'probe' is missing"),
        (lambda files: files.update({"text_model.json": []}), "cannot be read as it should"),
        (lambda files: files["head.arrow"].loc.__setitem__((0, "5"), np.nan), "a weight is not finite"),
        (lambda files: files.update({"head.arrow": files["head.arrow"].drop(columns="7")}), "do not fit"),
    ],
)
def test_a_directory_whose_files_say_nonsense_is_refused(copied, change, message):
    with pytest.raises(ModelError, match=message):
        TextModelDirectory.load(rewritten(copied, change))


def test_files_that_are_no_longer_where_they_were_are_looked_for_elsewhere(copied, minilm_path):
    def moved(files):
        files["text_model.json"]["encoder"]["path"] = "/nowhere"

    model = TextModelDirectory.load(rewritten(copied, moved), encoder=minilm_path)
    assert model.encoder_path == minilm_path
    assert np.isfinite(model.classifier.predict_proba([PROBE])).all()


@pytest.mark.parametrize("read", [Model.load, ResumeModel.load])
def test_other_commands_say_which_one_reads_a_classifier_of_texts(read, tmp_path):
    facts = {"kind": KIND}
    write_directory(tmp_path / "model", {"task.toml": "name = 'x'"}, facts)
    with pytest.raises(ModelError, match=r"is a text classifier.*use candor text explain"):
        read(tmp_path / "model")
