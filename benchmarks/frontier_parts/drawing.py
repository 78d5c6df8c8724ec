"""Quality against exposure: a panel for each task and attribute."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.frontier_parts.methods import FAIR, METHODS
from benchmarks.frontier_parts.ours import FAIR_OF_OURS, QUALITY_OF_OURS
from benchmarks.frontier_parts.quality import QUALITY
from benchmarks.frontier_parts.summary import Figures

# Okabe & Ito (2008), Color Universal Design; shape and dash tell lines apart without colour too.
COLOURS = ("#E69F00", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#000000")
OURS, INK, MUTED, RULE = "#0072B2", "#1f2a33", "#5c6773", "#e4e7ea"
MARKERS = ("s", "^", "D", "v", "P", "X")
DASHES = ((0, (4, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)), (0, (3, 1, 1, 1)), (0, (8, 3)), (0, (2, 3)))
OPEN = ("o", "s", "^", "D", "v", "P", "X", "<", ">")
COLUMNS = 2
PANEL = (5.4, 4.0)  # inches


def draw(figures: list[Figures], folder: Path, *, suffix: str = "svg") -> list[Path]:
    """Draw all panels in ``frontier.svg`` and each in a file of its own beside the store.

    Returns
    -------
    list of Path
        What was written; nothing where no task has a frontier.
    """
    cases = [case for case in figures if case["fair"]]
    if not cases:
        return []
    written = [_save(cases, folder / f"frontier.{suffix}", COLUMNS)]
    for case in cases:
        name = f"{case['task']}-{case['attribute'].split('.', 1)[-1]}.{suffix}"
        written.append(_save([case], folder / "frontier" / name, 1))
    return written


def _save(cases: list[Figures], path: Path, columns: int) -> Path:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    with _look():
        rows = -(-len(cases) // columns)
        size = (PANEL[0] * columns, PANEL[1] * rows + 1.0)
        figure, axes = pyplot.subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")
        for axis, case in zip(axes.flat, cases, strict=False):
            _panel(axis, case)
        for axis in list(axes.flat)[len(cases) :]:
            axis.set_visible(False)
        handles: dict[str, Any] = {}
        for axis in axes.flat:
            found, labels = axis.get_legend_handles_labels()
            handles |= dict(zip(labels, found, strict=True))
        handles = {name: handles[name] for name in METHODS if name in handles}
        figure.legend(
            handles.values(), handles.keys(), loc="outside lower center", ncols=2 * columns, frameon=False
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        # Without a date, so that equal figures are equal files.
        figure.savefig(path, dpi=110, metadata={"Date": None} if path.suffix == ".svg" else None)
        pyplot.close(figure)
    return path


@contextmanager
def _look() -> Iterator[None]:
    import matplotlib

    settings = {
        "font.size": 10,
        "axes.edgecolor": MUTED,
        "axes.labelcolor": INK,
        "text.color": INK,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.color": RULE,
        "axes.axisbelow": True,
        "svg.hashsalt": "frontier",
        "svg.fonttype": "path",
    }
    with matplotlib.rc_context(settings):
        yield


def _panel(axis: Any, case: Figures) -> None:
    """Draw frontiers as lines and unconstrained methods as open marks; bars are one standard error."""
    for at, name in enumerate(QUALITY):
        if name in case["quality"]:
            ours = name == QUALITY_OF_OURS
            _bars(
                axis,
                [case["quality"][name]],
                name,
                OURS if ours else MUTED,
                OPEN[at % len(OPEN)],
                "none",
                filled=False,
            )
    for at, name in enumerate(FAIR):
        points = case["fair"].get(name, {}).get("points", [])
        if points:
            ours = name == FAIR_OF_OURS
            colour = OURS if ours else COLOURS[at % len(COLOURS)]
            dashes = "-" if ours else DASHES[at % len(DASHES)]
            _bars(
                axis, points, name, colour, "o" if ours else MARKERS[at % len(MARKERS)], dashes, filled=True
            )
    axis.set_title(f"{case['task']}: {case['attribute'].split('.', 1)[-1]}", loc="left", fontsize=11)
    axis.set_xlabel("exposure ratio, least over most exposed group (test)")
    axis.set_ylabel("NDCG@50 (test)")


def _bars(
    axis: Any, points: list[Figures], name: str, colour: str, marker: str, line: Any, *, filled: bool
) -> None:
    order = sorted(points, key=lambda point: point["exposure_ratio"]["mean"])
    x, y = ([point[measure]["mean"] for point in order] for measure in ("exposure_ratio", "ndcg_50"))
    x_error, y_error = (
        [point[measure]["error"] for point in order] for measure in ("exposure_ratio", "ndcg_50")
    )
    drawn = axis.errorbar(
        x, y, xerr=x_error, yerr=y_error, label=name, color=colour, linestyle=line, marker=marker,
        markersize=6 if filled else 7, markerfacecolor=colour if filled else "white", markeredgecolor=colour,
        linewidth=1.8, elinewidth=0.6, capsize=0, zorder=3 if filled else 4,
    )  # fmt: skip
    for bars in drawn.lines[2]:
        bars.set_alpha(0.35)  # many overlap, and the marks must stay readable through them
