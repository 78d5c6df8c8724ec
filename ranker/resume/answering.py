"""Answers of a classifier, many at once: scored, taken apart and searched as arrays, then told one by one."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ranker.records.resumes import RawResume
from ranker.resume.answer import Answer, Borderline, FeatureSummary
from ranker.resume.classifier import Admitted, Refused, ResumeClassifier
from ranker.resume.cleaning import CleanResume
from ranker.resume.feature_table import written_shares
from ranker.resume.pool import ResumePool, columns_at
from ranker.resume.reasons import strongest_fields
from ranker.resume.recommendation import recommend
from ranker.scoring.score_parts import ScoreParts

__all__ = ["answer_all"]

AROUND = (0.9, 1.1)  # of the test score: a label that flips within is borderline
YEARS = "years_experience"  # the feature that the summary repeats


def answer_all(classifier: ResumeClassifier, raws: Sequence[RawResume]) -> list[Answer | Refused]:
    """Answer some résumés, each one or its fault, in order.

    Parameters
    ----------
    classifier : ResumeClassifier
        What answers.
    raws : sequence of RawResume
        Résumés as written.
    """
    results = [classifier.admit(raw) for raw in raws]
    admitted = [one for one in results if isinstance(one, Admitted)]
    if not admitted:
        return [one for one in results if isinstance(one, Refused)]
    told = iter(_answers(classifier, admitted))
    return [one if isinstance(one, Refused) else next(told) for one in results]


def _answers(classifier: ResumeClassifier, admitted: Sequence[Admitted]) -> list[Answer]:
    pool = classifier.pool([one.resume for one in admitted])
    parts = ScoreParts.down_to_fields(classifier.scorer, classifier.features, pool.records, pool.table)
    scores, names = parts.scores, classifier.labels.labels
    codes, probabilities = classifier.labels.predict(scores), classifier.labels.predict_proba(scores)
    fields = _amounts_by_item(parts)
    field_of = dict(zip(parts.items, parts.fields, strict=True))
    borderline = _borderline(classifier, pool, codes)
    edits = recommend(classifier, admitted, pool, codes)
    standing = _standing(classifier.reference, pool.resumes, scores)
    years = pool.table[YEARS].to_numpy(dtype=np.float64) if YEARS in pool.table else None
    answers = []
    for row, one in enumerate(admitted):
        resume, code = one.resume, int(codes[row])
        required = classifier.domains[resume.preferred_domain]
        there = set(resume.skills)
        matched = tuple(skill for skill in required if skill in there)
        answers.append(
            Answer(
                resume=resume,
                place=one.raw.place,
                label=names[code],
                probabilities=dict(zip(names, probabilities[row].tolist(), strict=True)),
                uncertain=bool(probabilities[row].max() < classifier.uncertain),
                matched=matched,
                missing=tuple(skill for skill in required if skill not in there),
                summary=_summary(resume, len(matched), len(required), years, row),
                score=float(scores[row]),
                intercept=float(classifier.scorer.intercept),
                fields=dict(sorted(written_shares(fields[row], pool.records, row).items())),
                strongest=strongest_fields(resume, _summed(fields[row], field_of), matched, len(required)),
                standing=standing[row],
                borderline=borderline[row],
                edit=edits[row],
                next_label=names[code + 1] if code + 1 < len(names) else None,
                model=classifier.version,
                bound=classifier.uncertain,
            )
        )
    return answers


def _summary(
    resume: CleanResume, n_matched: int, n_required: int, years: NDArray[np.float64] | None, row: int
) -> FeatureSummary:
    summed = float(sum(found for _, found in resume.work_experience))
    told = summed if years is None or np.isnan(years[row]) else float(years[row])
    return FeatureSummary(n_matched / n_required, told, resume.test_score, len(resume.projects))


def _amounts_by_item(parts: ScoreParts) -> list[dict[str, float]]:
    """Amounts of each row by path."""
    matrix = parts.amounts
    if matrix is None:
        return [{} for _ in parts.scores]
    indptr, columns, amounts = matrix.indptr.tolist(), matrix.indices.tolist(), matrix.data.tolist()
    items = parts.items
    return [{items[columns[k]]: amounts[k] for k in range(start, end)} for start, end in pairwise(indptr)]


def _summed(amounts: Mapping[str, float], field_of: Mapping[str, str]) -> dict[str, float]:
    out: dict[str, float] = {}
    for item, amount in amounts.items():
        out[field_of[item]] = out.get(field_of[item], 0.0) + amount
    return out


def _borderline(
    classifier: ResumeClassifier, pool: ResumePool, codes: NDArray[np.int64]
) -> list[tuple[Borderline, ...]]:
    """Find the labels that a test score a tenth lower or higher would bring, where they are others."""
    given = np.array([np.nan if r.test_score is None else r.test_score for r in pool.resumes])
    found: list[list[Borderline]] = [[] for _ in pool.resumes]
    for factor in AROUND:
        moved = np.clip(given * factor, 0.0, 100.0)
        points, where = np.unique(moved, return_inverse=True)
        table = pool.table.copy()
        for name, column in columns_at(classifier.features, classifier.domains, points).items():
            table[name] = column[where]
        # Who has no score keeps the row as it is: a tenth of nothing is nothing.
        changed = classifier.labels.predict(classifier.scorer.score(table))
        for row in np.flatnonzero(~np.isnan(given) & (changed != codes)).tolist():
            found[row].append(Borderline(float(moved[row]), classifier.labels.labels[int(changed[row])]))
    return [tuple(one) for one in found]


def _standing(
    reference: pd.DataFrame, resumes: Sequence[CleanResume], scores: NDArray[np.float64]
) -> list[float | None]:
    """Share of the reference sample of the same domain that scores lower."""
    domain = reference["domain"].to_numpy(dtype=object)
    score = reference["score"].to_numpy(dtype=np.float64)
    ordered = {name: np.sort(score[domain == name]) for name in set(domain.tolist())}
    out: list[float | None] = []
    for resume, own in zip(resumes, scores.tolist(), strict=True):
        others = ordered.get(resume.preferred_domain)
        out.append(None if others is None else float(np.searchsorted(others, own) / len(others)))
    return out
