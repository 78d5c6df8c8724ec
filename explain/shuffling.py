"""Scores as they would be, had the candidates of a job exchanged some fields of their records.

Only candidates of one job exchange, so the job's side of a feature stays what it was, and a
feature all of whose other sources go along has for the taker exactly the value that it has
for the giver: nothing needs to be computed anew, and a term of one feature is a permuted
column. Where a feature also reads a field that stays, its raw record is put together and read
again (`recomputed`). Both equal a run of the whole pipeline over exchanged records; a test
says so.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ranker.features import Feature, FeatureSet
from ranker.ranking import Ranking
from ranker.records import Records
from ranker.records.field import entity_of
from ranker.scoring.additive import AdditiveScorer
from ranker.scoring.columns import columns_of

__all__ = ["Shuffler", "own_sources", "permuted_within", "recomputed"]


@dataclass(frozen=True, slots=True, eq=False)
class Shuffler:
    """The scores of ``n`` pairs, ready to be worked out again with fields exchanged.

    Parameters
    ----------
    scorer, features, records, table
        What scored, and what.
    codes : (n,) int64 array
        Job of each pair, from 0.
    bins : tuple of tuple of (n,) int64 array
        Where each pair falls in each term's table.
    amounts : tuple of (n,) float64 array
        What each term adds as it stands, in score units.
    lots : (n,) int64 array
        Pairs job by job, those first that a tie would put first.
    ranks : (n,) int64 array
        Rank of each pair as it stands, from 1.
    sizes : (n_jobs,) int64 array
        Candidates of each job.
    """

    scorer: AdditiveScorer
    features: FeatureSet
    records: Records
    table: pd.DataFrame
    codes: NDArray[np.int64]
    bins: tuple[tuple[NDArray[np.int64], ...], ...]
    amounts: tuple[NDArray[np.float64], ...]
    lots: NDArray[np.int64]
    ranks: NDArray[np.int64]
    sizes: NDArray[np.int64]

    @classmethod
    def of(cls, scorer: AdditiveScorer, features: FeatureSet, records: Records, table: pd.DataFrame) -> Self:
        """Bin and rank pairs as they stand."""
        tied = Ranking.from_scores(
            np.zeros(len(records)), job=records.job, candidate=records.candidate, lot=records.lots()
        )
        codes = np.empty(len(records), dtype=np.int64)
        codes[tied.row] = tied.job_of
        bins = scorer.bin(table)
        amounts = tuple(term.scores[found] for term, found in zip(scorer.terms, bins, strict=True))
        bare = cls(
            scorer, features, records, table, codes, bins, amounts, tied.row, np.empty(0, np.int64), tied.sizes
        )  # fmt: skip
        ranks = bare.rank(bare.score([], np.arange(len(records))))
        return replace(bare, ranks=ranks)

    def score(self, paths: Collection[str], giver: NDArray[np.int64]) -> NDArray[np.float64]:
        """Score each pair with some fields taken from another pair of its job.

        Parameters
        ----------
        paths : collection of str
            The fields that are exchanged.
        giver : (n,) int64 array
            The pair whose values each pair takes, of the same job.

        Returns
        -------
        (n,) float64 array
            In score units.
        """
        made = self.made
        exchanged, anew = set[int](), dict[int, pd.Series]()
        for f, name in enumerate(self.scorer.feature_names):
            feature = made[name]
            sources = own_sources(feature)
            if not sources & set(paths):
                continue
            exchanged.add(f)
            if not sources <= set(paths):
                anew[f] = pd.Series(recomputed(feature, self.records, paths, giver))
        out = np.full(len(giver), self.scorer.intercept)
        # All terms are added anew, in their order: what is equal stays equal to the last bit, so that ties stay ties.
        for term, found, amounts in zip(self.scorer.terms, self.bins, self.amounts, strict=True):
            if exchanged.isdisjoint(term.features):
                out += amounts
                continue
            here = []
            for f, bins in zip(term.features, found, strict=True):
                if f in anew:
                    bins = self._bins_anew(f, len(term.features), anew[f])
                elif f in exchanged:
                    bins = bins[giver]
                here.append(bins)
            out += term.scores[tuple(here)]
        return out

    @property
    def made(self) -> dict[str, Feature]:
        """The features by name."""
        return {feature.name: feature for feature in self.features}

    def rank(self, scores: NDArray[np.float64]) -> NDArray[np.int64]:
        """Rank within each job, equal scores as the ranking would: (n,) -> (n,), from 1."""
        # Stable, and pairs stand in the order of their lots: ties fall as they must.
        order = self.lots[np.lexsort((-scores[self.lots], self.codes[self.lots]))]
        ranks = np.empty(len(scores), dtype=np.int64)
        starts = np.cumsum(self.sizes) - self.sizes
        ranks[order] = np.arange(len(scores)) - starts[self.codes[order]] + 1
        return ranks

    def _bins_anew(self, f: int, n_features: int, values: pd.Series) -> NDArray[np.int64]:
        axis = self.scorer.axes[f]
        [column] = columns_of(values.to_frame(axis.name), [axis])
        return axis.bin(column, axis.level(n_features))


def own_sources(feature: Feature) -> set[str]:
    """Return the paths that a feature reads of the candidate and the application, not of the job."""
    return {path for path in feature.sources if entity_of(path) != "job"}


def permuted_within(codes: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw a giver of the same job for each pair, each pair once: (n,) -> (n,)."""
    takers = np.argsort(codes, kind="stable")
    givers = np.lexsort((rng.random(len(codes)), codes))
    out = np.empty(len(codes), dtype=np.int64)
    out[takers] = givers
    return out


def recomputed(
    feature: Feature, records: Records, paths: Collection[str], giver: NDArray[np.int64]
) -> NDArray[np.generic]:
    """Read a feature off raw records in which some fields were taken from another pair.

    The columns that hold the fields are taken whole.
    """
    tables, rows = dict(records.tables), dict(records.rows)
    for entity in sorted(
        {entity_of(path) for path in paths} & {entity_of(path) for path in own_sources(feature)}
    ):
        own, theirs = records.rows[entity], records.rows[entity][giver]
        table = records.tables[entity].iloc[own].copy()
        for column in _columns(records, entity, paths):
            table[column] = records.tables[entity][column].iloc[theirs].to_numpy(dtype=object)
        tables[entity], rows[entity] = table, np.arange(len(own))
    return feature.compute(replace(records, tables=tables, rows=rows, _read={}))


def _columns(records: Records, entity: str, paths: Collection[str]) -> Sequence[str]:
    return sorted({records.locate(path).column for path in paths if entity_of(path) == entity})
