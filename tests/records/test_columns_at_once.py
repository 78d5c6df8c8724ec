"""Columns that are as JSON writes them are read all at once, to the same values as one by one."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.records.records import READERS, _read_plainly
from ranker.records.values import Unreadable, normal

VALUES = {
    "number": st.none() | st.integers() | st.floats(allow_nan=False),
    "text": st.none() | st.text(alphabet=" aÉ\t"),
    "texts": st.none() | st.lists(st.none() | st.text(alphabet=" aA"), max_size=4),
    "names": st.none() | st.lists(st.just({"x": 1}) | st.text(alphabet=" aA"), max_size=4),
    "items": st.none() | st.lists(st.just({"x": 1}) | st.just(3), max_size=3),
}


@pytest.mark.parametrize("kind", VALUES)
@given(data=st.data())
def test_reading_a_column_at_once_gives_what_reading_each_value_gives(kind, data):
    column = data.draw(st.lists(VALUES[kind], max_size=5))
    extra = {"separator": None, "form": normal} if kind in ("texts", "names") else {}
    try:
        each = [READERS[kind](value, **extra) for value in column]
    except Unreadable:
        assert _read_plainly(column, kind, extra) is None
        return
    assert repr(_read_plainly(column, kind, extra)) == repr(each)


@pytest.mark.parametrize(
    ("kind", "value"),
    [("number", "3"), ("number", True), ("number", math.inf), ("text", 3), ("texts", "a"), ("items", "[]")],
)
def test_a_column_with_any_other_value_is_read_one_by_one(kind, value):
    assert _read_plainly([None, value], kind, {}) is None
