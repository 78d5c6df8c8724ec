"""A changed row, a removed row, a cut-off end, a swapped model: each is found and told."""

import json

import pytest
from sqlalchemy import text

from ranker.app.decisions import (
    ReviewWanted,
    add_to_queue,
    create_key,
    decide_review,
    expire,
    file_objection,
    forget,
    open_store,
    override,
    queue,
    register_model,
    report_outcome,
    revoke_key,
    verify,
)  # fmt: skip
from ranker.app.decisions.documents import Document
from ranker.app.model_directory import write_directory
from ranker.errors import ModelError
from tests.service.log_case import labelled, ranking


@pytest.fixture
def store(store_url):
    with open_store(store_url) as opened:
        for new in (ranking(), labelled(), ranking(protected={"anna": {"gender": "f"}}), labelled("emil")):
            opened.record(new)
        yield opened


def tamper(store, *statements, **values):
    """Change the database as somebody would who may do anything in it."""
    with store.write() as book:
        if store.engine.dialect.name == "sqlite":
            for trigger in ("decisions_no_update", "decisions_no_delete"):
                book.connection.execute(text(f"DROP TRIGGER IF EXISTS {trigger}"))
        else:
            book.connection.execute(text("SET session_replication_role = replica"))
        for statement in statements:
            assert book.connection.execute(text(statement), values).rowcount > 0
        if store.engine.dialect.name == "postgresql":
            book.connection.execute(text("SET session_replication_role = DEFAULT"))


def without_keys(store):
    """Let rows go that others refer to, as SQLite does by default."""
    if store.engine.dialect.name == "sqlite":
        store.engine.dispose()
        from sqlalchemy import event

        event.listen(store.engine, "connect", lambda one, _: one.execute("PRAGMA foreign_keys=OFF").close())


def told(store, **arguments):
    found = verify(store, **arguments)
    assert not found.ok
    return {(fault.number, fault.what) for fault in found.faults}


def test_an_untouched_log_verifies(store):
    found = verify(store, anchor=store.head().hash)
    assert (found.ok, found.n, found.head, found.faults) == (True, 4, store.head().hash, ())


@pytest.mark.parametrize(
    "change", ["kind = 'explain'", "caller = 'x'", "model = 'x'", "time = '2020'", "input_kept = false",
               "protected_hash = 'x'", "id = 'x'", "request_id = 'x'", "role = 'admin'"],
)  # fmt: skip
def test_a_changed_row_is_found_where_it_is(store, change):
    tamper(store, f"UPDATE decisions SET {change} WHERE number = 2")
    found = verify(store)
    assert "its row was changed" in next(fault.what for fault in found.faults if fault.number == 2)
    assert {fault.number for fault in found.faults} == {2}


def test_a_row_that_was_changed_with_its_hash_no_longer_fits_the_next(store):
    tamper(store, "UPDATE decisions SET hash = :hash WHERE number = 2", hash="0" * 64)
    assert {number for number, _ in told(store)} == {2, 3}


def test_a_row_removed_in_the_middle_is_found(store):
    without_keys(store)
    tamper(store, "DELETE FROM decisions WHERE number IN (2, 3)")
    assert (4, "decisions 2 to 3 were removed") in told(store)


def test_a_row_removed_at_the_end_is_found_by_the_head(store):
    without_keys(store)
    tamper(store, "DELETE FROM decisions WHERE number = 4")
    assert (4, "decision 4 was removed") in told(store)


def test_an_end_cut_off_together_with_the_head_is_found_by_a_hash_kept_elsewhere(store):
    anchor = store.head().hash
    without_keys(store)
    tables = ("inputs", "answers", "lists", "protected", "people")
    with store.write() as book:
        for table in tables:
            book.connection.execute(text(f"DELETE FROM {table} WHERE number = 4"))
    tamper(
        store,
        "DELETE FROM decisions WHERE number = 4",
        "UPDATE head SET number = 3, hash = (SELECT hash FROM decisions WHERE number = 3)",
    )
    assert verify(store).ok  # by itself the chain cannot know
    [(number, what)] = told(store, anchor=anchor)
    assert number == 4
    assert "removed at the end, or the chain was written anew" in what


def test_an_older_head_is_an_anchor_too(store):
    anchor = store.head().hash
    store.record(labelled())
    assert verify(store, anchor=anchor).ok


def test_entries_in_another_order_are_found(store):
    without_keys(store)
    tamper(
        store,
        "UPDATE decisions SET number = 9 WHERE number = 2",
        "UPDATE decisions SET number = 2 WHERE number = 3",
        "UPDATE decisions SET number = 3 WHERE number = 9",
    )
    assert {2, 3} <= {number for number, _ in told(store)}


@pytest.mark.parametrize(("table", "what"), [("inputs", "input"), ("answers", "answer"), ("protected", "protected"),
                                             ("lists", "list of people")])  # fmt: skip
def test_a_changed_and_a_removed_document_are_found(store, table, what):
    other = Document.of({"people": []}).to_bytes()
    tamper(store, f"UPDATE {table} SET body = :body WHERE number = 3", body=other)
    assert any(number == 3 and f"its {what} was changed" in said for number, said in told(store))
    tamper(store, f"UPDATE {table} SET body = :body WHERE number = 3", body=b"rubbish")
    assert (3, f"its {what} cannot be read: it was changed") in told(store)
    tamper(store, f"DELETE FROM {table} WHERE number = 3")
    assert (3, f"its {what} was removed, and no entry says that it was deleted") in told(store)


@pytest.mark.parametrize("table", ["inputs", "answers", "lists"])
@pytest.mark.parametrize("kind", ["rank", "objection", "queue", "override", "key", "model", "forget"])
def test_another_entrys_document_is_told_and_keeps_no_fault_from_being_found(store, tmp_path, kind, table):
    create_key(store, "recruiter", name="desk")
    register_model(store, "f" * 64, directory(tmp_path / "model", [1]))
    first = store.decisions()[0].id
    override(store, first, person="ben", rank_after=1, reason="an interview", caller="k1")
    file_objection(store, first, person="ben", text="I have nine years", caller="k3")
    add_to_queue(store, first, "sampled", "ben", caller="k1")
    forget(store, "emil", why="asked for")
    of = {one.kind: one.number for one in store.decisions()}[kind]
    others = [
        body for other in ("inputs", "answers", "lists") if other != table for body in bodies_in(store, other)
    ]
    for other in dict.fromkeys(others):
        tamper(store, f"UPDATE {table} SET body = :body WHERE number = :of", body=other, of=of)
        what = {"inputs": "input", "answers": "answer", "lists": "list of people"}[table]
        assert any(number == of and what in said for number, said in told(store))


def bodies_in(store, table):
    with store.read() as connection:
        return list(connection.execute(text(f"SELECT body FROM {table}")).scalars())


def test_a_piece_that_was_withdrawn_in_silence_is_found(store):
    with store.read() as connection:
        body = connection.execute(text("SELECT body FROM answers WHERE number = 1")).scalar()
    after = Document.from_bytes(body).without("ben")
    tamper(store, "UPDATE answers SET body = :body WHERE number = 1", body=after.to_bytes())
    assert told(store) == {(1, "a part of its answer was removed, and no entry says that it was deleted")}


@pytest.mark.parametrize("how", ["DELETE FROM people", "UPDATE people SET block = 7"])
def test_a_decision_hidden_from_a_person_is_found(store, how):
    tamper(store, f"{how} WHERE person = 'anna'")
    [(_, what)] = told(store)
    assert "table people" in what


def test_what_was_deleted_with_an_entry_that_says_so_is_no_fault(store):
    forget(store, "ben", why="asked for")
    expire(store, store.clock())
    store.record(ranking())
    assert verify(store).ok


def test_rows_beside_the_chain_say_what_their_entries_say(store):
    first = store.decisions()[0].id
    override(store, first, person="ben", rank_after=1, reason="an interview", caller="k1")
    report_outcome(store, person="ben", outcome="hired", caller="k1", decision_id=first)
    file_objection(store, first, person="ben", text="I have nine years", caller="k3")
    assert verify(store).ok
    tamper(
        store,
        "UPDATE overrides SET rank_after = 3",
        "UPDATE outcomes SET outcome = 'left'",
        "DELETE FROM objections",
    )
    assert told(store) == {
        (5, "its row in the table overrides was changed: rank_after is another"),
        (6, "its row in the table outcomes was changed: outcome is another"),
        (7, "its row in the table objections was removed"),
    }


def test_a_row_beside_the_chain_that_nobody_recorded_is_found(store):
    tamper(
        store,
        "INSERT INTO overrides (id, number, about, person, rank_before, rank_after) VALUES ('x', 2, 1, 'ben', 2, 1)",
    )
    assert told(store) == {(2, "a row of the table overrides names it, and it is no override")}


def directory(path, scores):
    write_directory(path, {"scorer.json": {"scores": scores}, "task.toml": "name = 'n'"}, {"task": "n"})
    return path


def test_a_swapped_model_file_is_found(store, tmp_path):
    served = directory(tmp_path / "model", [1, 2])
    register_model(store, "f" * 64, served)
    register_model(store, "f" * 64, served)
    assert verify(store).n == 5
    assert verify(store).ok
    file = served / "scorer.json"
    file.write_text(file.read_text(encoding="utf-8").replace("2", "3"), encoding="utf-8")
    [(number, what)] = told(store)
    assert number == 5
    assert "scorer.json" in what
    assert "task.toml" not in what
    directory(served, [1, 3])  # another model, with a manifest of its own that fits
    assert "manifest.json, scorer.json" in next(what for _, what in told(store, models={"f" * 64: served}))


def test_a_model_that_gave_way_to_another_is_noted(store, tmp_path):
    served = directory(tmp_path / "model", [1, 2])
    register_model(store, "f" * 64, served)
    register_model(store, "e" * 64, directory(served, [1, 3]))
    found = verify(store)
    assert found.ok
    assert "gave way" in found.notes[0]
    (served / "scorer.json").unlink()
    assert not verify(store).ok
    (served / "task.toml").unlink(), (served / "manifest.json").unlink(), served.rmdir()
    assert verify(store).ok
    assert all("no longer at" in note for note in verify(store).notes)


def test_a_changed_row_of_a_model_is_found(store, tmp_path):
    register_model(store, "f" * 64, directory(tmp_path / "model", [1]))
    tamper(store, "UPDATE models SET files = :files", files=json.dumps({"scorer.json": "0" * 64}))
    assert (5, "its row in the table models was changed") in told(store)


@pytest.mark.parametrize(
    ("change", "what"), [("DELETE FROM models", "removed"), ("UPDATE models SET files = 'x'", "changed")]
)
def test_a_model_that_no_file_would_be_held_against_is_found(store, tmp_path, change, what):
    register_model(store, "f" * 64, directory(tmp_path / "model", [1]))
    tamper(store, change)
    assert (5, f"its row in the table models was {what}") in told(store)


def test_what_is_no_model_cannot_be_registered(store, tmp_path):
    with pytest.raises(ModelError, match="cannot be read as a model directory"):
        register_model(store, "f" * 64, tmp_path)


def test_a_decision_that_was_moved_to_another_person_in_the_index_is_found(store):
    tamper(store, "UPDATE people SET person = 'anne' WHERE person = 'anna' AND number = 1")
    [(_, what)] = told(store)
    assert "names others than the decisions do" in what


def test_a_row_beside_the_chain_that_is_about_another_person_or_decision_is_found(store):
    override(store, store.decisions()[0].id, person="ben", rank_after=1, reason="an interview", caller="k1")
    tamper(store, "UPDATE overrides SET person = 'anna', about = 3")
    assert told(store) == {
        (5, "its row in the table overrides was changed: about is another"),
        (5, "its row in the table overrides was changed: person is another"),
    }


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("role = 'admin'", "role is another"),
        ("person = 'ben'", "person is another"),
        ("hash = 'x'", "hash is another"),
        ("revoked = '2026-01-01T00:00:00.000000Z'", "revoked is another"),
    ],
)
def test_a_changed_key_is_found(store, change, what):
    made = create_key(store, "applicant", name="portal", person="anna").key
    assert verify(store).ok
    tamper(store, f"UPDATE api_keys SET {change}")
    assert told(store) == {(5, f"key {made.id}: its row in the table api_keys was changed: {what}")}


def test_a_key_that_opens_again_was_removed_or_that_nobody_made_is_found(store):
    first, second = (create_key(store, "recruiter", name=name).key for name in ("desk", "door"))
    revoke_key(store, first.id)
    assert verify(store).ok
    tamper(
        store,
        "UPDATE api_keys SET revoked = NULL",
        "DELETE FROM api_keys WHERE id = :second",
        "INSERT INTO api_keys (id, hash, role, name, created) VALUES ('0a', 'x', 'admin', 'x', '2026')",
        second=second.id,
    )
    assert told(store) == {
        (5, f"key {first.id}: its row in the table api_keys was changed: revoked is another"),
        (6, f"key {second.id}: its row in the table api_keys was removed"),
        (0, "keys 0a: more are in the table api_keys than the log says were made"),
    }


def test_keys_of_which_the_entries_were_deleted_are_no_fault(store):
    create_key(store, "applicant", name="portal", person="anna")
    revoke_key(store, create_key(store, "recruiter", name="desk").key.id)
    forget(store, "anna", why="asked for")
    assert verify(store).ok
    expire(store, store.clock())
    create_key(store, "auditor", name="new")
    assert verify(store).ok


WANTED = (
    ReviewWanted("anna", "borderline"),
    ReviewWanted("anna", "sampled"),
    ReviewWanted("ben", "borderline"),
)


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM reviews",
        "UPDATE reviews SET person = 'cleo'",
        "UPDATE reviews SET reason = 'uncertain'",
        "UPDATE reviews SET about = 2",
    ],
)
def test_a_case_that_a_decision_brought_is_missed_in_the_queue(store, change):
    store.record(ranking(reviews=WANTED))
    assert verify(store).ok
    tamper(store, f"{change} WHERE person = 'anna' AND reason = 'borderline'")
    gone = "a case that it brought (borderline) was removed from the table reviews, or changed there"
    assert told(store) == {(5, gone)}


@pytest.mark.parametrize("person", ["anna", "dora"])
def test_a_decided_case_is_still_a_case(store, person):
    brought = (ReviewWanted(person, "sampled"),)
    store.record(ranking(reviews=brought) if person == "anna" else labelled(reviews=brought))
    decide_review(store, queue(store)[0].id, "k9", label="Fit", reason="as it says")
    assert verify(store).ok
    tamper(store, "UPDATE reviews SET status = 'open'")
    assert {number for number, _ in told(store)} == {5}


def test_a_case_that_is_closed_without_a_word_is_found(store):
    store.record(labelled(reviews=(ReviewWanted("dora", "uncertain"),)))
    tamper(store, "UPDATE reviews SET status = 'decided'")
    said = "a row of the table reviews says that its case is decided, and no entry says so"
    assert told(store) == {(5, said)}


def test_a_case_that_waits_and_says_what_was_decided_is_found(store):
    store.record(labelled(reviews=(ReviewWanted("dora", "uncertain"),)))
    tamper(store, "UPDATE reviews SET label = 'Fit', why = 'x'")
    said = "a row of the table reviews says what was decided of a case that waits: it was changed"
    assert told(store) == {(5, said)}


@pytest.mark.parametrize("correction", [None, {"candidate": {"years": 9}}])
def test_a_case_that_an_objection_brought_is_missed_in_the_queue(store, correction):
    first = store.decisions()[0].id
    file_objection(store, first, person="ben", text="I have nine years", caller="k3", correction=correction)
    assert verify(store).ok
    tamper(store, "UPDATE reviews SET reason = 'sampled'")
    assert told(store) == {(5, "the case that it brought was changed in the table reviews")}
    tamper(store, "DELETE FROM reviews")
    assert told(store) == {(5, "the case that it brought was removed from the table reviews")}


def test_a_case_that_somebody_asked_for_is_missed_in_the_queue(store):
    for _ in range(2):  # the second waits already
        add_to_queue(store, store.decisions()[0].id, "sampled", "anna")
    assert verify(store).n == 5
    assert verify(store).ok
    tamper(store, "DELETE FROM reviews")
    assert told(store) == {(5, "the case that it brought was removed from the table reviews")}


def test_cases_that_were_deleted_with_their_people_or_by_age_are_not_missed(store):
    store.record(ranking(reviews=WANTED))
    add_to_queue(store, store.decisions()[1].id, "uncertain", "dora")
    forget(store, "anna", why="asked for")
    assert verify(store).ok
    assert [one.person for one in queue(store)] == ["ben", "dora"]
    cut = store.clock()
    file_objection(store, store.decisions()[4].id, person="ben", text="I have nine years", caller="k3")
    expire(store, cut)
    assert queue(store) == ()  # what waited was about a decision that has no data any more
    assert verify(store).ok


def test_a_log_from_before_lists_named_their_cases_verifies(store, monkeypatch):
    monkeypatch.setattr(
        "ranker.app.decisions.sealed._listed", lambda people, _: [{"id": who} for who in people]
    )
    store.record(ranking(reviews=WANTED))
    monkeypatch.undo()
    store.record(ranking(reviews=WANTED))
    assert verify(store).ok
    tamper(store, "DELETE FROM reviews WHERE about = 5")
    assert verify(store).ok  # nothing in the chain says what is gone
