"""Pages by which people report what became of candidates."""

import re

import pytest
from api_case import OTHER, PERSON, running
from pages_case import Visitor, heading, hidden
from served_case import resumes

from ranker.app.pages import listing


@pytest.fixture(scope="module", name="api")
def own_service(tmp_path_factory):
    with running(tmp_path_factory.mktemp("outcomes")) as api:
        yield api


@pytest.fixture(name="id")
def ranking(api):
    return api.ranked(top_k=5).headers["decision-id"]


def said(**more):
    return {"candidate": PERSON, "outcome": "interviewed", "day": "2026-11-10", **more}


def outcomes(api):
    return [one for one in api.store.decisions() if one.kind == "outcome"]


def test_an_outcome_is_written_down_after_the_question_whether_it_is_so(api, id):
    visitor, before = Visitor(api, "recruiter"), api.store.head().number
    sure = visitor.post(f"/decisions/{id}/outcome", said())
    assert (sure.status_code, heading(sure)) == (200, "Is it so?")
    assert f"{PERSON} was interviewed" in re.sub(r"<[^>]*>", "", sure.text)
    assert api.store.head().number == before
    form = {name: hidden(sure, name) for name in ("candidate", "outcome", "day", "sure")}
    done = visitor.post(f"/decisions/{id}/outcome", form)
    assert done.status_code == 303
    [entry] = api.store.decisions(after=before)
    told = (
        entry.kind,
        entry.input["decision"],
        entry.input["person"],
        entry.answer["outcome"],
        entry.answer["day"],
    )
    assert told == ("outcome", id, PERSON, "interviewed", "2026-11-10")
    assert entry.answer["job"] == api.store.decision(id).answer["job"]
    page = visitor.get(done.headers["location"].removeprefix("/pages"))
    assert 'role="status"' in page.text
    assert "Was interviewed on" in page.text


def test_a_second_press_or_another_report_in_between_writes_nothing_twice(api, id):
    visitor = Visitor(api, "recruiter")
    form = said(sure="0")
    assert visitor.post(f"/decisions/{id}/outcome", form).status_code == 303
    n = len(outcomes(api))
    again = visitor.post(f"/decisions/{id}/outcome", form)
    assert (again.status_code, heading(again)) == (200, "Is it so?")
    assert "Something was reported since" in again.text
    assert "was reported before" in again.text
    assert len(outcomes(api)) == n
    form["sure"] = hidden(again, "sure")
    assert visitor.post(f"/decisions/{id}/outcome", form).status_code == 303
    assert len(outcomes(api)) == n + 1


@pytest.mark.parametrize(
    "wrong", [{"outcome": ""}, {"outcome": "promoted"}, {"day": "2026-02-30"}, {"day": "soon"}]
)
def test_what_cannot_be_reported_is_told_on_the_form(api, id, wrong):
    visitor, before = Visitor(api, "recruiter"), api.store.head().number
    for sure in ({}, {"sure": "0"}):
        page = visitor.post(f"/decisions/{id}/outcome", said(**wrong, **sure))
        assert page.status_code == 422
        assert 'role="alert"' in page.text
    assert api.store.head().number == before


def test_nothing_is_reported_of_who_is_not_concerned_or_of_what_decides_nothing(api, id):
    visitor = Visitor(api, "recruiter")
    assert visitor.post(f"/decisions/{id}/outcome", said(candidate="nobody", sure="0")).status_code == 404
    before = api.store.head().number
    visitor.get(f"/decisions/{id}/explanation?candidate={PERSON}")
    [explained] = api.store.decisions(after=before)
    assert visitor.get(f"/decisions/{explained.id}/outcome?candidate={PERSON}").status_code == 422


def test_what_was_reported_is_seen_by_those_who_see_decisions(api, id):
    for outcome, job in (("interviewed", None), ("hired", "another job")):
        told = {"candidate": OTHER, "outcome": outcome, **({"job": job} if job else {"decision": id})}
        assert api.ask("POST", "/outcomes", json=told).status_code == 201
    decision = api.store.decision(id)
    assert [one.outcome for one in listing.outcomes_about(api.store, decision, OTHER)] == ["interviewed"]
    for role, form in (("recruiter", True), ("auditor", False)):
        visitor = Visitor(api, role)
        page = visitor.get(f"/decisions/{id}/explanation?candidate={OTHER}")
        assert "Was interviewed" in page.text
        assert (f"/decisions/{id}/outcome" in page.text) == form
        ranking = visitor.get(f"/decisions/{id}")
        assert '<span class="flag happened">interviewed</span>' in ranking.text
        assert (f"/decisions/{id}/outcome" in ranking.text) == form


def test_an_applicants_page_says_nothing_of_it(api, id):
    assert api.ask("POST", "/outcomes", json=said(decision=id)).status_code == 201
    page = Visitor(api, "applicant").get(f"/decisions/{id}/explanation")
    assert page.status_code == 200
    assert "interviewed" not in page.text
    assert "What became" not in page.text


def test_of_a_labelled_resume_it_is_reported_as_well(api):
    id = api.ask("POST", "/classify", json={"resume": resumes()[0]}).headers["decision-id"]
    [person] = api.store.decision(id).people
    visitor = Visitor(api, "admin")
    assert f"/decisions/{id}/outcome" in visitor.get(f"/decisions/{id}").text
    form = {"candidate": person, "outcome": "left", "day": "", "sure": "0"}
    assert visitor.post(f"/decisions/{id}/outcome", form).status_code == 303
    assert outcomes(api)[-1].answer == {"outcome": "left", "job": None, "day": None}
    assert "<li>Left" in visitor.get(f"/decisions/{id}").text
