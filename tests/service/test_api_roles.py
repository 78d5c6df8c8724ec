import pytest
from api_case import OTHER, PERSON, SET_ASIDE, Api, api_fixture, problem, running  # noqa: F401
from served_case import pool_body, resumes

from ranker.app.decisions.keys import revoke_key
from ranker.app.service.roles import ROLES, ROUTES, may

NOWHERE = "0190a5c4-8d2e-7c3b-9f00-6a1d2b3c4d5e"
BODIES = {
    "/classify": lambda: {"resume": resumes()[0]},
    "/rank": pool_body,
    "/explain": lambda: pool_body(candidate=PERSON),
    "/counterfactual": lambda: pool_body(candidate=PERSON, top_k=3),
    "/contrast": lambda: pool_body(candidate=PERSON, against=OTHER),
    "/reviews": lambda: {"review": NOWHERE, "label": "upheld", "reason": "read it"},
    "/objections": lambda: {"decision": NOWHERE, "text": "not so"},
    "/decisions/{id}/override": lambda: {"candidate": PERSON, "rank": 1, "reason": "met in person"},
    "/outcomes": lambda: {"candidate": PERSON, "outcome": "hired"},
}


def call(api: Api, method: str, path: str, role: str | None):
    body = {"json": BODIES[path]()} if method == "POST" else {}
    return api.ask(method, path.replace("{id}", NOWHERE), role, **body)


def test_every_route_of_the_application_is_in_the_table_and_the_reverse(api):
    described = {
        (method.upper(), path)
        for path, operations in api.client.get("/openapi.json").json()["paths"].items()
        for method in operations
    }
    assert described | {("GET", "/openapi.json")} == set(ROUTES)


@pytest.mark.parametrize("role", [*ROLES, None])
@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_a_route_answers_the_roles_of_its_table_and_refuses_the_others(api, route, role):
    answer = call(api, *route, role)
    if may(role, *route):
        assert answer.status_code not in (401, 403, 500, 503), answer.text
    else:
        told = problem(answer, 401 if role is None else 403, "no-key" if role is None else "not-allowed")
        assert ROUTES[route] is not None
        assert role is None or role in told["detail"]


def test_a_route_that_the_table_does_not_name_is_nobodys():
    assert not any(may(role, "GET", "/forgotten") for role in (*ROLES, None))


@pytest.mark.parametrize(
    "shown",
    [
        "Bearer candor_0123456789ab_" + "0" * 64,
        "Bearer nonsense",
        "Bearer ",
        "Basic dTpw",
        "candor",
        "Bearer \xff",
    ],
)
def test_a_key_that_is_nobodys_is_no_key(api, shown):
    answer = api.client.get("/model", headers={"Authorization": shown.encode("latin-1")})
    problem(answer, 401, "no-key")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_revoked_key_opens_nothing(tmp_path):
    with running(tmp_path, key_seconds=0) as api:
        assert api.ask("GET", "/model", "auditor").status_code == 200
        revoke_key(api.store, api.keys["auditor"].split("_")[1])
        problem(api.ask("GET", "/model", "auditor"), 401, "no-key")


def test_without_keys_a_request_is_a_recruiters_only_where_the_settings_say_so(tmp_path):
    with running(tmp_path, allow_anonymous=True) as api:
        assert api.ask("POST", "/rank", None, json=pool_body()).status_code == 200
        problem(api.ask("GET", "/audit", None), 403, "not-allowed")
        assert api.store.decisions(kind="rank")[0].caller == "anonymous"


def test_an_applicant_is_told_the_own_part_of_a_ranking_and_nothing_about_others(api):
    id = api.ranked().headers["decision-id"]
    answer = api.ask("GET", f"/decisions/{id}/explanation", "applicant")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["candidate"], told["audience"]) == (PERSON, "candidate")
    others = {one["id"] for one in pool_body()["candidates"]} - {PERSON}
    assert not [other for other in others if other in answer.text]


def test_who_was_set_aside_is_told_why(api):
    id = api.ranked().headers["decision-id"]
    answer = api.ask("GET", f"/decisions/{id}/explanation", "recruiter", params={"candidate": SET_ASIDE})
    assert answer.status_code == 200
    assert answer.json()["decision"] == id
    assert "work permit" in answer.json()["set_aside"]


def test_an_applicant_may_not_ask_about_another_one(api):
    id = api.ranked().headers["decision-id"]
    problem(
        api.ask("GET", f"/decisions/{id}/explanation", "applicant", params={"candidate": OTHER}),
        403, "not-allowed",
    )  # fmt: skip
    body = {"decision": id, "text": "not so", "candidate": OTHER}
    problem(api.ask("POST", "/objections", "applicant", json=body), 403, "not-allowed")


def test_an_applicant_does_not_learn_of_decisions_about_others(api):
    body = pool_body()
    body["candidates"] = [one for one in body["candidates"] if one["id"] != PERSON]
    body["applications"] = [one for one in body["applications"] if one["candidate_id"] != PERSON]
    id = api.ask("POST", "/rank", json=body).headers["decision-id"]
    unknown = problem(api.ask("GET", f"/decisions/{NOWHERE}/explanation", "applicant"), 404, "not-found")
    hidden = problem(api.ask("GET", f"/decisions/{id}/explanation", "applicant"), 404, "not-found")
    assert hidden["detail"].replace(id, NOWHERE) == unknown["detail"]


def test_protected_fields_are_kept_for_the_audit_and_returned_to_nobody(api):
    secret = "a-group-that-no-answer-says"
    body = pool_body(protected={PERSON: {"gender": secret}, OTHER: {"gender": "another"}})
    answer = api.ask("POST", "/rank", json=body)
    assert answer.status_code == 200
    id = answer.headers["decision-id"]
    assert api.store.protected(id)[PERSON] == {"gender": secret}
    for role in ("recruiter", "auditor", "admin"):
        for path in (f"/decisions/{id}", "/decisions", f"/decisions/{id}/explanation?candidate={PERSON}"):
            found = api.ask("GET", path, role)
            assert found.status_code == 200
            assert secret not in found.text
    assert secret not in answer.text
    groups = api.ask("GET", "/audit", "auditor").json()["groups"]
    assert [row["people"] for row in groups if row["group"] == secret] == [1]


@pytest.mark.parametrize("path", ["/rank", "/classify"])
def test_protected_fields_of_somebody_whom_no_record_is_about_are_refused(api, path):
    # Whoever deletes that person's data would not find them.
    body = pool_body() if path == "/rank" else {"resume": resumes()[0]}
    groups = {"a-stranger": {"gender": "f"}}
    n = api.store.head().number
    told = problem(api.ask("POST", path, json={**body, "protected": groups}), 422, "cannot-answer")
    assert [one["field"] for one in told["errors"]] == ["protected.a-stranger"]
    assert api.store.head().number == n


def test_a_protected_field_among_the_records_is_refused_by_its_name(api):
    body = pool_body()
    body["candidates"][2]["gender"] = "f"
    told = problem(api.ask("POST", "/rank", json=body), 422, "cannot-answer")
    assert told["errors"][0]["field"] == "candidates[2].gender"


def test_a_recruiter_sees_answers_and_not_who_made_keys(api):
    assert {row["kind"] for row in api.ask("GET", "/decisions", "auditor").json()["decisions"]} >= {"key"}
    assert "key" not in {row["kind"] for row in api.ask("GET", "/decisions", "recruiter").json()["decisions"]}
    own = api.store.decisions(kind="key")[0].id
    problem(api.ask("GET", f"/decisions/{own}", "recruiter"), 404, "not-found")
    assert api.ask("GET", f"/decisions/{own}", "auditor").status_code == 200


def test_who_asks_too_often_is_told_when_to_come_again(tmp_path):
    with running(tmp_path, rate_auditor="2/minute") as api:
        assert [api.ask("GET", "/model", "auditor").status_code for _ in range(2)] == [200, 200]
        answer = api.ask("GET", "/model", "auditor")
        problem(answer, 429, "too-often")
        assert int(answer.headers["retry-after"]) >= 1
        assert api.ask("GET", "/model", "recruiter").status_code == 200


def test_guessing_keys_is_slowed_down(tmp_path):
    with running(tmp_path, rate_unknown="3/minute") as api:
        found = [
            api.client.get("/model", headers={"Authorization": f"Bearer {n}"}).status_code for n in range(5)
        ]
        assert found == [401, 401, 401, 429, 429]
