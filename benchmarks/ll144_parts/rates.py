"""Published rates, held against the counts beside them."""

import math
from typing import Any

from benchmarks.ll144_parts.published import PRINTED, WITHIN, Row, told


def check_rates(rows: list[Row]) -> dict[str, Any]:
    """Hold published rates against the counts beside them."""
    counted = [row for row in rows if not math.isnan(row.recomputed)]
    both = [row for row in counted if not math.isnan(row.rate)]
    fractions = {row.audit for row in both if not row.whole}
    printed_counts = [row for row in both if row.audit not in fractions]
    misfits = [row for row in both if abs(row.recomputed - row.rate) > WITHIN]
    no_whole = [row for row in both if row not in misfits and not _some_whole_number(row)]
    return {
        "audits": len({row.audit for row in rows}),
        "rows": len(rows),
        "audits_with_counts": len({row.audit for row in counted}),
        "rows_with_counts": len(counted),
        "rows_with_counts_and_rate": len(both),
        "within": len(both) - len(misfits),
        "share_within": (len(both) - len(misfits)) / len(both),
        "audits_with_fractions_of_people": len(fractions),
        "rows_with_fractions_of_people": sum(not row.whole for row in both),
        "of_them_rate_times_applicants": sum(
            not row.whole and abs(row.selected - row.rate * row.applicants) < 1e-3 for row in both
        ),
        "printed_counts": {
            "audits": len({row.audit for row in printed_counts}),
            "rows": len(printed_counts),
            "within": sum(abs(row.recomputed - row.rate) <= WITHIN for row in printed_counts),
        },
        "made_whole_within": sum(
            abs(round(row.selected) / row.applicants - row.rate) <= WITHIN for row in both
        ),
        "misfits": [
            told(row, "rate", row.rate, row.recomputed) | {"guess": guess(row, rows)} for row in misfits
        ],
        "no_whole_number": [
            told(row, "rate", row.rate, row.recomputed)
            | {
                "guess": f"no whole number of {row.applicants:.0f} people has this rate: not a rate of these people"
            }
            for row in no_whole
        ],
    }


def _some_whole_number(row: Row) -> bool:
    """Whether some number of the applicants rounds, or is cut off, to the published rate."""
    near = round(row.rate * row.applicants)
    return any(
        -PRINTED - 1e-9 <= k / row.applicants - row.rate < 0.01
        for k in range(max(0, near - 1), min(int(row.applicants), near + 1) + 1)
    )


def guess(row: Row, rows: list[Row]) -> str:
    """Guess what went wrong with a rate that its counts do not give."""
    people = row.selected / row.rate if row.rate else math.nan
    if not row.whole and abs(people - round(people)) < 1e-6:
        return f"the count is this rate of {people:.0f} people, another category's number, not of these"
    if math.floor(row.recomputed * 100) / 100 == round(row.rate, 2):
        return "cut off instead of rounded"
    other = _from_other_tables(row, rows)
    if abs(other - row.rate) <= WITHIN < abs(other - row.recomputed):
        return f"a count misprinted: the audit's other tables give {other:.3f}, near the rate"
    if abs(other - row.recomputed) <= WITHIN < abs(other - row.rate):
        return f"the rate misprinted: the audit's other tables give {other:.3f}, near the counts"
    return "unexplained"


def _from_other_tables(row: Row, rows: list[Row]) -> float:
    """Return the rate of a category by the audit's other tables: sums of crossed ones, or what is left."""
    mine = [
        one
        for one in rows
        if (one.audit, one.position, one.rate_of) == (row.audit, row.position, row.rate_of)
        and one.known
        and not math.isnan(one.recomputed)
    ]
    if row.by != "intersectional":
        parts = [
            (one, 1)
            for one in mine
            if one.by == "intersectional"
            and (one.race == row.race if row.by == "race/ethnicity" else one.sex == row.sex)
        ]
    else:
        parts = [(one, 1) for one in mine if one.by == "race/ethnicity" and one.race == row.race]
        crossed = [one for one in mine if one.by == row.by and one.race == row.race and one.sex != row.sex]
        parts = parts + [(one, -1) for one in crossed] if parts and crossed else []
    applicants = sum(sign * one.applicants for one, sign in parts)
    return sum(sign * one.selected for one, sign in parts) / applicants if applicants > 0 else math.nan
