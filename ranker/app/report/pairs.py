"""Terms of two features as heatmaps."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from explain.bins import short, whole_values
from fairness.change import ShapeChange
from ranker.app.report.series import amounts_of, weights_of
from ranker.app.report.theme import plain, styled

# Brown below zero, teal above: ColorBrewer's BrBG, which the colour-blind tell apart.
SCALE = [[0.0, "#8c510a"], [0.25, "#d8b365"], [0.5, "#f5f5f5"], [0.75, "#5ab4ac"], [1.0, "#01665e"]]
TICKS = 5


def pair_figure(
    pair: ShapeChange, name: str, labels: Sequence[Sequence[str]], titles: Sequence[str], *, most: float
) -> go.Figure:
    """Draw one term of two features; cells are bins, whatever their width.

    Parameters
    ----------
    pair : ShapeChange
        The term; its first feature runs along the horizontal axis.
    name : {"before", "correction", "after"}
        Which of its tables.
    labels : two sequences of str
        Names of the bins.
    titles : two str
        Of the axes.
    most : float
        Largest absolute amount of the colour scale, in score units.
    """
    shown = [shown_cells(pair, axis) for axis in (0, 1)]
    amounts = amounts_of(pair, name)[np.ix_(*shown)].T
    called = [[plain(labels[axis][i], longest=30) for i in shown[axis]] for axis in (0, 1)]
    figure = go.Figure()
    figure.add_heatmap(
        z=[[float(f"{v:.5g}") for v in row] for row in amounts], x=list(range(len(called[0]))),
        y=list(range(len(called[1]))), zmin=-most, zmax=most, colorscale=SCALE,
        customdata=[[f"{x}; {y}" for x in called[0]] for y in called[1]],
        hovertemplate="%{customdata}: %{z:+.4f}<extra></extra>",
        colorbar={"title": {"text": "score", "side": "top", "font": {"size": 13}}, "thickness": 10,
                  "outlinewidth": 0, "nticks": 5, "exponentformat": "none", "tickfont": {"size": 13}},
    )  # fmt: skip
    styled(figure, height=360, legend=False)
    for axis, update in enumerate((figure.update_xaxes, figure.update_yaxes)):
        at, text = ticks(pair, axis, shown[axis], labels[axis])
        update(
            title_text=plain(titles[axis]),
            tickvals=at,
            ticktext=text,
            showgrid=False,
            zeroline=False,
            tickangle=0,
        )
    return figure


def shown_cells(pair: ShapeChange, axis: int) -> np.ndarray:
    """Return the bins along an axis, "missing" and "never seen" only where a training row fell there."""
    weights = weights_of(pair).sum(axis=1 - axis)
    kept = np.ones(len(weights), dtype=bool)
    kept[[0, -1]] = weights[[0, -1]] > 0
    return np.flatnonzero(kept)


def ticks(
    pair: ShapeChange, axis: int, shown: np.ndarray, labels: Sequence[str]
) -> tuple[list[float], list[str]]:
    """Return where to write what along an axis: names of cells where they are few, else cuts between them."""
    level = pair.levels[axis]
    if isinstance(level, dict) or whole_values(level, pair.axes[axis]) or len(level) == 0:
        step = -(-len(shown) // 12)
        few = [(float(i), plain(labels[cell], 10, 20)) for i, cell in enumerate(shown)][::step]
    else:
        cuts = np.asarray(level)
        first = 1 if 0 in shown else 0
        some = np.unique(np.linspace(0, len(cuts) - 1, min(TICKS, len(cuts))).round().astype(int))
        few = [(float(first + i) + 0.5, short(cuts[i], 3)) for i in some]
        if first:
            # No cut is written where "missing" takes the room.
            few = [(0.0, "missing"), *(tick for tick in few if tick[0] > len(shown) / 6)]
    return [at for at, _ in few], [text for _, text in few]
