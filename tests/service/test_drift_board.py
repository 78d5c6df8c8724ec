"""Several workers of one server: one follows the log, all of them tell of drift."""

import time

import pytest

pytest.importorskip("sqlalchemy", reason="the log of decisions needs the extra api")
pytest.importorskip("river", reason="the watch for drift needs the extra monitor")

from served_case import make_served, resumes

from ranker.app.decisions import NewDecision, open_store
from ranker.app.monitoring.board import Board
from ranker.app.monitoring.watching import Watcher


def test_one_of_two_leads_until_it_ends(tmp_path):
    one, other = Board(tmp_path), Board(tmp_path)
    assert one.lead()
    assert not other.lead()
    assert one.lead()
    one.close()
    assert other.lead()
    assert not one.lead()


def test_a_board_tells_nothing_before_anything_was_told(tmp_path):
    assert Board(tmp_path).metrics() == b""
    assert Board(tmp_path).state() == {}


def test_where_no_folder_can_be_shared_each_follows_for_itself(tmp_path):
    gone = Board(tmp_path / "gone")
    gone.tell(b"x", {})
    assert gone.lead()
    assert gone.metrics() == b""


def until(true, seconds=30):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()


def test_the_worker_that_follows_tells_the_others_and_another_takes_over(tmp_path):
    served = make_served()
    with open_store(f"sqlite:///{tmp_path / 'log.db'}") as store:

        def classified(resume):
            body = {"resume": resume}
            told = {"answer": served.classify(body), "people": served.people("classify", body), "input": body}
            who = {
                "caller": "k",
                "role": "recruiter",
                "request_id": "r",
                "model": served.digest_of("classify"),
            }
            new = NewDecision(kind="classify", **told, **who)
            store.record(new)

        def seen(watcher, n):
            return until(lambda: f'answers_total{{model="classifier"}} {n}' in watcher.metrics().decode())

        models = {"classifier": served.classifier}
        one, other = [Watcher(store, models, every=0.01, board=Board(tmp_path)) for _ in range(2)]
        first, second = resumes(2)
        classified(first)
        one.start()
        assert seen(one, 1)
        other.start()
        assert seen(other, 1)
        assert other.state() == one.state()
        assert other._watched == {}
        one.stop()
        classified(second)
        assert seen(other, 2)
        assert list(other._watched) == ["classifier"]
        other.stop()
