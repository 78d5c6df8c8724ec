import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.errors import UsageError
from ranker.records.json_resume import is_json_resume, read_json_resume, resume_id, years_between
from ranker.records.ledger import Ledger
from ranker.records.resumes import fault_of
from ranker.records.values import Unreadable

PERSON = {
    "basics": {
        "name": "Ada Exempla",
        "label": "Chief Visionary",
        "email": "ada@example.org",
        "phone": "+49 30 123456",
        "summary": "I change the world, from Berlin.",
        "pronouns": "she/her",
        "location": {"city": "Berlin", "countryCode": "DE"},
        "profiles": [{"network": "Chirper", "username": "ada_e"}],
    },
    "work": [
        {
            "name": "Secretive GmbH",
            "position": "Data Analyst",
            "startDate": "2018-01-15",
            "endDate": "2019-07-01",
        },
        {"name": "Other AG", "position": "Data Scientist", "startDate": "2020-03"},
    ],
    "volunteer": [{"organization": "Parish of St Exempla", "position": "Choir leader"}],
    "education": [{"institution": "Uni Exempla", "area": "Statistics"}],
    "skills": [
        {"name": "Data Science", "level": "Master", "keywords": ["Python", "SQL"]},
        {"name": "Statistics"},
    ],
    "interests": [{"name": "Wildlife of Exempla"}],
    "references": [{"name": "Bo Reference", "reference": "The best colleague."}],
    "projects": [{"name": "Churn radar", "description": "Who leaves?", "startDate": "2020"}],
    "meta": {"version": "v1.0.0"},
}
PRIVATE = (
    "Ada", "Chief Visionary", "example.org", "30 123456", "she/her", "Berlin", "ada_e", "Secretive", "Other AG",
    "Exempla", "Choir", "Reference", "colleague", "Wildlife", "change the world",
)  # fmt: skip
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["2019-05", "Present"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["name", "keywords", "position", "startDate", "endDate", "level", "id", "label"])
            | st.text(),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def read(value, **options):
    ledger = Ledger()
    return read_json_resume(value, "x.json", ledger, **options), ledger


def notes(ledger):
    return {(fate.action, fate.field) for fate in ledger.fates}


def test_a_resume_becomes_the_fields_that_cleaning_reads():
    converted, _ = read(PERSON, as_of="2021-03")
    assert {key: value for key, value in converted.resume.value.items() if key != "id"} == {
        "skills": ["Data Science", "Python", "SQL", "Statistics"],
        "projects": ["Churn radar"],
        "work_experience": [
            {"title": "Data Analyst", "years": 1.5},
            {"title": "Data Scientist", "years": 1.0},
        ],
    }


@pytest.mark.parametrize("word", PRIVATE)
def test_nothing_personal_reaches_a_field_or_the_ledger(word):
    converted, ledger = read(PERSON, as_of="2021-03")
    assert word in json.dumps(PERSON)
    assert word not in json.dumps(converted.resume.value)
    assert word not in json.dumps(ledger.report().to_json())


def test_who_somebody_is_is_kept_apart_and_references_are_not_kept():
    personal = read(PERSON)[0].personal
    assert personal["name"] == "Ada Exempla"
    assert personal["location"] == {"city": "Berlin", "countryCode": "DE"}
    assert personal.keys() == {"name", "email", "phone", "pronouns", "location", "profiles"}
    assert "Bo Reference" not in json.dumps(personal)


def test_all_that_is_left_out_is_said_to_be():
    found = notes(read(PERSON)[1])
    sections = {("noted", name) for name in ("volunteer", "education", "interests", "references")}
    assert sections | {("noted", "basics.label"), ("noted", "basics.summary"), ("noted", "work[]")} <= found
    assert ("noted", "meta") not in found


def test_ongoing_work_is_counted_to_a_stated_month_and_never_to_the_clock():
    converted, ledger = read(PERSON)
    assert "years" not in converted.resume.value["work_experience"][1]
    assert ("missing", "work[1]") in notes(ledger)
    assert read(PERSON, as_of="2022-09")[0].resume.value["work_experience"][1]["years"] == 2.5


def test_an_as_of_that_is_no_month_is_refused_with_the_form_it_wants():
    with pytest.raises(UsageError, match=r"as_of = 'soon': .*2026-01"):
        read(PERSON, as_of="soon")


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        ("2019-01", "2019-03", 2 / 12),
        ("2019-01-31", "2020-01-01", 1.0),
        ("2018", "2020", 2.0),
        ("2020-05", "2020-05-30", 0.0),
        ("2019-06", "Present", 1.5),
    ],
)
def test_years_are_the_months_between_two_dates(start, end, years):
    assert years_between(start, end, 12 * 2020 + 11) == pytest.approx(years)


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [
        ("2020-01", "2019-01", "ends before it starts"),
        ("2021-01", "", "starts after as_of"),
        ("", "2019-01", "no start"),
        ("2019-13", "2020-01", "not a month of the calendar"),
        ("spring", "2020-01", "not a month"),
    ],
)
def test_dates_that_give_no_length_say_why(start, end, reason):
    with pytest.raises(Unreadable, match=reason):
        years_between(start, end, 12 * 2020)


def test_an_own_id_is_kept_and_another_one_names_nobody():
    assert resume_id({**PERSON, "id": 17}) == "17"
    drawn = resume_id(PERSON)
    assert drawn == resume_id(json.loads(json.dumps(PERSON)))
    assert drawn != resume_id({**PERSON, "projects": []})
    assert drawn.startswith("cv-")


def test_our_own_keys_beside_the_standard_ones_are_kept():
    value = read({**PERSON, "test_score": "88%", "preferred_domain": "Data", "label": "Fit"})[0].resume.value
    assert (value["test_score"], value["preferred_domain"], value["label"]) == ("88%", "Data", "Fit")


@pytest.mark.parametrize("value", [PERSON, {"basics": {}}, {"work": []}, {"skills": [{"name": "SQL"}]}])
def test_json_resume_is_told_by_its_keys(value):
    assert is_json_resume(value)


@pytest.mark.parametrize(
    "value",
    [None, [], "basics", {}, {"skills": ["SQL"]}, {"skills": ["SQL"], "work_experience": [], "basics": {}}],
)
def test_other_forms_are_not_taken_for_it(value):
    assert not is_json_resume(value)


def test_malformed_parts_are_named_and_the_rest_is_read():
    converted, ledger = read(
        {
            "basics": "Ada",
            "work": [{"position": 7, "startDate": ["2019"]}, "cook", None, {"position": "Cook"}],
            "skills": [{"name": "SQL", "keywords": [None, {"x": 1}, "R"]}, 5],
            "projects": {"name": "x"},
        }
    )
    value = converted.resume.value
    assert (value["skills"], value["projects"]) == (["SQL", "R"], [])
    assert [post["title"] for post in value["work_experience"]] == ["", "Cook"]
    assert {
        ("missing", "basics"), ("missing", "work[0].position"), ("missing", "work[0].startDate"),
        ("missing", "work[1]"), ("missing", "work[2]"), ("missing", "skills[0].keywords[1]"),
        ("missing", "skills[1]"), ("missing", "projects"),
    } <= notes(ledger)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["basics", "work", "skills", "projects", "id", "x"]), JSON))
def test_whatever_stands_in_it_the_result_has_the_form_of_a_resume(value):
    converted, _ = read(value, as_of="2026-01")
    assert fault_of(converted.resume.value) == ""
