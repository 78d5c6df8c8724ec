import json

import pandas as pd
import pytest
from explanation_case import case

from explain import sensitivity
from explain.change.firmness import Nudge, Sensitivity
from ranker.errors import DataError, UnknownCandidateError
from ranker.ranking import Ranking
from ranker.records import Records
from ranker.records.ledger import Ledger


def ask(candidate, job="job-1", **options):
    c = case()
    options.setdefault("table", c.table)
    return sensitivity(c.scorer, c.features, c.records, job=job, candidate=candidate, **options)


def rank_with(candidate, column, value):
    """Rank of a candidate whose raw record says something else, by the whole pipeline."""
    c = case()
    table = c.records.tables["candidate"].copy()
    cells = table[column].to_numpy(dtype=object, copy=True)
    cells[table.index.get_loc(candidate)] = value
    table[column] = pd.Series(cells, index=table.index, dtype=object)
    tables = {**c.records.tables, "candidate": table}
    records = Records(
        tables, c.records.rows, c.records.candidate, c.records.job, c.records.fields, None, Ledger(), c.records.keys
    ).take(c.records.job == "job-1")  # fmt: skip
    scores = c.scorer.score(c.features.compute(records))
    return Ranking.from_scores(scores, job=records.job, candidate=records.candidate).rank_of(
        "job-1", candidate
    )


@pytest.mark.parametrize("change", [0.1, 0.5])
def test_ranks_are_those_of_the_changed_record(change):
    for candidate in case().ranking.of("job-1").candidates[::5]:
        found = ask(candidate, change=change)
        assert found.rank == case().ranking.rank_of("job-1", candidate)
        for nudge in found.nudges:
            column = nudge.path.partition(".")[2]
            if column == "work":
                posts = case().records.tables["candidate"].loc[candidate, "work"]
                for factor, rank in zip((1 - change, 1 + change), nudge.ranks, strict=True):
                    scaled = [{**post, "months": post["months"] * factor} for post in posts]
                    assert rank_with(candidate, "work", scaled) == rank
            else:
                for value, rank in zip(nudge.values, nudge.ranks, strict=True):
                    assert rank_with(candidate, column, value) == rank


def test_every_number_of_the_record_is_nudged_and_nothing_else():
    paths = {nudge.path for nudge in ask("applicant-twin").nudges}
    assert paths <= {"candidate.test", "candidate.gap", "candidate.work"}
    assert "candidate.gap" in paths


def test_who_gives_no_number_has_none_nudged():
    found = ask("applicant-silent")
    assert found.nudges == ()
    assert "Your record holds no number that is looked at." in found.to_text()


def test_a_flip_is_a_rank_on_the_other_side_of_the_line():
    for top_k in (3, 8, 14, 20):
        for candidate in case().ranking.of("job-1").candidates[::4]:
            found = ask(candidate, top_k=top_k, change=0.3)
            for nudge in found.nudges:
                assert nudge.flips == any((rank <= top_k) != found.in_top for rank in nudge.ranks)
            if found.flipping:
                assert found.borderline
                assert "borderline" in found.to_text()


def test_interval_and_chance_come_from_the_bags():
    found = ask("applicant-twin", top_k=10)
    low, high = found.rank_interval
    assert low <= found.rank <= high
    assert 0 <= found.p_top_k <= 1


def example(**values):
    nudge = Nudge("candidate.test", "test score", "points", 50.0, (45.0, 55.0), (12, 9), True)
    given = {
        "job": "j", "candidate": "c", "rank": 11, "pool_size": 20, "top_k": 10, "change": 0.1,
        "nudges": (nudge,), "rank_interval": (11, 11), "p_top_k": 0.0,
    }  # fmt: skip
    return Sensitivity(**(given | values))


def test_a_borderline_case_says_so_and_why():
    text = example().to_text()
    assert (
        "Test score: with 45 points (10% less) you would be at rank 12, with 55 points (10% more) at rank 9."
        in text
    )
    assert "This is a borderline case: a small change of 1 number decides it (test score)." in text
    unsure = example(nudges=(), p_top_k=0.4)
    assert unsure.borderline
    assert "the data do not say firmly" in unsure.to_text()


def test_a_firm_place_says_so():
    firm = example(nudges=(), p_top_k=0.01)
    assert not firm.borderline
    assert "Your place is firm" in firm.to_text()
    assert not example(nudges=(), rank_interval=None, p_top_k=None).borderline


def test_json_is_strict_and_holds_nothing_about_others():
    others = [str(label) for label in case().ranking.of("job-1").candidates if label != "applicant-twin"]
    found = ask("applicant-twin")
    document = found.to_json()
    text = json.dumps(document, allow_nan=False)
    assert json.loads(text) == document
    assert not any(other in text or other in found.to_text() for other in others)
    assert not any(word in text for word in ("gender", "origin", "candidate.name"))


def test_what_means_nothing_is_refused():
    with pytest.raises(DataError, match=r"such as 0\.1"):
        ask("applicant-twin", change=0)
    with pytest.raises(DataError, match="whole number from 1"):
        ask("applicant-twin", top_k=0)
    with pytest.raises(UnknownCandidateError):
        ask("nobody")
