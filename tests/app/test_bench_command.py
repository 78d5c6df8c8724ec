"""candor bench: measurements need a checkout."""

import json

import pytest
from typer.testing import CliRunner

from ranker.app.benchmarks import run_benchmarks
from ranker.app.cli import app
from ranker.errors import SourceError


def test_without_a_checkout_it_says_what_to_do(tmp_path):
    with pytest.raises(SourceError, match="needs a checkout"):
        run_benchmarks(quick=True, only=[], as_json=False, root=tmp_path)


def test_it_prints_what_machines_read(capfd):
    result = CliRunner().invoke(app, ["bench", "--quick", "--only", "NDCG", "--json"])
    assert result.exit_code == 0
    said = json.loads(capfd.readouterr().out)
    assert said["machine"]["cores"]
    assert all(row["equal"] for row in said["rows"])
    assert {"name", "peer", "seconds", "peer_seconds", "ratio", "threads", "equal"} <= set(said["rows"][0])
