"""Shape functions: what each value of a feature adds to the score, before, corrected by, and after."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from fairness.change import ShapeChange
from ranker.app.report.panels import (
    AMOUNT,
    CHANGE,
    MISSING,
    VALUES,
    change_at_missing,
    density_row,
    finish,
    frame,
    mark,
    numbers,
    rows_at_missing,
    share_range,
    whiskers,
)
from ranker.app.report.plots import padded
from ranker.app.report.series import (
    amounts_of,
    has_few_values,
    shares_of,
    spread_of,
    term_series,
    weights_of,
)
from ranker.app.report.theme import BANDS, COLOURS, DASHES, FAINT, MUTED, TAKEN, plain

MOST_BARS = 24  # categories that are drawn; the rarest are left out


def shape_figure(shape: ShapeChange, labels: Sequence[str], *, title: str, unchanged: bool) -> go.Figure:
    """Draw the term of one feature: as bars where it has few values, else as step lines.

    Parameters
    ----------
    shape, title, unchanged
        As for ``step_figure``.
    labels : sequence of str
        Names of the bins, "missing" first and "never seen" last.
    """
    if has_few_values(shape):
        return bar_figure(shape, labels, title=title, unchanged=unchanged)
    return step_figure(shape, title=title, unchanged=unchanged)


def step_figure(shape: ShapeChange, *, title: str, unchanged: bool) -> go.Figure:
    """Draw the term of a numeric feature as step lines.

    Parameters
    ----------
    shape : ShapeChange
        The term.
    title : str
        Of the value axis, with its unit.
    unchanged : bool
        Whether to draw one series, without corrections.
    """
    figure, edges, names = frame(title, unchanged), edges_of(shape), term_series(unchanged)
    for name in names:
        inner, spread = amounts_of(shape, name)[1:-1], spread_of(shape, name)
        if spread is not None and name != "correction":
            for sign, fill in ((-1.0, None), (1.0, "tonexty")):
                figure.add_scatter(
                    x=numbers(edges), y=numbers(closed(inner + sign * spread[1:-1])), mode="lines",
                    line={"width": 0, "color": COLOURS[name], "shape": "hv"}, fill=fill,
                    fillcolor=BANDS[name], showlegend=False, hoverinfo="skip", row=AMOUNT, col=VALUES,
                )  # fmt: skip
        figure.add_scatter(
            x=numbers(edges), y=numbers(closed(inner)), mode="lines", name=name, legendgroup=name,
            line={"color": COLOURS[name], "width": 2.5, "shape": "hv", "dash": DASHES[name]},
            hovertemplate="%{x:.4g}: %{y:+.4f}<extra></extra>", row=AMOUNT, col=VALUES,
        )  # fmt: skip
        mark(figure, shape, name, at=0, x=0.0, col=MISSING, one=unchanged)
    if not unchanged:
        _enlarged_band(figure, shape, edges)
        figure.add_scatter(
            x=numbers(edges), y=numbers(closed(shape.correction[1:-1])), mode="lines",
            line={"color": TAKEN, "width": 1.5, "shape": "hv"},
            showlegend=False, hovertemplate="%{x:.4g}: %{y:+.4f}<extra></extra>", row=CHANGE, col=VALUES,
        )  # fmt: skip
        change_at_missing(figure, shape)
    slices, shares, missing = density(shape, edges)
    row = density_row(unchanged)
    figure.add_bar(
        x=numbers((slices[1:] + slices[:-1]) / 2), y=numbers(shares), width=numbers(np.diff(slices)),
        marker={"color": FAINT, "line": {"width": 0}}, showlegend=False,
        hovertemplate="around %{x:.4g}: %{y:.1%} of the training rows<extra></extra>", row=row, col=VALUES,
    )  # fmt: skip
    rows_at_missing(figure, missing, row)
    figure.update_yaxes(range=share_range([shares, np.array([missing])]), row=row)
    low, high = padded([edges[0], edges[-1]])
    return finish(figure, shape, [low + 0.75 * (edges[0] - low), high - 0.75 * (high - edges[-1])], unchanged)


def _enlarged_band(figure: go.Figure, shape: ShapeChange, edges: np.ndarray) -> None:
    """Shade one standard deviation around the enlarged correction; without one, down to zero."""
    spread, inner = shape.deviations[1], shape.correction[1:-1]
    ends = (np.zeros(len(inner)), inner) if spread is None else (inner - spread[1:-1], inner + spread[1:-1])
    for end, fill in zip(ends, (None, "tonexty"), strict=True):
        figure.add_scatter(
            x=numbers(edges), y=numbers(closed(end)), mode="lines",
            line={"width": 0, "color": TAKEN, "shape": "hv"}, fill=fill, fillcolor=BANDS["correction"],
            showlegend=False, hoverinfo="skip", row=CHANGE, col=VALUES,
        )  # fmt: skip


def density(shape: ShapeChange, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Return slices of the axis, the share of training rows in each, and that of the missing."""
    axis, shares = shape.axes[0], shares_of(shape)
    if axis.histogram is None or axis.bounds is None or axis.histogram.size <= 2:
        return edges, shares[1:-1], float(shares[0])
    counts = axis.histogram / max(axis.histogram.sum(), 1e-300)
    return np.linspace(*axis.bounds, len(counts) - 1), counts[1:-1], float(counts[0])


def bar_figure(shape: ShapeChange, labels: Sequence[str], *, title: str, unchanged: bool) -> go.Figure:
    """Draw the term of a feature that has few values as bars, "missing" and "never seen" as marks.

    Parameters
    ----------
    shape, title, unchanged
        As for ``step_figure``.
    labels : sequence of str
        Names of the bins, "missing" first and "never seen" last.
    """
    figure, names, shown = frame(title, unchanged), term_series(unchanged), shown_bins(shape)
    places, hover = list(range(len(shown))), [plain(labels[i]) for i in shown]
    nominal = isinstance(shape.levels[0], dict)
    for name in names:
        spread = spread_of(shape, name)
        figure.add_bar(
            x=places, y=numbers(amounts_of(shape, name)[shown]), name=name, legendgroup=name,
            marker={"color": COLOURS[name]}, text=hover, textposition="none",
            error_y=whiskers(None if spread is None else spread[shown], MUTED),
            hovertemplate="%{text}: %{y:+.4f}<extra></extra>", row=AMOUNT, col=VALUES,
        )  # fmt: skip
        mark(figure, shape, name, at=0, x=0.0, col=MISSING, one=unchanged)
        if nominal:
            mark(figure, shape, name, at=-1, x=float(len(shown)), col=VALUES, one=unchanged)
    if not unchanged:
        spread = spread_of(shape, "correction")
        figure.add_bar(
            x=places, y=numbers(shape.correction[shown]), width=0.5, marker={"color": TAKEN, "opacity": 0.6},
            text=hover, textposition="none", showlegend=False,
            error_y=whiskers(None if spread is None else spread[shown], MUTED),
            hovertemplate="%{text}: %{y:+.4f}<extra></extra>", row=CHANGE, col=VALUES,
        )  # fmt: skip
        change_at_missing(figure, shape)
    row = density_row(unchanged)
    figure.add_bar(
        x=places, y=numbers(shares_of(shape)[shown]), width=0.6, marker={"color": FAINT}, showlegend=False,
        text=hover, textposition="none",
        hovertemplate="%{text}: %{y:.1%} of the training rows<extra></extra>", row=row, col=VALUES,
    )  # fmt: skip
    rows_at_missing(figure, float(shares_of(shape)[0]), row)
    figure.update_yaxes(range=share_range([shares_of(shape)]), row=row)
    ticks = [plain(labels[i], 12, 30) for i in shown] + (["never<br>seen"] if nominal else [])
    # Slanted labels end at their tick: plotly hides the last one where it runs past the edge.
    slant = -35 if sum(map(len, ticks)) + 2 * len(ticks) > 34 else 0
    figure.update_xaxes(
        tickvals=list(range(len(ticks))), ticktext=ticks, tickangle=slant, showgrid=False,
        zeroline=False, col=VALUES,
    )  # fmt: skip
    return finish(figure, shape, [-0.6, len(ticks) - 0.4], unchanged)


def shown_bins(shape: ShapeChange) -> np.ndarray:
    """Return the bins that are drawn, in their order: the weightiest, where they are many."""
    inner = np.arange(1, len(shape.after) - 1)
    heaviest = np.argsort(-weights_of(shape)[inner], kind="stable")[:MOST_BARS]
    return inner[np.sort(heaviest)]


def edges_of(shape: ShapeChange) -> np.ndarray:
    """Return where the steps begin and end: the least training value, the cuts, the greatest one."""
    cuts, bounds = np.asarray(shape.levels[0], dtype=np.float64), shape.axes[0].bounds
    if bounds is None:
        bounds = (cuts[0] - 1.0, cuts[-1] + 1.0) if len(cuts) else (0.0, 1.0)
    inner = cuts if len(cuts) else np.array(bounds)
    return np.concatenate([[min(bounds[0], inner[0])], cuts, [max(bounds[1], inner[-1])]])


def closed(inner: np.ndarray) -> np.ndarray:
    """Repeat the last step's amount, so that its line runs to the last edge."""
    return np.append(inner, inner[-1])
