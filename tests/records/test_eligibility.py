import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.errors import ProtectedFieldError, UnknownFieldError
from ranker.records import Field, Requirement, Usage, join_records
from ranker.records.cleaning import Keys


def pool(*, requirements=(), fields=None, **columns):
    """Join one candidate for each row; columns named ``job_...`` belong to the job."""
    mine = {name: values for name, values in columns.items() if not name.startswith("job_")}
    theirs = {name.removeprefix("job_"): columns[name] for name in columns if name not in mine}
    n = len(next(iter(columns.values())))
    labels = [f"c{i}" for i in range(n)]
    jobs = [f"j{i}" for i in range(n)]
    return join_records(
        pd.DataFrame({"candidate": labels, "job": jobs}, dtype=object),
        Keys("job", "candidate"),
        candidates=(pd.DataFrame({"id": labels, **mine}, dtype=object), "id"),
        jobs=(pd.DataFrame({"id": jobs, **theirs}, dtype=object), "id"),
        fields=fields,
        requirements=requirements,
    )


def met(requirement, **columns):
    return requirement.met(pool(**columns)).tolist()


def test_equals_compares_texts_whatever_their_case_and_one_not_given_is_not_met():
    requirement = Requirement("permit", "equals", "candidate.permit", values=("Yes",))
    assert met(requirement, permit=["yes", " YES ", "no", "", None, ["yes"]]) == [True, True] + [False] * 4


def test_one_of_accepts_any_of_the_values_also_beyond_ascii():
    requirement = Requirement("city", "one_of", "candidate.city", values=("Zürich", "3"))
    assert met(requirement, city=["ZÜRICH", "Zu\u0308rich", 3, "Zurich"]) == [True, True, True, False]


@pytest.mark.parametrize("value", ["Cook", 0, ["Cook"], [{"role": "Cook"}], '[{"role": "Cook"}]', "['Cook']"])
def test_present_is_met_by_a_value_of_any_shape(value):
    assert met(Requirement("work", "present", "candidate.work"), work=[value]) == [True]


@pytest.mark.parametrize("value", ["", None, "  ", [], "[]", [""]])
def test_present_is_not_met_by_nothing(value):
    assert met(Requirement("work", "present", "candidate.work"), work=[value]) == [False]


def test_at_least_holds_a_number_against_a_minimum():
    requirement = Requirement("age", "at_least", "candidate.age", minimum=18.0)
    assert met(requirement, age=["18", 17.9, 40, "", "old"]) == [True, False, True, False, False]
    assert met(Requirement("age", "at_least", "candidate.age"), age=[0, -1]) == [True, False]


def test_at_least_holds_a_number_against_the_one_that_the_job_states():
    requirement = Requirement("years", "at_least", "candidate.years", required="job.years")
    found = met(requirement, years=[3, 2, None, None, 2], job_years=[3, 3, 3, None, None])
    assert found == [True, False, False, True, True]


def test_covers_asks_for_every_item_of_the_jobs_list():
    requirement = Requirement("licences", "covers", "candidate.licences", required="job.licences")
    has = [["A", "B"], ["a"], ["A"], None, None, []]
    wants = [["b", "a"], ["A"], ["A", "B"], ["A"], None, []]
    assert met(requirement, licences=has, job_licences=wants) == [True, True, False, False, True, True]


def test_who_does_not_meet_a_requirement_is_set_aside_with_the_reason_and_what_was_written():
    requirement = Requirement("adult", "at_least", "candidate.age", minimum=18.0, reason="18 by law")
    records = pool(age=["17", "18", None], requirements=[requirement])
    assert records.candidate.tolist() == ["c1"]
    found = [(f.table, f.row, f.field, f.reason, f.before) for f in records.report().set_aside()]
    reason = "requirement 'adult' not met: 18 by law"
    assert found == [
        ("application", "candidate c0 for job j0", "candidate.age", reason, "17"),
        ("application", "candidate c2 for job j2", "candidate.age", reason, ""),
    ]


def test_requirements_are_asked_one_after_the_other_and_each_sets_a_pair_aside_once():
    first = Requirement("adult", "at_least", "candidate.age", minimum=18.0)
    second = Requirement("permit", "present", "candidate.permit")
    records = pool(age=[17, 17, 18, 18], permit=["", "y", "", "y"], requirements=[first, second])
    assert records.candidate.tolist() == ["c3"]
    assert [f.reason for f in records.report().set_aside()] == [
        "requirement 'adult' not met",
        "requirement 'adult' not met",
        "requirement 'permit' not met",
    ]
    assert records.report().kept["candidate"] == 1


@pytest.mark.parametrize("usage", [Usage.PROTECTED, Usage.SENSITIVE, Usage.TARGET])
@pytest.mark.parametrize("side", ["field", "required"])
def test_nobody_is_shut_out_for_who_they_are(usage, side):
    declared = {"candidate.age": Field("candidate.age", "age", usage=usage)}
    paths = {"field": "candidate.years", "required": "job.years"} | {side: "candidate.age"}
    with pytest.raises(ProtectedFieldError, match=r"requirement 'r' reads 'candidate\.age'"):
        pool(
            age=[1], years=[1], job_years=[1], fields=declared,
            requirements=[Requirement("r", "at_least", **paths)],
        )  # fmt: skip


def test_a_requirement_on_an_unknown_column_is_named():
    with pytest.raises(UnknownFieldError, match=r"requirement 'r': .*no column 'agee'; did you mean 'age'"):
        pool(age=[1], requirements=[Requirement("r", "at_least", "candidate.agee", minimum=1.0)])


def test_a_requirement_on_an_absent_optional_column_is_met_by_nobody_and_the_absence_is_noted():
    declared = {"candidate.permit": Field("candidate.permit", "permit", usage=Usage.OPTIONAL)}
    records = pool(age=[1, 2], fields=declared)
    kept = Requirement("permit", "present", "candidate.permit").enforce(records)
    assert len(kept) == 0
    assert "the column of an optional field is absent" in [f.reason for f in records.report().fates]


@given(st.lists(st.one_of(st.none(), st.integers(-3, 3)), min_size=1, max_size=8), st.integers(-3, 3))
def test_enforcing_keeps_exactly_the_pairs_that_meet_it_in_their_order(years, least):
    requirement = Requirement("years", "at_least", "candidate.years", minimum=float(least))
    records = pool(years=years)
    expected = [f"c{i}" for i, y in enumerate(years) if y is not None and y >= least]
    kept = requirement.enforce(records)
    assert kept.candidate.tolist() == expected
    assert len(records.report().set_aside()) == len(years) - len(expected)
    assert np.all(requirement.met(kept))
