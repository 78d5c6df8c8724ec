"""The whole model as one self-contained page whose plots can be saved as PNG."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from explain.importance import Importance, PartImportance
from explain.leaning import Leaning
from explain.shapes import Shape
from ranker.app.model_findings import Findings
from ranker.app.report.drawings import title_of
from ranker.app.report.page import template
from ranker.app.report.pairs import pair_figure
from ranker.app.report.plots import dots
from ranker.app.report.series import has_few_values, is_unchanged, term_series
from ranker.app.report.shapes import MOST_BARS, shape_figure
from ranker.app.report.tables import pair_rows, shape_rows
from ranker.app.report.theme import COLOURS, INK, NAMES, drawn, plain, styled

MOST_SHAPES = 60
MOST_PAIRS = 6
MOST_FIELDS = 20


def model_page(found: Findings, *, command: str) -> str:
    """Write the findings about a model as one HTML page.

    The page asks no other host for anything; its content security policy forbids it.

    Parameters
    ----------
    found : Findings
        What there is to say.
    command : str
        The command that makes the page again.

    Returns
    -------
    str
        The same findings give the same page, byte for byte.
    """
    singles = [shape for shape in found.shapes if len(shape.features) == 1]
    pairs = [shape for shape in found.shapes if len(shape.features) == 2 and max(_sizes(shape)) > 0]
    return template("model.html").render(
        title=found.model.task.title,
        found=found,
        leaning=None
        if found.leaning is None or found.before is None
        else _leaning(found.leaning, found.before),
        job=None if found.job is None else _job(found.job),
        terms=found.shapes,
        unchanged=all(is_unchanged(shape.change) for shape in found.shapes),
        shapes=[_single(shape, found, i) for i, shape in enumerate(singles)],
        pairs=[_pair(shape, found, i) for i, shape in enumerate(pairs[:MOST_PAIRS])],
        n_pairs=len(pairs),
        command=command,
        plotly=Markup(get_plotlyjs()),
    )


def _leaning(leaning: Leaning, before: Importance) -> dict[str, Any]:
    shares = {part.name: part.share for part in before.fields}
    rows: list[dict[str, Any]] = [
        {
            "label": one.label,
            "paths": one.fields,
            "before": sum(shares.get(path, 0.0) for path in one.fields),
            "share": one.share,
            "rank_change": one.rank_change,
            "turnover": one.turnover,
        }
        for one in leaning.fields
    ]
    top = rows[:MOST_FIELDS]
    unchanged = all(abs(row["before"] - row["share"]) < 1e-9 for row in rows)
    series = {name: [row[key] for row in top] for name, key in (("before", "before"), ("after", "share"))}
    if unchanged:
        del series["before"]
    labels = [row["label"] for row in top]
    moved = {"after": [one.rank_change.value for one in leaning.fields[:MOST_FIELDS]]}
    lot = leaning.by_lot.rank_change.value
    ends = [(one.rank_change.low, one.rank_change.high) for one in leaning.fields[:MOST_FIELDS]]
    ranks = dots(
        labels, moved, title="ranks that a candidate moves on average",
        intervals={"after": ends}, lines={lot: "all by lot"},
    )  # fmt: skip
    ranks.update_xaxes(range=[0.0, 1.25 * max([lot, *moved["after"]]) or 1.0])
    return {
        "rows": rows,
        "left_out": len(rows) - len(top),
        "shares": drawn(share_bars(labels, series), "shares", camera=True),
        "ranks": drawn(ranks, "shuffled", camera=True),
    }


def _job(job: Importance) -> dict[str, Any]:
    fields = {part.name for part in job.fields}
    entries = sorted((p for p in job.items if p.name not in fields), key=lambda p: (-p.size, p.name))
    top: list[PartImportance] = list(job.fields[:MOST_FIELDS])
    told = bool(top) and np.isfinite(top[0].share)
    plot = share_bars([part.label for part in top], {"after": [part.share for part in top]}) if told else None
    return {
        "importance": job,
        "entries": entries[:MOST_FIELDS],
        "plot": None if plot is None else drawn(plot, "job", camera=True),
    }


def share_bars(labels: list[str], series: dict[str, list[float]]) -> go.Figure:
    """Draw shares of the variance as bars, a row for each label."""
    figure = go.Figure()
    for name, values in series.items():
        figure.add_bar(
            x=[None if v != v else v for v in values], y=list(range(len(labels))), orientation="h",
            name=NAMES[name], marker={"color": COLOURS[name]}, text=[plain(label) for label in labels],
            textposition="none", hovertemplate="%{text}: %{x:.1%}<extra></extra>",
        )  # fmt: skip
    styled(figure, height=(110 if len(series) > 1 else 76) + 40 * len(labels), legend=len(series) > 1)
    figure.update_layout(barmode="group", bargap=0.3, legend={"traceorder": "normal"})
    figure.add_vline(x=0, line={"color": INK, "width": 1})
    figure.update_yaxes(
        tickvals=list(range(len(labels))), ticktext=[plain(label, 20) for label in labels],
        range=[len(labels) - 0.5, -0.5], showgrid=False, zeroline=False,
    )  # fmt: skip
    figure.update_xaxes(title_text="share of the variance of scores within jobs", tickformat="~%", nticks=6)
    return figure


def _single(shape: Shape, found: Findings, position: int) -> dict[str, Any]:
    [feature], labels, unchanged = shape.features, list(shape.bins[0]), is_unchanged(shape.change)
    title = title_of(feature, found.model)
    figure = shape_figure(shape.change, labels, title=title, unchanged=unchanged)
    few = has_few_values(shape.change)
    return {
        "label": feature.label,
        "sources": feature.sources,
        "unchanged": unchanged,
        "importance": shape.importance,
        "rows": shape_rows(shape.change, labels),
        "left_out": max(len(labels) - 2 - MOST_BARS, 0) if few else 0,
        "plot": drawn(figure, f"shape-{position}", camera=True) if position < MOST_SHAPES else None,
    }


def _pair(shape: Shape, found: Findings, position: int) -> dict[str, Any]:
    labels = [list(names) for names in shape.bins]
    titles = [title_of(feature, found.model) for feature in shape.features]
    whole = max(_sizes(shape)) or 1.0
    most = {
        "before": whole,
        "after": whole,
        "correction": float(np.abs(shape.change.correction).max()) or 1.0,
    }
    plots = {
        name: drawn(
            pair_figure(shape.change, name, labels, titles, most=most[name]), f"pair-{position}-{name}",
            camera=True,
        )
        for name in term_series(is_unchanged(shape.change))
    }  # fmt: skip
    return {
        "labels": [feature.label for feature in shape.features],
        "importance": shape.importance,
        "plots": plots,
        "rows": pair_rows(shape.change, labels),
    }


def _sizes(shape: Shape) -> tuple[float, float]:
    return float(np.abs(shape.change.before).max()), float(np.abs(shape.change.after).max())
