"""What is demanded of a ranking: inert, and the same for training, re-ranking and audit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ranker.errors import ConstraintError, did_you_mean

MEASURES = {
    "exposure": "mean of 1 / log2(1 + rank)",
    "selection_rate": "share of the members among the first top_k",
    "mean_rank": "mean of (n - rank) / (n - 1)",
}


@dataclass(frozen=True, slots=True)
class FairnessConstraint:
    """A bound on how differently groups may fare in a ranking.

    Parameters
    ----------
    measure : {"exposure", "selection_rate", "mean_rank"}
        What a group gets from a ranking.
    attribute : str or tuple of str
        The protected attribute; several mean their intersection.
    bound : float
        For ``kind="difference"``: each group's value may lie at most this share above or
        below the pool's, ``|group / pool - 1| <= bound``. For ``kind="ratio"``: the
        least-served group gets at least this share of the best-served, as in four fifths.
    kind : {"difference", "ratio"}
        How the bound is meant.
    top_k : int, optional
        Count ranks ``1 .. top_k`` only; needed for ``selection_rate``.

    Raises
    ------
    ConstraintError
        If the words or numbers mean nothing.
    """

    measure: str
    attribute: str | tuple[str, ...]
    bound: float
    kind: str = "difference"
    top_k: int | None = None

    def __post_init__(self) -> None:
        if isinstance(self.attribute, list):
            object.__setattr__(self, "attribute", tuple(self.attribute))
        if self.measure not in MEASURES:
            raise ConstraintError(
                f"measure {self.measure!r} is not known{did_you_mean(self.measure, MEASURES)}"
            )
        if self.kind not in ("difference", "ratio"):
            raise ConstraintError(f"kind {self.kind!r} is not known; use 'difference' or 'ratio'")
        if not self.attributes or not all(self.attributes):
            raise ConstraintError("a constraint needs an attribute, such as attribute='gender'")
        if isinstance(self.bound, bool) or not isinstance(self.bound, (int, float)):
            raise ConstraintError(f"bound {self.bound!r} is not a number")
        if self.kind == "difference" and not 0 <= self.bound <= 1:
            raise ConstraintError(
                f"bound {self.bound}: a difference is a share, at least 0 and at most 1, such as 0.05"
            )
        if self.kind == "ratio" and not 0 < self.bound <= 1:
            raise ConstraintError(f"bound {self.bound}: a ratio lies in (0, 1], such as 0.8 for four fifths")
        if self.top_k is not None and (
            isinstance(self.top_k, bool) or not isinstance(self.top_k, int) or self.top_k < 1
        ):
            raise ConstraintError(f"top_k {self.top_k!r} must be a whole number from 1 on")
        if self.measure == "selection_rate" and self.top_k is None:
            raise ConstraintError("selection_rate counts the first top_k: state one, such as top_k=10")
        if self.measure == "mean_rank" and self.top_k is not None:
            raise ConstraintError("mean_rank counts every rank: leave top_k out, or use 'selection_rate'")

    @property
    def attributes(self) -> tuple[str, ...]:
        """The attributes, one or several."""
        return (self.attribute,) if isinstance(self.attribute, str) else tuple(self.attribute)

    @property
    def difference_bound(self) -> float:
        """The difference bound that suffices for the constraint.

        Where every group lies within ``1 - e .. 1 + e`` of the pool, the ratio of two is
        at least ``(1 - e) / (1 + e)``; solved for ``e`` at a ratio bound.
        """
        return self.bound if self.kind == "difference" else (1 - self.bound) / (1 + self.bound)

    def met_by(self, value: float) -> bool:
        """Tell whether a measured value (largest difference, or ratio) keeps the bound."""
        return bool(value <= self.bound if self.kind == "difference" else value >= self.bound)

    def shortfall(self, value: float) -> float:
        """How far a measured value misses the bound; 0 or less where it keeps it."""
        return float(value - self.bound if self.kind == "difference" else self.bound - value)

    def in_words(self, labels: Mapping[str, str] | None = None) -> str:
        """Say the constraint as a sentence.

        Parameters
        ----------
        labels : dict of str to str, optional
            Words for the attributes; the last part of each name by default.
        """
        labels = labels or {}
        what = self.measure.replace("_", " ") + (f" within the first {self.top_k}" if self.top_k else "")
        who = " × ".join(labels.get(a, a.rpartition(".")[2]) for a in self.attributes)
        if self.kind == "difference":
            return f"{what} of every group of {who} within {self.bound:.1%} of the pool's"
        return f"{what} of the least-served group of {who} at least {self.bound:.0%} of the best-served one's"

    def to_json(self) -> dict[str, Any]:
        """Return the constraint as JSON."""
        return {
            "measure": self.measure, "attribute": list(self.attributes), "bound": self.bound,
            "kind": self.kind, "top_k": self.top_k,
        }  # fmt: skip
