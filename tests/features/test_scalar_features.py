import math

import numpy as np
import pytest
from feature_examples import missing, records_of, values, words

from ranker.errors import TaskError
from ranker.features.scalars import AtLeast, Category, Number, Ordinal
from ranker.records import Field, Usage

YEARS = Field("candidate.years", "years", unit="years")
DEGREES = ("School", "Bachelor", "Master")


def test_a_number_is_read_and_one_that_cannot_be_is_missing_and_counted():
    feature = Number(name="years", field="candidate.years")
    records = records_of(years=["3", 2.5, "", None, "many", math.inf, "inf", math.nan, [3]])
    assert values(feature, records) == [3.0, 2.5, *[None] * 7]
    assert missing(records) == [
        ("c4", "candidate.years", "not a number"),
        ("c5", "candidate.years", "not a finite number"),
        ("c6", "candidate.years", "not a finite number"),
        ("c8", "candidate.years", "not a number"),
    ]


def test_a_number_is_clamped_and_each_clamping_is_counted_once():
    feature = Number(name="years", field="candidate.years", minimum=0, maximum=60)
    records = records_of(years=[-1, 0, 30, 60, 99, None])
    assert values(feature, records) == [0.0, 0.0, 30.0, 60.0, 60.0, None]
    assert values(feature, records)[0] == 0.0
    changed = [(f.row, f.reason, f.before) for f in records.report().fates if f.action == "changed"]
    assert changed == [("c0", "clamped to 0", "-1.0"), ("c4", "clamped to 60", "99.0")]


def test_a_number_may_be_clamped_on_one_side():
    records = records_of(years=[-5, 5, 50])
    assert values(Number(name="a", field="candidate.years", minimum=0), records) == [0.0, 5.0, 50.0]
    assert values(Number(name="b", field="candidate.years", maximum=10), records) == [-5.0, 5.0, 10.0]


def test_a_number_is_said_with_its_unit_in_the_singular_and_plural():
    feature = Number(name="years", field="candidate.years", maximum=60)
    records = records_of([YEARS], years=[1, 2, 0, 1.5, 1234.567, None, "many", -1, 0.004, -0.001])
    assert words(feature, records) == [
        "1 year",
        "2 years",
        "0 years",
        "1.5 years",
        "60 years (written: 1,234.57)",
        "not given",
        "not given",
        "-1 years",
        "0.004 years",
        "-0.001 years",
    ]


@pytest.mark.parametrize(
    ("unit", "said"), [("", "1"), ("%", "1 %"), ("bonus", "1 bonus"), ("points", "1 point")]
)
def test_only_a_plural_loses_its_s(unit, said):
    records = records_of([Field("candidate.years", "x", unit=unit)], years=[1])
    assert words(Number(name="x", field="candidate.years"), records) == [said]


def test_a_text_that_the_task_calls_missing_is_missing_in_whatever_form_it_was_written():
    field = Field("candidate.years", "years", missing=("-99", "some"))
    records = records_of([field], years=["-99", -99, -99.0, " some ", "4"])
    assert values(Number(name="x", field="candidate.years"), records) == [None, None, None, None, 4.0]
    assert not records.report().fates


def test_a_category_is_the_text_as_written():
    feature = Category(name="city", field="candidate.city")
    records = records_of(city=[" Zürich ", "李", 3, 3.0, "", None, ["Rome"]])
    assert values(feature, records) == ["Zürich", "李", "3", "3", None, None, None]
    assert words(feature, records)[3:] == ["3", "not given", "not given", "not given"]
    assert missing(records) == [("c6", "candidate.city", "a list or object where one value was expected")]


def test_an_ordinal_is_the_place_in_the_stated_order_whatever_the_case():
    feature = Ordinal(name="degree", field="candidate.degree", order=DEGREES)
    records = records_of(degree=["school", "MASTER", " Bachelor", "Doctor", "", None])
    assert values(feature, records) == [0.0, 2.0, 1.0, None, None, None]
    assert missing(records) == [("c3", "candidate.degree", "not in the stated order")]
    assert words(feature, records) == [
        "school",
        "MASTER",
        "Bachelor",
        "Doctor, which is not in the stated order",
        "not given",
        "not given",
    ]


def test_at_least_tells_whether_a_number_reaches_the_jobs():
    feature = AtLeast(name="enough", field="candidate.years", required="job.years")
    records = records_of([YEARS], years=[3, 2, 5, None, 4, "many"], job={"years": [3, 3, 1, 2, None, 1]})
    assert values(feature, records) == [1.0, 0.0, 1.0, None, None, None]
    assert words(feature, records) == [
        "3 years, meets the 3 asked for",
        "2 years, below the 3 asked for",
        "5 years, meets the 1 asked for",
        "not given; the job asks for 2",
        "4 years; the job states none",
        "not given; the job asks for 1",
    ]
    assert feature.evidence(records, 1) == {"value": "2 years", "required": "3"}


def test_at_least_gives_the_share_of_what_the_job_asks_for_if_told_to():
    feature = AtLeast(name="share", field="candidate.years", required="job.years", measure="share")
    years, least = [3, 2, 0, None, 4, 5, None, 0], [4, 1, 2, 2, None, 0, 0, 0]
    records = records_of(years=years, job={"years": least})
    assert values(feature, records) == [0.75, 1.0, 0.0, None, None, 1.0, None, 1.0]


def test_at_least_compares_places_in_a_stated_order():
    feature = AtLeast(name="degree", field="candidate.degree", required="job.degree", order=DEGREES)
    mine = ["Master", "school", "bachelor", "Doctor", None, "Master"]
    theirs = ["Bachelor", "Bachelor", "BACHELOR", "School", "School", "Doctor"]
    records = records_of(degree=mine, job={"degree": theirs})
    assert values(feature, records) == [1.0, 0.0, 1.0, None, None, None]
    assert words(feature, records) == [
        "Master, meets the Bachelor asked for",
        "school, below the Bachelor asked for",
        "bachelor, meets the BACHELOR asked for",
        "Doctor, not comparable with the School asked for",
        "not given; the job asks for School",
        "Master, not comparable with the Doctor asked for",
    ]


@pytest.mark.parametrize(
    ("kind", "settings", "said"),
    [
        (Number, {"minimum": 3, "maximum": 2}, "minimum 3 is above maximum 2"),
        (Ordinal, {"order": ()}, "order is empty"),
        (Ordinal, {"order": ("a", "b", "A ")}, "order names 'a' twice"),
        (AtLeast, {"required": "job.x", "order": ("a", "a")}, "order names 'a' twice"),
        (
            AtLeast,
            {"required": "job.x", "order": ("a",), "measure": "share"},
            "measure 'share' divides numbers",
        ),
    ],
)
def test_settings_that_mean_nothing_are_refused(kind, settings, said):
    with pytest.raises(TaskError, match=said):
        kind(name="x", field="candidate.x", **settings)


def test_an_absent_optional_column_is_missing_for_everybody_and_noted_once():
    records = records_of([Field("candidate.score", "score", usage=Usage.OPTIONAL)], years=[1, 2])
    feature = Number(name="score", field="candidate.score")
    assert values(feature, records) == [None, None]
    assert words(feature, records) == ["not given", "not given"]
    assert [f.reason for f in records.report().fates] == ["the column of an optional field is absent"]


@pytest.mark.parametrize(
    "feature",
    [
        Number(name="years", field="candidate.years"),
        Category(name="years", field="candidate.years"),
        Ordinal(name="years", field="candidate.years", order=("1", "2")),
        AtLeast(name="years", field="candidate.years", required="job.years"),
    ],
)
def test_the_whole_amount_goes_to_the_candidates_field(feature):
    records = records_of(years=[1, 2, None], job={"years": [2, 2, 2]})
    for pair in range(3):
        value = feature.compute(records)[pair]
        given = []

        def amount_of(asked, given=given):
            given.extend(asked)
            return np.full(len(asked), 0.25)

        assert feature.attribute(records, pair, amount_of) == {"candidate.years": 0.25}
        assert given == [value] or (given[0] != given[0] and value != value)


def test_a_feature_is_labelled_by_its_name_unless_it_has_a_label():
    assert Number(name="years_of_work", field="candidate.x").label == "years of work"
    assert Number(name="years_of_work", label="experience", field="candidate.x").label == "experience"
