"""A session that was signed out is over in every worker and after every start."""

import gzip
import json

import pytest
from api_case import running
from pages_case import Visitor
from sqlalchemy import func, select, text

from ranker.app.decisions import open_store, verify
from ranker.app.decisions.backup import backup, restore
from ranker.app.decisions.keys import create_key, revoke_key
from ranker.app.decisions.migrations import REVISION
from ranker.app.decisions.signed_out import end_session, key_in_session
from ranker.app.decisions.tables import metadata, signed_out
from ranker.app.pages.sessions import COOKIE, Sessions
from tests.service.log_case import ranking

SECRET = "s" * 32


@pytest.fixture
def store(store_url):
    with open_store(store_url) as opened:
        yield opened


def n_kept(store):
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(signed_out)).scalar()


def test_a_copy_of_a_cookie_opens_nothing_once_it_was_signed_out(tmp_path):
    url = f"sqlite:///{tmp_path / 'log.db'}"
    told = {"session_secret": SECRET, "database": url}
    with (
        running(tmp_path, store=open_store(url), **told) as here,
        running(tmp_path, store=open_store(url), **told) as there,
    ):
        other = Visitor(here, "recruiter").client.cookies[COOKIE]  # another session of the same key
        visitor = Visitor(here, "recruiter")
        cookie = visitor.client.cookies[COOKIE]
        assert [opens(service, cookie) for service in (here, there)] == [True, True]
        assert visitor.post("/sign-out", {}).status_code == 303
        assert [opens(service, cookie) for service in (here, there)] == [False, False]
        assert [opens(service, other) for service in (here, there)] == [True, True]
    with running(tmp_path, store=open_store(url), **told) as again:
        assert not opens(again, cookie)


def opens(service, cookie):
    visitor = Visitor(service)
    visitor.client.cookies.set(COOKIE, cookie, path="/pages")
    return visitor.get("/decisions").status_code == 200


def test_a_session_has_its_key_until_it_is_ended_or_the_key_revoked(store):
    first, second = (create_key(store, "recruiter", name=name).key for name in ("desk", "door"))
    assert key_in_session(store, first.id, "one") == first
    for _ in range(2):  # again does no harm
        end_session(store, "one", 100, now=10)
    assert key_in_session(store, first.id, "one") is None
    assert key_in_session(store, first.id, "another") == first
    revoke_key(store, second.id)
    assert key_in_session(store, second.id, "another") is None
    assert key_in_session(store, "0a", "another") is None


def test_sessions_that_would_have_ended_by_themselves_are_forgotten(store):
    end_session(store, "one", 100, now=10)
    end_session(store, "two", 200, now=99)
    assert n_kept(store) == 2
    end_session(store, "three", 300, now=100)
    assert n_kept(store) == 2


def test_a_cookie_that_is_none_of_ours_takes_no_room(store):
    now = [1_000.0]
    sessions = Sessions(SECRET.encode(), 60, clock=lambda: now[0])
    cookie = sessions.open("abc")
    for forged in ("", "x", "a.b.c.d", cookie[:-1] + "!", cookie.replace("abc", "abd")):
        sessions.end(store, forged)
    assert n_kept(store) == 0
    sessions.end(store, cookie)
    assert n_kept(store) == 1
    with store.read() as connection:  # the row opens nothing
        assert cookie not in str(connection.execute(select(signed_out)).all())


def test_ended_sessions_are_no_part_of_the_chain(store):
    store.record(ranking())
    end_session(store, "one", 100, now=10)
    assert verify(store).ok
    assert verify(store).n == 1


def test_a_log_of_the_first_version_gets_the_tables_and_keeps_its_chain(store, store_url):
    for _ in range(20):
        recorded = store.record(ranking())
    with store.write() as book:
        for statement in (
            "DROP TABLE signed_out",
            "ALTER TABLE people RENAME TO people_now",
            "CREATE TABLE people (person TEXT NOT NULL, number BIGINT NOT NULL, PRIMARY KEY (person, number))",
            "INSERT INTO people SELECT person, number FROM people_now",
            "DROP TABLE people_now",
            "UPDATE alembic_version SET version_num = '0001'",
        ):
            book.connection.execute(text(statement))
    with open_store(store_url) as opened:
        assert opened.head() == recorded
        assert verify(opened).ok
        assert len(opened.decisions(person="anna")) == 20
        end_session(opened, "one", 100, now=10)
        assert n_kept(opened) == 1


def without_block(line):
    table, row = json.loads(line)
    return json.dumps([table, {name: value for name, value in row.items() if name != "block"}]).encode()


def test_a_backup_of_the_first_version_can_still_be_restored(store, tmp_path):
    store.record(ranking())
    backup(store, tmp_path / "new.gz")
    first, *rows = gzip.decompress((tmp_path / "new.gz").read_bytes()).splitlines()
    told = json.loads(first)
    assert told["tables"] == REVISION
    old = [json.dumps({**told, "tables": "0001"}).encode(), *map(without_block, rows)]
    (tmp_path / "old.gz").write_bytes(gzip.compress(b"\n".join(old) + b"\n"))
    with open_store(f"sqlite:///{tmp_path / 'restored.db'}") as other:
        counts = restore(other, tmp_path / "old.gz")
        assert counts.keys() == metadata.tables.keys()
        assert verify(other).ok
