"""Cleaned résumés as records and features, and what a few scores or edits would make of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ranker.features import FeatureSet
from ranker.records import Records
from ranker.resume.cleaning import CleanResume
from ranker.resume.feature_table import records_of
from ranker.scoring import AdditiveScorer

__all__ = ["TEST_SCORE", "ResumePool", "columns_at", "scores_over"]

TEST_SCORE = "candidate.test_score"
Domains = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, eq=False)
class ResumePool:
    """``n`` cleaned résumés, each a pair with the domain that it prefers.

    Parameters
    ----------
    resumes : tuple of CleanResume
        In order; ids may repeat.
    records : Records
        The ``n`` pairs.
    table : DataFrame of shape (n, n_features)
        Their features.
    """

    resumes: tuple[CleanResume, ...]
    records: Records
    table: pd.DataFrame

    @classmethod
    def of(cls, resumes: Sequence[CleanResume], domains: Domains, features: FeatureSet) -> Self:
        """Compute the features of some résumés.

        Parameters
        ----------
        resumes : sequence of CleanResume
            Whose ``preferred_domain`` is among ``domains``.
        domains : mapping of str to sequence of str
            Required skills of each domain, canonical.
        features : FeatureSet
            What to compute.
        """
        records = _records(resumes, domains)
        return cls(tuple(resumes), records, features.compute(records))

    def __len__(self) -> int:
        return len(self.resumes)


def _records(resumes: Sequence[CleanResume], domains: Domains) -> Records:
    """Make records in which every résumé has a label of its own: two of one id are two."""
    numbered = [replace(resume, id=str(number)) for number, resume in enumerate(resumes)]
    return records_of(numbered, domains)


def columns_at(
    features: FeatureSet, domains: Domains, test_scores: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """Return what each feature of the test score would be at some test scores, which is the same for everybody.

    Parameters
    ----------
    features : FeatureSet
        Those that read the test score read nothing else.
    domains : mapping
        As for :meth:`ResumePool.of`; any of them serves.
    test_scores : (m,) float64 array
        Points in 0 .. 100.

    Returns
    -------
    dict of str to (m,) float64 array
        By feature name.
    """
    reading = tuple(feature for feature in features if TEST_SCORE in feature.sources)
    if not reading or not len(test_scores):
        return {feature.name: np.empty(0) for feature in reading}
    domain = next(iter(domains))
    probes = [
        CleanResume(
            id=str(number), skills=(), projects=(), work_experience=(), test_score=value,
            preferred_domain=domain, changes=(), dropped="", sources={},
        )
        for number, value in enumerate(test_scores.tolist())
    ]  # fmt: skip
    records = _records(probes, domains)
    return {feature.name: np.asarray(feature.compute(records), dtype=np.float64) for feature in reading}


def scores_over(
    scorer: AdditiveScorer, table: pd.DataFrame, moved: Mapping[str, NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Score of each row were some of its features each of ``m`` values, all others as they are.

    Parameters
    ----------
    scorer : AdditiveScorer
        What scores.
    table : DataFrame of shape (n, n_features)
        The rows.
    moved : mapping of str to (m,) float64 array
        Values by feature; one or more features move together.

    Returns
    -------
    (n, m) float64 array
        In score units. Terms are added in order, so that rounding may differ from the scorer's in the
        last bits.
    """
    [m] = {len(values) for values in moved.values()}
    out = np.full((len(table), m), scorer.intercept)
    binned: dict[tuple[int, int], NDArray[np.int64]] = {}
    for term, rows in zip(scorer.terms, scorer.bin(table), strict=True):
        index = []
        for axis, own in zip(term.features, rows, strict=True):
            name, level = scorer.axes[axis].name, scorer.axes[axis].level(len(term.features))
            if name not in moved:
                index.append(own[:, None])
                continue
            if (axis, level) not in binned:
                binned[axis, level] = scorer.axes[axis].bin(moved[name], level)
            index.append(binned[axis, level][None, :])
        out += term.scores[tuple(index)]
    return out
