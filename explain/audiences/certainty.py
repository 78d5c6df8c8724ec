"""How sure a rank is, in words; not for the candidate, since it depends on how close others are."""

from explain.explanation import Explanation
from explain.words import number

__all__ = ["borderline_words", "certainty_words"]


def certainty_words(e: Explanation, digits: int) -> tuple[str, ...]:
    """Say how far score and rank could move, and how likely the rank by score is inside the cut-off."""
    sure = e.certainty
    if sure is None:
        return (f"Not known: {e.uncertain_because}.",) if e.uncertain_because else ()
    low, high = sure.rank_low, sure.rank_high
    ranks = f"at rank {low}" if low == high else f"between ranks {low} and {high}"
    moved = " All of this is by score alone, before moves." if e.moves or e.shifts else ""
    return (
        f"Had the ranking been learned from other data of the same kind, the score would typically differ by "
        f"{number(sure.deviation, digits)}. In {100 * sure.level:.0f} % of cases the candidate would stand "
        f"{ranks}, and in {_share(sure.p_top_k)} of cases in the top {sure.top_k}.{moved}",
    )


def borderline_words(e: Explanation) -> str:
    """Flag a rank that could as well lie on the other side of the cut-off; empty where it could not."""
    if e.certainty is None or not e.certainty.borderline:
        return ""
    return (
        f"BORDERLINE: the plausible ranks {e.certainty.rank_low} to {e.certainty.rank_high} lie on both sides of "
        f"the cut-off at {e.top_k}. Look at the record itself before deciding."
    )


def _share(p: float) -> str:
    if 0 < p < 0.01:
        return "less than 1 %"
    return "more than 99 %" if 0.99 < p < 1 else f"{100 * p:.0f} %"
