"""What groups can be predicted from: nothing where nothing is, everything where a copy is, by people unseen."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from reference_proxies import auc_reference, delong_variance_reference, ridge_reference
from sklearn.metrics import roc_auc_score

from fairness.groups import Groups
from fairness.proxies.columns import joint_columns
from fairness.proxies.fields import field_columns, fields_read
from fairness.proxies.held_out import PENALTIES, folds_by_person, held_out_predictions
from fairness.proxies.held_out_auc import held_out_auc, mean_auc
from fairness.proxies.measure import proxies
from ranker import AdditiveScorer
from ranker.app.data import groups_of, load_records
from ranker.app.task import read_task
from ranker.errors import DataError, UnknownFieldError
from ranker.records import Field, Usage
from ranker.records.synthetic import generate
from ranker.scoring.additive import Axis, Term
from tests.features.feature_examples import records_of

DATA = Path(os.environ.get("CANDOR_DATA") or Path(__file__).parents[3] / "shared" / "data")
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"the real data are not at {DATA}: set CANDOR_DATA")
TASKS = Path(__file__).parents[2] / "benchmarks" / "tasks"


def gender_of(women):
    return Groups.from_values(np.where(women, "woman", "man"), attribute="gender")


def one(table, groups, name, *, kind="feature", group=None, **options):
    """The single entry of a source."""
    found = proxies(pd.DataFrame(table), groups, **options)
    [entry] = [e for e in found.of(groups.attribute, kind=kind, group=group) if e.name == name]
    return entry


predictions = st.lists(
    st.tuples(st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.booleans(), st.integers(0, 2), st.integers(0, 5)),
    min_size=1,
    max_size=25,
)


@given(predictions)
def test_the_auc_agrees_with_counting_every_pair(rows):
    predicted, member, stratum, person = (np.array(column) for column in zip(*rows, strict=True))
    found = held_out_auc(predicted, member, person, stratum)
    assert_allclose(found.value, auc_reference(*(c.tolist() for c in (predicted, member, stratum))))
    if np.unique(stratum).size == 1 and 0 < member.sum() < len(member):
        assert found.value == pytest.approx(roc_auc_score(member, predicted))


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=4, max_size=30))
def test_the_variance_is_delongs_where_every_row_is_a_person(rows):
    predicted, member = (np.array(column) for column in zip(*rows, strict=True))
    if min(member.sum(), (~member).sum()) < 2:
        return
    found = held_out_auc(predicted.astype(float), member, np.arange(len(rows)), np.zeros(len(rows), int))
    assert (found.influence**2).sum() == pytest.approx(delong_variance_reference(predicted, member))


def test_copies_of_people_make_no_interval_narrower():
    rng = np.random.default_rng(0)
    predicted, member = rng.normal(size=80), rng.random(80) < 0.4
    person = np.arange(80)
    alone = held_out_auc(predicted, member, person, np.zeros(80, int))
    thrice = held_out_auc(*(np.tile(a, 3) for a in (predicted, member, person)), np.zeros(240, int))
    assert thrice.value == pytest.approx(alone.value)
    assert thrice.interval(0.95, fitted=False) == pytest.approx(alone.interval(0.95, fitted=False))


def test_an_interval_needs_two_people_on_either_side():
    member = np.array([True, False, False])
    found = held_out_auc(np.arange(3.0), member, np.arange(3), np.zeros(3, int))
    assert found.value == 0
    assert np.isnan(found.interval(0.95, fitted=False)).all()
    assert np.isnan(mean_auc([]).value)


@given(st.integers(2, 6), st.lists(st.integers(0, 2), min_size=1, max_size=40), st.integers(1, 3))
def test_people_stand_in_one_fold_and_groups_in_equal_parts(n_folds, group, copies):
    person = np.tile(np.arange(len(group)), copies)
    code = np.tile(np.array(group), copies)
    fold = folds_by_person(person, code, n_folds, np.random.default_rng(0))
    assert (fold[: len(group)] == fold[-len(group) :]).all()
    for one_group in set(group):
        parts = np.bincount(fold[code == one_group], minlength=n_folds) // copies
        assert np.ptp(parts) <= 1


@pytest.mark.parametrize("n_jobs", [1, 4])
def test_predictions_agree_with_a_plain_ridge_on_the_other_folds(n_jobs):
    rng = np.random.default_rng(1)
    columns = (rng.random((60, 6)) < 0.4).astype(float)
    targets = (rng.random((60, 2)) < 0.3 + 0.3 * columns[:, :2]).astype(float)
    fold, job = rng.integers(3, size=60), rng.integers(n_jobs, size=60)
    found = held_out_predictions(columns, targets, fold, job)
    plain = np.zeros((60, 2))
    for k in range(3):
        seen = fold != k
        for g in range(2):
            coefficients = ridge_reference(columns[seen], targets[seen, g], job[seen].tolist(), PENALTIES)
            plain[~seen, g] = columns[~seen] @ coefficients
    assert_allclose(found, plain / np.abs(plain).max(axis=0), atol=1e-8)


def test_what_is_independent_of_the_group_is_no_proxy():
    above = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        groups = gender_of(rng.random(300) < 0.4)
        table = {"number": rng.normal(size=300), "text": rng.choice(list("abcdefgh"), 300)}
        found = proxies(pd.DataFrame(table), groups, random_state=seed).of("gender")
        above += [entry.low > 0.5 for entry in found]
        assert all(entry.low <= entry.auc <= entry.high or entry.high == 0.5 for entry in found)
        assert all(entry.high >= 0.5 for entry in found)
    # 2.5 % of 120 are 3; were it 10 %, 8 or fewer had a chance of 15 %.
    assert sum(above) <= 8


def test_a_copy_a_reversed_copy_and_a_shape_that_turns_back_are_found():
    rng = np.random.default_rng(0)
    women = rng.random(400) < 0.5
    inside = np.where(women, rng.uniform(-1, 1, 400), rng.choice([-1, 1], 400) * rng.uniform(1, 2, 400))
    table = {
        "copy": women,
        "reversed": -3.0 * women,
        "text": np.where(women, "f", "m"),
        "missing": np.where(women, np.nan, 1.0),
        "inside": inside,
    }
    for name in table:
        entry = one(table, gender_of(women), name)
        if name == "inside":
            assert entry.low > 0.97  # no threshold tells: the plain AUC is near .5
            assert abs(roc_auc_score(women, inside) - 0.5) < 0.1
        else:
            assert (entry.auc, entry.low, entry.high) == (1.0, 1.0, 1.0)


def test_what_only_two_features_tell_together_is_found_by_all_features():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 600))
    groups = gender_of((a > 0) != (b > 0))
    table = {"a": a, "b": b}
    assert one(table, groups, "a").low <= 0.5
    assert one(table, groups, "all features", kind="all features").low > 0.9


def test_many_features_leave_no_room_for_pairs_and_stay_bounded():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(200, 60)))
    table.columns = [f"f{i}" for i in range(60)]
    assert joint_columns(table, 200).shape[1] <= 60 * 4
    assert joint_columns(table.iloc[:, :1], 200).shape[1] == 17


def linear(names):
    """A scorer that adds up features as they are, cut at every tenth."""
    cuts = np.linspace(-3, 3, 61)
    amounts = np.concatenate(([0.0], np.linspace(-3, 3, 62), [0.0]))
    axes = tuple(Axis(name, "continuous", (cuts,)) for name in names)
    return AdditiveScorer(axes, tuple(Term((i,), amounts.copy()) for i in range(len(names))), 0.0)


def test_a_term_has_but_a_direction_and_learns_it_on_others():
    rng = np.random.default_rng(3)
    women = rng.random(500) < 0.5
    table = pd.DataFrame({"down": -0.8 * women + rng.normal(size=500), "noise": rng.normal(size=500)})
    scorer = linear(["down", "noise"])
    found = proxies(table, gender_of(women), scorer=scorer)
    by_name = {entry.name: entry for entry in found.of("gender", kind="term")}
    plain = roc_auc_score(women, scorer.contributions(table)[:, 0])
    # Within folds instead of over all: the same pairs but for those of two folds.
    assert by_name["down"].auc == pytest.approx(1 - plain, abs=0.01)
    assert by_name["down"].low > 0.6
    assert by_name["noise"].low <= 0.5
    [score] = found.of("gender", kind="score")
    assert 0.5 < score.low < score.auc < by_name["down"].auc
    assert {entry.columns for entry in found.of("gender", kind="term")} == {1}


def test_the_better_of_two_directions_would_be_biased_and_a_held_out_one_is_not():
    held_out, better = [], []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        women, x = np.arange(100) % 2 == 0, rng.normal(size=100)
        table, scorer = pd.DataFrame({"x": x}), linear(["x"])
        held_out.append(
            proxies(table, gender_of(women), scorer=scorer).of("gender", kind="term").entries[0].auc
        )
        auc = roc_auc_score(women, scorer.contributions(table)[:, 0])
        better.append(max(auc, 1 - auc))
    assert np.mean(better) - 0.5 > 4 * np.std(better) / 60**0.5
    assert abs(np.mean(held_out) - 0.5) < 3 * np.std(held_out) / 60**0.5


def test_copies_of_a_person_never_tell_on_each_other():
    rng = np.random.default_rng(0)
    person = np.repeat(np.arange(60), 6)
    table = {"name": np.array([f"name {p}" for p in person], dtype=object)}
    groups = gender_of((rng.random(60) < 0.5)[person])
    assert one(table, groups, "name").auc > 0.95  # as rows, copies straddle
    entry = one(table, groups, "name", candidate=person)
    assert (entry.auc, entry.people, entry.rows) == (0.5, 60, 360)


def test_a_field_of_the_job_tells_who_applies_where_and_nobody_within_a_job_apart():
    rng = np.random.default_rng(0)
    job = rng.integers(2, size=400)
    women = rng.random(400) < 0.2 + 0.6 * job
    table = {"job": job, "skill": 1.0 * women + rng.normal(size=400)}
    groups = gender_of(women)
    assert one(table, groups, "job").low > 0.7
    within = one(table, groups, "job", job=job)
    assert (within.auc, within.low, within.high) == (0.5, 0.5, 0.5)
    assert one(table, groups, "skill", job=job).low > 0.6


def test_every_group_is_told_from_the_rest_and_the_mean_is_over_groups():
    rng = np.random.default_rng(0)
    code = rng.integers(3, size=600)
    groups = Groups("origin", ("a", "b", "c"), np.where(rng.random(600) < 0.1, -1, code).astype(np.int32))
    table = {"is_c": (code == 2) * 1.0, "noise": rng.normal(size=600)}
    entries = {g: one(table, groups, "is_c", group=g) for g in ("a", "b", "c", None)}
    assert entries["c"].auc == 1.0
    # Of those who are no c nothing is told: half of the pairs with a c are won, and half of the others tie.
    assert 0.6 < entries["a"].auc < 0.8
    assert entries[None].auc == pytest.approx(np.mean([entries[g].auc for g in "abc"]))
    assert entries[None].rows == sum(entries[g].members for g in "abc") == (groups.codes >= 0).sum()


def test_of_two_groups_each_is_the_rest_of_the_other():
    rng = np.random.default_rng(0)
    groups = gender_of(rng.random(200) < 0.3)
    table = {"x": rng.normal(size=200) + groups.codes}
    both = [one(table, groups, "x", group=g) for g in ("woman", "man", None)]
    assert len({(e.auc, e.low, e.high) for e in both}) == 1


def test_undisclosed_people_count_in_nothing():
    rng = np.random.default_rng(0)
    groups = Groups("g", ("f", "m"), rng.integers(-1, 2, 300).astype(np.int32))
    x = rng.normal(size=300) + groups.codes
    hidden = groups.codes < 0
    shifted = np.where(hidden, 1e6 * rng.random(300), x)
    known = ~hidden
    scorer = linear(["x"])
    found = [
        proxies(pd.DataFrame({"x": values}), groups, scorer=scorer).of("g", kind="feature").entries[0]
        for values in (x, shifted)
    ]
    assert {entry.rows for entry in found} == {int(known.sum())}
    assert found[0].auc == pytest.approx(found[1].auc, abs=0.05)  # bins are cut over all rows


@pytest.mark.parametrize("codes", [[0] * 30, [0] * 28 + [1] * 2, [-1] * 30, [0]])
def test_groups_of_too_few_people_are_listed_and_not_measured(codes):
    groups = Groups("g", ("f", "m"), np.array(codes, dtype=np.int32))
    found = proxies(pd.DataFrame({"x": np.arange(float(len(codes)))}), groups)
    assert {entry.group for entry in found} == {"f", "m", None}
    assert all(np.isnan([entry.auc, entry.low, entry.high]).all() for entry in found)


def test_the_order_of_rows_changes_nothing():
    rng = np.random.default_rng(0)
    n = 250
    table = pd.DataFrame({"x": rng.integers(0, 9, n), "t": rng.choice(list("abc"), n)})
    groups = gender_of(rng.random(n) < 0.3 + 0.04 * table["x"])
    who = np.array([f"p{i // 2}" for i in range(n)], dtype=object)
    order = rng.permutation(n)
    kept = proxies(table, groups, candidate=who).to_frame()
    moved = proxies(table.iloc[order], groups.take(order), candidate=who[order]).to_frame()
    pd.testing.assert_frame_equal(kept, moved)


def test_the_strongest_stands_first_and_people_beyond_the_bound_are_counted():
    rng = np.random.default_rng(0)
    women = rng.random(300) < 0.5
    table = pd.DataFrame({"weak": rng.normal(size=300) + women, "strong": rng.normal(size=300) + 3 * women})
    found = proxies(table, gender_of(women), most_people=200)
    assert found.people_left_out == 100
    assert {entry.people for entry in found} == {200}
    assert [e.name for e in found.of("gender", kind="feature")] == ["strong", "weak"]
    aucs = found.to_frame()["auc"].tolist()
    assert aucs == sorted(aucs, reverse=True)
    assert len(found) == 3 * 3


WORK = [[{"role": "Cook", "months": 5, "sex": "f"}, {"role": "Head Cook", "months": 7}], None, []] * 5


def test_a_field_is_read_as_what_is_written_in_it():
    records = records_of(
        [
            Field("candidate.work[].sex", "sex", usage=Usage.PROTECTED),
            Field("candidate.towns", "towns", separator=";", missing=("?",)),
        ],
        work=WORK,
        years=["3", "n/a", 4.5] * 5,
        towns=["Ulm; Bonn", "?", "Bonn"] * 5,
        flag=[True, False, None] * 5,
    )

    def distinct(path):
        rows = field_columns(records, path).toarray()
        return rows.shape[1], np.unique(rows, axis=0).shape[0]

    # Numbers: ranks and a bin for each value; lists and months: these twice; words: cook, head, head cook.
    assert distinct("candidate.years") == (1 + 3 + 1, 3)
    assert distinct("candidate.towns")[1] == 3
    assert distinct("candidate.flag")[1] == 3
    with_sex = records_of(work=WORK)
    assert field_columns(with_sex, "candidate.work").shape[1] == distinct("candidate.work")[0] + 1
    assert distinct("candidate.work[].role")[1] == 3
    assert not records.report().fates
    with pytest.raises(UnknownFieldError, match="no column 'yaers'"):
        field_columns(records, "candidate.yaers")


def test_lists_give_a_group_away_by_what_stands_in_them():
    rng = np.random.default_rng(0)
    women = np.arange(200) % 2 == 0
    skills = [
        [
            *rng.choice(["sql", "java", "excel"], 2, replace=False),
            *(["netball"] if w and rng.random() < 0.7 else []),
        ]
        for w in women
    ]
    records = records_of(skills=skills, rare=[f"only {i}" for i in range(200)])
    found = proxies(
        pd.DataFrame({"x": np.zeros(200)}),
        gender_of(women),
        records=records,
        fields=["candidate.skills", "candidate.rare"],
    )
    by_name = {entry.name: entry for entry in found.of("gender", kind="field")}
    assert by_name["candidate.skills"].low > 0.65
    assert by_name["candidate.rare"].auc == 0.5


def test_what_cannot_be_measured_is_refused():
    groups = gender_of(np.arange(20) % 2 == 0)
    table = pd.DataFrame({"x": np.arange(20.0)})
    with pytest.raises(DataError, match="cannot be examined without the records"):
        proxies(table, groups, fields=["candidate.name"])
    with pytest.raises(DataError, match="1 folds leave nobody"):
        proxies(table, groups, n_folds=1)
    with pytest.raises(DataError, match="groups by 'gender': 20 rows for the 19"):
        proxies(table.iloc[1:], groups)
    with pytest.raises(DataError, match="candidate: 3 rows"):
        proxies(table, groups, candidate=[1, 2, 3])


def test_the_stand_ins_that_the_generator_writes_are_found(tmp_path):
    task = read_task(generate(tmp_path, n_candidates=600, n_jobs=20, applications_per_job=60))
    records = load_records(task, labelled=True)
    table = task.features.compute(records)
    gender, foreign = (groups_of(records, (path,)) for path in task.protected[:2])
    fields = fields_read(task.features)
    assert not any(path.startswith("job.") for path in fields)
    found = proxies(table, [gender, foreign], records=records, fields=[*fields, "candidate.postcode"])
    strongest = found.of(gender.attribute, kind="feature", group="woman").entries[0]
    # Gaps are given to .55 of women and .12 of others, so that a pair is told with (1 + .55 - .12) / 2.
    assert strongest.name == "gap"
    assert strongest.low < 0.715 < strongest.high
    places = {e.name: e for e in found.of(foreign.attribute, kind="field")}
    assert places["candidate.postcode"].low > 0.5


@needs_data
def test_names_that_were_dealt_by_lot_are_told_by_nothing_but_themselves():
    task = read_task(TASKS / "bertrand_mullainathan.toml")
    records = load_records(task, labelled=True)
    table = task.features.compute(records)
    race, gender = (groups_of(records, (f"candidate.{what}",)) for what in ("race", "gender"))
    found = proxies(table, [race, gender], records=records, fields=["candidate.firstname"])
    assert [e.auc for e in found.of(race.attribute, kind="field")] == [1.0]
    assert all(e.low <= 0.5 for e in found.of(race.attribute) if e.kind != "field")
    # Gender was not: women's names went to other kinds of ads.
    assert found.of(gender.attribute, kind="all features").entries[0].low > 0.7


@needs_data
def test_admission_tests_tell_races_apart_and_cvs_made_by_lot_hardly_anything():
    task = read_task(TASKS / "law_school.toml")
    records = load_records(task, labelled=True)
    table = task.features.compute(records)
    race = groups_of(records, ("candidate.race",))
    found = proxies(table, race)
    assert one(table, race, "lsat", group="Black").low > 0.75
    assert found.of(race.attribute, kind="all features").entries[0].low > 0.6
    task = read_task(TASKS / "findhr.toml")
    records = load_records(task, labelled=True)
    gender = groups_of(records, ("candidate.gender_c",))
    features = task.features.compute(records)
    assert one(features, gender, "all features", kind="all features", records=records).high < 0.65
