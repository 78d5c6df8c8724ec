"""What each kind of action leads to, on records of one person and one job."""

import json

import numpy as np
import pandas as pd
import pytest

from explain import counterfactual
from explain.change.changes import Prices
from explain.change.cheapest_change import changed_records, possible_actions
from explain.change.lists import AddItems, Extend
from explain.change.person import Person
from explain.change.usual import usual_actions
from explain.change.values import ChangeNumber, RaiseOrdinal, SetCategory
from ranker.errors import ProtectedFieldError, TaskError
from ranker.features import FeatureSet
from ranker.features.duration import Duration
from ranker.features.scalars import AtLeast, Number, Ordinal
from ranker.features.sets import AnyOf, Count, Coverage, SameCategory
from ranker.records import Field, Usage, join_records
from ranker.records.cleaning import Keys
from ranker.scoring import AdditiveScorer
from ranker.scoring.additive import Axis, Term

CUTS = np.array([0.5, 1.5, 2.5, 10.0, 20.0, 30.0])
JOB = {"id": "j", "skills": ["SQL", "Python", "Go"], "weights": {"SQL": 3.0}, "roles": ["Cook"], "score": 50}


def scorer_of(features):
    """A scorer for which more of each feature is better; a missing value is worst."""
    axes = tuple(Axis(feature.name, "continuous", (CUTS,)) for feature in features)
    steps = np.concatenate([[-1.0], np.arange(CUTS.size + 1.0), [0.0]])
    return AdditiveScorer(axes, tuple(Term((n,), steps * (1 + n / 10)) for n in range(len(features))), 0.0)


def person_of(features, candidate, *, fields=(), job=JOB, others=()):
    people = pd.DataFrame([{"id": "me", **candidate}, *({"id": f"o{n}", **o} for n, o in enumerate(others))])
    features = FeatureSet(tuple(features), {field.path: field for field in fields})
    applications = pd.DataFrame({"c": people["id"], "j": "j"})
    records = join_records(
        applications, Keys("j", "c"), candidates=(people.astype(object), "id"),
        jobs=(pd.DataFrame([job]).astype(object), "id"), fields=features.fields,
    )  # fmt: skip
    return Person(records, 0, features, scorer_of(features), Prices("me"))


def told(options):
    return {tuple((c.path, c.before, c.after) for c in option.changes): option.cost for option in options}


def after(person, option, column):
    return changed_records(person.records, 0, [option]).tables["candidate"].loc["me", column]


SKILLS = Coverage(name="skills", has="candidate.skills", wants="job.skills")


def test_adding_offers_what_the_job_wants_and_the_record_lacks():
    person = person_of([SKILLS], {"skills": ["sql", "Excel"]})
    options = AddItems(path="candidate.skills").options(person)
    assert told(options) == {
        (("candidate.skills[Python]", None, "Python"),): 1.0,
        (("candidate.skills[Python]", None, "Python"), ("candidate.skills[Go]", None, "Go")): 2.0,
    }
    assert after(person, options[1], "skills") == ["sql", "Excel", "Python", "Go"]


def test_items_that_weigh_differently_are_told_apart():
    weighted = Coverage(name="skills", has="candidate.skills", wants="job.skills", weights="job.weights")
    options = AddItems(path="candidate.skills").options(person_of([weighted], {"skills": []}))
    assert len(options) == 2 * 3 - 1  # with SQL or without, and none, one or both of the others
    assert {tuple(c.after for c in option.changes) for option in options} >= {("SQL",), ("Python",)}


def test_the_cheapest_of_items_that_are_alike_comes_first():
    person = person_of([SKILLS], {"skills": []})
    options = AddItems(path="candidate.skills", costs={"Go": 0.2}).options(person)
    assert [c.after for c in options[0].changes] == ["Go"]


def test_too_many_items_that_all_differ_are_refused():
    weights = {f"s{n}": n + 0.5 for n in range(13)}
    person = person_of(
        [Coverage(name="skills", has="candidate.skills", wants="job.skills", weights="job.weights")],
        {"skills": []}, job={**JOB, "skills": list(weights), "weights": weights},
    )  # fmt: skip
    with pytest.raises(TaskError, match="name fewer items"):
        AddItems(path="candidate.skills").options(person)


@pytest.mark.parametrize(
    ("written", "separator", "expected"),
    [
        ('["SQL"]', None, '["SQL", "Go"]'),
        ("['SQL']", None, '["SQL", "Go"]'),
        ("SQL; Excel", ";", "SQL; Excel; Go"),
        ("SQL|Excel", "|", "SQL|Excel|Go"),
        (["SQL"], None, ["SQL", "Go"]),
        (None, ";", "Go"),
    ],
)
def test_lists_are_written_as_the_record_writes_them(written, separator, expected):
    field = Field("candidate.skills", "skills", separator=separator)
    person = person_of([SKILLS], {"skills": written}, fields=[field], job={**JOB, "skills": ["SQL", "Go"]})
    option = next(
        option
        for option in AddItems(path="candidate.skills", items=("Go",)).options(person)
        if option.changes[0].after == "Go"
    )
    assert after(person, option, "skills") == expected


def test_a_column_of_single_texts_takes_no_more_items():
    person = person_of([SKILLS], {"skills": "SQL"})
    with pytest.raises(TaskError, match="state the field's separator"):
        AddItems(path="candidate.skills").options(person)
    assert possible_actions(usual_actions(person.features), person.records) == ()


def test_items_inside_objects_are_added_as_objects():
    degree = AnyOf(name="degree", has="candidate.education[].degree", wants="job.skills")
    person = person_of([degree], {"education": '[{"degree": "BSc", "year": 2001}]'})
    option = AddItems(path="candidate.education[].degree", most=1).options(person)[0]
    assert json.loads(after(person, option, "education")) == [
        {"degree": "BSc", "year": 2001},
        {"degree": "SQL"},
    ]


def test_entries_without_a_name_count():
    person = person_of([Count(name="projects", field="candidate.projects")], {"projects": ["one"]})
    options = AddItems(path="candidate.projects", unnamed=2).options(person)
    features = [person.features.compute(changed_records(person.records, 0, [o])) for o in options]
    assert [table["projects"].iloc[0] for table in features] == [2.0, 3.0]


def test_a_number_goes_to_the_nearest_value_beyond_each_cut():
    person = person_of([Number(name="test", field="candidate.test")], {"test": 4}, others=[{"test": 25}])
    values = [option.changes[0].after for option in ChangeNumber(path="candidate.test").options(person)]
    assert {10, 20} <= set(values)
    assert min(values) > 4
    assert max(values) <= 25


@pytest.mark.parametrize(("direction", "low", "high"), [("up", 12, 30), ("down", 0, 12), ("both", 0, 30)])
def test_a_number_keeps_to_its_range_direction_and_step(direction, low, high):
    person = person_of([Number(name="test", field="candidate.test")], {"test": 12})
    action = ChangeNumber(path="candidate.test", minimum=0, maximum=30, direction=direction, step=0.5)
    values = np.array([option.changes[0].after for option in action.options(person)])
    assert values.size
    assert ((values >= low) & (values <= high) & (values != 12)).all()
    assert np.array_equal(values * 2, np.round(values * 2))


def test_whole_numbers_stay_whole():
    person = person_of([Number(name="gap", field="candidate.gap")], {"gap": 3}, others=[{"gap": 40}])
    options = ChangeNumber(path="candidate.gap").options(person)
    assert all(isinstance(option.changes[0].after, int) for option in options)


def test_a_number_costs_its_distance_in_standard_deviations_where_nothing_is_said():
    person = person_of([Number(name="t", field="candidate.t")], {"t": 0.0}, others=[{"t": 40.0}])
    cost = {o.changes[0].after: o.cost for o in ChangeNumber(path="candidate.t").options(person)}
    assert cost[20] == pytest.approx(1.0)


def test_numbers_that_a_job_requires_are_cut_at_what_it_requires():
    share = AtLeast(name="t", field="candidate.t", required="job.score", measure="share")
    met = AtLeast(name="m", field="candidate.t", required="job.score")
    person = person_of([share, met], {"t": 3.25}, others=[{"t": 90.123}])
    values = [o.changes[0].after for o in ChangeNumber(path="candidate.t", step=0.001).options(person)]
    assert {25, 50} <= set(values)


def test_what_is_not_given_cannot_be_raised():
    person = person_of(
        [Number(name="t", field="candidate.t"), Ordinal(name="d", field="candidate.d", order=("a", "b"))],
        {"t": None, "d": None},
    )
    assert ChangeNumber(path="candidate.t").options(person) == []
    assert RaiseOrdinal(path="candidate.d", order=("a", "b")).options(person) == []


def test_a_place_in_an_order_is_only_raised():
    order = ("none", "bachelor", "master", "doctorate")
    person = person_of(
        [Ordinal(name="d", field="candidate.education.degree", order=order)],
        {"education": {"degree": "Bachelor", "field": "law"}},
    )
    options = RaiseOrdinal(path="candidate.education.degree", order=order, cost=2, costs={"doctorate": 9})
    assert told(options.options(person)) == {
        (("candidate.education.degree", "Bachelor", "master"),): 2.0,
        (("candidate.education.degree", "Bachelor", "doctorate"),): 9.0,
    }
    assert after(person, options.options(person)[0], "education") == {"degree": "master", "field": "law"}


def test_a_category_is_set_to_what_is_allowed():
    city = SameCategory(name="city", has="candidate.city", wants="job.skills")
    person = person_of([city], {"city": "SQL"})
    options = SetCategory(path="candidate.city", values=("SQL", "Go")).options(person)
    assert told(options) == {(("candidate.city", "SQL", "Go"),): 1.0}


WORK = Duration(name="work", items="candidate.work", start="from", end="to", as_of="2026-01", item="title")
ROLE = AnyOf(name="role", has="candidate.work[].title", wants="job.roles")


def test_a_present_post_lasts_longer_by_its_date():
    posts = [
        {"title": "Chef", "from": "2024-01", "to": "Ongoing"},
        {"title": "Waiter", "from": "2020-01", "to": "2021-01"},
    ]
    person = person_of([WORK], {"work": posts})
    options = Extend(path="candidate.work", most=14, new=False).options(person)
    assert len(options) == 14
    assert after(person, options[-1], "work") == [{**posts[0], "to": "2027-03"}, posts[1]]
    assert options[-1].changes[0].to_json() == {
        "path": "candidate.work[Chef]", "before": 24.0, "after": 38.0, "cost": pytest.approx(14 / 12)
    }  # fmt: skip


def test_a_new_post_begins_now_in_a_role_that_the_job_wants():
    person = person_of([WORK, ROLE], {"work": []})
    option = Extend(path="candidate.work", most=3).options(person)[-1]
    assert after(person, option, "work") == [{"title": "Cook", "from": "2026-01", "to": "2026-04"}]
    table = person.features.compute(changed_records(person.records, 0, [option]))
    assert table.iloc[0].tolist() == [3.0, 1.0]


def test_months_that_are_written_as_numbers_grow():
    months = Duration(name="work", items="candidate.work", months="months", item="title")
    person = person_of([months], {"work": "[{'title': 'Chef', 'months': 5, 'until': 'Present'}]"})
    option = Extend(path="candidate.work", most=2, new=False).options(person)[1]
    assert json.loads(after(person, option, "work")) == [{"title": "Chef", "months": 7, "until": "Present"}]


def test_without_a_present_day_no_post_can_last_longer():
    undated = Duration(name="work", items="candidate.work", start="from", end="to")
    person = person_of([undated], {"work": []})
    assert Extend(path="candidate.work").options(person) == []


def test_a_feature_of_two_fields_is_taken_as_a_whole():
    both = AtLeast(name="both", field="candidate.a", required="candidate.b", measure="share")
    person = person_of([both], {"a": 1.0, "b": 4.0}, others=[{"a": 9.0, "b": 1.0}])
    found = counterfactual(
        person.scorer, person.features, person.records, job="j", candidate="me", score=1.0,
        actions=[
            ChangeNumber(path="candidate.a", minimum=0, maximum=9, step=1, cost=1),
            ChangeNumber(path="candidate.b", minimum=1, maximum=9, step=1, direction="down", cost=0.3),
        ],
    )  # fmt: skip
    # a / b must reach 1/2: b from 4 to 2 costs .6, a from 1 to 2 costs 1.
    assert [(change.path, change.after) for change in found.changes] == [("candidate.b", 2)]


def flat(rows):
    """One table without labels: ties are decided by what the rows say."""
    fields = {"candidate.g": Field("candidate.g", "group", usage=Usage.PROTECTED)}
    features = FeatureSet((Number(name="t", field="candidate.t"),), fields)
    return features, join_records(pd.DataFrame(rows).astype(object), Keys(), fields=fields)


def test_one_flat_table_is_changed_and_ranked_anew():
    features, records = flat([{"t": t, "g": "x"} for t in (1, 11, 12, 21, 25)])
    scorer = scorer_of(features)
    action = ChangeNumber(path="candidate.t", minimum=0, maximum=40, step=1, cost=1)
    found = counterfactual(
        scorer, features, records, job="all", candidate=str(records.candidate[0]), top_k=3, actions=[action]
    )
    # A lot that is drawn from the record cannot be counted on: 20 would beat 12 and no less does.
    assert [(change.before, change.after) for change in found.changes] == [(1.0, 20)]
    assert found.rank_after <= 3
    best = counterfactual(
        scorer, features, records, job="all", candidate=str(records.candidate[0]), top_k=1, actions=[action]
    )
    assert (best.rank_after, best.changes[0].after) == (1, 30)


@pytest.mark.parametrize("name", ["candidate.g", "application.g"])
def test_in_a_flat_table_a_protected_column_is_refused_by_all_its_names(name):
    features, records = flat([{"t": 1, "g": "x"}, {"t": 2, "g": "y"}])
    with pytest.raises(ProtectedFieldError, match="g"):
        counterfactual(
            scorer_of(features), features, records, job="all", candidate=str(records.candidate[0]), top_k=1,
            actions=[SetCategory(path=name, values=("y",))],
        )  # fmt: skip


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: ChangeNumber(path="candidate.t", step=0), "a number above 0"),
        (lambda: ChangeNumber(path="candidate.t", cost=-1), "a finite number from 0"),
        (lambda: ChangeNumber(path="candidate.t", direction="left"), "not up, down or both"),
        (lambda: SetCategory(path="candidate.t", values=()), "values is empty"),
        (lambda: Extend(path="job.t"), "the job stays as it is"),
    ],
)
def test_actions_that_mean_nothing_are_refused(make, says):
    with pytest.raises(TaskError, match=says):
        make()
