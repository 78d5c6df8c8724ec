import pytest
from feature_examples import missing, records_of, steps, values, words

from ranker.errors import TaskError
from ranker.features.duration import Duration

MONTHS = Duration(name="work", items="candidate.work", months="months", item="role")
DATES = Duration(name="work", items="candidate.work", start="start", end="end", as_of="2026-01", item="role")
WANTED = Duration(
    name="work", items="candidate.work", months="months", item="role", only="job.roles"
)  # fmt: skip


def job(role, months):
    return {"role": role, "months": months}


def spell(role, start, end):
    return {"role": role, "start": start, "end": end}


def test_months_are_summed_over_the_items_and_no_item_is_no_month():
    records = records_of(
        work=[[job("Cook", 3), job("Cook", "4.5")], [], None, '[{"role": "Cook", "months": 2}]']
    )
    assert values(MONTHS, records) == [7.5, 0.0, None, 2.0]
    assert not records.report().fates


def test_months_are_counted_from_the_first_to_the_last():
    spells = [
        [spell("Cook", "January 2020", "March 2020")],
        [spell("Cook", "2019-05", "2019-05-17")],
        [spell("Cook", "05/2019", "Ongoing"), spell("Waiter", "Jan 2019", "05/2019")],
        [spell("Cook", "2025", "present")],
    ]
    assert values(DATES, records_of(work=spells)) == [2.0, 0.0, 80.0 + 4.0, 12.0]


def test_an_item_that_cannot_be_read_is_left_out_and_counted_with_the_reason():
    items = [
        [job("Cook", 3), job("Cook", "long"), job("Cook", None), job("Cook", -1), job(["Cook"], 1)],
        "no list",
        [job("Cook", 3), "text"],
        {"role": "Cook"},
    ]
    records = records_of(work=items)
    assert values(MONTHS, records) == [3.0, None, None, None]
    assert values(MONTHS, records) == [3.0, None, None, None]
    reasons = [(row, reason) for row, _, reason in missing(records)]
    assert sorted(reasons) == [
        ("c0", "an item's length: a list or object where one value was expected"),
        ("c0", "an item's length: below 0"),
        ("c0", "an item's length: not a number"),
        ("c0", "an item's length: not given"),
        ("c1", "no list where one was expected"),
        ("c2", "a list whose items are not all objects"),
        ("c3", "no list where one was expected"),
    ]


def test_dates_that_cannot_be_read_are_left_out_and_counted_with_the_reason():
    items = [
        [
            spell("a", "2020-01", "2020-03"),
            spell("b", "2020-03", "2020-01"),
            spell("c", "soon", "2020-01"),
            spell("d", None, "2020-01"),
            spell("e", "2020-01", "2020-13"),
        ]
    ]
    records = records_of(work=items)
    assert values(DATES, records) == [2.0]
    assert [reason.removeprefix("an item's length: ") for _, _, reason in missing(records)] == [
        "it ends before it starts",
        "not a month such as 'January 2023' or '2019-05'",
        "not given",
        "not a month of the calendar",
    ]


def test_ongoing_without_the_month_that_it_means_is_counted_as_unreadable():
    feature = Duration(name="work", items="candidate.work", start="start", end="end")
    records = records_of(work=[[spell("a", "2020-01", "Ongoing"), spell("b", "2020-01", "2020-02")]])
    assert values(feature, records) == [1.0]
    assert "needs the feature's as_of" in missing(records)[0][2]


def test_only_items_on_the_jobs_list_count_whatever_the_case():
    work = [job("Cook", 3), job("COOK ", 2), job("Waiter", 10), job(None, 1)]
    records = records_of(work=[work] * 4 + [None], job={"roles": [["cook"], ["Driver"], [], None, ["cook"]]})
    assert values(WANTED, records) == [5.0, 0.0, 0.0, 0.0, None]
    assert WANTED.evidence(records, 0) == {
        "items": [{"name": "Cook", "months": 3.0}, {"name": "COOK", "months": 2.0}]
    }
    assert WANTED.sources == ("candidate.work", "job.roles")


@pytest.mark.parametrize(
    ("months", "said"),
    [
        (0, "0 months"),
        (1, "1 month"),
        (2, "2 months"),
        (11, "11 months"),
        (12, "1 year"),
        (13, "1 year 1 month"),
        (24, "2 years"),
        (26, "2 years 2 months"),
        (11.6, "1 year"),
        (0.4, "0 months"),
    ],
)
def test_a_duration_is_said_in_years_and_months_singular_and_plural(months, said):
    assert words(MONTHS, records_of(work=[[job("Cook", months)]])) == [said]


def test_a_duration_that_is_not_given_says_so():
    assert words(MONTHS, records_of(work=[None, "[]"])) == ["not given", "0 months"]


def test_a_duration_splits_over_its_items_by_what_each_adds():
    # 3 and 5 months are worth nothing alone and 1 together; 0 months add nothing.
    amount_of = steps([6.0], [0.0, 1.0], of_missing=7.0)
    records = records_of(work=[[job("Cook", 3), job("Waiter", 5), job("Intern", 0)], [], None])
    assert MONTHS.attribute(records, 0, amount_of) == pytest.approx(
        {
            "candidate.work": 0.0,
            "candidate.work[Cook]": 0.5,
            "candidate.work[Waiter]": 0.5,
            "candidate.work[Intern]": 0.0,
        }
    )
    assert MONTHS.attribute(records, 1, amount_of) == {"candidate.work": 0.0}
    assert MONTHS.attribute(records, 2, amount_of) == {"candidate.work": 7.0}


def test_items_of_one_name_and_items_without_a_name_are_told_apart_by_their_number():
    work = [job("Cook", 1), job("Cook", 2), job("Cook #2", 4), job(None, 8), job("Cook", 16)]
    found = MONTHS.attribute(records_of(work=[work]), 0, lambda months: months)
    assert found == pytest.approx(
        {
            "candidate.work": 0.0,
            "candidate.work[Cook]": 1.0,
            "candidate.work[Cook #2]": 2.0,
            "candidate.work[Cook #2 #2]": 4.0,
            "candidate.work[4]": 8.0,
            "candidate.work[Cook #3]": 16.0,
        }
    )


def test_more_than_twelve_items_share_in_proportion_to_their_months():
    lengths = list(range(1, 14))
    work = [job(f"r{n}", n) for n in lengths]
    found = MONTHS.attribute(records_of(work=[work]), 0, steps([50.0], [1.0, 10.1]))
    assert found.pop("candidate.work") == pytest.approx(1.0)
    assert list(found.values()) == pytest.approx([9.1 * n / sum(lengths) for n in lengths])


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "state either months, or both start and end"),
        ({"start": "from"}, "state either months, or both start and end"),
        ({"months": "m", "start": "from", "end": "to"}, "state either months, or both start and end"),
        ({"months": "m", "only": "job.roles"}, "state item"),
        ({"start": "from", "end": "to", "as_of": "soon"}, "as_of = 'soon': not a month"),
        ({"start": "from", "end": "to", "as_of": "Ongoing"}, "as_of = 'Ongoing'"),
    ],
)
def test_settings_that_mean_nothing_are_refused(settings, said):
    with pytest.raises(TaskError, match=said):
        Duration(name="x", items="candidate.work", **settings)
