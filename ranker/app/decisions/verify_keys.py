"""Whether the table of keys says what the chain's entries say: who may do what is not changed unseen."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection, select

from ranker.app.decisions.documents import vouched
from ranker.app.decisions.tables import answers, api_keys, decisions, lists

__all__ = ["faults_in_keys"]

SAID: Final = ("role", "name", "hash")  # members of an entry that the row repeats


def faults_in_keys(connection: Connection) -> Iterator[tuple[int, str]]:
    """Find keys that were changed, removed, added, or that open again.

    A key whose entry is deleted cannot be held against it, and is passed over.

    Yields
    ------
    (int, str)
        The number of the entry that made the key (0 where none did), and what is wrong.
    """
    rows = {row["id"]: dict(row) for row in connection.execute(select(api_keys)).mappings()}
    made: dict[str, tuple[int, dict[str, Any]]] = {}
    revoked: dict[str, str] = {}
    n_lost = 0
    for number, time, told, told_hash, listed, listed_hash in connection.execute(_entries()):
        said, concerned = vouched(told, told_hash), vouched(listed, listed_hash)
        if said is None or concerned is None:
            n_lost += 1
        elif said["act"] == "revoke":
            revoked[said["id"]] = time
        else:
            person = next((one["id"] for one in concerned["people"]), None)
            made[said["id"]] = number, {
                **{name: said[name] for name in SAID if name in said}, "person": person, "created": time,
            }  # fmt: skip
    for id, (number, due) in made.items():
        if id not in rows:
            yield number, f"key {id}: its row in the table api_keys was removed"
            continue
        # That one was revoked may be what was deleted; that one was not cannot.
        checked = due if n_lost and id not in revoked else {**due, "revoked": revoked.get(id)}
        for name, value in checked.items():
            if rows[id][name] != value:
                yield number, f"key {id}: its row in the table api_keys was changed: {name} is another"
    unknown = sorted(rows.keys() - made.keys())
    if len(unknown) > n_lost:
        yield 0, f"keys {', '.join(unknown)}: more are in the table api_keys than the log says were made"


def _entries() -> Any:
    joined = decisions.outerjoin(answers, answers.c.number == decisions.c.number).outerjoin(
        lists, lists.c.number == decisions.c.number
    )
    columns = (
        decisions.c.number, decisions.c.time, answers.c.body, decisions.c.answer_hash,
        lists.c.body.label("listed"), decisions.c.people_hash,
    )  # fmt: skip
    return select(*columns).select_from(joined).where(decisions.c.kind == "key").order_by(decisions.c.number)
