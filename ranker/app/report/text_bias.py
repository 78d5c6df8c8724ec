"""Swapped names and places in a text model, as one page."""

from collections.abc import Mapping
from typing import Any, Final

from fairness.swaps.text_bias_result import CHANGE, CONFIDENCE
from ranker.app.report.page import frame, template
from ranker.app.report.sections import Section

__all__ = ["bias_page"]

SECTIONS: Final = (
    Section("bias_found", "What was found"),
    Section("bias_groups", "Each group against the others"),
    Section("bias_labels", "Which labels are favoured", "pulls"),
    Section("bias_shares", "What the name and the place hold of the attribution", "attribution"),
    Section("bias_templates", "Template by template"),
    Section("bias_limits", "What cannot be concluded, and how to make this page again"),
)
MOST_PULLS: Final = 12  # rows of an attribute's labels: the smallest p values first


def bias_page(figures: Mapping[str, Any]) -> str:
    """Write what ``candor text bias`` found as one HTML page that asks no other host for anything.

    Parameters
    ----------
    figures : mapping
        The command's object for machines.

    Returns
    -------
    str
        The same figures give the same page, byte for byte.
    """
    shown = {**figures, "pulls": [_pulls(figures, attribute) for attribute in _tested(figures)]}
    return template("text_bias.html").render(
        f=shown,
        outcomes=[
            (CONFIDENCE, "Confidence in the template's usual label, in points of probability"),
            (CHANGE, "Texts that get another label than the template's usual one, in points of the share"),
        ],
        attributes=_tested(figures),
        tests={(t["attribute"], t["outcome"], t["label"]): t for t in figures["tests"]},
        **frame(SECTIONS, shown, plots=False),
    )


def _tested(figures: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(test["attribute"] for test in figures["tests"]))


def _pulls(figures: Mapping[str, Any], attribute: str) -> dict[str, Any]:
    """Return an attribute's labels, the smallest p first, each with the group furthest from the others."""
    rows = []
    for test in figures["tests"]:
        if test["attribute"] == attribute and test["label"]:
            own = [
                one
                for one in figures["effects"]
                if one["attribute"] == attribute and one["label"] == test["label"]
            ]
            rows.append({**test, "effect": max(own, key=lambda one: (abs(one["difference"]), one["group"]))})
    rows.sort(key=lambda row: (row["p_holm"], row["p"], row["label"]))
    return {"attribute": attribute, "rows": rows[:MOST_PULLS], "more": max(len(rows) - MOST_PULLS, 0)}
