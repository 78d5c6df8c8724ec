"""What the log writes to disk, its owner alone may read; what was there before stays as it was."""

import os
import stat

import pytest

from ranker.app.decisions import open_store
from ranker.app.decisions.backup import backup, restore
from tests.service.log_case import ranking

pytestmark = pytest.mark.skipif(os.name != "posix", reason="rights of files are POSIX's")


@pytest.fixture(autouse=True)
def open_umask():
    before = os.umask(0o000)
    yield
    os.umask(before)


def rights(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_log_and_all_beside_it_are_its_owners(tmp_path):
    with open_store(f"sqlite:///{tmp_path / 'log.db'}") as store:
        store.record(ranking())
        found = {path.name: rights(path) for path in tmp_path.iterdir()}
    assert found == {name: 0o600 for name in ("log.db", "log.db-wal", "log.db-shm", "log.db-queue")}


def test_a_log_that_was_there_keeps_its_rights(tmp_path):
    path = tmp_path / "log.db"
    open_store(f"sqlite:///{path}").close()
    path.chmod(0o640)
    with open_store(f"sqlite:///{path}") as store:
        store.record(ranking())
        assert rights(path) == rights(tmp_path / "log.db-wal") == 0o640


def test_a_new_backup_is_its_owners_and_one_that_is_replaced_keeps_its_rights(tmp_path):
    with open_store(f"sqlite:///{tmp_path / 'log.db'}") as store:
        store.record(ranking())
        assert backup(store, tmp_path / "log.gz")["decisions"] == 1
        assert rights(tmp_path / "log.gz") == 0o600
        (tmp_path / "log.gz").chmod(0o640)
        backup(store, tmp_path / "log.gz")
    assert rights(tmp_path / "log.gz") == 0o640
    with open_store(f"sqlite:///{tmp_path / 'restored.db'}") as other:
        assert restore(other, tmp_path / "log.gz")["decisions"] == 1
    assert rights(tmp_path / "restored.db") == 0o600
