"""The log: what is recorded is there, in one chain, whoever writes; what cannot be written is not half there."""

import hashlib
import json
import subprocess
import sys
import threading
from collections import Counter

import pytest
from sqlalchemy import event, text

from ranker.app.decisions import ReviewWanted, StoreUnavailable, open_store, queue, verify
from ranker.app.decisions.migrations import REVISION
from ranker.app.decisions.tables import metadata
from ranker.errors import DataError, UsageError
from tests.service.log_case import POOL, labelled, ranking


@pytest.fixture
def store(store_url):
    with open_store(store_url) as opened:
        yield opened


def test_a_decision_reads_back_as_it_was_recorded(store):
    new = ranking()
    recorded = store.record(new)
    found = store.decision(recorded.id)
    assert (found.input, found.answer, found.people) == (new.input, new.answer, POOL)
    assert (found.kind, found.caller, found.role, found.model) == ("rank", "k1", "recruiter", new.model)
    assert (found.number, found.hash, found.time) == (1, recorded.hash, recorded.time)
    assert found.complete
    assert store.decision("no such id") is None


def test_the_chain_is_the_one_that_its_description_says(store):
    """Recomputed from the words of the module's docstring, with nothing of its code."""
    previous = store.genesis()
    for new in (ranking(), labelled()):
        store.record(new)
    with store.read() as connection:
        rows = connection.execute(text("SELECT * FROM decisions ORDER BY number")).mappings().all()
    for row in rows:
        told = [
            "candor-decision/1", row["number"], row["id"], row["time"], row["kind"], row["caller"], row["role"],
            row["model"], row["request_id"], bool(row["input_kept"]), row["input_hash"], row["answer_hash"],
            row["people_hash"], row["protected_hash"],
        ]  # fmt: skip
        written = json.dumps(told, sort_keys=True, separators=(",", ":"))
        assert row["previous"] == previous
        assert row["hash"] == hashlib.sha256(f"{previous}\n{written}".encode()).hexdigest()
        previous = row["hash"]
    assert store.head().hash == previous


def test_ids_sort_as_the_decisions_came(store):
    ids = [store.record(labelled(time)).id for time in "abc"]
    assert [one.split("-")[2][0] for one in ids] == ["7"] * 3
    assert [one[:13] for one in ids] == sorted(one[:13] for one in ids)


def test_many_threads_extend_one_chain_and_each_gets_its_own_number(store):
    got, n = [], 12

    def answer(who):
        got.extend((who, store.record(labelled(f"{who}-{k}")).number) for k in range(n))

    threads = [threading.Thread(target=answer, args=(who,)) for who in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(number for _, number in got) == list(range(1, 8 * n + 1))
    assert Counter(who for who, _ in got) == dict.fromkeys(range(8), n)
    assert verify(store).ok
    for k in range(n):
        [found] = store.decisions(person=f"3-{k}")
        assert (3, found.number) in got


def test_several_processes_extend_one_chain(store, store_url):
    code = (
        "import sys; from ranker.app.decisions import open_store; from tests.service.log_case import labelled\n"
        "with open_store(sys.argv[1]) as store:\n"
        "    print([store.record(labelled(sys.argv[2])).number for _ in range(15)])"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, store_url, who], stdout=subprocess.PIPE, text=True)
        for who in ("anna", "ben")
    ]
    numbers = [json.loads(process.communicate(timeout=60)[0]) for process in running]
    assert sorted(numbers[0] + numbers[1]) == list(range(1, 31))
    assert verify(store).n == 30
    assert verify(store).ok


def test_decisions_are_listed_in_order_by_kind_and_by_person(store):
    for new in (ranking(), labelled("anna"), labelled("dora"), ranking(("dora",))):
        store.record(new)
    assert [one.number for one in store.decisions()] == [1, 2, 3, 4]
    assert [one.number for one in store.decisions(kind="rank")] == [1, 4]
    assert [one.number for one in store.decisions(person="dora")] == [3, 4]
    assert [one.number for one in store.decisions(after=1, limit=2)] == [2, 3]
    assert store.decisions(person="nobody") == ()


def test_protected_fields_stand_apart(store):
    fields = {"anna": {"gender": "f"}, "ben": {"gender": "m"}}
    recorded = store.record(ranking(protected=fields))
    assert store.protected(recorded.id) == fields
    assert "gender" not in repr(store.decision(recorded.id))
    assert store.protected(store.record(ranking()).id) == {}


def test_an_input_that_is_not_kept_is_recognised_and_not_shown(store):
    new = ranking(keep_input=False)
    recorded = store.record(new)
    found = store.decision(recorded.id)
    assert (found.input, found.input_kept, found.complete) == (None, False, False)
    assert found.answer == new.answer
    assert store.holds_input(recorded.id, new.input)
    assert not store.holds_input(recorded.id, {**new.input, "job": {"id": "baker"}})
    assert store.holds_input(store.record(ranking()).id, new.input)


def test_what_wants_a_review_enters_the_queue_with_the_decision(store):
    recorded = store.record(labelled(reviews=(ReviewWanted("dora", "uncertain"),)))
    [case] = queue(store)
    assert (case.decision, case.person, case.reason) == (recorded.id, "dora", "uncertain")


@pytest.mark.parametrize("odd", ["a\x00b", "\ud800", "é" * 3_000, "'; DROP TABLE decisions; --", "", "☃"])
def test_any_text_may_be_an_id(store, odd):
    recorded = store.record(labelled(odd, caller=odd, request_id=odd))
    assert [one.id for one in store.decisions(person=odd)] == [recorded.id]
    assert store.decision(recorded.id).people == (odd,)
    assert store.decision(recorded.id).caller == odd
    assert store.decision(odd) is None
    assert verify(store).ok


def test_what_is_not_json_is_refused_and_the_chain_goes_on(store):
    with pytest.raises(DataError, match="not JSON"):
        store.record(labelled(answer={"score": float("nan")}))
    assert store.record(labelled()).number == 1


def test_a_failure_inside_a_transaction_leaves_nothing(store):
    def fail(conn, cursor, statement, *_):
        if statement.startswith("UPDATE head"):
            cursor.execute("SELECT * FROM no_such_table")

    event.listen(store.engine, "before_cursor_execute", fail)
    with pytest.raises(StoreUnavailable, match="nothing was written"):
        store.record(ranking(reviews=(ReviewWanted("anna", "sampled"),)))
    event.remove(store.engine, "before_cursor_execute", fail)
    with store.read() as connection:
        for table in metadata.sorted_tables:
            n = connection.execute(text(f"SELECT count(*) FROM {table.name}")).scalar()
            assert n == (table.name == "head"), table.name
    assert store.record(ranking()).number == 1
    assert verify(store).ok


def test_decisions_are_never_changed_or_removed_by_mistake(store):
    store.record(ranking())
    for act in ("UPDATE decisions SET kind = 'x'", "DELETE FROM decisions"):
        with pytest.raises(StoreUnavailable, match="added and never changed"), store.write() as book:
            book.connection.execute(text(act))
    assert verify(store).n == 1


def test_a_full_disk_is_told_and_nothing_is_half_written(tmp_path):
    with open_store(f"sqlite:///{tmp_path / 'log.db'}") as store:
        before = store.record(ranking()).number
        full = threading.Event()

        @event.listens_for(store.engine, "begin")
        def small(connection):
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages if full.is_set() else 1_000_000}")

        full.set()
        big = ranking(input={"noise": [hashlib.sha256(bytes([n])).hexdigest() for n in range(250)] * 30})
        with pytest.raises(StoreUnavailable, match="disk is full"):
            store.record(big)
        full.clear()
        assert store.record(big).number == before + 1
        assert verify(store).ok


def test_a_log_that_stays_locked_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("ranker.app.decisions.engine.WAIT", 50)
    url = f"sqlite:///{tmp_path / 'log.db'}"
    with open_store(url) as store, open_store(url) as other:
        other._queue.close()  # as a program would write that is not ours
        store._queue.close()
        with other.write(), pytest.raises(StoreUnavailable, match="locked"):
            store.record(ranking())
        assert store.record(ranking()).number == 1


def test_a_lost_database_is_told_and_found_again(postgres_url):
    with open_store(postgres_url) as store:
        store.record(ranking())
        with store.engine.connect() as killer:
            killer.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                     "WHERE datname = current_database() AND pid <> pg_backend_pid()")
            )  # fmt: skip
        assert store.record(ranking()).number == 2


def test_a_database_that_is_not_there_is_told_without_its_password(tmp_path):
    with pytest.raises(StoreUnavailable) as caught:
        open_store("postgresql://candor:geheim@127.0.0.1:1/log")
    assert "geheim" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)
    with pytest.raises(StoreUnavailable, match="unable to open"):
        open_store(f"sqlite:///{tmp_path / 'no' / 'log.db'}")


@pytest.mark.parametrize("url", ["mysql://x/y", "log.db", "sqlite://", "sqlite:///:memory:"])
def test_a_url_that_is_none_of_ours_is_a_mistake_of_the_caller(url):
    with pytest.raises(UsageError, match="sqlite"):
        open_store(url)


def test_the_tables_are_those_that_the_migrations_make(store):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == REVISION


def test_a_log_of_a_newer_version_is_left_alone(store, store_url):
    with store.write() as book:
        book.connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UsageError, match="use the newer one"):
        open_store(store_url)


def test_sqlite_writes_to_the_disk_before_it_says_so(tmp_path):
    with open_store(f"sqlite:///{tmp_path / 'log.db'}") as store, store.read() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL


def test_a_killed_process_loses_no_decision_that_it_was_told_of(store, store_url):
    code = (
        "import sys; from ranker.app.decisions import open_store; from tests.service.log_case import ranking\n"
        "store = open_store(sys.argv[1])\n"
        "while True: print(store.record(ranking()).id, flush=True)"
    )
    running = subprocess.Popen([sys.executable, "-c", code, store_url], stdout=subprocess.PIPE, text=True)
    told = [running.stdout.readline().strip() for _ in range(20)]
    running.kill()
    told += [line.strip() for line in running.stdout if line.endswith("\n")]
    running.stdout.close()
    running.wait()
    assert all(store.decision(id) is not None for id in told)
    found = verify(store)
    assert found.ok
    assert found.n - len(told) in (0, 1)  # one may have been on disk and not yet told
