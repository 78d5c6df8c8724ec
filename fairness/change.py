"""What fairness changed: a gap before and after; the terms before and after come from below."""

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd

from fairness.change_gaps import GapSplit
from ranker.errors import DataError
from ranker.scoring.shape_change import ShapeChange, shape_changes

__all__ = ["ShapeChange", "gap_change", "shape_changes"]

Split = Literal["terms", "features", "fields", "items"]


def gap_change(before: GapSplit, after: GapSplit, over: Split = "terms") -> pd.DataFrame:
    """Put two splits of one gap side by side.

    Parameters
    ----------
    before, after : GapSplit
        Of the same two groups, by the scorer that fairness did not touch and the one that ships.
    over : {"terms", "features", "fields", "items"}
        Which of the sums.

    Returns
    -------
    DataFrame
        A row for each part, the largest correction first; columns ``before``, ``correction``
        and ``after`` in score units, each summing to the totals and their difference.

    Raises
    ------
    DataError
        If they compare other groups, or hold no such split.
    """
    for name in ("attribute", "first", "second"):
        if getattr(before, name) != getattr(after, name):
            raise DataError(
                f"before is about {getattr(before, name)!r} and after about {getattr(after, name)!r}: "
                "split the gap of the same two groups twice"
            )
    sides: list[Mapping[str, float]] = []
    for split in (before, after):
        amounts: Mapping[str, float] | None = {
            "terms": split.terms, "features": split.features, "fields": split.fields, "items": split.items
        }.get(over)  # fmt: skip
        if amounts is None:
            raise DataError(
                f"the gap is not split over {over!r}: gap_by_field splits it over fields and items"
            )
        sides.append(amounts)
    names = list(dict.fromkeys([*sides[0], *sides[1]]))
    frame = pd.DataFrame(
        {
            when: [side.get(name, 0.0) for name in names]
            for when, side in zip(("before", "after"), sides, strict=True)
        },
        index=pd.Index(names, name=over, dtype=object),
        dtype=np.float64,
    )
    frame.insert(1, "correction", frame["after"] - frame["before"])
    order = sorted(range(len(names)), key=lambda i: (-abs(frame["correction"].iloc[i]), names[i]))
    return frame.iloc[order]
