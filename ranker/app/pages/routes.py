"""All pages: their addresses, and whose they are."""

from collections.abc import Callable
from typing import Final

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ranker.app.pages.audit import show_audit, show_report
from ranker.app.pages.candidates import give_another_rank, show_contrast, show_explanation
from ranker.app.pages.counterfactuals import show_counterfactual
from ranker.app.pages.decisions import show_decision, show_decisions, show_mine
from ranker.app.pages.monitoring import show_monitoring
from ranker.app.pages.objections import object_to, show_objection
from ranker.app.pages.outcomes import report, show_outcomes
from ranker.app.pages.rendering import STYLE, page
from ranker.app.pages.reviews import decide, show_case, show_queue
from ranker.app.pages.sessions import Sessions
from ranker.app.pages.shapes import Term, terms_of
from ranker.app.pages.signing_in import home, show_sign_in, sign_in, sign_out
from ranker.app.pages.visits import PREFIX, Page, Visit, routes_of
from ranker.app.service.problems import KINDS, Problem, request_id_of
from ranker.app.service.state import Service

__all__ = ["PAGES", "page_routes"]

_EVERY_KEY: Final = ("GET", "/model")
_OWN: Final = ("GET", "/decisions/{id}/explanation")

PAGES: Final = (
    Page("GET", "/sign-in", None, show_sign_in),
    Page("POST", "/sign-in", None, sign_in),
    Page("POST", "/sign-out", _EVERY_KEY, sign_out),
    Page("GET", "", _EVERY_KEY, home),
    Page("GET", "/mine", _OWN, show_mine),
    Page("GET", "/decisions", ("GET", "/decisions"), show_decisions),
    Page("GET", "/decisions/{id}", ("GET", "/decisions/{id}"), show_decision),
    Page("GET", "/decisions/{id}/explanation", _OWN, show_explanation),
    Page("GET", "/decisions/{id}/contrast", ("POST", "/contrast"), show_contrast),
    Page("GET", "/decisions/{id}/counterfactual", ("POST", "/counterfactual"), show_counterfactual),
    Page("GET", "/decisions/{id}/outcome", ("POST", "/outcomes"), show_outcomes),
    Page("POST", "/decisions/{id}/outcome", ("POST", "/outcomes"), report),
    Page("POST", "/decisions/{id}/override", ("POST", "/decisions/{id}/override"), give_another_rank),
    Page("GET", "/decisions/{id}/objection", ("POST", "/objections"), show_objection),
    Page("POST", "/decisions/{id}/objection", ("POST", "/objections"), object_to),
    Page("GET", "/reviews", ("GET", "/reviews"), show_queue),
    Page("GET", "/reviews/{id}", ("GET", "/reviews"), show_case),
    Page("POST", "/reviews/{id}", ("POST", "/reviews"), decide),
    Page("GET", "/audit", ("GET", "/audit"), show_audit),
    Page("GET", "/audit/report", ("GET", "/audit"), show_report),
    Page("GET", "/monitoring", ("GET", "/audit"), show_monitoring),
)


def page_routes(service: Service) -> list[BaseRoute]:
    """Make the routes of all pages, for the application to serve.

    Parameters
    ----------
    service : Service
        The worker.
    """
    secret: SecretStr = service.settings.session_secret
    pages = (*PAGES, Page("GET", "/model", ("GET", "/model/terms"), _model_page(service)))
    return [
        *routes_of(pages, service, Sessions(secret.get_secret_value().encode())),
        Route(f"{PREFIX}/pages.css", _style),
        Route(f"{PREFIX}/{{rest:path}}", _nothing),
    ]


def _model_page(service: Service) -> Callable[[Visit], Response]:
    """Make the page of the shape functions, which are drawn once."""
    drawn: dict[str, tuple[Term, ...]] = {}

    def show_model(visit: Visit) -> Response:
        if not drawn:
            drawn.update(terms_of(service.served))
        return visit.show("model.html", terms=drawn, cards=service.served.card()["models"])

    return show_model


async def _style(_: Request) -> Response:
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}  # its address has a version
    return Response(STYLE.read_bytes(), headers=headers, media_type="text/css")


async def _nothing(request: Request) -> Response:
    problem = Problem("not-found", "there is no page at this address")
    return page(
        "problem.html",
        problem.status,
        title=KINDS[problem.kind][1],
        problem=problem,
        request_id=request_id_of(request.scope),
        visit=None,
    )
