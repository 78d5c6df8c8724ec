"""Limits of a record: looking at all texts together finds a fault exactly where the walk finds one."""

from hypothesis import given
from hypothesis import strategies as st

from ranker.app.served.limits import Limits, _faultless, _first_fault, fault_in

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
    if _faultless(record, SMALL):
        assert walked is None


def test_a_record_at_every_limit_is_without_fault_at_a_glance():
    assert _faultless({"abcdef": ["a", "b", ["c"]], "x": 1.0, "y": None, "z": "six ch"}, SMALL)
    assert not _faultless({"a": "seven c"}, SMALL)
    assert not _faultless({"a": [[["too deep"]]]}, SMALL)
    assert not _faultless({"a": [0] * 9}, SMALL)
    assert not _faultless({"a": 1e308 * 10}, SMALL)
