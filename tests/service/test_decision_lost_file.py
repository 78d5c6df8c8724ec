"""A log in SQLite whose file is taken away or replaced while it is in use."""

import shutil

import pytest
from log_case import ranking as new

from ranker.app.decisions import StoreUnavailable, open_store, verify


@pytest.fixture(name="path")
def path_fixture(tmp_path, sqlite_template):
    shutil.copy(sqlite_template, tmp_path / "log.db")
    return tmp_path / "log.db"


def test_a_file_that_was_deleted_takes_no_decision_and_comes_into_being_by_nobody(path):
    with open_store(f"sqlite:///{path}") as store:
        store.record(new())
        for file in path.parent.glob("log.db*"):
            file.unlink()
        for _ in range(2):
            with pytest.raises(StoreUnavailable, match="moved or deleted"):
                store.record(new())
            with pytest.raises(StoreUnavailable, match="moved or deleted"):
                store.head()
        assert not path.exists()


def test_a_file_that_was_moved_away_and_back_is_written_to_again(path):
    with open_store(f"sqlite:///{path}") as store:
        store.record(new())
        path.rename(path.with_suffix(".moved"))
        with pytest.raises(StoreUnavailable, match="moved or deleted"):
            store.record(new())
        path.with_suffix(".moved").rename(path)
        assert store.record(new()).number == 2
        assert verify(store).ok


def test_after_a_file_was_replaced_decisions_go_to_the_one_that_is_there(path, sqlite_template):
    with open_store(f"sqlite:///{path}") as store:
        before = store.record(new())
        for file in path.parent.glob("log.db*"):
            file.unlink()
        shutil.copy(sqlite_template, path)
        after = store.record(new())
        assert (before.number, after.number) == (1, 1)
    with open_store(f"sqlite:///{path}") as store:
        assert store.head() == after
