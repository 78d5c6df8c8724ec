"""Shares of certificates that the half left alone bears out."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

AGREE, HOLD = 0.9, 0.8  # targets
AGREEMENTS = ("not_contradicted", "within_interval", "keeps_bound")  # each by itself
CONTROL = "bertrand_mullainathan"  # names by lot: nothing to correct, and so most of what holds
SECOND = 2**0.5  # a second half scatters as the first does: their difference by so much more

Row = dict[str, Any]
Test = Callable[[Row], bool]

# Of certificates that hold: what may be true of the half left alone.
BORNE_OUT: dict[str, Test] = {
    "not_contradicted": lambda row: not contradicted(row),
    "within_interval": lambda row: row["interval"][0] <= row["untouched"] <= row["interval"][1],
    "not_above_interval": lambda row: row["untouched"] <= row["interval"][1],
    "within_widened_interval": lambda row: _widened(row)[0] <= row["untouched"] <= _widened(row)[1],
    "keeps_bound": lambda row: row["untouched"] <= row["bound"],
    "keeps_one_and_a_half_bounds": lambda row: row["untouched"] <= 1.5 * row["bound"],
    "whole_test_keeps_bound": lambda row: row["whole_test"] <= row["bound"],
}

# Those that ask of an interval, whatever the verdict.
INTERVALS = ("within_interval", "not_above_interval", "within_widened_interval")


def contradicted(row: Row) -> bool:
    """Whether the whole interval of the half left alone lies beyond the bound."""
    return row["untouched_interval"][0] > row["bound"]


def _widened(row: Row) -> tuple[float, float]:
    """Interval for the value of a second half, from that of the first."""
    measured, (low, high) = row["measured"], row["interval"]
    return measured - SECOND * (measured - low), measured + SECOND * (high - measured)


def summarise(found: Mapping[tuple[str, str, int], list[Row]]) -> dict[str, Any]:
    """Count, over all cases, by bound, by task, and by how sure a certificate is.

    Parameters
    ----------
    found : dict of (task, attribute, split) to list of dict
        A row for each bound, or one with the reason why there is none.
    """
    rows = [{"case": f"{key[0]}, {key[1]}", **row} for key, some in found.items() for row in some]
    errors = [row for row in rows if "error" in row]
    known = [row for row in rows if "error" not in row and _known(row)]
    cases = {
        "all": known,
        "all but the control": [row for row in known if not row["case"].startswith(CONTROL)],
        **{f"bound {bound}": _of(known, "bound", bound) for bound in sorted({r["bound"] for r in known})},
        **{case: _of(known, "case", case) for case in dict.fromkeys(row["case"] for row in known)},
    }
    whole = shares(known)
    return {
        "cases": {name: shares(some) for name, some in cases.items()},
        "holds_by_sureness": {
            name: borne_out([row for row in known if row["verdict"] == "holds" and row["sure"] is sure])
            for name, sure in (("sure", True), ("unsure", False))
        },
        "not_measured": len(rows) - len(errors) - len(known),
        "errors": [f"{row['case']}: {row['error']}" for row in errors],
        "targets": {"agree": AGREE, "hold": HOLD},
        "targets_met": {
            **{name: (whole["of_holds"][name] or 0.0) >= AGREE for name in AGREEMENTS},
            "holds_where_half_the_bound": (whole["holds_where_half_the_bound"]["share"] or 0.0) >= HOLD,
        },
    }


def _known(row: Row) -> bool:
    values = [row["measured"], row["untouched"], row["whole_test"], *row["interval"]]
    return all(value is not None for value in [*values, *row["untouched_interval"]])


def _of(rows: list[Row], name: str, value: Any) -> list[Row]:
    return [row for row in rows if row[name] == value]


def share(rows: list[Row], test: Test) -> float | None:
    """Share of rows that pass a test; None of no rows."""
    return round(float(np.mean([test(row) for row in rows])), 3) if rows else None


def borne_out(rows: list[Row]) -> dict[str, Any]:
    """Shares of some certificates that hold, by each of the tests."""
    return {"n": len(rows), **{name: share(rows, test) for name, test in BORNE_OUT.items()}}


def shares(rows: list[Row]) -> dict[str, Any]:
    """Shares of verdicts, of what is borne out, and of certificates that hold where they should."""
    verdicts = [row["verdict"] for row in rows]
    half = {
        "holds_where_half_the_bound": lambda row: row["untouched"] <= row["bound"] / 2,
        "holds_where_whole_test_half_the_bound": lambda row: row["whole_test"] <= row["bound"] / 2,
        "holds_where_own_value_half_the_bound": lambda row: row["measured"] <= row["bound"] / 2,
    }
    found = {
        "n": len(rows),
        "verdicts": {name: verdicts.count(name) for name in ("holds", "undecided", "fails")},
        "of_all": {name: share(rows, BORNE_OUT[name]) for name in INTERVALS},
        "of_holds": borne_out([row for row in rows if row["verdict"] == "holds"]),
        "fails_kept_by_untouched": share([r for r in rows if r["verdict"] == "fails"], _kept),
        "width": round(float(np.median([r["interval"][1] - r["interval"][0] for r in rows])), 4)
        if rows
        else None,
    }
    for name, test in half.items():
        such = [row for row in rows if test(row)]
        found[name] = {
            "n": len(such),
            "share": share(such, lambda row: row["verdict"] == "holds"),
            "sure": share(such, lambda row: row["verdict"] == "holds" and row["sure"]),
        }
    return found


def _kept(row: Row) -> bool:
    return bool(row["untouched"] <= row["bound"])


def told(summary: dict[str, Any]) -> str:
    """Write the shares out as a table."""

    def said(value: float | None) -> str:
        return "     -" if value is None else f"{value:6.2f}"

    columns = ("not_contradicted", "within_interval", "within_widened_interval", "keeps_bound")
    heads = ("not contradicted", "in interval", "in widened", "keeps bound")
    head = f"{'':<52}{'holds':>7}" + "".join(f"{name:>18}" for name in heads) + "   holds, half bound"
    lines = [head]
    for name, case in summary["cases"].items():
        cells = "".join(f"{said(case['of_holds'][column]):>18}" for column in columns)
        fair = case["holds_where_half_the_bound"]
        holds = f"{case['verdicts']['holds']}/{case['n']}"
        lines.append(f"{name:<52}{holds:>7}{cells}{said(fair['share']):>12} of {fair['n']}")
    for name, case in summary["holds_by_sureness"].items():
        cells = "".join(f"{said(case[column]):>18}" for column in columns)
        lines.append(f"{'holds, ' + name:<52}{case['n']:>7}{cells}")
    lines += [f"not measured: {summary['not_measured']}", *summary["errors"]]
    return "\n".join(lines)
