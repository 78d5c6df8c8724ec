"""Spark ranks as the local engine does; where it cannot, it says why in one line."""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.app.engine_case import applications, assert_same, candor, ranked, write_case

JAVA = os.environ.get("JAVA_HOME") or shutil.which("java")
needs_spark = pytest.mark.skipif(
    not (find_spec("pyspark") and JAVA), reason="Spark needs pyspark (the extra spark) and a Java runtime"
)


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("pool")
    code, _, err = candor("train", write_case(folder), "--out", folder / "model")
    assert code == 0, err
    return folder / "model"


def refused(code: int, *arguments: object) -> str:
    found, out, err = candor("rank", *arguments, "--engine", "spark")
    assert (found, out) == (code, "")
    assert len(err.strip().splitlines()) == 1, err
    return err


@needs_spark
def test_spark_ranks_to_the_last_bit_as_one_machine_does(model, tmp_path):
    table = applications()
    (tmp_path / "many files").mkdir()
    for number, part in enumerate((table.slice(0, 110), table.slice(110))):
        pq.write_table(part, tmp_path / "many files" / f"part 5%41 {number}.parquet", row_group_size=40)
    more = ("--applications", tmp_path / "many files", "--top-k", 6)
    here = ranked(model, tmp_path / "here.parquet", *more)
    spark = ("--engine", "spark", "--master", "local[2]", "--batch-rows", 60)
    there = ranked(model, tmp_path / "there.parquet", *more, *spark)
    assert_same(there, here)
    assert pq.read_schema(tmp_path / "there.parquet").equals(pq.read_schema(tmp_path / "here.parquet"))
    names = ["here.parquet", "here.set_aside.csv", "many files", "there.parquet", "there.set_aside.csv"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names


def test_spark_without_pyspark_names_the_extra(model, tmp_path, monkeypatch):
    monkeypatch.setattr("ranker.app.engine.spark.find_spec", lambda name: None)
    assert "pip install 'candor-rank[spark]'" in refused(2, model, "--out", tmp_path / "r.csv")
    assert list(tmp_path.iterdir()) == []


def test_spark_without_java_says_where_it_looked(model, tmp_path, monkeypatch):
    monkeypatch.setattr("ranker.app.engine.spark.find_spec", lambda name: object())
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert f"JAVA_HOME, {tmp_path}, has no bin/java" in refused(2, model, "--out", tmp_path / "r.csv")
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "there is no java on the path" in refused(2, model, "--out", tmp_path / "r.csv")


@needs_spark
def test_a_master_that_does_not_answer_is_told_at_once(model, tmp_path):
    err = refused(2, model, "--out", tmp_path / "r.csv", "--master", "spark://127.0.0.1:9")
    assert "no one answers there" in err


def test_spark_asks_for_parquet(model, tmp_path):
    (tmp_path / "a.csv").write_text("candidate,job,tools,permit\nc1,2,,yes\n", encoding="utf-8")
    err = refused(3, model, "--out", tmp_path / "r.csv", "--applications", tmp_path / "a.csv")
    assert "reads applications from Parquet" in err
    (tmp_path / "a.jsonl").write_text('{"candidate": "c1", "job": "2"}\n', encoding="utf-8")
    err = refused(3, model, "--out", tmp_path / "r.csv", "--applications", tmp_path / "a.jsonl")
    assert "from a Parquet file or a folder of them" in err
