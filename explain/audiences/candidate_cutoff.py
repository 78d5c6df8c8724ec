"""Why a person is, or is not, among the first: their own record and the cut-off, and nothing else of others."""

from typing import Any

from explain.against import CONTRAST_SCHEMA, Contrast
from explain.audiences.candidate import (
    candidate_json,
    check_baseline,
    objection,
    order_title,
    order_words,
    reason_sections,
)
from explain.audiences.candidate_reasons import missing_items
from explain.explanation import Explanation
from explain.page import Block, Page, Section
from explain.words import counted, decimals_for, number
from ranker.errors import DataError

__all__ = ["candidate_cutoff", "candidate_cutoff_json"]


def candidate_cutoff(contrast: Contrast) -> Page:
    """Tell the person how far the cut-off is, and what counted.

    Parameters
    ----------
    contrast : Contrast
        With the person at the cut-off, or the first one behind it; of that one nothing is read
        but the score at the cut-off, which the person's own explanation holds.

    Returns
    -------
    Page

    Raises
    ------
    DataError
        If the other is somebody else than the contrast with the cut-off holds, or the
        baseline is made of other people of the job.
    """
    e = _own(contrast)
    largest = max((abs(reason.relative) for reason in e.reasons), default=0.0)
    digits = decimals_for(largest)
    sections = [
        Section(order_title(e), order_words(e)),
        *reversed(reason_sections(e, largest, digits)[:2]),
        Section("What is missing or does not match", missing_items(e, digits)),
        Section("If you disagree", (objection(e, digits),)),
    ]
    whether = "are" if e.in_top else "are not"
    return Page(
        title=f"Why you {whether} among the first {e.top_k:,} for job {e.job}",
        lead=_lead(e, digits),
        sections=tuple(section for section in sections if section.blocks),
    )


def candidate_cutoff_json(contrast: Contrast) -> dict[str, Any]:
    """Return what the page says as JSON: the person's own explanation, and the score at the cut-off."""
    e = _own(contrast)
    assert e.cutoff_score is not None
    return {
        **candidate_json(e),
        "schema": CONTRAST_SCHEMA,
        "cutoff_score": e.cutoff_score,
        "distance": e.score - e.cutoff_score,
        "in_top": e.in_top,
    }


def _own(contrast: Contrast) -> Explanation:
    """Return the person's side, having made sure that the other's is not asked for by name."""
    e, other = contrast.one, contrast.other
    if other.rank != (e.top_k + 1 if e.in_top else e.top_k):
        raise DataError(
            f"candidate {e.candidate!r} may not be told of candidate {other.candidate!r}: contrast two people for "
            "the recruiter, the auditor or the developer, and a candidate with the cut-off alone"
        )
    check_baseline(e)
    return e


def _lead(e: Explanation, digits: int) -> tuple[Block, ...]:
    assert e.cutoff_score is not None  # somebody stands there: the contrast is with them
    place = (
        f"{counted(e.pool_size, 'person', 'people')} were ranked for job {e.job}. You ({e.candidate}) are at "
        f"rank {e.rank}."
    )
    counts = (
        "The amounts below count from the average application that the ranking was learned from."
        if e.baseline is not None and e.baseline.kind == "population"
        else "The amounts below count from zero."
    )
    last = f"The score at rank {e.top_k:,}, the last place on the list, is {number(e.cutoff_score, digits)}."
    own = f"Your score is {number(e.score, digits)}"
    distance = e.score - e.cutoff_score
    if e.rank == e.top_k:
        return place, f"You hold the last place on the list. {own}.", counts
    if distance == 0:
        return place, f"{last} {own}, exactly the same. Equal scores are put in order by lot.", counts
    apart = number(abs(distance), digits)
    far = f"{apart} {'above' if distance > 0 else 'below'} it" if float(apart) else "almost the same"
    told = f"{last} {own}, which is {far}."
    if (distance > 0) != e.in_top:
        told += " So it was not the score that decided, but a change of the order after scoring."
    return place, told, counts
