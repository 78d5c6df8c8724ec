"""What ``candor keys`` does."""

from ranker.app.decisions.keys import create_key, list_keys, revoke_key
from ranker.app.decisions.store import open_store
from ranker.app.result import Result

__all__ = ["run_create", "run_list", "run_revoke"]


def run_create(database: str, role: str, *, name: str, person: str | None) -> Result:
    """Make a key."""
    with open_store(database) as store:
        made = create_key(store, role, name=name, person=person)
    text = f"{made.secret}\nshown this once: the log holds its hash alone"
    return Result(text, {**made.key.to_json(), "secret": made.secret})


def run_list(database: str) -> Result:
    """List keys."""
    with open_store(database, new=False) as store:
        known = list_keys(store)
    lines = [
        f"{key.id}  {key.role:<10} {key.created}  {key.name}"
        + (f", of {key.person}" if key.person else "")
        + (f"; revoked {key.revoked}" if key.revoked else "")
        for key in known
    ]
    return Result("\n".join(lines or ["there is no key yet"]), {"keys": [key.to_json() for key in known]})


def run_revoke(database: str, id: str) -> Result:
    """Revoke a key."""
    with open_store(database, new=False) as store:
        key = revoke_key(store, id)
    return Result(f"key {key.id} ({key.role}, {key.name}) opens nothing any more", key.to_json())
