"""Answering again: the same to the last bit, or told why not; and the whole log as a file."""

import gzip
import json

import pytest

from ranker.app.decisions import (
    ReviewWanted,
    UnknownDecisionError,
    create_key,
    find_key,
    forget,
    open_store,
    override,
    queue,
    replay,
    verify,
)  # fmt: skip
from ranker.app.decisions.backup import backup, restore
from ranker.errors import DataError, ModelError, SourceError
from tests.service.log_case import labelled, ranking


@pytest.fixture
def store(store_url):
    with open_store(store_url) as opened:
        yield opened


class Halves:
    """Answers with half of each candidate's years."""

    def __init__(self, by=2.0):
        self.by = by

    def rank(self, body):
        return {
            "ranking": [
                {"candidate": one["id"], "score": one["years"] / self.by} for one in body["candidates"]
            ]
        }


def test_the_same_model_answers_the_same_and_another_does_not(store):
    new = ranking(answer=Halves().rank(ranking().input))
    decision = store.record(new).id
    loaded = []
    found = replay(store, decision, lambda digest: loaded.append(digest) or Halves())
    assert (found.same, loaded) == (True, [new.model])
    assert found.before == found.after == new.answer
    found = replay(store, decision, lambda _: Halves(2.0000000000000004))
    assert found.same is False
    assert found.why == "another answer: ranking differ"


def test_why_an_answer_cannot_be_tried_again_is_told(store):
    unkept = store.record(ranking(keep_input=False)).id
    kept = store.record(ranking()).id
    act = override(store, kept, person="ben", rank_after=1, reason="r", caller="k").id
    assert "was not kept" in replay(store, unkept, lambda _: Halves()).why
    assert "by a person" in replay(store, act, lambda _: Halves()).why

    def lost(digest):
        raise ModelError("its directory is gone")

    assert "its directory is gone" in replay(store, kept, lost).why
    forget(store, "ben", why="asked")
    assert "was deleted since" in replay(store, kept, lambda _: Halves()).why
    for id in (unkept, kept, act):
        assert replay(store, id, lambda _: Halves()).same is None
    with pytest.raises(UnknownDecisionError):
        replay(store, "none", lambda _: Halves())


@pytest.fixture
def filled(store):
    for new in (
        ranking(protected={"ben": {"gender": "m"}}),
        labelled(reviews=(ReviewWanted("dora", "sampled"),)),
    ):
        store.record(new)
    forget(store, "anna", why="asked")
    return store


def test_a_backup_restores_into_either_kind_of_database(filled, tmp_path, postgres_url):
    secret = create_key(filled, "admin", name="me").secret
    counts = backup(filled, tmp_path / "log.gz")
    for name, url in (("sqlite", f"sqlite:///{tmp_path / 'again.db'}"), ("postgresql", postgres_url)):
        with open_store(url) as again:
            if again.head() is not None:
                continue  # the one that was backed up
            assert again.engine.dialect.name == name
            assert restore(again, tmp_path / "log.gz") == counts
            assert verify(again, anchor=filled.head().hash).ok
            assert again.decisions() == filled.decisions()
            assert queue(again) == queue(filled)
            assert find_key(again, secret) == find_key(filled, secret)
            assert again.record(labelled()).number == filled.head().number + 1


def test_a_backup_goes_into_an_empty_log_only(filled, tmp_path):
    backup(filled, tmp_path / "log.gz")
    before = filled.head()
    with pytest.raises(DataError, match="into an empty one"):
        restore(filled, tmp_path / "log.gz")
    assert filled.head() == before


def test_a_file_that_is_no_whole_backup_leaves_the_log_empty(filled, tmp_path):
    backup(filled, tmp_path / "log.gz")
    whole = gzip.decompress((tmp_path / "log.gz").read_bytes())
    lines = whole.splitlines(keepends=True)
    packed = (tmp_path / "log.gz").read_bytes()
    broken = {
        "cut": packed[: len(packed) // 2],
        "short": gzip.compress(b"".join(line for line in lines if b'"decisions"' not in line)),
        "other": gzip.compress(b'{"format": "else"}\n'),
        "newer": gzip.compress(json.dumps({**json.loads(lines[0]), "tables": "9"}).encode() + b"\n"),
        "noise": b"noise",
    }
    with open_store(f"sqlite:///{tmp_path / 'again.db'}") as again:
        for name, content in broken.items():
            (tmp_path / name).write_bytes(content)
            with pytest.raises(SourceError):
                restore(again, tmp_path / name)
        with pytest.raises(SourceError):
            restore(again, tmp_path / "nowhere")
        assert again.head() is None
        assert again.record(labelled()).number == 1
        assert verify(again).ok
