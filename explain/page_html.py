"""A page as one self-contained HTML file."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, Template
from markupsafe import Markup

from explain.page import Items, Page, Table
from explain.words import clean

__all__ = ["as_html"]


def as_html(page: Page) -> str:
    """Write a page as HTML: no script, nothing fetched; what the record holds is escaped."""
    return _template().render(page=page)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("explain"),
        autoescape=True,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.tests["items"] = lambda block: isinstance(block, Items)
    environment.tests["table"] = lambda block: isinstance(block, Table)
    return environment.get_template("explanation.html")


def _finalize(value: Any) -> Any:
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value
