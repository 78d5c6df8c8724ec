import pytest
from api_case import OTHER, PERSON, SET_ASIDE, api_fixture, problem, running  # noqa: F401
from served_case import make_served, pool_body, resumes

from ranker.app.decisions import create_key
from ranker.app.decisions.reviews import queue
from ranker.app.pages.listing import newest

NOWHERE = "0190a5c4-8d2e-7c3b-9f00-6a1d2b3c4d5e"


def place_of(ranking, who):
    return next(one["rank"] for one in ranking if one["candidate"] == who)


def test_the_log_is_listed_in_its_order_page_by_page(api):
    ids = [api.ranked().headers["decision-id"] for _ in range(3)]
    seen, after = [], 0
    while after is not None:
        page = api.ask("GET", "/decisions", "auditor", params={"after": after, "limit": 2}).json()
        assert len(page["decisions"]) <= 2
        seen += [row["id"] for row in page["decisions"]]
        after = page["next"]
    assert seen[-3:] == ids
    assert len(seen) == len(set(seen)) == api.store.head().number


def test_the_log_is_searched_by_person_and_kind(api):
    id = api.ask("POST", "/explain", json=pool_body(candidate=PERSON)).headers["decision-id"]
    found = api.ask("GET", "/decisions", params={"person": PERSON, "kind": "explain"}).json()["decisions"]
    assert id in {row["id"] for row in found}
    assert {row["kind"] for row in found} == {"explain"}
    assert not api.ask("GET", "/decisions", params={"person": "nobody"}).json()["decisions"]


def test_a_decision_is_explained_with_the_records_of_its_day(api):
    id = api.ranked(top_k=3).headers["decision-id"]
    answer = api.ask("GET", f"/decisions/{id}/explanation", params={"candidate": PERSON})
    expected = make_served().explain(pool_body(candidate=PERSON, audience="recruiter", top_k=3))
    assert answer.json() == expected
    assert api.store.decision(answer.headers["decision-id"]).kind == "explain"


def test_an_explanation_of_a_ranking_needs_a_candidate_unless_the_key_names_one(api):
    id = api.ranked().headers["decision-id"]
    assert (
        "candidate" in problem(api.ask("GET", f"/decisions/{id}/explanation"), 422, "cannot-answer")["detail"]
    )
    who = {"candidate": "nobody"}
    problem(api.ask("GET", f"/decisions/{id}/explanation", params=who), 404, "not-found")


def test_a_classification_is_its_own_explanation(api):
    answer = api.ask("POST", "/classify", json={"resume": resumes()[0]})
    again = api.ask("GET", f"/decisions/{answer.headers['decision-id']}/explanation")
    assert again.json() == answer.json()


def test_an_objection_enters_the_queue_once(api):
    id = api.ranked().headers["decision-id"]
    body = {"decision": id, "text": "My years were counted wrongly."}
    first, second = (api.ask("POST", "/objections", "applicant", json=body) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    cases = [one for one in queue(api.store, limit=1_000) if one.decision == id and one.reason == "objection"]
    assert [(one.person, one.id) for one in cases] == [(PERSON, first.json()["review"])]
    assert second.json()["review"] == first.json()["review"]


def test_a_corrections_ranking_stands_beside_the_old_one(api):
    old = api.ranked()
    id = old.headers["decision-id"]
    body = {"decision": id, "text": "My score is 100.", "correction": {"candidate": {"test_score": 100}}}
    answer = api.ask("POST", "/objections", "applicant", json=body)
    assert answer.status_code == 201, answer.text
    told = answer.json()

    corrected = pool_body()
    next(one for one in corrected["candidates"] if one["id"] == PERSON)["test_score"] = 100
    expected = make_served().rank(corrected)["ranking"]
    assert told["before"]["rank"] == place_of(old.json()["ranking"], PERSON)
    assert told["after"]["rank"] == place_of(expected, PERSON)
    assert told["after"]["score"] != told["before"]["score"]
    assert api.store.decision(id).answer == old.json()
    assert api.store.decision(told["after"]["decision"]).input["candidates"] == corrected["candidates"]
    assert OTHER not in answer.text
    assert ("correction", PERSON) in {
        (one.reason, one.person) for one in queue(api.store, limit=1_000) if one.decision == id
    }


def test_who_was_set_aside_can_be_ranked_by_a_correction(api):
    id = api.ranked().headers["decision-id"]
    body = {
        "decision": id, "text": "I do have a permit.", "candidate": SET_ASIDE,
        "correction": {"application": {"work_permit": "yes"}},
    }  # fmt: skip
    told = api.ask("POST", "/objections", json=body).json()
    assert told["before"]["rank"] is None
    assert "work permit" in told["before"]["set_aside"]
    assert told["after"]["rank"] >= 1


@pytest.mark.parametrize("correction", [{"candidate": {"id": "c9999"}}, {"candidate": {"gender": "f"}}])
def test_a_correction_that_cannot_be_ranked_is_still_an_objection(api, correction):
    id = api.ranked().headers["decision-id"]
    body = {"decision": id, "text": "not so", "correction": correction}
    answer = api.ask("POST", "/objections", "applicant", json=body)
    assert answer.status_code == 201
    assert next(iter(correction["candidate"])) in answer.json()["note"]
    assert answer.json()["after"] is None
    assert answer.json()["review"] in {one.id for one in queue(api.store, limit=1_000)}


@pytest.mark.parametrize("own", ["x" * 30_000, [[[[[[[[[[[[1]]]]]]]]]]]]])
def test_a_correction_keeps_to_the_limits_of_any_body(api, own):
    id = api.ranked().headers["decision-id"]
    body = {"decision": id, "text": "not so", "correction": {"candidate": {"skills": own}}}
    told = api.ask("POST", "/objections", "applicant", json=body).json()
    assert told["after"] is None
    assert "skills" in told["note"]


def test_what_another_applicant_tried_is_shown_to_nobody_else_in_the_pool(api):
    id = api.ranked().headers["decision-id"]
    body = {"decision": id, "text": "My score is 100.", "correction": {"candidate": {"test_score": 100}}}
    tried = api.ask("POST", "/objections", "applicant", json=body).json()["after"]["decision"]
    other = create_key(api.store, "applicant", name="another", person=OTHER).secret

    def asked(decision):
        headers = {"Authorization": f"Bearer {other}"}
        return api.client.get(f"/decisions/{decision}/explanation", headers=headers)

    assert asked(id).status_code == 200
    problem(asked(tried), 404, "not-found")
    assert api.ask("GET", f"/decisions/{tried}/explanation", "applicant").status_code == 200


def correct(api, id, role, **more):
    body = {"decision": id, "text": "It is 100.", "correction": {"candidate": {"test_score": 100}}, **more}
    answer = api.ask("POST", "/objections", role, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_recruiters_correction_is_told_apart_from_an_applicants(api):
    first, second = (api.ranked().headers["decision-id"] for _ in range(2))
    own = correct(api, first, "applicant")
    for_them = correct(api, second, "recruiter", candidate=PERSON)
    listed = {one["id"]: one for one in api.ask("GET", "/reviews").json()["reviews"]}
    assert [listed[one["review"]]["filed_by"] for one in (own, for_them)] == [["applicant"], ["recruiter"]]
    made = {one["after"]["decision"]: one for one in (own, for_them)}
    last = api.store.head().number
    entries = api.ask("GET", f"/decisions?after={max(last - 20, 0)}", "auditor").json()["decisions"]
    assert {(one["id"], one["role"], one["corrects"]) for one in entries if one["id"] in made} == {
        (own["after"]["decision"], "applicant", first),
        (for_them["after"]["decision"], "recruiter", second),
    }
    assert {one["corrects"] for one in entries if one["id"] in (first, second)} == {None}
    whole = api.ask("GET", f"/decisions/{for_them['after']['decision']}").json()
    assert (whole["corrects"], whole["role"]) == (second, "recruiter")


def test_a_case_that_both_have_filed_names_both(api):
    id = api.ranked().headers["decision-id"]
    case = correct(api, id, "applicant")["review"]
    assert correct(api, id, "recruiter", candidate=PERSON)["review"] == case
    body = {"review": case, "label": "upheld", "reason": "the score was mistyped"}
    assert api.ask("POST", "/reviews", json=body).json()["filed_by"] == ["applicant", "recruiter"]


def test_what_a_recruiter_corrected_for_one_is_shown_to_no_other_applicant(api):
    id = api.ranked().headers["decision-id"]
    tried = correct(api, id, "recruiter", candidate=PERSON)["after"]["decision"]
    other = create_key(api.store, "applicant", name="another", person=OTHER)
    headers = {"Authorization": f"Bearer {other.secret}"}
    for path in (f"/decisions/{tried}/explanation", f"/decisions/{id}/explanation"):
        found = api.client.get(path, headers=headers).status_code
        assert found == (404 if tried in path else 200)
    assert api.ask("GET", f"/decisions/{tried}/explanation", "applicant").status_code == 200
    mine = {
        person: {one.id for one in newest(api.store, person=person, applicant=key)}
        for person, key in ((OTHER, other.key.id), (PERSON, api.keys["applicant"].split("_")[1]))
    }
    assert tried not in mine[OTHER]
    assert id in mine[OTHER]
    assert {id, tried} <= mine[PERSON]


def test_a_review_is_decided_once(api):
    id = api.ranked().headers["decision-id"]
    review = api.ask("POST", "/objections", "applicant", json={"decision": id, "text": "no"}).json()["review"]
    body = {"review": review, "label": "upheld", "reason": "the score was mistyped"}
    answer = api.ask("POST", "/reviews", json=body)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["label"], answer.json()["status"]) == ("upheld", "decided")
    assert answer.json()["reviewer"] == api.keys["recruiter"].split("_")[1]
    problem(api.ask("POST", "/reviews", json=body), 409, "conflict")
    decided = api.ask("GET", "/reviews", params={"status": "decided"}).json()["reviews"]
    assert review in {one["id"] for one in decided}


def test_a_case_that_is_not_there_is_told(api):
    body = {"review": NOWHERE, "label": "upheld", "reason": "because"}
    problem(api.ask("POST", "/reviews", json=body), 404, "not-found")


def test_overrides_and_outcomes_are_counted_by_group(tmp_path):
    with running(tmp_path) as api:
        protected = {PERSON: {"gender": "f"}, OTHER: {"gender": "m"}}
        id = api.ranked(protected=protected).headers["decision-id"]
        better = {"candidate": PERSON, "rank": 1, "reason": "met in person"}
        answer = api.ask("POST", f"/decisions/{id}/override", json=better)
        assert answer.status_code == 201, answer.text
        assert answer.headers["location"] == f"/decisions/{answer.json()['id']}"
        for outcome in ("interviewed", "hired"):
            body = {"candidate": OTHER, "outcome": outcome, "decision": id, "day": "2026-11-21"}
            assert api.ask("POST", "/outcomes", json=body).status_code == 201
        groups = {one["group"]: one for one in api.ask("GET", "/audit", "auditor").json()["groups"]}
        assert (groups["f"]["raised"], groups["m"]["raised"]) == (1, 0)
        assert (groups["m"]["interviewed"], groups["m"]["hired"], groups["f"]["hired"]) == (1, 1, 0)


def test_an_override_of_somebody_else_is_refused(api):
    id = api.ranked().headers["decision-id"]
    body = {"candidate": "nobody", "rank": 1, "reason": "met in person"}
    problem(api.ask("POST", f"/decisions/{id}/override", json=body), 422, "cannot-answer")


def test_the_audit_is_the_report_beside_the_counts(tmp_path):
    report = tmp_path / "report.html"
    with running(tmp_path, audit=report) as api:
        assert "being made" in api.ask("GET", "/audit", "auditor").json()["missing"]
        report.write_text("<html>the page</html>", encoding="utf-8")
        report.with_suffix(".json").write_text('{"in_words": "fair"}', encoding="utf-8")
        told = api.ask("GET", "/audit", "auditor").json()
        assert (told["report"], told["missing"]) == ({"in_words": "fair"}, None)
        page = api.ask("GET", "/audit", "auditor", headers={"Accept": "text/html,*/*"})
        assert page.text == "<html>the page</html>"
        assert "sandbox" in page.headers["content-security-policy"]


def test_a_server_without_a_ranker_says_so(tmp_path, monkeypatch):
    from ranker.app.served import Served

    alone = Served(None, make_served().classifier)
    monkeypatch.setattr("api_case.make_served", lambda: alone)
    with running(tmp_path) as api:
        told = problem(api.ask("POST", "/explain", json=pool_body(candidate=PERSON)), 404, "not-served")
        assert told["detail"].startswith("this server has no ranker")
        domain = resumes()[0]["preferred_domain"]
        answer = api.ask("POST", "/rank", json={"domain": domain, "resumes": resumes(20)})
        assert answer.status_code == 200, answer.text
        assert {one["label"] for one in answer.json()["ranking"]} <= {"Fit", "Partial Fit", "Not Fit"}
