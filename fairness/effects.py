"""What a ranking would be without a term, or without a raw field: worked out, not trained anew."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from fairness._paired_draws import PairedDraws
from fairness._reduced import Way, reduced
from fairness.causes import gap_weights
from fairness.groups import Groups
from fairness.metrics.exposure import exposure_ratio
from fairness.metrics.selection_rate import impact_ratio, selection_rate
from ranker.errors import DataError
from ranker.features import FeatureSet
from ranker.ranking.metrics.intervals import check_resampling, percentile_interval
from ranker.ranking.metrics.ndcg import ndcg
from ranker.ranking.ranking import Ranking
from ranker.records.field import entity_of
from ranker.scoring.additive import AdditiveScorer

__all__ = ["Change", "TermEffect", "TermEffects", "features_of_fields", "term_effects"]


@dataclass(frozen=True, slots=True)
class Change:
    """One figure with and without a term.

    Parameters
    ----------
    measure : str
        Such as ``"ndcg@10"``, ``"exposure_ratio"``, ``"impact_ratio@10"``, ``"selection_rate@10"``
        or ``"score_gap"``.
    group : str or None
        Whose figure it is, where each group has its own.
    before, after : float
        Dimensionless; score units for ``score_gap``, which is the group's mean score less that
        of all others. NaN where it cannot be measured.
    low, high : float
        Interval of the difference.
    """

    measure: str
    group: str | None
    before: float
    after: float
    low: float
    high: float

    @property
    def difference(self) -> float:
        """``after`` less ``before``."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class TermEffect:
    """What changes without one term, or without several.

    Parameters
    ----------
    kind : {"term", "set"}
        One term, or all that some features say.
    name : str
        Name of the term or of the set.
    terms : tuple of str
        Terms that are silenced, at least in part.
    changes : tuple of Change
        Of each measure and group.
    """

    kind: Literal["term", "set"]
    name: str
    terms: tuple[str, ...]
    changes: tuple[Change, ...]

    def change(self, measure: str, group: str | None = None) -> Change:
        """Return one of the changes.

        Raises
        ------
        DataError
            If it was not measured.
        """
        for one in self.changes:
            if (one.measure, one.group) == (measure, group):
                return one
        raise DataError(
            f"{measure!r} of {group!r} was not measured: "
            + ", ".join(sorted({f"{one.measure!r} of {one.group!r}" for one in self.changes}))
        )


@dataclass(frozen=True, slots=True)
class TermEffects:
    """Effects of all terms, and of all sets that were asked for.

    Parameters
    ----------
    effects : tuple of TermEffect
        Sets first, then terms, each in their order.
    way : {"flattened", "dropped"}
        What was done to the terms.
    unit : {"jobs", "candidates"}
        What was resampled for the intervals.
    level : float
        Of the intervals.
    """

    effects: tuple[TermEffect, ...]
    way: str
    unit: str
    level: float

    def __iter__(self) -> Iterator[TermEffect]:
        return iter(self.effects)

    def __len__(self) -> int:
        return len(self.effects)

    def of(self, name: str) -> TermEffect:
        """Return the effect of a set or, where no set is called so, of a term.

        Raises
        ------
        DataError
            If there is none.
        """
        for effect in self.effects:
            if effect.name == name:
                return effect
        raise DataError(
            f"no effect of {name!r} was measured: " + ", ".join(effect.name for effect in self.effects)
        )

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each effect, measure and group: ``before``, ``after``, ``difference`` and its interval."""
        names = ("kind", "name", "measure", "group", "before", "after", "difference", "low", "high")
        rows = [
            (effect.kind, effect.name, c.measure, c.group, c.before, c.after, c.difference, c.low, c.high)
            for effect in self.effects
            for c in effect.changes
        ]
        return pd.DataFrame(rows, columns=list(names))


def features_of_fields(features: FeatureSet) -> dict[str, tuple[str, ...]]:
    """Name the features that read each raw field, those of the job left out; for ``sets``."""
    found: dict[str, list[str]] = {}
    for feature in features:
        for path in dict.fromkeys(feature.sources):
            if entity_of(path) != "job":
                found.setdefault(path, []).append(feature.name)
    return {path: tuple(names) for path, names in found.items()}


def term_effects(
    scorer: AdditiveScorer,
    table: Any,
    groups: Groups,
    relevance: ArrayLike,
    *,
    job: Any,
    candidate: Any = None,
    lot: Any = None,
    sets: Mapping[str, Sequence[str]] | None = None,
    way: Way = "flattened",
    cuts: Sequence[int] = (10, 50),
    top_k: int = 10,
    n_resamples: int = 1000,
    level: float = 0.95,
    random_state: int = 0,
) -> TermEffects:
    """Rank anew without each term, and say what that changes.

    A score is a sum, so that the scores without a term are known exactly. Flattened, the
    term adds its mean over the training rows; dropped, nothing: since either adds the
    same to everybody, a whole term's order is the same both ways. What the model would be that is
    trained without the feature is another question: other features would take over part of
    what the term says, and its quality and its gaps would lie elsewhere.

    Parameters
    ----------
    scorer : AdditiveScorer
        What scores.
    table : DataFrame, Arrow table or ndarray of ``n`` rows
        Features, as the scorer reads them.
    groups : Groups
        Group of each row; ``groups.only(groups.large())`` keeps small groups out of the ratios.
    relevance : (n,) array_like
        0 or more, as for ``ranker.ranking.metrics.ndcg``.
    job, candidate, lot : (n,) array_like
        As for ``Ranking.from_scores``; the latter two optional.
    sets : dict of str to sequence of str, optional
        Features to silence together in all their terms, by the name of the set, such as
        ``features_of_fields(features)``: all that is read of each raw field.
    way : {"flattened", "dropped"}
        What is done. Of a feature in a term with others, flattening leaves what the term says of
        the others on the mean over this one, and dropping leaves nothing of the term; interpret
        does not purify interactions, so for sets the two may differ.
    cuts : sequence of int
        Where NDCG is cut.
    top_k : int
        How many of each job are selected.
    n_resamples : int
        Resamples for the intervals, the same for both rankings: of jobs from 20 compared ones
        on, else of candidates within each job and group.
    level : float
        Of the intervals.
    random_state : int
        Seed of the resampling.

    Returns
    -------
    TermEffects
        For each set and term: NDCG at each cut, exposure ratio and impact ratio; of each group
        its selection rate and its score gap to all others.

    Raises
    ------
    DataError
        If lengths differ, relevance is negative, or a set names an unknown feature.

    References
    ----------
    Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapter 13.

    Examples
    --------
    >>> effects = term_effects(scorer, X, groups, relevance, job=job)
    >>> change = effects.of("gap").change("score_gap", "woman")
    >>> round(change.before, 3), round(change.after, 3)
    (-0.192, -0.011)
    """
    check_resampling(n_resamples, level)

    def ranked(by: AdditiveScorer) -> Ranking:
        return Ranking.from_scores(by.score(table), job=job, candidate=candidate, lot=lot)

    before = ranked(scorer)
    gains = np.asarray(relevance, dtype=np.float64)
    gaps = gap_weights(job, groups, "rest")

    def measured(ranking: Ranking) -> NDArray[np.float64]:
        scores = np.empty(ranking.n_rows)
        scores[ranking.row] = ranking.scores
        return np.array(
            [
                *(ndcg(ranking, relevance, k=cut) for cut in cuts),
                exposure_ratio(ranking, groups),
                impact_ratio(ranking, groups, top_k=top_k),
                *selection_rate(ranking, groups, top_k=top_k),
                *(float(one.values @ scores) if one.n_jobs else np.nan for one in gaps.values()),
            ]
        )

    first = measured(before)
    draws = PairedDraws.of(before, groups, n_resamples, np.random.default_rng(random_state))
    drawn = draws.figures(before, groups, gains, cuts=cuts, top_k=top_k)
    names = _names(groups, cuts, top_k)

    def effect(kind: Literal["term", "set"], name: str, by: AdditiveScorer) -> TermEffect:
        ranking = ranked(by)
        then = measured(ranking)
        apart = draws.figures(ranking, groups, gains, cuts=cuts, top_k=top_k) - drawn
        changes = tuple(
            Change(
                measure,
                group,
                float(first[i]),
                float(then[i]),
                *percentile_interval(apart[:, i], level=level),
            )
            for i, (measure, group) in enumerate(names)
        )
        touched = zip(scorer.term_names, scorer.terms, by.terms, strict=True)
        return TermEffect(kind, name, tuple(term for term, a, b in touched if a is not b), changes)

    effects = [
        effect("set", name, reduced(scorer, features=_several(features), way=way))
        for name, features in (sets or {}).items()
    ]
    effects += [effect("term", name, reduced(scorer, terms=[name], way=way)) for name in scorer.term_names]
    return TermEffects(tuple(effects), way, draws.unit, level)


def _several(features: Sequence[str]) -> Sequence[str]:
    if isinstance(features, str):
        raise DataError(f"a set is a sequence of features, not the text {features!r}: write [{features!r}]")
    return features


def _names(groups: Groups, cuts: Sequence[int], top_k: int) -> list[tuple[str, str | None]]:
    """Name the figures in the order in which they are measured."""
    names: list[tuple[str, str | None]] = [(f"ndcg@{cut}", None) for cut in cuts]
    names += [("exposure_ratio", None), (f"impact_ratio@{top_k}", None)]
    names += [(f"selection_rate@{top_k}", label) for label in groups.labels]
    return names + [("score_gap", label) for label in groups.labels]
