"""The studies of benchmarks/, in their small form."""

import os
from pathlib import Path

import numpy as np
import pytest

from benchmarks import chile_published, person_bags

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
