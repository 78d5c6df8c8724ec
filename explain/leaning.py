"""How far the model leans on a field: on what somebody wrote there, of all that it reads.

Two measures, neither of which sees labels. The share of the variance of scores within jobs
says what sets candidates apart as they are; the shares of all fields sum to 1. Shuffling says
what would become of the ranks without it: the candidates of each job exchange what they wrote
in the field, all features that read it included, and ranks are compared. A field that says the
same as another can have a large share and move little; shuffled together they move more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t

from explain.importance import Importance, importance_of
from explain.shuffling import Shuffler, own_sources, permuted_within
from explain.strict_json import as_json
from ranker.errors import DataError, UnknownFieldError, did_you_mean
from ranker.features import FeatureSet
from ranker.ranking.checks import refuse_length
from ranker.records import Records
from ranker.records.field import declared_field
from ranker.scoring.additive import AdditiveScorer

__all__ = ["LEVEL", "N_DRAWS", "SCHEMA", "Estimate", "FieldLean", "Leaning", "field_leaning", "find_fields"]

SCHEMA = "candor-leaning/1"
LEVEL = 0.95
N_DRAWS = 20


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over the draws, and the interval of that mean; NaN where nothing could be measured."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class FieldLean:
    """How far the model leans on one field, or on several together.

    Parameters
    ----------
    fields : tuple of str
        Their paths.
    label : str
        Their names in words.
    share : float
        Of the variance of scores within jobs; NaN where scores do not differ within any job.
    rank_change : Estimate
        Ranks by which a candidate moves when the fields are shuffled within jobs, mean absolute.
    turnover : Estimate
        Share of the first ``top_k`` who are others then, mean over the jobs with more candidates.
    """

    fields: tuple[str, ...]
    label: str
    share: float
    rank_change: Estimate
    turnover: Estimate


@dataclass(frozen=True, slots=True)
class Leaning:
    """How far the model leans on each of several fields.

    Parameters
    ----------
    fields : tuple of FieldLean
        The largest change of ranks first.
    by_lot : FieldLean
        For comparison, everything shuffled at once, worked out, not drawn: what ranks drawn by
        lot would show where no scores are equal.
    importance : Importance
        Where the shares come from.
    n_jobs, n_pairs : int
        What was measured.
    top_k, n_draws, random_state : int
        Length of the list, draws, and their seed.
    level : float
        Share of intervals that hold what infinitely many draws would give; of these very
        candidates, not of others.
    """

    fields: tuple[FieldLean, ...]
    by_lot: FieldLean
    importance: Importance
    n_jobs: int
    n_pairs: int
    top_k: int
    n_draws: int
    random_state: int
    level: float = LEVEL

    @property
    def rank_shares(self) -> dict[str, float]:
        """Each entry's share of all changes of rank, by its label; sums to 1, empty where nothing moves."""
        whole = sum(one.rank_change.value for one in self.fields)
        return {one.label: one.rank_change.value / whole for one in self.fields} if whole > 0 else {}

    def to_json(self) -> dict[str, Any]:
        """Return all of it as a strict JSON object."""

        def entry(one: FieldLean) -> dict[str, Any]:
            return {
                "fields": one.fields,
                "label": one.label,
                "share_of_variance": one.share,
                "rank_change": _estimate(one.rank_change),
                "share_of_rank_changes": self.rank_shares.get(one.label),
                "turnover": _estimate(one.turnover),
            }

        return as_json(
            {
                "schema": SCHEMA,
                "jobs": self.n_jobs,
                "pairs": self.n_pairs,
                "top_k": self.top_k,
                "draws": self.n_draws,
                "random_state": self.random_state,
                "level": self.level,
                "fields": [entry(one) for one in self.fields],
                "by_lot": entry(self.by_lot),
            }
        )


def _estimate(one: Estimate) -> dict[str, float]:
    return {"value": one.value, "low": one.low, "high": one.high}


def field_leaning(
    scorer: AdditiveScorer,
    features: FeatureSet,
    records: Records,
    table: pd.DataFrame | None = None,
    *,
    groups: Mapping[str, Sequence[str]] | None = None,
    top_k: int = 10,
    n_draws: int = N_DRAWS,
    random_state: int = 0,
) -> Leaning:
    """Measure how far the model leans on each field.

    Parameters
    ----------
    scorer : AdditiveScorer
        What scored.
    features : FeatureSet
        What made its inputs.
    records : Records
        The ``n`` pairs.
    table : DataFrame of shape (n, n_features), optional
        Their features, as :meth:`FeatureSet.compute` gives them; computed where not given.
    groups : dict of str to sequence of str, optional
        Fields that are shuffled together, by a label; each field that a feature reads of the
        candidate or the application by itself where not given. A field and a part of it that
        another feature reads are two fields: group them to shuffle both.
    top_k : int, default=10
        Length of the list whose turnover is measured.
    n_draws : int, default=20
        Times that each is shuffled, from 2.
    random_state : int
        Seed; every group sees the same exchanges, so that differences between groups are not noise.

    Returns
    -------
    Leaning

    Raises
    ------
    UnknownFieldError
        If no feature reads a field.
    DataError
        If ``top_k`` or ``n_draws`` means nothing, or there are no pairs.
    """
    refuse_length(top_k)
    if isinstance(n_draws, bool) or not isinstance(n_draws, int | np.integer) or n_draws < 2:
        raise DataError(f"n_draws is {n_draws!r}: give a whole number from 2, such as {N_DRAWS}")
    table = features.compute(records) if table is None else table
    importance = importance_of(scorer, features, records, table)
    known = readable_fields(features)
    if groups is None:
        groups = _by_label({path: (path,) for path in known}, features)
    for path in (path for paths in groups.values() for path in paths):
        if path not in known:
            raise UnknownFieldError(f"no feature reads {path!r} of a candidate{did_you_mean(path, known)}")
    shuffler = Shuffler.of(scorer, features, records, table)
    shares = {part.name: part.share for part in importance.fields}
    found: dict[str, list[tuple[float, float]]] = {label: [] for label in groups}
    rng = np.random.default_rng(random_state)
    for _ in range(n_draws):
        giver = permuted_within(shuffler.codes, rng)
        for label, paths in groups.items():
            ranks = shuffler.rank(shuffler.score(paths, giver))
            found[label].append(_changes(shuffler, ranks, top_k))
    leans = [
        FieldLean(
            tuple(paths), label, sum(shares.get(path, 0.0) for path in paths),
            *(_interval(np.array(one)) for one in zip(*found[label], strict=True)),
        )
        for label, paths in groups.items()
    ]  # fmt: skip
    leans.sort(key=lambda one: (-one.rank_change.value, one.label))
    return Leaning(
        tuple(leans), _by_lot(shuffler, tuple(known), top_k), importance, len(shuffler.sizes), len(records),
        int(top_k), int(n_draws), random_state,
    )  # fmt: skip


def readable_fields(features: FeatureSet) -> list[str]:
    """Return the paths that features read of the candidate and the application, in order of appearance."""
    return list(dict.fromkeys(p for f in features for p in f.sources if p in own_sources(f)))


def find_fields(features: FeatureSet, words: str | Sequence[str]) -> tuple[str, ...]:
    """Find fields by path or label.

    Parameters
    ----------
    features : FeatureSet
        Whose sources are looked through.
    words : str or sequence of str
        One path or label, or several.

    Returns
    -------
    tuple of str
        Paths; a label that several fields bear stands for all of them.

    Raises
    ------
    UnknownFieldError
        If nothing that a feature reads of a candidate is called so.
    """
    known = readable_fields(features)
    labels = {path: declared_field(path, features.fields).label for path in known}
    out: list[str] = []
    for word in [words] if isinstance(words, str) else words:
        fits = [path for path in known if word.strip() in (path, labels[path])]
        if not fits:
            hint = did_you_mean(word, [*known, *labels.values()])
            raise UnknownFieldError(
                f"no feature reads a field {word!r} of a candidate{hint}; what features read: {', '.join(known)}"
            )
        out += fits
    return tuple(dict.fromkeys(out))


def label_of_fields(features: FeatureSet, paths: Sequence[str]) -> str:
    """Name fields in words."""
    return " and ".join(dict.fromkeys(declared_field(path, features.fields).label for path in paths))


def _by_label(groups: Mapping[str, tuple[str, ...]], features: FeatureSet) -> dict[str, tuple[str, ...]]:
    """Call groups by their label, where that tells them apart, else by their path."""
    labels = {name: label_of_fields(features, paths) for name, paths in groups.items()}
    twice = {label for label in labels.values() if list(labels.values()).count(label) > 1}
    return {
        f"{labels[name]} ({name})" if labels[name] in twice else labels[name]: paths
        for name, paths in groups.items()
    }


def _changes(shuffler: Shuffler, ranks: NDArray[np.int64], top_k: int) -> tuple[float, float]:
    """Mean absolute change of rank, and the share of the first k who are others."""
    moved = float(np.abs(ranks - shuffler.ranks).mean())
    longer = shuffler.sizes > top_k
    if not longer.any():
        return moved, np.nan
    left = (shuffler.ranks <= top_k) & (ranks > top_k)
    gone = np.bincount(shuffler.codes, left, minlength=len(longer))[longer] / top_k
    return moved, float(gone.mean())


def _by_lot(shuffler: Shuffler, fields: tuple[str, ...], top_k: int) -> FieldLean:
    """Work out what ranks drawn by lot show: E|rank - rank'| = (m**2 - 1) / 3m, and 1 - k / m leave."""
    sizes = shuffler.sizes.astype(np.float64)
    moved = float(((sizes**2 - 1) / 3).sum() / sizes.sum())
    longer = sizes > top_k
    gone = float((1 - top_k / sizes[longer]).mean()) if longer.any() else np.nan
    return FieldLean(fields, "all, by lot", 1.0, Estimate(moved, moved, moved), Estimate(gone, gone, gone))


def _interval(draws: NDArray[np.float64]) -> Estimate:
    mean = float(draws.mean())
    room = float(t.ppf((1 + LEVEL) / 2, len(draws) - 1) * draws.std(ddof=1) / np.sqrt(len(draws)))
    return Estimate(mean, mean - room, mean + room)
