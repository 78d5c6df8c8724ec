"""What mattered, and what the model leans on: nothing is lost, and shuffling is what it says."""

import json
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from explain.deviations import FEWEST, LEVELS, OTHERS, Deviations
from explain.field_comparison import compare_fields
from explain.importance import importance_of
from explain.leaning import field_leaning, find_fields
from explain.shuffling import Shuffler, permuted_within
from ranker.errors import DataError, UnknownFieldError, UnknownJobError
from ranker.features import FeatureSet
from ranker.features.feature import Feature
from ranker.features.scalars import Number
from ranker.ranking import Ranking
from ranker.scoring.additive import AdditiveScorer, Axis, Term
from ranker.scoring.attribution import attribute_pair
from tests.explain.explanation_case import case
from tests.features.feature_examples import records_of

LAW = 1e-9


def deviations(**options):
    c = case()
    return Deviations.of(c.scorer, c.features, c.records, c.table, **options)


def importance(**options):
    c = case()
    return importance_of(c.scorer, c.features, c.records, c.table, **options)


def leaning(**options):
    c = case()
    return field_leaning(c.scorer, c.features, c.records, c.table, n_draws=4, **options)


@pytest.mark.parametrize("around", ["job", "all"])
def test_amounts_sum_to_the_scores_deviations_for_every_candidate_and_level(around):
    found = deviations(around=around, items=True)
    assert set(found.amounts) == set(LEVELS)
    for level, amounts in found.amounts.items():
        assert amounts.shape == (len(case().records), len(found.names[level]))
        assert_allclose(amounts.sum(axis=1), found.scores, rtol=0, atol=LAW)
    assert found.residual <= LAW


def test_a_deviation_is_the_score_less_the_mean_of_the_job():
    c, found = case(), deviations()
    scores = pd.Series(c.scorer.score(c.table))
    assert_allclose(found.scores, scores - scores.groupby(c.records.job).transform("mean"), atol=LAW)


def test_field_amounts_are_those_of_the_explanations():
    c, found = case(), deviations()
    raw = []
    for pair in range(len(c.records)):
        fields = dict.fromkeys(found.names["fields"], 0.0)
        for path, amount in attribute_pair(c.scorer, c.features, c.records, c.table, pair).fields.items():
            fields[max((f for f in fields if path.startswith(f)), key=len)] += amount
        raw.append(fields)
    frame = pd.DataFrame(raw)
    expected = frame - frame.groupby(c.records.job).transform("mean")
    assert_allclose(found.amounts["fields"], expected.to_numpy(), rtol=0, atol=LAW)


@pytest.mark.parametrize("around", ["job", "all"])
@pytest.mark.parametrize("job", [None, "job-0", "job-3"])
def test_shares_of_the_variance_sum_to_one_at_every_level(around, job):
    found = importance(around=around, job=job)
    for level in LEVELS:
        parts = getattr(found, level)
        if level == "items" and job is None:
            assert parts == ()
            continue
        assert sum(part.share for part in parts) == pytest.approx(1.0, abs=LAW)
        assert [part.share for part in parts] == sorted((part.share for part in parts), reverse=True)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_shares_sum_to_one_whatever_the_weights(seed):
    weight = np.random.default_rng(seed).gamma(0.3, size=len(case().records))
    found = importance(weight=weight)
    for parts in (found.terms, found.features, found.fields):
        assert sum(part.share for part in parts) == pytest.approx(1.0, abs=LAW)


def test_the_order_of_rows_changes_nothing():
    c = case()
    order = np.random.default_rng(3).permutation(len(c.records))
    turned = importance_of(c.scorer, c.features, c.records.take(order), c.table.iloc[order])
    for one, other in zip(importance().fields, turned.fields, strict=True):
        assert one.name == other.name
        assert one.share == pytest.approx(other.share, abs=LAW)


def test_one_job_is_measured_as_if_there_were_no_other():
    c = case()
    rows = np.flatnonzero(c.records.job == "job-2")
    alone = importance_of(c.scorer, c.features, c.records.take(rows), c.table.iloc[rows])
    assert importance(job="job-2").fields == alone.fields
    assert (importance(job="job-2").n_jobs, importance(job="job-2").n_pairs) == (1, 28)


def test_entries_that_few_have_are_counted_together():
    c, found = case(), importance(job="job-0")
    pool = c.records.take(np.flatnonzero(c.records.job == "job-0"))
    holders = {}
    for skills in pool.at("candidate.skills", "texts"):
        for skill in set(skills or ()):
            holders[skill] = holders.get(skill, 0) + 1
    for part in found.items:
        entry = part.name.removeprefix("candidate.skills[").removesuffix("]")
        if part.name.startswith("candidate.skills[") and entry != OTHERS:
            assert holders[entry] >= FEWEST
    assert any(part.name.startswith("candidate.skills[") for part in found.items)
    assert not any("<script>" in part.name for part in found.items)


def test_a_pool_of_one_has_no_shares_and_a_zero_variance():
    found = importance(job="job-lonely")
    assert found.variance == 0
    assert all(np.isnan(part.share) and part.size == 0 for part in found.fields)
    document = found.to_json()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["fields"][0]["share"] is None


def test_no_protected_or_sensitive_field_is_named():
    names = {part.name for level in LEVELS for part in getattr(importance(job="job-1"), level)}
    for path in ("candidate.gender", "candidate.origin", "candidate.name"):
        assert not any(name.startswith(path) for name in names)
        with pytest.raises(UnknownFieldError, match="no feature reads"):
            find_fields(case().features, path)


def test_what_does_not_fit_is_refused():
    with pytest.raises(UnknownJobError, match="did you mean 'job-1'"):
        importance(job="jb-1")
    with pytest.raises(DataError, match="one a pair"):
        importance(weight=[1.0, 2.0])
    with pytest.raises(DataError, match="not negative"):
        importance(weight=-np.ones(len(case().records)))
    with pytest.raises(DataError, match="'job', or of 'all'"):
        importance(around="pool")
    c = case()
    with pytest.raises(DataError, match="one row for each"):
        importance_of(c.scorer, c.features, c.records, c.table.iloc[:-1])


def rerun_on_raw_records(c, path, giver):
    """Write each giver's raw value into a record of the taker's own, and run the whole pipeline."""
    own, column = c.records.rows["candidate"], path.removeprefix("candidate.")
    people = c.records.tables["candidate"]
    table = people.iloc[own].copy()
    table[column] = people[column].iloc[own[giver]].to_numpy(dtype=object)
    edited = replace(
        c.records,
        tables={**c.records.tables, "candidate": table},
        rows={**c.records.rows, "candidate": np.arange(len(own))},
        _read={},
    )
    return c.scorer.score(c.features.compute(edited))


@pytest.mark.parametrize("path", ["skills", "test", "work", "degree", "languages", "contract"])
def test_shuffled_scores_are_those_of_a_run_on_exchanged_raw_records(path):
    c = case()
    shuffler = Shuffler.of(c.scorer, c.features, c.records, c.table)
    giver = permuted_within(shuffler.codes, np.random.default_rng(1))
    found = shuffler.score([f"candidate.{path}"], giver)
    assert_allclose(found, rerun_on_raw_records(c, f"candidate.{path}", giver), rtol=0, atol=1e-12)


def test_ranks_of_unshuffled_scores_are_those_of_the_ranking():
    c = case()
    shuffler = Shuffler.of(c.scorer, c.features, c.records, c.table)
    ranks = np.empty(len(c.records), dtype=np.int64)
    ranks[c.ranking.row] = c.ranking.ranks
    assert_array_equal(shuffler.ranks, ranks)
    ties = Ranking.from_scores(np.zeros(len(ranks)), job=c.records.job, candidate=c.records.candidate)
    ranks[ties.row] = ties.ranks
    assert_array_equal(shuffler.rank(np.zeros(len(ranks))), ranks)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=30), st.integers(0, 99))
def test_givers_are_of_the_same_job_each_once(codes, seed):
    codes = np.array(codes)
    giver = permuted_within(codes, np.random.default_rng(seed))
    assert_array_equal(codes[giver], codes)
    assert sorted(giver) == list(range(len(codes)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio(Feature):
    """A feature of two fields of one person."""

    top: str
    bottom: str

    @property
    def sources(self):
        return (self.top, self.bottom)

    def compute(self, records):
        return records.at(self.top, "number") / records.at(self.bottom, "number")

    def describe(self, records, pair):
        return "a ratio"


def ratio_case():
    records = records_of(pay=[8.0, 9.0, 4.0, 6.0], hours=[2.0, 3.0, 4.0, 1.0])
    features = FeatureSet(
        (Ratio(name="r", top="candidate.pay", bottom="candidate.hours"),
         Number(name="h", field="candidate.hours")), {},
    )  # fmt: skip
    cuts = np.arange(0.25, 10.0, 0.25)
    axes = tuple(Axis(name, "continuous", (cuts,)) for name in ("r", "h"))
    table = np.concatenate([[0.0], np.arange(len(cuts) + 1.0), [0.0]])
    return records, features, AdditiveScorer(axes, (Term((0,), table), Term((1,), -0.1 * table)), 1.0)


def test_a_feature_of_two_fields_is_read_again_where_one_of_them_is_exchanged():
    records, features, scorer = ratio_case()
    records = replace(records, job=np.array(["j"] * len(records), dtype=object))
    shuffler = Shuffler.of(scorer, features, records, features.compute(records))
    giver = np.array([1, 2, 3, 0])
    pay, hours = (records.at(f"candidate.{name}", "number") for name in ("pay", "hours"))
    for paths, p, h in (
        (["candidate.pay"], pay[giver], hours),
        (["candidate.hours"], pay, hours[giver]),
        (["candidate.pay", "candidate.hours"], pay[giver], hours[giver]),
    ):
        expected = scorer.score(pd.DataFrame({"r": p / h, "h": h}))
        assert_array_equal(shuffler.score(paths, giver), expected)


def test_leaning_repeats_itself_and_depends_on_the_seed_alone():
    one, other = leaning(), leaning()
    assert one.to_json() == other.to_json()
    assert leaning(random_state=1).to_json() != one.to_json()


def test_leaning_names_every_field_once_and_its_shares_sum_to_one():
    found = leaning()
    paths = [path for one in found.fields for path in one.fields]
    assert sorted(paths) == sorted(
        {p for f in case().features for p in f.sources if p.startswith("candidate.")}
    )
    assert sum(one.share for one in found.fields) == pytest.approx(1.0, abs=LAW)
    assert sum(found.rank_shares.values()) == pytest.approx(1.0, abs=LAW)
    moved = [one.rank_change.value for one in found.fields]
    assert moved == sorted(moved, reverse=True)
    document = found.to_json()
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_a_field_that_no_term_reads_moves_nobody():
    c = case()
    silent = replace(
        c.scorer,
        terms=tuple(
            replace(term, scores=np.zeros_like(term.scores))
            if c.scorer.feature_names.index("test") in term.features
            else term
            for term in c.scorer.terms
        ),
    )
    found = {one.fields: one for one in field_leaning(silent, c.features, c.records, c.table).fields}
    test = found[("candidate.test",)]
    assert (test.share, test.rank_change.value, test.turnover.value) == (0.0, 0.0, 0.0)


def test_the_only_field_shuffled_is_a_draw_by_lot():
    n = 200
    records = replace(records_of(x=[float(i) for i in range(n)]), job=np.array(["j"] * n, dtype=object))
    features = FeatureSet((Number(name="x", field="candidate.x"),), {})
    line = np.concatenate([[0.0], np.arange(float(n)), [0.0]])
    axis = Axis("x", "continuous", (np.arange(0.5, n - 1),))
    scorer = AdditiveScorer((axis,), (Term((0,), line),), 0.0)
    found = field_leaning(scorer, features, records, n_draws=60)
    [one] = found.fields
    assert one.share == pytest.approx(1.0)
    assert found.by_lot.rank_change.value == pytest.approx((n**2 - 1) / (3 * n))
    assert one.rank_change.value == pytest.approx(found.by_lot.rank_change.value, rel=0.03)
    assert one.turnover.value == pytest.approx(found.by_lot.turnover.value, rel=0.03)
    assert one.rank_change.low <= one.rank_change.value <= one.rank_change.high


def test_pools_no_longer_than_the_list_have_no_turnover():
    assert all(np.isnan(one.turnover.value) for one in leaning(top_k=500).fields)
    assert leaning(top_k=500).to_json()["fields"][0]["turnover"]["value"] is None


def test_a_comparison_is_told_in_a_line():
    c = case()
    found = compare_fields(
        c.scorer, c.features, c.records, c.table, first="test score", second=["candidate.skills"]
    )
    assert found.first.fields == ("candidate.test",)
    assert found.in_words.startswith("The ranking leans ")
    assert f"{found.ratio if found.ratio > 1 else 1 / found.ratio:.1f} times" in found.in_words
    assert found.to_json()["in_words"] == found.in_words
    one_by_one = {one.fields: one for one in leaning_of_all().fields}
    assert found.first == replace(one_by_one[found.first.fields], label=found.first.label)


def leaning_of_all():
    c = case()
    return field_leaning(c.scorer, c.features, c.records, c.table)


def test_sets_of_fields_are_shuffled_together():
    c = case()
    both = compare_fields(
        c.scorer, c.features, c.records, c.table, first=["skills", "test score"], second="work experience"
    )
    shares = {part.name: part.share for part in importance().fields}
    assert both.first.fields == ("candidate.skills", "candidate.test")
    assert both.first.share == pytest.approx(shares["candidate.skills"] + shares["candidate.test"])
    assert both.first.label == "skills and test score"


def test_comparisons_that_mean_nothing_are_refused():
    c = case()
    options = {"table": c.table}
    with pytest.raises(DataError, match="both sides"):
        compare_fields(
            c.scorer, c.features, c.records, first="skills", second=["candidate.skills"], **options
        )
    with pytest.raises(UnknownFieldError, match="did you mean 'skills'"):
        compare_fields(c.scorer, c.features, c.records, first="skils", second="gap", **options)
    for n_draws in (1, True, 2.5):
        with pytest.raises(DataError, match="whole number from 2"):
            field_leaning(c.scorer, c.features, c.records, c.table, n_draws=n_draws)
    with pytest.raises(UnknownFieldError, match="no feature reads"):
        field_leaning(c.scorer, c.features, c.records, c.table, groups={"g": ["candidate.gender"]})
