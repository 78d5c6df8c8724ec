import re
from pathlib import Path

import pytest
from api_case import OTHER, PERSON, SET_ASIDE, Api, api_fixture, running  # noqa: F401
from pages_case import Visitor, heading, hidden
from served_case import pool_body, resumes

from ranker.app.decisions.keys import create_key, revoke_key
from ranker.app.decisions.reviews import queue
from ranker.app.pages import listing, rendering
from ranker.app.pages.routes import PAGES, page_routes
from ranker.app.pages.sessions import COOKIE, Sessions
from ranker.app.service.roles import ROLES, ROUTES, may

NOWHERE = "0190a5c4-8d2e-7c3b-9f00-6a1d2b3c4d5e"
CLOSED = [page for page in PAGES if page.right is not None]


@pytest.fixture(scope="module", name="id")
def ranking(api):
    return api.ranked(top_k=5).headers["decision-id"]


@pytest.fixture(scope="module", name="waiting")
def waiting_case(api, id):
    [case] = [one for one in queue(api.store) if one.decision == id][:1]
    return case


def address(page, id=NOWHERE):
    return page.path.replace("{id}", id)


@pytest.mark.parametrize("page", CLOSED, ids=lambda one: f"{one.method} {one.path}")
def test_a_page_is_for_those_who_may_call_its_route(api, page):
    assert page.right in ROUTES
    for role in ROLES:
        visitor = Visitor(api, role)
        answer = (
            visitor.get(address(page)) if page.method == "GET" else visitor.post(address(page), {"text": "x"})
        )
        if may(role, *page.right):
            assert answer.status_code not in (401, 403, 500, 503), answer.text
        else:
            assert (answer.status_code, heading(answer)) == (403, "This key may not do that")
            assert role in answer.text


@pytest.mark.parametrize("page", CLOSED, ids=lambda one: f"{one.method} {one.path}")
def test_who_is_not_signed_in_is_led_to_where_one_signs_in(api, page):
    visitor = Visitor(api)
    answer = visitor.get(address(page)) if page.method == "GET" else visitor.post(address(page), {}, "x")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/pages/sign-in")
    assert ("next=" in answer.headers["location"]) == (page.method == "GET")


@pytest.mark.parametrize("page", [one for one in CLOSED if one.method == "POST"], ids=lambda one: one.path)
@pytest.mark.parametrize("token", [None, "", "0" * 64])
def test_a_form_without_its_sessions_token_changes_nothing(api, page, token):
    visitor, before = Visitor(api, "admin"), api.store.head().number
    answer = visitor.post(address(page), {"text": "not so", "label": "upheld", "reason": "x"}, token)
    assert answer.status_code == 403
    assert api.store.head().number == before


def test_the_token_of_another_session_opens_no_form(api):
    token = hidden(Visitor(api, "admin").get("/model"), "token")
    assert Visitor(api, "admin").post("/sign-out", {}, token).status_code == 403


def test_a_form_that_another_site_sends_is_refused(api):
    visitor = Visitor(api, "admin")
    for site in ("cross-site", "same-site"):
        assert visitor.post("/sign-out", {}, headers={"Sec-Fetch-Site": site}).status_code == 403
    assert visitor.post("/sign-out", {}, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303


def test_signing_in_needs_the_form_of_this_browser(api):
    visitor = Visitor(api)
    answer = visitor.post("/sign-in", {"before": "", "key": api.keys["admin"]}, token=None)
    assert answer.status_code == 403
    assert COOKIE not in answer.headers.get("set-cookie", "")


def test_the_cookie_is_no_scripts_no_other_sites_and_not_the_key(api):
    answer = Visitor(api).sign_in(api.keys["recruiter"])
    [cookie] = [one for one in answer.headers.get_list("set-cookie") if one.startswith(COOKIE)]
    assert {"HttpOnly", "SameSite=strict", "Path=/pages"} <= {part.strip() for part in cookie.split(";")}
    assert api.keys["recruiter"].rpartition("_")[2] not in cookie


def test_over_tls_the_cookie_goes_over_nothing_else(api):
    visitor = Visitor(api)
    page = visitor.client.get("https://testserver/pages/sign-in")
    assert all("Secure" in one for one in page.headers.get_list("set-cookie"))


@pytest.mark.parametrize("next", ["https://example.org", "//example.org", "/pages/..//x\\y z", "/rank", ""])
def test_nobody_is_led_elsewhere_after_signing_in(api, next):
    answer = Visitor(api).sign_in(api.keys["recruiter"], next=next)
    assert answer.headers["location"] == "/pages"


def test_signing_in_leads_back_to_the_page_that_was_wanted(api):
    answer = Visitor(api).sign_in(api.keys["recruiter"], next="/pages/reviews?status=decided")
    assert answer.headers["location"] == "/pages/reviews?status=decided"


def test_a_wrong_key_is_told_in_words_and_opens_nothing(api):
    answer = Visitor(api).sign_in("candor_0123456789ab_" + "0" * 64)
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert COOKIE not in answer.headers.get("set-cookie", "")


def test_signing_out_and_revoking_the_key_both_end_a_session(tmp_path):
    with running(tmp_path) as api:
        visitor = Visitor(api, "recruiter")
        assert visitor.get("/decisions").status_code == 200
        cookie = visitor.client.cookies[COOKIE]
        assert visitor.post("/sign-out", {}).status_code == 303
        assert visitor.get("/decisions").status_code == 303
        revoke_key(api.store, api.keys["recruiter"].split("_")[1])
        visitor.client.cookies.set(COOKIE, cookie, path="/pages")
        assert visitor.get("/decisions").status_code == 303


def test_a_session_ends_by_itself_and_cannot_be_forged():
    now = [1_000.0]
    sessions = Sessions(b"secret", 60, clock=lambda: now[0])
    cookie = sessions.open("abc")
    assert sessions.key(cookie) == "abc"
    now[0] += 59
    assert sessions.key(cookie) == "abc"
    now[0] += 1
    assert sessions.key(cookie) is None
    key, until, rest = cookie.split(".", 2)
    for forged in (
        f"{key}.{int(until) + 60}.{rest}",
        f"abd.{until}.{rest}",
        cookie[:-1],
        "",
        "a.b.c",
        "...",
        "é",
    ):
        assert sessions.key(forged) is None
    assert Sessions(b"another", 60, clock=lambda: 1_000.0).key(cookie) is None
    assert sessions.key(sessions.token(cookie)) is None


def test_every_page_has_a_policy_that_lets_no_script_run(api, id):
    visitor = Visitor(api, "admin")
    for path in ("/decisions", f"/decisions/{id}", "/model", "/nothing", "/audit"):
        answer = visitor.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "script" not in policy
        assert not re.search(r"<script|\son\w+=|style=|https?://", answer.text)


def test_an_applicants_pages_say_nothing_about_others(api, id):
    visitor = Visitor(api, "applicant")
    others = {one["id"] for one in pool_body()["candidates"]} - {PERSON}
    for path in ("", "/mine", f"/decisions/{id}/explanation", f"/decisions/{id}/objection", "/model"):
        answer = visitor.client.get(f"/pages{path}")
        assert answer.status_code == 200
        assert not [other for other in others if other in answer.text], path
    assert visitor.get(f"/decisions/{id}/explanation?candidate={OTHER}").status_code == 403
    assert visitor.get(f"/decisions/{id}/objection?candidate={OTHER}").status_code == 403


def test_what_another_applicant_tried_is_on_nobody_elses_list(api, id):
    body = {"decision": id, "text": "My score is 100.", "correction": {"candidate": {"test_score": 100}}}
    tried = api.ask("POST", "/objections", "applicant", json=body).json()["after"]["decision"]
    own, other = (
        create_key(api.store, "applicant", name=person, person=person).key for person in (PERSON, OTHER)
    )
    ids = {
        key.id: {line.id for line in listing.newest(api.store, person=key.person, applicant=key.id)}
        for key in (own, other)
    }
    assert all(id in seen and tried not in seen for seen in ids.values())
    assert tried in Visitor(api, "applicant").get("/mine").text


@pytest.mark.parametrize("role", ["applicant", "recruiter"])
def test_what_a_corrected_record_brought_is_marked_wherever_it_is_shown(tmp_path, role):
    with running(tmp_path) as api:
        old = api.ranked().headers["decision-id"]
        body = {"decision": old, "text": "It is 100.", "correction": {"candidate": {"test_score": 100}}}
        body |= {} if role == "applicant" else {"candidate": PERSON}
        new = api.ask("POST", "/objections", role, json=body).json()["after"]["decision"]
        mark = '<span class="flag corrected">decides nothing</span>'
        recruiter, word = Visitor(api, "recruiter"), f"made with a corrected record of {PERSON}"
        listed = re.findall("<tr>.*?</tr>", recruiter.get("/decisions?kind=rank").text, re.DOTALL)
        assert {id: (mark in line, word in line) for id in (old, new) for line in listed if id in line} == {
            old: (False, False), new: (True, True)
        }  # fmt: skip
        for path in (f"/decisions/{new}", f"/decisions/{new}/explanation?candidate={PERSON}"):
            page = recruiter.get(path).text
            assert mark in page, path
            assert word.replace("made", "Made") in page
            assert f'href="/pages/decisions/{old}"' in page
            assert mark not in recruiter.get(path.replace(new, old)).text
        applicant = Visitor(api, "applicant")
        lines = re.findall("<li>.*?</li>", applicant.get("/mine").text, re.DOTALL)
        assert {id: mark in line for id in (old, new) for line in lines if id in line} == {
            old: False, new: True
        }  # fmt: skip
        people = {one["id"] for one in pool_body()["candidates"]}
        for page in (applicant.get("/mine"), applicant.get(f"/decisions/{new}/explanation")):
            assert "made with your own corrected record" in page.text.replace("Made", "made")
            assert {one for one in people if one in page.text} == {PERSON}


def test_a_correction_that_leaves_somebody_set_aside_is_marked_too(api):
    old = api.ranked().headers["decision-id"]
    body = {
        "decision": old,
        "candidate": SET_ASIDE,
        "text": "x",
        "correction": {"candidate": {"test_score": 1}},
    }
    new = api.ask("POST", "/objections", json=body).json()["after"]["decision"]
    page = Visitor(api, "recruiter").get(f"/decisions/{new}/explanation?candidate={SET_ASIDE}")
    assert heading(page) == f"{SET_ASIDE} was not ranked"
    assert f"Made with a corrected record of {SET_ASIDE}" in page.text


def test_protected_fields_stand_on_no_page(api):
    secret = "a-group-that-no-page-says"
    id = api.ranked(protected={PERSON: {"gender": secret}}).headers["decision-id"]
    for role in ("recruiter", "admin"):
        visitor = Visitor(api, role)
        for path in (f"/decisions/{id}", f"/decisions/{id}/explanation?candidate={PERSON}", "/decisions"):
            assert secret not in visitor.get(path).text
    assert secret in Visitor(api, "auditor").get("/audit").text


def test_what_records_say_is_shown_and_never_becomes_markup(api):
    body = pool_body()
    nasty = '<script>alert("x")</script>'
    body["candidates"][3]["id"] = nasty
    for row in body["applications"]:
        if row["candidate_id"] == pool_body()["candidates"][3]["id"]:
            row["candidate_id"] = nasty
    id = api.ask("POST", "/rank", json=body).headers["decision-id"]
    visitor = Visitor(api, "recruiter")
    for path in (f"/decisions/{id}", "/decisions"):
        assert "<script" not in visitor.get(path, params={"person": nasty}).text
    page = visitor.get(f"/decisions/{id}/explanation", params={"candidate": nasty})
    assert page.status_code == 200
    assert "&lt;script&gt;" in page.text
    assert "<script" not in page.text


def test_an_explanation_is_recorded_before_it_is_shown(api, id):
    before = api.store.head().number
    Visitor(api, "recruiter").get(f"/decisions/{id}/explanation?candidate={PERSON}")
    [entry] = api.store.decisions(after=before)
    assert (entry.kind, entry.people[0] in entry.people) == ("explain", True)
    assert entry.input["candidate"] == PERSON


def test_who_was_set_aside_is_told_why_on_a_page(api, id):
    page = Visitor(api, "recruiter").get(f"/decisions/{id}/explanation?candidate={SET_ASIDE}")
    assert (page.status_code, heading(page)) == (200, f"{SET_ASIDE} was not ranked")
    assert "work permit" in page.text


def test_a_review_is_decided_by_its_form_once(api, id, waiting):
    visitor = Visitor(api, "recruiter")
    path = f"/reviews/{waiting.id}"
    lacking = visitor.post(path, {"label": "upheld", "reason": ""})
    assert lacking.status_code == 422
    assert 'role="alert"' in lacking.text
    assert "checked" in lacking.text
    assert visitor.post(path, {"label": "upheld", "reason": "I read it."}).status_code == 303
    page = visitor.get(path)
    assert "I read it." in page.text
    assert "<form method" not in page.text.partition("<main")[2]
    again = visitor.post(path, {"label": "overturned", "reason": "No."})
    assert again.status_code == 422
    [case] = [one for one in queue(api.store, "decided") if one.id == waiting.id]
    assert (case.label, case.why, case.reviewer) == (
        "upheld", "I read it.", api.keys["recruiter"].split("_")[1]
    )  # fmt: skip


def test_an_auditor_sees_a_case_and_no_form(api, id, waiting):
    page = Visitor(api, "auditor").get(f"/reviews/{waiting.id}")
    assert page.status_code == 200
    assert "textarea" not in page.text


def test_a_correction_is_ranked_again_and_waits_with_its_words(api, id):
    [record] = [one for one in pool_body()["candidates"] if one["id"] == PERSON]
    told = "My test was marked wrong."
    visitor = Visitor(api, "applicant")
    form = {"text": told, "field:test_score": "99.5", "field:skills": "\r\n".join(record["skills"])}
    page = visitor.post(f"/decisions/{id}/objection", form)
    assert page.status_code == 200, page.text
    [case] = [one for one in queue(api.store) if one.reason == "correction" and one.person == PERSON]
    [objection] = api.store.decisions(kind="objection")[-1:]
    assert objection.input["correction"] == {"candidate": {"test_score": 99.5}}
    result = api.store.decision(objection.answer["result"])
    [changed] = [one for one in result.input["candidates"] if one["id"] == PERSON]
    assert changed == {**record, "test_score": 99.5}
    review = Visitor(api, "recruiter").get(f"/reviews/{case.id}")
    assert told in review.text
    assert "99.5" in review.text
    assert result.id in review.text


def test_a_number_that_is_none_is_told_and_nothing_is_filed(api, id):
    visitor, before = Visitor(api, "applicant"), api.store.head().number
    page = visitor.post(f"/decisions/{id}/objection", {"text": "Wrong", "field:test_score": "ninety"})
    assert page.status_code == 422
    assert "ninety" in page.text
    assert "Wrong" in page.text
    assert api.store.head().number == before


def test_another_rank_stands_beside_the_models(api):
    id = api.ranked(top_k=5).headers["decision-id"]
    visitor = Visitor(api, "recruiter")
    form = {"candidate": PERSON, "rank": "1", "reason": "met in person"}
    for wrong in ({"rank": "first"}, {"rank": "0"}, {"reason": " "}):
        assert visitor.post(f"/decisions/{id}/override", form | wrong).status_code == 422
    assert visitor.post(f"/decisions/{id}/override", form).status_code == 303
    assert "a person says rank 1" in visitor.get(f"/decisions/{id}").text
    assert "A person gave this candidate rank 1." in visitor.get(
        f"/decisions/{id}/explanation?candidate={PERSON}"
    ).text  # fmt: skip


def test_a_classified_resume_has_its_page_and_its_labels(api):
    answer = api.ask("POST", "/classify", json={"resume": resumes()[0]})
    page = Visitor(api, "recruiter").get(f"/decisions/{answer.headers['decision-id']}")
    assert page.status_code == 200
    assert answer.json()["label"] in page.text
    for label in answer.json()["probabilities"]:
        assert f'<th scope="row">{label}</th>' in page.text


def test_the_list_of_decisions_turns_its_pages(api, monkeypatch):
    for _ in range(3):
        api.ranked()
    monkeypatch.setattr("ranker.app.pages.decisions.LINES", 2)
    visitor = Visitor(api, "recruiter")
    first = visitor.get("/decisions?kind=rank")
    numbers = [int(n) for n in re.findall(r'<td class="n" data-head="Entry">(\d+)</td>\s*<th', first.text)]
    older = re.search(r'href="/pages(/decisions\?[^"]*before=\d+)"', first.text)[1].replace("&amp;", "&")
    numbers += [
        int(n)
        for n in re.findall(r'<td class="n" data-head="Entry">(\d+)</td>\s*<th', visitor.get(older).text)
    ]
    assert len(numbers) == 4
    assert numbers == sorted(numbers, reverse=True)
    assert numbers == sorted({one.number for one in api.store.decisions(kind="rank")}, reverse=True)[:4]


@pytest.mark.parametrize("query", ["before=x", "before=0", "before=" + "9" * 30])
def test_an_address_that_is_none_is_told_as_a_page(api, query):
    answer = Visitor(api, "recruiter").get(f"/decisions?{query}")
    assert (answer.status_code, heading(answer)) == (422, "The request cannot be answered as it is")


@pytest.mark.parametrize(
    ("body", "type", "status"),
    [
        (b"\xff\xfe", "application/x-www-form-urlencoded", 400),
        (b"key=%ff", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"a=1" for _ in range(2_000)), "application/x-www-form-urlencoded", 400),
        (b"key=" + b"x" * 600_000, "application/x-www-form-urlencoded", 413),
        (b"{}", "application/json", 415),
    ],
)
def test_a_form_that_no_page_sends_is_refused_as_a_page(api, body, type, status):
    answer = Visitor(api).client.post("/pages/sign-in", content=body, headers={"Content-Type": type})
    assert answer.status_code == status
    assert heading(answer)


def test_without_keys_the_pages_are_a_recruiters_only_where_the_settings_say_so(tmp_path):
    with running(tmp_path, allow_anonymous=True) as api:
        visitor = Visitor(api)
        assert visitor.get("/decisions").status_code == 200
        assert visitor.get("/audit").status_code == 403


def test_several_workers_know_the_same_sessions(tmp_path):
    with running(tmp_path) as api:
        settings = api.client.app.state.service.settings
        cookie = Sessions(settings.session_secret.get_secret_value().encode()).open("abc")
        again = settings.model_copy()  # as a worker of its own gets them
        assert Sessions(again.session_secret.get_secret_value().encode()).key(cookie) == "abc"
        assert settings.session_secret.get_secret_value() not in settings.summary()


def test_every_template_is_some_pages(api):
    folder = Path(rendering.__file__).parent
    named = " ".join(
        path.read_text("utf-8") for path in [*folder.glob("*.py"), *folder.glob("templates/*.html")]
    )
    for template in (folder / "templates").glob("*.html"):
        assert f'"{template.name}"' in named, template.name
    assert {route.path for route in page_routes(api.client.app.state.service)} >= {
        f"/pages{page.path}" for page in PAGES
    }


def test_drift_and_groups_are_shown_with_their_figures(tmp_path):
    pytest.importorskip("river", reason="monitoring needs the extra monitor")
    from ranker.app.monitoring.watching import Watcher

    with running(tmp_path) as api:
        for job in range(4):
            body = pool_body(job)
            groups = {one["id"]: {"gender": "fm"[i % 2]} for i, one in enumerate(body["candidates"])}
            assert api.ask("POST", "/rank", json={**body, "protected": groups}).status_code == 200
        served = api.client.app.state.service.served
        watcher = Watcher(api.store, {"ranker": served.ranker})
        watcher.open()
        assert api.client.app.state.service.watcher is None
        visitor = Visitor(api, "auditor")
        page = visitor.get("/monitoring")
        assert page.status_code == 200
        assert "candor monitor" in page.text
        assert watcher.look() == 4
        object.__setattr__(api.client.app.state.service, "watcher", watcher)
        page = visitor.get("/monitoring")
        assert page.status_code == 200
        for column in watcher.state()["ranker"]["columns"]:
            assert f'<th scope="row">{column["label"]}</th>' in page.text
        for group in "fm":
            assert f'<td>gender</td><th scope="row">{group}</th>' in page.text.replace("candidate.", "")


def test_visits_are_counted_by_page_and_never_by_person(tmp_path):
    with running(tmp_path) as api:
        Visitor(api, "auditor").get("/decisions", params={"person": PERSON})
        told = api.client.get("/metrics").text
        assert 'route="/pages/decisions"' in told
        assert PERSON not in told
