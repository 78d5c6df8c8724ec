"""What this room needs, asked for before anything of it is imported."""

from importlib.util import find_spec

from ranker.errors import UsageError

for name in (
    "sqlalchemy",
    "alembic",
):  # found, not imported: alembic is slow, and only who makes tables needs it
    if find_spec(name) is None:
        raise UsageError(f"the log of decisions needs {name}: pip install 'candor-rank[api]'")
