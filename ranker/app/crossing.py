"""Every candidate against every job: the first k of each, without a row for each pair."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from ranker.app.data import check_paths
from ranker.app.model import Model
from ranker.errors import DataError
from ranker.features import Feature, FeatureSet
from ranker.features.coded import coded_sets
from ranker.features.matching import IdSets
from ranker.features.sets import AnyOf, Coverage
from ranker.ranking import Ranking
from ranker.records import Records, read_table
from ranker.records.cleaning import keyed_table
from ranker.records.field import entity_of
from ranker.records.ledger import Ledger
from ranker.scoring.pool import Match, MatchOf, Pool
from ranker.scoring.pool_counts import CountMatch
from ranker.scoring.pool_top import top_of_pool

__all__ = ["crosses", "pool_of", "read_both_sides", "top_of_everybody"]


def crosses(model: Model, sources: Mapping[str, Path]) -> bool:
    """Tell whether candidates and jobs are all paired with each other, and can be ranked side by side.

    Requirements are not: who does not meet one is listed, pair by pair.
    """
    task = model.task
    unpaired = len(task.sources) == 3 and bool(sources) and "application" not in sources
    return unpaired and task.keys.job is not None and not task.requirements


def read_both_sides(model: Model, sources: Mapping[str, Path]) -> tuple[Records, Records]:
    """Read the candidates, each with some job, and the jobs, each with some candidate.

    Returns
    -------
    candidates, jobs : Records
        One pair for each row of their tables, which both hold.
    """
    task, ledger, tables = model.task, Ledger(), {}
    for entity in ("candidate", "job"):
        path, key = task.sources[entity]
        frame = read_table(sources.get(entity, path), table=entity, ledger=ledger)
        tables[entity] = keyed_table(frame, str(key), entity, ledger)
        if not len(tables[entity]):
            raise DataError(f"{sources.get(entity, path)} holds no {entity} that could be ranked")
    n = {entity: len(table) for entity, table in tables.items()}
    ledger.read["application"] = n["candidate"] * n["job"]
    ledger.kept = {**n, "application": n["candidate"] * n["job"]}
    tables["application"] = pd.DataFrame(index=range(1))
    labels = {entity: tables[entity].index.to_numpy(object) for entity in n}
    sides = []
    for entity in n:
        rows = {one: np.zeros(n[entity], np.int64) for one in tables}
        rows[entity] = np.arange(n[entity])
        names = {one: labels[one][rows[one]] for one in n}
        sides.append(
            Records(tables, rows, names["candidate"], names["job"], task.features.fields, None, ledger)
        )
    candidates, jobs = sides
    check_paths(task, candidates, declared=False)
    # What is read of a table is read once for both.
    return candidates, replace(candidates, rows=jobs.rows, candidate=jobs.candidate, job=jobs.job)


def pool_of(features: FeatureSet, candidates: Records, jobs: Records) -> Pool:
    """Compute features side by side; those of both sides only where they are asked for."""
    read = {feature.name: {entity_of(path) for path in feature.sources} for feature in features}
    matches: dict[str, Match] = {}
    for feature in features:
        if read[feature.name] == {"candidate", "job"}:
            matches[feature.name] = _match(feature, candidates, jobs)
    own = [feature for feature in features if read[feature.name] == {"candidate"}]
    of_jobs = [feature for feature in features if read[feature.name] == {"job"}]
    return Pool(_table(own, features, candidates), _table(of_jobs, features, jobs), matches)


def _table(some: list[Feature], features: FeatureSet, side: Records) -> pd.DataFrame:
    if not some:
        return pd.DataFrame(index=range(len(side)))
    return FeatureSet(tuple(some), features.fields).compute(side)


def _match(feature: Feature, candidates: Records, jobs: Records) -> Match:
    if isinstance(feature, AnyOf) or (isinstance(feature, Coverage) and feature.weights is None):
        has, wants = coded_sets(candidates, feature.has), coded_sets(jobs, feature.wants)
        return CountMatch(
            IdSets(has.indptr, has.ids), IdSets(wants.indptr, wants.ids), candidates.memo.codes.n_codes,
            has.given, any_of=isinstance(feature, AnyOf),
        )  # fmt: skip

    def compute(job: int, some: np.ndarray) -> np.ndarray:
        rows = {**candidates.rows, "candidate": some, "job": np.full(len(some), job)}
        rows["application"] = np.zeros(len(some), np.int64)
        block = replace(
            candidates, rows=rows, candidate=candidates.candidate[some], job=jobs.job[np.full(len(some), job)]
        )
        return feature.compute(block)

    return MatchOf(compute)


def top_of_everybody(model: Model, candidates: Records, jobs: Records, k: int) -> Ranking:
    """Rank everybody for every job: the first ``k``, and all who share the k-th one's score."""
    found = top_of_pool(model.scorer, pool_of(model.task.features, candidates, jobs), k)
    labels = candidates.candidate[found.candidate]
    return Ranking.from_scores(found.scores, job=jobs.job[found.job], candidate=labels)
