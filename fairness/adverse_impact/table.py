"""The adverse-impact table: every group beside the one with the highest selection rate."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

from fairness.adverse_impact._table_json import flat, row_as_json
from fairness.adverse_impact._table_notes import left_out_note, notes_on, notes_on_table
from fairness.adverse_impact.counts import SelectionCounts
from fairness.adverse_impact.four_fifths import four_fifths
from fairness.adverse_impact.intervals import Interval, katz, koopman, newcombe, wilson
from fairness.adverse_impact.notes import benjamini_hochberg, few_members, few_people, holm
from fairness.adverse_impact.shortfall import Shortfall, shortfall
from fairness.adverse_impact.significance import Significance, compare_rates, refuse_level
from fairness.groups import SMALL_SHARE
from ranker.errors import DataError

__all__ = ["AdverseImpact", "Comparison", "ImpactRow", "adverse_impact"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One group against the reference.

    Parameters
    ----------
    ratio : Fraction
        The group's rate over the reference's, exactly.
    below_four_fifths : bool
        Whether the ratio is below 4/5; exactly 4/5 is not.
    difference : Fraction
        The group's rate less the reference's.
    difference_interval : Interval
        Newcombe's.
    ratio_interval, katz_interval : Interval
        Koopman's, and that on the logarithm, which more people know.
    tests : Significance
        Z and Fisher, both.
    z_holm, z_bh, fisher_holm, fisher_bh : float
        Their p adjusted for all the groups tested in this table, by Holm and by
        Benjamini and Hochberg.
    shortfall : Shortfall
        Selections that the group lacks.
    """

    ratio: Fraction
    below_four_fifths: bool
    difference: Fraction
    difference_interval: Interval
    ratio_interval: Interval
    katz_interval: Interval
    tests: Significance
    z_holm: float
    z_bh: float
    fisher_holm: float
    fisher_bh: float
    shortfall: Shortfall


@dataclass(frozen=True, slots=True)
class ImpactRow:
    """One group of the table.

    Parameters
    ----------
    label : str
        Name of the group.
    selected, total : int
        Persons.
    share : float
        Of all persons of known group; NaN where there is nobody.
    rate : float
        selected / total; NaN where there is nobody.
    rate_interval : Interval
        Wilson's.
    is_reference : bool
        Whether the rate is the highest, alone or among several.
    comparison : Comparison or None
        With the reference; None for a reference, for a group that is left out, and where
        nobody is selected.
    notes : tuple of str
        What to bear in mind: few people, tests that disagree, one person who changes the answer.
    """

    label: str
    selected: int
    total: int
    share: float
    rate: float
    rate_interval: Interval
    is_reference: bool
    comparison: Comparison | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AdverseImpact:
    """Every group's selection rate, held against the highest; figures, not a finding of law.

    Parameters
    ----------
    attribute, kind
        As in `SelectionCounts`.
    reference : tuple of str
        The group with the highest rate; several where they tie; none where nobody is selected.
    compared_with : str or None
        Of those that tie, the one with the most people, which the tests are against.
    rows : tuple of ImpactRow
        One per group, in the order of the counts.
    unknown_selected, unknown_total : int or None, int
        Persons of unknown group, who are in no rate.
    level, min_share : float
        As given.
    n_tests : int
        Groups that were tested.
    notes : tuple of str
        On the table as a whole.
    """

    attribute: str
    kind: str
    reference: tuple[str, ...]
    compared_with: str | None
    rows: tuple[ImpactRow, ...]
    unknown_selected: int | None
    unknown_total: int
    level: float
    min_share: float
    n_tests: int
    notes: tuple[str, ...]

    def row(self, label: str) -> ImpactRow:
        """Return one group's row, or raise DataError."""
        for row in self.rows:
            if row.label == label:
                return row
        raise DataError(f"the table by {self.attribute!r} has no group {label!r}")

    def to_json(self) -> dict[str, Any]:
        """Return the table as JSON; what could not be worked out is null, no upper end is null."""
        return {
            "attribute": self.attribute,
            "kind": self.kind,
            "reference": list(self.reference),
            "compared_with": self.compared_with,
            "level": self.level,
            "min_share": self.min_share,
            "n_tests": self.n_tests,
            "unknown": {"selected": self.unknown_selected, "total": self.unknown_total},
            "groups": [row_as_json(row) for row in self.rows],
            "notes": list(self.notes),
        }

    def to_frame(self) -> pd.DataFrame:
        """Return one row per group; the nested figures of `to_json`, flattened with underscores."""
        rows: list[dict[str, Any]] = []
        for row in self.to_json()["groups"]:
            compared = row.pop("comparison") or {}
            rows.append(flat({**row, **compared, "notes": "; ".join(row["notes"])}))
        # The longest row first, so that the columns keep their order though a reference has few of them.
        columns = list(max(rows, key=lambda row: len(row), default={"group": None}))
        return pd.DataFrame(rows, columns=columns).set_index("group").rename_axis(self.attribute)


def adverse_impact(
    counts: SelectionCounts,
    *,
    level: float = 0.05,
    min_share: float = SMALL_SHARE,
    with_boschloo: bool = False,
) -> AdverseImpact:
    """Hold every group's selection rate against the highest: ratio, tests, intervals, shortfall.

    The reference is the group that happened to have the highest rate. Being picked by that
    rate makes the differences look larger, and p values smaller, than those of a group named
    beforehand; the more so the more groups there are and the smaller they are.

    Parameters
    ----------
    counts : SelectionCounts
        Persons and selected persons of each group.
    level : float, default=.05
        Below which a p counts as significant; intervals have confidence ``1 - level``.
    min_share : float, default=.02
        Groups of a smaller share of all persons of known group are shown with their rate, and
        neither compared nor taken as the reference. 0 compares all who have anybody.
    with_boschloo : bool, default=False
        Whether to work out Boschloo's p as well, which is slow beyond a few hundred people.

    Returns
    -------
    AdverseImpact
        One row per group.

    Raises
    ------
    DataError
        If the level is no share between 0 and 1.

    References
    ----------
    29 CFR 1607.4 D (Uniform Guidelines on Employee Selection Procedures); Morris & Dunleavy,
    eds. (2017), Adverse Impact Analysis, Routledge; see each module for its formulas.

    Examples
    --------
    >>> table = adverse_impact(SelectionCounts("sex", ("f", "m"), selected=(12, 48), total=(40, 80)))
    >>> found = table.row("f").comparison
    >>> found.ratio, found.below_four_fifths, round(found.tests.z, 3), found.shortfall.to_four_fifths
    (Fraction(1, 2), True, -3.098, 8)
    """
    refuse_level(level)
    rates = four_fifths(counts, min_share=min_share)
    # Of those that tie, the one with the most people, so that its rate is known best.
    tied: list[str] = sorted(rates.reference, key=lambda label: -counts.of(label)[1])
    best = tied[0] if tied else None
    tests: dict[str, Significance] = {}
    if best is not None:
        against = counts.of(best)
        for label, ratio in rates.ratios.items():
            if ratio is not None and label not in rates.reference:
                tests[label] = compare_rates(
                    *counts.of(label), *against, level=level, with_boschloo=with_boschloo
                )
    z_p = {label: found.z_p for label, found in tests.items()}
    fisher_p = {label: found.fisher_p for label, found in tests.items()}
    adjusted = (holm(z_p), benjamini_hochberg(z_p), holm(fisher_p), benjamini_hochberg(fisher_p))
    shares, plain = counts.shares(), counts.rates()
    rows = []
    for label in counts.labels:
        selected, total = counts.of(label)
        comparison, notes = None, left_out_note(label, total, shares[label], rates.left_out, min_share)
        if label in rates.reference:
            notes = few_members(selected, total, share=shares[label], min_share=min_share)
        if best is not None and label in tests:
            comparison = _compared(
                counts,
                label,
                best,
                tests[label],
                tuple(by[label] for by in adjusted),
                bool(rates.below[label]),
            )
            few = few_people(selected, total, *counts.of(best), share=shares[label], min_share=min_share)
            notes = few + notes_on(comparison.tests, comparison.shortfall, best)
        rows.append(
            ImpactRow(
                label=label,
                selected=selected,
                total=total,
                share=shares[label],
                rate=plain[label],
                rate_interval=wilson(selected, total, level=1 - level),
                is_reference=label in rates.reference,
                comparison=comparison,
                notes=notes,
            )
        )
    return AdverseImpact(
        attribute=counts.attribute,
        kind=counts.kind,
        reference=rates.reference,
        compared_with=best,
        rows=tuple(rows),
        unknown_selected=counts.unknown_selected,
        unknown_total=counts.unknown_total,
        level=level,
        min_share=min_share,
        n_tests=len(tests),
        notes=notes_on_table(counts, rates.reference, best, len(tests), level),
    )


def _compared(
    counts: SelectionCounts,
    label: str,
    best: str,
    tests: Significance,
    adjusted: tuple[float, ...],
    below: bool,
) -> Comparison:
    four = (*counts.of(label), *counts.of(best))
    selected, total, best_selected, best_total = four
    all_selected, all_total = counts.overall
    confidence = 1 - tests.level
    return Comparison(
        ratio=Fraction(selected * best_total, best_selected * total),
        below_four_fifths=below,
        difference=Fraction(selected, total) - Fraction(best_selected, best_total),
        difference_interval=newcombe(*four, level=confidence),
        ratio_interval=koopman(*four, level=confidence),
        katz_interval=katz(*four, level=confidence),
        tests=tests,
        z_holm=adjusted[0],
        z_bh=adjusted[1],
        fisher_holm=adjusted[2],
        fisher_bh=adjusted[3],
        shortfall=shortfall(*four, all_selected=all_selected, all_total=all_total),
    )
