"""How much of a text model's answer is attributed to the name and to the place."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fairness.swaps.text_effects import mean_interval
from fairness.swaps.text_templates import Filled, TextDesign
from ranker.text.attribution import TextAttribution

__all__ = ["Attribute", "SlotShare", "TextShares", "attributed_pairs", "share_of", "shares_of"]

Attribute = Callable[[str], TextAttribution]


@dataclass(frozen=True, slots=True)
class SlotShare:
    """What a slot holds of the attribution, for one group of what is put there.

    Parameters
    ----------
    slot : {"name", "place"}
    attribute, group : str
        Whose; both empty for all together.
    share : float
        Mean over units of the slot's share of the sum of ``|amount|`` over tokens, in [0, 1].
    low, high : float
        Student's interval over units, cut at 0 and 1; NaN for fewer than two.
    token_share : float
        The same of the number of tokens: what the slot would hold if all tokens held as much.
    n_units : int
    """

    slot: str
    attribute: str
    group: str
    share: float
    low: float
    high: float
    token_share: float
    n_units: int


@dataclass(frozen=True, slots=True)
class TextShares:
    """Shares of all slots and groups, and how exact the attributions are.

    Parameters
    ----------
    shares : tuple of SlotShare
    n_texts : int
        Texts attributed: of all texts, a part in which names, templates and places are balanced.
    n_not_reached : int
        Texts whose amounts do not add up within the bound; they are counted in all the same.
    n_empty : int
        Texts without any amount, left out.
    """

    shares: tuple[SlotShare, ...]
    n_texts: int
    n_not_reached: int
    n_empty: int


def attributed_pairs(
    design: TextDesign, n_texts: int, rng: np.random.Generator
) -> list[tuple[int, int, int]]:
    """Choose texts to attribute: the first rounds of a rotation of variants over templates.

    Returns
    -------
    list of (template, name, place)
        Without repetition; at most ``n_texts``, and each pair of template and variant once at most.
    """
    n_templates, n_names, n_places = design.shape
    main = n_names if "name" in design.slots else n_places
    pairs = [((one + turn) % n_templates, one) for turn in range(n_templates) for one in range(main)]
    pairs = pairs[:n_texts]
    if "name" not in design.slots:
        return [(template, 0, place) for template, place in pairs]
    places = rng.permutation(np.arange(len(pairs)) % n_places).tolist()
    return [(template, name, place) for (template, name), place in zip(pairs, places, strict=True)]


def share_of(found: TextAttribution, filled: Filled, slot: str) -> tuple[float, float]:
    """Return a slot's share of the absolute amounts, and of the tokens; NaN where there is no amount."""
    spans = [(start, end) for name, start, end in filled.spans if name == slot]
    inside = np.array(
        [any(one.start < end and start < one.end for start, end in spans) for one in found.tokens]
    )
    amounts = np.abs([one.amount for one in found.tokens])
    total = float(amounts.sum())
    if total == 0:
        return math.nan, math.nan
    return float(amounts[inside].sum()) / total, float(inside.mean())


def shares_of(
    design: TextDesign,
    attribute: Attribute,
    *,
    n_texts: int,
    level: float,
    rng: np.random.Generator,
    progress: Callable[[int, int], None] | None = None,
) -> TextShares:
    """Attribute texts of a design, and average the slots' shares by group.

    Parameters
    ----------
    design : TextDesign
    attribute : callable
        Text to attribution.
    n_texts : int
        At most.
    level : float
        Of intervals.
    rng : numpy Generator
        Draws the places that names stand with.
    progress : callable, optional
        Told how many texts are done, of how many.
    """
    pairs = attributed_pairs(design, n_texts, rng)
    rows: dict[str, list[tuple[int, float, float]]] = {slot: [] for slot in design.slots}
    not_reached = empty = 0
    for done, (template, name, place) in enumerate(pairs, 1):
        filled = design.filled(template, name, place)
        found = attribute(filled.text)
        not_reached += not found.reached
        for slot in design.slots:
            share, tokens = share_of(found, filled, slot)
            if not math.isnan(share):
                rows[slot].append((name if slot == "name" else place, share, tokens))
        empty += all(one.amount == 0 for one in found.tokens)
        if progress is not None:
            progress(done, len(pairs))
    shares = [one for slot in design.slots for one in _by_group(design, slot, rows[slot], level)]
    return TextShares(tuple(shares), len(pairs), not_reached, empty)


def _by_group(
    design: TextDesign, slot: str, rows: Sequence[tuple[int, float, float]], level: float
) -> list[SlotShare]:
    variants = design.variants(slot)
    attributes = sorted({attribute for one in variants for attribute in one.groups})
    out = [_mean(design, slot, "", "", rows, level)]
    for attribute in attributes:
        for group in sorted({one.groups[attribute] for one in variants if attribute in one.groups}):
            own = [row for row in rows if variants[row[0]].groups.get(attribute) == group]
            out.append(_mean(design, slot, attribute, group, own, level))
    return out


def _mean(
    design: TextDesign,
    slot: str,
    attribute: str,
    group: str,
    rows: Sequence[tuple[int, float, float]],
    level: float,
) -> SlotShare:
    units: dict[str, list[tuple[float, float]]] = {}
    for at, share, tokens in rows:
        units.setdefault(design.variants(slot)[at].key, []).append((share, tokens))
    means: NDArray[np.float64] = np.array([np.mean(values, axis=0) for values in units.values()]).reshape(
        -1, 2
    )
    share, low, high = mean_interval(means[:, 0], level)
    # Of two units Student's interval reaches far beyond what a share can be.
    low, high = (float(np.clip(end, 0.0, 1.0)) for end in (low, high))
    return SlotShare(
        slot,
        attribute,
        group,
        share,
        low,
        high,
        float(means[:, 1].mean()) if len(means) else math.nan,
        len(means),
    )
