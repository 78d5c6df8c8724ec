"""The frame of a shape's plot: amounts, below them the correction enlarged, below that the training rows."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from fairness.change import ShapeChange
from ranker.app.report.plots import padded
from ranker.app.report.series import amounts_of, spread_of, term_series, weights_of
from ranker.app.report.theme import COLOURS, FAINT, MUTED, SYMBOLS, TAKEN, plain, styled

AMOUNT, CHANGE = 1, 2
MISSING, VALUES = 1, 2  # columns: the missing bin has a panel of its own, left of the axis
SHIFTS = {"before": -0.3, "correction": 0.0, "after": 0.3}  # of a bin, so that marks stand side by side
HEIGHT = {True: 320, False: 460}


def frame(title: str, unchanged: bool) -> go.Figure:
    """Return empty panels; ``finish`` gives them their ranges."""
    figure = make_subplots(
        rows=2 if unchanged else 3, cols=2, column_widths=[0.11, 0.89], horizontal_spacing=0.02,
        vertical_spacing=0.05, row_heights=[0.76, 0.24] if unchanged else [0.6, 0.22, 0.18],
    )  # fmt: skip
    styled(figure, height=HEIGHT[unchanged], legend=not unchanged)
    figure.update_layout(margin={"t": 24 if unchanged else 72})
    figure.update_layout(barmode="group", bargap=0.25)
    figure.update_xaxes(title_text=plain(title), row=density_row(unchanged), col=VALUES)
    return figure


def density_row(unchanged: bool) -> int:
    """Return the row of the training rows' density, the last."""
    return 2 if unchanged else 3


def finish(figure: go.Figure, shape: ShapeChange, x_range: Sequence[float], unchanged: bool) -> go.Figure:
    """Give both panels of each row one range.

    The ranges are worked out here: plotly.js 4.1 leaves axes that are bound together by
    ``matches`` at its default, -1 to 4, instead of finding theirs.
    """
    last = density_row(unchanged)
    figure.update_xaxes(showticklabels=False, range=list(x_range), col=VALUES)
    figure.update_xaxes(showticklabels=False, range=[-0.5, 0.5], showgrid=False, zeroline=False, col=MISSING)
    figure.update_xaxes(showticklabels=True, row=last, col=VALUES)
    figure.add_annotation(
        text="missing", x=0, y=1, yref="y domain", yanchor="bottom", showarrow=False,
        font={"size": 12, "color": MUTED}, row=AMOUNT, col=MISSING,
    )  # fmt: skip
    figure.update_yaxes(zeroline=True, zerolinecolor=MUTED, nticks=6)
    spread = [_extent(shape, name) for name in term_series(unchanged)]
    figure.update_yaxes(range=padded([0.0, *np.concatenate(spread)]), row=AMOUNT)
    figure.update_yaxes(title_text="score", row=AMOUNT, col=MISSING)
    if not unchanged:
        figure.update_yaxes(range=padded([0.0, *_extent(shape, "correction")]), nticks=4, row=CHANGE)
        figure.update_yaxes(title_text="correction,<br>enlarged", row=CHANGE, col=MISSING)
    figure.update_yaxes(rangemode="tozero", tickformat="~%", nticks=3, zeroline=False, row=last)
    figure.update_yaxes(title_text="rows", row=last, col=MISSING)
    figure.update_yaxes(showticklabels=False, col=VALUES)
    return figure


def share_range(shares: Sequence[np.ndarray]) -> list[float]:
    """Return the range of the training rows' axis, from 0."""
    most = max((float(np.nanmax(s)) for s in shares if np.isfinite(s).any()), default=0.0)
    return [0.0, 1.1 * most or 1.0]


def _drawn(shape: ShapeChange) -> slice:
    """Return the bins that are drawn: no number is ever in "never seen"."""
    return slice(None) if isinstance(shape.levels[0], dict) else slice(0, -1)


def _extent(shape: ShapeChange, name: str) -> np.ndarray:
    scores, spread = amounts_of(shape, name), spread_of(shape, name)
    spread = np.zeros_like(scores) if spread is None else spread
    return np.concatenate([scores - spread, scores + spread])[np.r_[_picked(shape), _picked(shape)]]


def _picked(shape: ShapeChange) -> np.ndarray:
    flags = np.zeros(len(shape.after), dtype=bool)
    flags[_drawn(shape)] = True
    return flags


def mark(figure: go.Figure, shape: ShapeChange, name: str, *, at: int, x: float, col: int, one: bool) -> None:
    """Mark a bin that lies off the axis; hollow where no training row fell into it."""
    seen, spread = bool(weights_of(shape)[at] > 0), spread_of(shape, name)
    shift = 0.0 if one else SHIFTS[name]
    figure.add_scatter(
        x=[x + shift], y=numbers(amounts_of(shape, name)[[at]]), mode="markers",
        marker={"color": COLOURS[name], "size": 8, "symbol": SYMBOLS[name] + ("" if seen else "-open"),
                "line": {"width": 2, "color": COLOURS[name]}},
        error_y=whiskers(None if spread is None or not seen else spread[[at]], COLOURS[name]),
        showlegend=False, legendgroup=name,
        hovertemplate=("missing" if at == 0 else "never seen") + ": %{y:+.4f}<extra></extra>",
        row=AMOUNT, col=col,
    )  # fmt: skip


def change_at_missing(figure: go.Figure, shape: ShapeChange) -> None:
    """Mark the correction where the value is missing, enlarged."""
    figure.add_scatter(
        x=[0], y=numbers(shape.correction[:1]), mode="markers", marker={"color": TAKEN, "size": 7}, showlegend=False,
        hovertemplate="missing: %{y:+.4f}<extra></extra>", row=CHANGE, col=MISSING,
    )  # fmt: skip


def rows_at_missing(figure: go.Figure, share: float, row: int) -> None:
    """Draw the share of training rows where the value is missing."""
    figure.add_bar(
        x=[0], y=numbers(np.array([share])), width=0.6, marker={"color": FAINT}, showlegend=False,
        hovertemplate="missing: %{y:.1%} of the training rows<extra></extra>", row=row, col=MISSING,
    )  # fmt: skip


def whiskers(spread: np.ndarray | None, colour: str) -> dict[str, object] | None:
    """Return plotly's error bars for deviations."""
    return (
        None if spread is None else {"array": numbers(spread), "thickness": 1.5, "width": 3, "color": colour}
    )


def numbers(values: np.ndarray) -> list[float | None]:
    """Write an array as plain numbers, so that the page can be read and NaN is null."""
    return [float(f"{v:.7g}") if np.isfinite(v) else None for v in np.asarray(values, dtype=np.float64)]
