"""The sections of the pages, in their order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page.

    Parameters
    ----------
    id : str
        Anchor on the page, and name of its template.
    title : str
        Heading.
    needs : str
        Key of the figures without which the section is left out; none by default.
    """

    id: str
    title: str
    needs: str = ""

    @property
    def template(self) -> str:
        """File name of its template."""
        return f"{self.id}.html"


OF_MODEL = (
    Section("data", "What this is"),
    Section("people", "Who was ranked"),
    Section("training", "What shaped the training, and what the score reads"),
    Section("quality", "Quality before and after"),
    Section("treatment", "Treatment of groups before and after"),
    Section("rates", "Selection and scoring rates by category", "rates"),
    Section("impact", "Adverse impact: four fifths, tests, intervals, shortfall", "impact"),
    Section("measures", "Ranking metrics, overall and by job", "measures"),
    Section("certificate", "The certificate"),
    Section("frontier", "The frontier"),
    Section("gap", "Where the score gap comes from, before and after"),
    Section("effects", "What each term does to quality and to the gap", "effects"),
    Section("proxies", "What stands in for whom", "proxies"),
    Section("swaps", "The same record with another name or group", "swaps"),
    Section("shapes", "What each value adds, and what fairness changed"),
    Section("candidate", "One score, taken apart"),
    Section("labels", "Selective labels", "labels"),
    Section("robustness", "How firm the ranks are", "robustness"),
    Section("oversight", "Drift, oversight and overrides", "drift"),
    Section("moved", "Who moves between two versions, and why", "versions_compared"),
    Section("laws", "Where readers of which rule look"),
    Section("limits", "Limits, and how to make this page again"),
)
OF_RANKING = (
    Section("ranking_data", "What this is"),
    Section("ranking_people", "Who was ranked"),
    Section("rates", "Selection and scoring rates by category", "rates"),
    Section("impact", "Adverse impact: four fifths, tests, intervals, shortfall", "impact"),
    Section("measures", "Ranking metrics, overall and by job", "measures"),
    Section("laws", "Where readers of which rule look"),
    Section("ranking_limits", "Limits, and how to make this page again"),
)
OF_COUNTS = (
    Section("counts_data", "What this is"),
    Section("rates", "Selection and scoring rates by category", "rates"),
    Section("impact", "Adverse impact: four fifths, tests, intervals, shortfall", "impact"),
    Section("laws", "Where readers of which rule look"),
    Section("ranking_limits", "Limits, and how to make this page again"),
)


def shown(sections: Sequence[Section], figures: Mapping[str, Any]) -> tuple[Section, ...]:
    """Return the sections that there are figures for."""
    return tuple(one for one in sections if not one.needs or figures.get(one.needs))
