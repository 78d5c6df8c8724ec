"""API keys: who may ask, told by a secret of which the database holds the hash alone.

A secret is 32 random bytes. Nobody guesses one of 2**256 values however fast the hash is, so SHA-256
suffices at rest; scrypt and its like slow down the guessing of what people choose, and would cost each
request 50 ms.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import insert, select, update

from ranker.app.decisions.entries import NewDecision
from ranker.app.decisions.store import Store
from ranker.app.decisions.tables import api_keys
from ranker.errors import DataError, UsageError, did_you_mean

__all__ = ["ROLES", "Key", "NewKey", "create_key", "find_key", "list_keys", "revoke_key"]

ROLES: Final = ("applicant", "recruiter", "auditor", "admin")
PREFIX: Final = "candor"


@dataclass(frozen=True, slots=True)
class Key:
    """Whose key it is.

    Parameters
    ----------
    id : str
        What the log calls its caller.
    role : str
        One of :data:`ROLES`.
    person : str or None
        The candidate that an applicant's key is bound to.
    name : str
        What whoever made it called it.
    created : str
        When.
    revoked : str or None
        Since when it opens nothing.
    """

    id: str
    role: str
    person: str | None
    name: str
    created: str = ""
    revoked: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {name: getattr(self, name) for name in Key.__slots__}


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made, with what is shown this once: ``candor_<id>_<secret>``."""

    key: Key
    secret: str


def create_key(
    store: Store, role: str, *, name: str, person: str | None = None, caller: str = "command line"
) -> NewKey:
    """Make a key; that it was made is logged.

    Parameters
    ----------
    store : Store
        The log.
    role : str
        One of :data:`ROLES`.
    name : str
        Whose it is, or what for.
    person : str, optional
        For an applicant's key, and only there: the candidate's id.
    caller : str
        Who makes it.

    Raises
    ------
    UsageError
        If there is no such role, or an applicant's key names nobody, or another names somebody.
    """
    if role not in ROLES:
        raise UsageError(f"role {role!r}: there is no such role{did_you_mean(role, ROLES)}")
    if (role == "applicant") != bool(person):
        raise UsageError(
            "a key of an applicant shows one person's own explanation: name that person, by --person ID"
            if role == "applicant"
            else f"a key of role {role} is bound to nobody: leave --person out"
        )
    id, secret = secrets.token_hex(6), secrets.token_hex(32)
    with store.write() as book:
        # With the hash, of which no secret is guessed back: verify finds one that was put in its place.
        told = {"act": "create", "id": id, "role": role, "name": name, "hash": _hash(secret)}
        recorded = book.append(_entry("create", told, caller, (person,) if person else ()))
        row: dict[str, Any] = {
            "id": id,
            "role": role,
            "name": name,
            "person": person,
            "created": recorded.time,
        }
        book.connection.execute(insert(api_keys), row | {"hash": _hash(secret)})
    return NewKey(Key(**row), f"{PREFIX}_{id}_{secret}")


def find_key(store: Store, secret: str) -> Key | None:
    """Tell whose a secret is; ``None`` where it is nobody's, or was revoked.

    Parameters
    ----------
    store : Store
        The log.
    secret : str
        As the caller sent it, ``candor_<id>_<secret>``.

    Raises
    ------
    StoreUnavailable
        If the database cannot be asked.
    """
    prefix, _, rest = secret.partition("_")
    id, _, own = rest.partition("_")
    if prefix != PREFIX or not own or not secret.isascii() or not id.isalnum():
        return None
    with store.read() as connection:
        row = connection.execute(select(api_keys).where(api_keys.c.id == id)).mappings().one_or_none()
    if row is None or row["revoked"] is not None or not hmac.compare_digest(row["hash"], _hash(own)):
        return None
    return _key(row)


def list_keys(store: Store) -> tuple[Key, ...]:
    """Return all keys, in the order they were made."""
    with store.read() as connection:
        rows = connection.execute(select(api_keys).order_by(api_keys.c.created, api_keys.c.id)).mappings()
        return tuple(_key(row) for row in rows)


def revoke_key(store: Store, id: str, *, caller: str = "command line") -> Key:
    """Let a key open nothing any more; that it was revoked is logged.

    Raises
    ------
    DataError
        If there is no such key.
    """
    with store.write() as book:
        row = book.connection.execute(select(api_keys).where(api_keys.c.id == id)).mappings().one_or_none()
        if row is None:
            known = book.connection.execute(select(api_keys.c.id)).scalars()
            raise DataError(f"there is no key {id!r}{did_you_mean(id, known)}")
        if row["revoked"] is not None:
            return _key(row)
        recorded = book.append(_entry("revoke", {"act": "revoke", "id": id}, caller, ()))
        book.connection.execute(update(api_keys).where(api_keys.c.id == id).values(revoked=recorded.time))
        return _key({**row, "revoked": recorded.time})


def _entry(act: str, told: dict[str, Any], caller: str, people: tuple[str, ...]) -> NewDecision:
    return NewDecision(
        kind="key", caller=caller, role="admin", model="", request_id="", input={"act": act}, answer=told,
        people=people,
    )  # fmt: skip


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("ascii")).hexdigest()


def _key(row: Any) -> Key:
    return Key(**{name: row[name] for name in Key.__slots__})
