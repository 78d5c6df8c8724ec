"""Keys: shown once, kept as a hash, found by their secret and by nothing else."""

import pytest
from sqlalchemy import text

from ranker.app.decisions import create_key, find_key, list_keys, open_store, revoke_key, verify
from ranker.errors import DataError, UsageError


@pytest.fixture
def store(store_url):
    with open_store(store_url) as opened:
        yield opened


def test_a_key_is_found_by_its_secret(store):
    made = create_key(store, "applicant", name="portal", person="dora")
    found = find_key(store, made.secret)
    assert (found.id, found.role, found.person, found.name) == (made.key.id, "applicant", "dora", "portal")
    assert made.secret == f"candor_{made.key.id}_{made.secret.rpartition('_')[2]}"


def test_the_secret_stands_nowhere_in_the_database(store):
    made = create_key(store, "admin", name="me")
    secret = made.secret.rpartition("_")[2]
    with store.read() as connection:
        assert secret not in str(connection.execute(text("SELECT * FROM api_keys")).all())
    assert secret not in repr(store.decisions())
    assert len(bytes.fromhex(secret)) == 32


def test_nothing_else_opens(store):
    made, other = (create_key(store, "auditor", name=name) for name in "ab")
    own, foreign = made.secret.rpartition("_"), other.secret.rpartition("_")
    wrong = [
        "", "candor", "candor_", "candor__", f"candor_{made.key.id}", f"candor_{made.key.id}_", made.secret[:-1],
        made.secret + "0", made.secret.upper(), own[0] + "_" + foreign[2], "é" + made.secret, made.secret + "é",
        "candor_\x00_x", "candor_" + "9" * 5_000 + "_x",
    ]  # fmt: skip
    assert [find_key(store, secret) for secret in wrong] == [None] * len(wrong)


def test_a_revoked_key_opens_nothing_and_stays_listed(store):
    made = create_key(store, "recruiter", name="desk")
    assert revoke_key(store, made.key.id).revoked is not None
    assert find_key(store, made.secret) is None
    [listed] = list_keys(store)
    assert listed == revoke_key(store, made.key.id)
    with pytest.raises(DataError, match=f"did you mean '{made.key.id}'"):
        revoke_key(store, made.key.id[:-1])


def test_making_and_revoking_is_in_the_chain(store):
    made = create_key(store, "recruiter", name="desk", caller="k0")
    revoke_key(store, made.key.id, caller="k0")
    told = [one.answer for one in store.decisions(kind="key")]
    assert [(one["act"], one["id"]) for one in told] == [("create", made.key.id), ("revoke", made.key.id)]
    assert verify(store).ok


@pytest.mark.parametrize(
    ("role", "person", "said"),
    [
        ("recuiter", None, "did you mean 'recruiter'"),
        ("applicant", None, "name that person"),
        ("admin", "dora", "leave --person out"),
    ],
)  # fmt: skip
def test_a_key_that_makes_no_sense_is_not_made(store, role, person, said):
    with pytest.raises(UsageError, match=said):
        create_key(store, role, name="x", person=person)
    assert list_keys(store) == ()
