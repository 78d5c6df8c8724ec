"""The classifier of résumés: one additive score, and all that is told of it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ranker.errors import DataError, did_you_mean
from ranker.features import FeatureSet
from ranker.records.resumes import RawResume, fault_of
from ranker.resume.cleaning import Cleaner, CleanResume
from ranker.resume.pool import ResumePool
from ranker.scoring import AdditiveScorer
from ranker.scoring.ordinal_labels import OrdinalLabels

__all__ = ["Admitted", "Refused", "ResumeClassifier", "canonical_domains", "fault_of_domain"]


@dataclass(frozen=True, slots=True)
class Refused:
    """A résumé that cannot be answered, and why.

    Parameters
    ----------
    id : str
        As written, ``""`` where there is none.
    place : str
        Where it was read.
    error : str
        Place within it, and fault.
    """

    id: str
    place: str
    error: str

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"id": self.id, "place": self.place, "error": self.error}


@dataclass(frozen=True, slots=True)
class Admitted:
    """A résumé that is answered: as written, and cleaned."""

    raw: RawResume
    resume: CleanResume


@dataclass(frozen=True, slots=True, eq=False)
class ResumeClassifier:
    """What labels résumés and says why.

    Parameters
    ----------
    name : str
        The task it was trained on.
    features : FeatureSet
        What makes the scorer's inputs.
    scorer : AdditiveScorer
        The score that ranks and labels.
    labels : OrdinalLabels
        Thresholds and calibration on the score.
    cleaner : Cleaner
        What cleans a résumé first.
    domains : mapping of str to tuple of str
        Required skills of each domain, canonical.
    reference : DataFrame
        A sample of the training part: features, ``score``, ``label``, ``domain``.
    scaling : mapping
        By feature: ``mean`` and ``deviation`` over the training part.
    uncertain : float
        Greatest probability below which a person decides.
    """

    name: str
    features: FeatureSet
    scorer: AdditiveScorer
    labels: OrdinalLabels
    cleaner: Cleaner
    domains: Mapping[str, tuple[str, ...]]
    reference: pd.DataFrame
    scaling: Mapping[str, Mapping[str, float | None]]
    uncertain: float = 0.55
    version: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "version", self._digest())

    def admit(self, raw: RawResume) -> Admitted | Refused:
        """Check and clean one résumé.

        Two alike are both admitted: only training leaves copies out.
        """
        if fault := fault_of(raw.value):
            return Refused(_id_of(raw.value), raw.place, fault)
        resume = self.cleaner.clean(raw.value)
        if fault := resume.dropped or fault_of_domain(resume, self.domains):
            return Refused(_id_of(raw.value), raw.place, fault)
        return Admitted(raw, resume)

    def pool(self, resumes: Sequence[CleanResume]) -> ResumePool:
        """Compute the features of some cleaned résumés."""
        return ResumePool.of(resumes, self.domains, self.features)

    def _digest(self) -> str:
        """SHA-256, in hex, of what answers: features, tables, thresholds, vocabulary, titles and domains."""
        parts: list[Any] = [
            [repr(feature) for feature in self.features],
            self.scorer.to_json(),
            self.labels.to_json(),
            self.cleaner.vocabulary.to_json(),
            {domain: list(skills) for domain, skills in self.domains.items()},
            self.uncertain,
        ]
        if self.cleaner.titles is not None:
            parts.append(self.cleaner.titles.to_json())
        written = json.dumps(parts, allow_nan=False, sort_keys=True)
        return hashlib.sha256(written.encode("utf-8", "backslashreplace")).hexdigest()


def canonical_domains(domains: Mapping[str, Sequence[str]], cleaner: Cleaner) -> dict[str, tuple[str, ...]]:
    """Clean required skills as résumés' skills are cleaned, so that both sides use the same words.

    Raises
    ------
    DataError
        If a domain is left without a skill.
    """
    required = cleaner.required(domains)
    for domain, skills in required.items():
        if not skills:
            raise DataError(f"domain {domain!r} requires no skill that cleaning leaves: name its skills")
    return required


def fault_of_domain(resume: CleanResume, domains: Mapping[str, Sequence[str]]) -> str:
    """Say that a résumé's domain is none of these; ``""`` where it is."""
    wanted = resume.preferred_domain
    if wanted in domains:
        return ""
    return f"preferred_domain: {wanted!r} is no domain of this model{did_you_mean(wanted, domains)}"


def _id_of(value: Any) -> str:
    given = value.get("id") if isinstance(value, Mapping) else None
    return str(given) if isinstance(given, (str, int, float)) and not isinstance(given, bool) else ""
