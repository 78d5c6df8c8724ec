"""Ranking in batches gives what ranking at once gives, or says what is wrong and leaves nothing."""

import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks import large_pool
from ranker.app.engine import local
from ranker.app.engine.tables import TableRanker
from ranker.app.ranking_command import run_rank
from tests.app.engine_case import applications, assert_same, candor, ranked, write_case


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("pool")
    code, _, err = candor("train", write_case(folder), "--out", folder / "model")
    assert code == 0, err
    return folder / "model"


@pytest.fixture(scope="module")
def at_once(model, tmp_path_factory):
    return ranked(model, tmp_path_factory.mktemp("whole") / "r.parquet")


def refused(code: int, *arguments: object) -> str:
    found, out, err = candor(*arguments)
    assert (found, out) == (code, ""), err
    assert len(err.strip().splitlines()) == 1, err
    return err


def write_folder(folder: Path, *tables: pa.Table) -> Path:
    folder.mkdir()
    for number, table in enumerate(tables):
        pq.write_table(table, folder / f"part-{number}.parquet", row_group_size=17)
    return folder


def test_the_case_holds_what_batches_could_get_wrong(at_once):
    frame, aside, said = at_once
    jobs = ["-1", "2", "2.5", "9", "10", "100", "Baker", "chef", "cook"]
    assert frame["job"].drop_duplicates().tolist() == jobs
    assert said["tied"] > 0
    assert (frame.groupby("job").size() == 1).any()
    reasons = {(row["action"], row["table"], row["reason"]) for row in said["cleaning"]}
    assert ("missing", "application", "no list where one was expected") in reasons
    assert ("changed", "candidate", "clamped to 9") in reasons
    assert ("noted", "job", "a job without candidates") in reasons
    for reason in ("no job is named", "no candidate is named", "unknown candidate", "unknown job", "permit"):
        assert any(reason in line for line in aside), reason
    assert said["intervals"]["mean_width"] > 1


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(batch_rows=st.integers(1, 272))
def test_no_batch_size_changes_a_row(model, at_once, tmp_path, batch_rows):
    assert_same(ranked(model, tmp_path / "r.parquet", "--batch-rows", batch_rows), at_once)


@pytest.mark.parametrize("batch_rows", [1, 60, 10_000])
def test_a_folder_of_files_is_one_table(model, at_once, tmp_path, batch_rows):
    table = applications()
    folder = write_folder(
        tmp_path / "many", table.slice(0, 100), table.slice(100).select(table.column_names[::-1])
    )
    out = tmp_path / "r.parquet"
    assert_same(ranked(model, out, "--applications", folder, "--batch-rows", batch_rows), at_once)


def test_a_csv_file_is_read_in_batches_too(model, at_once, tmp_path):
    pa.csv.write_csv(applications(), tmp_path / "a.csv")
    lines = (tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()
    lines.insert(40, "one,value,too,many,by,far")
    (tmp_path / "a.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    more = ("--applications", tmp_path / "a.csv")
    batched = ranked(model, tmp_path / "r.parquet", *more, "--batch-rows", 50)
    assert_same(batched, ranked(model, tmp_path / "r.parquet", *more))
    pd.testing.assert_frame_equal(batched[0], at_once[0])
    assert any("line 41" in line and "6 values where 5 were expected" in line for line in batched[1])


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".json"])
def test_every_format_is_written_in_batches_as_at_once(model, tmp_path, suffix):
    for out, batch_rows in ((tmp_path / f"one{suffix}", 10_000), (tmp_path / f"other{suffix}", 30)):
        run_rank(model, out, {}, None, batch_rows=batch_rows)
    assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"other{suffix}").read_bytes()


@pytest.mark.parametrize("more", [["--top-k", 2], ["--no-intervals"], ["--top-k", 3, "--no-intervals"]])
def test_what_is_asked_for_is_the_same_in_batches(model, tmp_path, more):
    whole = ranked(model, tmp_path / "r.parquet", *more)
    assert_same(ranked(model, tmp_path / "r.parquet", *more, "--batch-rows", 30), whole)
    assert (whole[2]["intervals"]["missing"] is not None) == ("--no-intervals" in more)
    assert whole[0]["rank_low"].isna().all() == ("--no-intervals" in more)


def test_rows_that_come_in_the_order_of_the_jobs_are_not_written_twice(model, at_once, tmp_path, monkeypatch):
    monkeypatch.setattr(local, "spill", None)  # which would be called for a row out of order
    known = set(at_once[0]["job"])
    table = applications()
    place = {job: n for n, job in enumerate(at_once[0]["job"].drop_duplicates())}
    rows = [row for row in table.to_pylist() if row["job"] in known]
    rows.sort(key=lambda row: place[row["job"]])
    pq.write_table(pa.Table.from_pylist(rows, table.schema), tmp_path / "a.parquet", row_group_size=9)
    for batch_rows in (1, 20, 100):
        found = ranked(
            model,
            tmp_path / "r.parquet",
            "--applications",
            tmp_path / "a.parquet",
            "--batch-rows",
            batch_rows,
        )
        pd.testing.assert_frame_equal(found[0], at_once[0], check_exact=True)


def test_a_job_larger_than_a_batch_is_ranked_whole(model, at_once, tmp_path):
    largest = at_once[0].groupby("job").size().max()
    frame = ranked(model, tmp_path / "r.parquet", "--batch-rows", 5)[0]
    assert frame.groupby("job")["rank"].max().max() == largest > 5


def test_a_folder_whose_files_do_not_fit_is_refused_by_name(model, tmp_path):
    table = applications()
    other = table.drop_columns(["tools"])
    folder = write_folder(tmp_path / "many", table, other)
    err = refused(3, "rank", model, "--out", tmp_path / "r.csv", "--applications", folder)
    assert f"{folder / 'part-1.parquet'} has no column 'tools', and part-0.parquet beside it has" in err
    pq.write_table(table.set_column(0, "candidate", pa.array(range(len(table)))), folder / "part-1.parquet")
    err = refused(3, "rank", model, "--out", tmp_path / "r.csv", "--applications", folder)
    assert "column 'candidate' is int64, and in part-0.parquet beside it string" in err
    (tmp_path / "none").mkdir()
    err = refused(3, "rank", model, "--out", tmp_path / "r.csv", "--applications", tmp_path / "none")
    assert "holds no .parquet file" in err


def test_applications_that_are_empty_or_all_set_aside_leave_nobody(model, tmp_path):
    table = applications()
    strangers = table.set_column(0, "candidate", pa.array(["stranger"] * len(table)))
    for rows in (table.slice(0, 0), strangers):
        folder = write_folder(tmp_path / f"of-{len(rows)}", rows)
        err = refused(
            3, "rank", model, "--out", tmp_path / "r.csv", "--applications", folder, "--batch-rows", 50
        )
        assert "nobody is left to rank: " in err
        assert not list(tmp_path.glob("*r.csv*"))


def test_a_column_that_features_read_is_missed_before_anything_is_ranked(model, tmp_path):
    folder = write_folder(tmp_path / "many", applications().drop_columns(["tools"]))
    err = refused(2, "rank", model, "--out", tmp_path / "r.csv", "--applications", folder)
    assert "feature 'tools': the application table has no column 'tools'" in err
    renamed = applications().rename_columns({"candidate": "person"})
    folder = write_folder(tmp_path / "other", renamed)
    err = refused(3, "rank", model, "--out", tmp_path / "r.csv", "--applications", folder)
    assert "the application table has no column 'candidate'" in err


def test_a_file_cut_short_is_one_line(model, tmp_path):
    folder = write_folder(tmp_path / "many", applications())
    data = (folder / "part-0.parquet").read_bytes()
    (folder / "part-0.parquet").write_bytes(data[: len(data) // 2])
    assert "cannot be read as parquet" in refused(
        3, "rank", model, "--out", tmp_path / "r.csv", "--applications", folder
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full")
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_full_disk_is_one_line_and_leaves_nothing(model, tmp_path, monkeypatch, suffix):
    real = Path.open

    def full(path, mode="r", *more, **other):
        return real(Path("/dev/full"), "wb") if "x" in mode else real(path, mode, *more, **other)

    monkeypatch.setattr(Path, "open", full)
    err = refused(3, "rank", model, "--out", tmp_path / f"r{suffix}", "--batch-rows", 50)
    assert "No space left on device" in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--engine", "sprak"], "there is no such engine; did you mean 'spark'?"),
        (["--master", "local[2]"], "is for --engine spark"),
    ],
)
def test_an_engine_that_is_not_there_is_refused(model, tmp_path, options, said):
    assert said in refused(2, "rank", model, "--out", tmp_path / "r.csv", *options)


def interrupted(model: Path, out: Path, monkeypatch, error: type[BaseException]) -> None:
    """Begin to rank, and stop after the second part."""
    real, parts = TableRanker.rank, []

    def rank(self, table):
        parts.append(table)
        if len(parts) == 3:
            raise error
        return real(self, table)

    monkeypatch.setattr(TableRanker, "rank", rank)
    assert candor("rank", model, "--out", out, "--batch-rows", 30)[0] == 1
    assert len(parts) == 3


def test_a_run_that_is_interrupted_leaves_the_earlier_file_and_nothing_else(model, tmp_path, monkeypatch):
    out = tmp_path / "r.parquet"
    out.write_text("earlier")
    interrupted(model, out, monkeypatch, KeyboardInterrupt)
    assert list(tmp_path.iterdir()) == [out]
    assert out.read_text() == "earlier"


SLOW = """
import sys, time
from pathlib import Path
from ranker.app.engine.tables import TableRanker
from ranker.app.ranking_command import run_rank

real, parts = TableRanker.rank, []

def rank(self, table):
    parts.append(table)
    if len(parts) == 4:
        print("ranking", flush=True)
        time.sleep(600)
    return real(self, table)

TableRanker.rank = rank
run_rank(Path(sys.argv[1]), Path(sys.argv[2]), {}, None, batch_rows=30)
"""


def test_a_killed_run_leaves_nothing_that_looks_whole_and_the_next_one_clears_it_away(
    model, at_once, tmp_path
):
    out = tmp_path / "r.parquet"
    command = [sys.executable, "-c", SLOW, str(model), str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ranking\n"
        (left,) = tmp_path.iterdir()
        assert left.name.startswith(".r.parquet.")
        # A run that lives keeps its drafts, whoever else writes to the same place.
        assert_same(ranked(model, out, "--batch-rows", 100), at_once)
        assert left.is_dir()
        out.unlink()
        (tmp_path / "r.set_aside.csv").unlink()
        process.send_signal(signal.SIGKILL)
    assert list(tmp_path.iterdir()) == [left]
    assert any(left.iterdir())
    assert_same(ranked(model, out, "--batch-rows", 100), at_once)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.parquet", "r.set_aside.csv"]


def test_the_study_of_a_large_pool_runs_in_its_small_form(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(large_pool, "RESULTS", tmp_path / "results")
    assert large_pool.main(["--quick", "--no-intervals", "--folder", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    for words in ("3,000 rows without intervals", "read and spill", "join", "features", "intervals", "write"):
        assert words in told
    assert list(tmp_path.iterdir()) == []
