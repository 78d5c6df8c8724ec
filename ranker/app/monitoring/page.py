"""What ``candor monitor`` found as one self-contained page, in the report's style."""

from collections.abc import Sequence
from typing import Any, Final

import plotly.graph_objects as go
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from ranker.app.monitoring.command import Watched
from ranker.app.monitoring.fairness_over_time import Week
from ranker.app.report.page import template
from ranker.app.report.sections import Section
from ranker.app.report.theme import AFTER, BEFORE, INK, MUTED, TAKEN, drawn, plain, styled

__all__ = ["monitoring_page"]

SECTIONS: Final = (
    Section("drift", "Drift"), Section("alarms", "Alarms"), Section("groups", "Groups, week by week"),
)  # fmt: skip
MOST_LINES: Final = 5  # columns whose PSI is drawn
MOST_GROUPS: Final = 6
# Okabe & Ito (2008), with a symbol and a dash each, so that lines are told apart without colours.
SERIES: Final = (
    (AFTER, "circle", "solid"), (BEFORE, "diamond", "dash"), (TAKEN, "square", "dot"),
    ("#CC79A7", "triangle-up", "dashdot"), ("#D55E00", "x", "longdash"), (MUTED, "cross", "solid"),
)  # fmt: skip


def monitoring_page(watched: Watched) -> str:
    """Write the findings as one HTML page.

    The page asks no other host for anything; its content security policy forbids it.

    Parameters
    ----------
    watched : Watched
        What was found.

    Returns
    -------
    str
        The same log and model give the same page, byte for byte.
    """
    weeks = watched.weeks.all()
    charts = [
        {
            "attribute": attribute,
            "words": watched.weeks.selected_in_words(kind),
            "plot": drawn(_weeks_plot(own), f"weeks-{place}") if len(own) > 1 else None,
            "weeks": own,
        }
        for place, ((attribute, kind), own) in enumerate(_by_attribute(weeks).items())
    ]
    known = sum(bool(psi) for _, psi in watched.history)
    history = drawn(_history(watched), "history") if known > 1 else None
    return template("monitoring.html").render(
        w=watched,
        sections=SECTIONS,
        thresholds=watched.monitor.thresholds,
        history=history,
        charts=charts,
        alerts=list(reversed(watched.alerts)),
        plotly=Markup(get_plotlyjs()) if history or any(one["plot"] for one in charts) else "",
    )


def _by_attribute(weeks: Sequence[Week]) -> dict[tuple[str, str], list[Week]]:
    found: dict[tuple[str, str], list[Week]] = {}
    for week in weeks:
        found.setdefault((week.attribute, week.kind), []).append(week)
    return found


def _history(watched: Watched) -> go.Figure:
    """Draw the PSI of the columns that moved most."""
    thresholds = watched.monitor.thresholds
    labels = {column.name: column.label for column in watched.observer.snapshot.columns}
    highest = {
        name: max((psi[name] for _, psi in watched.history if name in psi), default=0.0) for name in labels
    }
    figure = go.Figure()
    chosen = sorted(labels, key=lambda name: -highest[name])[:MOST_LINES]
    for name, (colour, _, dash) in zip(chosen, SERIES, strict=False):
        there = [(number, psi[name]) for number, psi in watched.history if name in psi]
        figure.add_scatter(
            x=[number for number, _ in there], y=[value for _, value in there], mode="lines",
            name=plain(labels[name], 0, 40), line={"color": colour, "dash": dash, "width": 2},
            hovertemplate="decision %{x}: %{y:.3f}<extra></extra>",
        )  # fmt: skip
    # At two ends: where a column moved far, the two lines lie upon each other.
    bounds = ((thresholds.psi_look, "look", "top left"), (thresholds.psi_alarm, "alarm", "top right"))
    for at, word, place in bounds:
        line = {"color": INK, "width": 1, "dash": "dot"}
        figure.add_hline(y=at, line=line, annotation_text=word, annotation_position=place)
    styled(figure, height=340)
    figure.update_layout(margin={"t": 84})
    figure.update_xaxes(title_text="decision in the log", nticks=6)
    figure.update_yaxes(title_text="PSI", rangemode="tozero")
    return figure


def _weeks_plot(weeks: Sequence[Week]) -> go.Figure:
    """Draw the selection rate of each group by week, with its interval."""
    figure = go.Figure()
    names = list(dict.fromkeys(one.group for week in weeks for one in week.groups))[:MOST_GROUPS]
    for name, (colour, symbol, dash) in zip(names, SERIES, strict=False):
        rows: list[tuple[str, Any]] = [
            (week.week.isoformat(), one)
            for week in weeks
            for one in week.groups
            if one.group == name and one.rate is not None
        ]
        figure.add_scatter(
            x=[day for day, _ in rows], y=[one.rate for _, one in rows], mode="lines+markers",
            name=plain(name, 0, 40), line={"color": colour, "dash": dash, "width": 2},
            marker={"symbol": symbol, "size": 9},
            error_y={
                "type": "data", "symmetric": False, "color": colour, "thickness": 1.5, "width": 4,
                "array": [max(one.interval[1] - one.rate, 0.0) for _, one in rows],
                "arrayminus": [max(one.rate - one.interval[0], 0.0) for _, one in rows],
            },
            hovertemplate="%{x}: %{y:.1%}<extra></extra>",
        )  # fmt: skip
    styled(figure, height=340)
    figure.update_layout(margin={"t": 64})
    figure.update_xaxes(title_text="week of", type="date", nticks=5, tickformat="%d %b %y")
    figure.update_yaxes(title_text="selected", tickformat=".0%", rangemode="tozero")
    return figure
