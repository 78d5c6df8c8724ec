import numpy as np
import pandas as pd
import pytest
from served_case import pool_body, served_fixture, task_of  # noqa: F401

from ranker.app.served.faults import BodyError
from ranker.app.served.invented import invented, made_up
from ranker.app.served.pools import PoolReader
from ranker.errors import EmptyPoolError

THREE = """
name = "three"
[candidates]
path = "c.jsonl"
id = "id"
[jobs]
path = "j.jsonl"
id = "nr"
[applications]
path = "a.csv"
candidate = "who"
job = "for"
relevance = "grade"
[fields]
"candidate.gender" = { usage = "protected" }
"candidate.person.origin" = { usage = "protected" }
"candidate.phone" = { usage = "optional" }
[[features]]
name = "years"
kind = "number"
field = "candidate.person.years"
[[features]]
name = "skills"
kind = "coverage"
has = "candidate.skills"
wants = "job.skills"
[[features]]
name = "phone"
kind = "category"
field = "candidate.phone"
"""
WITH_APPLICATION = THREE + '\n[[features]]\nname = "tools"\nkind = "count"\nfield = "application.tools"\n'
FLAT = """
name = "flat"
[applications]
path = "a.csv"
candidate = "who"
job = "for"
relevance = "grade"
[fields]
"candidate.gender" = { usage = "protected" }
[[features]]
name = "years"
kind = "number"
field = "candidate.years"
[[features]]
name = "least"
kind = "at_least"
field = "candidate.years"
required = "job.least"
"""
ONE_LIST = FLAT.replace('candidate = "who"\njob = "for"\n', "").replace("job.least", "application.least")
JOB = {"nr": 7, "skills": ["a", "b"], "title": "t"}


def person(name, **more):
    return {"id": name, "person": {"years": 3}, "skills": ["a"], **more}


def read(task, candidates, job=JOB, **more):
    return PoolReader(task_of(task)).read({"job": job, "candidates": candidates, **more})


def fault(*arguments, **more):
    with pytest.raises(BodyError) as caught:
        read(*arguments, **more)
    [one] = caught.value.faults
    return one


def test_a_request_gives_the_pairs_values_and_fates_that_files_give(served):
    model, body = served.ranker, pool_body(3)
    whole = model.load_records()
    label = body["job"]["id"]
    of_job = whole.take(whole.job == label)
    pool = PoolReader(model.task).read(body)
    assert pool.job == label
    assert pool.records.candidate.tolist() == of_job.candidate.tolist()
    pd.testing.assert_frame_equal(
        model.task.features.compute(pool.records), model.task.features.compute(of_job), check_exact=True
    )
    ours = [(one["candidate"], one["reason"]) for one in pool.set_aside()]
    theirs = [
        (fate.row.removeprefix("candidate ").removesuffix(f" for job {label}"), fate.reason)
        for fate in whole.report().set_aside()
        if fate.row.endswith(f" for job {label}")
    ]
    assert ours == theirs
    assert any("work permit" in reason for _, reason in ours)


def test_without_applications_everybody_applies():
    pool = read(THREE, [person("x"), person("y")])
    assert pool.records.candidate.tolist() == ["x", "y"]
    assert (pool.job, set(pool.records.job)) == ("7", {"7"})
    assert (pool.set_aside(), pool.ignored) == ([], {"job": ("title",)})


def test_bad_records_are_set_aside_with_their_reasons_and_the_rest_is_ranked():
    people = [person("x"), person("x", skills=[]), {**person("y"), "id": " "}, person("z"), person("u")]
    rows = [{"who": "x"}, {"who": "z", "for": "8"}, {"who": "nobody"}, {"for": "7"}, {"who": "x", "for": 7}]
    pool = read(THREE, people, applications=rows)
    assert pool.records.candidate.tolist() == ["x"]
    told = sorted((one["candidate"] or "", one["reason"]) for one in pool.set_aside())
    assert told == [
        ("", "no candidate is named"),
        ("", "no id"),
        ("nobody", "unknown candidate"),
        ("u", "a candidate without application"),
        ("x", "id repeated with other values; the first one counts"),
        ("x", "repeated (candidate, job) key"),
        ("z", "for another job, '8'"),
    ]


def test_nobody_left_is_an_error_that_says_why():
    with pytest.raises(EmptyPoolError, match="no id"):
        read(THREE, [{**person("x"), "id": None}])


def test_values_that_cannot_be_read_are_noted_by_candidate():
    pool = read(THREE, [person("x"), person("y", person={"years": "many"})])
    task_of(THREE).features.compute(pool.records)
    assert pool.notes() == [
        {"candidate": "y", "field": "candidate.person.years", "reason": "not a number"},
        {
            "candidate": None,
            "field": "candidate.phone",
            "reason": "the column of an optional field is absent",
        },
    ]


@pytest.mark.parametrize("value", ["f", None, ""])
def test_a_protected_field_is_refused_by_its_name_whatever_it_says(value):
    one = fault(THREE, [person("x"), person("y", gender=value)])
    assert one.field == "candidates[1].gender"
    assert "'candidate.gender' protected" in one.fault


def test_a_protected_field_inside_of_another_is_refused():
    reader = PoolReader(task_of(THREE))

    def given(origin):
        return {"job": JOB, "candidates": [person("x", person={"years": 1, "origin": origin})]}

    assert reader.read(given(None)).records.candidate.tolist() == ["x"]  # the key is there and says nothing
    with pytest.raises(BodyError) as caught:
        reader.read(given("here"))
    [one] = caught.value.faults
    assert (one.field, "candidate.person.origin" in one.fault) == ("candidates[0].person", True)


def test_a_protected_field_of_an_item_is_refused_only_where_an_item_has_it():
    task = THREE.replace('"candidate.gender"', '"candidate.posts[].pay"')
    posts = [{"title": "a"}, {"title": "b"}]
    assert len(read(task, [person("x", posts=posts)]).records) == 1
    posts[1]["pay"] = 3
    assert fault(task, [person("x"), person("y", posts=posts)]).field == "candidates[1].posts"


def test_in_one_table_a_protected_field_is_refused_in_the_job_as_well():
    rows = [{"who": "x", "years": 1}]
    assert fault(FLAT, rows, job={"for": 1, "least": 2, "gender": "f"}).field == "job.gender"
    assert (
        fault(FLAT, [{**rows[0], "gender": "f"}], job={"for": 1, "least": 2}).field == "candidates[0].gender"
    )


def test_a_column_that_nobody_has_is_refused_with_what_was_meant():
    one = fault(THREE, [{"id": "x", "person": {"years": 1}, "skils": ["a"]}])
    assert one.field == "candidates"
    assert "feature 'skills' reads" in one.fault
    assert "did you mean 'skils'" in one.fault
    assert fault(THREE, [person("x")], job={"nr": 1}).field == "job"


def test_a_job_without_its_id_is_refused():
    assert fault(THREE, [person("x")], job={"skills": []}).field == "job.nr"


def test_what_only_an_application_tells_must_be_given():
    one = fault(WITH_APPLICATION, [person("x")])
    assert (one.field, "application.tools" in one.fault) == ("applications", True)
    pool = read(WITH_APPLICATION, [person("x")], applications=[{"who": "x", "tools": ["t", "u"]}])
    assert task_of(WITH_APPLICATION).features.compute(pool.records)["tools"].tolist() == [2.0]


def test_in_one_table_the_jobs_fields_are_everybodys():
    pool = read(
        FLAT, [{"who": "x", "years": 1}, {"who": "y", "years": 3, "for": "5"}], job={"for": 5, "least": 2}
    )
    table = task_of(FLAT).features.compute(pool.records)
    assert (pool.records.candidate.tolist(), table["least"].tolist()) == (["x", "y"], [0.0, 1.0])


def test_in_one_table_who_contradicts_the_job_is_set_aside():
    people = [
        {"who": "x", "years": 1, "least": 2},
        {"who": "y", "years": 3, "least": 1},
        {"who": "z", "for": 6},
    ]
    pool = read(FLAT, people, job={"for": 5, "least": 2})
    assert pool.records.candidate.tolist() == ["x"]
    assert [(one["candidate"], one["reason"]) for one in pool.set_aside()] == [
        ("y", "says 'least' otherwise than the job does"),
        ("z", "for another job, '6'"),
    ]


def test_one_table_takes_no_applications():
    assert fault(FLAT, [{"who": "x"}], job={"for": 1}, applications=[]).field == "applications"


def test_without_labels_the_lot_does_not_depend_on_the_order_of_the_rows():
    rows = [{"years": 1, "least": 1, "note": note} for note in "abcdef"]
    one, other = read(ONE_LIST, rows, job={}), read(ONE_LIST, rows[::-1], job={})
    assert (one.job, one.records.candidate.tolist()) == ("all", [str(n) for n in range(1, 7)])
    assert one.records.lots().tolist() == other.records.lots()[::-1].tolist()
    assert len(set(one.records.lots())) == 6


def test_lists_of_one_length_stay_lists():
    pool = read(THREE, [person("x", skills=["a", "c"]), person("y", skills=["b", "a"])])
    table = task_of(THREE).features.compute(pool.records)
    assert np.array_equal(table["skills"], [0.5, 1.0])


def test_plans_are_made_anew_for_other_keys():
    reader = PoolReader(task_of(THREE))
    for number in range(200):
        pool = reader.read({"job": JOB, "candidates": [person("x", **{f"k{number}": 1})]})
        assert pool.ignored["candidates"] == (f"k{number}",)
    many = {f"k{number}": 1 for number in range(1_000)}
    pool = reader.read({"job": JOB, "candidates": [person("x", **many)]})
    assert pool.ignored["candidates"] == tuple(sorted(many))
    assert len(reader._plans) <= 64
    assert all(len(keys) < 1_000 for seen in reader._plans for _, keys in seen)


@pytest.mark.parametrize("task", [THREE, WITH_APPLICATION, FLAT, ONE_LIST])
def test_a_pool_can_be_made_up_for_every_kind_of_task(task):
    pool = PoolReader(task_of(task)).read(made_up(task_of(task)), requirements=())
    assert len(pool.records) == 2
    assert task_of(task).features.compute(pool.records).isna().all(axis=None)


@pytest.mark.parametrize("task", [THREE, WITH_APPLICATION, FLAT, ONE_LIST])
def test_people_made_up_for_a_task_meet_its_requirements_and_are_told_apart(task):
    made = task_of(task)
    pool = PoolReader(made).read(invented(made))
    assert len(pool.records) == 2
    assert (pool.set_aside(), pool.ignored) == ([], {})
    table = made.features.compute(pool.records)
    assert (table.iloc[0] != table.iloc[1]).any()
    assert pool.notes() == []


def test_people_are_all_whom_the_records_name():
    reader = PoolReader(task_of(THREE))
    rows = [{"who": "z"}, {"who": "x"}]
    assert reader.people({"candidates": [person("x"), person(4), {"id": None}], "applications": rows}) == (
        "x",
        "4",
        "z",
    )
