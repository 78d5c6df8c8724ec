"""Every group's gap, against the rest or one group, is the sum of its parts."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairness.causes import REST, best_served, gap_causes
from fairness.change_gaps import gap_split
from fairness.groups import Groups
from ranker import AdditiveScorer
from ranker.app.data import groups_of, load_records
from ranker.app.task import read_task
from ranker.errors import DataError
from ranker.features import FeatureSet
from ranker.features.scalars import Category, Number
from ranker.ranking.ranking import Ranking
from ranker.records.synthetic import generate
from ranker.scoring.additive import Axis
from ranker.scoring.ebm_ranker import EBMRanker
from tests.features.feature_examples import records_of
from tests.scoring.examples import scorers

LEVELS = ("terms", "features", "fields", "items")
FEATURES = FeatureSet(
    (
        Number(name="a", field="candidate.a"),
        Number(name="b", field="candidate.b"),
        Category(name="c", field="candidate.c"),
        Category(name="d", field="candidate.d"),
    ),
    {},
)


@st.composite
def pools(draw):
    n = draw(st.integers(1, 14))
    numbers = st.lists(st.sampled_from([None, -3, 0, 0.5, 2, 6]), min_size=n, max_size=n)
    texts = st.lists(st.sampled_from([None, *"pqrst"]), min_size=n, max_size=n)
    records = records_of(a=draw(numbers), b=draw(numbers), c=draw(texts), d=draw(texts))
    job = np.array(draw(st.lists(st.sampled_from("uvw"), min_size=n, max_size=n)), dtype=object)
    codes = draw(st.lists(st.integers(-1, 2), min_size=n, max_size=n))
    return replace(records, job=job), Groups("g", ("f", "m", "x"), np.array(codes, dtype=np.int32))


def plain_gap_to_rest(scores, job, codes, code):
    """The mean of a group less that of all others, one job after another, by pool size."""
    total = weight = 0.0
    for label in set(job):
        pool = [i for i, j in enumerate(job) if j == label]
        own = [scores[i] for i in pool if codes[i] == code]
        rest = [scores[i] for i in pool if codes[i] not in (code, -1)]
        if own and rest:
            total += len(pool) * (sum(own) / len(own) - sum(rest) / len(rest))
            weight += len(pool)
    return total / weight if weight else math.nan


@given(scorers(), pools())
def test_each_gap_to_the_rest_is_the_sum_of_terms_features_fields_and_items(scorer, pool):
    records, groups = pool
    table = FEATURES.compute(records)
    causes = gap_causes(scorer, table, groups, features=FEATURES, records=records)
    assert causes.against == REST
    assert causes.residual <= 1e-9
    scores = scorer.score(table)
    found = {split.first: split for split in causes}
    for code, label in enumerate(groups.labels):
        plain = plain_gap_to_rest(scores, records.job.tolist(), groups.codes.tolist(), code)
        assert (label in causes.left_out) == math.isnan(plain) == (label not in found)
        if label in found:
            assert found[label].total == pytest.approx(plain, abs=1e-9)
            for level in LEVELS:
                assert sum(getattr(found[label], level).values()) == pytest.approx(plain, abs=1e-9)
                frame = causes.to_frame(level)
                assert frame.loc[frame["group"] == label, "amount"].sum() == pytest.approx(plain, abs=1e-9)
    totals = [split.total for split in causes]
    assert totals == sorted(totals)


@given(scorers(), pools())
def test_the_gaps_to_one_group_are_those_of_the_split_of_two(scorer, pool):
    records, groups = pool
    table = FEATURES.compute(records)
    for split in gap_causes(scorer, table, groups, job=records.job, against="m"):
        two = gap_split(scorer, table, job=records.job, groups=groups, first=split.first, second="m")
        assert split == two


@given(scorers(), pools())
def test_the_best_served_group_is_that_with_the_most_exposure(scorer, pool):
    records, groups = pool
    table = FEATURES.compute(records)
    causes = gap_causes(scorer, table, groups, against="best_served", features=FEATURES, records=records)
    ranking = Ranking.from_scores(scorer.score(table), job=records.job, candidate=records.candidate)
    best = best_served(ranking, groups)
    if best is None:
        assert causes.splits == ()
        assert causes.left_out == groups.labels
    else:
        assert causes.against == best
        assert {split.second for split in causes} <= {best}
        assert {split.first for split in causes} | {best, *causes.left_out} == set(groups.labels)


def test_a_small_group_is_best_served_only_where_no_large_one_is():
    ranking = Ranking.from_scores(np.arange(101.0, 0.0, -1.0), job=["a"] * 101)
    groups = Groups("g", ("f", "m", "x"), np.array([2, *[0, 1] * 50], dtype=np.int32))
    assert best_served(ranking, groups) == "f"
    assert best_served(ranking, groups.only(["x", "m"])) == "m"
    two = Groups("g", ("f", "m"), np.array([0, 1], dtype=np.int32))
    assert best_served(Ranking.from_scores([2.0, 1.0], job=[1, 1]), two) == "f"
    assert best_served(Ranking.from_scores([2.0, 1.0], job=[1, 2]), two) is None


def test_a_trained_models_gaps_lead_to_the_stand_in(tmp_path):
    task = read_task(generate(tmp_path, n_candidates=200, n_jobs=8, applications_per_job=40))
    records = load_records(task, labelled=True)
    table = task.features.compute(records)
    kinds = [feature.column for feature in task.features]
    ranker = EBMRanker(outer_bags=1, interactions=0, feature_types=kinds)
    scorer = ranker.fit(table, records.relevance, job=records.job, candidate=records.candidate).scorer_
    groups = groups_of(records, task.protected[:1])
    causes = gap_causes(scorer, table, groups, features=task.features, records=records, against="man")
    assert causes.residual <= 1e-9
    frame = causes.to_frame("features")
    assert frame[frame["group"] == "woman"].iloc[0]["part"] == "gap"


def test_what_cannot_be_split_is_refused():
    groups = Groups("g", ("f", "m"), np.array([0, 1], dtype=np.int32))
    scorer = AdditiveScorer((Axis("a", "continuous", (np.array([0.5]),)),), (), 0.0)
    table = pd.DataFrame({"a": [0.0, 1.0]})
    with pytest.raises(DataError, match="give job"):
        gap_causes(scorer, table, groups)
    with pytest.raises(DataError, match="cannot be compared with 'best'; did you mean 'best_served'"):
        gap_causes(scorer, table, groups, job=[1, 1], against="best")
    with pytest.raises(DataError, match="table has 1 rows and groups 2"):
        gap_causes(scorer, table.iloc[1:], groups, job=[1])
    causes = gap_causes(scorer, table, groups, job=[1, 1])
    with pytest.raises(DataError, match="give gap_causes records and features"):
        causes.to_frame("fields")
    with pytest.raises(DataError, match="did you mean 'terms'"):
        causes.to_frame("term")
