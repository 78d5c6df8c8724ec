"""What this room needs, asked for before anything of it is imported."""

import sys
from importlib.util import find_spec

from ranker.errors import UsageError

ZSTD = () if sys.version_info >= (3, 14) else ("backports", "backports.zstd")

# Found, not imported: alembic is slow, and only who makes tables needs it.
for name in ("sqlalchemy", "alembic", "orjson", *ZSTD):
    if find_spec(name) is None:
        raise UsageError(f"the log of decisions needs {name}: pip install 'candor-rank[api]'")
