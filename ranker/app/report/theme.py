"""One look for all plots: colours that the colour-blind tell apart, large type, no toolbar."""

from html import escape
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go
from markupsafe import Markup

# Okabe & Ito (2008), Color Universal Design.
BEFORE, AFTER, TAKEN = "#E69F00", "#0072B2", "#009E73"
BANDS = {"before": "rgba(230,159,0,.18)", "correction": "rgba(0,158,115,.2)", "after": "rgba(0,114,178,.16)"}
COLOURS = {"before": BEFORE, "correction": TAKEN, "after": AFTER}
SYMBOLS = {"before": "diamond", "correction": "square", "after": "circle"}
# So that lines are told apart where colours are not.
DASHES = {"before": "dash", "correction": "dot", "after": "solid"}
INK, MUTED, RULE, FAINT = "#1f2a33", "#5c6773", "#e4e7ea", "#d3d9de"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
CONFIG = {"displayModeBar": False, "responsive": True}
# For pages whose plots are taken elsewhere: a camera that saves what is seen as PNG.
CAMERA = {
    "displayModeBar": True,
    "displaylogo": False,
    "responsive": True,
    "modeBarButtons": [["toImage"]],
}
NAMES = {"before": "before (unconstrained)", "after": "after (shipped)"}


def styled(figure: go.Figure, *, height: int, legend: bool = True) -> go.Figure:
    """Give a figure the common look.

    Parameters
    ----------
    figure : Figure
        With its traces; changed in place and returned.
    height : int
        In pixels; the width is the reader's.
    legend : bool
        Whether to name the series above the plot.
    """
    figure.update_layout(
        template="none",
        height=height,
        font={"family": FONT, "size": 14, "color": INK},
        margin={"l": 8, "r": 12, "t": 44 if legend else 12, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        showlegend=legend,
        legend={"orientation": "h", "x": 0, "xanchor": "left", "y": 1, "yanchor": "top",
                "yref": "container", "bgcolor": "rgba(0,0,0,0)"},
        hoverlabel={"font": {"family": FONT, "size": 13}, "bgcolor": "#ffffff", "bordercolor": FAINT},
        # Dragging would zoom, and on a telephone keep the page from scrolling.
        dragmode=False,
    )  # fmt: skip
    axes = {"gridcolor": RULE, "zerolinecolor": FAINT, "linecolor": FAINT, "automargin": True,
            "exponentformat": "none",
            "title": {"font": {"size": 13, "color": MUTED}, "standoff": 8}, "fixedrange": True}  # fmt: skip
    figure.update_xaxes(**axes)
    figure.update_yaxes(**axes)
    return figure


def drawn(figure: go.Figure, name: str, *, camera: bool = False) -> Markup:
    """Write a figure as the markup of a ``div`` with a stated id; plotly.js stands elsewhere on the page.

    Parameters
    ----------
    figure : Figure
    name : str
        Unique on the page.
    camera : bool
        Whether the reader can save it as PNG, on white; else there is no toolbar.
    """
    config: dict[str, Any] = CONFIG
    if camera:
        config = {**CAMERA, "toImageButtonOptions": {"format": "png", "scale": 3, "filename": name}}
        figure.update_layout(paper_bgcolor="#ffffff")
    return Markup(
        figure.to_html(full_html=False, include_plotlyjs=False, config=config, div_id=f"plot-{name}")
    )


def plain(text: Any, width: int = 0, longest: int = 80) -> str:
    """Write a label so that plotly, which reads tags, shows it as it is; wrapped where a width is given."""
    words = "".join(c if c.isprintable() else " " for c in str(text))
    words = words if len(words) <= longest else words[: longest - 1] + "…"
    lines = wrap(words, width, break_long_words=False) if width else [words]
    return "<br>".join(escape(line, quote=False) for line in lines or [""])
