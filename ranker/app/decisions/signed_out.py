"""Sessions that ended before their time: a cookie that was signed out opens no page of any worker.

A session stands in its cookie alone, and any worker reads it; hence what is kept is which ones are over. A
row holds the cookie's hash and goes once the cookie would have ended by itself. It says nothing about
anybody and is not in the chain.
"""

import hashlib

from sqlalchemy import delete, exists, insert, select

from ranker.app.decisions.keys import Key
from ranker.app.decisions.store import Store
from ranker.app.decisions.tables import api_keys, signed_out

__all__ = ["end_session", "key_in_session"]


def end_session(store: Store, cookie: str, until: int, *, now: float) -> None:
    """Let a session open no page any more.

    Parameters
    ----------
    store : Store
        The log.
    cookie : str
        The session's, as it was signed.
    until : int
        When it would end by itself, in seconds since 1970.
    now : float
        The time, in seconds since 1970; what ended before it is forgotten.

    Raises
    ------
    StoreUnavailable
        If it cannot be written down: then the session goes on.
    """
    session = _hash(cookie)
    with store.write() as book:
        connection = book.connection
        connection.execute(delete(signed_out).where(signed_out.c.until <= int(now)))
        there = connection.execute(select(signed_out.c.until).where(signed_out.c.session == session))
        if there.scalar() is None:
            connection.execute(insert(signed_out).values(session=session, until=until))


def key_in_session(store: Store, id: str, cookie: str) -> Key | None:
    """Return a session's key; ``None`` where the key was revoked or the session was ended.

    Parameters
    ----------
    store : Store
        The log.
    id : str
        The key's, as the cookie says.
    cookie : str
        As it was signed.

    Raises
    ------
    StoreUnavailable
        If the database cannot be asked.
    """
    ended = exists().where(signed_out.c.session == _hash(cookie))
    query = select(api_keys).where(api_keys.c.id == id, api_keys.c.revoked.is_(None), ~ended)
    with store.read() as connection:
        row = connection.execute(query).mappings().one_or_none()
    return None if row is None else Key(**{name: row[name] for name in Key.__slots__})


def _hash(cookie: str) -> str:
    return hashlib.sha256(cookie.encode("utf-8", "surrogateescape")).hexdigest()
