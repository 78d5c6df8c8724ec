"""Templates, and the headers of a page."""

import hashlib
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import Response

from explain.words import clean
from ranker.app.pages.doubts import percent_below
from ranker.app.report.wording import percent, signed, three

__all__ = ["HEADERS", "STYLE", "as_shown", "inner_page", "page", "style_version"]

FOLDER: Final = Path(__file__).parent / "templates"
STYLE: Final = FOLDER / "pages.css"
# Nothing but the pages' own style sheet: no script at all, nothing from elsewhere, forms to this server alone.
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
}
WIDTH: Final = re.compile(r' class="(\w+)" style="width: ([\d.]+)%"')
HEADING: Final = re.compile(r"<h[12]>(.*?)</h[12]>", re.DOTALL)
SCROLLS: Final = '<div class="wide" role="region" aria-label="{}" tabindex="0">'


def page(template: str, status: int = 200, **told: Any) -> Response:
    """Write a page.

    Parameters
    ----------
    template : str
        File name of its template.
    status : int
        Of the response.
    **told
        What the template names.
    """
    text = _environment().get_template(template).render(style=style_version(), **told)
    return Response(text, status, HEADERS, "text/html")


@cache
def style_version() -> str:
    """Return what changes whenever the style sheet does, so that a browser may keep it for good."""
    return hashlib.sha256(STYLE.read_bytes()).hexdigest()[:16]


def inner_page(html: str) -> Markup:
    """Return what a page of :mod:`explain` shows, to stand inside another page.

    Its bars have their widths as styles, which the pages' policy forbids: they become classes, to a
    whole per cent.

    Parameters
    ----------
    html : str
        As :func:`explain.render` writes it; what came from records is escaped in it.
    """
    _, _, rest = html.partition("<main>")
    inner, end, _ = rest.rpartition("</main>")
    if not end:
        raise ValueError("the page has no <main>")
    inner = _named(inner)
    return Markup(WIDTH.sub(lambda found: f' class="{found[1]} w{round(float(found[2]))}"', inner))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        finalize=_finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "three": three,
        "signed": signed,
        "percent": percent,
        "percent_below": percent_below,
        "share": lambda value: f"{100 * value:g} %",
        "moment": _moment,
        "figure": lambda value: f"{value:.2f}",
    }
    return environment


def _named(inner: str) -> str:
    """Let each table be reached by keyboard, under the name of the heading that it stands below."""
    first, *rest = inner.split('<div class="wide">')
    written, name, used = first, "Table", Counter[str]()
    for part in rest:
        name = (HEADING.findall(written) or [name])[-1]
        used[name] += 1
        shown = name.replace('"', "&#34;") + (f", {used[name]}" if used[name] > 1 else "")
        written += SCROLLS.format(shown) + part
    return written


def as_shown(text: str) -> str:
    """Return a text as pages show it: its lines stay lines, what could steer a reader's eye is taken out."""
    return "\n".join(clean(line) for line in text.replace("\r\n", "\n").split("\n"))


def _finalize(value: Any) -> Any:
    return as_shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _moment(time: str) -> str:
    """Write the log's time to the minute."""
    return f"{time[:10]} {time[11:16]} UTC"
