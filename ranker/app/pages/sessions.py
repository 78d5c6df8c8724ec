"""Who is signed in: a cookie that names a key and the moment it ends, signed by the server.

Nothing of a session is kept while it lasts: any worker that holds the same secret reads any cookie. A cookie
names the key and is not the key; each page looks the key up, so that a revoked one opens no page any more,
nor a session that was signed out (:mod:`ranker.app.decisions.signed_out`).
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from typing import Final

from ranker.app.decisions.signed_out import end_session
from ranker.app.decisions.store import Store

__all__ = ["COOKIE", "SECONDS", "Sessions"]

COOKIE: Final = "candor_session"
SECONDS: Final = 8 * 60 * 60  # a working day


class Sessions:
    """Signs cookies and the tokens of forms, and reads them.

    Parameters
    ----------
    secret : bytes
        The server's; all workers have the same.
    seconds : int
        How long a session lasts.
    clock : callable
        Tells seconds since 1970.
    """

    def __init__(self, secret: bytes, seconds: int = SECONDS, clock: Callable[[], float] = time.time) -> None:
        self._secret = secret
        self._seconds = seconds
        self._clock = clock

    def open(self, key: str) -> str:
        """Return the cookie of a new session.

        Parameters
        ----------
        key : str
            Id of the key that was shown.
        """
        told = f"{key}.{int(self._clock()) + self._seconds}.{secrets.token_hex(8)}"
        return f"{told}.{self._signed('session', told)}"

    def key(self, cookie: str) -> str | None:
        """Return the id of a session's key; ``None`` where the server signed no such cookie, or it ended."""
        told, _, signature = cookie.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._signed("session", told).encode()):
            return None
        key, until, _ = told.split(".")
        return key if self._clock() < int(until) else None

    def end(self, store: Store, cookie: str) -> None:
        """Let a session of ours open no page any more, here and in all other workers.

        Raises
        ------
        StoreUnavailable
            If that cannot be written down.
        """
        if self.key(cookie) is not None:
            _, until, *_ = cookie.split(".")
            end_session(store, cookie, int(until), now=self._clock())

    def token(self, session: str) -> str:
        """Return what a form of a session holds, which no page of another site can know.

        References
        ----------
        OWASP, Cross-Site Request Forgery Prevention Cheat Sheet: signed double-submit, bound to the session.
        """
        return self._signed("form", session)

    def holds(self, session: str, token: str) -> bool:
        """Tell whether a form is one of the session's."""
        return hmac.compare_digest(token.encode(), self.token(session).encode())

    def _signed(self, what: str, text: str) -> str:
        # What is signed for one purpose may not serve another.
        return hmac.new(self._secret, f"{what}:{text}".encode(), hashlib.sha256).hexdigest()
