"""Limits of a record: looking at all texts together finds a fault exactly where the walk finds one."""

from hypothesis import given
from hypothesis import strategies as st

from ranker.app.served.limits import Limits, _first_fault, are_faultless, fault_in

SMALL = Limits(candidates=3, text=6, depth=3, values=9)
TEXT = st.text(alphabet="aé\0\ud800", max_size=8)
RECORDS = st.dictionaries(
    TEXT,
    st.recursive(
        st.none() | st.integers() | st.floats() | TEXT,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)


@given(RECORDS)
def test_a_record_is_without_fault_where_the_walk_finds_none(record):
    walked = _first_fault(record, SMALL)
    assert fault_in(record, SMALL) == walked
    if are_faultless([record], SMALL):
        assert walked is None


@given(st.lists(RECORDS, max_size=4))
def test_records_pass_together_only_if_each_is_without_fault(records):
    if are_faultless(records, SMALL):
        assert 0 < len(records) <= SMALL.candidates
        assert [fault_in(record, SMALL) for record in records] == [None] * len(records)


def test_what_is_no_list_of_records_never_passes_together():
    for odd in ({}, [], [1], [{}, []], ({},), [{"a": (1,)}], [{"a": {1}}], [{}] * 4, None):
        assert not are_faultless(odd, SMALL)


def test_honest_records_pass_together_in_any_number_that_may_be():
    assert are_faultless([{"a": "abc", "n": 1}] * 60, Limits(candidates=60, text=6, depth=3, values=50))


def test_a_record_at_every_limit_is_without_fault_at_a_glance():
    assert are_faultless([{"abcdef": ["a", "b", ["c"]], "x": 1.0, "y": None, "z": "six ch"}], SMALL)
    assert not are_faultless([{"a": "seven c"}], SMALL)
    assert not are_faultless([{"a": [[["too deep"]]]}], SMALL)
    assert not are_faultless([{"a": [0] * 9}], SMALL)
    assert not are_faultless([{"a": 1e308 * 10}], SMALL)
