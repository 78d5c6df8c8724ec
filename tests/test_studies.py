"""The studies of benchmarks/, in their small form."""

import os
from pathlib import Path

import numpy as np
import pytest

from benchmarks import certificates, chile_published, fairness_cost, person_bags
from benchmarks.certificates_summary import summarise
from benchmarks.frontier_parts.cases import case_of

DATA = Path(os.environ.get("CANDOR_DATA") or Path(__file__).parents[2] / "shared" / "data")
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"the real data are not at {DATA}: set CANDOR_DATA")


def test_bags_that_hold_out_people_stop_a_booster_that_learns_people_by_heart():
    rounds = {held: found[0] for held, found in person_bags.study(n_candidates=90, n_jobs=8, bags=1).items()}
    assert rounds["people"] < rounds["jobs"] / 10


@needs_data
def test_a_colour_blind_linear_scorer_lands_on_the_published_precision(capsys):
    assert chile_published.main(["--quick"]) == 0
    assert "ListNet" in capsys.readouterr().out


def test_of_equal_grades_at_the_last_place_the_first_rows_count_unless_said_otherwise():
    n = chile_published.TOP + 20
    grades = np.concatenate([np.arange(n, 21, -1.0), np.full(21, 1.0)])  # 99 above a run of 21
    scores = -np.arange(n, dtype=float)
    assert chile_published.precision(scores, grades) == 1.0
    swapped = scores[
        np.r_[: chile_published.TOP - 1, n - 1, chile_published.TOP : n - 1, chile_published.TOP - 1]
    ]
    found = {rule: chile_published.precision(swapped, grades, equal=rule) for rule in ("rows", "all", "none")}
    assert found == {"rows": 0.99, "all": 1.0, "none": 0.99}


@needs_data
def test_the_cost_of_a_frontier_is_told_with_what_it_is_made_of(capsys, tmp_path):
    assert fairness_cost.main(["--quick", "--out", str(tmp_path / "cost.json")]) == 0
    told = capsys.readouterr().out
    for words in ("b / a", "c / a", "relevance fit", "group fits", "reductions", "walks", "certificates"):
        assert words in told
    assert not list(tmp_path.iterdir())


@needs_data
def test_certificates_are_held_against_a_half_that_nothing_has_seen(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(certificates, "RESULTS", tmp_path)
    assert certificates.main(["--quick"]) == 0
    told = capsys.readouterr().out
    for words in ("not contradicted", "findhr, candidate.gender_c", "bound 0.05", "holds, sure"):
        assert words in told
    assert not list(tmp_path.iterdir())


@needs_data
@pytest.mark.parametrize(
    ("task", "attribute", "unit"),
    [
        ("chile_engineering", "candidate.highschool", "person"),
        ("bertrand_mullainathan", "candidate.race", "job"),
    ],
)
def test_halves_share_nobody_and_no_job_where_jobs_are_many(task, attribute, unit):
    case = case_of(task, attribute, 0)
    one, other = certificates.halves(case)
    assert sorted([*one, *other]) == list(range(len(case.test)))
    units = getattr(case.test, unit)
    assert not set(units[one]) & set(units[other])
    assert abs(len(one) - len(other)) < 0.2 * len(case.test)


def test_what_a_certificate_says_is_counted_against_the_untouched_half():
    def case(untouched, *, verdict="holds", sure=True, measured=0.02):
        ends = [untouched - 0.01, untouched + 0.01]
        return {
            "bound": 0.05, "verdict": verdict, "sure": sure, "measured": measured, "interval": [0.0, 0.04],
            "untouched": untouched, "untouched_interval": ends, "whole_test": untouched,
        }  # fmt: skip

    rows = [case(0.02), case(0.045), case(0.055), case(0.09), case(0.02, verdict="fails", measured=0.09)]
    found = summarise({("task", "group", 0): rows, ("task", "group", 1): [{"error": "nobody"}]})
    told = found["cases"]["all"]
    assert told["verdicts"] == {"holds": 4, "undecided": 0, "fails": 1}
    assert told["of_holds"]["within_interval"] == 0.25
    assert told["of_holds"]["within_widened_interval"] == 0.5
    assert told["of_holds"]["keeps_bound"] == 0.5
    assert told["of_holds"]["not_contradicted"] == 0.75
    assert told["holds_where_half_the_bound"] == {"n": 2, "share": 0.5, "sure": 0.5}
    assert found["errors"] == ["task, group: nobody"]
