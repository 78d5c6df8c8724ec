"""The three tables of a bias audit, the rule's own examples, and audits that were published."""

import json
import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference_impact import counts_reference, impact_ratios_reference, median_reference

from benchmarks import ll144_audits
from benchmarks.ll144_parts.published import Row, tables_of
from benchmarks.ll144_parts.rates import check_rates
from benchmarks.ll144_parts.ratios import check_ratios
from fairness.adverse_impact.counts import SelectionCounts
from fairness.adverse_impact.local_law_144 import (
    impact_table,
    local_law_144,
    local_law_144_of_ranking,
    local_law_144_of_scores,
)
from fairness.groups import Groups
from ranker.errors import DataError
from ranker.ranking.ranking import Ranking

DATA = Path(os.environ.get("CANDOR_DATA") or Path(__file__).parents[3] / "shared" / "data")
VECTORS = DATA / "test_vectors" / "vectors.json"
AUDITS = DATA / "ll144_audits" / "audits.csv"

people = st.lists(
    st.tuples(
        st.sampled_from(["Female", "Male", None]),
        st.sampled_from(["White", "Asian", "Black", None]),
        st.integers(0, 4),
    ),
    min_size=1,
    max_size=25,
)


@pytest.fixture(scope="module")
def vectors():
    if not VECTORS.is_file():
        pytest.skip(f"no test vectors at {VECTORS}: set CANDOR_DATA to the folder of test data")
    return json.loads(VECTORS.read_text(encoding="utf-8"))


def of_people(rows):
    sexes = Groups.from_values([sex for sex, _, _ in rows], attribute="sex")
    races = Groups.from_values([race for _, race, _ in rows], attribute="race")
    return sexes, races, [score for *_, score in rows]


def both(sex, race):
    return None if sex is None or race is None else f"{sex} × {race}"


def agrees(table, rows, min_share):
    counts = counts_reference(rows)
    unknown = counts.pop(None, (0, 0))
    ratios = impact_ratios_reference(counts, Fraction(str(min_share)))
    assert {row.category: (row.selected, row.applicants) for row in table.rows} == counts
    assert {row.category: row.impact_ratio for row in table.rows} == ratios
    assert {row.category: row.rate for row in table.rows} == {g: Fraction(*c) for g, c in counts.items()}
    assert all(bool(row.note) == (row.impact_ratio is None) for row in table.rows)
    assert table.unknown_applicants == unknown[1]


@given(rows=people, min_share=st.sampled_from([0.0, 0.02, 0.2]))
def test_scoring_tables_agree_with_their_plain_twin(rows, min_share):
    sexes, races, scores = of_people(rows)
    tables = local_law_144_of_scores(scores, sex=sexes, race=races, min_share=min_share)
    above = [score > median_reference(scores) for score in scores]
    for table, groups in (
        (tables.sex, [sex for sex, _, _ in rows]),
        (tables.race, [race for _, race, _ in rows]),
        (tables.intersection, [both(sex, race) for sex, race, _ in rows]),
    ):
        agrees(table, list(zip(groups, above, strict=True)), min_share)
        assert table.kind == "scoring"


@given(rows=people, top_k=st.integers(1, 30), n_jobs=st.integers(1, 3))
def test_selection_tables_agree_with_their_plain_twin(rows, top_k, n_jobs):
    sexes, races, scores = of_people(rows)
    job = [i % n_jobs for i in range(len(rows))]
    ranking = Ranking.from_scores(scores, job=job)
    tables = local_law_144_of_ranking(ranking, sex=sexes, race=races, top_k=top_k)
    chosen = set(ranking.row[ranking.in_top(top_k)].tolist())
    flags = [i in chosen for i in range(len(rows))]
    agrees(tables.sex, list(zip([sex for sex, _, _ in rows], flags, strict=True)), 0.02)
    crossed = [both(sex, race) for sex, race, _ in rows]
    agrees(tables.intersection, list(zip(crossed, flags, strict=True)), 0.02)
    json.dumps(tables.to_json(), allow_nan=False)


def test_a_small_category_is_shown_with_its_rate_and_without_a_ratio():
    counts = SelectionCounts("race", ("a", "b", "c"), (400, 9, 0), (989, 10, 0), unknown_total=50)
    table = impact_table(counts)
    small = table.rows[1]
    assert (small.applicants, small.rate, small.impact_ratio) == (10, Fraction(9, 10), None)
    assert small.note == "under 2% of the data: no impact ratio"
    assert table.rows[2].note == "no applicants"
    # The small one has the higher rate, and is not what the others are measured by.
    assert table.highest == ("a",)
    assert table.rows[0].impact_ratio == 1
    assert table.unknown_applicants == 50
    assert impact_table(counts, min_share=0).highest == ("b",)
    frame = table.to_frame()
    assert frame.index.tolist() == ["a", "b", "c"]
    assert np.isnan(frame.loc["b", "impact_ratio"])
    assert frame.loc["b", "rate"] == 0.9


def test_the_tables_flag_nothing():
    """The rule names no ratio that would be too low: .5 is a figure like any other."""
    table = impact_table(SelectionCounts("sex", ("f", "m"), (1, 50), (100, 100)))
    assert set(table.to_json()["categories"][0]) == {
        "category", "applicants", "selected", "rate", "share", "impact_ratio", "note",
    }  # fmt: skip
    assert all(row.note == "" for row in table.rows)


def test_nobody_selected_has_no_ratio():
    table = impact_table(SelectionCounts("sex", ("f", "m"), (0, 0), (10, 10)))
    assert [row.note for row in table.rows] == ["no category has a rate above 0"] * 2


def test_tables_of_different_kinds_are_refused():
    one = SelectionCounts("sex", ("f",), (1,), (2,))
    other = SelectionCounts("race", ("a",), (1,), (2,), kind="scoring")
    with pytest.raises(DataError, match="make all alike"):
        local_law_144(sex=one, race=other, intersection=one)


def test_the_selection_example_of_the_rule(vectors):
    """Quoted from memory in the vectors; every printed figure is its counts' figure, rounded."""
    vector = vectors["nyc_ll144_5-301_selection_example_FROM_MEMORY_verify"]
    for attribute in ("sex", "race"):
        counts = SelectionCounts.from_mapping(
            {label: (s, n) for label, (n, s, _, _) in vector[attribute].items()}, attribute=attribute
        )
        # One category of 41 is under 2 % and has a ratio in the example: the rule lets it be left out.
        for row in impact_table(counts, min_share=0).rows:
            _, _, rate, ratio = vector[attribute][row.category]
            digits = len(str(ratio).partition(".")[2])
            assert float(row.rate) == pytest.approx(rate, abs=0.005)
            assert round(float(row.impact_ratio), digits) == ratio


def test_the_scoring_example_of_the_rule_but_for_one_misprint(vectors):
    vector = vectors["nyc_ll144_5-301_scoring_example_verified_in_stored_text"]
    unlike = {}
    for attribute in ("sex", "race"):
        counts = SelectionCounts.from_mapping(
            {label: (vector["counts_inferred"][label], n) for label, (n, _, _) in vector[attribute].items()},
            attribute=attribute,
            kind="scoring",
        )
        for row in impact_table(counts).rows:
            _, rate, ratio = vector[attribute][row.category]
            assert round(float(row.impact_ratio), 2) == ratio
            if round(float(row.rate), 3) != rate:
                unlike[row.category] = (round(float(row.rate), 3), rate)
    assert unlike == {"Hispanic or Latino": (0.643, 0.642)}
    # No number of 28 people rounds to .642; and the rule does not cut off throughout: it has
    # .417 for 10 of 24, which is .41666...
    assert all(round(s / 28, 3) != 0.642 for s in range(29))
    assert int(10 / 24 * 1000) == 416
    assert vector["race"]["Asian"][1] == 0.417


# --- audits that were published -------------------------------------------------------------------


def row(category="White", by="race/ethnicity", **figures):
    race, sex = category if isinstance(category, tuple) else (category, "Total")
    given = {"applicants": 100.0, "selected": 50.0, "rate": 0.5, "ratio": float("nan")} | figures
    return Row("audit", "job", "Selection", by, race, sex, **given)


def test_a_fitting_row_is_no_misfit_and_a_missing_figure_is_no_row():
    found = check_rates([row(), row("Asian", rate=float("nan")), row("Black", selected=float("nan"))])
    assert found["misfits"] == []
    assert (found["rows"], found["rows_with_counts"], found["rows_with_counts_and_rate"]) == (3, 2, 1)


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        # .77 of 6 people, beside 39 applicants.
        ([row(applicants=39.0, selected=4.62, rate=0.77)], "the count is this rate of 6 people"),
        ([row(applicants=1000.0, selected=717.0, rate=0.71)], "cut off instead of rounded"),
        ([row(selected=90.0)], "unexplained"),
        (
            [
                row(selected=90.0, rate=0.5),
                row(("White", "Male"), "intersectional", applicants=50.0, selected=26.0, rate=0.52),
                row(("White", "Female"), "intersectional", applicants=50.0, selected=24.0, rate=0.48),
            ],
            "a count misprinted: the audit's other tables give 0.500",
        ),
        (
            [
                row(("White", "Male"), "intersectional", applicants=60.0, selected=30.0, rate=0.7),
                row(("White", "Female"), "intersectional", applicants=40.0, selected=20.0, rate=0.5),
                row(),
            ],
            "the rate misprinted: the audit's other tables give 0.500",
        ),
    ],
)
def test_a_rate_that_its_counts_do_not_give_is_listed_with_a_guess(rows, kind):
    (found,) = check_rates(rows)["misfits"]
    assert found["published"] == rows[0].rate
    assert found["recomputed"] == round(rows[0].selected / rows[0].applicants, 4)
    assert kind in found["guess"]


def test_a_rate_that_no_whole_number_of_people_has_is_listed():
    found = check_rates([row(applicants=56.0, selected=22.4, rate=0.4)])
    assert found["misfits"] == []
    assert len(found["no_whole_number"]) == 1
    assert check_rates([row(applicants=9.0, selected=2.97, rate=0.33)])["no_whole_number"] == []


def test_ratios_that_fit_are_counted_under_the_choices_they_fit():
    table = [
        row("White", applicants=900.0, selected=450.0, rate=0.5, ratio=1.0),
        row("Asian", applicants=90.0, selected=36.0, rate=0.4, ratio=0.8),
        row("Black", applicants=10.0, selected=9.0, rate=0.9),
    ]
    found = check_ratios(tables_of(table))
    assert found["misfits"] == []
    assert found["tables_that_fit"] == {
        "highest of categories from 2 %": 1,
        "highest of all categories": 0,
        "highest of those with a ratio": 1,
        "any of the three": 1,
    }


def test_a_ratio_that_does_not_fit_is_listed_and_one_above_one_makes_another_definition():
    table = [
        row("White", applicants=400.0, selected=200.0, rate=0.5, ratio=1.0),
        row("Asian", applicants=400.0, selected=160.0, rate=0.4, ratio=0.8),
        row("Black", applicants=400.0, selected=160.0, rate=0.4, ratio=0.6),
    ]
    (found,) = check_ratios(tables_of(table))["misfits"]
    assert (found["group"], found["published"], found["recomputed"]) == ("Black", 0.6, 0.8)
    table[2] = row("Black", applicants=400.0, selected=160.0, rate=0.4, ratio=1.2)
    found = check_ratios(tables_of(table))
    assert found["misfits"] == []
    assert found["above_one"] == 1
    assert found["audits_of_another_definition"]["audit"]["misfits"] == 1


def test_the_published_audits_recomputed(capsys, tmp_path):
    if not AUDITS.is_file():
        pytest.skip(f"no published audits at {AUDITS}: set CANDOR_DATA to the folder of test data")
    out = tmp_path / "audits.json"
    assert ll144_audits.main(["--out", str(out)]) == 0
    found = json.loads(out.read_text(encoding="utf-8"))
    rates = found["rates"]
    assert (rates["audits_with_counts"], rates["audits"]) == (62, 64)
    assert rates["share_within"] >= 0.99
    assert rates["made_whole_within"] / rates["rows_with_counts_and_rate"] >= 0.99
    assert rates["within"] + len(rates["misfits"]) == rates["rows_with_counts_and_rate"]
    assert all(abs(one["published"] - one["recomputed"]) > 0.006 for one in rates["misfits"])
    assert "only there does a fit say something" in capsys.readouterr().out
    assert out.with_suffix(".md").is_file()


def test_a_quick_run_writes_nothing(tmp_path):
    if not AUDITS.is_file():
        pytest.skip(f"no published audits at {AUDITS}: set CANDOR_DATA to the folder of test data")
    assert ll144_audits.main(["--quick", "--out", str(tmp_path / "audits.json")]) == 0
    assert not list(tmp_path.iterdir())
