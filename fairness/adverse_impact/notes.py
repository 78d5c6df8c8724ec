"""What to bear in mind when reading the figures: few people, and many tests."""

import math
from collections.abc import Mapping
from typing import Final

__all__ = ["benjamini_hochberg", "few_members", "few_people", "holm"]

FEW_EXPECTED: Final = 5  # Cochran (1954): below, the normal test is not to be leaned on
FEW_MEMBERS: Final = 30
FEW_SELECTED: Final = 5


def few_people(
    selected: int, total: int, other_selected: int, other_total: int, *, share: float, min_share: float
) -> tuple[str, ...]:
    """Say in which ways one comparison is of few people.

    Parameters
    ----------
    selected, total : int
        Of the group; `total` from 1.
    other_selected, other_total : int
        Of the group that it is compared with.
    share, min_share : float
        The group's share of all persons of known group, and what counts as small.

    Returns
    -------
    tuple of str
        Sentences; none where numbers are large enough to read the figures as they are.

    References
    ----------
    Cochran (1954), Some Methods for Strengthening the Common Chi-Square Tests, Biometrics 10;
    29 CFR 1607.4 D on small numbers and 1607.15 A (2) on 2 %.

    Examples
    --------
    >>> few_people(2, 10, 15, 25, share=10 / 35, min_share=0.02)
    ('the smallest expected count is 4.8, under 5: read Fisher rather than Z', 'under 30 people: 10', \
'under 5 selected: 2')
    """
    notes = []
    everyone, chosen = total + other_total, selected + other_selected
    least = min(total, other_total) * min(chosen, everyone - chosen) / everyone
    if least < FEW_EXPECTED:
        said = f"{math.floor(least * 10) / 10:.1f}"  # not rounded, or 4.96 would be 5.0 and under 5
        notes.append(
            f"the smallest expected count is {said}, under {FEW_EXPECTED}: read Fisher rather than Z"
        )
    return (*notes, *few_members(selected, total, share=share, min_share=min_share))


def few_members(selected: int, total: int, *, share: float, min_share: float) -> tuple[str, ...]:
    """Say in which ways a group itself is of few people, be it compared or compared with.

    Parameters
    ----------
    selected, total, share, min_share
        As in `few_people`.

    Examples
    --------
    >>> few_members(2, 10, share=0.1, min_share=0.02)
    ('under 30 people: 10', 'under 5 selected: 2')
    """
    notes = []
    if total < FEW_MEMBERS:
        notes.append(f"under {FEW_MEMBERS} people: {total}")
    if share < min_share:
        notes.append(f"under {min_share:.0%} of all people of known group: {share:.1%}")
    if selected < FEW_SELECTED:
        notes.append(f"under {FEW_SELECTED} selected: {selected}")
    return tuple(notes)


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Adjust p values so that the chance of any false finding among all tests is kept.

    Parameters
    ----------
    p_values : mapping of str to float
        One per test; NaN is no test, and stays NaN.

    Returns
    -------
    dict of str to float
        Adjusted p, in [0, 1], to be read against the same level.

    References
    ----------
    Holm (1979), A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian
    Journal of Statistics 6.

    Examples
    --------
    >>> holm({"a": 0.01, "b": 0.04, "c": 0.03})
    {'a': 0.03, 'b': 0.06, 'c': 0.06}
    """
    ordered = _ordered(p_values)
    adjusted, so_far = dict(p_values), 0.0
    for place, (label, p) in enumerate(ordered):
        so_far = max(so_far, min(1.0, p * (len(ordered) - place)))
        adjusted[label] = so_far
    return adjusted


def benjamini_hochberg(p_values: Mapping[str, float]) -> dict[str, float]:
    """Adjust p values so that the expected share of false findings among the findings is kept.

    Parameters
    ----------
    p_values : mapping of str to float
        One per test; NaN is no test, and stays NaN.

    Returns
    -------
    dict of str to float
        Adjusted p, in [0, 1], to be read against the same level. Proven for independent
        tests; tests that share a reference group are not, so it is a guide here where `holm`
        holds for any, as long as the groups were named beforehand.

    References
    ----------
    Benjamini & Hochberg (1995), Controlling the False Discovery Rate, JRSS B 57.

    Examples
    --------
    >>> benjamini_hochberg({"a": 0.01, "b": 0.04, "c": 0.02})
    {'a': 0.03, 'b': 0.04, 'c': 0.03}
    """
    ordered = _ordered(p_values)
    adjusted, so_far = dict(p_values), 1.0
    for place in range(len(ordered), 0, -1):
        label, p = ordered[place - 1]
        so_far = min(so_far, p * len(ordered) / place)
        adjusted[label] = so_far
    return adjusted


def _ordered(p_values: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(
        ((label, p) for label, p in p_values.items() if not math.isnan(p)), key=lambda pair: pair[1]
    )
