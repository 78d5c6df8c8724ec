"""Groups week by week, against counts made by hand."""

import pytest

pytest.importorskip("sqlalchemy", reason="the log of decisions needs the extra api")

from ranker.app.monitoring.fairness_over_time import Weeks
from ranker.app.monitoring.observing import ranked_groups
from ranker.app.monitoring.reading import Entry
from ranker.app.monitoring.selection import selection_gaps

WOMEN = tuple(f"w{n}" for n in range(6))
MEN = tuple(f"m{n}" for n in range(6))


def ranking(order, *, job="cook", time="2026-11-03T10:00:00+00:00", shown=None, people=None, **protected):
    rows = [{"candidate": who, "rank": n} for n, who in enumerate(order, 1)][:shown]
    groups = {who: {"gender": "f" if who.startswith("w") else "m", **protected} for who in order}
    answer = {"job": job, "ranking": rows, "pool_size": len(order), "set_aside": []}
    return Entry(
        number=1, time=time, kind="rank", model="x", input=None, answer=answer,
        people=tuple(people or order), protected=groups,
    )  # fmt: skip


def classified(who, label, gender, time="2026-11-03T10:00:00+00:00"):
    return Entry(
        number=1, time=time, kind="classify", model="x", input=None, people=(who,),
        answer={"id": who, "domain": "d", "label": label}, protected={who: {"gender": gender}},
    )  # fmt: skip


def test_rates_are_the_selected_of_each_group_with_wilsons_interval():
    weeks = Weeks(top_k=4)
    weeks.take(ranking(("m0", "m1", "m2", "w0", *MEN[3:], *WOMEN[1:])))
    [week] = weeks.all()
    women, men = week.groups
    assert (women.people, women.selected, men.people, men.selected) == (6, 1, 6, 3)
    assert women.rate == pytest.approx(1 / 6)
    # Newcombe's spreadsheet for 1 of 6: .0301 to .5635.
    assert women.interval == pytest.approx((0.0301, 0.5635), abs=1e-3)
    assert week.impact_ratio["value"] == pytest.approx(1 / 3)
    assert women.exposure < 0 < men.exposure


def test_the_latest_ranking_of_a_job_counts():
    weeks = Weeks(top_k=6)
    weeks.take(ranking((*MEN, *WOMEN)))
    weeks.take(ranking((*WOMEN, *MEN)))
    weeks.take(ranking((*MEN, *WOMEN), job="waiter"))
    [week] = weeks.all()
    assert week.n == 2
    assert [one.rate for one in week.groups] == [0.5, 0.5]


def test_a_week_begins_on_monday_and_years_do_not_cut_it():
    weeks = Weeks(top_k=2)
    for day in ("2026-12-28", "2027-01-03", "2027-01-04"):
        weeks.take(ranking((*MEN, *WOMEN), job=day, time=f"{day}T23:59:59+00:00"))
    assert [(one.week.isoformat(), one.n) for one in weeks.all()] == [("2026-12-28", 2), ("2027-01-04", 1)]


def test_a_group_of_fewer_than_five_is_withheld():
    weeks = Weeks(top_k=2)
    weeks.take(ranking((*MEN, *WOMEN[:4])))
    [week] = weeks.all()
    women = week.groups[0]
    assert (women.people, women.selected, women.rate, women.exposure) == (4, None, None, None)
    assert week.impact_ratio["value"] is None


def test_a_list_of_the_first_counts_for_selection_and_not_for_exposure():
    weeks = Weeks(top_k=3)
    weeks.take(ranking((*MEN, *WOMEN), shown=3))
    weeks.take(ranking((*MEN, *WOMEN), shown=2, job="waiter"))
    [week] = weeks.all()
    assert (weeks.n_cut, week.n) == (1, 1)
    assert [one.rate for one in week.groups] == [0.0, 0.5]
    assert [one.exposure for one in week.groups] == [None, None]


def test_who_did_not_say_is_in_no_group():
    entry = ranking((*MEN, *WOMEN), origin="prefer not to say")
    assert ranked_groups(entry, 3)["origin"] == [None] * 12


def test_classifications_count_the_highest_label_the_latest_of_each_person():
    weeks = Weeks(label="Fit")
    for who in WOMEN:
        weeks.take(classified(who, "Fit", "f"))
    weeks.take(classified(WOMEN[0], "Not Fit", "f"))
    for who in MEN:
        weeks.take(classified(who, "Fit", "m"))
    [week] = weeks.all()
    assert [(one.selected, one.people) for one in week.groups] == [(5, 6), (6, 6)]
    assert week.impact_ratio["value"] == pytest.approx(5 / 6)


def test_selection_gaps_say_nothing_where_all_are_selected_or_one_group_is_there():
    assert selection_gaps(["f", "m"], 2) == {}
    assert selection_gaps(["f", "f", None], 1) == {}
    assert selection_gaps(["f", "m", None, "m"], 1) == pytest.approx({"f": 0.75, "m": -0.25})
