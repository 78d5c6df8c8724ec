"""Keys that are nobody's cost the log next to nothing, and rates are what the settings say, with any workers."""

import asyncio

import pytest
from api_case import problem, running

from ranker.app.decisions.keys import create_key, find_key, revoke_key
from ranker.app.service import callers
from ranker.app.service.problems import Problem
from ranker.app.service.rates import Rates
from ranker.app.service.roles import ROLES
from ranker.app.service.settings import ServiceSettings


@pytest.fixture(name="asked")
def asked_fixture(monkeypatch):
    """Secrets for which the database was asked."""
    asked = []
    monkeypatch.setattr(callers, "find_key", lambda store, key: asked.append(key) or find_key(store, key))
    return asked


def guess(api, n):
    headers = {"Authorization": f"Bearer candor_{n:012x}_{n:064x}"}
    return api.client.get("/model", headers=headers).status_code


def test_who_guesses_keys_is_refused_before_the_database_is_asked(tmp_path, asked):
    with running(tmp_path, rate_unknown="3/minute") as api:
        assert [guess(api, n) for n in range(20)] == [401] * 3 + [429] * 17
    assert len(asked) == 3


def test_a_good_key_is_let_in_where_others_at_its_address_guess(tmp_path, asked):
    with running(tmp_path, rate_unknown="3/minute", key_seconds=0) as api:
        assert api.ask("GET", "/model", "recruiter").status_code == 200
        assert {guess(api, n) for n in range(9)} == {401, 429}
        # What is remembered is over after no second at all: the database is asked again, for a known key alone.
        assert [api.ask("GET", "/model", "recruiter").status_code for _ in range(9)] == [200] * 9
        problem(api.ask("GET", "/model", "auditor"), 429, "too-often")  # was never seen here


def test_good_keys_are_no_guesses_however_many_an_address_has(tmp_path):
    with running(tmp_path, rate_unknown="3/minute") as api:
        for n in range(9):
            secret = create_key(api.store, "recruiter", name=f"desk {n}").secret
            answer = api.client.get("/model", headers={"Authorization": f"Bearer {secret}"})
            assert answer.status_code == 200


def test_a_key_that_was_revoked_is_a_guess_from_then_on(tmp_path, asked):
    with running(tmp_path, rate_unknown="3/minute", key_seconds=0) as api:
        made = create_key(api.store, "recruiter", name="desk")
        headers = {"Authorization": f"Bearer {made.secret}"}
        assert api.client.get("/model", headers=headers).status_code == 200
        revoke_key(api.store, made.key.id)
        found = [api.client.get("/model", headers=headers).status_code for _ in range(9)]
    assert found == [401] * 3 + [429] * 6
    assert len(asked) == 1 + 3


def test_the_ring_forgets_the_key_that_was_asked_for_longest_ago(tmp_path, monkeypatch):
    monkeypatch.setattr(callers, "MOST_KEYS", 2)
    with running(tmp_path, key_seconds=0) as api:
        for role in ("admin", "auditor", "admin", "recruiter"):
            api.ask("GET", "/model", role)
        ring = api.client.app.state.service.keys
        assert [ring.knows(api.keys[role]) for role in ("admin", "auditor", "recruiter")] == [
            True,
            False,
            True,
        ]


def settings(**told):
    return ServiceSettings(_env_file=None, **told)


def let_in(rates, role, n):
    async def ask():
        done = 0
        for _ in range(n):
            try:
                await rates.take(role, "somebody")
            except Problem:
                continue
            done += 1
        return done

    return asyncio.run(ask())


@pytest.mark.parametrize("workers", [1, 2, 3, 7])
@pytest.mark.parametrize("amount", [1, 3, 6, 20])
def test_workers_that_count_apart_let_in_no_more_than_the_rate_together(workers, amount):
    told = settings(workers=workers, rate_auditor=f"{amount}/day")
    each = [let_in(Rates(told), "auditor", amount) for _ in range(workers)]
    if amount >= workers:
        assert amount - workers < sum(each) <= amount
    else:  # one each, in as many days as keep them within the rate
        assert each == [1] * workers
        assert told.rate_here("auditor").get_expiry() * amount >= workers * 24 * 60 * 60


def test_workers_that_count_in_one_place_have_the_whole_rate():
    told = settings(workers=4, rate_storage="async+redis://cache")
    assert all(str(told.rate_here(role)) == str(settings().rate_here(role)) for role in ROLES)


def test_the_summary_says_what_each_worker_lets_in():
    [line] = [
        one for one in settings(workers=4, rate_admin="10/minute").summary().split("\n") if "_admin" in one
    ]
    assert line.split(None, 1) == ["rate_admin", "10/minute (2 in 60 s by each of 4 workers)"]
    assert "by each of" not in settings(workers=1).summary()
    assert "by each of" not in settings(workers=4, rate_storage="async+redis://cache").summary()


def test_a_refusal_says_by_whom_was_counted():
    rates = Rates(settings(workers=2, rate_auditor="2/minute"))

    async def twice():
        for _ in range(2):
            await rates.take("auditor", "somebody")

    with pytest.raises(Problem, match="1 requests in 60 s are the most for this role by each of 2 workers"):
        asyncio.run(twice())
