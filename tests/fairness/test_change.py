"""What fairness changed adds up: in every cell, for every row, and in the means of groups."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from fairness.change import gap_change, shape_changes
from fairness.change_gaps import gap_by_field, gap_split
from fairness.groups import Groups
from ranker import AdditiveScorer
from ranker.app.data import groups_of
from ranker.app.task import read_task
from ranker.app.training import train
from ranker.errors import DataError
from ranker.features import FeatureSet
from ranker.features.duration import Duration
from ranker.features.scalars import Category, Number
from ranker.features.sets import AnyOf, Count, Coverage
from ranker.records.synthetic import generate
from ranker.scoring.additive import Axis, Term
from ranker.scoring.attribution import attribute_pair
from ranker.scoring.columns import columns_of
from ranker.scoring.mixture import combine
from ranker.scoring.score_parts import ScoreParts
from tests.features.feature_examples import records_of
from tests.scoring.examples import rows, scorers

LEVELS = ("terms", "features", "fields", "items")
OF_LISTS = (
    Count(name="a", field="candidate.skills"),
    AnyOf(name="a", has="candidate.skills", wants="job.skills"),
    Coverage(name="a", has="candidate.skills", wants="job.skills", weights="job.weights"),
    Duration(name="a", items="candidate.work", months="months", item="role"),
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A model that gave something up for its constraint, and all pairs that it was trained on."""
    task = generate(tmp_path_factory.mktemp("demo"), n_candidates=120, n_jobs=12, applications_per_job=20)
    text = task.read_text(encoding="utf-8").replace("interactions = 5", "interactions = 2\nouter_bags = 2")
    text = text.replace('measure = "exposure"', 'measure = "selection_rate"\ntop_k = 5')
    task.write_text(text, encoding="utf-8")
    model = train(read_task(task))
    records = model.load_records(labelled=True)
    groups = groups_of(records, ("candidate.gender",))
    return model, records, model.task.features.compute(records), groups


def at_rows(change, table, X):
    """What one of a change's tables adds to each row."""
    columns = columns_of(X, change.axes)
    bins = [axis.bin(column, 0) for axis, column in zip(change.axes, columns, strict=True)]
    return table[tuple(bins)]


def assert_it_adds_up(before, after, X):
    changes = shape_changes(before, after)
    names = {frozenset(name.split(" & ")) for scorer in (before, after) for name in scorer.term_names}
    assert {frozenset(change.features) for change in changes} == names
    assert [change.size for change in changes] == sorted((change.size for change in changes), reverse=True)
    for change in changes:
        shape = tuple(axis.n_bins(0) for axis in change.axes)
        assert change.before.shape == change.correction.shape == change.after.shape == shape
        assert_allclose(change.before + change.correction, change.after, rtol=0, atol=1e-12)
        for scorer, table in ((before, change.before), (after, change.after)):
            own = {
                frozenset(name.split(" & ")): amounts
                for name, amounts in zip(scorer.term_names, scorer.contributions(X).T, strict=True)
            }
            assert_array_equal(
                at_rows(change, table, X), own.get(frozenset(change.features), np.zeros(len(X)))
            )
    corrected = before.score(X) + (after.intercept - before.intercept)
    for change in changes:
        corrected += at_rows(change, change.correction, X)
    assert_allclose(corrected, after.score(X), rtol=0, atol=1e-12)


@given(scorers(), scorers(), rows())
def test_before_and_correction_make_after_in_every_cell_and_for_every_row(before, after, X):
    assert_it_adds_up(before, after, X)


def test_a_trained_models_corrections_add_up(trained):
    model, _, table, _ = trained
    assert_it_adds_up(model.unconstrained, model.scorer, table)
    changes = shape_changes(model.unconstrained, model.scorer)
    assert changes[0].size > 0
    assert all(spread is not None for change in changes for spread in change.deviations)


@given(scorers(), scorers())
def test_multiplier_zero_corrects_nothing(before, other):
    for after in (combine([1.0, 0.0], [before, other]), combine([1.0], [before])):
        for change in shape_changes(before, after):
            assert not change.correction.any()
            assert change.size == 0


A = Axis("a", "continuous", (np.array([1.0, 3.0]),), (0.0, 4.0))
C = Axis("c", "nominal", ({"p": 1, "q": 2},))


def test_the_size_is_the_mean_absolute_correction_over_training_rows():
    before = AdditiveScorer((A,), (Term((0,), np.zeros(5), np.array([0.0, 6.0, 2.0, 0.0, 0.0])),), 0.0)
    after = replace(before, terms=(replace(before.terms[0], scores=np.array([9.0, 1.0, -3.0, 7.0, 0.0])),))
    [change] = shape_changes(before, after)
    assert change.size == pytest.approx((6 * 1 + 2 * 3) / 8)
    unweighted = [replace(s, terms=(replace(s.terms[0], weights=None),)) for s in (before, after)]
    [change] = shape_changes(*unweighted)
    assert change.weights is None
    assert change.size == pytest.approx(20 / 5)


def test_a_finer_grid_a_turned_pair_and_a_lacking_term_meet_on_one_grid():
    finer = replace(A, levels=(np.array([2.0, 3.0]),))
    pair = np.arange(20.0).reshape(5, 4)
    before = AdditiveScorer((A, C), (Term((0, 1), pair),), 0.0)
    after = AdditiveScorer((C, finer), (Term((0, 1), pair.T + 1.0), Term((0,), np.ones(4))), 0.0)
    both, alone = sorted(shape_changes(before, after), key=lambda change: -len(change.features))
    assert both.features == ("c", "a")
    assert both.levels[1].tolist() == [1.0, 2.0, 3.0]
    assert_array_equal(both.before, pair.T[:, [0, 1, 2, 2, 3, 4]])
    assert_array_equal(both.after, pair.T[:, [0, 1, 1, 2, 3, 4]] + 1.0)
    assert (alone.name, alone.before.any(), alone.correction.tolist()) == ("c", False, [1.0] * 4)
    assert alone.deviations == (None, None, None)


def test_scorers_on_other_features_have_no_common_change():
    with pytest.raises(DataError, match="has a feature 'c'"):
        shape_changes(AdditiveScorer((A,), (), 0.0), AdditiveScorer((A, C), (), 0.0))


def plain_gap(values, job, groups, first, second):
    """The definition, one job after another."""
    names = groups.names()
    total = weight = 0.0
    for label in dict.fromkeys(job):
        pool = np.asarray(job) == label
        one, other = (pool & (names == group) for group in (first, second))
        if one.any() and other.any():
            total += pool.sum() * (values[one].mean() - values[other].mean())
            weight += pool.sum()
    return total / weight if weight else math.nan


def assert_split_is_the_gap(split, direct):
    assert split.total == pytest.approx(direct, abs=1e-9)
    assert split.residual <= 1e-9
    for level in LEVELS:
        assert sum(getattr(split, level).values()) == pytest.approx(direct, abs=1e-9)


def test_a_trained_models_gap_is_the_sum_over_terms_features_and_fields(trained):
    model, records, table, groups = trained
    for scorer in (model.unconstrained, model.scorer):
        split = gap_by_field(scorer, model.task.features, records, table, groups, "woman", "man")
        assert_split_is_the_gap(split, plain_gap(scorer.score(table), records.job, groups, "woman", "man"))
        assert set(split.fields) == {feature.subject for feature in model.task.features}
        assert len(split.items) > len(split.fields)
        over_terms = gap_split(scorer, table, job=records.job, groups=groups, first="woman", second="man")
        assert over_terms.terms == pytest.approx(split.terms, abs=1e-12)
        assert over_terms.features == pytest.approx(split.features, abs=1e-12)
        assert over_terms.fields is over_terms.items is None


def test_many_scores_are_taken_apart_as_one_is(trained):
    model, records, table, _ = trained
    parts = ScoreParts.down_to_fields(model.scorer, model.task.features, records, table)
    assert_allclose(parts.amounts.sum(axis=1), parts.scores - model.scorer.intercept, rtol=0, atol=1e-9)
    dense = parts.amounts.toarray()
    for pair in range(0, len(records), 11):
        one = attribute_pair(model.scorer, model.task.features, records, table, pair)
        found = {path: amount for path, amount in zip(parts.items, dense[pair], strict=True) if amount}
        assert found == pytest.approx(
            {path: amount for path, amount in one.fields.items() if amount}, abs=1e-9
        )


items = st.sampled_from(["x", "y", "z", "v", "w"])
lists = st.one_of(st.none(), st.lists(items, max_size=5, unique=True))
work = st.one_of(
    st.none(), st.lists(st.fixed_dictionaries({"role": items, "months": st.integers(0, 6)}), max_size=4)
)
texts = st.sampled_from([None, *"pqrstu", "never seen"])
people = st.fixed_dictionaries(
    {
        "skills": lists,
        "work": work,
        "years": st.sampled_from([None, -3, 0, 0.5, 2, 6]),
        "c": texts,
        "d": texts,
    }
)
jobs = st.fixed_dictionaries({"skills": lists, "weights": st.dictionaries(items, st.sampled_from([0, 1, 3]))})


@st.composite
def pools(draw):
    """Draw pairs with raw records, features a (of a list), b (number), c and d (texts), jobs and groups."""
    n = draw(st.integers(1, 10))
    candidates = draw(st.lists(people, min_size=n, max_size=n))
    wanted = draw(st.lists(jobs, min_size=n, max_size=n))
    records = records_of(
        **{key: [one[key] for one in candidates] for key in candidates[0]},
        job={key: [one[key] for one in wanted] for key in wanted[0]},
    )
    job = np.array(draw(st.lists(st.sampled_from("uv"), min_size=n, max_size=n)), dtype=object)
    group = draw(st.lists(st.sampled_from(["f", "m", "x", ""]), min_size=n, max_size=n))
    features = FeatureSet(
        (
            draw(st.sampled_from(OF_LISTS)),
            Number(name="b", field="candidate.years"),
            Category(name="c", field="candidate.c"),
            Category(name="d", field="candidate.d"),
        ),
        {},
    )
    return replace(records, job=job), features, Groups("g", ("f", "m", "x"), coded(group))


def coded(group):
    return np.array(["fmx".find(g) if g else -1 for g in group], dtype=np.int32)


@given(scorers(), pools())
def test_any_gap_is_the_sum_over_terms_features_fields_and_items(scorer, pool):
    records, features, groups = pool
    table = features.compute(records)
    split = gap_by_field(scorer, features, records, table, groups, "f", "m")
    direct = plain_gap(scorer.score(table), records.job, groups, "f", "m")
    if math.isnan(direct):
        assert split.n_jobs == 0
        assert math.isnan(split.total)
        assert all(math.isnan(v) for level in LEVELS[:2] for v in getattr(split, level).values())
        return
    assert_split_is_the_gap(split, direct)
    # Item by item, the mean of what one pair after another is told.
    by_pair = [attribute_pair(scorer, features, records, table, i).fields for i in range(len(records))]
    for path, amount in split.items.items():
        values = np.array([fields.get(path, 0.0) for fields in by_pair])
        assert amount == pytest.approx(plain_gap(values, records.job, groups, "f", "m"), abs=1e-9)


@given(scorers(), pools(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(scorer, pool, random):
    records, features, groups = pool
    order = np.array(random.sample(range(len(records)), len(records)))
    table = features.compute(records)
    one = gap_by_field(scorer, features, records, table, groups, "f", "m")
    other = gap_by_field(
        scorer, features, records.take(order), table.iloc[order], groups.take(order), "f", "m"
    )
    for level in LEVELS:
        assert getattr(one, level) == pytest.approx(getattr(other, level), abs=1e-12, nan_ok=True)


@given(scorers(), pools())
def test_turning_the_pair_around_turns_the_signs(scorer, pool):
    records, features, groups = pool
    table = features.compute(records)
    one = gap_split(scorer, table, job=records.job, groups=groups, first="f", second="m")
    other = gap_split(scorer, table, job=records.job, groups=groups, first="m", second="f")
    turned = {term: -amount for term, amount in other.terms.items()}
    assert one.terms == pytest.approx(turned, abs=1e-12, nan_ok=True)


LINE = AdditiveScorer(
    (Axis("v", "continuous", (np.arange(0.5, 9.5),)),),
    (Term((0,), np.array([0.0, *np.arange(0.0, 10.0), 0.0])),), 5.0,
)  # fmt: skip


def line_gap(values, group, job, first="f", second="m"):
    """The gap of scores that are the values themselves, and 5."""
    groups = Groups("g", ("f", "m", "x"), coded(group))
    return gap_split(
        LINE, pd.DataFrame({"v": values}, dtype=float), job=job, groups=groups, first=first, second=second
    )


def test_jobs_weigh_by_pool_size_and_only_those_that_hold_both():
    # Job 1: 4 - 1 over a pool of 2; job 2: 2 - 6 over a pool of 4; job 3 holds one of them.
    split = line_gap([4, 1, 2, 2, 5, 7, 9], ["f", "m", "f", "f", "m", "m", "f"], [1, 1, 2, 2, 2, 2, 3])
    assert split.total == pytest.approx((2 * 3 + 4 * -4) / 6)
    assert (split.n_jobs, split.n_jobs_left_out) == (2, 1)


def test_undisclosed_members_and_other_groups_count_in_no_mean():
    group, job = ["f", "m", "", "x", ""], [1, 1, 1, 1, 2]
    one, other = (line_gap([4, 1, *rest], group, job) for rest in ([0, 0, 0], [9, 7, 8]))
    assert one == other
    assert one.total == 3


def test_a_group_that_shares_no_job_with_the_other_has_no_gap():
    for group in (["f", "f", "m"], ["f", "f", "f"]):
        split = line_gap([4, 1, 2], group, [1, 1, 2])
        assert (split.n_jobs, split.n_jobs_left_out) == (0, 2)
        assert math.isnan(split.total)
        assert math.isnan(split.terms["v"])
        assert math.isnan(split.residual)


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(DataError, match=r"'g' has no group 'mm'; did you mean 'm'\?"):
        line_gap([1, 2], ["f", "m"], [1, 1], second="mm")
    with pytest.raises(DataError, match="compared with itself"):
        line_gap([1, 2], ["f", "m"], [1, 1], second="f")
    with pytest.raises(DataError, match="groups have 2 rows and job 3"):
        line_gap([1, 2], ["f", "m"], [1, 1, 1])
    with pytest.raises(DataError, match="table has 1 rows and job 2"):
        line_gap([1], ["f", "m"], [1, 1])


def test_amounts_that_lead_to_no_field_are_refused(trained):
    model, records, table, groups = trained
    few = FeatureSet(model.task.features.features[1:], model.task.features.fields)
    with pytest.raises(DataError, match="which no feature of the set makes"):
        gap_by_field(model.scorer, few, records, table, groups, "woman", "man")
    with pytest.raises(DataError, match="compute the table from these records"):
        ScoreParts.down_to_fields(model.scorer, model.task.features, records, table.iloc[1:])


@pytest.mark.parametrize("over", LEVELS)
def test_a_gap_before_and_after_stands_side_by_side(trained, over):
    model, records, table, groups = trained
    before, after = (
        gap_by_field(scorer, model.task.features, records, table, groups, "woman", "man")
        for scorer in (model.unconstrained, model.scorer)
    )
    frame = gap_change(before, after, over)
    assert list(frame.columns) == ["before", "correction", "after"]
    assert_allclose(frame["before"] + frame["correction"], frame["after"], rtol=0, atol=1e-12)
    totals = [before.total, after.total - before.total, after.total]
    assert_allclose(frame.sum(), totals, rtol=0, atol=1e-9)
    assert frame["correction"].abs().is_monotonic_decreasing


def test_only_splits_of_one_gap_stand_side_by_side():
    values, group, job = [4, 1, 2], ["f", "m", "x"], [1, 1, 1]
    split = line_gap(values, group, job)
    with pytest.raises(DataError, match="before is about 'm' and after about 'x'"):
        gap_change(split, line_gap(values, group, job, second="x"))
    with pytest.raises(DataError, match="not split over 'fields'"):
        gap_change(split, split, "fields")
