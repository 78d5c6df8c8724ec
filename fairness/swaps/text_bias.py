"""Swap names and places in templates, and see whether a text model's answer, or its confidence, differs by group."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fairness.adverse_impact.notes import benjamini_hochberg, holm
from fairness.swaps.text_bias_result import (
    CHANGE,
    CONFIDENCE,
    PULL,
    BiasTest,
    GroupEffect,
    Reference,
    TextBias,
)
from fairness.swaps.text_effects import Comparison, Units, mean_interval
from fairness.swaps.text_shares import TextShares, shares_of
from fairness.swaps.text_templates import Template, TextDesign, Variant
from ranker.errors import DataError
from ranker.text.attribution import TextModel, attribute_text, pooled_outputs, probabilities

__all__ = ["answers", "bias_of_answers", "text_bias"]

# Nearer to 0 or 1 log-odds are those of rounding: a probability has seven digits where outputs are float32.
FLOOR: Final = 1e-6
AT_ONCE: Final = 512  # texts between two words of progress
STEPS: Final = 10  # doubled for the texts whose amounts do not add up

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]


def text_bias(
    model: TextModel,
    templates: Sequence[Template | str],
    *,
    names: Sequence[Variant] = (),
    places: Sequence[Variant] = (),
    n_attributed: int = 200,
    steps: int = STEPS,
    n_permutations: int = 9999,
    level: float = 0.95,
    random_state: int = 0,
    progress: Progress | None = None,
) -> TextBias:
    """Put every name and every place into every template, and compare the answers by group.

    Parameters
    ----------
    model : TextModel
        Of ``K`` labels.
    templates : sequence of Template or str
        ``T`` texts with ``{name}``, ``{place}`` or both.
    names, places : sequence of Variant
        ``N`` and ``J``, each with the groups that it stands for.
    n_attributed : int
        Texts at most whose answer is attributed to tokens, at most ``T`` times ``N``; 0 for none.
    steps : int
        Gradients of an attribution at first; see :func:`~ranker.text.attribution.attribute_text`.
    n_permutations : int
        Shuffles of groups among names, in each test.
    level : float
        Of intervals; adjusted p values are judged by ``1 - level``.
    random_state : int
        Of shuffles, and of the places that attributed names stand with.
    progress : callable, optional
        Told how many texts are answered or attributed, of how many.

    Returns
    -------
    TextBias

    Raises
    ------
    DataError
        If templates and lists do not fit, or no two groups can be compared.
    UsageError
        If torch is not installed.

    Notes
    -----
    The unit is the name (with others of its first name), not the text: all texts of a name are averaged
    first. Three kinds of figure are tested for each attribute: whether the label changes, how
    confident the model is of the template's usual label, and how much each label is favoured over all
    templates. p values are adjusted for all tests by Holm, which holds whatever their dependence.

    References
    ----------
    Bertrand & Mullainathan (2004), Are Emily and Greg More Employable than Lakisha and Jamal?, American
    Economic Review 94; Garg et al. (2019), Counterfactual Fairness in Text Classification through
    Robustness, AIES; Holm (1979), Scandinavian Journal of Statistics 6.
    """
    design = TextDesign(
        tuple(
            Template(one, f"template {number}") if isinstance(one, str) else one
            for number, one in enumerate(templates, 1)
        ),
        tuple(names),
        tuple(places),
    )
    n_texts = int(np.prod(design.shape))
    n_wanted = min(n_attributed, n_texts)

    def tell(done: int) -> None:
        if progress is not None:
            progress(done, n_texts + n_wanted)

    found = answers(model, design, progress=lambda done, _: tell(done))
    shares = None
    if n_wanted:
        shares = shares_of(
            design,
            lambda text: attribute_text(model, text, steps=steps),
            n_texts=n_wanted,
            level=level,
            rng=np.random.default_rng(random_state),
            progress=lambda done, _: tell(n_texts + done),
        )
    return bias_of_answers(
        design, found, model=model.name, labels=model.labels, shares=shares, n_permutations=n_permutations,
        level=level, random_state=random_state,
    )  # fmt: skip


def answers(model: TextModel, design: TextDesign, *, progress: Progress | None = None) -> Floats:
    """Return the labels' probabilities for every text of a design, (T, N, J, K)."""
    texts = design.texts()
    out = np.zeros((len(texts), len(model.labels)))
    for start in range(0, len(texts), AT_ONCE):
        part = texts[start : start + AT_ONCE]
        out[start : start + len(part)] = probabilities(model, pooled_outputs(model, part))
        if progress is not None:
            progress(start + len(part), len(texts))
    return out.reshape(*design.shape, -1)


def bias_of_answers(
    design: TextDesign,
    answered: Floats,
    *,
    model: str,
    labels: Sequence[str],
    shares: TextShares | None = None,
    n_permutations: int = 9999,
    level: float = 0.95,
    random_state: int = 0,
) -> TextBias:
    """Compare answers by group; of any model, as long as it gives probabilities.

    Parameters
    ----------
    design : TextDesign
    answered : (T, N, J, K) float64 array
        Probabilities.
    model, labels, shares, n_permutations, level, random_state
        As in :func:`text_bias`.

    Raises
    ------
    DataError
        If shapes do not fit, a probability is none, or no two groups can be compared.
    """
    if answered.shape != (*design.shape, len(labels)):
        raise DataError(f"answers of shape {answered.shape} are not those of {(*design.shape, len(labels))}")
    if not ((answered >= 0) & (answered <= 1)).all():
        raise DataError("an answer is no probability from 0 to 1: the model's outputs are broken")
    if len(labels) < 2:
        raise DataError(f"the model has {len(labels)} label: with a single answer nothing can change")
    if not 0 < level < 1 or n_permutations < 1:
        raise DataError(
            f"level {level} must lie between 0 and 1, and {n_permutations} permutations be at least 1"
        )
    usual = answered.mean(axis=(1, 2)).argmax(axis=1)
    outcomes = _outcomes(labels)
    scaled, plain = _figures(answered, usual, len(outcomes))
    rng = np.random.default_rng(random_state)
    raw: list[tuple[str, str, str, str, float, float]] = []
    effects: list[GroupEffect] = []
    groups: dict[str, dict[str, int]] = {}
    left_out: dict[str, int] = {}
    for slot, axis in (("name", 2), ("place", 1)):
        variants = design.variants(slot)
        if not variants:
            continue
        units = Units.among(variants)
        tested, points = units.means(scaled.mean(axis=axis)), units.means(plain.mean(axis=axis))
        for attribute in units.attributes:
            if attribute in groups:
                raise DataError(f"{attribute!r} is an attribute of names and of places: call one otherwise")
            groups[attribute] = _sizes(variants, attribute)
            compared = Comparison.of(units, attribute)
            left_out[attribute] = compared.n_unknown + compared.n_alone
            if len(compared.labels) < 2:
                continue
            own, own_points = tested[:, compared.rows], points[:, compared.rows]
            p = compared.p_values(own.mean(axis=0), n_permutations, rng)
            least = compared.least_p(n_permutations)
            raw += [
                (slot, attribute, *outcome, float(one), least)
                for outcome, one in zip(outcomes, p, strict=True)
            ]
            n_of = np.bincount(units.of, minlength=len(units.keys))[compared.rows]
            effects += _effects(slot, compared, outcomes, own, own_points, n_of, level)
    if not raw:
        raise DataError(
            "no two groups can be compared: names, or places, of at least two groups of one attribute are needed, "
            "alike in their other attributes"
        )
    return TextBias(
        model=model,
        labels=tuple(labels),
        n_templates=len(design.templates),
        n_names=len(design.names),
        n_places=len(design.places),
        references=_references(design, answered, usual, labels),
        tests=_adjusted(raw),
        effects=tuple(effects),
        groups=groups,
        left_out=left_out,
        shares=shares,
        n_permutations=n_permutations,
        level=level,
    )


def _outcomes(labels: Sequence[str]) -> list[tuple[str, str]]:
    # Of two labels the one is favoured by as much as the other is not: one test says both.
    pulls = labels if len(labels) > 2 else labels[1:]
    return [(CHANGE, ""), (CONFIDENCE, ""), *((PULL, label) for label in pulls)]


def _figures(answered: Floats, usual: NDArray[Any], n_outcomes: int) -> tuple[Floats, Floats]:
    """Return every text's figures as they are tested and as people read them, (T, N, J, m) each."""
    own = np.take_along_axis(answered, usual[:, None, None, None], axis=3)
    changed = (answered.argmax(axis=3) != usual[:, None, None])[..., None].astype(np.float64)
    pulls = answered[..., -(n_outcomes - 2) :]
    plain = np.concatenate([own, pulls], axis=3)
    clipped = np.clip(plain, FLOOR, 1 - FLOOR)
    return (
        np.concatenate([changed, np.log(clipped) - np.log1p(-clipped)], axis=3),
        np.concatenate([changed, plain], axis=3),
    )


def _effects(
    slot: str,
    compared: Comparison,
    outcomes: Sequence[tuple[str, str]],
    tested: Floats,
    points: Floats,
    n_of: NDArray[Any],
    level: float,
) -> list[GroupEffect]:
    out = []
    for code, group in enumerate(compared.labels):
        difference, low, high = compared.differences(code, tested.mean(axis=0), level)
        size, size_low, size_high = compared.differences(code, points.mean(axis=0), level)
        by_template = np.einsum("c,tcm->tm", compared.contrast(code)[0], tested)
        own = compared.codes == code
        for at, (outcome, label) in enumerate(outcomes):
            _, low_templates, high_templates = mean_interval(by_template[:, at], level)
            out.append(
                GroupEffect(
                    slot=slot,
                    attribute=compared.attribute,
                    outcome=outcome,
                    label=label,
                    group=group,
                    n_variants=int(n_of[own].sum()),
                    n_units=int(own.sum()),
                    difference=float(difference[at]),
                    low=float(low[at]),
                    high=float(high[at]),
                    low_templates=low_templates,
                    high_templates=high_templates,
                    points=float(size[at]),
                    points_low=float(size_low[at]),
                    points_high=float(size_high[at]),
                    same_sign=int((np.sign(by_template[:, at]) == np.sign(difference[at])).sum()),
                )
            )
    return out


def _references(
    design: TextDesign, answered: Floats, usual: NDArray[Any], labels: Sequence[str]
) -> tuple[Reference, ...]:
    out = []
    for number, template in enumerate(design.templates):
        own = answered[number, :, :, usual[number]]
        changed = float((answered[number].argmax(axis=2) != usual[number]).mean())
        title = template.title or f"template {number + 1}"
        out.append(
            Reference(
                title, labels[usual[number]], float(own.mean()), changed, float(own.min()), float(own.max())
            )
        )
    return tuple(out)


def _adjusted(raw: Sequence[tuple[str, str, str, str, float, float]]) -> tuple[BiasTest, ...]:
    p = {str(at): row[4] for at, row in enumerate(raw)}
    by_holm, by_bh = holm(p), benjamini_hochberg(p)
    return tuple(BiasTest(*row[:5], by_holm[str(at)], by_bh[str(at)], row[5]) for at, row in enumerate(raw))


def _sizes(variants: Sequence[Variant], attribute: str) -> dict[str, int]:
    found = [one.groups[attribute] for one in variants if attribute in one.groups]
    return {group: found.count(group) for group in sorted(set(found))}
