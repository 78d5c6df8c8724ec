"""Cleaned résumés as records, and the features that are read of them."""

from collections.abc import Callable, Iterable, Mapping
from itertools import chain, count
from typing import Any, Literal

import numpy as np
import pandas as pd

from ranker.errors import DataError, EmptyPoolError, TaskError, did_you_mean
from ranker.features import Feature
from ranker.features.evidence import ProjectEvidence
from ranker.features.feature import numbered
from ranker.features.has_item import HasItem
from ranker.features.sets import Count, Coverage
from ranker.features.share_of import ShareOf
from ranker.features.titles import TitleSimilarity
from ranker.features.years import Years
from ranker.records import Field, Records, Usage
from ranker.records.ledger import Ledger
from ranker.records.values import normal
from ranker.resume.cleaning import CleanResume
from ranker.resume.labels import LABELS, label_of
from ranker.text.encoder import Encoder

__all__ = [
    "RESUME_FIELDS",
    "matched_and_missing",
    "records_of",
    "resume_features",
    "written_of",
    "written_shares",
]

SKILLS, PROJECTS, WORK = "candidate.skills", "candidate.projects", "candidate.work_experience"
SCORE, REQUIRED, DOMAIN = "candidate.test_score", "job.required_skills", "job.domain"
LABEL, WRITTEN = "label", "candidate.written"
MATCH = Coverage(name="skill_match_ratio", label="required skills", has=SKILLS, wants=REQUIRED)
PROJECT_COUNT = Count(name="project_count", label="projects", field=PROJECTS)
TEST = ShareOf(name="test_score_norm", label="test score", field=SCORE, whole=100.0)

RESUME_FIELDS: Mapping[str, Field] = {
    field.path: field
    for field in (
        Field(SKILLS, "skills"),
        Field(PROJECTS, "projects"),
        Field(WORK, "work experience"),
        Field(SCORE, "test score", unit="points"),
        Field(REQUIRED, "required skills"),
        Field(DOMAIN, "domain"),
        Field(f"application.{LABEL}", "label", usage=Usage.TARGET),
        # What no cleaning has read: features are made of the five fields.
        Field(WRITTEN, "what was written", usage=Usage.SENSITIVE),
    )
}


def resume_features(
    domains: Mapping[str, Iterable[str]] | None = None,
    *,
    skills: Iterable[str] | Literal["required"] = (),
    years: Literal["sum", "maximum", "weighted"] = "sum",
    encoder: Encoder | None = None,
) -> tuple[Feature, ...]:
    """Return the features that a résumé is judged by.

    ``skill_match_ratio``, ``test_score_norm``, ``project_count``, ``years_experience``,
    ``title_similarity`` and ``project_evidence``; none of them is fitted to data.

    Parameters
    ----------
    domains : mapping of str to iterable of str, optional
        Required skills of each domain, which ``skills="required"`` needs.
    skills : iterable of str or "required"
        Skills that get a feature of their own, 1 or 0; ``"required"`` are all that any domain asks for.
    years : {"sum", "maximum", "weighted"}
        How the years of several posts count.
    encoder : Encoder, optional
        Compares titles; by their words without one.

    Raises
    ------
    TaskError
        If ``skills="required"`` comes without domains.
    """
    if isinstance(skills, str):
        if skills != "required":
            raise TaskError(f"skills = {skills!r}: give a list of skills, or 'required'")
        if domains is None:
            raise TaskError("skills = 'required' are those that domains ask for: give the domains")
        skills = chain.from_iterable(domains.values())
    named = {normal(skill): skill for skill in reversed(list(skills))}
    return (
        MATCH,
        TEST,
        PROJECT_COUNT,
        Years(
            name="years_experience", label="years of experience", items=WORK, measure=years,
            title=DOMAIN if years == "weighted" else None,
            encoder=encoder if years == "weighted" else None,
        ),
        TitleSimilarity(
            name="title_similarity", label="closeness to the domain", items=WORK, projects=PROJECTS,
            title=DOMAIN, encoder=encoder,
        ),
        ProjectEvidence(
            name="project_evidence", label="missing skills that projects show", projects=PROJECTS,
            has=SKILLS, wants=REQUIRED,
        ),
        *(
            HasItem(name=f"has {skill}", field=SKILLS, item=skill)
            for skill in sorted(named.values(), key=normal)
        ),
    )  # fmt: skip


def records_of(
    resumes: Iterable[CleanResume],
    domains: Mapping[str, Iterable[str]],
    labels: Mapping[str, str] | None = None,
    *,
    ledger: Ledger | None = None,
) -> Records:
    """Pair each résumé with the domain that it prefers.

    Only the five fields go into the records, as they were cleaned, and what was written where
    cleaning changed it (:func:`written_of`), which no feature reads; a name or an address does not.

    Parameters
    ----------
    resumes : iterable of CleanResume
        Ids may repeat: each résumé is a pair of its own. Set aside with their reason are those
        that cleaning dropped, and those whose domain is unknown.
    domains : mapping of str to iterable of str
        Required skills of each domain, in the form of the résumés' skills.
    labels : mapping of str to str, optional
        Label of each résumé's id. Résumés without one, or with one that is none of
        :data:`~ranker.resume.labels.LABELS`, are set aside.
    ledger : Ledger, optional
        Takes every résumé's fate.

    Returns
    -------
    Records
        The pairs that take part, in the order of ``resumes``. ``candidate`` is the résumé's id,
        ``job`` its domain, ``relevance`` the label's place (0 the lowest), ``None`` without labels.

    Raises
    ------
    DataError
        If two domains are named alike.
    EmptyPoolError
        If no résumé is left.
    """
    ledger, places = ledger or Ledger(), _places(domains)
    names, kept, at, found = list(domains), list[CleanResume](), list[int](), list[str]()
    n_read = 0
    for resume in resumes:
        n_read += 1
        label, fault = _label(resume, labels, places)
        if fault:
            ledger.note("candidate", resume.id, "set_aside", fault)
            continue
        kept.append(resume)
        at.append(places[normal(resume.preferred_domain)])
        found.append(label)
    n = {"candidate": len(kept), "job": len(set(at)), "application": len(kept)}
    ledger.read |= {"candidate": n_read, "job": len(names), "application": n_read}
    ledger.kept |= n
    if not kept:
        why = [f"{fate.row}: {fate.reason}" for fate in ledger.report().set_aside()]
        raise EmptyPoolError("no résumé is left: " + "; ".join(why[:6] or ["none was given"]))
    ids, rows = [resume.id for resume in kept], np.arange(len(kept))
    application: dict[str, list[Any]] = {} if labels is None else {LABEL: found}
    return Records(
        tables={
            "candidate": _table(ids, {name: [read(one) for one in kept] for name, read in COLUMNS.items()}),
            "job": _table(names, {"domain": names, "required_skills": [list(domains[d]) for d in names]}),
            "application": _table(ids, application),
        },
        rows={"candidate": rows, "job": np.array(at, np.int64), "application": rows},
        candidate=np.array(ids, dtype=object),
        job=np.array([names[place] for place in at], dtype=object),
        fields=RESUME_FIELDS,
        relevance=None if labels is None else np.array([LABELS.index(one) for one in found], np.float64),
        ledger=ledger,
        keys=("job", "candidate", *application),
    )


def _places(domains: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """Return the place of each domain, by the form in which their names are compared."""
    places: dict[str, int] = {}
    for place, domain in enumerate(domains):
        if (first := places.setdefault(normal(domain), place)) != place:
            raise DataError(f"domains {list(domains)[first]!r} and {domain!r} have one name: join them")
    return places


def _label(
    resume: CleanResume, labels: Mapping[str, str] | None, places: Mapping[str, int]
) -> tuple[str, str]:
    """Return a résumé's label, and why it takes no part, ``""`` where it does."""
    if resume.dropped:
        return "", resume.dropped
    if normal(resume.preferred_domain) not in places:
        return (
            "",
            f"unknown domain {resume.preferred_domain!r}{did_you_mean(resume.preferred_domain, places)}",
        )
    if labels is None:
        return "", ""
    if resume.id not in labels:
        return "", "no label"
    try:
        return label_of(labels[resume.id]), ""
    except DataError as error:
        return "", str(error)


def _table(index: list[str], columns: Mapping[str, list[Any]]) -> pd.DataFrame:
    """Make a table of objects: pandas would read lists and numbers in its own way."""
    data = {}
    for name, values in columns.items():
        data[name] = np.empty(len(values), dtype=object)
        data[name][:] = values
    return pd.DataFrame(data, index=pd.Index(index, dtype=object), dtype=object)


def _written(resume: CleanResume) -> dict[str, list[str]]:
    """Return what was written for each part of the clean record that reads otherwise."""
    out: dict[str, list[str]] = {}
    for skill, texts in resume.sources.items():
        if list(texts) not in ([], [skill]):
            out[f"{SKILLS}[{skill}]"] = list(texts)
    for change in resume.changes:
        if change.path == "test_score":
            out[SCORE] = [change.before]
        elif change.path.startswith("projects") and change.after in resume.projects:
            out.setdefault(f"{PROJECTS}[{change.after}]", []).append(change.before)
    return out | _written_titles(resume)


def _written_titles(resume: CleanResume) -> dict[str, list[str]]:
    """Return what was written for each post, under the name that features give it."""
    of_path = {change.path: change for change in resume.changes if change.path.startswith("work_experience[")}
    out, written = {}, count()
    titles = enumerate((title for title, _ in resume.work_experience), 1)
    for path in numbered([f"{WORK}[{title or number}]" for number, title in titles]):
        # Changes count posts as they were written; whole ones may have been taken out.
        place = next(n for n in written if f"work_experience[{n}]" not in of_path)
        if change := of_path.get(f"work_experience[{place}].title"):
            out[path] = [change.before]
    return out


COLUMNS: Mapping[str, Callable[[CleanResume], Any]] = {
    "skills": lambda resume: list(resume.skills),
    "projects": lambda resume: list(resume.projects),
    "work_experience": lambda resume: [{"title": t, "years": years} for t, years in resume.work_experience],
    "test_score": lambda resume: resume.test_score,
    "written": _written,
}


def written_of(records: Records, pair: int) -> dict[str, tuple[str, ...]]:
    """Return what one résumé says, for each path whose clean form reads otherwise.

    Examples
    --------
    >>> written_of(records, 0)
    {'candidate.skills[pytorch]': ('pyTorch DL',), 'candidate.test_score': ('120',)}
    """
    found: dict[str, list[str]] = records.raw(WRITTEN, pair)
    return {path: tuple(texts) for path, texts in found.items()}


def written_shares(shares: Mapping[str, float], records: Records, pair: int) -> dict[str, float]:
    """Hand the amounts of clean entries on to the texts that they were made of.

    ``candidate.skills[pytorch]`` becomes ``candidate.skills[pyTorch DL]``; texts that were made
    into one entry share its amount equally: they are worth the same (the Owen value, with one
    union for each entry). Fields themselves keep their paths, so that the sum stays what it was.

    Parameters
    ----------
    shares : mapping of str to float
        By path, in score units.
    records : Records
        As :func:`records_of` gives them.
    pair : int
        Position of the résumé.

    References
    ----------
    Owen (1977), Values of games with a priori unions.
    """
    written, out = written_of(records, pair), dict[str, float]()
    for path, amount in shares.items():
        parent, entry, _ = path.partition("[")
        texts = written.get(path, ()) if entry else ()
        paths = [f"{parent}[{text}]" for text in texts] or [path]
        for one in paths:
            out[one] = out.get(one, 0.0) + amount / len(paths)
    return out


def matched_and_missing(records: Records, pair: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return which required skills one résumé has and lacks, in the order of the domain."""
    found = MATCH.evidence(records, pair)
    return tuple(found["matched"]), tuple(found["missing"])
