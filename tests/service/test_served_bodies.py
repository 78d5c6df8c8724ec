import json
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.app.served.bodies import Bodies, RankBody, bodies_for, plain, read_body
from ranker.app.served.faults import ID as ID_PATTERN
from ranker.app.served.faults import PATTERNS, BodyError
from ranker.app.served.limits import Limits, fault_in
from ranker.app.service.forms import ObjectionBody, OutcomeBody, OverrideBody, ReviewBody

SMALL = Limits(candidates=3, text=10, depth=3, values=20)


def faults_of(body, kind="rank", limits=SMALL):
    with pytest.raises(BodyError) as caught:
        read_body(getattr(bodies_for(limits), kind), body)
    return {fault.field: fault.fault for fault in caught.value.faults}


def test_what_was_left_out_of_a_body_stays_out():
    body = {"job": {"id": "j"}, "candidates": [{"id": "c", "n": None, "x": [1, {"y": 2.5}]}]}
    assert plain(RankBody.model_validate(body)) == body


def test_the_schema_states_the_limits():
    schema = bodies_for(SMALL).rank.model_json_schema()
    assert schema["properties"]["candidates"]["maxItems"] == 3
    assert bodies_for().rank.model_json_schema()["properties"]["candidates"]["maxItems"] == 1_000
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize(
    ("candidates", "place", "said"),
    [
        ([{"a": "x" * 11}], "candidates[0].a", "11 characters"),
        ([{}, {"a": {"b": [[]]}}], "candidates[1].a.b[0]", "more than 3"),
        ([{"a": list(range(20))}], "candidates[0].a", "more than 20 values"),
        ([{"a": "\0"}], "candidates[0].a", "NUL"),
        ([{"a": ["\0"]}], "candidates[0].a[0]", "NUL"),
        ([{"k" * 11: 1}], "candidates[0]", "key 'kkkkkkkkkkk'"),
        ([{}] * 4, "candidates", "more than 3"),
        ([], "candidates", "is empty: give at least one"),
        ([1], "candidates[0]", "object"),
        ("all", "candidates", "array"),
    ],
)
def test_what_is_too_large_or_cannot_be_kept_is_refused_with_its_place(candidates, place, said):
    body = {"candidates": candidates}
    for given_as in (body, json.dumps(body)):
        faults = faults_of(given_as)
        assert list(faults) == [place]
        assert said in faults[place]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_not_finite_are_refused(number):
    faults = faults_of('{"candidates": [{"a": [' + number + "]}]}")
    assert list(faults) == ["candidates[0].a[0]"]


@pytest.mark.parametrize(
    "text", [b"\xff", b'{"candidates": [{"a": "\\ud800"}]}', b"[" * 5000, b"", b"nonsense", b'{"candidates"']
)
def test_what_is_no_json_is_refused(text):
    [said] = faults_of(text).values()
    assert "invalid JSON" in said


def test_every_fault_is_told_at_once():
    faults = faults_of({"candidates": [{"a": "\0"}], "top_k": "5", "topk": 5, "intervals": 1, "job": []})
    assert faults.keys() == {"candidates[0].a", "top_k", "topk", "intervals", "job"}
    assert faults["topk"] == "is not known here; did you mean 'top_k'?"


def test_protected_values_are_single_values():
    faults = faults_of({"candidates": [{}], "protected": {"c": {"gender": ["f"]}}})
    assert list(faults) == ["protected.c.gender"]
    good = {"candidates": [{}], "protected": {"c": {"gender": "f", "age": 3, "x": None}}}
    assert read_body(bodies_for(SMALL).rank, good) == good


@pytest.mark.parametrize("body", ["[1]", "3", '"x"', "null", "true"])
def test_what_is_no_object_is_told_so(body):
    assert faults_of(body) == {"": "the body has to be an object"}


@pytest.mark.parametrize(
    ("costs", "place", "said"),
    [
        ("dear", "", "has to be an object"),
        ({"candidate.skills": "dear"}, ".candidate.skills", "has to be a number or an object"),
        ({"candidate.skills": True}, ".candidate.skills", "has to be a number or an object"),
        ({"candidate.skills": -1}, ".candidate.skills", "has to be 0 or more"),
        ({"candidate.skills": 2e9}, ".candidate.skills", "has to be 1,000,000,000 or less"),
        ({"candidate.skills": {"SQL": "x"}}, ".candidate.skills.SQL", "has to be a number"),
        ({"candidate.skills": {"SQL": -0.5}}, ".candidate.skills.SQL", "has to be 0 or more"),
        ({"candidate.skills": {"": 1}}, ".candidate.skills", "the key '' is empty: write something"),
        ({"float": "x"}, ".float", "has to be a number or an object"),
        ({"[key]": -1}, ".[key]", "has to be 0 or more"),
    ],
)
def test_a_cost_is_told_by_its_place_and_of_the_type_that_it_is_of(costs, place, said):
    faults = faults_of({"candidates": [{}], "candidate": "c", "costs": costs}, "counterfactual")
    assert faults == {f"costs{place}": said}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (["f"], "has to be a string, a number or true or false"),
        ("x" * 201, "is longer than 200 characters: write it shorter"),
        ("f\0", "holds the character NUL: take it out"),
    ],
)
def test_of_a_value_of_several_types_one_fault_is_told(value, said):
    body = {"candidates": [{}], "protected": {"c": {"gender": value}}}
    with pytest.raises(BodyError) as caught:
        read_body(bodies_for(SMALL).rank, body)
    assert [(one.field, one.fault) for one in caught.value.faults] == [("protected.c.gender", said)]


ID = "0190a5c4-8d2e-7c3b-9f00-6a1d2b3c4d5e"


@pytest.mark.parametrize(
    ("id", "said"),
    [("x", "has 36 characters, this has 1:"), (ID + "0", "this has 37:"), (ID.upper(), "others than 0 to 9")],
)
def test_an_id_that_is_none_is_told_what_is_wrong_with_it(id, said):
    with pytest.raises(BodyError) as caught:
        read_body(ObjectionBody, {"decision": id, "text": " "})
    told = {one.field: one.fault for one in caught.value.faults}
    assert said in told["decision"]
    assert told["text"] == "holds blanks alone: write something"


def test_no_pattern_is_shown_to_whoever_broke_it():
    bodies = [getattr(bodies_for(), one) for one in Bodies.__dataclass_fields__ if one != "limits"]
    models = [*bodies, ObjectionBody, OutcomeBody, OverrideBody, ReviewBody]
    texts = [json.dumps(one.model_json_schema()) for one in models]
    patterns = {json.loads(found) for text in texts for found in re.findall(r'"pattern": (".*?")[,}]', text)}
    assert patterns == {*PATTERNS, ID_PATTERN} - {r"^[a-z]{1,20}$"}


def test_a_parameter_of_the_address_is_told_in_the_same_words(tmp_path):
    pytest.importorskip("fastapi", reason="the service needs the extra api")
    from api_case import problem, running

    with running(tmp_path) as api:
        for path, said in (
            ("/decisions/x", "id: is no id: an id has 36 characters, this has 1: copy it as it was given"),
            ("/decisions?kind=RANK", "kind: is no kind of entry: write one such as rank, in small letters"),
            ("/decisions?limit=0", "limit: has to be 1 or more"),
            ("/decisions?limit=x", "limit: has to be a whole number"),
            ("/reviews?status=all", "status: has to be 'open' or 'decided'"),
        ):
            assert problem(api.ask("GET", path), 422, "cannot-answer")["detail"] == said
        described = json.dumps(api.client.get("/openapi.json").json()["paths"])
        patterns = {json.loads(found) for found in re.findall(r'"pattern": (".*?")[,}]', described)}
        assert patterns
        assert patterns <= {*PATTERNS, ID_PATTERN}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=15),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=15,
)


def depth_of(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth_of, inner), default=0)


def leaves(value):
    if isinstance(value, dict | list):
        keys = list(value) if isinstance(value, dict) else []
        inner = value.values() if isinstance(value, dict) else value
        return keys + [leaf for one in inner for leaf in leaves(one)]
    return [value]


@given(st.dictionaries(st.text(max_size=12), json_values, max_size=5))
def test_a_record_passes_if_and_only_if_all_of_it_is_within_the_limits(record):
    texts = [leaf for leaf in leaves(record) if isinstance(leaf, str)]
    numbers = [leaf for leaf in leaves(record) if isinstance(leaf, float)]
    limits = Limits(text=10, depth=3)
    fine = (
        depth_of(record) <= 3
        and all(len(text) <= 10 and "\0" not in text for text in texts)
        and all(map(math.isfinite, numbers))
    )
    assert (fault_in(record, limits) is None) == fine
