"""What swapped names and places did to a text model's answers, by group, with tests."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from fairness.swaps.text_shares import TextShares

__all__ = ["CHANGE", "CONFIDENCE", "PULL", "BiasTest", "GroupEffect", "Reference", "TextBias"]

CHANGE: Final = "label change"
CONFIDENCE: Final = "confidence"
PULL: Final = "pull"


@dataclass(frozen=True, slots=True)
class Reference:
    """What a template is answered with, whoever stands in it.

    Parameters
    ----------
    title : str
        The template's.
    label : str
        The label with the largest mean probability over all of its texts.
    confidence : float
        That mean, in [0, 1].
    changed : float
        Share of its texts that get another label, in [0, 1].
    least, most : float
        Smallest and largest probability of the label in any of its texts.
    """

    title: str
    label: str
    confidence: float
    changed: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class BiasTest:
    """Whether one figure differs by group more than names differ by lot.

    Parameters
    ----------
    slot : {"name", "place"}
    attribute : str
        Whose groups are compared.
    outcome : {"label change", "confidence", "pull"}
        Share of texts with another label than the template's; log-odds of the template's label; log-odds
        of one label in all templates.
    label : str
        Of a pull; else empty.
    p : float
        Of the permutation test.
    p_holm : float
        Adjusted for all tests of the result, by which is judged.
    q : float
        By Benjamini & Hochberg, a guide.
    least_p : float
        The smallest ``p`` that groups of these sizes could get.
    """

    slot: str
    attribute: str
    outcome: str
    label: str
    p: float
    p_holm: float
    q: float
    least_p: float

    @property
    def key(self) -> tuple[str, str, str]:
        """Attribute, outcome and label."""
        return self.attribute, self.outcome, self.label


@dataclass(frozen=True, slots=True)
class GroupEffect:
    """One group's difference from the others in one figure.

    Parameters
    ----------
    slot, attribute, outcome, label : str
        As in :class:`BiasTest`.
    group : str
    n_variants, n_units : int
        Names, or places, compared, and units of them.
    difference, low, high : float
        In log-odds, of a label change as a share; the interval is Student's over units, for these
        templates, not corrected for many tests. NaN ends where it cannot be told.
    low_templates, high_templates : float
        The interval over templates, for these names.
    points, points_low, points_high : float
        The difference in probability (of a label change: in the share), in [-1, 1], with the
        interval over units.
    same_sign : int
        Templates in which the difference has the sign of the mean.
    """

    slot: str
    attribute: str
    outcome: str
    label: str
    group: str
    n_variants: int
    n_units: int
    difference: float
    low: float
    high: float
    low_templates: float
    high_templates: float
    points: float
    points_low: float
    points_high: float
    same_sign: int

    @property
    def key(self) -> tuple[str, str, str]:
        """Attribute, outcome and label."""
        return self.attribute, self.outcome, self.label


@dataclass(frozen=True, slots=True, eq=False)
class TextBias:
    """Names and places swapped in templates, and what that did.

    Parameters
    ----------
    model : str
    labels : tuple of str
        ``K`` of them.
    n_templates, n_names, n_places : int
        Distinct ones; 0 for a slot that the templates do not have.
    references : tuple of Reference
        One a template.
    tests : tuple of BiasTest
        One for each attribute and figure.
    effects : tuple of GroupEffect
        One for each attribute, figure and group.
    groups : dict of str to dict of str to int
        Attribute to group to number of names or places.
    left_out : dict of str to int
        Attribute to units that were compared with none: of no known group, or alone among those that share
        all other attributes.
    shares : TextShares or None
        None where nothing was attributed.
    n_permutations : int
    level : float
        Of intervals; ``1 - level`` is what adjusted p values are judged by.
    """

    model: str
    labels: tuple[str, ...]
    n_templates: int
    n_names: int
    n_places: int
    references: tuple[Reference, ...]
    tests: tuple[BiasTest, ...]
    effects: tuple[GroupEffect, ...]
    groups: Mapping[str, Mapping[str, int]]
    left_out: Mapping[str, int]
    shares: TextShares | None
    n_permutations: int
    level: float

    @property
    def n_texts(self) -> int:
        """Texts that were answered."""
        return self.n_templates * max(self.n_names, 1) * max(self.n_places, 1)

    @property
    def found(self) -> tuple[BiasTest, ...]:
        """Tests whose p, adjusted by Holm, is at most ``1 - level``; the smallest first."""
        hits = [test for test in self.tests if test.p_holm <= 1 - self.level + 1e-12]
        return tuple(sorted(hits, key=lambda test: (test.p_holm, test.p, test.key)))

    @property
    def changed(self) -> float:
        """Share of all texts that get another label than their template's, in [0, 1]."""
        return sum(one.changed for one in self.references) / len(self.references)

    def tests_of(self, attribute: str) -> tuple[BiasTest, ...]:
        """Return an attribute's tests."""
        return tuple(test for test in self.tests if test.attribute == attribute)

    def effects_of(self, test: BiasTest) -> tuple[GroupEffect, ...]:
        """Return the groups' differences in a test's figure."""
        return tuple(effect for effect in self.effects if effect.key == test.key)

    def largest(self, test: BiasTest) -> GroupEffect:
        """Return the difference of the group that lies furthest from the others."""
        return max(self.effects_of(test), key=lambda effect: (abs(effect.difference), effect.group))

    def in_words(self) -> dict[str, list[str]]:
        """Say what was found, and what cannot be concluded; see :func:`~.text_bias_words.told`."""
        from fairness.swaps.text_bias_words import told

        return told(self)

    def to_json(self) -> dict[str, Any]:
        """Return what machines read; NaN becomes null."""
        figures = {
            "model": self.model,
            "labels": list(self.labels),
            "templates": self.n_templates,
            "names": self.n_names,
            "places": self.n_places,
            "texts": self.n_texts,
            "groups": {attribute: dict(groups) for attribute, groups in self.groups.items()},
            "left_out": dict(self.left_out),
            "label_changed": self.changed,
            "references": [asdict(one) for one in self.references],
            "found": [asdict(test) for test in self.found],
            "tests": [asdict(test) for test in self.tests],
            "effects": [asdict(effect) for effect in self.effects],
            "attribution": None if self.shares is None else asdict(self.shares),
            "correction": "Holm over all tests; q by Benjamini & Hochberg",
            "permutations": self.n_permutations,
            "level": self.level,
            "in_words": self.in_words(),
        }
        cleaned: dict[str, Any] = _without_nan(figures)
        return cleaned


def _without_nan(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _without_nan(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(one) for one in value]
    return value
