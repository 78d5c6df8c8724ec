"""The three tables of a bias audit under New York City's Local Law 144.

The rule asks for counts, rates and impact ratios; it names no ratio that would be too low, and
so nothing here is flagged. Figures keep all their digits: how many to print is the reader's
business (the rule's own examples are cut off at three).
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd
from numpy.typing import ArrayLike

from fairness.adverse_impact.counts import SelectionCounts
from fairness.adverse_impact.four_fifths import four_fifths
from fairness.groups import SMALL_SHARE, Groups
from ranker.errors import DataError
from ranker.ranking.ranking import Ranking

__all__ = [
    "CategoryRow",
    "ImpactTable",
    "LocalLaw144",
    "impact_table",
    "local_law_144",
    "local_law_144_of_ranking",
    "local_law_144_of_scores",
]


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """One category of a table.

    Parameters
    ----------
    category : str
        Its name.
    applicants : int
        Persons of the category.
    selected : int
        Those selected, or scored above the median of the full sample.
    rate : Fraction or None
        Selection or scoring rate; None where nobody applied.
    share : float
        Of all persons of known category; NaN where there is nobody.
    impact_ratio : Fraction or None
        The rate over the highest rate; None where `note` says why there is none.
    note : str
        Why there is no ratio; empty where there is one.
    """

    category: str
    applicants: int
    selected: int
    rate: Fraction | None
    share: float
    impact_ratio: Fraction | None
    note: str


@dataclass(frozen=True, slots=True)
class ImpactTable:
    """Applicants, rates and impact ratios of the categories by one attribute, or by two at once.

    Parameters
    ----------
    attribute : str
        What the categories are categories of.
    kind : {"selection", "scoring"}
        Which rate it is.
    rows : tuple of CategoryRow
        One per category, the excluded among them.
    highest : tuple of str
        Categories with the highest rate among those not excluded.
    unknown_applicants : int
        Persons of unknown category, in none of the rows.
    """

    attribute: str
    kind: str
    rows: tuple[CategoryRow, ...]
    highest: tuple[str, ...]
    unknown_applicants: int

    def to_frame(self) -> pd.DataFrame:
        """Return columns ``applicants``, ``selected``, ``rate``, ``share``, ``impact_ratio``, ``note``."""
        columns = ["category", "applicants", "selected", "rate", "share", "impact_ratio", "note"]
        frame = pd.DataFrame([_as_json(row) for row in self.rows], columns=columns)
        for name in ("rate", "share", "impact_ratio"):
            frame[name] = frame[name].astype("float64")
        return frame.set_index("category").rename_axis(self.attribute)

    def to_json(self) -> dict[str, Any]:
        """Return the table as JSON; null where there is no rate or no ratio."""
        return {
            "attribute": self.attribute,
            "kind": self.kind,
            "highest": list(self.highest),
            "unknown_applicants": self.unknown_applicants,
            "categories": [_as_json(row) for row in self.rows],
        }


@dataclass(frozen=True, slots=True)
class LocalLaw144:
    """The three tables: by sex, by race/ethnicity, and by both.

    Parameters
    ----------
    sex, race, intersection : ImpactTable
        Each with a highest rate of its own.
    """

    sex: ImpactTable
    race: ImpactTable
    intersection: ImpactTable

    def to_json(self) -> dict[str, Any]:
        """Return the three tables as JSON."""
        return {
            "sex": self.sex.to_json(),
            "race": self.race.to_json(),
            "intersection": self.intersection.to_json(),
        }


def impact_table(counts: SelectionCounts, *, min_share: float = SMALL_SHARE) -> ImpactTable:
    """Work out rates and impact ratios of the categories by one attribute.

    Parameters
    ----------
    counts : SelectionCounts
        Applicants, and the selected or those scored above the median.
    min_share : float, default=.02
        Categories of a smaller share of all persons of known category are shown with their
        rate and without a ratio, and are not the highest, as the rule allows; 0 gives
        every category a ratio.

    Returns
    -------
    ImpactTable
        Exact figures.

    References
    ----------
    6 RCNY 5-300 (definitions) and 5-301 (b) to (d) (New York City Local Law 144).

    Examples
    --------
    >>> counts = SelectionCounts("sex", ("Male", "Female"), (50, 34), (92, 76), kind="scoring")
    >>> [(row.category, round(float(row.impact_ratio), 2)) for row in impact_table(counts).rows]
    [('Male', 1.0), ('Female', 0.82)]
    """
    found, shares = four_fifths(counts, min_share=min_share), counts.shares()
    rows = []
    for label, s, n in zip(counts.labels, counts.selected, counts.total, strict=True):
        note = ""
        if not n:
            note = "no applicants"
        elif label in found.left_out:
            note = f"under {min_share:.0%} of the data: no impact ratio"
        elif not found.reference:
            note = "no category has a rate above 0"
        rate = Fraction(s, n) if n else None
        rows.append(CategoryRow(label, n, s, rate, shares[label], found.ratios[label], note))
    return ImpactTable(counts.attribute, counts.kind, tuple(rows), found.reference, counts.unknown_total)


def local_law_144(
    *,
    sex: SelectionCounts,
    race: SelectionCounts,
    intersection: SelectionCounts,
    min_share: float = SMALL_SHARE,
) -> LocalLaw144:
    """Make the three tables from counts.

    Parameters
    ----------
    sex, race, intersection : SelectionCounts
        All of the same kind.
    min_share : float, default=.02
        As in `impact_table`; of the persons of known category of each table.

    Raises
    ------
    DataError
        If some count selections and others scores.

    References
    ----------
    6 RCNY 5-301 (New York City Local Law 144).
    """
    kinds = {counts.kind for counts in (sex, race, intersection)}
    if len(kinds) > 1:
        raise DataError(
            "some of the three tables count the selected and others scores above the median: make all alike"
        )
    return LocalLaw144(*(impact_table(counts, min_share=min_share) for counts in (sex, race, intersection)))


def local_law_144_of_ranking(
    ranking: Ranking, *, sex: Groups, race: Groups, top_k: int, min_share: float = SMALL_SHARE
) -> LocalLaw144:
    """Make the three tables for a tool that selects the top ``k`` of each job.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, put together in one table.
    sex, race : Groups
        Of each row that the ranking was made from. Who does not disclose both is unknown in
        the third table.
    top_k : int
        Ranks ``1 .. top_k`` of each job are selected.
    min_share : float, default=.02
        As in `impact_table`.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.
    DataError
        If `top_k` is no whole number from 1, or sex and race are not of the same rows.
    """
    return local_law_144(
        sex=SelectionCounts.from_ranking(ranking, sex, top_k=top_k),
        race=SelectionCounts.from_ranking(ranking, race, top_k=top_k),
        intersection=SelectionCounts.from_ranking(ranking, sex.intersect(race), top_k=top_k),
        min_share=min_share,
    )


def local_law_144_of_scores(
    scores: ArrayLike, *, sex: Groups, race: Groups, min_share: float = SMALL_SHARE
) -> LocalLaw144:
    """Make the three tables for a tool that scores.

    Parameters
    ----------
    scores : array_like of shape (n,)
        One score per row; the median is that of all of them.
    sex, race : Groups
        Of each row.
    min_share : float, default=.02
        As in `impact_table`.

    Raises
    ------
    DataError
        If lengths differ, or a score is missing or no number.
    """
    return local_law_144(
        sex=SelectionCounts.from_scores(scores, sex),
        race=SelectionCounts.from_scores(scores, race),
        intersection=SelectionCounts.from_scores(scores, sex.intersect(race)),
        min_share=min_share,
    )


def _as_json(row: CategoryRow) -> dict[str, Any]:
    return {
        "category": row.category,
        "applicants": row.applicants,
        "selected": row.selected,
        "rate": None if row.rate is None else float(row.rate),
        "share": None if math.isnan(row.share) else row.share,
        "impact_ratio": None if row.impact_ratio is None else float(row.impact_ratio),
        "note": row.note,
    }
