"""An explanation for an audience: as text, HTML or JSON."""

import json
from collections.abc import Callable
from typing import Any

from explain.against import Contrast
from explain.audiences.auditor import auditor_page
from explain.audiences.candidate import candidate_json, candidate_page
from explain.audiences.candidate_cutoff import candidate_cutoff, candidate_cutoff_json
from explain.audiences.contrast import auditor_contrast, developer_contrast, recruiter_contrast
from explain.audiences.developer import developer_page
from explain.audiences.recruiter import recruiter_page
from explain.explanation import Explanation
from explain.page import Page
from explain.page_html import as_html
from explain.page_text import as_text
from ranker.errors import DataError, ProtectedFieldError, did_you_mean

__all__ = ["AUDIENCES", "FORMATS", "render"]

AUDIENCES: dict[str, Callable[[Explanation], Page]] = {
    "candidate": candidate_page,
    "recruiter": recruiter_page,
    "auditor": auditor_page,
    "developer": developer_page,
}
CONTRASTS: dict[str, Callable[[Contrast], Page]] = {
    "candidate": candidate_cutoff,
    "recruiter": recruiter_contrast,
    "auditor": auditor_contrast,
    "developer": developer_contrast,
}
FORMATS = ("text", "html", "json")


def render(explanation: Explanation | Contrast, *, audience: str = "candidate", format: str = "text") -> str:
    """Write an explanation, or a contrast of two, for an audience.

    Parameters
    ----------
    explanation : Explanation or Contrast
        What is to be told.
    audience : {"candidate", "recruiter", "auditor", "developer"}
        The candidate is told nothing about any other candidate; of a contrast, which must be with the
        cut-off then, the score there.
    format : {"text", "html", "json"}
        Plain text of at most 96 columns, one self-contained page, or one strict JSON object.

    Returns
    -------
    str

    Raises
    ------
    DataError
        If the audience or the format is not known, or what is to be told to the candidate is
        made of others.
    ProtectedFieldError
        If a candidate is to be told of a model that reads protected or sensitive fields.
    """
    if audience not in AUDIENCES:
        raise DataError(f"audience {audience!r} is not known{did_you_mean(str(audience), AUDIENCES)}")
    if format not in FORMATS:
        raise DataError(f"format {format!r} is not known{did_you_mean(str(format), FORMATS)}")
    if audience == "candidate" and isinstance(explanation, Explanation):
        _refuse_protected(explanation)
    if format == "json":
        return json.dumps(_document(explanation, audience), ensure_ascii=False, allow_nan=False, indent=2)
    page = _page(explanation, audience)
    return as_html(page) if format == "html" else as_text(page)


def _refuse_protected(explanation: Explanation) -> None:
    read = sorted({*explanation.protected, *explanation.sensitive} & set(explanation.sources))
    if read:
        raise ProtectedFieldError(
            f"what ranked reads {', '.join(read)}, which may not decide and is not told to candidates: "
            "show this explanation to an auditor"
        )


def _page(explanation: Explanation | Contrast, audience: str) -> Page:
    if isinstance(explanation, Contrast):
        return CONTRASTS[audience](explanation)
    return AUDIENCES[audience](explanation)


def _document(explanation: Explanation | Contrast, audience: str) -> dict[str, Any]:
    if audience != "candidate":
        return explanation.to_json()
    if isinstance(explanation, Contrast):
        return candidate_cutoff_json(explanation)
    return candidate_json(explanation)
