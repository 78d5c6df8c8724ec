"""Lists and objects that Python wrote are read quickly, and as Python reads them."""

import ast
import json
import warnings

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ranker.records.memo import Codes, Forms, Memo
from ranker.records.values import Unreadable, decode, normal, plain_literals

WORDS = st.text(alphabet="ab'\"\\é#,:[]{}() \t\n\x7f0null", max_size=6) | st.sampled_from(
    ["it's", "true", "None"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.integers(0, 2), inner, max_size=3),
    max_leaves=8,
)
LISTS = st.lists(VALUES, max_size=4) | st.dictionaries(WORDS, VALUES, max_size=3)
# What stands in neither language, or in one alone.
ODD = st.text(alphabet="ab'\"[]{},: 0.-e#nulTrueNone\ud800é\\", max_size=20).map(
    lambda text: "[" + text + "]"
)


def decode_reference(text):
    """Try JSON, then Python; None where it is neither."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    return found if isinstance(found, (list, tuple, dict)) else None


def decoded(text):
    try:
        return decode(text)
    except Unreadable:
        return None


@given(LISTS)
def test_what_python_wrote_reads_back(value):
    assert repr(decode(repr(value))) == repr(value)


@given(ODD)
@example("['a', null]")
@example("['a', true]")
@example("['a', NaN]")
@example("['a', -Infinity]")
@example("['a', None]")
@example("['a' 'b']")
@example("['''a''']")
@example("[b'a']")
@example("['a', # 'b'\n 'c']")
@example("['a', ]")
@example("['a', 01]")
@example("['a', 1_0]")
@example("['a', 1e999]")
@example("['a'], ['b']")
@example("['\ud800']")
@example("['a\nb']")
@example("['a\x7fb']")
@example("""["it's", 'so "so"', None]""")
@example("{'a': 1, 'a': 2, 'b': True}")
def test_odd_texts_read_as_json_or_else_as_python(text):
    assert repr(decoded(text)) == repr(decode_reference(text))


@given(st.lists(LISTS.map(repr) | ODD, min_size=1, max_size=5))
@example(["['a'], ['b']", "['c'", "'d']"])
@example(["['a'", "'b']"])
@example(["['a", "b']"])
@example(["['a']", "[',\x7f,']", "['b']"])
def test_literals_read_at_once_are_what_each_is_by_itself(texts):
    found = plain_literals(texts)
    assert found is None or repr(found) == repr([decode_reference(text) for text in texts])


def test_plain_literals_are_read_at_once_and_others_are_left():
    assert plain_literals(["['a', 'é']", "[]", "{'b': [1, 2.5]}"]) == [["a", "é"], [], {"b": [1, 2.5]}]
    for other in ("[None]", "[true]", '["a"]', "['a\\n']", "['\ud800']", "['a'"):
        assert plain_literals(["['a']", other]) is None


@given(st.lists(LISTS.map(repr) | ODD | st.none() | st.just("text") | st.just(["a"]), max_size=5))
def test_a_memo_opens_what_decode_opens_however_often_and_in_whatever_order(values):
    memo = Memo()
    memo.open_all(values)
    for value in values * 2:
        try:
            wanted = decode(value)
        except Unreadable as error:
            with pytest.raises(Unreadable, match="^" + str(error) + "$"):
                memo.open(value)
        else:
            assert repr(memo.open(value)) == repr(wanted)


def test_a_memo_keeps_lists_and_no_other_texts():
    memo = Memo()
    assert memo.open("['a']") is memo.open("['a']")
    assert memo.open("plain text") == "plain text"
    assert list(memo.opened) == ["['a']"]


@given(st.lists(st.text(alphabet="aAéÉe\u0301ßsS İ\u2003", max_size=4)))
def test_codes_are_equal_where_the_forms_are(texts):
    codes = Codes(Forms())
    numbers = [codes[text] for text in texts]
    for text, number in zip(texts, numbers, strict=True):
        assert [normal(text) == normal(other) for other in texts] == [number == one for one in numbers]
    assert codes.n_codes == len(set(numbers))
