"""Documents: taken apart by people, hashed by pieces, deleted by pieces."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.app.decisions.chain import canonical
from ranker.app.decisions.documents import Document
from ranker.errors import DataError
from tests.service.log_case import POOL, ranking

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)
IDS = st.lists(st.text(max_size=4), unique=True, max_size=4)


@st.composite
def values(draw):
    """Objects in which people are listed, named, or neither, and which may look like our own marks."""
    people = draw(IDS)
    rows = [draw(st.sampled_from([{"id": who, "x": draw(JSON)}, {"k": who}, draw(JSON)])) for who in people]
    named = {who: draw(JSON) for who in people}
    return tuple(people), {**draw(st.dictionaries(st.text(), JSON, max_size=3)), "rows": rows, "named": named}


@given(values())
def test_a_document_reads_back_to_the_last_bit(case):
    people, value = case
    document = Document.of(value, people)
    again = Document.from_bytes(document.to_bytes())
    assert canonical(again.value()) == canonical(value)
    assert again == document
    assert again.hash == document.hash


@given(values(), st.data())
def test_deleting_a_person_keeps_the_hash_and_leaves_no_trace_of_the_id(case, data):
    people, value = case
    if not people:
        return
    person = data.draw(st.sampled_from(people))
    document = Document.of(value, people)
    after = Document.from_bytes(document.without(person).to_bytes())
    assert after.hash == document.hash
    left = after.value()
    assert left is None or person not in left.get("named", {})
    assert canonical(person) not in map(canonical, leaves(left))


def leaves(value):
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return [leaf for one in inner for leaf in leaves(one)]
    return [value]


@pytest.mark.parametrize("person", ["id", "years", "rows", "job"])
def test_whoever_is_called_as_a_key_is_not_named_by_everybodys_record(person):
    rows = [{"id": person, "years": 3}, {"id": "ben", "years": 4, "job": "cook"}]
    value = {"job": {"id": "j", "title": "cook"}, "rows": rows}
    after = Document.of(value, (person, "ben")).without(person).value()
    assert after == {**value, "rows": [{"withdrawn": True}, rows[1]]}


def test_people_who_are_named_by_keys_deep_inside_are_found():
    value = {"told": {"by": {"anna": 1, "ben": 2}}, "rows": [{"id": "anna"}, {"id": "ben"}, {"id": "cleo"}]}
    after = Document.of(value, ("anna", "ben", "cleo")).without("ben")
    assert after.value() is None
    assert Document.of(value, ("anna", "ben", "cleo")).without("cleo").value()["told"] == value["told"]


def test_what_looks_like_our_marks_is_left_as_it_was():
    value = {"rows": [{"id": "a"}, {"$piece": 0}], "x": {"$piece": [0], "$rest": {}}}
    assert Document.of(value, ("a", "b")).value() == value


def test_deleting_one_person_leaves_the_others():
    told = ranking()
    for whole in (told.input, told.answer):
        document = Document.of(whole, POOL).without("ben")
        left = json.dumps(document.value())
        assert "ben" not in left
        assert "anna" in left
        assert "cleo" in left
        assert document.withdrawn


def test_a_sentence_about_somebody_else_that_names_the_person_goes_with_the_person():
    value = {"told": [{"id": "anna", "why": "anna stands above ben-7"}, {"id": "ben-7"}, {"id": "ben-70"}]}
    after = Document.of(value, ("anna", "ben-7", "ben-70")).without("ben-7").value()
    assert after == {"told": [{"withdrawn": True}, {"withdrawn": True}, {"id": "ben-70"}]}


def test_a_short_number_is_no_mention_of_the_candidate_so_called():
    value = {"told": [{"id": "3", "why": "4 of 5 skills"}, {"id": "4", "why": "none"}]}
    after = Document.of(value, ("3", "4")).without("4").value()
    assert after["told"] == [{"id": "3", "why": "4 of 5 skills"}, {"withdrawn": True}]


def test_the_frame_goes_where_it_names_the_person():
    value = {"candidate": "ben", "pool": [{"id": "anna"}, {"id": "ben"}]}
    document = Document.of(value, ("anna", "ben"))
    assert document.without("ben").value() is None
    assert document.without("anna").value() == {
        "candidate": "ben",
        "pool": [{"withdrawn": True}, {"id": "ben"}],
    }


def test_candidates_are_found_by_whatever_key_names_most_of_them():
    rows = [{"Applicant": 11, "years": 12}, {"Applicant": 12, "years": 3}, {"Applicant": None}]
    document = Document.of({"candidates": rows}, ("11", "12"))
    assert document.without("12").value() == {"candidates": [rows[0], {"withdrawn": True}, rows[2]]}


def test_the_same_value_never_has_the_same_hash_twice():
    value = {"id": "anna"}
    assert Document.of(value).hash != Document.of(value).hash


def test_what_was_not_kept_can_be_recognised_until_its_salt_is_deleted():
    value = {"resume": {"id": "anna", "years": 3}}
    document = Document.from_bytes(Document.of(value, ("anna",), keep=False).to_bytes())
    assert document.value() is None
    assert b"anna" not in document.to_bytes()
    assert document.holds(value)
    assert not document.holds({"resume": {"id": "anna", "years": 4}})
    after = document.without("anna")
    assert not after.holds(value)
    assert after.hash == document.hash


@pytest.mark.parametrize("value", [{"x": float("nan")}, {"x": float("inf")}, {"x": {1, 2}}])
def test_what_is_not_json_is_refused_in_one_sentence(value):
    with pytest.raises(DataError, match="not JSON"):
        Document.of(value)
