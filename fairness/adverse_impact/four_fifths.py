"""Four fifths: each group's rate beside the highest one, in whole numbers."""

from dataclasses import dataclass
from fractions import Fraction

from fairness.adverse_impact.counts import SelectionCounts
from fairness.groups import SMALL_SHARE

__all__ = ["FourFifths", "four_fifths", "highest_rate", "is_below_four_fifths"]


@dataclass(frozen=True, slots=True)
class FourFifths:
    """Each group's rate over the highest, and whether it falls short of four fifths of it.

    Parameters
    ----------
    attribute : str
        What the groups are groups of.
    reference : tuple of str
        The group with the highest rate; several where they tie; none where nobody is selected.
    ratios : dict of str to Fraction or None
        Impact ratio of each group, exactly; None for a group that is left out or has nobody,
        and for all where nobody is selected.
    below : dict of str to bool or None
        Whether the ratio is below 4/5; exactly 4/5 is not. None where there is no ratio.
    left_out : tuple of str
        Groups too small a share of all persons to be compared; see `four_fifths`.
    """

    attribute: str
    reference: tuple[str, ...]
    ratios: dict[str, Fraction | None]
    below: dict[str, bool | None]
    left_out: tuple[str, ...]


def four_fifths(counts: SelectionCounts, *, min_share: float = SMALL_SHARE) -> FourFifths:
    """Hold each group's selection rate against four fifths of the highest.

    A rule of thumb for what to look into: the same guidelines say that smaller differences
    may matter, and that larger ones may not where numbers are small.

    Parameters
    ----------
    counts : SelectionCounts
        Persons and selected persons of each group.
    min_share : float, default=.02
        Groups of a smaller share of all persons of known group are left out: they are
        neither compared nor the highest. 0 compares all who have anybody.

    Returns
    -------
    FourFifths
        Of ratios in [0, 1], exact.

    References
    ----------
    29 CFR 1607.4 D (Uniform Guidelines on Employee Selection Procedures) and 1607.15 A (2)
    for the share of 2 %; questions and answers on them, 44 FR 11996 (1979), no. 11.

    Examples
    --------
    >>> counts = SelectionCounts("race", ("a", "b", "c"), selected=(60, 48, 45), total=(100, 100, 100))
    >>> found = four_fifths(counts)
    >>> found.reference, found.below
    (('a',), {'a': False, 'b': False, 'c': True})
    """
    large = counts.large(min_share=min_share)
    reference = highest_rate(counts, large)
    ratios: dict[str, Fraction | None] = dict.fromkeys(counts.labels)
    below: dict[str, bool | None] = dict.fromkeys(counts.labels)
    if reference:
        best, of_best = counts.of(reference[0])
        for label in large:
            selected, total = counts.of(label)
            ratios[label] = Fraction(selected * of_best, best * total)
            below[label] = is_below_four_fifths(selected, total, best, of_best)
    left_out = tuple(label for label in counts.labels if label not in large)
    return FourFifths(counts.attribute, reference, ratios, below, left_out)


def is_below_four_fifths(selected: int, total: int, best_selected: int, best_total: int) -> bool:
    """Whether ``selected / total`` is below 4/5 of ``best_selected / best_total``.

    In whole numbers, because floating point finds 1 of 25 below four fifths of 1 of 20.

    References
    ----------
    29 CFR 1607.4 D.

    Examples
    --------
    >>> is_below_four_fifths(1, 25, 1, 20), (1 / 25) / (1 / 20) < 0.8
    (False, True)
    """
    return 5 * selected * best_total < 4 * best_selected * total


def highest_rate(counts: SelectionCounts, among: tuple[str, ...] | None = None) -> tuple[str, ...]:
    """Name the group with the highest rate, or all that tie for it exactly; none if nobody is selected.

    Parameters
    ----------
    counts : SelectionCounts
        Persons and selected persons of each group.
    among : tuple of str, optional
        Labels to choose from; all by default.
    """
    rates = {}
    for label in counts.labels if among is None else among:
        selected, total = counts.of(label)
        if total:
            rates[label] = Fraction(selected, total)
    best = max(rates.values(), default=Fraction(0))
    return tuple(label for label, rate in rates.items() if rate == best) if best > 0 else ()
