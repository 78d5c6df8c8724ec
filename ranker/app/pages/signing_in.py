"""Signing in with a key, and out."""

import hmac
import re
import secrets
from typing import Final

from starlette.responses import Response

from ranker.app.decisions.keys import find_key
from ranker.app.pages.sessions import COOKIE
from ranker.app.pages.visits import BEFORE, PREFIX, SIGN_IN, Visit, go

__all__ = ["home", "show_sign_in", "sign_in", "sign_out"]

OWN: Final = re.compile(rf"{PREFIX}(/[^\\\x00-\x20]*)?")  # an address of ours: nobody is led elsewhere


def home(visit: Visit) -> Response:
    """Go to where a visit starts."""
    return go(f"{PREFIX}/{'mine' if visit.caller.person is not None else 'decisions'}")


def show_sign_in(visit: Visit, fault: str = "", status: int = 200) -> Response:
    """Ask for a key."""
    token = secrets.token_hex(16)
    asked = visit.form or visit.query
    response = visit.show("sign_in.html", status, next=_own(asked.get("next", "")), fault=fault, before=token)
    _set(response, visit, BEFORE, token)
    return response


def sign_in(visit: Visit) -> Response:
    """Open a session for whoever shows a key.

    Another site could sign its visitors in with a key of its own, to read what they write; hence this form,
    too, is answered only where its page was asked for before.
    """
    if (
        not hmac.compare_digest(visit.before.encode(), visit.form.get("before", "").encode())
        or not visit.before
    ):
        return show_sign_in(visit, "The form was older than the page: please send it again.", 403)
    key = find_key(visit.service.store, visit.form.get("key", "").strip())
    if key is None:
        return show_sign_in(visit, "This key opens nothing: it is mistyped, or it was revoked.", 401)
    response = go(_own(visit.form.get("next", "")))
    _set(response, visit, COOKIE, visit.sessions.open(key.id))
    response.delete_cookie(BEFORE, PREFIX)
    return response


def sign_out(visit: Visit) -> Response:
    """End a session: its cookie opens no page any more, whoever kept a copy of it."""
    visit.sessions.end(visit.service.store, visit.session)
    response = go(SIGN_IN)
    response.delete_cookie(COOKIE, PREFIX)
    return response


def _own(address: str) -> str:
    return address if OWN.fullmatch(address) else PREFIX


def _set(response: Response, visit: Visit, name: str, value: str) -> None:
    # Without an age: it goes when the browser is closed.
    response.set_cookie(name, value, path=PREFIX, secure=visit.secure, httponly=True, samesite="strict")
