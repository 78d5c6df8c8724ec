"""How many more selections of a group equal rates would take: whole persons, exactly."""

from dataclasses import dataclass
from fractions import Fraction

from fairness.adverse_impact.four_fifths import is_below_four_fifths
from ranker.errors import DataError

__all__ = ["Shortfall", "shortfall"]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Selections that a group lacks, in whole persons; 0 where it lacks none.

    Parameters
    ----------
    to_highest : int
        More selections of the group, all others as they are, for its rate to reach the reference's.
    to_four_fifths : int
        The same, to reach four fifths of the reference's.
    to_overall : int
        Selections of the group, of as many in all as were made, for its rate to reach the overall one.
    expected : Fraction
        Selections that the group would have had at the overall rate less those it had, not
        rounded; below 0 where it had more.
    swaps_to_highest, swaps_to_four_fifths : int
        Selections that would have had to go to the group instead of the reference, where the
        number of places is fixed.
    one_more_clears_four_fifths : bool
        Whether the group is below four fifths, and one selection of it instead of one of the
        reference would have put it at four fifths or above.
    one_more_reverses : bool
        Whether one selection of the group instead of one of the reference would have given the
        group, whose rate is the lower one, the higher rate of the two.
    """

    to_highest: int
    to_four_fifths: int
    to_overall: int
    expected: Fraction
    swaps_to_highest: int
    swaps_to_four_fifths: int
    one_more_clears_four_fifths: bool
    one_more_reverses: bool


def shortfall(
    selected: int, total: int, best_selected: int, best_total: int, *, all_selected: int, all_total: int
) -> Shortfall:
    """Count how many more selections of a group parity would take.

    A figure that says how large a difference is in persons, not a number that anybody is to
    be given: who was qualified is not in it.

    Parameters
    ----------
    selected, total : int
        Of the group; `total` from 1.
    best_selected, best_total : int
        Of the group with the highest rate, the reference.
    all_selected, all_total : int
        Of all groups together, these two among them.

    Returns
    -------
    Shortfall
        Persons.

    Raises
    ------
    DataError
        If a group has nobody.

    References
    ----------
    Questions and answers on the Uniform Guidelines, 44 FR 11996 (1979), no. 20 and 21, for one
    different person; Morris & Dunleavy, eds. (2017), Adverse Impact Analysis, for the shortfall.

    Examples
    --------
    >>> found = shortfall(3, 20, 16, 80, all_selected=19, all_total=100)
    >>> found.to_highest, found.to_four_fifths, found.one_more_reverses
    (1, 1, True)
    """
    if total < 1 or best_total < 1:
        raise DataError("a group of nobody lacks no selection: leave it out")
    s, n, S, N = selected, total, best_selected, best_total
    below = is_below_four_fifths(s, n, S, N)
    can_swap = s < n and S > 0
    return Shortfall(
        to_highest=_up(S * n - s * N, N),
        to_four_fifths=_up(4 * S * n - 5 * s * N, 5 * N),
        to_overall=_up(all_selected * n - s * all_total, all_total),
        expected=Fraction(all_selected * n, all_total) - s,
        swaps_to_highest=_up(S * n - s * N, n + N),
        swaps_to_four_fifths=_up(4 * S * n - 5 * s * N, 4 * n + 5 * N),
        one_more_clears_four_fifths=below and can_swap and not is_below_four_fifths(s + 1, n, S - 1, N),
        one_more_reverses=s * N < S * n and can_swap and (s + 1) * N > (S - 1) * n,
    )


def _up(lacking: int, per_person: int) -> int:
    """Return the least whole number of persons, from 0, that makes up for what is lacking."""
    return max(0, -(-lacking // per_person))
