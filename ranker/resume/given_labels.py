"""The label that each résumé is learned under: what people gave it, else what the rules say."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranker.errors import DataError
from ranker.records.ledger import Ledger
from ranker.records.resumes import RawResume
from ranker.records.values import is_missing, normal
from ranker.resume.cleaning import CleanResume
from ranker.resume.cleaning.raw_texts import one_text
from ranker.resume.labels import LABELS, LabelRules, label_of, rule_label
from ranker.resume.pool import ResumePool

__all__ = ["GivenLabels", "fault_of_label", "given_labels", "label_codes"]

GivenLabels = Mapping[str, tuple[str, ...]]  # by résumé id; more than one is a fault


def given_labels(raws: Sequence[RawResume], labels: Mapping[str, str] | None, ledger: Ledger) -> GivenLabels:
    """Return the labels that people gave to each résumé, by its id as cleaning reads ids.

    Parameters
    ----------
    raws : sequence of RawResume
        Résumés as written.
    labels : mapping of str to str or None
        Label by id; ``None`` for the résumés' own key ``label``. Two lines of one id may be labelled
        apart: cleaning keeps one of them, and which label is meant nobody can tell.
    ledger : Ledger
        Notes labels whose id no résumé that could be read has.
    """
    ids = [one_text(raw.value.get("id"), "id", []) or raw.place for raw in raws]
    if labels is not None:
        for who in labels.keys() - set(ids):
            ledger.note("label", who, "noted", "no résumé that could be read has this id")
        ledger.read["label"], ledger.kept["label"] = len(labels), len(labels.keys() & set(ids))
        return {who: (label,) for who, label in labels.items()}
    found: dict[str, tuple[str, ...]] = {}
    for who, raw in zip(ids, raws, strict=True):
        label: Any = raw.value.get("label")
        if not is_missing(label) and normal(label) not in map(normal, found.get(who, ())):
            found[who] = (*found.get(who, ()), label)
    return found


def fault_of_label(resume: CleanResume, given: GivenLabels | None) -> str:
    """Say why a résumé has no label to learn; ``""`` where it has one, or the rules give it."""
    if given is None:
        return ""
    labels = given.get(resume.id, ())
    if not labels:
        return "label: none is given"
    if len(labels) > 1:
        return f"label: its id is labelled {' and '.join(map(repr, labels))}: keep one"
    try:
        label_of(labels[0])
    except DataError as error:
        return str(error)
    return ""


def label_codes(pool: ResumePool, rules: LabelRules, given: GivenLabels | None) -> NDArray[np.int64]:
    """Return the position of each résumé's label in ``LABELS``, (n,): by people, else by the rules."""
    if given is not None:
        return np.array([LABELS.index(label_of(given[r.id][0])) for r in pool.resumes], dtype=np.int64)
    columns = (pool.table[name].tolist() for name in ("skill_match_ratio", "test_score_norm"))
    rows = zip(*columns, pool.resumes, strict=True)
    return np.array(
        [LABELS.index(rule_label(ratio, score, len(r.projects), rules)) for ratio, score, r in rows],
        dtype=np.int64,
    )
