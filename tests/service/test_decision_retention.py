"""Deleting one person's data, or old data: nothing of it is left, everybody else's is, and the chain stands."""

import pytest
from sqlalchemy import text

from ranker.app.decisions import (
    ReviewWanted,
    create_key,
    decide_review,
    expire,
    file_objection,
    find_key,
    forget,
    open_store,
    override,
    queue,
    report_outcome,
    verify,
)  # fmt: skip
from ranker.app.decisions.documents import Document
from ranker.app.decisions.tables import documents, metadata
from ranker.errors import DataError
from tests.service.log_case import labelled, ranking


@pytest.fixture
def store(store_url):
    moments = iter(f"2026-{month:02}-01T00:00:00.000000Z" for month in range(1, 100))
    with open_store(store_url, clock=lambda: next(moments)) as opened:
        yield opened


def everything(store):
    """All text in the database, documents unpacked."""
    told = []
    with store.read() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(text(f"SELECT * FROM {table.name}")).mappings():
                if table in documents.values():
                    document = Document.from_bytes(bytes(row["body"]))
                    told.append("\n".join(piece.line() for piece in document.pieces))
                else:
                    told.append(str(dict(row)))
    return "\n".join(told)


def test_nothing_of_a_person_is_left_anywhere_and_the_others_stay(store):
    ranked = store.record(
        ranking(
            protected={"ben": {"gender": "m"}, "anna": {"gender": "f"}},
            reviews=(ReviewWanted("ben", "sampled"),),
        )
    )
    store.record(labelled("ben"))
    override(store, ranked.id, person="ben", rank_after=1, reason="ben was good", caller="k1")
    report_outcome(store, person="ben", outcome="hired", caller="k1")
    file_objection(store, ranked.id, person="ben", text="I am ben", caller="k3")
    secret = create_key(store, "applicant", name="ben's", person="ben").secret
    store.record(ranking(("ben", "anna"), keep_input=False))
    assert "ben" in everything(store)
    done = forget(store, "ben", why="at their own request")
    assert "ben" not in everything(store)
    assert (done.decisions, done.protected, done.reviews, done.keys) == (7, 1, 2, 1)
    assert (done.overrides, done.outcomes, done.objections) == (1, 1, 1)
    assert store.decisions(person="ben") == ()
    assert find_key(store, secret) is None
    assert store.protected(ranked.id) == {"anna": {"gender": "f"}}
    left = store.decision(ranked.id)
    assert left.answer["ranking"][0]["candidate"] == "anna"
    assert left.people == ("anna", "cleo")
    found = verify(store)
    assert found.ok, found.faults


def test_that_something_was_deleted_is_in_the_chain_and_not_whose_it_was(store):
    store.record(labelled("ben"))
    forget(store, "ben", why="at their own request", caller="k9")
    [entry] = store.decisions(kind="forget")
    assert (entry.caller, entry.input) == ("k9", {"why": "at their own request"})
    assert entry.answer["decisions"] == [1]
    assert entry.people == ()


@pytest.mark.parametrize(
    "people", [("anna", "anna (2)"), ("id", "ben"), ("people", "ben"), ("candidate", "ben")]
)
def test_whatever_somebody_is_called_the_others_stay_listed_and_the_chain_verifies(store, people):
    # What is asked and told of these people holds names and keys that say "anna", "id" and so on.
    store.record(ranking(people))
    forget(store, people[0], why="asked for")
    found = verify(store)
    assert found.ok, found.faults
    assert [one.id for one in store.decisions(person=people[1])] == [store.decisions()[0].id]
    assert store.decisions(person=people[0]) == ()


def test_one_whose_id_begins_with_the_persons_keeps_everything(store):
    store.record(ranking(("anna", "anna (2)", "ben")))
    forget(store, "anna", why="asked for")
    left = store.decisions()[0]
    assert [one.get("id") for one in left.input["candidates"]] == [None, "anna (2)", "ben"]
    assert left.answer["explanations"].keys() == {"anna (2)", "ben"}


def test_forgetting_nobody_is_no_entry(store):
    store.record(labelled("ben"))
    assert forget(store, "nobody", why="asked").decisions == 0
    assert store.head().number == 1


@pytest.mark.parametrize("why", ["", "  ", "ben asked for it"])
def test_the_reason_is_there_and_names_nobody(store, why):
    store.record(labelled("ben"))
    with pytest.raises(DataError):
        forget(store, "ben", why=why)
    assert store.decisions(person="ben")


def test_what_is_older_than_a_day_goes_and_what_is_younger_stays(store):
    old = store.record(ranking(protected={"ben": {"gender": "m"}}, reviews=(ReviewWanted("ben", "sampled"),)))
    young = store.record(labelled("dora"))
    done = expire(store, "2026-02-01T00:00:00Z")
    assert (done.decisions, done.inputs, done.answers, done.protected, done.reviews) == (1, 1, 1, 1, 1)
    assert (store.decision(old.id).answer, store.decision(old.id).people) == (None, ())
    assert store.decision(young.id).complete
    assert "ben" not in everything(store)
    assert verify(store).ok
    assert expire(store, "2026-02-01T00:00:00Z").decisions == 0
    assert store.head().number == 3


def test_a_review_decided_since_outlives_the_decision_that_it_was_about(store):
    store.record(labelled("dora", reviews=(ReviewWanted("dora", "uncertain"),)))
    decide_review(store, queue(store)[0].id, "k4", "Fit", "saw the portfolio")
    expire(store, "2026-02-01T00:00:00+00:00")
    assert queue(store, "decided")[0].label == "Fit"
    assert verify(store).ok
    forget(store, "dora", why="asked")
    assert queue(store, None) == ()
    assert verify(store).ok


def test_deletions_of_both_kinds_together_leave_a_chain_that_verifies(store):
    for who in ("ben", "dora", "emil"):
        store.record(labelled(who))
    forget(store, "dora", why="asked")
    expire(store, "2026-03-01T00:00:00Z")
    store.record(ranking())
    forget(store, "ben", why="asked")
    found = verify(store)
    assert found.ok, found.faults


@pytest.mark.parametrize("when", ["yesterday", "2026-11-21T00:00:00"])
def test_a_time_that_is_none_or_has_no_zone_deletes_nothing(store, when):
    store.record(labelled())
    with pytest.raises(DataError, match="write it as 2026-11-21T00:00:00Z"):
        expire(store, when)
    assert store.decision(store.head().id).complete


def test_what_was_deleted_stands_in_no_file_of_sqlite_any_more(tmp_path):
    name = "somebody-who-asks-for-it"
    with open_store(f"sqlite:///{tmp_path / 'log.db'}") as store:
        for _ in range(20):
            store.record(ranking((name, "anna")))

        def found():
            return sum(name.encode() in file.read_bytes() for file in tmp_path.iterdir())

        assert found()
        forget(store, name, why="asked for")
        assert not found()
        with store.read() as connection:
            assert connection.execute(text("PRAGMA secure_delete")).scalar() == 1
