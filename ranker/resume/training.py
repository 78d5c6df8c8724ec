"""From raw résumés to a classifier: clean, label, split, balance, fit, calibrate, measure."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ranker.errors import DataError, FitError
from ranker.features import FeatureSet
from ranker.records.ledger import Ledger
from ranker.records.resumes import RawResume
from ranker.records.splits import PARTS
from ranker.resume.balancing import balanced
from ranker.resume.classifier import ResumeClassifier, canonical_domains, fault_of_domain
from ranker.resume.cleaning import Cleaner, CleaningSummary, CleanResume
from ranker.resume.evaluation import classification_report
from ranker.resume.feature_table import RESUME_FIELDS, resume_features
from ranker.resume.given_labels import GivenLabels, fault_of_label, given_labels, label_codes
from ranker.resume.labels import LABELS, LabelRules, label_of
from ranker.resume.pool import ResumePool
from ranker.resume.splitting import persons_of, stratified_parts

if TYPE_CHECKING:
    from ranker.scoring.ordinal import OrdinalEBM

log = logging.getLogger("candor.training")

__all__ = ["RULES", "WRITTEN", "Settings", "Trained", "features_for", "train_classifier"]

RULES, WRITTEN = "rules", "resumes"
BEFORE = ("ece", "ece_if_perfect", "log_loss", "reliability", "histogram")
REFERENCE = 1_000  # rows of the training part that a model keeps, to tell where a score stands in its domain


@dataclass(frozen=True, slots=True)
class Settings:
    """How a classifier is trained.

    Parameters
    ----------
    rules : LabelRules
        Thresholds of the rules.
    labels : {"rules", "resumes"}
        Whether rules give the labels, or people did.
    skills : tuple of str or "required"
        Skills that are features of their own, 1 where they are there.
    years : {"sum", "maximum", "weighted"}
        How the years of several posts count.
    balancing : {"none", "under", "over", "weights", "hybrid"}
        How the training part is balanced.
    tune, test, seed : float, float, int
        Shares of the parts, and the seed of the shuffle.
    decision, outer_bags, interactions, max_bins, learning_rate, monotone, random_state
        As for :class:`ranker.scoring.ordinal.OrdinalEBM`; ``monotone`` as pairs.
    uncertain : float
        Greatest probability below which a person decides.
    """

    rules: LabelRules = field(default_factory=LabelRules)
    labels: str = RULES
    skills: tuple[str, ...] | Literal["required"] = ()
    years: Literal["sum", "maximum", "weighted"] = "sum"
    balancing: str = "weights"
    tune: float = 0.15
    test: float = 0.15
    seed: int = 42
    outer_bags: int = 8
    interactions: int | float | str = "2x"
    decision: str = "median"
    max_bins: int = 1024
    learning_rate: float = 0.04
    monotone: tuple[tuple[str, str], ...] = ()
    random_state: int = 0
    uncertain: float = 0.55


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A classifier, and what was seen on the way.

    Parameters
    ----------
    classifier : ResumeClassifier
        What classifies.
    evaluation : dict
        By part: a :func:`~ranker.resume.evaluation.classification_report`, and as
        ``calibration_before`` what it would say of the probabilities of the training part alone.
    cleaning : CleaningSummary
        What cleaning did.
    parts : DataFrame of id, domain, label, part
        Which résumé stood in which part.
    seen : DataFrame
        The whole train part: features, score, the label that it is given now, and a code of the person. Nobody
        keeps it; what a watch for drift needs is counted from it.
    """

    classifier: ResumeClassifier
    evaluation: dict[str, Any]
    cleaning: CleaningSummary
    parts: pd.DataFrame
    seen: pd.DataFrame


def train_classifier(
    raws: Sequence[RawResume],
    domains: Mapping[str, Sequence[str]],
    cleaner: Cleaner,
    settings: Settings,
    ledger: Ledger,
    *,
    name: str = "resumes",
    labels: Mapping[str, str] | None = None,
    reviewed: Mapping[str, str] | None = None,
) -> Trained:
    """Train a classifier of résumés.

    Parameters
    ----------
    raws : sequence of RawResume
        Résumés as written.
    domains : mapping of str to sequence of str
        Required skills of each domain, as written.
    cleaner : Cleaner
        What cleans them.
    settings : Settings
        How to label, split, balance and fit.
    ledger : Ledger
        Takes the fate of every résumé that is set aside (table ``"resume"``).
    name : str
        What the task is called.
    labels : mapping of str to str, optional
        Label by résumé id; by default the résumés' own key ``label`` where people labelled.
    reviewed : mapping of str to str, optional
        Label by résumé id, of reviewers: these outdo rules and other people's labels.

    Raises
    ------
    FitError, DataError
        If no résumé is left, a label has none in the training part, or a part stays empty.
    """
    log.info("cleaning %s résumés", len(raws))
    cleaned = cleaner.clean_all(raws)
    for one in cleaned.dropped:
        ledger.note("resume", one.id, "set_aside", "left out by cleaning", before=one.dropped)
    required = canonical_domains(domains, cleaner)
    if labels is not None and reviewed:
        labels = {**labels, **reviewed}
    written = given_labels(raws, labels, ledger) if settings.labels == WRITTEN else None
    resumes = _admitted(cleaned.resumes, required, written, ledger)
    log.info("computing features")
    feature_set = features_for(required, cleaner, settings)
    pool = ResumePool.of(resumes, required, feature_set)
    codes = label_codes(pool, settings.rules, written)
    for row, resume in enumerate(resumes):
        if reviewed and resume.id in reviewed:
            codes[row] = LABELS.index(label_of(reviewed[resume.id]))
    person = persons_of(resumes)
    parts = stratified_parts(codes, person, tune=settings.tune, test=settings.test, seed=settings.seed)
    model = _fit(pool, codes, person, parts, settings)
    log.info("evaluating")
    scores = model.scorer_.score(pool.table)
    classifier = ResumeClassifier(
        name=name,
        features=feature_set,
        scorer=model.scorer_,
        labels=model.labels_,
        cleaner=cleaner,
        domains=required,
        reference=_reference(pool, scores, codes, parts, settings.seed),
        scaling=_scaling(pool.table[parts == "train"]),
        uncertain=settings.uncertain,
    )
    evaluation = {
        part: _report(model, scores[parts == part], codes[parts == part], settings.uncertain)
        for part in PARTS
    }
    table = pd.DataFrame(
        {
            "id": [resume.id for resume in resumes],
            "domain": [resume.preferred_domain for resume in resumes],
            "label": [LABELS[code] for code in codes],
            "part": parts,
        },
        dtype=object,
    )
    seen = pool.table.assign(
        score=scores, label=np.array(LABELS, dtype=object)[model.labels_.predict(scores)], person=person
    )
    seen = seen[parts == "train"].reset_index(drop=True)
    return Trained(classifier, evaluation, cleaned.report, table, seen)


def features_for(domains: Mapping[str, Sequence[str]], cleaner: Cleaner, settings: Settings) -> FeatureSet:
    """Return what the label is made of; skills that the task names are cleaned as the résumés' are."""
    skills = settings.skills
    if skills != "required" and skills:
        skills = cleaner.clean({"id": "task", "skills": list(skills)}).skills
    return FeatureSet(resume_features(domains, skills=skills, years=settings.years), RESUME_FIELDS)


def _admitted(
    resumes: Sequence[CleanResume],
    domains: Mapping[str, Sequence[str]],
    written: GivenLabels | None,
    ledger: Ledger,
) -> list[CleanResume]:
    """Keep those whose domain is known and who have a label, and set the others aside."""
    kept, faults = [], []
    for resume in resumes:
        fault = fault_of_domain(resume, domains) or fault_of_label(resume, written)
        if fault:
            faults.append(f"; {resume.id}: {fault}")
            ledger.note("resume", resume.id, "set_aside", fault)
        else:
            kept.append(resume)
    if not kept:
        first = faults[0] if faults else ": none was kept by cleaning"
        raise DataError(f"none of {len(resumes)} cleaned résumés can be learned from{first}")
    return kept


def _fit(
    pool: ResumePool,
    codes: NDArray[np.int64],
    person: NDArray[np.int64],
    parts: NDArray[np.object_],
    settings: Settings,
) -> "OrdinalEBM":
    """Fit on the balanced training part; the tune part calibrates as it is."""
    train, tune = np.flatnonzero(parts == "train"), np.flatnonzero(parts == "tune")
    for code, label in enumerate(LABELS):
        if not (codes[train] == code).any():
            raise FitError(
                f"no résumé of the training part is labelled {label!r}: all three labels are needed; "
                "bring such résumés, or change the thresholds in [labels]"
            )
    from ranker.scoring.ordinal import OrdinalEBM  # loads interpret, which answering does without

    log.info("balancing and fitting")
    rows, weights = balanced(codes[train], settings.balancing, random_state=settings.random_state)
    seen = np.concatenate([train[rows], tune])
    model = OrdinalEBM(
        LABELS,
        outer_bags=settings.outer_bags,
        interactions=settings.interactions,
        decision=settings.decision,
        max_bins=settings.max_bins,
        learning_rate=settings.learning_rate,
        monotone=dict(settings.monotone) or None,
        random_state=settings.random_state,
    )
    return model.fit(
        pool.table.iloc[seen].reset_index(drop=True),
        codes[seen],
        sample_weight=np.concatenate([weights, np.ones(len(tune))]),
        part=np.array(["train"] * len(rows) + ["tune"] * len(tune), dtype=object),
        candidate=person[seen].astype(str),
    )


def _report(
    model: "OrdinalEBM", scores: NDArray[np.float64], codes: NDArray[np.int64], uncertain: float
) -> dict[str, Any]:
    """Measure one part, and what its probabilities were before they were calibrated."""
    after, before = (
        classification_report(
            codes, labels.predict(scores), labels.predict_proba(scores), LABELS, uncertain=uncertain
        )
        for labels in (model.labels_, model.uncalibrated_)
    )
    return {**after, "calibration_before": {key: before[key] for key in BEFORE}}


def _reference(
    pool: ResumePool,
    scores: NDArray[np.float64],
    codes: NDArray[np.int64],
    parts: NDArray[np.object_],
    seed: int,
) -> pd.DataFrame:
    """Draw features, score, label and domain of some training résumés, without names."""
    train = np.flatnonzero(parts == "train")
    drawn = np.sort(np.random.default_rng(seed).choice(train, min(REFERENCE, len(train)), replace=False))
    table = pool.table.iloc[drawn].reset_index(drop=True)
    table["score"] = scores[drawn]
    table["label"] = [LABELS[code] for code in codes[drawn]]
    table["domain"] = [pool.resumes[row].preferred_domain for row in drawn]
    return table


def _scaling(table: pd.DataFrame) -> dict[str, dict[str, float | None]]:
    """Mean and standard deviation of each number over the training part.

    The score reads features as they are; other models, which need them scaled alike, read these.
    """
    out: dict[str, dict[str, float | None]] = {}
    for name in table.columns:
        values = table[name].to_numpy(dtype=np.float64)
        values = values[np.isfinite(values)]
        out[str(name)] = {
            "mean": float(values.mean()) if len(values) else None,
            "deviation": float(values.std()) if len(values) else None,
        }
    return out
