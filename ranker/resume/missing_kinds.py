"""Missing skills by kind: those of one kind are worth the same, or stand in the order of their worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ranker.features.evidence import ProjectEvidence
from ranker.features.has_item import HasItem
from ranker.records.values import normal
from ranker.resume.classifier import ResumeClassifier
from ranker.resume.pool import ResumePool

__all__ = ["MOST_APART", "Kind", "Missing", "missing_kinds"]

Kind = tuple[bool, str]  # whether a project speaks of the skill, and the feature of its own that it has
# Each skill with a feature of its own doubles the sets to try: four make 16 of one, seventeen 131,072.
MOST_APART: Final = 4
TOGETHER: Final = "any of several"  # stands for the feature where a kind has skills with different ones


@dataclass(frozen=True, slots=True)
class Missing:
    """Missing required skills of one résumé.

    Parameters
    ----------
    kinds : mapping of Kind to tuple of str
        Skills of each kind; where ``n`` of a kind are added, it is the first ``n``.
    is_exact : bool
        Whether no other ``n`` of a kind can score higher.
    """

    kinds: Mapping[Kind, tuple[str, ...]]
    is_exact: bool = True


def missing_kinds(classifier: ResumeClassifier, pool: ResumePool, rows: Sequence[int]) -> list[Missing]:
    """Return the missing skills of some résumés by kind.

    Skills that no feature tells apart are one kind, in the domain's order. Up to four skills with
    features of their own are kinds of their own; more are put together, those that raise the score
    most first. The first ``n`` are then the best ``n``, unless a pair of features takes part.

    Parameters
    ----------
    classifier : ResumeClassifier
        What scores.
    pool : ResumePool
        Résumés, computed.
    rows : sequence of int
        Which of them.
    """
    own = {
        normal(feature.item): feature.name for feature in classifier.features if isinstance(feature, HasItem)
    }
    gains = _gains(classifier, pool, rows, own)
    names = [axis.name for axis in classifier.scorer.axes]
    paired = {
        names[axis] for term in classifier.scorer.terms if len(term.features) > 1 for axis in term.features
    }
    out = []
    for at, row in enumerate(rows):
        apart = _of_one(classifier, pool, row, own)
        with_own = [kind for kind in apart if kind[1]]
        if len(with_own) <= MOST_APART:
            out.append(Missing(apart))
            continue
        together = {kind: skills for kind, skills in apart.items() if not kind[1]}
        for kind in sorted(with_own, key=lambda kind: -gains[kind[1]][at]):
            key = (kind[0], TOGETHER)
            together[key] = (*together.get(key, ()), *apart[kind])
        out.append(Missing(together, is_exact=paired.isdisjoint(name for _, name in with_own)))
    return out


def _of_one(
    classifier: ResumeClassifier, pool: ResumePool, row: int, own: Mapping[str, str]
) -> dict[Kind, tuple[str, ...]]:
    resume = pool.resumes[row]
    there = {normal(skill) for skill in resume.skills}
    spoken: set[str] = set()
    for feature in classifier.features:
        if isinstance(feature, ProjectEvidence):
            spoken.update(map(normal, feature.evidence(pool.records, row)["mentioned"]))
    kinds: dict[Kind, tuple[str, ...]] = {}
    for skill in classifier.domains[resume.preferred_domain]:
        form = normal(skill)
        if form not in there:
            kind = (form in spoken, own.get(form, ""))
            kinds[kind] = (*kinds.get(kind, ()), skill)
    return kinds


def _gains(
    classifier: ResumeClassifier, pool: ResumePool, rows: Sequence[int], own: Mapping[str, str]
) -> dict[str, NDArray[np.float64]]:
    """Return what each résumé's score would gain by each feature of a skill that its domain asks for, (n_rows,)."""
    if not own:
        return {}
    gains = {name: np.zeros(len(rows)) for name in own.values()}
    table = pool.table.iloc[list(rows)].reset_index(drop=True)
    before = classifier.scorer.score(table)
    domain = np.array([pool.resumes[row].preferred_domain for row in rows], dtype=object)
    for label, skills in classifier.domains.items():
        of_domain = np.flatnonzero(domain == label)
        for name in {own[form] for form in map(normal, skills) if form in own} if len(of_domain) else ():
            changed = table.iloc[of_domain].copy()
            changed[name] = 1.0
            gains[name][of_domain] = classifier.scorer.score(changed) - before[of_domain]
    return gains
