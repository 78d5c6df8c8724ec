"""Shape functions: what each value of a feature adds to the score, and how much training saw of it.

Each term of an additive score is a table, and the tables are the whole model: nothing is
sampled or approximated here. Where the scorer is given that training would have made had
nothing been demanded, every table stands beside what it would have been.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explain.bins import bin_labels, words_of_values
from explain.strict_json import as_json
from ranker.errors import DataError, UnknownFieldError, did_you_mean
from ranker.features import Feature, FeatureSet
from ranker.scoring.additive import AdditiveScorer
from ranker.scoring.shape_change import ShapeChange, shape_changes

__all__ = ["SCHEMA", "Shape", "mean_absolute", "shape_functions", "shapes_csv", "shapes_json"]

SCHEMA = "candor-shapes/1"
Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """One term: its table, the rows of training behind it, and what its bins are called.

    Parameters
    ----------
    features : tuple of Feature
        What the term reads, in the order of the table's axes.
    change : ShapeChange
        The tables before and after, in score units, their deviations over the bags, and the
        training weight of each cell; "missing" is first and "never seen" last along each axis.
    bins : tuple of tuple of str
        Name of each bin along each axis.
    """

    features: tuple[Feature, ...]
    change: ShapeChange
    bins: tuple[tuple[str, ...], ...]

    @property
    def term(self) -> str:
        """Name of the term in interpret's spelling: "a", or "a & b"."""
        return self.change.name

    @property
    def label(self) -> str:
        """Its features in words."""
        return " × ".join(feature.label for feature in self.features)

    @property
    def importance(self) -> float:
        """Mean absolute amount about the mean, over the training rows, in score units."""
        return mean_absolute(self.change.after, self.change.weights)

    @property
    def importance_before(self) -> float:
        """The same of the unconstrained scorer."""
        return mean_absolute(self.change.before, self.change.weights)

    @property
    def shares(self) -> Table | None:
        """Share of the training rows in each cell; ``None`` where the scorers do not say."""
        weights = self.change.weights
        return None if weights is None or not weights.sum() > 0 else weights / weights.sum()

    def edges(self, axis: int) -> list[tuple[float, float] | None]:
        """Return each bin's ends along an axis, ``[low, high)``, in the feature's unit; ``None`` without."""
        level = self.change.levels[axis]
        if isinstance(level, dict):
            return [None] * len(self.bins[axis])
        ends = np.concatenate([[-np.inf], np.asarray(level, dtype=np.float64), [np.inf]]).tolist()
        return [None, *pairwise(ends), None]

    def to_json(self) -> dict[str, Any]:
        """Return all of it as a strict JSON object; an end of a bin that is not finite is null."""
        before_spread, _, after_spread = self.change.deviations
        return as_json(
            {
                "term": self.term,
                "label": self.label,
                "importance": {"before": self.importance_before, "after": self.importance},
                "correction": self.change.size,
                "axes": [
                    {
                        "feature": feature.name,
                        "label": feature.label,
                        "sources": feature.sources,
                        "kind": axis.kind,
                        "bounds": axis.bounds,
                        "bins": [
                            {
                                "name": name,
                                "low": ends[0] if ends else None,
                                "high": ends[1] if ends else None,
                            }
                            for name, ends in zip(self.bins[i], self.edges(i), strict=True)
                        ],
                    }
                    for i, (feature, axis) in enumerate(zip(self.features, self.change.axes, strict=True))
                ],
                "before": self.change.before,
                "correction_by_bin": self.change.correction,
                "after": self.change.after,
                "deviation_before": before_spread,
                "deviation": after_spread,
                "weight": self.change.weights,
            }
        )


def shape_functions(
    scorer: AdditiveScorer,
    features: FeatureSet,
    *,
    unconstrained: AdditiveScorer | None = None,
    term: str | None = None,
) -> tuple[Shape, ...]:
    """Lay the whole model open, term by term.

    Parameters
    ----------
    scorer : AdditiveScorer
        What ranks.
    features : FeatureSet
        What makes its inputs.
    unconstrained : AdditiveScorer, optional
        What would rank had nothing been demanded; `scorer` itself by default, so that
        before and after are alike.
    term : str, optional
        The only term that is wanted: its name, or for a term of one feature its label.

    Returns
    -------
    tuple of Shape
        The weightiest first; with `term` that one alone.

    Raises
    ------
    UnknownFieldError
        If there is no such term.
    DataError
        If the scorer reads what no feature of the set makes.
    """
    made = {feature.name: feature for feature in features}
    if strangers := [name for name in scorer.feature_names if name not in made]:
        raise DataError(
            f"the scorer reads {strangers[0]!r}, which no feature of the set makes: "
            "pass the features that the scorer was trained on"
        )
    out = [_shape(change, made) for change in shape_changes(unconstrained or scorer, scorer)]
    out.sort(key=lambda shape: (-shape.importance, shape.term))
    if term is None:
        return tuple(out)
    found = [shape for shape in out if term in (shape.term, shape.label)]
    if not found:
        names = [shape.term for shape in out]
        raise UnknownFieldError(
            f"the model has no term {term!r}{did_you_mean(term, names)}; its terms: {', '.join(names)}"
        )
    return (found[0],)


def mean_absolute(amounts: Table, weights: Table | None) -> float:
    """Mean absolute distance of amounts from their mean, weighted; in their unit.

    Where no weight is known, or all are 0, every cell counts alike.
    """
    known = weights is not None and weights.sum() > 0
    centre = np.average(amounts, weights=weights if known else None)
    return float(np.average(np.abs(amounts - centre), weights=weights if known else None))


def shapes_json(shapes: Sequence[Shape]) -> dict[str, Any]:
    """Return shapes as one strict JSON object that names its schema."""
    return {"schema": SCHEMA, "unit": "score", "terms": [shape.to_json() for shape in shapes]}


def shapes_csv(shapes: Sequence[Shape]) -> str:
    """Write shapes as CSV, a line for each cell of each table.

    Columns: ``term``; for each axis ``feature``, ``bin``, ``low`` and ``high`` (numbered where
    a term has several, empty where a bin has no ends); ``weight`` and ``share`` of the
    training rows; ``before``, ``correction``, ``after`` and ``deviation`` in score units.
    """
    n_axes = max((len(shape.features) for shape in shapes), default=1)
    numbers = [""] if n_axes == 1 else [f"_{i + 1}" for i in range(n_axes)]
    places = [f"{name}{i}" for i in numbers for name in ("feature", "bin", "low", "high")]
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(["term", *places, "weight", "share", "before", "correction", "after", "deviation"])
    for shape in shapes:
        change, edges = shape.change, [shape.edges(i) for i in range(len(shape.features))]
        amounts = (
            change.weights, shape.shares, change.before, change.correction, change.after, change.deviations[2]
        )  # fmt: skip
        for cell in np.ndindex(change.after.shape):
            where: list[Any] = []
            for i, position in enumerate(cell):
                ends = edges[i][position] or ("", "")
                where += [shape.features[i].name, shape.bins[i][position], *map(_written, ends)]
            where += [""] * (len(places) - len(where))
            numbers_there = ["" if table is None else repr(float(table[cell])) for table in amounts]
            lines.writerow([shape.term, *where, *numbers_there])
    return out.getvalue()


def _written(end: Any) -> str:
    return "" if isinstance(end, str) or not np.isfinite(end) else repr(float(end))


def _shape(change: ShapeChange, made: dict[str, Feature]) -> Shape:
    features = tuple(made[name] for name in change.features)
    bins = tuple(
        tuple(bin_labels(level, axis, words_of_values(feature)))
        for level, axis, feature in zip(change.levels, change.axes, features, strict=True)
    )
    return Shape(features, change, bins)
