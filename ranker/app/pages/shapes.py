"""Shape functions as drawings that need no script: what each value of a feature adds to the score."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from explain.bins import short
from explain.shapes import Shape, shape_functions
from ranker.app.report.series import amounts_of, has_few_values, is_unchanged
from ranker.app.report.tables import pair_rows, shape_rows
from ranker.app.served import Served

__all__ = ["Drawing", "Term", "terms_of"]

WIDTH, HEIGHT = 360.0, 210.0  # of a drawing, in its own units
LEFT, RIGHT, TOP, BOTTOM = 48.0, 8.0, 10.0, 26.0
MOST_PAIRS: Final = 6


@dataclass(frozen=True, slots=True)
class Drawing:
    """Step lines over a numeric feature.

    Parameters
    ----------
    lines : tuple of (str, str)
        Name of a series, ``before`` or ``after``, and its path.
    zero : float
        Height of the line where nothing is added.
    across, up : tuple of (float, str)
        Ticks of the two axes: where, and what stands there.
    """

    lines: tuple[tuple[str, str], ...]
    zero: float
    across: tuple[tuple[float, str], ...]
    up: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the score.

    Parameters
    ----------
    label : str
        Its features in words.
    sources : tuple of str
        Raw fields that they read.
    importance : float
        Mean absolute amount over the training rows, in score units.
    unchanged : bool
        Whether fairness left it as it was.
    drawing : Drawing or None
        Of a numeric feature.
    rows : sequence of dict
        The same as a table: names, share of the training rows, amounts before and after.
    most : float
        Largest absolute amount of the rows, for their bars.
    """

    label: str
    sources: tuple[str, ...]
    importance: float
    unchanged: bool
    drawing: Drawing | None
    rows: Sequence[dict[str, Any]]
    most: float


def terms_of(served: Served) -> dict[str, tuple[Term, ...]]:
    """Lay each served model open, the weightiest terms first.

    Parameters
    ----------
    served : Served
        The models.
    """
    found: dict[str, tuple[Term, ...]] = {}
    if (ranker := served.ranker) is not None:
        shapes = shape_functions(ranker.scorer, ranker.task.features, unconstrained=ranker.unconstrained)
        found["ranker"] = _terms(shapes)
    if (one := served.classifier) is not None:
        found["classifier"] = _terms(shape_functions(one.classifier.scorer, one.classifier.features))
    return found


def _terms(shapes: Sequence[Shape]) -> tuple[Term, ...]:
    pairs = [shape for shape in shapes if len(shape.features) == 2][:MOST_PAIRS]
    return tuple(_term(shape) for shape in shapes if len(shape.features) == 1 or shape in pairs)


def _term(shape: Shape) -> Term:
    labels = [list(names) for names in shape.bins]
    single = len(labels) == 1
    rows = shape_rows(shape.change, labels[0]) if single else pair_rows(shape.change, labels)
    few = not single or has_few_values(shape.change)
    return Term(
        label=shape.label,
        sources=tuple(dict.fromkeys(path for feature in shape.features for path in feature.sources)),
        importance=shape.importance,
        unchanged=is_unchanged(shape.change),
        drawing=None if few else _drawing(shape),
        rows=rows,
        most=max([abs(row["after"]) for row in rows], default=0.0) or 1.0,
    )


def _drawing(shape: Shape) -> Drawing | None:
    cuts = np.asarray(shape.change.levels[0], dtype=np.float64)
    if cuts.size == 0:
        return None
    names = ("after",) if is_unchanged(shape.change) else ("before", "after")
    series = {name: amounts_of(shape.change, name)[1:-1] for name in names}
    low, high = shape.change.axes[0].bounds or (None, None)
    step = (cuts[-1] - cuts[0]) * 0.05 or 1.0
    first = cuts[0] - step if low is None or not low < cuts[0] else low
    last = cuts[-1] + step if high is None or not high > cuts[-1] else high
    edges = np.concatenate([[first], cuts, [last]])
    bottom = min(0.0, *(float(values.min()) for values in series.values()))
    top = max(0.0, *(float(values.max()) for values in series.values()))
    room = 0.05 * (top - bottom) or 1.0
    bottom, top = bottom - room, top + room

    def across(value: float) -> float:
        return round(float(LEFT + (WIDTH - LEFT - RIGHT) * (value - first) / (last - first)), 1)

    def up(value: float) -> float:
        return round(float(TOP + (HEIGHT - TOP - BOTTOM) * (top - value) / (top - bottom)), 1)

    paths = []
    for name, values in series.items():
        steps = " ".join(
            f"V{up(value)}H{across(edge)}" for value, edge in zip(values, edges[1:], strict=True)
        )
        paths.append((name, f"M{across(first)} {up(values[0])}{steps}"))
    return Drawing(
        lines=tuple(paths),
        zero=up(0.0),
        across=tuple((across(at), short(at)) for at in ticks(first, last)),
        up=tuple((up(at), short(at)) for at in ticks(bottom, top)),
    )


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Return round numbers between two ends: multiples of 1, 2 or 5 times a power of ten, at most so many.

    Parameters
    ----------
    low, high : float
        ``low < high``.
    most : int
        At most so many and one.
    """
    rough = (high - low) / most
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(float(power * one) for one in (1, 2, 5, 10) if power * one >= rough)
    return [
        float(round(i * step, 12)) for i in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1)
    ]
