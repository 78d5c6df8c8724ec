import json

import pytest
from api_case import api_fixture, problem, running  # noqa: F401
from served_case import PROTECTED, pool_body

ANSWERING = ("/classify", "/rank", "/explain", "/counterfactual", "/contrast")
POSTS = (*ANSWERING, "/reviews", "/objections", "/outcomes")


def entries(api):
    return api.store.head().number


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe{}", b'{"a": \xe9}', b"{} {}", b"[" * 100_000, b'{"a":' * 5_000],
    ids=["empty", "cut off", "UTF-16", "Latin-1", "two", "nested lists", "nested objects"],
)
def test_what_is_no_json_is_refused_as_such(api, path, body):
    before = entries(api)
    problem(api.send(path, body), 400, "unreadable")
    assert entries(api) == before


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("body", [b"null", b"3", b'"text"', b"[]", b"{}", b'{"unknown": 1}'])
def test_json_of_another_form_is_refused_with_the_place_of_each_fault(api, path, body):
    told = problem(api.send(path, body), 422, "cannot-answer")
    assert told["errors"]
    assert all(fault["fault"] for fault in told["errors"])


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"top_k": "3"}, "top_k"),
        ({"top_k": 0}, "top_k"),
        ({"top_k": True}, "top_k"),
        ({"explanations": "yes"}, "explanations"),
        ({"candidates": {}}, "candidates"),
        ({"candidates": []}, "candidates"),
        ({"candidates": [3]}, "candidates[0]"),
        ({"job": None}, "job"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_type_is_told_with_its_place(api, change, place):
    told = problem(api.ask("POST", "/rank", json={**pool_body(), **change}), 422, "cannot-answer")
    assert place in {fault["field"] for fault in told["errors"]}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_is_not_finite_is_refused(api, number):
    body = json.dumps(pool_body()).replace('"test_score": ', f'"test_score": {number}, "was": ', 1)
    answer = api.send("/rank", body.encode())
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_half_a_character_is_refused(api):
    body = pool_body()
    body["candidates"][1]["city"] = "\ud800"
    told = problem(api.send("/rank", json.dumps(body).encode()), 400, "unreadable")
    assert "hex escape" in told["detail"]


def test_a_body_over_the_limit_is_refused_whether_it_says_its_size_or_not(tmp_path):
    with running(tmp_path, body_bytes=1_000) as api:
        body = json.dumps(pool_body()).encode()
        assert len(body) > 1_000
        problem(api.send("/rank", body), 413, "too-large")

        def parts():
            yield from (body[at : at + 500] for at in range(0, len(body), 500))

        answer = api.ask("POST", "/rank", content=parts(), headers={"Content-Type": "application/json"})
        problem(answer, 413, "too-large")
        assert api.ask("GET", "/model").status_code == 200


def test_the_limits_of_the_settings_hold(tmp_path):
    with running(tmp_path, pool=5, text=50, depth=3) as api:
        assert len(pool_body()["candidates"]) > 5
        told = problem(api.ask("POST", "/rank", json=pool_body()), 422, "cannot-answer")
        assert "candidates" in {fault["field"] for fault in told["errors"]}
        small = pool_body()
        small["candidates"], small["applications"] = small["candidates"][:3], small["applications"][:3]
        for change, fault in (
            ({"city": "x" * 51}, "51 characters"),
            ({"skills": [[[["a"]]]]}, "inside each other"),
        ):
            body = {**small, "candidates": [{**small["candidates"][0], **change}]}
            assert fault in problem(api.ask("POST", "/rank", json=body), 422, "cannot-answer")["detail"]
        described = api.client.get("/openapi.json").json()["components"]["schemas"]["RankBody"]
        assert described["properties"]["candidates"]["maxItems"] == 5


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_a_body_of_another_type_is_refused(api, kind):
    problem(api.send("/rank", b"{}", **{"Content-Type": kind}), 415, "media-type")


def test_json_with_its_charset_is_read(api):
    body = json.dumps(pool_body()).encode()
    assert api.send("/rank", body, **{"Content-Type": "application/json; charset=utf-8"}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/decisions/1", "/decisions/'; --", "/decisions/%00", "/decisions/" + "a" * 5_000]
)
def test_an_id_that_is_none_is_refused(api, path):
    assert api.ask("GET", path).status_code in (404, 422)


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/rank"), ("GET", "/classify"), ("TRACE", "/model")])
def test_a_method_that_is_not_there_is_told(api, method, path):
    answer = api.ask(method, path)
    problem(answer, 405, "no-such-method")
    assert answer.headers["allow"]


def test_all_methods_of_an_address_are_named(api):
    for path in ("/reviews", "/decisions", f"/decisions/{'0' * 36}"):
        allowed = set(api.ask("OPTIONS", path).headers["allow"].split(", "))
        assert allowed == ({"GET", "POST"} if path == "/reviews" else {"GET"})


def test_an_address_that_is_not_there_is_told(api):
    problem(api.ask("GET", "/rankings"), 404, "not-found")


def test_every_answer_carries_secure_headers_and_the_id_that_was_sent(api):
    for path in ("/healthz", "/nothing", "/model"):
        headers = api.client.get(path, headers={"X-Request-Id": "abc-12345678"}).headers
        assert headers["x-request-id"] == "abc-12345678"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "default-src 'none'" in headers["content-security-policy"]
    odd = api.client.get("/healthz", headers={"X-Request-Id": "a b\tc"}).headers["x-request-id"]
    assert odd != "a b\tc"
    assert len(odd) == 32


def test_neither_log_nor_counts_say_anything_about_anybody(api, caplog):
    body = pool_body()
    with caplog.at_level("DEBUG"):
        api.ranked(protected={body["candidates"][0]["id"]: {"gender": "said-to-nobody"}})
        api.ask("GET", "/decisions", params={"person": body["candidates"][0]["id"]})
        api.send("/rank", json.dumps({"candidates": [{"name": "Ada Lovelace"}], "x": 1}).encode())
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("candor")]
    assert any("/rank" in line for line in ours)
    told = "\n".join([*ours, api.client.get("/metrics").text])
    people = [one["id"] for one in body["candidates"]]
    assert not [word for word in (*people, *PROTECTED, "said-to-nobody", "Ada") if word in told]
    assert api.keys["recruiter"] not in told
