"""Pages of the audit."""

from starlette.responses import Response

from ranker.app.decisions.groups import counts_by_group
from ranker.app.pages.rendering import HEADERS
from ranker.app.pages.visits import Visit
from ranker.app.service.problems import Problem
from ranker.app.service.routes_model import PAGE

__all__ = ["show_audit", "show_report"]


def show_audit(visit: Visit) -> Response:
    """Show what people did with decisions, by group, and lead to the model's report."""
    audit = visit.service.audit
    return visit.show(
        "audit.html",
        missing=None if audit.page() is not None else audit.missing() or "its page is being made",
        groups=[one.to_json() for one in counts_by_group(visit.service.store)],
    )


def show_report(visit: Visit) -> Response:
    """Show the model's report as it was made; it draws with scripts of its own, shut in."""
    page = visit.service.audit.page()
    if page is None:
        raise Problem("not-found", visit.service.audit.missing() or "the report is being made")
    return Response(page, headers={**HEADERS, "Content-Security-Policy": PAGE}, media_type="text/html")
