"""Rows of the speed table at a thousandth of their size: everybody gives the same result."""

import json

import pytest

import benchmarks.__main__ as command
from benchmarks.speed.bench import agreements, run, table
from benchmarks.speed.row import Case, Row
from benchmarks.speed.rows import ROWS


@pytest.mark.filterwarnings("ignore")  # those of peers
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_gives_the_result_of_its_peers(row):
    case = row.prepare(0.001, 1)
    assert all(agreements(row, case).values())
    assert row.same(case.ours(), row.prepare(0.001, 2).ours())
    absent = set(row.targets) - set(case.peers)
    assert all("LightGBM" in name or "tl2cgen" in name for name in absent)  # of the extra ``bench``


def test_names_of_rows_differ():
    assert len({row.name for row in ROWS}) == len(ROWS)


def toy(answer=3, peer=3):
    return Row(
        "toy", "add", "sum", lambda scale, threads: Case(lambda: answer, {"other": lambda: peer}, 10, n_bytes=1e-9),
        lambda ours, theirs: ours == theirs, "equal", targets={"other": 1e-9}, aims={"other": 2.0},
    )  # fmt: skip


def test_a_table_says_where_results_differ_and_what_was_missed():
    right, wrong = run([toy(), toy(peer=4)], scale=1.0, times=2, bandwidth=1e9)
    assert right["peers"][0]["equal"]
    assert not wrong["peers"][0]["equal"]
    assert "results differ" not in table([right])
    assert "results differ" in table([wrong])
    late = {**right, "peers": [{**right["peers"][0], "ratio": 0.5, "target": 1.0, "met": False}]}
    assert "**missed**" in table([late])


def test_the_command_tells_of_an_unknown_row(capsys):
    assert command.main(["--only", "nothing"]) == 2
    assert "there are:" in capsys.readouterr().err


def test_the_command_prints_what_machines_read(capsys, monkeypatch):
    monkeypatch.setattr(command, "ROWS", (toy(),))
    assert command.main(["--json", "--only", "toy", "--times", "1"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert set(row) == {"name", "peer", "seconds", "peer_seconds", "ratio", "threads", "equal"}


def test_the_speed_table_of_the_readme_is_that_of_the_results():
    figures = json.loads((command.RESULTS / "speed.json").read_text("utf-8"))
    text = command.README.read_text("utf-8")
    assert command.with_table(text, figures) == text
