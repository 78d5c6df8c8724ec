"""A server that follows its own log for drift."""

import os
import subprocess
import sys
import time

import pytest

pytest.importorskip("river", reason="drift is watched with the extra monitor")

from api_case import running

from ranker.app.service import meters


def test_what_was_answered_is_told_to_whoever_reads_the_meters(tmp_path):
    with running(tmp_path, watch=True) as api:
        api.ranked()
        until, told = time.monotonic() + 60, ""
        while 'answers_total{model="ranker"} 1' not in told and time.monotonic() < until:
            time.sleep(0.2)
            told = api.ask("GET", "/metrics", "admin").text
        assert api.client.app.state.service.watcher.skipped == {}, (
            "both models keep what they were trained on"
        )
    assert 'candor_drift_answers_total{model="ranker"} 1' in told


def test_a_server_that_is_not_to_watch_says_nothing_of_drift(tmp_path):
    with running(tmp_path, watch=False) as api:
        assert api.client.app.state.service.watcher is None
        assert "candor_drift" not in api.ask("GET", "/metrics", "admin").text


@pytest.mark.skipif(os.name != "posix", reason="processes are asked by signal 0")
def test_what_a_killed_worker_had_in_flight_is_counted_no_more(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    kept = {f"gauge_livesum_{os.getpid()}.db", f"counter_{dead.pid}.db"}
    for name in (*kept, f"gauge_livesum_{dead.pid}.db"):
        (tmp_path / name).touch()
    meters._let_go_of_the_dead(str(tmp_path))
    assert {one.name for one in tmp_path.iterdir()} == kept
