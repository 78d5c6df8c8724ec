"""The parts of the engine, each against what it stands for."""

import json
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.app.engine.columns import ROW, label_or_none, labels_of, list_marks, python_values
from ranker.app.engine.partition import JobCounter, buckets, spill, whole_jobs
from ranker.app.engine.pool import read_pool
from ranker.app.engine.sources import open_applications
from ranker.app.engine.tables import TableRanker, Wanted, read_pools
from ranker.app.engine.tally import Report, Tally
from ranker.app.model import Model
from ranker.ranking.labels import natural_key
from ranker.records.ledger import Fate, Ledger
from tests.app.engine_case import applications, candor, write_case

TEXTS = st.text(alphabet="a1 .[\t\u00a0\x1cé", max_size=4)
COLUMNS = st.one_of(
    st.lists(st.none() | TEXTS).map(lambda values: pa.array(values, pa.string())),
    st.lists(st.none() | TEXTS).map(lambda values: pa.array(values, pa.string()).dictionary_encode()),
    st.lists(st.none() | st.integers(-9, 9)).map(lambda values: pa.array(values, pa.int32())),
    st.lists(st.none() | st.floats(width=32)).map(lambda values: pa.array(values, pa.float32())),
    st.lists(st.none() | st.booleans()).map(lambda values: pa.array(values, pa.bool_())),
    st.lists(st.none() | st.lists(st.none() | TEXTS)).map(lambda v: pa.array(v, pa.list_(pa.string()))),
    st.lists(st.none() | st.dictionaries(st.just("k"), st.integers(0, 9))).map(
        lambda values: pa.array(values, pa.struct([("k", pa.int64())]))
    ),
)


def cut(column: pa.Array, place: int) -> pa.ChunkedArray:
    """Return a column in two chunks that are slices of one array, as Parquet readers make them."""
    return pa.chunked_array([column.slice(0, place), column.slice(place)], column.type)


@given(column=COLUMNS, place=st.integers(0, 5))
def test_values_are_those_of_a_python_list(column, place):
    column = cut(column, min(place, len(column)))
    found, expected = python_values(column), column.to_pylist()
    assert repr(found.tolist()) == repr(expected)  # a float stays a float, NaN and all
    assert found.dtype == object


@given(column=COLUMNS, place=st.integers(0, 5))
def test_labels_are_those_of_the_records(column, place):
    column = cut(column, min(place, len(column)))
    assert labels_of(column).to_pylist() == [label_or_none(value) for value in column.to_pylist()]


def test_a_column_of_lists_is_known_by_the_first_one():
    table = pa.table({"a": ["x", " [1]", "[2]"], "b": ["x", None, "(1)"], "n": [1, 2, 3]})
    assert list_marks(table, ["a", "b", "n"]) == {"a": " [1]"}


JOBS = st.lists(st.none() | st.sampled_from(["10", "9", "b", "a", "-1", " 9 "]), max_size=40)


@given(jobs=JOBS, batch_rows=st.integers(1, 12), chunk=st.integers(1, 9))
def test_buckets_hold_whole_jobs_in_the_order_of_the_ranking(tmp_path_factory, jobs, batch_rows, chunk):
    table = pa.table({"job": pa.array(jobs, pa.string()), ROW: pa.array(range(len(jobs)), pa.int64())})
    parts = [table.slice(start, chunk) for start in range(0, len(jobs), chunk)]
    counter = JobCounter()
    for part in parts:
        counter.add(labels_of(part.column("job")))
    folder = tmp_path_factory.mktemp("buckets")
    plan = counter.plan(batch_rows)
    found = list(buckets(spill(parts, "job", plan, folder)))
    assert not list(folder.iterdir())
    assert sorted(row for part in found for row in part.column(ROW).to_pylist()) == list(range(len(jobs)))
    held = [[label for label in labels_of(part.column("job")).to_pylist() if label] for part in found]
    once = [job for part in held for job in sorted(set(part), key=natural_key)]
    assert once == sorted({job.strip() for job in jobs if job}, key=natural_key)
    for part, labels in zip(found, held, strict=True):
        assert len(set(labels)) <= 1 or len(labels) <= batch_rows
        rows = part.column(ROW).to_pylist()
        assert rows == sorted(rows)


@given(jobs=JOBS, batch_rows=st.integers(1, 12), chunk=st.integers(1, 9))
def test_rows_in_order_are_known_and_cut_between_jobs(jobs, batch_rows, chunk):
    def told(values):
        counter = JobCounter()
        for start in range(0, len(values), chunk):
            counter.add(labels_of(pa.chunked_array([pa.array(values[start : start + chunk], pa.string())])))
        return counter.in_order

    labels = [job.strip() if job else job for job in jobs]
    runs = [job for job, _ in groupby(labels)]
    in_order = None not in runs and runs == sorted(set(runs), key=natural_key)
    assert told(jobs) == in_order
    ordered = sorted([job for job in labels if job], key=natural_key)
    assert told(ordered)
    table = pa.table({"job": pa.array(ordered, pa.string())})
    parts = [table.slice(start, chunk) for start in range(0, len(ordered), chunk)]
    found = [part.column("job").to_pylist() for part in whole_jobs(parts, "job", batch_rows)]
    assert [job for part in found for job in part] == ordered
    assert all(len(set(part)) == 1 or len(part) <= batch_rows for part in found)
    assert all(one[-1] != other[0] for one, other in pairwise(found))


def test_a_plan_opens_a_bounded_number_of_files():
    counter = JobCounter()
    for job in range(3_000):
        counter.count(str(job), 7)
    assert counter.plan(1).n_buckets <= 500


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".jsonl"])
def test_a_pool_keeps_the_first_of_each_label_and_says_what_became_of_the_others(tmp_path, suffix):
    rows = [
        {"id": "b", "n": "1", "kept": "x"}, {"id": None, "n": "2", "kept": "y"}, {"id": " b ", "n": "1", "kept": "x"},
        {"id": "a", "n": "3", "kept": "[1]"}, {"id": "b", "n": "4", "kept": "x"},
    ]  # fmt: skip
    path = tmp_path / f"pool{suffix}"
    if suffix == ".jsonl":
        path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    elif suffix == ".csv":
        lines = [",".join(row[name] or "" for name in row) for row in rows]
        path.write_text("\n".join(["id,n,kept", *lines]) + "\n", encoding="utf-8")
    else:
        pa.parquet.write_table(pa.Table.from_pylist(rows), path)
    ledger = Ledger()
    pool = read_pool(
        path, "id", "candidate", lambda names: [name for name in names if name == "kept"], ledger
    )
    assert pool.labels.to_pylist() == ["b", "a"]
    assert pool.always.tolist() == [1]
    assert pool.rows_named(pa.array(["a", "z", None], pa.large_string())).tolist() == [1]
    assert pool.frame(np.array([1])).to_dict("list") == {"kept": ["[1]"], "id": ["a"]}
    assert [(fate.row, fate.reason) for fate in ledger.fates] == [
        ("row 2", "no id"),
        ("b", "id repeated with other values; the first one counts"),
        ("b", "id repeated with other values; the first one counts"),
    ]


def test_a_report_survives_its_journey():
    fates = (Fate("application", "row 3", "set_aside", "", "unknown job", "x\ud800"),)
    named = {"candidate": np.array([1, 5])}
    report = Report(2, 9, 1, None, "no bags", "by lot", fates, named, {}, np.array([2**64 - 1], np.uint64))
    back = Report.from_bytes(report.to_bytes())
    assert back.fates == fates
    assert back.named["candidate"].tolist() == [1, 5]
    assert back.loose.tolist() == [2**64 - 1]
    assert (back.jobs, back.candidates, back.tied, back.width, back.missing) == (2, 9, 1, None, "no bags")


def test_what_is_to_say_of_a_candidate_is_said_once():
    fate = Fate("candidate", "c1", "changed", "candidate.years", "clamped")
    other = Fate("application", "candidate c1 for job 2", "set_aside", "", "not met")
    tally = Tally({"candidate": 3})
    none = np.empty(0, np.uint64)
    for rows in ([0, 1], [1]):
        report = Report(1, 2, 0, 4, None, "by lot", (fate, other), {"candidate": np.array(rows)}, {}, none)
        assert tally.add(report) == [other]
    tally.close()
    said = {(row["action"], row["reason"]): row["rows"] for row in tally.to_json()["counts"]}
    assert said == {
        ("changed", "clamped"): 1,
        ("set_aside", "not met"): 2,
        ("noted", "a candidate without application"): 1,
        ("noted", "a candidate whose applications are all set aside"): 2,
    }
    assert tally.width == 8


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Model:
    folder: Path = tmp_path_factory.mktemp("pool")
    code, _, err = candor("train", write_case(folder), "--out", folder / "model")
    assert code == 0, err
    return Model.load(folder / "model")


def test_a_table_of_jobs_goes_in_and_their_ranking_comes_out(model):
    ranker = TableRanker(model, read_pools(model.task, {}, Ledger()), Wanted(top_k=3))
    ranking = ranker(applications())
    assert ranking.schema.equals(ranker.schema)
    assert max(ranking.column("rank").to_pylist()) == 3
    assert 0 < min(ranking.column("p_top_3").to_pylist()) <= 1
    empty = ranker(applications().slice(0, 0))
    assert empty.num_rows == 0
    assert empty.schema.equals(ranker.schema)


def test_a_job_of_one_is_as_sure_of_itself_alone_as_among_others(model):
    ranker = TableRanker(model, read_pools(model.task, {}, Ledger()), Wanted())
    table = applications()
    rows = table.filter(pa.compute.equal(table.column("job"), "chef"))
    assert rows.num_rows == 1
    alone, among = ranker(rows).to_pylist(), ranker(table).to_pylist()
    assert alone == [row for row in among if row["job"] == "chef"]


def test_rows_of_a_csv_file_keep_their_numbers_whatever_the_blocks(tmp_path, monkeypatch):
    lines = ["candidate,job,n"]
    lines += [f"c{n},j,{n}" + (",more" if n % 7 == 0 else "") for n in range(1, 2001)]
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for block in (512, 4096, 2**24):
        monkeypatch.setattr("ranker.app.engine.sources.BLOCK", block)
        ledger, found = Ledger(), []
        for table in open_applications(tmp_path / "a.csv").batches(["n"], ledger):
            found += zip(table.column("n").to_pylist(), table.column(ROW).to_pylist(), strict=True)
        assert found == [(str(n), n) for n in range(1, 2001) if n % 7], block
        assert len(ledger.fates) == 2000 // 7
