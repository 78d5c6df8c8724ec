"""Whether the model leans more on this than on that, such as on the test score than on skills."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from explain.leaning import LEVEL, N_DRAWS, FieldLean, Leaning, field_leaning, find_fields, label_of_fields
from explain.words import first_up, number
from ranker.errors import DataError
from ranker.features import FeatureSet
from ranker.records import Records
from ranker.scoring.additive import AdditiveScorer

__all__ = ["FieldComparison", "compare_fields"]


@dataclass(frozen=True, slots=True)
class FieldComparison:
    """Two fields, or two sets of fields, side by side.

    Parameters
    ----------
    first, second : FieldLean
        How far the model leans on each.
    leaning : Leaning
        Both, with what was measured and how.
    """

    first: FieldLean
    second: FieldLean
    leaning: Leaning

    @property
    def ratio(self) -> float:
        """Change of ranks by ``first`` over that by ``second``; infinite where ``second`` moves nobody."""
        a, b = self.first.rank_change.value, self.second.rank_change.value
        return a / b if b > 0 else (float("inf") if a > 0 else float("nan"))

    @property
    def in_words(self) -> str:
        """The comparison in two or three sentences."""
        a, b, k = self.first, self.second, self.leaning.top_k
        if a.share != a.share:
            return "Within each job all candidates have the same score: it leans neither on the one nor on the other."
        told = (a.rank_change, b.rank_change)
        moved = [number(one.value, 1) for one in told]
        within = [f"{number(one.low, 1)} to {number(one.high, 1)}" for one in told]
        words = [
            f"Of the variance of scores among candidates for one job, {_percent(a.share)} comes from {a.label} "
            f"and {_percent(b.share)} from {b.label}.",
            f"If the candidates of each job exchanged {a.label} by lot, they would move by {moved[0]} ranks on "
            f"average ({100 * LEVEL:.0f} % interval {within[0]}); with {b.label} exchanged, by {moved[1]} "
            f"({within[1]}).",
        ]
        if a.turnover.value == a.turnover.value:
            words.append(
                f"Of the first {k}, {_percent(a.turnover.value)} would then be others, against "
                f"{_percent(b.turnover.value)}."
            )
        return " ".join([self._headline(), *words])

    def _headline(self) -> str:
        a, b = self.first, self.second
        if a.rank_change.value == b.rank_change.value == 0:
            return f"Neither {a.label} nor {b.label} moves a rank."
        if a.rank_change.low <= b.rank_change.high and b.rank_change.low <= a.rank_change.high:
            return f"The ranking leans about as much on {a.label} as on {b.label}."
        more, less = (a, b) if self.ratio > 1 else (b, a)
        if less.rank_change.value == 0:
            return f"The ranking leans on {more.label}, and not at all on {less.label}."
        times = more.rank_change.value / less.rank_change.value
        far = "a little more" if times < 1.1 else f"{number(times, 1)} times as much"
        joint = "than" if times < 1.1 else "as"
        return first_up(f"the ranking leans {far} on {more.label} {joint} on {less.label}.")

    def to_json(self) -> dict[str, Any]:
        """Return all of it as a strict JSON object."""
        ratio = self.ratio
        return {
            "first": list(self.first.fields),
            "second": list(self.second.fields),
            "ratio": ratio if abs(ratio) < float("inf") else None,
            "in_words": self.in_words,
            **self.leaning.to_json(),
        }


def compare_fields(
    scorer: AdditiveScorer,
    features: FeatureSet,
    records: Records,
    table: pd.DataFrame | None = None,
    *,
    first: str | Sequence[str],
    second: str | Sequence[str],
    top_k: int = 10,
    n_draws: int = N_DRAWS,
    random_state: int = 0,
) -> FieldComparison:
    """Compare how far the model leans on two fields, or on two sets of fields.

    Parameters
    ----------
    scorer, features, records, table, top_k, n_draws, random_state
        As for :func:`explain.leaning.field_leaning`, which also says what is raised.
    first, second : str or sequence of str
        Paths or labels of fields, such as ``"test score"`` and
        ``["candidate.skills", "candidate.education"]``.

    Returns
    -------
    FieldComparison

    Raises
    ------
    UnknownFieldError
        If no feature reads such a field; protected fields are read by none.
    DataError
        If both hold the same field.

    Examples
    --------
    >>> print(compare_fields(scorer, features, records, first="test score", second="skills").in_words)
    The ranking leans 2.1 times as much on test score as on skills. ...
    """
    both = [find_fields(features, words) for words in (first, second)]
    if shared := [path for path in both[0] if path in both[1]]:
        raise DataError(f"{shared[0]!r} stands on both sides: compare different fields")
    labels = [label_of_fields(features, paths) for paths in both]
    if labels[0] == labels[1]:
        labels = [" and ".join(paths) for paths in both]
    found = field_leaning(
        scorer, features, records, table,
        groups=dict(zip(labels, both, strict=True)), top_k=top_k, n_draws=n_draws, random_state=random_state,
    )  # fmt: skip
    named = {one.label: one for one in found.fields}
    return FieldComparison(named[labels[0]], named[labels[1]], found)


def _percent(share: float) -> str:
    return f"{number(100 * share, 0)} %"
