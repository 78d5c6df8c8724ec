"""The tables that say what the plots of terms show."""

from typing import Any

import numpy as np

from explain.bins import chunks
from fairness.change import ShapeChange
from ranker.app.report.series import amounts_of, shares_of, weights_of

MOST_ROWS = 16
MOST_PAIR_ROWS = 4


def shape_rows(shape: ShapeChange, labels: list[str]) -> list[dict[str, Any]]:
    """Return a term's bins as rows; adjacent bins are averaged over training rows where they are many."""
    nominal = isinstance(shape.levels[0], dict)
    n = len(labels)
    inner = [slice(i.start + 1, i.stop + 1) for i in chunks(weights_of(shape)[1:-1], MOST_ROWS)]
    if nominal and n - 2 > MOST_ROWS:
        # Neighbours in a list of categories have nothing in common; the rest is one row.
        order = 1 + np.argsort(-weights_of(shape)[1:-1], kind="stable")
        groups = [np.array([i]) for i in order[: MOST_ROWS - 1]] + [order[MOST_ROWS - 1 :]]
        names = [labels[int(g[0])] for g in groups[:-1]] + [f"{len(groups[-1])} further categories"]
    else:
        groups = [np.arange(n)[run] for run in inner]
        names = [_joined([labels[i] for i in g]) for g in groups]
    groups = [np.array([0]), *groups, *([np.array([n - 1])] if nominal else [])]
    names = [labels[0], *names, *([labels[-1]] if nominal else [])]
    return [_row(shape, (name,), (group,)) for name, group in zip(names, groups, strict=True)]


def pair_rows(pair: ShapeChange, labels: list[list[str]]) -> list[dict[str, Any]]:
    """Return a pair's table as rows, its bins averaged into at most 4 runs along each feature."""
    runs = []
    for axis in (0, 1):
        weights = weights_of(pair).sum(axis=1 - axis)
        inner = [np.arange(1, len(weights) - 1)[run] for run in chunks(weights[1:-1], MOST_PAIR_ROWS)]
        ends = [np.array([i]) for i in (0, len(weights) - 1) if weights[i] > 0]
        runs.append([*inner, *ends])
    return [
        _row(pair, (_joined([labels[0][i] for i in a]), _joined([labels[1][i] for i in b])), (a, b))
        for a in runs[0]
        for b in runs[1]
    ]


def _row(term: ShapeChange, names: tuple[str, ...], cells: tuple[np.ndarray, ...]) -> dict[str, Any]:
    place = np.ix_(*cells)
    weights = weights_of(term)[place]
    # An empty run is averaged plainly: no training row says which of its bins counts.
    weights = weights if weights.sum() > 0 else np.ones_like(weights)
    before, after = (
        float(np.average(amounts_of(term, name)[place], weights=weights)) for name in ("before", "after")
    )
    share = float(shares_of(term)[place].sum())
    return {
        "names": names,
        "share": share if np.isfinite(share) else None,
        "before": before,
        "correction": after - before,
        "after": after,
    }


def _joined(labels: list[str]) -> str:
    """Name a run of bins by its ends."""
    if len(labels) == 1:
        return labels[0]
    first, last = labels[0], labels[-1]
    if first.startswith("below "):
        return f"below {last.rpartition(' to ')[2]}" if " to " in last else f"{first}; {last}"
    start = first.partition(" to ")[0]
    return f"{start} and above" if last.endswith(" and above") else f"{start} to {last.rpartition(' to ')[2]}"
