import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ranker.errors import DataError, SourceError
from ranker.ranking.output import write_ranking
from ranker.ranking.ranking import Ranking

SCORES = [0.1 + 0.2, 1 / 3, -(2.0**-1074), 1e300]


def frame():
    return Ranking.from_scores(SCORES, job=["Zürich"] * 4, candidate=["ä", "b,c", 'd"e', "f\ng"]).to_frame()


def read(path):
    if path.suffix == ".csv":
        back = pd.read_csv(path, encoding="utf-8-sig", dtype={"score": str})
        return back.assign(score=back["score"].map(float))  # pandas' own reader may be a bit off
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    text = path.read_text(encoding="utf-8")
    return pd.DataFrame(
        json.loads(text) if path.suffix == ".json" else [json.loads(x) for x in text.splitlines()]
    )


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl", ".json", ".CSV"])
def test_what_is_written_reads_back_to_the_last_bit(tmp_path, suffix):
    path = tmp_path / f"ranking{suffix}"
    write_ranking(frame(), path)
    back = read(path.rename(path.with_suffix(suffix.lower())))
    pd.testing.assert_frame_equal(back, frame(), check_dtype=False, check_exact=True)


def test_a_csv_begins_with_the_byte_order_mark_that_excel_looks_for(tmp_path):
    write_ranking(frame(), str(tmp_path / "r.csv"))
    assert (tmp_path / "r.csv").read_bytes().startswith(b"\xef\xbb\xbfjob,rank,candidate")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_spreadsheet_executes_no_cell_of_a_csv(tmp_path, cell):
    table = pd.DataFrame({cell: [cell, "plain"], "kind": pd.Categorical([cell, cell]), "score": [-1.5, 2.0]})
    write_ranking(table, tmp_path / "r.csv")
    back = pd.read_csv(tmp_path / "r.csv", encoding="utf-8-sig", lineterminator="\n")
    assert back.columns[0] == f"'{cell}"
    assert back.iloc[:, 0].tolist() == [f"'{cell}", "plain"]
    assert back["kind"].tolist() == [f"'{cell}"] * 2
    assert back["score"].tolist() == [-1.5, 2.0]


def test_other_formats_keep_texts_as_they_are(tmp_path):
    write_ranking(pd.DataFrame({"candidate": ["=1+1"]}), tmp_path / "r.json")
    assert json.loads((tmp_path / "r.json").read_text()) == [{"candidate": "=1+1"}]


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_json_has_null_for_nan_and_words_for_infinities(tmp_path, suffix):
    table = pd.DataFrame({"score": [np.nan, np.inf, -np.inf], "when": pd.Timestamp("2026-11-20")})
    path = tmp_path / f"r{suffix}"
    write_ranking(table, path)
    text = path.read_text()
    records = json.loads(text) if suffix == ".json" else [json.loads(line) for line in text.splitlines()]
    assert [record["score"] for record in records] == [None, "Infinity", "-Infinity"]
    assert records[0]["when"].startswith("2026-11-20")


def test_an_empty_table_is_written_as_one(tmp_path):
    for suffix in (".csv", ".json", ".jsonl", ".parquet"):
        write_ranking(frame().iloc[:0], tmp_path / f"r{suffix}")
    assert json.loads((tmp_path / "r.json").read_text()) == []
    assert (tmp_path / "r.jsonl").read_text() == ""


@pytest.mark.parametrize("name", ["ranking.xlsx", "ranking", "ranking.csv.gz"])
def test_an_unknown_ending_is_refused_with_the_known_ones(tmp_path, name):
    with pytest.raises(DataError, match=r"\.csv, \.parquet, \.jsonl, \.json"):
        write_ranking(frame(), tmp_path / name)


def test_a_folder_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(SourceError, match="give a path in a folder that exists"):
        write_ranking(frame(), tmp_path / "nowhere" / "r.csv")


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("old")
    with pytest.raises(DataError, match="half a character"):
        write_ranking(pd.DataFrame({"candidate": ["\ud800"]}, dtype=object), path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_replaces_the_old_file_and_leaves_no_draft(tmp_path):
    path = tmp_path / "r.jsonl"
    path.write_text("old")
    write_ranking(frame(), path)
    assert len(path.read_text(encoding="utf-8").splitlines()) == 4
    assert list(tmp_path.iterdir()) == [path]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(scores=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=10))
def test_every_float_survives_text(tmp_path, scores):
    for suffix in (".csv", ".jsonl"):
        path = tmp_path / f"r{suffix}"
        write_ranking(pd.DataFrame({"score": scores}), path)
        assert read(path)["score"].astype(float).tolist() == scores
