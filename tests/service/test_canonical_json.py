"""Canonical JSON: one text for each value, which reads back to it, and no text for what is not JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("orjson", reason="the service and its log need the extra api")

from ranker.app.canonical_json import canonical_bytes, canonical_each, compact_bytes
from ranker.errors import DataError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)


@given(JSON)
def test_what_is_written_reads_back_to_the_last_bit(value):
    for text in (canonical_bytes(value), compact_bytes(value)):
        assert repr(json.loads(text, object_pairs_hook=sorted)) == repr(
            json.loads(json.dumps(value), object_pairs_hook=sorted)
        )


@given(st.dictionaries(st.text(), JSON, min_size=2))
def test_the_order_of_members_makes_no_difference(value):
    assert canonical_bytes(dict(reversed(value.items()))) == canonical_bytes(value)


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), -float("inf"), {1, 2}, b"x", object()])
def test_what_is_not_json_is_refused_also_beside_what_is(odd):
    for value in (odd, [None, odd], {"a": None, "b": {"c": (odd,)}}):
        with pytest.raises(DataError, match="not JSON"):
            canonical_bytes(value)


@pytest.mark.parametrize("odd", [2**64, -(10**40), "\ud800", [(None, 1.5)]])
def test_what_only_python_writes_is_written(odd):
    assert json.loads(canonical_bytes({"odd": odd, "é": None})) == json.loads(
        json.dumps({"odd": odd, "é": None})
    )


@given(st.lists(JSON, max_size=5))
def test_several_values_are_written_as_each_is_by_itself(values):
    assert canonical_each(values) == list(map(canonical_bytes, values))


@pytest.mark.parametrize("odd", [[1, float("nan")], [None, {1, 2}], ["x", {"a": float("inf")}]])
def test_of_several_values_one_that_is_not_json_is_refused(odd):
    with pytest.raises(DataError, match="not JSON"):
        canonical_each(odd)
