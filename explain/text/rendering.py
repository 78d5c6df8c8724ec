"""An attribution to words as text, HTML or JSON."""

import json

from explain.page_text import as_text
from explain.strict_json import as_json
from explain.text.page import attribution_html
from explain.text.terminal import attribution_page
from ranker.errors import DataError, did_you_mean
from ranker.text.attribution.result import TextAttribution

__all__ = ["FORMATS", "render_text_attribution"]

FORMATS = ("text", "html", "json")


def render_text_attribution(attribution: TextAttribution, *, format: str = "text") -> str:
    """Write down what each word of a text holds in a model's output.

    Parameters
    ----------
    attribution : TextAttribution
    format : {"text", "html", "json"}
        A line and a short list for the terminal, one self-contained page, or one strict JSON
        object.

    Returns
    -------
    str

    Raises
    ------
    DataError
        If the format is not known.
    """
    if format not in FORMATS:
        raise DataError(f"format {format!r} is not known{did_you_mean(str(format), FORMATS)}")
    if format == "html":
        return attribution_html(attribution)
    if format == "json":
        document = as_json(attribution.to_json())
        return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2)
    return as_text(attribution_page(attribution))
