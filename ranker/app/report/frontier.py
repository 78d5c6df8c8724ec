"""The plot of the frontier: what each position on the path costs in quality, and brings."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from ranker.app.report.plots import padded
from ranker.app.report.theme import COLOURS, FAINT, INK, MUTED, plain, styled

REACH = 2.0  # times the chosen position, as far as the plot is drawn


def reach_of(rows: Sequence[Mapping[str, Any]]) -> float:
    """Return the position up to which the frontier is drawn.

    Beyond twice the chosen one multiples undo the ranking itself: on the demo's task 64 times
    the last multipliers leave an NDCG@10 of 0.31, and the part that matters was squashed into
    a corner.
    """
    chosen = next((row["multiplier"] for row in rows if row["chosen"]), 0.0)
    return max(1.0, REACH * float(chosen))


def frontier_plot(
    rows: Sequence[Mapping[str, Any]], constraint: Mapping[str, Any], column: str = "gap"
) -> go.Figure:
    """Draw NDCG@10 against a constraint's measure for every position that was tried, on the tune part.

    Parameters
    ----------
    rows : sequence of dict
        Of the frontier, by growing position.
    constraint : dict
        Whose bound is drawn.
    column : str
        Its measure in the rows.
    """
    difference = constraint["kind"] == "difference"
    form = ".1%" if difference else ".3f"
    at = {
        "before": [row for row in rows if row["multiplier"] == 0],
        "after": [row for row in rows if row["chosen"]],
    }
    figure = go.Figure()
    figure.add_scatter(
        x=[row[column] for row in rows], y=[row["ndcg"] for row in rows], mode="lines+markers",
        name="positions tried", line={"color": FAINT, "width": 2},
        marker={"color": "#9aa5b1", "size": 7}, customdata=[row["multiplier"] for row in rows],
        hovertemplate=f"position %{{customdata:.4g}}<br>%{{x:{form}}}<br>NDCG@10 %{{y:.3f}}<extra></extra>",
    )  # fmt: skip
    for name, called in (("before", "position 0 (unconstrained)"), ("after", "chosen (shipped)")):
        figure.add_scatter(
            x=[row[column] for row in at[name]], y=[row["ndcg"] for row in at[name]], mode="markers",
            name=called, hoverinfo="skip",
            # The ring stays in sight where the chosen position is 0.
            marker={"color": COLOURS[name], "symbol": "diamond-open" if name == "before" else "circle",
                    "size": 20 if name == "before" else 12, "line": {"color": COLOURS[name], "width": 3}},
        )  # fmt: skip
    figure.add_vline(x=constraint["bound"], line={"color": INK, "width": 1.5, "dash": "dash"})
    bound = f"{constraint['bound']:.1%}" if difference else f"{constraint['bound']:.2f}"
    figure.add_annotation(
        x=constraint["bound"], y=1, yref="paper", yanchor="bottom", text=f"bound {bound}", showarrow=False,
        font={"size": 12, "color": MUTED},
    )  # fmt: skip
    styled(figure, height=440)
    figure.update_layout(margin={"t": 84})
    measure = plain(constraint["measure"].replace("_", " "))
    near = [row for row in rows if row["multiplier"] <= reach_of(rows)]
    known = [row[column] for row in near if row[column] is not None]
    span = padded([constraint["bound"], *known])
    if difference:
        span = [0.0, max([constraint["bound"], *known]) * 1.06 or 1.0]
    figure.update_xaxes(
        title_text=f"largest gap of a group from its pools,<br>{measure}, % of the pools'"
        if difference
        else f"least-served over best-served group,<br>{measure}",
        tickformat="~%" if difference else None, range=span, nticks=7,
    )  # fmt: skip
    quality = [row["ndcg"] for row in near if row["ndcg"] is not None]
    figure.update_yaxes(title_text="NDCG@10 (0 to 1)", nticks=6, range=padded(quality))
    return figure
