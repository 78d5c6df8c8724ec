"""Sentences that stand beside the figures of an adverse-impact table."""

from fairness.adverse_impact.counts import SelectionCounts
from fairness.adverse_impact.shortfall import Shortfall
from fairness.adverse_impact.significance import Significance


def left_out_note(
    label: str, total: int, share: float, left_out: tuple[str, ...], min_share: float
) -> tuple[str, ...]:
    """Say why a group is not compared, where that is so."""
    if not total:
        return ("nobody: no rate",)
    if label in left_out:
        return (f"under {min_share:.0%} of all people of known group ({share:.1%}): shown, not compared",)
    return ()


def notes_on(tests: Significance, lacking: Shortfall, best: str) -> tuple[str, ...]:
    """Say whether the tests disagree about a group, and whether one person would change the answer."""
    notes = []
    if tests.agree is False:
        notes.append(
            f"the tests disagree at {tests.level:g}: Z has p {tests.z_p:.3f}, Fisher {tests.fisher_p:.3f}"
        )
    if lacking.one_more_reverses:
        notes.append(
            f"one person of this group selected instead of one of {best!r} would give this group the higher rate"
        )
    elif lacking.one_more_clears_four_fifths:
        notes.append(f"one person of this group selected instead of one of {best!r} would reach four fifths")
    return tuple(notes)


def notes_on_table(
    counts: SelectionCounts, reference: tuple[str, ...], best: str | None, n_tests: int, level: float
) -> tuple[str, ...]:
    """Say what holds for all comparisons of a table: what they are against, how many, who is unknown."""
    notes = []
    if best is None:
        notes.append("nobody of a group that is large enough was selected: there is nothing to compare with")
    elif len(reference) > 1:
        notes.append(
            f"{', '.join(map(repr, reference))} share the highest rate; tests are against {best!r}, "
            "which has the most people"
        )
    if n_tests > 1:
        notes.append(
            f"{n_tests} tests: against a group named beforehand, with all rates equal and the tests independent, "
            f"at least one p below {level:g} would come up by chance with probability "
            f"{1 - (1 - level) ** n_tests:.0%}; here the group is the one that came out highest, which makes "
            "every p, adjusted ones too, smaller than it should be"
        )
    elif n_tests == 1:
        notes.append(
            "which of the two has the higher rate was seen in the same data; a two-sided p allows for that"
        )
    if counts.unknown_total:
        everyone = counts.overall[1] + counts.unknown_total
        notes.append(
            f"{counts.unknown_total} of {everyone} people ({counts.unknown_total / everyone:.1%}) are of unknown "
            "group and in no rate; were they all of one group, its rate could be another"
        )
    return tuple(notes)
