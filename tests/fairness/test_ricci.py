"""Ricci v. DeStefano: the promotion exams of New Haven's fire department, 2003, from the court record."""

import os
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest

from fairness.adverse_impact.counts import SelectionCounts
from fairness.adverse_impact.table import adverse_impact
from fairness.groups import Groups
from ranker.ranking.ranking import Ranking

DATA = Path(os.environ.get("CANDOR_DATA") or Path(__file__).parents[3] / "shared" / "data")
FILE = DATA / "ricci" / "ricci.csv"
PASS = 70.0
# Vacancies at the time, and the rule of three: each is filled from the three highest still there,
# so that as many as the vacancies and two more can be promoted.
VACANCIES = {"Captain": 7, "Lieutenant": 8}


@pytest.fixture(scope="module")
def firefighters():
    if not FILE.is_file():
        pytest.skip(f"no exam results at {FILE}: set CANDOR_DATA to the folder of data")
    return pd.read_csv(FILE)


@pytest.fixture(scope="module")
def ranking(firefighters):
    return Ranking.from_scores(firefighters["Combine"], job=firefighters["Position"])


def passed(people, by="Race"):
    flags = people["Combine"] >= PASS
    return SelectionCounts.from_flags(flags, Groups.from_values(people[by], attribute="race"))


def test_the_combined_score_is_the_written_exam_by_three_fifths(firefighters):
    combined = 0.6 * firefighters["Written"] + 0.4 * firefighters["Oral"]
    assert combined.to_numpy() == pytest.approx(firefighters["Combine"].to_numpy(), abs=1e-9)
    assert ((firefighters["Combine"] >= PASS) == (firefighters["pass70"] == 1)).all()


def test_pass_rates_and_impact_ratio_over_both_exams(firefighters):
    table = adverse_impact(passed(firefighters))
    white, others = table.row("White"), table.row("Non-White")
    assert (white.selected, white.total) == (41, 68)
    assert (others.selected, others.total) == (15, 50)
    assert round(white.rate, 3) == 0.603
    assert round(others.rate, 3) == 0.300
    assert others.comparison.ratio == Fraction(15 * 68, 41 * 50)
    assert round(float(others.comparison.ratio), 3) == 0.498
    assert others.comparison.below_four_fifths
    # One line of arithmetic each: .8 * 41/68 * 50 = 24.1..., so 25 passes and 10 more than there were.
    assert others.comparison.shortfall.to_four_fifths == 10
    assert others.comparison.tests.agree is True


# 557 U.S. 557, 586-587 (2009), prints the pass rates in percent.
@pytest.mark.parametrize(
    ("position", "rates"),
    [("Captain", {"W": 64.0, "B": 37.5, "H": 37.5}), ("Lieutenant", {"W": 58.1, "B": 31.6, "H": 20.0})],
)
def test_pass_rates_of_each_exam_are_those_of_the_opinion(firefighters, position, rates):
    counts = passed(firefighters[firefighters["Position"] == position], by="Race5")
    assert {label: round(100 * rate, 1) for label, rate in counts.rates().items()} == rates
    table = adverse_impact(counts)
    assert table.reference == ("W",)
    assert all(table.row(label).comparison.below_four_fifths for label in ("B", "H"))


def test_promotable_lists_are_those_of_the_court_case(firefighters, ranking):
    promotable = {}
    for position, vacancies in VACANCIES.items():
        ranked = ranking.of(position)
        rows = ranked.row[ranked.in_top(vacancies + 2)]
        promotable[position] = firefighters["Race5"].iloc[rows].value_counts().to_dict()
        marked = firefighters.index[
            (firefighters["Position"] == position) & (firefighters["promotable_g_plus_2"] == 1)
        ]
        assert sorted(rows.tolist()) == marked.tolist()
        # The last of the list and the next one do not tie: no lot was drawn about who is on it.
        assert ranked.scores[vacancies + 1] > ranked.scores[vacancies + 2]
    assert promotable == {"Captain": {"W": 7, "H": 2}, "Lieutenant": {"W": 10}}


def test_few_promotions_are_told_of(firefighters, ranking):
    groups = Groups.from_values(firefighters["Race"], attribute="race")
    captains = SelectionCounts.from_ranking(ranking.of("Captain"), groups, top_k=9)
    row = adverse_impact(captains).row("Non-White")
    assert (row.selected, row.total) == (2, 16)
    assert row.comparison.below_four_fifths
    assert any("under 5 selected: 2" in note for note in row.notes)
    assert row.comparison.tests.fisher_p > 0.05
    lieutenants = SelectionCounts.from_ranking(ranking.of("Lieutenant"), groups, top_k=10)
    row = adverse_impact(lieutenants).row("Non-White")
    assert (row.selected, row.total) == (0, 34)
    assert row.comparison.ratio == 0
    assert row.comparison.tests.fisher_p < 0.05
