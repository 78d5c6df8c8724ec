"""Queue, objections, overrides, outcomes; their counts by group; what training reads of them."""

import pytest

from ranker.app.decisions import (
    AlreadyDecidedError,
    ReviewWanted,
    UnknownDecisionError,
    UnknownReviewError,
    add_to_queue,
    counts_by_group,
    decide_review,
    file_objection,
    forget,
    open_store,
    override,
    queue,
    report_outcome,
    reviewed_labels,
    verify,
)  # fmt: skip
from ranker.errors import DataError
from tests.service.log_case import labelled, ranking


@pytest.fixture
def store(store_url):
    with open_store(store_url) as opened:
        yield opened


def test_a_case_waits_until_a_reviewer_has_said_what_it_is(store):
    decision = store.record(labelled()).id
    case = add_to_queue(store, decision, "uncertain", "dora")
    assert [(one.id, one.status, one.kind) for one in queue(store)] == [(case, "open", "classify")]
    done = decide_review(store, case, "k4", "partial fit", "one project is a course")
    assert (done.label, done.why, done.reviewer, done.status) == (
        "Partial Fit", "one project is a course", "k4", "decided",
    )  # fmt: skip
    assert queue(store) == ()
    assert queue(store, "decided") == (done,)
    [entry] = store.decisions(kind="review")
    assert entry.answer == {"label": "Partial Fit", "why": "one project is a course", "reviewer": "k4"}
    assert (entry.caller, entry.people) == ("k4", ("dora",))
    assert verify(store).ok


def test_the_same_case_waits_once(store):
    decision = store.record(ranking()).id
    cases = [add_to_queue(store, decision, "sampled", "anna") for _ in range(2)]
    assert cases[0] == cases[1]
    assert add_to_queue(store, decision, "sampled", "ben") != cases[0]
    assert add_to_queue(store, decision, "borderline", "anna") != cases[0]
    assert len(queue(store)) == 3


def test_a_case_is_decided_once(store):
    case = add_to_queue(store, store.record(ranking()).id, "sampled", "anna")
    decide_review(store, case, "k4", "upheld", "as it should be")
    with pytest.raises(AlreadyDecidedError, match="by k4"):
        decide_review(store, case, "k5", "wrong", "no")
    assert queue(store, "decided")[0].label == "upheld"


def test_the_queue_is_read_page_by_page(store):
    wanted = tuple(ReviewWanted(who, "sampled") for who in ("anna", "ben", "cleo"))
    store.record(ranking(reviews=wanted))
    first = queue(store, limit=2)
    assert {one.person for one in [*first, *queue(store, after=first[-1].id)]} == {"anna", "ben", "cleo"}
    with pytest.raises(UnknownReviewError):
        queue(store, after="none")


def test_what_cannot_be_reviewed_is_told(store):
    decision = store.record(labelled()).id
    case = add_to_queue(store, decision, "uncertain", "dora")
    with pytest.raises(DataError, match="did you mean 'uncertain'"):
        add_to_queue(store, decision, "uncertian", "dora")
    with pytest.raises(DataError, match="does not concern"):
        add_to_queue(store, decision, "uncertain", "anna")
    with pytest.raises(UnknownDecisionError):
        add_to_queue(store, "none", "uncertain", "dora")
    with pytest.raises(UnknownReviewError):
        decide_review(store, "none", "k4", "Fit", "so it is")
    with pytest.raises(DataError, match="did you mean"):
        decide_review(store, case, "k4", "Fitt", "so it is")
    with pytest.raises(DataError, match="a label and a reason"):
        decide_review(store, case, "k4", "Fit", " ")
    with pytest.raises(DataError, match="no such status"):
        queue(store, "opne")
    assert [one.status for one in queue(store)] == ["open"]
    assert store.decisions(kind="review") == ()


def test_an_objection_enters_the_queue_and_its_result_stands_beside_the_old_answer(store):
    old = store.record(ranking()).id
    said = file_objection(store, old, person="ben", text="there is another Ben", caller="k3")
    assert (said.result, queue(store)[0].reason) == (None, "objection")
    new = store.record(ranking(input={"job": {"id": "cook"}, "candidates": []})).id
    corrected = file_objection(
        store, old, person="ben", text="nine years", caller="k3", correction={"years": 9}, result=new
    )
    assert [one.reason for one in queue(store)] == ["objection", "correction"]
    entry = store.decision(corrected.id)
    assert entry.input == {"decision": old, "text": "nine years", "correction": {"years": 9}}
    assert entry.answer == {"review": corrected.review, "result": new}
    assert store.decision(old).answer == ranking().answer
    with pytest.raises(DataError, match="does not concern"):
        file_objection(store, old, person="dora", text="me too", caller="k3")
    with pytest.raises(UnknownDecisionError):
        file_objection(store, old, person="ben", text="x", caller="k3", correction={}, result="none")
    assert len(queue(store)) == 2


def test_an_override_knows_the_rank_before_and_changes_no_answer(store):
    decision = store.record(ranking()).id
    entry = store.decision(
        override(store, decision, person="cleo", rank_after=1, reason="met her", caller="k1").id
    )
    assert entry.answer == {"rank_before": 3, "rank_after": 1}
    assert entry.input["reason"] == "met her"
    assert store.decision(decision).answer == ranking().answer
    for wrong in ({"person": "dora"}, {"reason": " "}, {"rank_after": 0}):
        with pytest.raises(DataError):
            override(
                store, decision, **{"person": "cleo", "rank_after": 1, "reason": "r", "caller": "k"} | wrong
            )
    with pytest.raises(DataError, match="did you mean 'interviewed'"):
        report_outcome(store, person="cleo", outcome="interviewd", caller="k1")
    with pytest.raises(DataError, match="2026-11-21"):
        report_outcome(store, person="cleo", outcome="hired", caller="k1", day="21.11.")
    assert store.head().number == 2


def test_acts_and_outcomes_are_counted_by_group(store):
    protected = {
        "anna": {"gender": "f", "age": 30},
        "ben": {"gender": "m"},
        "cleo": {"gender": "f", "age": None},
    }
    decision = store.record(ranking(protected=protected)).id
    store.record(labelled("dora"))
    for person, rank in (("ben", 1), ("anna", 2), ("cleo", None), ("cleo", 2)):
        override(store, decision, person=person, rank_after=rank, reason="r", caller="k1")
    for person, outcome in (("anna", "hired"), ("anna", "hired"), ("anna", "left"), ("dora", "interviewed")):
        report_outcome(store, person=person, outcome=outcome, caller="k1")
    add_to_queue(store, decision, "sampled", "ben")
    file_objection(store, decision, person="ben", text="no", caller="k3")
    told = {(c.attribute, c.group): c for c in counts_by_group(store)}
    women, men, unknown = (told["gender", group] for group in ("f", "m", "undisclosed"))
    assert (women.people, women.raised, women.lowered, women.removed) == (2, 1, 1, 1)
    assert (women.hired, women.left, women.interviewed, women.reviewed) == (1, 1, 0, 0)
    assert (men.people, men.raised, men.reviewed, men.objected) == (1, 1, 2, 1)
    assert (unknown.people, unknown.interviewed) == (1, 1)
    assert told["age", "30"].people == 1
    assert told["age", "undisclosed"].people == 3
    assert {c.attribute for c in counts_by_group(store, "gender")} == {"gender"}
    forget(store, "anna", why="asked")
    assert {c.group: c.people for c in counts_by_group(store, "gender")} == {"f": 1, "m": 1, "undisclosed": 1}


def test_a_protected_field_that_says_nothing_is_no_group(store):
    store.record(ranking(protected={"anna": {"gender": "f"}, "ben": {"gender": " "}, "cleo": {"gender": ""}}))
    add_to_queue(store, store.decisions()[0].id, "sampled", "ben")
    assert [(c.group, c.people) for c in counts_by_group(store)] == [("f", 1), ("undisclosed", 1)]


def test_training_reads_the_last_word_of_reviewers_on_each_resume(store):
    for person, label, kept in (("dora", "Fit", True), ("dora", "Not Fit", True), ("emil", "Fit", False)):
        new = labelled(person, keep_input=kept, reviews=(ReviewWanted(person, "uncertain"),))
        store.record(new)
        decide_review(store, queue(store)[0].id, "k4", label, "seen")
    case = add_to_queue(store, store.record(ranking()).id, "sampled", "anna")
    decide_review(store, case, "k4", "upheld", "a ranking teaches no label")
    told = reviewed_labels(store)
    assert [(one.person, one.label) for one in told.labels] == [("dora", "Not Fit")]
    assert told.labels[0].resume == labelled().input["resume"]
    assert told.n_without_resume == 1
    [raw] = told.as_raws().values()
    assert raw.value == {**labelled().input["resume"], "label": "Not Fit"}
    forget(store, "dora", why="asked")
    assert reviewed_labels(store).labels == ()
