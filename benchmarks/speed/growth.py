"""Does cost grow in proportion: nanoseconds a pair as pools and jobs grow by factors of ten."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.speed.machine import pinned
from benchmarks.speed.measure import measure
from benchmarks.speed.row import Case

MOST = 1.5  # times the cost a pair of the smallest

Grows = Callable[[int], Case]


def run(series: dict[str, tuple[Grows, Sequence[int]]], *, times: int) -> list[dict[str, Any]]:
    """Measure each series at its sizes, on one thread.

    Returns
    -------
    list of dict
        ``name``, ``sizes``, ``nanoseconds_each`` and ``growth``: of the largest over the smallest.
    """
    found = []
    for name, (prepare, sizes) in series.items():
        with pinned(1):
            each = []
            for size in sizes:
                case = prepare(size)
                each.append(measure(case, times=times)["candor"].cpu / case.n * 1e9)
        growth = each[-1] / each[0]
        found.append(
            {
                "name": name,
                "sizes": list(sizes),
                "nanoseconds_each": each,
                "growth": growth,
                "met": growth <= MOST,
            }
        )
    return found


def draw(found: Sequence[dict[str, Any]], path: Path) -> None:
    """Draw cost a pair over size, both axes by factors of ten."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
    for series in found:
        axes.plot(series["sizes"], series["nanoseconds_each"], marker="o", label=series["name"])
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("candidates, or jobs")
    axes.set_ylabel("nanoseconds a pair, one thread")
    axes.set_title("Cost of a pair as pools grow")
    axes.legend(frameon=False, fontsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
