"""The tables' history: each version of them, and the way from one to the next."""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from ranker.app.decisions.engine import WRITE, place_of
from ranker.app.decisions.errors import as_unavailable
from ranker.errors import UsageError

__all__ = ["REVISION", "upgrade"]

REVISION = "0003"  # the newest; a test holds it against the files
LOCK = 0x43414E44  # of PostgreSQL, while tables are made: "CAND"


def upgrade(engine: Engine) -> None:
    """Bring a database to the newest version of the tables; any number of processes may try at once.

    Parameters
    ----------
    engine : Engine
        The database, empty or of any earlier version.

    Raises
    ------
    StoreUnavailable
        If it cannot be reached or written to.
    UsageError
        If it was written by a newer Candor.
    """
    with as_unavailable(place_of(engine)):
        with engine.connect() as connection:
            if _version(connection) == REVISION:  # alembic need not be imported, which takes a while
                return
        with engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            _run(connection, _version(connection), place_of(engine))


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _run(connection: Connection, version: str | None, place: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in known:
        raise UsageError(
            f"the log at {place} has tables of version {version}, this Candor knows {REVISION}: use the newer one"
        )
    command.upgrade(config, "head")
