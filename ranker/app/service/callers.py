"""Who asks, and whether they may: the one dependency of every route."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from ranker.app.decisions.errors import StoreUnavailable
from ranker.app.decisions.keys import Key, find_key
from ranker.app.decisions.store import Store
from ranker.app.service.problems import Problem
from ranker.app.service.rates import UNKNOWN
from ranker.app.service.roles import APPLICANT, RECRUITER, ROUTES, may
from ranker.app.service.state import Service, service_of

__all__ = ["NOBODY", "Caller", "KeyRing", "Known", "caller_of"]

MOST_KEYS: Final = 10_000
ANONYMOUS: Final = Key("anonymous", RECRUITER, None, "whoever asks")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Parameters
    ----------
    id : str
        Of the key; what the log calls the caller.
    role : str
        One of :data:`ranker.app.service.roles.ROLES`; ``""`` where no key is needed.
    person : str or None
        The candidate whom an applicant's key is bound to.
    """

    id: str
    role: str
    person: str | None = None

    def about(self, candidate: str | None) -> str | None:
        """Return whom a request may be about: for an applicant nobody else.

        Raises
        ------
        Problem
            403, if an applicant asks about another one.
        """
        if self.role != APPLICANT:
            return candidate
        if candidate is not None and candidate != self.person:
            raise Problem("not-allowed", "this key shows what concerns its own person, and nobody else")
        return self.person


NOBODY: Final = Caller("", "")


class KeyRing:
    """Remembers for a few seconds whose a key is, so that not every request asks the database.

    After that the database is asked again, but that the key was somebody's is still known: a caller with a
    good key is not held up by others at the same address who guess.

    Parameters
    ----------
    store : Store
        Where keys are kept.
    seconds : float
        How long; a key that was revoked meanwhile opens until then.
    clock : callable
        Tells seconds.
    """

    def __init__(self, store: Store, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._seconds = seconds
        self._clock = clock
        self._known: dict[bytes, tuple[float, Key]] = {}

    def knows(self, secret: str) -> bool:
        """Tell whether a key has opened something here before, so that looking it up again is no guess."""
        return _place(secret) in self._known

    async def find(self, secret: str) -> Key | None:
        """Tell whose a key is; those that are nobody's are not remembered.

        Raises
        ------
        StoreUnavailable
            If the database cannot be asked.
        """
        place = _place(secret)
        until, key = self._known.get(place, (0.0, None))
        if key is not None and self._clock() < until:
            return key
        key = await run_in_threadpool(find_key, self._store, secret)
        # Taken out first, so that those that were asked for longest ago stand at the front.
        self._known.pop(place, None)
        if key is not None:
            if len(self._known) >= MOST_KEYS:
                del self._known[next(iter(self._known))]
            self._known[place] = (self._clock() + self._seconds, key)
        return key


def _place(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()


bearer = HTTPBearer(auto_error=False, scheme_name="key", description="A key that candor keys create made.")


async def caller_of(
    request: Request, shown: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)] = None
) -> Caller:
    """Tell who asks, having counted the request; refuse whoever may not.

    Raises
    ------
    Problem
        401 without a key that opens anything, 403 where it opens other doors, 429 where it asks too often.
    """
    service = service_of(request)  # no dependency: FastAPI runs what is not async in a thread
    route = (request.method, request.scope["route"].path)
    if ROUTES.get(route, frozenset()) is None:
        return NOBODY
    address = request.client.host if request.client else ""
    key = await _key_of(service, shown, address)
    if key is None:
        await service.rates.take(UNKNOWN, address)
        said = "is nobody's, or was revoked" if shown else "is missing"
        raise Problem(
            "no-key",
            f"the key {said}: send Authorization: Bearer KEY, as candor keys create gave it",
            headers={"WWW-Authenticate": "Bearer"},
        )
    request.state.role = key.role
    await service.rates.take(key.role, key.id)
    if not may(key.role, *route):
        roles = " or ".join(sorted(ROUTES.get(route) or ()))
        raise Problem("not-allowed", f"the key's role is {key.role}; this is for {roles}")
    return Caller(key.id, key.role, key.person)


async def _key_of(service: Service, shown: HTTPAuthorizationCredentials | None, address: str) -> Key | None:
    if shown is not None:
        # Before the database is asked: otherwise whoever guesses costs a query each, refused or not.
        if not service.keys.knows(shown.credentials):
            await service.rates.look(UNKNOWN, address)
        try:
            return await service.keys.find(shown.credentials)
        except StoreUnavailable as error:
            raise service.problem(error) from None
    return ANONYMOUS if service.settings.allow_anonymous else None


Known = Annotated[Caller, Depends(caller_of)]
