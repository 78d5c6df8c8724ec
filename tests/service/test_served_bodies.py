import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.app.served.bodies import RankBody, bodies_for, plain, read_body
from ranker.app.served.faults import BodyError
from ranker.app.served.limits import Limits, fault_in

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
        ([{}] * 4, "candidates", "at most 3"),
        ([], "candidates", "at least 1"),
        ([1], "candidates[0]", "dictionary"),
        ("all", "candidates", "array"),
    ],
)
def test_what_is_too_large_or_cannot_be_kept_is_refused_with_its_place(candidates, place, said):
    body = {"candidates": candidates}
    for given_as in (body, json.dumps(body)):
        faults = faults_of(given_as)
        assert list(faults) == [place]
        assert given_as is body or said in faults[place] or "object" in faults[place]


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
    assert "extra" in faults["topk"]


def test_protected_values_are_single_values():
    faults = faults_of({"candidates": [{}], "protected": {"c": {"gender": ["f"]}}})
    assert list(faults) == ["protected.c.gender"]
    good = {"candidates": [{}], "protected": {"c": {"gender": "f", "age": 3, "x": None}}}
    assert read_body(bodies_for(SMALL).rank, good) == good


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
