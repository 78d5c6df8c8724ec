import json
import re

import numpy as np
import pytest
from served_case import (
    classifier_directory,
    folder,
    make_served,
    pool_body,
    ranker_directory,
    resumes,
    served_fixture,  # noqa: F401
)

from ranker.app.classify_command import run_classify
from ranker.app.engine.tables import Wanted, ranked_frame
from ranker.app.explain_command import run_contrast, run_explain
from ranker.app.resume_commands import rank_resumes
from ranker.app.served import Served, answers
from ranker.app.served.bodies import bodies_for, read_body
from ranker.app.served.faults import BodyError, NotServedError
from ranker.app.served.served import answer_bytes
from ranker.errors import EmptyPoolError, UsageError

ANSWERS = {
    "classify": answers.ClassifyAnswer,
    "rank": answers.RankAnswer,
    "explain": answers.ExplainAnswer,
    "counterfactual": answers.CounterfactualAnswer,
    "contrast": answers.ContrastAnswer,
}


def body_for(endpoint):
    """A body for the endpoint about somebody in the middle of a pool."""
    if endpoint == "classify":
        return {"resume": resumes(1)[0]}
    body = pool_body(1)
    if endpoint == "rank":
        return body | {"top_k": 5, "explanations": True}
    who = make_served().rank(body)["ranking"][6]["candidate"]
    return body | {"candidate": who, "top_k": 5}


def fault(answer, body):
    with pytest.raises(BodyError) as caught:
        answer(body)
    [one] = caught.value.faults
    return one


@pytest.mark.parametrize("endpoint", ANSWERS)
def test_every_answer_is_as_described_and_the_same_bytes_for_the_same_body(served, endpoint):
    sent = json.dumps(body_for(endpoint))
    body = read_body(served.body_of(endpoint, bodies_for()), sent)
    told = answer_bytes(served.answer(endpoint, body))
    ANSWERS[endpoint].model_validate_json(told, strict=True)
    anew = Served(served.ranker, served.classifier)
    assert answer_bytes(anew.answer(endpoint, json.loads(sent))) == told
    assert json.loads(told)["model"] == served.digest_of(endpoint)


def test_a_pool_is_ranked_as_the_command_ranks_the_files(served):
    model, body = served.ranker, pool_body(2)
    label = body["job"]["id"]
    records = model.load_records()
    frame, *_ = ranked_frame(model, records.take(records.job == label), Wanted(4, intervals=True))
    found = served.rank(body | {"top_k": 4})
    assert found["job"] == label
    assert len(found["ranking"]) == len(frame) == 4
    columns = {
        "rank": "rank",
        "candidate": "candidate",
        "score": "score",
        "tied": "tied",
        "rank_low": "rank_low",
    }
    columns |= {"rank_high": "rank_high", "score_deviation": "score_deviation", "p_top_k": "p_top_4"}
    for ours, theirs in columns.items():
        assert [one[ours] for one in found["ranking"]] == frame[theirs].tolist()


def test_the_order_of_the_records_moves_nobody(served):
    body = pool_body(4)
    rng = np.random.default_rng(0)
    shuffled = {
        **body,
        "candidates": [body["candidates"][i] for i in rng.permutation(len(body["candidates"]))],
    }
    shuffled["applications"] = [body["applications"][i] for i in rng.permutation(len(body["applications"]))]
    assert served.rank(shuffled)["ranking"] == served.rank(body)["ranking"]


@pytest.mark.parametrize("kind", ["ranker", "classifier"])
def test_amounts_sum_to_the_score_at_every_level(served, kind):
    if kind == "ranker":
        found = served.rank(pool_body(0, explanations=True))
    else:
        some = resumes()
        found = Served(None, served.classifier).rank(
            {"domain": some[0]["preferred_domain"], "resumes": some, "explanations": True}
        )
    assert len(found["ranking"]) > 3
    for one in found["ranking"]:
        told = one["explanation"]
        for level in ("terms", "features", "fields"):
            assert told["intercept"] + sum(told[level].values()) == pytest.approx(one["score"], abs=1e-9)


def test_intervals_are_left_out_and_said_to_be_where_nobody_asked(served):
    found = served.rank(pool_body(0, intervals=False))
    assert found["intervals"]["missing"] == "they were not asked for"
    assert found["ranking"][0].keys() == {"rank", "candidate", "score", "tied"}
    asked = served.rank(pool_body(0, intervals=True))
    assert asked["intervals"]["missing"] is None
    assert all(one["rank_low"] <= one["rank"] <= one["rank_high"] for one in asked["ranking"])


def test_where_nobody_says_so_intervals_come_with_a_cut_off_alone(served):
    assert "rank_low" not in served.rank(pool_body(0))["ranking"][0]
    assert "borderline" in served.rank(pool_body(0, top_k=3))["ranking"][0]
    assert "borderline" not in served.rank(pool_body(0, top_k=3, intervals=False))["ranking"][0]


def test_borderline_is_whose_interval_reaches_over_the_cut_off(served):
    body = pool_body(5)
    n = len(body["candidates"])
    found = [served.rank(body | {"top_k": k})["ranking"] for k in range(1, n)]
    flags = {one["borderline"] for ranking in found for one in ranking}
    assert flags == {True, False}
    for k, ranking in enumerate(found, 1):
        assert all(one["borderline"] == (one["rank_low"] <= k < one["rank_high"]) for one in ranking)


def test_protected_values_given_apart_are_never_read(served):
    body = pool_body(0)
    apart = {one["id"]: {"gender": "woman", "origin": "foreign"} for one in body["candidates"]}
    assert served.rank(body | {"protected": apart}) == served.rank(body)


@pytest.mark.parametrize("endpoint", ["rank", "explain", "counterfactual", "contrast"])
def test_a_protected_field_among_the_records_is_refused_everywhere(served, endpoint):
    body = body_for(endpoint)
    body["candidates"][2]["gender"] = "woman"
    one = fault(lambda given: served.answer(endpoint, given), body)
    assert one.field == "candidates[2].gender"


def test_an_explanation_is_the_commands(served):
    body = body_for("explain")
    for audience in ("candidate", "recruiter"):
        found = served.explain(body | {"audience": audience})
        theirs = run_explain(
            ranker_directory(), body["job"]["id"], body["candidate"], audience, "text", body["top_k"]
        )
        assert found["text"] == theirs.text
        assert found["explanation"] == theirs.machine


def test_a_contrast_is_the_commands(served):
    body = body_for("contrast")
    others = [one["id"] for one in body["candidates"] if one["id"] != body["candidate"]]
    ranked = {one["candidate"] for one in served.rank(pool_body(1))["ranking"]}
    other = next(one for one in others if one in ranked)
    for against in (None, other):
        found = served.contrast(body | {"against": against})
        theirs = run_contrast(
            ranker_directory(),
            body["job"]["id"],
            body["candidate"],
            against,
            "recruiter",
            "text",
            body["top_k"],
        )
        assert (found["text"], found["explanation"]) == (theirs.text, theirs.machine)


@pytest.mark.parametrize("endpoint", ["explain", "counterfactual", "contrast"])
def test_a_candidate_is_told_nothing_about_others(served, endpoint):
    body = body_for(endpoint)
    body["candidates"][0]["test_score"] = body["candidates"][1]["test_score"] = "very good"
    if endpoint != "counterfactual":
        body["audience"] = "candidate"
    told = answer_bytes(served.answer(endpoint, body)).decode()
    others = [one["id"] for one in body["candidates"] if one["id"] != body["candidate"]]
    assert body["candidate"] in told
    assert not [who for who in others if re.search(rf"\b{who}\b", told)]


def test_a_candidate_may_not_ask_about_another_by_name(served):
    body = body_for("contrast") | {"audience": "candidate", "against": "c0001"}
    assert fault(served.contrast, body).field == "against"


def test_who_was_set_aside_is_told_why(served):
    body = body_for("explain")
    for row in body["applications"]:
        if row["candidate_id"] == body["candidate"]:
            row["work_permit"] = "no"
    one = fault(served.explain, body)
    assert one.field == "candidate"
    assert "no work permit for this country" in one.fault
    assert "is none of the candidates" in fault(served.counterfactual, body | {"candidate": "who?"}).fault


def test_a_counterfactual_reaches_what_it_says(served):
    body = body_for("counterfactual")
    found = served.counterfactual(body)
    assert found["possible"]
    assert found["rank_after"] <= body["top_k"] < found["rank_before"]
    assert found["cost"] == pytest.approx(sum(change["cost"] for change in found["changes"]))
    dearer = served.counterfactual(body | {"costs": {"candidate.skills": 1000.0}})
    assert not any(change["path"] == "candidate.skills" for change in dearer["changes"])


def test_a_cost_of_what_nobody_may_change_is_refused(served):
    one = fault(served.counterfactual, body_for("counterfactual") | {"costs": {"candidate.skils": 2}})
    assert one.field == "costs"
    assert "did you mean 'candidate.skills'" in one.fault


def test_all_inside_of_the_cut_off_have_nobody_to_be_held_against(served):
    assert fault(served.contrast, body_for("contrast") | {"top_k": 900}).field == "top_k"


def test_a_classification_is_the_commands(served, tmp_path):
    resume = {**resumes(1)[0], "name": "Somebody"}
    (tmp_path / "resume.json").write_text(json.dumps(resume), encoding="utf-8")
    theirs, _ = run_classify(classifier_directory(), tmp_path / "resume.json", None)
    found = served.classify({"resume": resume})
    assert found.pop("ignored") == {"resume": ["name"]}
    assert {**found, "place": ""} == {**theirs.machine, "place": ""}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"skills": "all"}, "resume.skills"),
        ({"work_experience": [{"years": []}]}, "resume.work_experience[0].years"),
        ({"preferred_domain": "Alchemy"}, "resume.preferred_domain"),
    ],
)
def test_a_resume_that_cannot_be_answered_is_refused_with_its_place(served, changes, field):
    assert fault(served.classify, {"resume": resumes(1)[0] | changes}).field == field


def test_resumes_of_a_domain_are_ranked_as_the_command_ranks_them(served, tmp_path):
    some = resumes()
    domain = some[0]["preferred_domain"]
    own = [one for one in some if one["preferred_domain"] == domain]
    (tmp_path / "some.jsonl").write_text("\n".join(map(json.dumps, own)), encoding="utf-8")
    rank_resumes(classifier_directory(), tmp_path / "out.jsonl", tmp_path / "some.jsonl", None)
    theirs = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    found = Served(None, served.classifier).rank({"domain": domain, "resumes": own})
    for name in ("candidate", "rank", "score", "label"):
        assert [one[name] for one in found["ranking"]] == [one[name] for one in theirs]


def test_resumes_that_cannot_be_ranked_are_set_aside(served):
    some = resumes()
    domain = some[0]["preferred_domain"]
    other = next(one for one in some if one["preferred_domain"] != domain)
    bad = {"id": "bad", "skills": 3}
    without = {key: value for key, value in some[0].items() if key not in ("id", "preferred_domain")}
    alone = Served(None, served.classifier)
    found = alone.rank({"domain": domain, "resumes": [some[0], other, some[0], bad, without]})
    assert {one["candidate"] for one in found["ranking"]} == {some[0]["id"], "resumes[4]"}
    reasons = {one["candidate"]: one["reason"] for one in found["set_aside"]}
    assert reasons.keys() == {other["id"], some[0]["id"], "bad"}
    assert "another domain" in reasons[other["id"]]
    assert reasons[some[0]["id"]] == "id repeated; the first one counts"
    with pytest.raises(EmptyPoolError, match="bad: skills"):
        alone.rank({"domain": domain, "resumes": [bad]})
    assert "did you mean" in fault(alone.rank, {"domain": domain[:-1], "resumes": some}).fault


def test_what_is_not_served_is_said(served):
    alone = Served(None, served.classifier)
    assert alone.endpoints == ("classify", "rank")
    with pytest.raises(NotServedError, match="this server has no ranker"):
        alone.explain(body_for("explain"))
    with pytest.raises(NotServedError, match="this server has no classifier"):
        Served(served.ranker, None).answer("classify", {})
    with pytest.raises(NotServedError, match="did you mean 'rank'"):
        served.answer("ranks", {})
    with pytest.raises(UsageError, match="needs a model"):
        Served(None, None)


def test_a_directory_of_either_kind_is_served():
    assert Served.load(classifier_directory()).endpoints == ("classify", "rank")
    assert Served.load(ranker_directory()).endpoints == ("rank", "explain", "counterfactual", "contrast")
    with pytest.raises(UsageError, match="both label résumés"):
        Served.load(classifier_directory(), classifier_directory())


def test_warming_answers_made_up_requests_and_changes_no_answer(served):
    body = pool_body(0)
    before = answer_bytes(served.rank(body))
    served.warm()
    assert answer_bytes(served.rank(body)) == before


def test_the_card_tells_of_the_models_and_of_nobody(served):
    card = json.loads(json.dumps(served.card(), allow_nan=False))
    answers.CardAnswer.model_validate(card)
    ranker, classifier = card["models"]
    assert (ranker["digest"], classifier["digest"]) == (
        served.digest_of("explain"),
        served.digest_of("classify"),
    )
    assert ranker["protected"].keys() == {"candidate.gender", "candidate.origin"}
    assert [one["name"] for one in ranker["features"]] == served.ranker.task.features.names
    text = json.dumps(card)
    assert str(folder()) not in text
    assert not re.search(r"\b[cr]\d{4,5}\b", text)  # ids of candidates and résumés


def test_the_shapes_of_every_term_are_told(served):
    told = json.loads(json.dumps(served.terms(), allow_nan=False))
    answers.TermsAnswer.model_validate(told)
    names = [one["term"] for one in told["ranker"]["terms"]]
    assert sorted(names) == sorted(served.ranker.scorer.term_names)
    names = [one["term"] for one in told["classifier"]["terms"]]
    assert sorted(names) == sorted(served.classifier.classifier.scorer.term_names)


def test_people_are_all_whom_a_request_is_about(served):
    body = pool_body(0)
    assert set(served.people("rank", body)) == {one["id"] for one in body["candidates"]}
    assert served.people("classify", {"resume": {"id": "r1"}}) == ("r1",)
    assert served.people("classify", {"resume": {}}) == ()
    alone = Served(None, served.classifier)
    assert alone.people("rank", {"resumes": [{"id": "a"}, {"id": 2}, {}]}) == ("a", "2")
