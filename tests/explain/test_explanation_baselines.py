"""What amounts are held against, and that nothing is lost whatever that is."""

import json
from dataclasses import replace

import pytest
from explanation_case import Case, case, reranked

from explain import render
from ranker.errors import DataError, UnknownCandidateError

WAYS = {
    "population": {},
    "pool": {"baseline": "pool"},
    "zero": {"baseline": "zero"},
    "a candidate": {"reference": "applicant-twin"},
    "unsplit": {"pairs": "unsplit"},
    "unsplit against the pool": {"pairs": "unsplit", "baseline": "pool"},
}
LEVELS = ("terms", "features", "fields")


@pytest.mark.parametrize("way", WAYS)
def test_the_baseline_and_the_amounts_against_it_sum_to_the_score_of_every_candidate(way):
    c = case()
    moved = reranked(c.ranking, "job-3", [(9, 2), (4, 20)])
    for job, candidate in c.pairs():
        if job == "job-lonely" and "reference" in WAYS[way]:
            continue
        e = c.explain(job, candidate, ranking=moved, certainty=False, **WAYS[way])
        assert e.residual <= 1e-9
        for level in LEVELS:
            assert abs(e.base_score + sum(e.relative(level).values()) - e.score) <= 1e-9
        assert abs(e.base_score + sum(reason.relative for reason in e.reasons) - e.score) <= 1e-9
        for reason in e.reasons:
            entries = sum(amount for _, amount in reason.entries)
            assert abs(entries + reason.rest - reason.relative) <= 1e-9


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("audience", ["recruiter", "auditor", "developer"])
def test_json_of_every_audience_conserves_against_every_baseline(way, audience):
    e = case().explain("job-3", "applicant-hostile", **WAYS[way])
    document = json.loads(render(e, audience=audience, format="json"))
    assert document["baseline"]["words"] == e.baseline.words
    for level in LEVELS:
        held = document["baseline"]["score"] + sum(document["relative"][level].values())
        assert abs(held - document["score"]) <= 1e-9
        assert abs(document["intercept"] + sum(document[level].values()) - document["score"]) <= 1e-9


def test_the_baseline_is_stated_to_each_audience():
    population, pool = (
        case().explain("job-1", "applicant-twin", **WAYS[way]) for way in ("population", "pool")
    )
    assert "the average application that the ranking was learned from" in flat(population, "candidate")
    for audience in ("recruiter", "auditor", "developer"):
        assert "the average candidate of this job" in flat(pool, audience)


def test_the_mean_of_a_pools_own_amounts_against_it_is_zero():
    c = case()
    pool = c.ranking.of("job-2").candidates
    explained = [c.explain("job-2", name, baseline="pool", certainty=False) for name in pool]
    for term in explained[0].terms:
        assert sum(e.relative("terms")[term] for e in explained) == pytest.approx(0, abs=1e-9)


def test_a_candidate_against_itself_differs_by_nothing():
    e = case().explain("job-1", "applicant-hostile", reference="applicant-hostile")
    assert e.base_score == e.score
    assert not any(e.relative("fields").values())


def test_zero_takes_the_place_of_a_mean_where_no_training_weights_are_kept():
    c = case()
    bare = replace(c.scorer, terms=tuple(replace(term, weights=None) for term in c.scorer.terms))
    e = Case(bare, c.features, c.records, c.table, c.ranking).explain("job-1", "applicant-twin")
    assert e.baseline.kind == "zero"
    assert "no training weights" in e.baseline.words
    assert e.base_score == e.intercept


@pytest.mark.parametrize("way", ["pool", "a candidate"])
@pytest.mark.parametrize("format", ["text", "html", "json"])
def test_a_candidate_is_never_held_against_others(way, format):
    e = case().explain("job-1", "applicant-hostile", **WAYS[way])
    with pytest.raises(DataError, match="tell the candidate of others"):
        render(e, audience="candidate", format=format)


def test_an_unknown_baseline_and_an_unknown_reference_are_refused_with_a_hint():
    with pytest.raises(DataError, match="did you mean 'population'"):
        case().explain("job-1", "applicant-twin", baseline="poplation")
    with pytest.raises(UnknownCandidateError, match="did you mean 'applicant-twin'"):
        case().explain("job-1", "applicant-hostile", reference="applicant-twn")
    with pytest.raises(DataError, match="did you mean 'halved'"):
        case().explain("job-1", "applicant-twin", pairs="halvd")


def test_an_unsplit_interaction_is_told_by_both_its_names():
    e = case().explain("job-1", "applicant-twin", pairs="unsplit")
    joint = [reason for reason in e.reasons if reason.kind == "interaction"]
    assert {reason.name for reason in joint} == {name for name in e.terms if " & " in name}
    assert joint
    for reason in joint:
        assert reason.amount == e.terms[reason.name]
        assert reason.label.endswith("together")
        assert reason.label in render(e, audience="recruiter", format="html")
    assert "stands by itself, unsplit" in flat(e, "auditor")


def test_an_amount_says_how_it_was_split():
    rules = set()
    for job, candidate in case().pairs():
        for reason in case().explain(job, candidate, certainty=False).reasons:
            rules.add(reason.split)
            assert (reason.split == "whole") == (not reason.entries)
    assert rules == {"whole", "Shapley"}
    assert "here by exact Shapley values" in flat(case().explain("job-1", "applicant-hostile"), "auditor")


def flat(e, audience):
    return " ".join(render(e, audience=audience).split())
