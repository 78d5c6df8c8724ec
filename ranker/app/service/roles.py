"""Who may call what: one table, read by the server at every request and by the tests.

An applicant's key is bound to one person and sees that person's own explanations; what others in the same
pool wrote, scored or became is never in them. A recruiter ranks, decides, reviews and overrides, and is
never shown a protected field. An auditor reads the log, the audit and the model, and changes nothing. No
answer of the service holds anybody's protected fields: they are counted by group in the audit.
"""

from collections.abc import Mapping
from typing import Final

__all__ = ["ADMIN", "APPLICANT", "AUDITOR", "RECRUITER", "ROLES", "ROUTES", "may"]

APPLICANT, RECRUITER, AUDITOR, ADMIN = "applicant", "recruiter", "auditor", "admin"
ROLES: Final = (APPLICANT, RECRUITER, AUDITOR, ADMIN)

_EVERY_KEY: Final = frozenset(ROLES)
_DECIDE: Final = frozenset({RECRUITER, ADMIN})
_ASK: Final = frozenset({RECRUITER, AUDITOR, ADMIN})
_AUDIT: Final = frozenset({AUDITOR, ADMIN})
ANYONE: Final = None  # no key is asked for

ROUTES: Final[Mapping[tuple[str, str], frozenset[str] | None]] = {
    ("POST", "/classify"): _DECIDE,
    ("POST", "/rank"): _DECIDE,
    ("POST", "/explain"): _ASK,
    ("POST", "/counterfactual"): _ASK,
    ("POST", "/contrast"): _ASK,
    ("GET", "/model"): _EVERY_KEY,
    ("GET", "/model/terms"): _EVERY_KEY,
    ("GET", "/audit"): _AUDIT,
    ("GET", "/reviews"): _ASK,
    ("POST", "/reviews"): _DECIDE,
    ("POST", "/objections"): frozenset({APPLICANT, RECRUITER, ADMIN}),
    ("GET", "/decisions"): _ASK,
    ("GET", "/decisions/{id}"): _ASK,
    ("GET", "/decisions/{id}/explanation"): _EVERY_KEY,
    ("POST", "/decisions/{id}/override"): _DECIDE,
    ("POST", "/outcomes"): _DECIDE,
    ("GET", "/healthz"): ANYONE,
    ("GET", "/readyz"): ANYONE,
    ("GET", "/metrics"): ANYONE,
    ("GET", "/openapi.json"): ANYONE,
}


def may(role: str | None, method: str, path: str) -> bool:
    """Tell whether a role may call a route; whoever shows no key has the role ``None``.

    A route that the table does not name is nobody's.

    Parameters
    ----------
    role : str or None
        One of :data:`ROLES`.
    method, path : str
        As the table has them: the path as a template.
    """
    roles = ROUTES.get((method, path), frozenset())
    return roles is None or role in roles
