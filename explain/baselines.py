"""What amounts are held against: a mean, a person, or nothing."""

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from ranker.errors import DataError, did_you_mean
from ranker.features import FeatureSet
from ranker.scoring import AdditiveScorer
from ranker.scoring.attribution import Attribution, spread, term_means

__all__ = ["BASELINES", "Baseline", "baseline_of", "reference_baseline"]

BASELINES: Final = ("population", "pool", "zero")


@dataclass(frozen=True, slots=True)
class Baseline:
    """What amounts are held against; ``score = parts.score + sum(amounts held against it)``.

    Parameters
    ----------
    kind : {"population", "pool", "zero", "candidate"}
        The mean over training, the mean over the job's pool, nothing, or another candidate.
    words : str
        What it is, to stand behind "relative to".
    parts : Attribution
        Its own score, terms, features and fields.
    """

    kind: Literal["population", "pool", "zero", "candidate"]
    words: str
    parts: Attribution

    @property
    def tells_of_others(self) -> bool:
        """Whether it is made of other people of the job, so that the candidate may not see it."""
        return self.kind in ("pool", "candidate")

    def to_json(self) -> dict[str, Any]:
        """Return its kind, words, score, and amounts at each level."""
        return {
            "kind": self.kind,
            "words": self.words,
            "score": self.parts.score,
            "terms": self.parts.terms,
            "features": self.parts.features,
            "fields": self.parts.fields,
        }


def baseline_of(
    kind: str, scorer: AdditiveScorer, features: FeatureSet, pool: pd.DataFrame | None, pairs: str
) -> Baseline:
    """Work a baseline out.

    Parameters
    ----------
    kind : {"population", "pool", "zero"}
        Which.
    scorer, features, pairs
        As for :func:`~ranker.scoring.attribution.attribute_pairs`.
    pool : DataFrame of shape (n_pool, n_features) or None
        The features of the job's candidates, for ``"pool"``.

    Returns
    -------
    Baseline
        Zero, which its words then say, where the scorer keeps no training weights for a mean.

    Raises
    ------
    DataError
        If the kind is not known.
    """
    if kind not in BASELINES:
        raise DataError(f"baseline {kind!r} is not known{did_you_mean(str(kind), BASELINES)}")
    nothing = np.zeros(len(scorer.terms))
    if kind == "pool" and pool is not None:
        means = scorer.contributions(pool).mean(axis=0)
        words = "the average candidate of this job"
        return Baseline("pool", words, spread(scorer, features, means, pairs=pairs))
    found = term_means(scorer) if kind == "population" else None
    if found is not None:
        words = "the average application that the ranking was learned from"
        return Baseline("population", words, spread(scorer, features, found, pairs=pairs))
    words = "an amount of zero"
    if kind == "population":
        words += ", since the scorer keeps no training weights to take an average over"
    return Baseline("zero", words, spread(scorer, features, nothing, pairs=pairs))


def reference_baseline(candidate: str, parts: Attribution) -> Baseline:
    """Make another candidate the baseline."""
    return Baseline("candidate", f"candidate {candidate}", parts)
