"""The adverse-impact table as JSON."""

import math
from typing import TYPE_CHECKING, Any

from fairness.adverse_impact.intervals import Interval

if TYPE_CHECKING:
    from fairness.adverse_impact.table import Comparison, ImpactRow


def row_as_json(row: "ImpactRow") -> dict[str, Any]:
    """Return one group's figures; null where there is none, or no upper end."""
    return {
        "group": row.label,
        "selected": row.selected,
        "total": row.total,
        "share": _number(row.share),
        "rate": _number(row.rate),
        "rate_interval": _ends(row.rate_interval),
        "is_reference": row.is_reference,
        "comparison": None if row.comparison is None else _comparison_as_json(row.comparison),
        "notes": list(row.notes),
    }


def _comparison_as_json(found: "Comparison") -> dict[str, Any]:
    tests, lacking = found.tests, found.shortfall
    return {
        "ratio": float(found.ratio),
        "below_four_fifths": found.below_four_fifths,
        "ratio_interval": _ends(found.ratio_interval),
        "katz_interval": _ends(found.katz_interval),
        "difference": float(found.difference),
        "difference_interval": _ends(found.difference_interval),
        "z": _number(tests.z),
        "z_p": _number(tests.z_p),
        "fisher_p": tests.fisher_p,
        "mid_p": tests.mid_p,
        "boschloo_p": tests.boschloo_p,
        "agree": tests.agree,
        "z_holm": _number(found.z_holm),
        "z_bh": _number(found.z_bh),
        "fisher_holm": found.fisher_holm,
        "fisher_bh": found.fisher_bh,
        "shortfall": {
            "to_highest": lacking.to_highest,
            "to_four_fifths": lacking.to_four_fifths,
            "to_overall": lacking.to_overall,
            "expected": float(lacking.expected),
            "swaps_to_highest": lacking.swaps_to_highest,
            "swaps_to_four_fifths": lacking.swaps_to_four_fifths,
            "one_more_clears_four_fifths": lacking.one_more_clears_four_fifths,
            "one_more_reverses": lacking.one_more_reverses,
        },
    }


def flat(values: dict[str, Any]) -> dict[str, Any]:
    """Bring nested figures to one level: ``x_interval`` to ``x_low`` and ``x_high``, names joined by ``_``."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name.endswith("_interval"):
            found[name.replace("_interval", "_low")], found[name.replace("_interval", "_high")] = value
        elif isinstance(value, dict):
            found |= {f"{name}_{inner}": one for inner, one in value.items()}
        else:
            found[name] = value
    # Notes are the longest, so they stand last.
    found["notes"] = found.pop("notes")
    return found


def _ends(interval: Interval) -> list[float | None]:
    return [_number(interval.low), _number(interval.high)]


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
