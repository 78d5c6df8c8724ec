"""An explanation for an audience: as text, HTML or JSON."""

import json
from collections.abc import Callable
from typing import Any

from explain.audiences.auditor import auditor_page
from explain.audiences.candidate import candidate_json, candidate_page
from explain.audiences.developer import developer_page
from explain.audiences.recruiter import recruiter_page
from explain.explanation import Explanation
from explain.page import Page
from explain.page_html import as_html
from explain.page_text import as_text
from ranker.errors import DataError, did_you_mean

__all__ = ["AUDIENCES", "FORMATS", "render"]

AUDIENCES: dict[str, Callable[[Explanation], Page]] = {
    "candidate": candidate_page,
    "recruiter": recruiter_page,
    "auditor": auditor_page,
    "developer": developer_page,
}
FORMATS = ("text", "html", "json")


def render(explanation: Explanation, *, audience: str = "candidate", format: str = "text") -> str:
    """Write an explanation for an audience.

    Parameters
    ----------
    explanation : Explanation
        What is to be told.
    audience : {"candidate", "recruiter", "auditor", "developer"}
        The candidate is told nothing about any other candidate.
    format : {"text", "html", "json"}
        Plain text of at most 96 columns, one self-contained page, or one strict JSON object.

    Returns
    -------
    str

    Raises
    ------
    DataError
        If the audience or the format is not known.
    """
    if audience not in AUDIENCES:
        raise DataError(f"audience {audience!r} is not known{did_you_mean(str(audience), AUDIENCES)}")
    if format not in FORMATS:
        raise DataError(f"format {format!r} is not known{did_you_mean(str(format), FORMATS)}")
    if format == "json":
        document: dict[str, Any] = (
            candidate_json(explanation) if audience == "candidate" else explanation.to_json()
        )
        return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2)
    page = AUDIENCES[audience](explanation)
    return as_html(page) if format == "html" else as_text(page)
