"""Labelled texts from files of any shape, and the fate of every row."""

import json
import sys
from types import SimpleNamespace

import pandas as pd
import pytest

from ranker.app.text_data import read_labelled_texts
from ranker.errors import SourceError, UsageError
from ranker.records.ledger import Ledger

ROWS = [("Data Science", "statistics"), ("Data Science", "Python"), ("HR", "payroll"), ("HR", "hiring")]


def frame(label="Category", text="Text", rows=ROWS):
    return pd.DataFrame(rows, columns=[label, text])


def write(folder, name, data):
    file = folder / name
    match file.suffix:
        case ".csv":
            data.to_csv(file, index=False)
        case ".parquet":
            data.to_parquet(file, index=False)
        case _:
            data.to_json(file, orient="records", lines=file.suffix == ".jsonl")
    return file


def read(source, **columns):
    ledger = Ledger()
    return read_labelled_texts(source, ledger=ledger, **columns), ledger.report()


@pytest.mark.parametrize("name", ["x.csv", "x.parquet", "x.jsonl", "x.json"])
def test_files_of_every_kind_say_the_same(tmp_path, name):
    found, report = read(write(tmp_path, name, frame()))
    assert list(zip(found.labels, found.texts, strict=True)) == ROWS
    assert (found.text_column, found.label_column) == ("Text", "Category")
    assert report.read == report.kept == {"text": 4}


@pytest.mark.parametrize(
    ("label", "text"),
    [("Category", "Text"), ("Category", "Resume"), ("label", "TEXT"), ("Label", "Resume_str")],
)
def test_usual_columns_are_known_in_any_case(tmp_path, label, text):
    found, _ = read(write(tmp_path, "x.csv", frame(label, text)))
    assert (found.label_column, found.text_column) == (label, text)


def test_named_columns_go_before_usual_ones(tmp_path):
    data = frame().assign(job=["a", "a", "b", "b"], cv=["1 x", "2 x", "3 x", "4 x"])
    found, _ = read(write(tmp_path, "x.csv", data), text_column="cv", label_column="job")
    assert found.labels == ("a", "a", "b", "b")
    assert found.texts[0] == "1 x"


def test_a_column_that_is_missing_or_not_the_only_one_is_said(tmp_path):
    file = write(tmp_path, "x.csv", frame().assign(Resume="x"))
    with pytest.raises(
        UsageError, match="texts may be in 'Text' or in 'Resume': say which, by --text-column"
    ):
        read(file)
    with pytest.raises(SourceError, match="no column 'Resum'; did you mean 'Resume'"):
        read(file, text_column="Resum")
    with pytest.raises(UsageError, match="cannot both be the column 'Text'"):
        read(file, text_column="Text", label_column="Text")
    with pytest.raises(
        SourceError, match=r"no column of labels by any usual name .* name one of 'job', 'Text'"
    ):
        read(write(tmp_path, "y.csv", frame("job")))


def test_rows_without_text_or_label_are_set_aside_with_their_place(tmp_path):
    rows = [*ROWS, (None, "x"), ("HR", None), ("HR", "  "), (" ", "y"), ("HR", ["no", "text"]), (True, "z")]
    file = tmp_path / "x.jsonl"
    file.write_text(
        "".join(json.dumps({"Category": a, "Text": b}) + "\n" for a, b in rows) + "[]\nnot JSON\n"
    )
    found, report = read(file)
    assert list(zip(found.labels, found.texts, strict=True)) == ROWS
    assert [(fate.row, fate.reason) for fate in report.set_aside() if fate.field] == [
        ("x.jsonl, row 5", "no label"),
        ("x.jsonl, row 6", "no text"),
        ("x.jsonl, row 7", "no text"),
        ("x.jsonl, row 8", "no label"),
        ("x.jsonl, row 9", "not a text"),
    ]
    assert [fate.reason for fate in report.set_aside() if not fate.field] == [
        "a line that is not JSON",
        "not an object",
        "the only text of the label 'True', copies apart",
    ]
    assert report.read["text"] == report.kept["text"] + len(report.set_aside())


def test_the_only_text_of_a_label_is_set_aside_with_its_copies(tmp_path):
    rows = [*ROWS, ("Cook", "soup"), ("Cook", "Soup!")]
    found, report = read(write(tmp_path, "x.csv", frame(rows=rows)))
    assert set(found.labels) == {"Data Science", "HR"}
    assert [(fate.row, fate.reason) for fate in report.set_aside()] == [
        (f"x.csv, row {row}", "the only text of the label 'Cook', copies apart") for row in (5, 6)
    ]


def test_numbers_are_labels_too(tmp_path):
    found, _ = read(write(tmp_path, "x.parquet", frame(rows=[(1, "a"), (1, "b"), (2, "c"), (2, "d")])))
    assert found.labels == ("1", "1", "2", "2")


def test_nothing_to_learn_from_is_said_with_the_first_reason(tmp_path):
    file = write(tmp_path, "x.csv", frame(rows=[("HR", "payroll"), ("Cook", "soup")]))
    with pytest.raises(
        SourceError, match=r"none of 2 rows can be learnt from; x\.csv, row 1: the only text of"
    ):
        read(file)


def test_a_folder_is_read_whole_and_must_be_of_one_kind(tmp_path):
    write(tmp_path, "train.parquet", frame(rows=ROWS[:3]))
    write(tmp_path, "test.parquet", frame(rows=ROWS[3:]))
    (tmp_path / "dataset_infos.json").write_text("{}")
    found, report = read(tmp_path)
    assert sorted(zip(found.labels, found.texts, strict=True)) == sorted(ROWS)
    assert set(found.places) == {"test.parquet, row 1", *(f"train.parquet, row {n}" for n in (1, 2, 3))}
    assert report.read == {"text": 4}
    write(tmp_path, "copy.csv", frame())
    with pytest.raises(SourceError, match=r"holds \.parquet and \.csv files: give one file, or one kind"):
        read(tmp_path)


def test_an_empty_folder_and_a_file_that_is_not_there_are_said(tmp_path):
    with pytest.raises(SourceError, match=r"holds no \.parquet, \.csv, \.jsonl file"):
        read(tmp_path)
    write(tmp_path, "resumes.csv", frame())
    with pytest.raises(SourceError, match=r"does not exist; did you mean 'resumes\.csv'"):
        read(tmp_path / "resume.csv")


@pytest.fixture
def hub(monkeypatch):
    """A hub in the place of the real one; tests set what it does."""
    library = pytest.importorskip("huggingface_hub", reason="the extra 'text' is not installed")
    calls = SimpleNamespace(answer=None, asked=[])

    def snapshot_download(name, **options):
        calls.asked.append((name, options["repo_type"]))
        if isinstance(calls.answer, Exception):
            raise calls.answer
        return str(calls.answer)

    monkeypatch.setattr(library, "snapshot_download", snapshot_download)
    return calls


def test_a_name_of_the_hub_is_fetched_and_read(tmp_path, hub):
    write(tmp_path, "train.csv", frame())
    hub.answer = tmp_path
    assert read("someone/resumes")[0].labels == tuple(label for label, _ in ROWS)
    assert hub.asked == [("someone/resumes", "dataset")]


def test_a_hub_that_cannot_be_reached_is_said(hub):
    hub.answer = OSError("no route to the hub\nand more")
    with pytest.raises(SourceError, match=r"no file or folder 'someone/resumes', .*: no route to the hub$"):
        read("someone/resumes")


def test_without_its_library_the_hub_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(UsageError, match=r"pip install 'candor-rank\[text\]'"):
        read("someone/resumes")
