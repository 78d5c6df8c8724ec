"""Heads whose training names go with labels, and whether a test on other names finds it."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fairness.adverse_impact import wilson
from fairness.swaps.text_bias import bias_of_answers
from fairness.swaps.text_bias_result import TextBias
from fairness.swaps.text_templates import TextDesign, Variant
from ranker.app.text_bias_lists import RACE, SEX

Floats = NDArray[np.float64]
STRENGTHS = (0.9, 0.7, 0.6)
PENALTY = 100.0  # scikit-learn's C


@dataclass(frozen=True, slots=True, eq=False)
class Plants:
    """Heads whose training names go with labels, and the test of each.

    Parameters
    ----------
    truth : (R,) int array
        Label of each résumé.
    labels : tuple of str
    training : tuple of Variant
        Names written into the résumés of training, ``M`` of them.
    known : (R, M, d) float64 array
        Vectors of each résumé with each.
    design : TextDesign
        Templates and other names, to test with.
    tested : (T, N, 1, d) float64 array
        Their vectors.
    again : TextDesign
        The same templates with further names.
    tested_again : (T, N, 1, d) float64 array
    n_permutations : int
    """

    truth: NDArray[np.int64]
    labels: tuple[str, ...]
    training: tuple[Variant, ...]
    known: Floats
    design: TextDesign
    tested: Floats
    again: TextDesign
    tested_again: Floats
    n_permutations: int

    def drawn(self, seed: int, attribute: str) -> tuple[str, NDArray[np.bool_]]:
        """Return the group that is planted by lot, and the labels that get its names."""
        rng = np.random.default_rng([seed, 0])
        groups = sorted({one.groups[attribute] for one in self.training if attribute in one.groups})
        return str(rng.choice(groups)), rng.permutation(len(self.labels)) < len(self.labels) // 2

    def head(self, seed: int, attribute: str, strength: float | None) -> tuple[Floats, Floats]:
        """Train on résumés that got names by lot: by the label with a strength, or without regard to it."""
        from ranker.text.linear_head import fit_head

        rng = np.random.default_rng([seed, 1])
        group, marked = self.drawn(seed, attribute)
        has = np.array([one.groups.get(attribute) == group for one in self.training])
        inside, outside = np.flatnonzero(has), np.flatnonzero(~has)
        if strength is None:
            share = np.full(len(self.truth), len(inside) / len(has))
        else:
            share = np.where(marked[self.truth], strength, 1 - strength)
        drawn = rng.random(len(self.truth)) < share
        who = np.where(drawn, rng.choice(inside, len(drawn)), rng.choice(outside, len(drawn)))
        return fit_head(self.known[np.arange(len(who)), who], self.truth, C=PENALTY)

    def tested_by(
        self, head: tuple[Floats, Floats], seed: int, *, shuffled: bool = False, again: bool = False
    ) -> TextBias:
        """Test one head: by groups as they are or shuffled, on the names or on further ones."""
        weights, intercept = head
        logits = (self.tested_again if again else self.tested) @ weights.T + intercept
        answered = np.exp(logits - logits.max(axis=3, keepdims=True))
        answered /= answered.sum(axis=3, keepdims=True)
        design = self._shuffled(seed) if shuffled else self.again if again else self.design
        return bias_of_answers(
            design, answered, model="head", labels=self.labels,
            # Signs alone are looked up again.
            n_permutations=1 if again else self.n_permutations, random_state=seed,
        )  # fmt: skip

    def _shuffled(self, seed: int) -> TextDesign:
        """Give the names of each unit the groups of another, by lot."""
        units = list(dict.fromkeys((one.key, tuple(sorted(one.groups.items()))) for one in self.design.names))
        order = np.random.default_rng([seed, 2]).permutation(len(units))
        groups = {unit: dict(units[to][1]) for unit, to in zip(units, order.tolist(), strict=True)}
        # A first name of two groups is two units: it stays two.
        given = tuple(
            Variant(one.text, groups[own], f"{one.key} {units.index(own)}")
            for one in self.design.names
            for own in [(one.key, tuple(sorted(one.groups.items())))]
        )
        return TextDesign(self.design.templates, given)


def planted(given: Plants, n_seeds: int) -> list[dict[str, Any]]:
    """Count in how many seeds a bias is found, by strength, and in the controls."""
    kinds = {**{f"planted, {one:g}": one for one in STRENGTHS}, "by lot": None}
    counts: dict[str, list[dict[str, Any]]] = {}
    for seed in range(n_seeds):
        attribute = (SEX, RACE)[seed % 2]
        for what, strength in kinds.items():
            head = given.head(seed, attribute, strength)
            row = seen(given, head, seed, attribute)
            counts.setdefault(what, []).append(row)
            row = seen(given, head, seed, attribute, shuffled=True)
            counts.setdefault(f"{what}, groups shuffled", []).append(row)
        if seed % 10 == 9:
            print(f"{seed + 1} of {n_seeds} seeds", file=sys.stderr)
    order = sorted(counts, key=lambda what: (what.endswith("shuffled"), list(counts).index(what)))
    return [_rate(what, counts[what]) for what in order]


def seen(
    given: Plants, head: tuple[Floats, Floats], seed: int, attribute: str, *, shuffled: bool = False
) -> dict[str, Any]:
    """Say what one head's test finds, and whether further names say the same."""
    found = given.tested_by(head, seed, shuffled=shuffled)
    again = given.tested_by(head, seed, again=True)
    group, marked = given.drawn(seed, attribute)
    pulls = {
        one.label: one.difference
        for one in found.effects
        if one.attribute == attribute and one.group == group and one.label
    }
    values = np.array([pulls[label] for label in given.labels])
    far = [found.largest(hit) for hit in found.found]
    second = {(*one.key, one.group): one.difference for one in again.effects}
    return {
        "any": bool(far),
        "own": any(one.attribute == attribute for one in far),
        "hits": len(far),
        "same_again": sum(second[(*one.key, one.group)] * one.difference > 0 for one in far),
        "points": max((abs(one.points) for one in far), default=0.0),
        "marked": float(np.mean(values[marked]) - np.mean(values[~marked])),
        "changed": found.changed,
    }


def _rate(what: str, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    out: dict[str, Any] = {"what": what, "seeds": len(rows)}
    for kind in ("own", "any"):
        n = sum(row[kind] for row in rows)
        interval = wilson(n, len(rows))
        out[kind] = {"n": n, "rate": n / len(rows), "low": interval.low, "high": interval.high}
    marked = np.array([row["marked"] for row in rows])
    return {
        **out,
        "hits": sum(row["hits"] for row in rows),
        "same_again": sum(row["same_again"] for row in rows),
        "marked_mean": float(marked.mean()),
        "marked_sd": float(marked.std(ddof=1)) if len(marked) > 1 else None,
        "median_points": float(np.median([row["points"] for row in rows])),
        "mean_changed": float(np.mean([row["changed"] for row in rows])),
    }
