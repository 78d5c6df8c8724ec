import asyncio
import threading

import pytest
from api_case import OTHER, PERSON, Api, api_fixture, problem, running  # noqa: F401
from served_case import make_served, pool_body, resumes

from ranker.app.decisions import StoreUnavailable, open_store
from ranker.app.decisions.reviews import queue
from ranker.app.served.served import answer_bytes


class FailingStore:
    """A log that cannot be written to any more, though its keys can be read."""

    def __init__(self, store):
        self._store = store
        self.lost = False

    def __getattr__(self, name):
        return getattr(self._store, name)

    def record(self, decision):
        if self.lost:
            raise StoreUnavailable("the log at postgresql://candor@10.0.0.7/log is unavailable (no route)")
        return self._store.record(decision)


ASKED = {
    "classify": lambda: {"resume": resumes()[0]},
    "rank": lambda: pool_body(top_k=3, explanations=True),
    "explain": lambda: pool_body(candidate=PERSON, audience="recruiter"),
    "counterfactual": lambda: pool_body(candidate=PERSON, top_k=3),
    "contrast": lambda: pool_body(candidate=PERSON, against=OTHER),
}


@pytest.mark.parametrize("kind", ASKED)
def test_what_is_sent_is_what_the_log_holds(api, kind):
    body = ASKED[kind]()
    answer = api.ask("POST", f"/{kind}", json=body, headers={"X-Request-Id": "request-of-a-test"})
    assert answer.status_code == 200, answer.text
    found = api.store.decision(answer.headers["decision-id"])
    assert answer.content == answer_bytes(getattr(make_served(), kind)(body))
    assert found.answer == answer.json()
    assert found.input == body
    assert (found.kind, found.role, found.request_id) == (kind, "recruiter", "request-of-a-test")
    assert found.model == make_served().digest_of(kind)
    assert answer.headers["decision-hash"] == found.hash
    assert found.caller == api.keys["recruiter"].split("_")[1]
    assert found.complete


def test_an_answer_that_cannot_be_recorded_is_not_given(tmp_path):
    store = FailingStore(open_store(f"sqlite:///{tmp_path / 'log.db'}"))
    with running(tmp_path, store=store) as api:
        before = api.store.head()
        store.lost = True
        for kind, body in ASKED.items():
            answer = api.ask("POST", f"/{kind}", json=body())
            told = problem(answer, 503, "no-log")
            assert answer.headers["retry-after"]
            assert "10.0.0.7" not in told["detail"]
        assert api.store.head() == before
        store.lost = False
        assert api.ranked().headers["decision-number"] == str(before.number + 1)


def test_a_server_whose_log_is_lost_says_that_it_is_not_ready(tmp_path):
    with running(tmp_path) as api:
        assert api.client.get("/readyz").json() == {"status": "ready"}
        with api.store.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE decisions RENAME TO elsewhere")
        problem(api.client.get("/readyz"), 503, "no-log")
        assert api.client.get("/healthz").status_code == 200


def test_an_input_that_is_not_to_be_kept_is_not(tmp_path):
    with running(tmp_path, keep_input=False) as api:
        id = api.ranked().headers["decision-id"]
        found = api.ask("GET", f"/decisions/{id}").json()
        assert found["input"] is None
        assert found["answer"]["ranking"]
        told = problem(api.ask("GET", f"/decisions/{id}/explanation", "applicant"), 409, "conflict")
        assert "not kept" in told["detail"]


def test_borderline_cases_enter_the_queue_with_the_decision(api):
    answer = api.ranked(top_k=5)
    borderline = {one["candidate"] for one in answer.json()["ranking"] if one["borderline"]}
    assert borderline
    waiting = [one for one in queue(api.store) if one.decision == answer.headers["decision-id"]]
    assert {(one.person, one.reason) for one in waiting} == {(who, "borderline") for who in borderline}


def test_uncertain_classifications_enter_the_queue(api):
    found = {False: 0, True: 0}
    for resume in resumes():
        answer = api.ask("POST", "/classify", json={"resume": resume})
        if answer.status_code != 200:
            continue
        uncertain = answer.json()["uncertain"]
        id = answer.headers["decision-id"]
        reasons = [one.reason for one in queue(api.store, limit=1_000) if one.decision == id]
        assert reasons == (["uncertain"] if uncertain else [])
        found[uncertain] += 1
        if all(found.values()):
            return
    pytest.fail(f"no case of each kind: {found}")


def test_cases_are_drawn_by_chance_at_the_rate_of_the_settings(tmp_path):
    with running(tmp_path, chance=0.25, sample_rate=0.3) as api:
        id = api.ranked(intervals=False).headers["decision-id"]
        [case] = queue(api.store)
        assert (case.reason, case.decision) == ("sampled", id)
    (tmp_path / "rarer").mkdir()
    with running(tmp_path / "rarer", chance=0.25, sample_rate=0.2) as api:
        api.ranked(intervals=False)
        assert not queue(api.store)


def test_an_unforeseen_error_is_told_without_its_text(tmp_path, caplog, monkeypatch):
    monkeypatch.delenv("CANDOR_DEBUG", raising=False)
    with running(tmp_path) as api:
        monkeypatch.setattr(
            "ranker.app.service.recording.answer_recorded", lambda *_: {}["Ada Lovelace, 1815"]
        )
        told = problem(api.ask("POST", "/rank", json=pool_body()), 500, "unforeseen")
        assert "Ada" not in str(told) + caplog.text
        assert "KeyError" in caplog.text
        assert told["instance"].rpartition(":")[2] in caplog.text


def test_more_requests_than_may_be_in_flight_are_told_to_come_again(tmp_path, monkeypatch):
    entered, leave = threading.Semaphore(0), threading.Event()

    def slow(self, *_):
        entered.release()
        assert leave.wait(20)
        return {}

    with running(tmp_path, in_flight=2, threads=2, retry_after=7) as api:
        monkeypatch.setattr("ranker.app.served.served.Served.card", slow)
        statuses = []
        asking = [
            threading.Thread(target=lambda: statuses.append(api.ask("GET", "/model").status_code))
            for _ in range(2)
        ]
        for thread in asking:
            thread.start()
        assert all(entered.acquire(timeout=20) for _ in asking)
        refused = api.ask("GET", "/model")
        problem(refused, 503, "busy")
        assert refused.headers["retry-after"] == "7"
        assert api.client.get("/healthz").status_code == 200
        leave.set()
        for thread in asking:
            thread.join(20)
        assert statuses == [200, 200]


def test_an_answer_that_takes_too_long_is_given_up(tmp_path, monkeypatch):
    leave = threading.Event()
    with running(tmp_path, request_seconds=0.2, threads=2) as api:
        monkeypatch.setattr("ranker.app.served.served.Served.card", lambda self: leave.wait(20) and {})
        problem(api.ask("GET", "/model"), 503, "late")
        leave.set()
        monkeypatch.undo()
        assert api.ask("GET", "/model").status_code == 200


def test_a_body_that_trickles_is_given_up(tmp_path):
    with running(tmp_path, body_seconds=0.2) as api:
        scope = {
            "type": "http", "method": "POST", "path": "/rank", "raw_path": b"/rank", "query_string": b"",
            "root_path": "", "scheme": "http", "http_version": "1.1", "server": ("test", 80),
            "client": ("test", 1), "headers": [
                (b"content-type", b"application/json"), (b"authorization", f"Bearer {api.keys['recruiter']}".encode()),
            ],
        }  # fmt: skip
        sent = []

        async def receive():
            await asyncio.sleep(0.05)
            return {"type": "http.request", "body": b" ", "more_body": True}

        async def send(message):
            sent.append(message)

        async def ask():
            await api.client.app(scope, receive, send)

        asyncio.run(ask())
        assert sent[0]["status"] == 408
        assert dict(sent[0]["headers"])[b"connection"] == b"close"


def test_a_client_that_goes_away_gets_no_answer_and_leaves_no_entry(api):
    scope = {
        "type": "http", "method": "POST", "path": "/rank", "raw_path": b"/rank", "query_string": b"",
        "root_path": "", "scheme": "http", "http_version": "1.1", "server": ("test", 80), "client": ("test", 1),
        "headers": [
            (b"content-type", b"application/json"), (b"authorization", f"Bearer {api.keys['recruiter']}".encode()),
        ],
    }  # fmt: skip
    messages = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]
    before, sent = api.store.head(), []

    async def receive():
        return messages.pop(0)

    async def send(message):
        sent.append(message)

    asyncio.run(api.client.app(scope, receive, send))
    assert not sent
    assert api.store.head() == before
