"""How many of each group there were, and how many of them were selected: all that the arithmetic reads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from fairness.adverse_impact._whole_persons import is_missing, whole_persons
from fairness.groups import UNDISCLOSED_TEXTS, Groups
from fairness.metrics._position_values import codes_in_rank_order
from fairness.metrics.scoring_rate import above_median
from ranker.errors import DataError, UnknownFieldError, did_you_mean
from ranker.ranking.labels import as_array, label_of
from ranker.ranking.ranking import Ranking

__all__ = ["SelectionCounts"]

# What published tables call people whose group nobody knows, besides what records say of one person.
UNKNOWN_TEXTS: Final = (*UNDISCLOSED_TEXTS, "missing/unknown", "unknown/missing", "missing", "(undisclosed)")


@dataclass(frozen=True, slots=True)
class SelectionCounts:
    """Candidates of each group, and those selected among them; immutable, whole persons.

    Parameters
    ----------
    attribute : str
        What the groups are groups of, such as ``"sex"``.
    labels : tuple of str
        Names of the groups, each once.
    selected, total : tuple of int
        Persons selected and persons in all, in the order of `labels`; 0 <= selected <= total.
    unknown_total : int, default=0
        Persons whose group is unknown: counted, and in no rate.
    unknown_selected : int or None, default=0
        How many of those were selected; None where the source does not say.
    kind : {"selection", "scoring"}, default="selection"
        What `selected` counts: the selected, or those with a score above the sample's median
        (6 RCNY 5-300: selection rate, scoring rate).

    Raises
    ------
    DataError
        If lengths differ, a label is empty or occurs twice, a count is negative or no whole
        number, or more are selected than there are.

    Examples
    --------
    >>> counts = SelectionCounts("sex", ("female", "male"), selected=(12, 48), total=(40, 80))
    >>> counts.rates()
    {'female': 0.3, 'male': 0.6}
    """

    attribute: str
    labels: tuple[str, ...]
    selected: tuple[int, ...]
    total: tuple[int, ...]
    unknown_total: int = 0
    unknown_selected: int | None = 0
    kind: Literal["selection", "scoring"] = "selection"

    def __post_init__(self) -> None:
        if not len(self.labels) == len(self.selected) == len(self.total):
            raise DataError(
                f"counts by {self.attribute!r}: {len(self.labels)} labels, {len(self.selected)} selected and "
                f"{len(self.total)} totals; give one of each per group"
            )
        if self.kind not in ("selection", "scoring"):
            raise DataError(
                f"counts by {self.attribute!r} are of kind {self.kind!r}: it is 'selection' or 'scoring'"
            )
        labels = tuple(label_of(label).strip() for label in self.labels)
        for label in labels:
            if not label:
                raise DataError(f"counts by {self.attribute!r}: a group has no name; name every group")
            if labels.count(label) > 1:
                raise DataError(
                    f"counts by {self.attribute!r}: group {label!r} stands there {labels.count(label)} "
                    "times; add its rows up, or tell them apart by their label"
                )
        object.__setattr__(self, "labels", labels)
        pairs = [
            self._pair(repr(label), s, n)
            for label, s, n in zip(labels, self.selected, self.total, strict=True)
        ]
        object.__setattr__(self, "selected", tuple(s for s, _ in pairs))
        object.__setattr__(self, "total", tuple(n for _, n in pairs))
        silent = self.unknown_selected is None
        s, n = self._pair("of unknown group", 0 if silent else self.unknown_selected, self.unknown_total)
        object.__setattr__(self, "unknown_selected", None if silent else s)
        object.__setattr__(self, "unknown_total", n)

    def _pair(self, whose: str, selected: object, total: object) -> tuple[int, int]:
        s, n = (
            whole_persons(value, f"counts by {self.attribute!r}, {whose}: {what}")
            for what, value in (("selected", selected), ("total", total))
        )
        if s > n:
            raise DataError(
                f"counts by {self.attribute!r}, {whose}: {s} selected of {n}; selected cannot exceed the total: "
                "see whether the two columns are swapped, or the total counts only those turned down"
            )
        return s, n

    @classmethod
    def from_mapping(
        cls,
        counts: Mapping[str, Sequence[int]],
        *,
        attribute: str,
        kind: Literal["selection", "scoring"] = "selection",
    ) -> "SelectionCounts":
        """Read ``{label: (selected, total)}``.

        Labels that say that the group is unknown (``"Unknown"``, ``"n/a"`` and the like) are
        counted as unknown.

        Raises
        ------
        DataError
            If a value is no pair, or the counts make no sense.

        Examples
        --------
        >>> SelectionCounts.from_mapping({"f": (1, 4), "m": (2, 4), "unknown": (0, 3)}, attribute="sex")
        SelectionCounts(attribute='sex', labels=('f', 'm'), selected=(1, 2), total=(4, 4), \
unknown_total=3, unknown_selected=0, kind='selection')
        """
        rows = []
        for label, pair in counts.items():
            if isinstance(pair, (str, bytes)) or not isinstance(pair, Sequence) or len(pair) != 2:
                raise DataError(
                    f"counts by {attribute!r}: {label!r} has {pair!r}; give a pair (selected, total)"
                )
            rows.append((label, pair[0], pair[1]))
        return _from_rows(rows, attribute, kind, UNKNOWN_TEXTS)

    @classmethod
    def from_ranking(cls, ranking: Ranking, groups: Groups, *, top_k: int) -> "SelectionCounts":
        """Count whom the top ``k`` of each job select, over all jobs together.

        Parameters
        ----------
        ranking : Ranking
            Rankings of one or more jobs; the order after moves is the one that counts.
        groups : Groups
            Group of each row that the ranking was made from.
        top_k : int
            Ranks ``1 .. top_k`` of each job are selected.

        Raises
        ------
        UnknownCandidateError
            If a ranked candidate has no group code.
        DataError
            If `top_k` is no whole number from 1.
        """
        return _counted(ranking.in_top(top_k), codes_in_rank_order(ranking, groups), groups, "selection")

    @classmethod
    def from_flags(cls, selected: ArrayLike, groups: Groups) -> "SelectionCounts":
        """Count decisions, one per row of the groups: true or 1 where a person was selected.

        Raises
        ------
        DataError
            If there is not one flag per row, or one is neither 0 nor 1.
        """
        flags = as_array(selected, what="decisions")
        _same_rows(flags, groups, "decisions")
        if flags.dtype != bool:
            wrong = [value for value in flags.tolist() if value not in (0, 1)]
            if wrong:
                raise DataError(f"decisions are 0 or 1, or false or true; one is {wrong[0]!r}")
        return _counted(flags.astype(bool), groups.codes, groups, "selection")

    @classmethod
    def from_scores(cls, scores: ArrayLike, groups: Groups) -> "SelectionCounts":
        """Count whose score lies strictly above the median of all scores.

        The median is that of the full sample, people of unknown group among them, and of all
        rows together: give one job at a time where scores of jobs do not compare. A score
        equal to the median is not above it.

        Parameters
        ----------
        scores : array_like of shape (n,)
            One number per row, in the order of the groups' rows.
        groups : Groups
            Group of each row.

        Raises
        ------
        DataError
            If there is not one score per row, there is none, or one is NaN or no number.

        References
        ----------
        6 RCNY 5-300 and 5-301 (c) (New York City Local Law 144), "scoring rate".
        """
        array = as_array(scores, what="scores")
        _same_rows(array, groups, "scores")
        try:
            values = array.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise DataError(f"scores must be numbers, one per row: {error}") from error
        if not values.size:
            raise DataError("no scores were given: a sample of nobody has no median")
        if missing := np.flatnonzero(np.isnan(values)).tolist():
            raise DataError(
                f"the score of row {missing[0]} is NaN ({len(missing)} in all): give every row a score, or leave "
                "those rows out of scores and groups"
            )
        return _counted(above_median(values), groups.codes, groups, "scoring")

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        attribute: str | None = None,
        group: str = "group",
        selected: str = "selected",
        total: str = "total",
        kind: Literal["selection", "scoring"] = "selection",
        unknown: Iterable[str] = UNKNOWN_TEXTS,
    ) -> "SelectionCounts":
        """Read a table of counts, one row per group.

        Parameters
        ----------
        frame : DataFrame
            Numbers, or texts of whole numbers such as ``"1204"``.
        attribute : str, optional
            What the groups are groups of; the name of the column `group` by default.
        group, selected, total : str
            Names of the columns.
        kind : {"selection", "scoring"}
            What `selected` counts.
        unknown : iterable of str, optional
            Labels, in any case, of rows of people whose group is unknown, whose number of
            selected may be missing; None and NaN always are.

        Raises
        ------
        UnknownFieldError
            If a column is missing.
        DataError
            If the table has no row, a count is missing or makes no sense, or a group occurs twice.
        """
        for column in (group, selected, total):
            if column not in frame.columns:
                hint = did_you_mean(column, map(str, frame.columns))
                raise UnknownFieldError(f"the table of counts has no column {column!r}{hint}")
        rows = [
            (None if pd.isna(label) else label_of(label), s, n)
            for label, s, n in zip(
                frame[group].tolist(), frame[selected].tolist(), frame[total].tolist(), strict=True
            )
        ]
        if not rows:
            raise DataError("the table of counts has no row: give one per group")
        return _from_rows(rows, attribute or group, kind, unknown)

    def __len__(self) -> int:
        return len(self.labels)

    def of(self, label: str) -> tuple[int, int]:
        """Return one group's selected and total, or raise DataError."""
        if label not in self.labels:
            hint = did_you_mean(str(label), self.labels)
            raise DataError(f"counts by {self.attribute!r} have no group {label!r}{hint}")
        place = self.labels.index(label)
        return self.selected[place], self.total[place]

    @property
    def overall(self) -> tuple[int, int]:
        """Selected and total of all groups together, without the unknown."""
        return sum(self.selected), sum(self.total)

    def rates(self) -> dict[str, float]:
        """Return each group's selected / total, in [0, 1]; NaN where there is nobody."""
        return {
            label: s / n if n else float("nan")
            for label, s, n in zip(self.labels, self.selected, self.total, strict=True)
        }

    def shares(self) -> dict[str, float]:
        """Return each group's share of all persons of known group; NaN where there is nobody at all."""
        everyone = self.overall[1]
        return {
            label: n / everyone if everyone else float("nan")
            for label, n in zip(self.labels, self.total, strict=True)
        }

    def large(self, *, min_share: float) -> tuple[str, ...]:
        """Name the groups that are a share of `min_share` or more of all persons of known group.

        Groups without anybody never are. Compared exactly: 2 of 100 is 2 %.
        """
        least = Fraction(str(min_share)) * self.overall[1]
        return tuple(
            label for label, n in zip(self.labels, self.total, strict=True) if n and Fraction(n) >= least
        )

    def to_frame(self) -> pd.DataFrame:
        """Return columns ``selected``, ``total``, ``rate`` and ``share``, one row per group."""
        index = pd.Index(self.labels, name=self.attribute, dtype=object)
        columns = {
            "selected": self.selected,
            "total": self.total,
            "rate": list(self.rates().values()),
            "share": list(self.shares().values()),
        }
        return pd.DataFrame(columns, index=index)


def _from_rows(
    rows: Iterable[tuple[str | None, Any, Any]],
    attribute: str,
    kind: Literal["selection", "scoring"],
    unknown: Iterable[str],
) -> SelectionCounts:
    silent = {text.strip().casefold() for text in unknown}
    known: list[tuple[str, Any, Any]] = []
    unknown_total, unknown_selected = 0, 0
    told = True
    for label, s, n in rows:
        if label is not None and label.strip().casefold() not in silent:
            known.append((label, s, n))
            continue
        where = f"counts by {attribute!r}, of unknown group"
        unknown_total += whole_persons(n, f"{where}: total")
        if is_missing(s):
            told = False
        else:
            unknown_selected += whole_persons(s, f"{where}: selected")
    return SelectionCounts(
        attribute,
        labels=tuple(label for label, _, _ in known),
        selected=tuple(s for _, s, _ in known),
        total=tuple(n for _, _, n in known),
        unknown_total=unknown_total,
        unknown_selected=unknown_selected if told else None,
        kind=kind,
    )


def _counted(
    selected: NDArray[np.bool_], codes: NDArray[Any], groups: Groups, kind: Literal["selection", "scoring"]
) -> SelectionCounts:
    """Count rows and selected rows by group code, -1 in a place of its own."""
    n_groups = len(groups.labels)
    total = np.bincount(codes + 1, minlength=n_groups + 1).tolist()
    chosen = np.bincount(codes[selected] + 1, minlength=n_groups + 1).tolist()
    return SelectionCounts(
        groups.attribute,
        labels=groups.labels,
        selected=tuple(chosen[1:]),
        total=tuple(total[1:]),
        unknown_total=total[0],
        unknown_selected=chosen[0],
        kind=kind,
    )


def _same_rows(values: NDArray[Any], groups: Groups, what: str) -> None:
    if values.size != len(groups):
        raise DataError(
            f"{values.size} {what} but groups by {groups.attribute!r} of {len(groups)} rows: give one per row"
        )
