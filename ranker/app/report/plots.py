"""Plots of quality and treatment: ratios, groups, and the gap by field."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from ranker.app.report.theme import COLOURS, INK, MUTED, NAMES, SYMBOLS, plain, styled

ROW = 46  # pixels that a row of a dot plot takes
SHIFT = 0.16  # of a row, by which before and after stand apart


def series_of(unchanged: bool) -> tuple[str, ...]:
    """Return what is drawn: one series where training changed nothing."""
    return ("after",) if unchanged else ("before", "after")


def dots(
    rows: Sequence[str],
    values: Mapping[str, Sequence[float | None]],
    *,
    title: str,
    intervals: Mapping[str, Sequence[Sequence[float | None]]] | None = None,
    lines: Mapping[float, str] | None = None,
    percent: bool = False,
) -> go.Figure:
    """Draw values as dots, a row each, with intervals and reference lines where they are given.

    Parameters
    ----------
    rows : sequence of str
        Names of the rows, from above.
    values : dict of str to sequence of float or None
        ``before`` and ``after``, or ``after`` alone; None where not measured.
    title : str
        Of the value axis, with its unit.
    intervals : dict of str to sequence of (low, high), optional
        Of the same values.
    lines : dict of float to str, optional
        Reference values and what they are called.
    percent : bool
        Whether to write the axis in per cent.
    """
    figure = go.Figure()
    for name, found in values.items():
        shift = 0.0 if len(values) == 1 else (-SHIFT if name == "before" else SHIFT)
        ends = (intervals or {}).get(name)
        figure.add_scatter(
            x=found,
            y=[i + shift for i in range(len(rows))],
            mode="markers",
            name=NAMES[name],
            marker={"color": COLOURS[name], "symbol": SYMBOLS[name], "size": 11},
            cliponaxis=False,
            error_x=None if ends is None else _whiskers(found, ends, COLOURS[name]),
            text=[plain(row) for row in rows],
            hovertemplate="%{text}: %{x:.1%}<extra></extra>"
            if percent
            else "%{text}: %{x:.3f}<extra></extra>",
        )
    # Names of three lines or more stand on two levels, so that neighbours do not run into each other.
    levels = 1 + (len(lines or {}) > 2)
    for place, (at, called) in enumerate(sorted((lines or {}).items())):
        figure.add_vline(x=at, line={"color": MUTED, "width": 1, "dash": "dot"})
        figure.add_annotation(
            x=at, y=1, yref="paper", yanchor="bottom", text=called, showarrow=False,
            yshift=16 * (place % levels),
            font={"size": 12, "color": MUTED},
        )  # fmt: skip
    top = 44 * (len(values) > 1) + 22 * bool(lines) + 16 * (levels - 1)
    styled(figure, height=60 + top + ROW * len(rows), legend=len(values) > 1)
    figure.update_layout(margin={"t": max(top, 12)})
    figure.update_yaxes(
        tickvals=list(range(len(rows))), ticktext=[plain(row, 20) for row in rows],
        range=[len(rows) - 0.5, -0.5], zeroline=False, showgrid=False,
    )  # fmt: skip
    known = [v for found in values.values() for v in found if v is not None]
    figure.update_xaxes(
        title_text=title,
        tickformat="~%" if percent else None,
        nticks=6,
        range=padded([*known, *(lines or {})]),
    )
    return figure


def padded(values: Sequence[float]) -> list[float]:
    """Return a range that holds the values, and a little room on both sides."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    room = 0.08 * (high - low) or 0.5
    return [low - room, high + room]


def _whiskers(
    values: Sequence[float | None], ends: Sequence[Sequence[float | None]], colour: str
) -> dict[str, Any]:
    """Turn intervals into plotly's distances; an unmeasured one has none."""

    def apart(a: float | None, b: float | None) -> float:
        return 0.0 if a is None or b is None else max(b - a, 0.0)

    return {
        "type": "data",
        "symmetric": False,
        "array": [apart(v, high) for v, (_, high) in zip(values, ends, strict=True)],
        "arrayminus": [apart(low, v) for v, (low, _) in zip(values, ends, strict=True)],
        "color": colour,
        "thickness": 2,
        "width": 5,
    }


def gap_plot(labels: Sequence[str], amounts: Mapping[str, Sequence[float]], *, title: str) -> go.Figure:
    """Draw what each field adds to the difference of two groups' mean scores: bars, the sum last."""
    figure = go.Figure()
    for name, values in amounts.items():
        figure.add_bar(
            x=list(values), y=list(range(len(labels))), orientation="h", name=NAMES[name],
            marker={"color": COLOURS[name], "opacity": [*[0.75] * (len(labels) - 1), 1.0]},
            text=[plain(label) for label in labels], textposition="none",
            hovertemplate="%{text}: %{x:+.4f}<extra></extra>",
        )  # fmt: skip
    styled(figure, height=(96 if len(amounts) > 1 else 64) + 44 * len(labels), legend=len(amounts) > 1)
    figure.update_layout(barmode="group", bargap=0.3, legend={"traceorder": "normal"})
    figure.add_hline(y=len(labels) - 1.5, line={"color": MUTED, "width": 1})
    figure.add_vline(x=0, line={"color": INK, "width": 1})
    figure.update_yaxes(
        tickvals=list(range(len(labels))), ticktext=[plain(label, 16) for label in labels],
        range=[len(labels) - 0.5, -0.5], showgrid=False, zeroline=False,
    )  # fmt: skip
    figure.update_xaxes(title_text=plain(title, 32, 160), nticks=6, tickangle=0)
    return figure
