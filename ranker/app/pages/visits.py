"""Who looks at which page, and whether they may."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ranker.app.decisions.keys import Key
from ranker.app.decisions.signed_out import key_in_session
from ranker.app.pages.forms import form_of
from ranker.app.pages.rendering import HEADERS, page
from ranker.app.pages.sessions import COOKIE, Sessions
from ranker.app.service.callers import ANONYMOUS, NOBODY, Caller
from ranker.app.service.problems import KINDS, Problem, request_id_of
from ranker.app.service.rates import UNKNOWN
from ranker.app.service.roles import may
from ranker.app.service.state import Service

__all__ = ["SIGN_IN", "Page", "Visit", "go", "routes_of"]

PREFIX: Final = "/pages"
SIGN_IN: Final = f"{PREFIX}/sign-in"
BEFORE: Final = "candor_before"  # the cookie of a form that is sent before there is a session
Right = tuple[str, str]
MENU: Final[tuple[tuple[str, str, Right], ...]] = (
    ("Decisions", "/decisions", ("GET", "/decisions")),
    ("Review queue", "/reviews", ("GET", "/reviews")),
    ("The model", "/model", ("GET", "/model/terms")),
    ("Audit", "/audit", ("GET", "/audit")),
    ("Monitoring", "/monitoring", ("GET", "/audit")),
)


@dataclass(frozen=True, slots=True, eq=False)
class Visit:
    """One look at a page, by somebody who may.

    Parameters
    ----------
    service : Service
        The worker.
    sessions : Sessions
        Signs.
    caller : Caller
        Who looks.
    name : str
        What the key is called; ``""`` where nobody is signed in.
    session : str
        The cookie.
    before : str
        The cookie of who is about to sign in.
    path : mapping of str to str
        Parts of the address.
    query : mapping of str to str
        What follows its question mark.
    form : mapping of str to str
        What was sent.
    here : str
        The address itself.
    request_id : str
        The request's.
    secure : bool
        Whether it came over TLS.
    """

    service: Service
    sessions: Sessions
    caller: Caller
    name: str
    session: str
    before: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    here: str
    request_id: str
    secure: bool

    def may(self, method: str, path: str) -> bool:
        """Tell whether who looks may call a route of the service."""
        return may(self.caller.role, method, path)

    @property
    def menu(self) -> list[tuple[str, str]]:
        """Return the pages that everything starts from, names and addresses."""
        own = [("My decisions", f"{PREFIX}/mine")] if self.caller.person is not None else []
        return own + [(name, PREFIX + path) for name, path, right in MENU if self.may(*right)]

    @property
    def token(self) -> str:
        """What a form has to send back."""
        return self.sessions.token(self.session)

    def show(self, template: str, status: int = 200, **told: Any) -> Response:
        """Write a page."""
        return page(template, status, visit=self, **told)


@dataclass(frozen=True, slots=True)
class Page:
    """A page.

    Parameters
    ----------
    method, path : str
        Of its address, below ``/pages``.
    right : (str, str) or None
        The route of the service that shows or does the same: who may call that, may see the page. ``None``
        where nobody has to be signed in.
    show : callable
        Answers a visit, in a thread of the worker's pool.
    """

    method: str
    path: str
    right: Right | None
    show: Callable[[Visit], Response]


def go(address: str) -> Response:
    """Send the browser to another page."""
    return RedirectResponse(address, 303, HEADERS)


def routes_of(pages: tuple[Page, ...], service: Service, sessions: Sessions) -> list[Route]:
    """Make the routes; they stand outside of the service's own description, which is for programs.

    Parameters
    ----------
    pages : tuple of Page
        All of them.
    service : Service
        The worker.
    sessions : Sessions
        Signs.
    """
    return [_route(one, service, sessions) for one in pages]


def _route(one: Page, service: Service, sessions: Sessions) -> Route:
    async def endpoint(request: Request) -> Response:
        request.scope["route"] = (
            route  # by which requests are counted; FastAPI says it of its own routes alone
        )
        visit: Visit | None = None
        try:
            key, session = await _signed_in(request, service, sessions)
            visit = _visit(request, service, sessions, key, session)
            form = await _admitted(request, one, visit, key)
            return await service.run(partial(one.show, replace(visit, form=form)))
        except Problem as problem:
            if problem.kind == "no-key":
                here = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
                # What was sent is lost, and an address that only takes forms cannot be gone back to.
                back = {"next": here} if request.method == "GET" else {}
                return go(f"{SIGN_IN}?{urlencode(back)}" if back else SIGN_IN)
            return _told(problem, request_id_of(request.scope), visit)

    route = Route(PREFIX + one.path, endpoint, methods=[one.method])
    return route


async def _signed_in(request: Request, service: Service, sessions: Sessions) -> tuple[Key | None, str]:
    session = request.cookies.get(COOKIE, "")
    id = sessions.key(session) if session else None
    if id is not None:
        return await service.run(lambda: key_in_session(service.store, id, session)), session
    return (ANONYMOUS if service.settings.allow_anonymous else None), ""


async def _admitted(request: Request, one: Page, visit: Visit, key: Key | None) -> Mapping[str, str]:
    """Return what was sent, having counted the request; refuse whoever may not.

    Raises
    ------
    Problem
        As a page tells it; ``no-key`` where signing in would help.
    """
    rates = visit.service.rates
    if one.right is None:
        await rates.take(UNKNOWN, request.client.host if request.client else "")
    elif key is None:
        raise Problem("no-key", "sign in first")
    else:
        await rates.take(key.role, key.id)
        request.state.role = key.role
        if not may(key.role, *one.right):
            raise Problem("not-allowed", f"your key's role is {key.role}, and this page is not for that role")
    if request.method != "POST":
        return {}
    # Sent by a page of another site, whatever it holds: browsers say so themselves.
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Problem("not-allowed", "this form was sent by another site")
    form = await form_of(request, visit.service.settings)
    if one.right is not None and not visit.sessions.holds(visit.session, form.get("token", "")):
        raise Problem("not-allowed", "this form is not of your session: open its page again, and send it")
    return form


def _visit(request: Request, service: Service, sessions: Sessions, key: Key | None, session: str) -> Visit:
    return Visit(
        service=service,
        sessions=sessions,
        caller=NOBODY if key is None else Caller(key.id, key.role, key.person),
        name="" if key is None else key.name,
        session=session,
        before=request.cookies.get(BEFORE, ""),
        path=request.path_params,
        query=dict(request.query_params),
        form={},
        here=request.url.path,
        request_id=request_id_of(request.scope),
        secure=request.url.scheme == "https",
    )


def _told(problem: Problem, request_id: str, visit: Visit | None) -> Response:
    response = page(
        "problem.html",
        problem.status,
        title=KINDS[problem.kind][1],
        problem=problem,
        request_id=request_id,
        visit=visit,
    )
    response.headers.update(problem.headers)
    return response
