"""The study of the audit of 2004, in its small form, and the tests that it counts with."""

import json
import os
from itertools import permutations, product
from math import prod
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency, fisher_exact

from benchmarks import callback_audit
from benchmarks.callback_rates import PUBLISHED, compared, rates_by, within_ads

DATA = Path(os.environ.get("CANDOR_DATA") or Path(__file__).parents[2] / "shared" / "data")
needs_data = pytest.mark.skipif(
    not (DATA / "bertrand_mullainathan").is_dir(), reason=f"the real data are not at {DATA}: set CANDOR_DATA"
)


def answers(ads):
    """A table of résumés from ads, each a list of (race, called)."""
    rows = [(ad, race, called) for ad, sent in enumerate(ads) for race, called in sent]
    return pd.DataFrame(rows, columns=["job_ad_id", "race", "received_callback"])


@needs_data
def test_names_move_whom_they_are_given_to_only_where_they_are_read(capsys, tmp_path):
    assert callback_audit.main(["--quick", "--out", str(tmp_path / "audit.json")]) == 0
    told = capsys.readouterr().out
    for words in ("| white | 2435 | 235 | 9.65 |", "| black | 2435 | 157 | 6.45 |", "What cannot:", "1.497"):
        assert words in told
    lines = [line for line in told.splitlines() if line.startswith("| résumé and")]
    swapped = {
        tuple(cell.strip() for cell in line.split("|")[1:3]): line.split("|")[4].strip() for line in lines[2:]
    }
    assert swapped[("résumé and race", "first name")] == swapped[("résumé and first name", "race")] == "0"
    assert "0" not in (swapped[("résumé and race", "race")], swapped[("résumé and first name", "first name")])
    assert not list(tmp_path.iterdir())


@needs_data
def test_the_rates_are_those_published_and_the_tests_those_of_a_two_by_two_table():
    table = pd.read_csv(DATA / "bertrand_mullainathan" / "resume.csv")
    by_race = rates_by(table, ["race"], n_resamples=50)
    by_both = rates_by(table, ["race", "gender"], n_resamples=50)
    found = {cell["race"]: cell["rate"] for cell in by_race}
    found |= {f"{cell['race']} {cell['gender']}": cell["rate"] for cell in by_both}
    assert {who: round(rate, 2) for who, rate in found.items()} == PUBLISHED
    for cell in [*by_race, *by_both]:
        assert cell["interval"][0] < cell["rate"] < cell["interval"][1]
    counts = pd.crosstab(table["race"], table["received_callback"])
    pair = compared(table, n_resamples=50)
    # Without a continuity correction the square of Z is the chi-square of the table.
    assert pair["z"] ** 2 == pytest.approx(chi2_contingency(counts, correction=False).statistic, rel=1e-12)
    assert pair["z"] > 0
    assert round(pair["ratio"], 2) == 1.5
    assert pair["within_ads_p"] < pair["fisher_p"] < 1e-4


def test_within_one_ad_the_exact_test_is_fishers():
    for white, black in ((3, 0), (2, 1), (1, 1)):
        sent, called = np.array([[4, 3]]), np.array([[white, black]])
        assert within_ads(sent, called) == pytest.approx(
            fisher_exact([[white, 4 - white], [black, 3 - black]]).pvalue
        )


def test_over_ads_the_exact_test_agrees_with_every_shuffle():
    ads = [
        [("white", 1), ("white", 0), ("black", 0)],
        [("white", 1), ("black", 0), ("black", 0)],
        [("white", 1), ("black", 1)],
    ]
    shuffles = [list(permutations([race for race, _ in ad])) for ad in ads]
    totals = [
        sum(
            c
            for races, ad in zip(drawn, ads, strict=True)
            for race, (_, c) in zip(races, ad, strict=True)
            if race == "black"
        )
        for drawn in product(*shuffles)
    ]
    assert len(totals) == prod(map(len, shuffles))
    chance = {total: totals.count(total) / len(totals) for total in set(totals)}
    seen = sum(c for ad in ads for race, c in ad if race == "black")
    expected = sum(part for part in chance.values() if part <= chance[seen] * (1 + 1e-9))
    assert compared(answers(ads), n_resamples=20)["within_ads_p"] == pytest.approx(expected)


def test_an_interval_over_ads_is_wider_where_the_resumes_of_an_ad_share_their_answer():
    # 40 ads of four that answer all or none, against as many answers with an ad each.
    together = answers([[("white", ad % 4 == 0)] * 2 + [("black", ad % 4 == 0)] * 2 for ad in range(40)])
    apart = together.assign(job_ad_id=range(len(together)))
    widths = [
        np.diff(rates_by(table, ["race"], n_resamples=400)[0]["interval"])[0] for table in (together, apart)
    ]
    assert widths[0] > 1.2 * widths[1]


def test_the_recorded_study_says_what_its_page_says():
    recorded = Path(callback_audit.__file__).parent / "results" / "callback_audit.json"
    found = json.loads(recorded.read_text("utf-8"))
    assert recorded.with_suffix(".md").read_text("utf-8") == callback_audit.told(found) + "\n"
    ours = [found["rankers"][name] for name in (callback_audit.PLAIN, callback_audit.FAIR)]
    assert all(model[what]["moved"]["most"] == 0 for model in ours for what in ("first name", "race"))
