"""Texts with slots for a name and a place, and who and what is put into them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from ranker.errors import DataError, did_you_mean

__all__ = ["SLOTS", "Filled", "Template", "TextDesign", "Variant", "draw_variants", "misspelt_slot"]

SLOTS: Final = ("name", "place")
_SLOT = re.compile(r"\{(name|place)\}")
_ANY = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Filled:
    """A template with its slots filled.

    Parameters
    ----------
    text : str
    spans : tuple of (str, int, int)
        Slot, start and end of what was put in, in characters; a slot may stand in several places.
    """

    text: str
    spans: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A text with ``{name}``, ``{place}`` or both, each as often as wanted.

    Parameters
    ----------
    text : str
    title : str
        What it is called in a report.

    Raises
    ------
    DataError
        If it has neither slot, or one that looks like a misspelt one.
    """

    text: str
    title: str = ""

    def __post_init__(self) -> None:
        if (wrong := misspelt_slot(self.text)) is not None:
            raise DataError(
                f"template {self._called} has no slot {{{wrong}}}{did_you_mean(wrong.casefold(), SLOTS)}"
            )
        if not self.slots:
            raise DataError(
                f"template {self._called} has neither {{name}} nor {{place}}: nothing can be swapped"
            )

    @property
    def slots(self) -> tuple[str, ...]:
        """Slots that it has, in the order of :data:`SLOTS`."""
        there = set(_SLOT.findall(self.text))
        return tuple(slot for slot in SLOTS if slot in there)

    def fill(self, values: Mapping[str, str]) -> Filled:
        """Put a value into each slot; values are not read as templates."""
        parts, spans, at, end = [], [], 0, 0
        for found in _SLOT.finditer(self.text):
            before, value = self.text[end : found.start()], values[found.group(1)]
            at += len(before)
            spans.append((found.group(1), at, at + len(value)))
            at, end = at + len(value), found.end()
            parts += [before, value]
        return Filled("".join([*parts, self.text[end:]]), tuple(spans))

    @property
    def _called(self) -> str:
        return repr(self.title or self.text[:40])


@dataclass(frozen=True, slots=True)
class Variant:
    """A name or a place that is put into templates.

    Parameters
    ----------
    text : str
        As it is written.
    groups : mapping of str to str
        Attribute to the group that it stands for, ``{"race": "black", "sex": "women"}``; an
        attribute that it tells nothing of is left out.
    unit : str
        What it shares with others, a first name: variants of one unit are not independent
        of each other and count together. By default the text itself.
    """

    text: str
    groups: Mapping[str, str]
    unit: str = ""

    @property
    def key(self) -> str:
        """The unit, by which variants count together."""
        return self.unit or self.text


@dataclass(frozen=True, slots=True)
class TextDesign:
    """Every name and every place in every template.

    Parameters
    ----------
    templates : tuple of Template
        ``T`` of them.
    names, places : tuple of Variant
        ``N`` and ``J``; none where the templates have no such slot.

    Raises
    ------
    DataError
        If there is no template, templates differ in their slots, or a slot has fewer than two values.
    """

    templates: tuple[Template, ...]
    names: tuple[Variant, ...] = ()
    places: tuple[Variant, ...] = ()
    slots: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        if not self.templates:
            raise DataError("no template was given: write at least one text with {name} or {place}")
        object.__setattr__(self, "slots", self.templates[0].slots)
        for template in self.templates[1:]:
            if template.slots != self.slots:
                raise DataError(
                    f"template {template.title or template.text[:40]!r} has {_braced(template.slots)}, the first has "
                    f"{_braced(self.slots)}: write the same slots into all, so that they can be averaged"
                )
        for slot in SLOTS:
            values = self.variants(slot)
            if slot in self.slots and len({one.text for one in values}) < 2:
                raise DataError(
                    f"the templates have {{{slot}}}, and fewer than two {slot}s to put there: bring a list"
                )
            if slot not in self.slots and values:
                raise DataError(
                    f"{slot}s were given, and no template has {{{slot}}}: write it in, or leave them out"
                )
            if len({one.text for one in values}) < len(values):
                raise DataError(f"a {slot} stands twice in the list: it would count twice")

    @property
    def shape(self) -> tuple[int, int, int]:
        """``(T, N, J)``, each at least 1."""
        return len(self.templates), max(len(self.names), 1), max(len(self.places), 1)

    def variants(self, slot: str) -> tuple[Variant, ...]:
        """Return the values of a slot."""
        return self.names if slot == "name" else self.places

    def filled(self, template: int, name: int, place: int) -> Filled:
        """Return one text of the design, by position."""
        values = {
            slot: self.variants(slot)[at].text
            for slot, at in zip(SLOTS, (name, place), strict=True)
            if slot in self.slots
        }
        return self.templates[template].fill(values)

    def texts(self) -> list[str]:
        """Return all ``T x N x J`` texts, places running fastest."""
        return [self.filled(*map(int, at)).text for at in np.ndindex(self.shape)]


def misspelt_slot(text: str) -> str | None:
    """Return the first word in braces that is close to a slot and is none; other braces are the text's own."""
    for found in _ANY.findall(text):
        if found not in SLOTS and "did you mean" in did_you_mean(found.casefold(), SLOTS):
            return str(found)
    return None


def draw_variants(
    pool: Sequence[Variant], n: int, *, by: str, random_state: int | np.random.Generator = 0
) -> tuple[Variant, ...]:
    """Draw names or places, as many of each group and of as many units as there are.

    Parameters
    ----------
    pool : sequence of Variant
        Those without a group of ``by`` are not drawn.
    n : int
        How many, of all groups together; fewer where a group runs out.
    by : str
        The attribute whose groups are to be of one size. Within each, variants whose other
        attributes are known go first, spread evenly over these, then over units, then over last words.
    random_state : int or numpy Generator

    Returns
    -------
    tuple of Variant
    """
    rng = np.random.default_rng(random_state)
    left = sorted((one for one in pool if by in one.groups), key=lambda one: one.text)
    left = [left[i] for i in rng.permutation(len(left))]
    attributes = {attribute for one in left for attribute in one.groups}
    groups = {one.groups[by] for one in left}
    most = n // max(len(groups), 1)
    drawn: list[Variant] = []
    counts: dict[tuple[str, ...], int] = {}

    def keys(one: Variant) -> tuple[tuple[str, ...], ...]:
        group = one.groups[by]
        cell = tuple(f"{key}={value}" for key, value in sorted(one.groups.items()))
        return ("group", group), ("cell", *cell), ("unit", one.key), ("last", one.text.split()[-1])

    while left and len(drawn) < most * len(groups):
        open_ = [one for one in left if counts.get(("group", one.groups[by]), 0) < most]
        if not open_:
            break
        best = min(
            open_,
            key=lambda one: (
                counts.get(("group", one.groups[by]), 0),
                len(attributes) - len(one.groups),
                *(counts.get(key, 0) for key in keys(one)[1:]),
            ),
        )
        left.remove(best)
        drawn.append(best)
        for key in keys(best):
            counts[key] = counts.get(key, 0) + 1
    return tuple(drawn)


def _braced(slots: Sequence[str]) -> str:
    return " and ".join(f"{{{slot}}}" for slot in slots)
