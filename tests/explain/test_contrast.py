"""One candidate against another: a subtraction, the moves where they decided, and who may know what."""

import json
from dataclasses import replace

import pytest
from explanation_case import case, reranked
from hypothesis import given, settings
from hypothesis import strategies as st

from explain import contrast, render
from explain.against import LEVELS, Contrast, rival_at_cutoff
from ranker.errors import DataError

STEPS = st.lists(st.tuples(st.integers(1, 28), st.integers(1, 28)), max_size=5)
FORMATS = ("text", "html", "json")


def of(job, one, other, **options):
    c = case()
    return contrast(*(c.explain(job, who, **options) for who in (one, other)))


def with_cutoff(job, candidate, top_k=10, ranking=None):
    c = case()
    rival = rival_at_cutoff(ranking or c.ranking, job=job, candidate=candidate, top_k=top_k)
    return of(job, candidate, rival, top_k=top_k, ranking=ranking)


def flat(c, audience):
    return " ".join(render(c, audience=audience).split())


@pytest.mark.parametrize("pairs", ["halved", "unsplit"])
def test_differences_sum_to_the_difference_of_the_scores_for_any_two_of_a_job(pairs):
    c = case()
    pool = c.ranking.of("job-2").candidates
    explained = [c.explain("job-2", name, pairs=pairs, certainty=False) for name in pool]
    for one in explained:
        for other in explained:
            if one is other:
                continue
            found = contrast(one, other)
            assert found.difference == one.score - other.score
            assert found.residual <= 1e-9
            for level in LEVELS:
                assert abs(sum(found.amounts(level).values()) - found.difference) <= 1e-9


def test_a_contrast_turned_over_changes_its_signs_alone():
    one, other = (
        of("job-1", "applicant-twin", "applicant-hostile"),
        of("job-1", "applicant-hostile", "applicant-twin"),
    )
    assert other.difference == -one.difference
    for level in LEVELS:
        assert other.amounts(level) == {name: -amount for name, amount in one.amounts(level).items()}


def test_people_with_the_same_record_differ_by_nothing_and_a_lot_decides():
    c = of("job-1", "applicant-000", "applicant-twin")
    assert c.difference == 0
    assert not any(c.amounts("fields").values())
    assert c.decided_by == "lot"
    assert "Their scores are exactly equal." in flat(c, "recruiter")


@settings(max_examples=15)
@given(STEPS)
def test_moves_are_named_as_the_cause_exactly_where_they_turn_two_over(steps):
    c = case()
    moved = reranked(c.ranking, "job-3", steps)
    pool = c.ranking.of("job-3").candidates
    explained = [c.explain("job-3", name, ranking=moved, certainty=False) for name in pool]
    for upper, one in enumerate(explained):
        for other in explained[upper + 1 :]:
            turned = moved.rank_of("job-3", one.candidate) > moved.rank_of("job-3", other.candidate)
            found = contrast(one, other)
            assert (found.decided_by == "moves") == turned
            assert not turned or one.moves or other.moves


def test_a_move_that_decided_is_told_with_both_orders():
    pool = case().ranking.of("job-0").candidates
    moved = reranked(case().ranking, "job-0", [(12, 2)])
    c = of("job-0", pool[11], pool[4], ranking=moved)
    text = flat(c, "recruiter")
    assert f"By score alone {pool[4]} would stand above {pool[11]}, at rank 5 against 12." in text
    assert "Moves after scoring decided otherwise." in text
    assert f"{pool[11]} from rank 12 to rank 2. {pool[11]} lifts a group" in text
    assert f"{pool[11]} is inside the top 10, {pool[4]} is inside" not in text


def test_those_outside_are_held_against_the_last_one_inside_and_those_inside_against_the_next():
    pool = case().ranking.of("job-0").candidates
    for position, name in enumerate(pool):
        rival = rival_at_cutoff(case().ranking, job="job-0", candidate=name, top_k=10)
        assert rival == (pool[10] if position < 10 else pool[9])


def test_a_list_that_holds_everyone_has_no_cutoff():
    with pytest.raises(DataError, match="all are in the top 28"):
        rival_at_cutoff(case().ranking, job="job-0", candidate="applicant-twin", top_k=28)


@pytest.mark.parametrize("format", FORMATS)
def test_a_candidate_reads_the_cutoff_and_nothing_else_of_the_other(format):
    c = case()
    pool = c.ranking.of("job-0").candidates
    for name in (pool[0], pool[8], pool[9], pool[10], pool[20]):
        page = render(with_cutoff("job-0", name), format=format)
        for other in pool:
            if other != name:
                assert other not in page
                assert c.name_of(other) not in page


def test_what_a_candidate_reads_depends_on_the_score_at_the_cutoff_and_on_nobody():
    told = with_cutoff("job-0", case().ranking.of("job-0").candidates[20])
    somebody = replace(told.other, candidate="another", raw={}, reasons=(), terms={}, fields={}, score=9.9)
    for format in FORMATS:
        assert render(Contrast(told.one, somebody), format=format) == render(told, format=format)
    farther = Contrast(replace(told.one, cutoff_score=told.one.score + 0.5), told.other)
    assert "which is 0.50 below it" in flat(farther, "candidate")
    assert f"is {told.one.cutoff_score:.2f}. Your score is {told.one.score:.2f}" in flat(told, "candidate")


@pytest.mark.parametrize("format", FORMATS)
def test_two_people_are_never_contrasted_for_a_candidate(format):
    pool = case().ranking.of("job-0").candidates
    for one, other in ((pool[20], pool[3]), (pool[2], pool[20]), (pool[2], pool[3])):
        with pytest.raises(DataError, match="may not be told of candidate"):
            render(of("job-0", one, other), audience="candidate", format=format)


def test_a_candidate_passed_by_a_move_is_told_that_the_score_did_not_decide():
    pool = case().ranking.of("job-0").candidates
    moved = reranked(case().ranking, "job-0", [(20, 10)])
    text = flat(with_cutoff("job-0", pool[9], ranking=moved), "candidate")
    assert "Why you are not among the first 10" in text
    assert "So it was not the score that decided, but a change of the order after scoring." in text
    assert "“fair_top”" in text
    assert "lifts a group" not in text


def test_both_sides_values_and_what_only_one_has_are_shown():
    c = of("job-0", "applicant-hostile", case().ranking.of("job-0").candidates[0])
    text = flat(c, "recruiter")
    for mine, theirs in c.reasons:
        assert mine.label in text
        for reason, other in ((mine, theirs), (theirs, mine)):
            for label, _ in reason.entries:
                if label not in dict(other.entries) and label.isprintable():
                    assert label in text


@pytest.mark.parametrize("audience", ["recruiter", "auditor", "developer"])
@pytest.mark.parametrize("format", FORMATS)
def test_every_other_audience_can_read_it(audience, format):
    c = of("job-0", "applicant-hostile", "applicant-silent")
    page = render(c, audience=audience, format=format)
    assert "applicant-silent" in page
    assert "<script>" not in page or format != "html"
    if format == "text":
        assert max(map(len, page.split("\n"))) <= 96
    if format == "json":
        document = json.loads(page)
        assert document["schema"] == "candor-contrast/1"
        for level in LEVELS:
            assert abs(sum(document[level].values()) - document["difference"]) <= 1e-9


def test_candidates_of_two_jobs_ways_or_rankings_are_not_compared():
    c = case()
    one = c.explain("job-0", "applicant-twin")
    with pytest.raises(DataError, match="scores compare within one job only"):
        contrast(one, c.explain("job-1", "applicant-hostile"))
    with pytest.raises(DataError, match="against itself"):
        contrast(one, one)
    with pytest.raises(DataError, match="explain both alike"):
        contrast(one, c.explain("job-0", "applicant-hostile", pairs="unsplit"))
