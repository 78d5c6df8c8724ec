"""The page of what would bring a candidate a better rank: as POST /counterfactual answers it."""

import re
from html import unescape

import pytest
from api_case import OTHER, PERSON, SET_ASIDE, api_fixture, running  # noqa: F401
from pages_case import Visitor, heading
from served_case import pool_body, resumes

from ranker.app.pages.counterfactuals import Step, ways_of

ROWS = re.compile(
    r'<tr><th scope="row">(.*?)</th><td data-head="Now">(.*?)</td><td data-head="Then">(.*?)</td>'
    r'<td class="n" data-head="Cost">(.*?)</td>'
)


@pytest.fixture(scope="module", name="id")
def ranking(api):
    return api.ranked(top_k=5).headers["decision-id"]


def path(id, person=PERSON, **more):
    return f"/decisions/{id}/counterfactual?candidate={person}" + "".join(
        f"&{k}={v}" for k, v in more.items()
    )


def asked(api, **more):
    answer = api.ask("POST", "/counterfactual", json=pool_body(candidate=PERSON, **more))
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_page_tells_what_the_service_answers(api, id):
    page = Visitor(api, "recruiter").get(path(id, top_k=1, n_answers=3))
    told = asked(api, top_k=1, n_answers=3)
    changes = [one for way in (told, *told["alternatives"]) for one in way["changes"]]
    rows = ROWS.findall(page.text)
    assert len(rows) == len(changes) > 0
    for row, change in zip(rows, changes, strict=True):
        assert f"{change['cost']:.2f}" == row[3]
        if change["before"] is None:
            assert str(change["after"]) in unescape(row[2])
    for way in (told, *told["alternatives"]):
        assert f": rank {way['rank_after']}</h2>" in page.text
    assert told["text"] in unescape(page.text)  # as it is said to the candidate, line by line


def test_what_is_shown_is_in_the_log_first(api, id):
    before = api.store.head().number
    Visitor(api, "auditor").get(path(id, top_k=2))
    [entry] = api.store.decisions(after=before)
    assert (entry.kind, entry.role, entry.input["candidate"]) == ("counterfactual", "auditor", PERSON)
    assert entry.input["top_k"] == 2


def test_without_a_cut_off_the_page_asks_and_nothing_is_worked_out(api, id):
    before = api.store.head().number
    page = Visitor(api, "recruiter").get(path(id))
    assert page.status_code == 200
    assert 'name="top_k" type="number" min="1" max="14" value="5"' in page.text  # as the decision's own
    assert api.store.head().number == before


def test_the_form_says_where_the_candidate_stands(api, id):
    ranking = api.store.decision(id).answer
    [rank] = [one["rank"] for one in ranking["ranking"] if one["candidate"] == PERSON]
    visitor, n = Visitor(api, "recruiter"), ranking["pool_size"]
    for more in ({}, {"top_k": "x"}):
        form = visitor.get(path(id, **more)).text.partition('<h2 id="ask">')[2]
        assert f"{PERSON} is at rank {rank} of {n} for {ranking['job']}." in form.partition("<form")[0]
    told = {one["candidate"] for one in ranking["ranking"]} | {SET_ASIDE}
    below = next(one["id"] for one in pool_body()["candidates"] if one["id"] not in told)
    assert f"{below} is below rank 5 of {n}" in visitor.get(path(id, below)).text
    aside = unescape(visitor.get(path(id, SET_ASIDE)).text)
    assert f"{SET_ASIDE} was set aside" in aside
    assert "work permit" in aside


def test_costs_are_asked_for_by_what_may_change_and_count(api, id):
    visitor = Visitor(api, "recruiter")
    form = visitor.get(path(id))
    assert 'name="cost:candidate.skills"' in form.text
    assert "cost:candidate.gender" not in form.text
    dear = visitor.get(path(id, top_k=1, **{"cost:candidate.skills": 50}))
    told = asked(api, top_k=1, costs={"candidate.skills": 50.0})
    assert told["cost"] != asked(api, top_k=1)["cost"]
    assert f"{told['cost']:.2f}" in dear.text
    assert 'name="cost:candidate.skills" inputmode="decimal" value="50"' in dear.text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"top_k": "three"}, "Among the first: 'three' is no whole number from 1"),
        ({"top_k": "0"}, "Among the first: has to be 1 or more"),
        ({"top_k": "9" * 30}, "Among the first: has to be 1,000 or less"),
        ({"top_k": "1", "n_answers": "x"}, "Ways to tell, at most: 'x' is no whole number from 1"),
        ({"top_k": "1", "n_answers": "4"}, "Ways to tell, at most: has to be 3 or less"),
        ({"top_k": "1", "cost:candidate.skills": "dear"}, "Skills: 'dear' is no number"),
        ({"top_k": "1", "cost:candidate.skills": "nan"}, "Skills: has to be finite"),
        ({"top_k": "1", "cost:candidate.skills": "-1"}, "Skills: has to be 0 or more"),
    ],
)
def test_what_cannot_be_asked_is_told_on_the_form_and_not_recorded(api, id, query, said):
    before = api.store.head().number
    page = Visitor(api, "recruiter").get(path(id, **query))
    assert page.status_code == 422
    told = unescape(re.search(r'role="alert">(.*?)</p>', page.text)[1])
    assert said in told
    # By a name that stands before a field of the form.
    name = told.partition("</strong> ")[2].partition(":")[0]
    assert re.search(f'<label for="[^"]*">{name}</label>', page.text)
    assert api.store.head().number == before


def test_who_was_set_aside_is_told_why_nothing_helps(api, id):
    page = Visitor(api, "recruiter").get(path(id, SET_ASIDE, top_k=3))
    assert page.status_code == 422
    assert "work permit" in page.text


def test_who_is_not_of_the_pool_is_not_asked_about(api, id):
    assert Visitor(api, "recruiter").get(path(id, "nobody", top_k=3)).status_code == 404


def test_the_candidates_page_has_the_form_for_those_who_may_ask(api, id):
    for role, there in (("recruiter", True), ("auditor", True), ("applicant", False)):
        page = Visitor(api, role).get(f"/decisions/{id}/explanation?candidate={PERSON}")
        assert page.status_code == 200
        assert (f"/decisions/{id}/counterfactual" in page.text) == there
    answer = Visitor(api, "applicant").get(path(id, top_k=1))
    assert (answer.status_code, heading(answer)) == (403, "This key may not do that")


def test_a_labelled_resume_is_not_asked_what_would_bring_a_rank(api):
    id = api.ask("POST", "/classify", json={"resume": resumes()[0]}).headers["decision-id"]
    [person] = api.store.decision(id).people
    visitor = Visitor(api, "recruiter")
    assert "/counterfactual" not in visitor.get(f"/decisions/{id}/explanation?candidate={person}").text
    assert visitor.get(path(id, person, top_k=1)).status_code == 422


def test_where_the_input_was_not_kept_the_page_says_so(tmp_path):
    with running(tmp_path, keep_input=False) as api:
        id = api.ranked().headers["decision-id"]
        answer = Visitor(api, "recruiter").get(path(id, top_k=1))
        assert (answer.status_code, heading(answer)) == (409, "That cannot be done any more")


def test_a_step_says_the_field_the_value_before_and_the_value_after():
    changes = [
        {"path": "candidate.skills[A/B [beta]]", "before": None, "after": "A/B [beta]", "cost": 1.0},
        {"path": "candidate.test_score", "before": 72.5, "after": 100, "cost": 2.75},
        {"path": "candidate.gap", "before": None, "after": 3.0, "cost": 1.0},
        {"path": "candidate.work[Clerk]", "before": 14, "after": 26, "cost": 12.0},
        {"path": "candidate.work[a new post]", "before": None, "after": 6.0, "cost": 6.0},
        {"path": "candidate.permit", "before": False, "after": True, "cost": 1.0},
    ]
    answer = {"changes": changes, "rank_after": 1, "score_after": 2.0, "cost": 23.75, "optimal": True}
    [way] = ways_of({**answer, "alternatives": []}, {"candidate.skills": "skills", "candidate.work": "work"})
    assert way.steps == (
        Step("skills", "not there", "A/B [beta]", 1.0),
        Step("candidate.test_score", "72.5", "100", 2.75),
        Step("candidate.gap", "not given", "3", 1.0),
        Step("work: Clerk", "1 year 2 months", "2 years 2 months", 12.0),
        Step("work: a new post", "not there", "6 months", 6.0),
        Step("candidate.permit", "no", "yes", 1.0),
    )
    assert ways_of({**answer, "changes": [], "alternatives": []}, {}) == ()
