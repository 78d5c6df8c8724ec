"""What of a term is drawn and told: its tables by name, and the training rows behind them."""

import numpy as np

from explain.bins import whole_values
from fairness.change import ShapeChange

TERM_SERIES = ("before", "correction", "after")
ROUNDING = 1e-9  # of scores, in their unit; the law of conservation allows as much


def term_series(unchanged: bool) -> tuple[str, ...]:
    """Return what is drawn of a term: one series where training changed nothing."""
    return ("after",) if unchanged else TERM_SERIES


def is_unchanged(shape: ShapeChange) -> bool:
    """Tell whether a term is the same before and after, up to rounding."""
    return bool(np.abs(shape.correction).max() <= ROUNDING)


def has_few_values(shape: ShapeChange) -> bool:
    """Tell whether the bins of a term of one feature are drawn one by one."""
    return isinstance(shape.levels[0], dict) or whole_values(shape.levels[0], shape.axes[0]) is not None


def amounts_of(shape: ShapeChange, name: str) -> np.ndarray:
    """Return one of the three tables, in score units."""
    return {"before": shape.before, "correction": shape.correction, "after": shape.after}[name]


def spread_of(shape: ShapeChange, name: str) -> np.ndarray | None:
    """Return the standard deviations of one of the three tables over the bags, in score units."""
    return shape.deviations[TERM_SERIES.index(name)]


def weights_of(shape: ShapeChange) -> np.ndarray:
    """Return the training weight of each cell; zeros where the scorers do not say."""
    return np.zeros(shape.after.shape) if shape.weights is None else shape.weights


def shares_of(shape: ShapeChange) -> np.ndarray:
    """Return the share of the training rows in each cell; NaN where the scorers do not say."""
    weights = weights_of(shape)
    whole = weights.sum()
    return weights / whole if whole else np.full(weights.shape, np.nan)
