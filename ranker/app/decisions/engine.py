"""Connections to SQLite and PostgreSQL that write what they were told to disk before they say so."""

import os
import sqlite3
import threading
from contextlib import suppress
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError, NoSuchModuleError

from ranker.errors import UsageError

__all__ = ["OWNER_ALONE", "WAIT", "WRITE", "engine_for", "place_of"]

WRITE: Final = "candor_write"  # the execution option of connections that will write
WAIT: Final = 5_000  # ms for a lock
POOL: Final = 16
OWNER_ALONE: Final = 0o600  # rights of files that hold people's data
FILE: Final = "file"  # which one a connection to SQLite was opened on


def place_of(engine: Engine) -> str:
    """Say which database it is, without its password."""
    return engine.url.render_as_string(hide_password=True)


def engine_for(url: str) -> Engine:
    """Make an engine.

    Parameters
    ----------
    url : str
        ``sqlite:///file.db``, ``postgresql://...``, or one with a driver, such as ``postgresql+pg8000://...``.

    Raises
    ------
    UsageError
        If it is no such URL, or the driver is not installed.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # the latter of a port that is no number
        raise UsageError(
            "the URL of the log cannot be read: give sqlite:///FILE or postgresql://USER@HOST/DATABASE"
        ) from None
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    backend = parsed.get_backend_name()
    if backend not in ("sqlite", "postgresql"):
        raise UsageError(f"the log is kept in sqlite or postgresql, not in {backend!r}")
    try:
        return _sqlite(parsed) if backend == "sqlite" else _postgresql(parsed)
    except (ImportError, NoSuchModuleError) as error:
        raise UsageError(
            f"the log at {parsed.render_as_string()} needs a driver that is not installed ({error}): pip "
            "install 'candor-rank[postgres]'"
        ) from None


def _sqlite(url: URL) -> Engine:
    if url.database in (None, "", ":memory:") or str(url.database).startswith("file:"):
        raise UsageError("a log in memory would lose every decision: give sqlite:///FILE")
    path, opened = os.path.abspath(str(url.database)), threading.Event()
    engine = create_engine(url, pool_size=POOL, connect_args={"timeout": WAIT / 1000})

    @event.listens_for(engine, "connect")
    def settle(connection: sqlite3.Connection, record: Any) -> None:
        connection.isolation_level = None  # BEGIN is ours, below
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # WAL's default would lose the last commits with the power
            f"busy_timeout={WAIT}",
            "foreign_keys=ON",
            "trusted_schema=OFF",
            "secure_delete=ON",  # what is deleted is overwritten, not left in free pages; not every build does
        ):
            connection.execute(f"PRAGMA {pragma}").close()
        record.info[FILE] = _file_at(path)
        opened.set()

    # SQLite goes on writing to a file that was deleted or replaced, and makes one where there is none: answers
    # would stand in no log at all.
    @event.listens_for(engine, "do_connect")
    def find(*_: Any) -> None:
        if _file_at(path) is not None:
            return
        if opened.is_set():
            raise sqlite3.OperationalError("its file was moved or deleted while it was in use")
        _make_private(path)

    @event.listens_for(engine, "checkout")
    def stay(_: Any, record: Any, __: Any) -> None:
        if _file_at(path) != record.info[FILE]:
            raise DisconnectionError  # the pool opens the one that is there now

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Whoever will write takes the lock at once: one that first reads could not upgrade past another.
        write = connection.get_execution_options().get(WRITE)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _make_private(path: str) -> None:
    """Make an empty file that its owner alone may read, for SQLite to fill.

    SQLite itself would make it as the process's umask says, which most let everybody read; the files that
    it puts beside it (``-wal``, ``-shm``) get the rights of this one.
    """
    with suppress(OSError):  # another process was faster; or SQLite says, in its words, why it cannot be made
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, OWNER_ALONE))


def _postgresql(url: URL) -> Engine:
    seconds = {"psycopg": "connect_timeout", "pg8000": "timeout"}.get(url.get_driver_name())
    # Asking an old connection whether it lives costs a trip and saves the first request after a restart.
    engine = create_engine(
        url, pool_size=POOL, pool_pre_ping=True, connect_args={seconds: 5} if seconds else {}
    )

    @event.listens_for(engine, "connect")
    def settle(connection: Any, _: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(f"SET lock_timeout = {WAIT}")
        cursor.execute("SET synchronous_commit = on")
        cursor.close()
        connection.commit()

    return engine


def _file_at(path: str) -> tuple[int, int] | None:
    """Tell a file from another that has come to stand in its place; ``None`` where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def lock_file_of(engine: Engine) -> str | None:
    """Return the file by which processes queue for SQLite's one writer; none for PostgreSQL."""
    if engine.dialect.name != "sqlite":
        return None
    return os.path.abspath(str(engine.url.database)) + "-queue"
