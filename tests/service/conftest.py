"""Logs of decisions to write to: SQLite always, PostgreSQL where a server is there or can be started."""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

MISSING = [
    name for name in ("sqlalchemy", "alembic", "fastapi", "orjson") if importlib.util.find_spec(name) is None
]

if not MISSING:
    from sqlalchemy import create_engine, make_url, text

    from ranker.app.decisions import open_store


class NotHere(pytest.Module):
    """Tests that cannot even be read without the extra."""

    def collect(self) -> None:
        pytest.skip(f"the service needs {MISSING[0]}: install the extra api", allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Skip all of them where the extra is missing."""
    if MISSING:
        return NotHere.from_parent(parent, path=module_path)
    return None


TEMPLATE = f"candor_empty_log_{os.getpid()}"  # of this process: several may test on one server


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL server in which databases may be made."""
    pytest.importorskip("psycopg", reason="PostgreSQL needs the extra postgres")
    given = os.environ.get("CANDOR_TEST_POSTGRES")
    if given:
        yield given
        return
    programs = _programs()
    if programs is None:
        pytest.skip("there is no PostgreSQL: install it, or name a server in CANDOR_TEST_POSTGRES")
    # A socket's path may not be long, and the server's own user must get to it.
    folder = Path(subprocess.run(["mktemp", "-d"], capture_output=True, text=True, check=True).stdout.strip())
    as_user: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]

    def run(program: str, *arguments: str) -> None:
        command = [*as_user, str(programs / program), *arguments]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    try:
        run("initdb", "-D", f"{folder}/data", "-U", "postgres", "--auth=trust", "--no-sync")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c shared_buffers=16MB"
        run("pg_ctl", "-D", f"{folder}/data", "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        finally:
            run("pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> Iterator[str]:
    """The server's URL, with an empty log in it that others are copied from, which is faster than making tables."""
    _execute(postgres_server, f"DROP DATABASE IF EXISTS {TEMPLATE}", f"CREATE DATABASE {TEMPLATE}")
    open_store(_in(postgres_server, TEMPLATE)).close()
    yield postgres_server
    if os.environ.get("CANDOR_TEST_POSTGRES"):  # a server of ours goes with all that is in it
        _execute(postgres_server, f"DROP DATABASE {TEMPLATE} WITH (FORCE)")


@pytest.fixture
def postgres_url(postgres_template: str) -> Iterator[str]:
    """The URL of an empty log in PostgreSQL."""
    name = f"log_{os.getpid()}_{os.urandom(4).hex()}"
    _execute(postgres_template, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield _in(postgres_template, name)
    _execute(postgres_template, f"DROP DATABASE {name} WITH (FORCE)")  # each takes 8 MB of the disk


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty log as a file, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "log.db"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> str:
    """The URL of an empty log, in SQLite and in PostgreSQL."""
    if request.param == "sqlite":
        shutil.copy(sqlite_template, tmp_path / "log.db")
        return f"sqlite:///{tmp_path / 'log.db'}"
    return request.getfixturevalue("postgres_url")


def _programs() -> Path | None:
    places = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((one for one in places if (one / "initdb").exists() and (one / "pg_ctl").exists()), None)


def _in(server: str, database: str) -> str:
    return make_url(server).set(database=database).render_as_string(hide_password=False)


def _execute(server: str, *statements: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
