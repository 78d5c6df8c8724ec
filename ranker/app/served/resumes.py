"""Answers of a classifier: one résumé's label, and the order of a domain's résumés."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ranker.app.resume_model import ResumeModel
from ranker.app.served.faults import BodyError
from ranker.app.served.rankings import Scored, amounts_by_row, ranking_answer
from ranker.errors import EmptyPoolError, did_you_mean
from ranker.ranking import Ranking
from ranker.records.resumes import RESUME_KEYS, RawResume
from ranker.resume.batch import answer_batch
from ranker.resume.classifier import Admitted, Refused, ResumeClassifier
from ranker.resume.feature_table import written_shares
from ranker.resume.pool import ResumePool
from ranker.scoring.score_parts import ScoreParts

__all__ = ["classified", "ranked", "resumes_of"]

DOMAIN = "preferred_domain"


def classified(model: ResumeModel, body: Mapping[str, Any]) -> dict[str, Any]:
    """Label one résumé and say why.

    Parameters
    ----------
    model : ResumeModel
        The classifier.
    body : mapping
        With ``resume``.

    Returns
    -------
    dict
        JSON, as :class:`ranker.app.served.answers.ClassifyAnswer` describes it.

    Raises
    ------
    BodyError
        If the record has not the form of a résumé, or cleaning leaves nothing to answer on.
    """
    [answer] = answer_batch(model.classifier, [RawResume("resume", body["resume"])])
    if isinstance(answer, Refused):
        raise _fault("resume", answer.error)
    return {**answer.to_json(), "ignored": _ignored([body["resume"]])}


def ranked(model: ResumeModel, body: Mapping[str, Any]) -> dict[str, Any]:
    """Rank the résumés of one domain by the score that labels them.

    Parameters
    ----------
    model : ResumeModel
        The classifier.
    body : mapping
        With ``domain`` and ``resumes``, and perhaps ``top_k``, ``explanations`` and ``intervals``.

    Returns
    -------
    dict
        JSON, as :class:`ranker.app.served.answers.RankAnswer` describes it, with a label beside each rank.

    Raises
    ------
    BodyError
        If the model has no such domain.
    EmptyPoolError
        If no résumé is left.
    """
    classifier, domain = model.classifier, body["domain"]
    if domain not in classifier.domains:
        raise BodyError.of(
            "domain", f"{domain!r} is no domain of this model{did_you_mean(domain, classifier.domains)}"
        )
    names, admitted, aside = _admitted(classifier, domain, body["resumes"])
    if not admitted:
        first = f"; {aside[0]['candidate']}: {aside[0]['reason']}" if aside else ""
        raise EmptyPoolError(f"none of {len(aside)} résumé(s) can be ranked{first}")
    pool = classifier.pool([one.resume for one in admitted])
    candidate = np.array(names, dtype=object)
    scores = classifier.scorer.score(pool.table)
    ranking = Ranking.from_scores(scores, job=[domain] * len(names), candidate=candidate)
    records = replace(pool.records, candidate=candidate)  # who was a number until here
    scored = Scored(classifier.scorer, classifier.features, records, pool.table, ranking)
    explanations = bool(body.get("explanations", False))
    answer = ranking_answer(
        scored,
        top_k=body.get("top_k"),
        intervals=body.get("intervals"),
        explanations=explanations,
        shares=_written(classifier, pool) if explanations else None,
    )
    codes = dict(zip(names, classifier.labels.predict(scores).tolist(), strict=True))
    for one in answer["ranking"]:
        one["label"] = classifier.labels.labels[codes[one["candidate"]]]
    return {"job": domain, **answer, "set_aside": aside, "notes": [], "ignored": _ignored(body["resumes"])}


def resumes_of(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the id of every résumé of a body, ranked or not."""
    found = [body["resume"]] if "resume" in body else body["resumes"]
    return tuple(dict.fromkeys(_name(one, n) for n, one in enumerate(found) if one.get("id") is not None))


def _admitted(
    classifier: ResumeClassifier, domain: str, resumes: Sequence[Mapping[str, Any]]
) -> tuple[list[str], list[Admitted], list[dict[str, Any]]]:
    """Clean résumés; who prefers another domain, repeats an id or cannot be read is set aside."""
    names: dict[str, None] = {}
    admitted, aside = [], []
    for number, value in enumerate(resumes):
        name, wanted = _name(value, number), value.get(DOMAIN)
        one = classifier.admit(
            RawResume(f"resumes[{number}]", {**value, DOMAIN: domain if wanted is None else wanted})
        )
        if isinstance(one, Refused):
            reason = one.error
        elif one.resume.preferred_domain != domain:
            reason = f"prefers another domain, {one.resume.preferred_domain!r}"
        elif name in names:
            reason = "id repeated; the first one counts"
        else:
            names[name] = None
            admitted.append(one)
            continue
        aside.append({"candidate": name, "reason": reason})
    return list(names), admitted, aside


def _name(value: Mapping[str, Any], number: int) -> str:
    """Return a résumé's id; its place where it has none."""
    given = value.get("id")
    usable = isinstance(given, str | int | float) and not isinstance(given, bool) and str(given).strip()
    return str(given).strip() if usable else f"resumes[{number}]"


def _written(classifier: ResumeClassifier, pool: ResumePool) -> list[dict[str, float]]:
    """Amounts of each résumé by what was written, as the classification tells them."""
    parts = ScoreParts.down_to_fields(classifier.scorer, classifier.features, pool.records, pool.table)
    return [
        dict(sorted(written_shares(own, pool.records, row).items()))
        for row, own in enumerate(amounts_by_row(parts))
    ]


def _ignored(resumes: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return the keys that no model of résumés reads."""
    found = sorted({key for one in resumes for key in one} - {*RESUME_KEYS})
    return {"resume": found} if found else {}


def _fault(place: str, error: str) -> BodyError:
    """Put the place in the record, which a refusal begins with, behind the record's own."""
    inner, colon, rest = error.partition(": ")
    if colon and " " not in inner:
        return BodyError.of(f"{place}.{inner}", rest)
    return BodyError.of(place, error)
