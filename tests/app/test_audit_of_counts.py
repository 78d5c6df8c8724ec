"""The audit of a bare table of counts: its figures by hand, and what is refused."""

import pandas as pd
import pytest
from audit_case import Page, candor, machine
from reference_impact import fisher_reference, z_squared_reference

from ranker.app.report.any_counts import counts_figures, counts_page

TABLE = [
    {"attribute": "sex", "group": "F", "selected": 12, "total": 40},
    {"attribute": "sex", "group": "M", "selected": 48, "total": 80},
    {"attribute": "sex", "group": "unknown", "selected": 1, "total": 3},
    {"attribute": "race", "group": "A", "selected": 30, "total": 60},
    {"attribute": "race", "group": "B", "selected": 24, "total": 60},
    {"attribute": "race", "group": "C", "selected": 1, "total": 1},
]


def counts_file(folder, rows, ending="csv"):
    path = folder / f"counts.{ending}"
    frame = pd.DataFrame(rows)
    if ending == "csv":
        frame.to_csv(path, index=False)
    elif ending == "parquet":
        frame.to_parquet(path, index=False)
    else:
        frame.to_json(path, orient="records", lines=ending == "jsonl")
    return path


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return counts_figures(counts_file(tmp_path_factory.mktemp("counts"), TABLE))


def test_rates_and_ratios_are_those_worked_out_by_hand(found):
    sex, race = found["rates"]["after"]["tables"]
    rows = {row["category"]: row for row in sex["rows"]}
    assert rows["F"]["rate"] == 0.3
    assert rows["M"]["rate"] == 0.6
    assert rows["F"]["impact_ratio"] == 0.5
    assert sex["unknown"] == 3
    assert sex["applicants"] == 123
    # One person of 121 is under 2 %: shown, without a ratio, and not the highest.
    rows = {row["category"]: row for row in race["rows"]}
    assert race["highest"] == "A"
    assert rows["C"]["rate"] == 1.0
    assert rows["C"]["impact_ratio"] is None
    assert rows["B"]["impact_ratio"] == pytest.approx(0.8)


def test_four_fifths_are_compared_in_whole_numbers(found):
    sex, race = found["impact"]["after"]["tables"]
    by_group = {row["group"]: row for table in (sex, race) for row in table["groups"]}
    assert by_group["F"]["comparison"]["below_four_fifths"]
    # .4 over .5 is four fifths exactly, which is not below.
    assert not by_group["B"]["comparison"]["below_four_fifths"]
    assert by_group["B"]["comparison"]["ratio"] == 0.8


def test_tests_and_shortfall_are_those_of_the_plain_twins(found):
    sex = found["impact"]["after"]["tables"][0]
    row = next(row for row in sex["groups"] if row["group"] == "F")["comparison"]
    assert row["fisher_p"] == pytest.approx(float(fisher_reference(12, 40, 48, 80)), rel=1e-9)
    assert row["z"] ** 2 == pytest.approx(float(z_squared_reference(12, 40, 48, 80)), rel=1e-12)
    # .6 of 40 are 24; four fifths of .6 are .48, of 40 that is 19.2, so 20.
    assert row["shortfall"]["to_highest"] == 12
    assert row["shortfall"]["to_four_fifths"] == 8
    # Half of all people were selected; of 40 that is 20, 8 more than were.
    assert row["shortfall"]["to_overall"] == 8


@pytest.mark.parametrize("ending", ["json", "jsonl", "parquet"])
def test_every_format_gives_the_same_figures(found, tmp_path, ending):
    again = counts_figures(counts_file(tmp_path, TABLE, ending))
    for key in ("rates", "impact", "in_words"):
        assert again[key] == found[key]


def test_one_table_needs_no_attribute(tmp_path):
    rows = [{key: row[key] for key in ("group", "selected", "total")} for row in TABLE[:2]]
    (table,) = counts_figures(counts_file(tmp_path, rows))["rates"]["after"]["tables"]
    assert table["attribute"] == "group"
    assert table["lowest"]["impact_ratio"] == 0.5


def test_positions_and_attributes_make_a_table_each(tmp_path):
    rows = [
        {"position": position, "attribute": attribute, "group": group, "selected": i, "total": 5}
        for position in (1, 2)
        for attribute in ("sex", None)
        for i, group in enumerate(("x", "y"))
    ]
    tables = counts_figures(counts_file(tmp_path, rows))["rates"]["after"]["tables"]
    assert [table["attribute"] for table in tables] == ["1, sex", "1, (none)", "2, sex", "2, (none)"]


def test_scoring_and_selection_are_told_apart_and_not_mixed(tmp_path):
    rows = [{**row, "kind": "Scoring" if row["attribute"] == "sex" else None} for row in TABLE]
    found = counts_figures(counts_file(tmp_path, rows))
    assert found["data"]["kinds"] == ["scoring", "selection"]
    mixed = [{**row, "kind": ["scoring", "selection"][i % 2]} for i, row in enumerate(TABLE)]
    code, _, err = candor(
        "audit", "--counts", counts_file(tmp_path, mixed), "--out", tmp_path / "out" / "r.html"
    )
    assert code == 3
    assert "kind is ['scoring', 'selection']" in err


def test_the_page_is_whole_and_the_same_each_time(tmp_path):
    path = counts_file(tmp_path, TABLE)
    arguments = ("audit", "--counts", path, "--out", tmp_path / "report.html", "--date", "2026-11-21")
    said = machine(*arguments)
    page = (tmp_path / "report.html").read_bytes()
    assert machine(*arguments) == said
    assert (tmp_path / "report.html").read_bytes() == page
    read = Page(page.decode())
    assert read.unbalanced == []
    assert read.sections() == ["counts_data", "rates", "impact", "laws", "ranking_limits"]
    assert said["date"] == "2026-11-21"


def test_hostile_groups_are_shown_and_never_run(tmp_path):
    bad = "<img src=x onerror=alert(1)>"
    rows = [{"attribute": bad, "group": f"{bad}{i}", "selected": i, "total": 4} for i in (1, 2)]
    figures = {**counts_figures(counts_file(tmp_path, rows)), "command": bad}
    page = Page(counts_page(figures))
    assert "img" not in {tag for tag, _ in page.tags}
    assert f"{bad}1" in page.text["th"]
    assert page.unbalanced == []


def test_thousands_of_groups_are_worked_out(tmp_path):
    rows = [{"group": f"g{i}", "selected": i % 7, "total": 10} for i in range(2000)]
    found = counts_figures(counts_file(tmp_path, rows))
    # Each is under 2 %, so none is compared and none is the highest.
    (table,) = found["rates"]["after"]["tables"]
    assert len(table["rows"]) == 2000
    assert table["lowest"] is None
    assert found["impact"]["after"]["n_tests"] == 0


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"group": "F", "selected": 5, "total": 4}, {"group": "M", "selected": 1, "total": 4}], "5 selected of 4"),
        ([{"group": "F", "selected": -1, "total": 4}], "fewer than nobody"),
        ([{"group": "F", "selected": 1.5, "total": 4}], "no part of a person"),
        ([{"group": "F", "selected": "many", "total": 4}], "no number"),
        ([{"group": "F", "selected": None, "total": 4}], "missing"),
        ([{"group": "F", "selected": 1, "total": 4}] * 2, "stands there 2 times"),
        ([{"group": "F", "chosen": 1, "total": 4}], "no column 'selected'"),
        ([{"group": "F", "selected": float("inf"), "total": 4}], "no number"),
    ],
)  # fmt: skip
def test_counts_that_make_no_sense_are_refused_with_their_place(tmp_path, rows, said):
    path = counts_file(tmp_path, rows)
    code, _, err = candor("audit", "--counts", path, "--out", tmp_path / "report.html")
    assert code == 3
    assert said in err
    assert str(path) in err
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "report.html").exists()


def test_a_row_that_cannot_be_read_is_refused_and_not_left_out(tmp_path):
    path = tmp_path / "counts.csv"
    path.write_text("group,selected,total\nF,1,4\nM,2,4,too,many\n", encoding="utf-8")
    code, _, err = candor("audit", "--counts", path, "--out", tmp_path / "report.html")
    assert code == 3
    assert "line 3" in err
    assert "the figures need every group" in err


def test_a_table_without_a_row_is_refused(tmp_path):
    path = tmp_path / "counts.csv"
    path.write_text("attribute,group,selected,total\n", encoding="utf-8")
    code, _, err = candor("audit", "--counts", path, "--out", tmp_path / "report.html")
    assert code == 3
    assert "no row" in err


@pytest.mark.parametrize(
    "rows",
    [
        [{"group": "F", "selected": 0, "total": 4}, {"group": "M", "selected": 0, "total": 9}],
        [{"group": "F", "selected": 1, "total": 4}],
        [{"group": "unknown", "selected": 1, "total": 4}],
        [{"group": "F", "selected": 0, "total": 0}, {"group": "M", "selected": 0, "total": 0}],
    ],
    ids=["nobody selected", "one group", "all unknown", "nobody at all"],
)
def test_tables_without_a_comparison_are_told_as_such(tmp_path, rows):
    said = machine(
        "audit", "--counts", counts_file(tmp_path, rows), "--out", tmp_path / "report.html"
    )  # fmt: skip
    assert said["impact"]["after"]["n_tests"] == 0
    assert said["rates"]["after"]["tables"][0]["lowest"] is None
    assert Page((tmp_path / "report.html").read_text(encoding="utf-8")).unbalanced == []
