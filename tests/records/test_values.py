import json
import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.records.values import (
    Unreadable,
    as_items,
    as_month,
    as_names,
    as_number,
    as_text,
    as_texts,
    as_weights,
    decode,
    follow,
    is_missing,
    month_number,
    normal,
)

NAN = math.nan
AS_OF = 12 * 2026


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("3", 3.0),
        (" 3.5 ", 3.5),
        ("-2", -2.0),
        ("+4", 4.0),
        ("1e3", 1000.0),
        (".5", 0.5),
        (7, 7.0),
        (True, 1.0),
        (-0.25, -0.25),
        ("٣", 3.0),
    ],
)
def test_a_number_is_read_from_text_or_number(value, number):
    assert as_number(value) == number


@pytest.mark.parametrize(
    "value", [None, NAN, "", "  ", "NA", "n/a", "NaN", "nan", "None", "null", "-", " - "]
)
def test_a_number_that_is_not_given_is_nan(value):
    assert math.isnan(as_number(value))


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("three", "not a number"),
        ("3 years", "not a number"),
        ("1,5", "not a number"),
        ("1.000,5", "not a number"),
        ("0x10", "not a number"),
        ([], "not a number"),
        ({"years": 3}, "not a number"),
        ("inf", "not a finite number"),
        ("-Infinity", "not a finite number"),
        ("1e999", "not a finite number"),
        (math.inf, "not a finite number"),
        (-math.inf, "not a finite number"),
        (10**400, "not a finite number"),
    ],
)
def test_what_is_no_finite_number_is_unreadable_with_the_reason(value, reason):
    with pytest.raises(Unreadable) as caught:
        as_number(value)
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (" Ana ", "Ana"),
        ("李雷", "李雷"),
        (3, "3"),
        (3.0, "3"),
        (3.5, "3.5"),
        (True, "True"),
        ("", None),
        ("  \t", None),
        (None, None),
        (NAN, None),
        ("None", "None"),
        ("NA", "NA"),
    ],
)
def test_a_text_is_stripped_and_a_number_becomes_text(value, text):
    assert as_text(value) == text


@pytest.mark.parametrize("value", [["a"], ("a",), {"a": 1}, {"a"}, []])
def test_a_list_or_object_is_no_text(value):
    with pytest.raises(Unreadable, match="a list or object where one value was expected"):
        as_text(value)


@pytest.mark.parametrize(
    ("value", "items"),
    [
        ('["Python", "SQL"]', ("Python", "SQL")),
        ("['Python', 'SQL']", ("Python", "SQL")),
        ("('Python', 'SQL')", ("Python", "SQL")),
        ("('Python',)", ("Python",)),
        ("{'SQL', 'Python'}", ("Python", "SQL")),
        (["Python", "SQL"], ("Python", "SQL")),
        (("Python", "SQL"), ("Python", "SQL")),
        ("Python", ("Python",)),
        ("[]", ()),
        ([], ()),
        ("[1, 2.5, true]", ("1", "2.5", "True")),
        ('["a", "A", " a "]', ("a",)),
        ('["", null, "b"]', ("b",)),
        ("['it''s', \"d'or\"]", ("its", "d'or")),
        (r"['C:\data']", (r"C:\data",)),
        ("['Ünïcode', '李']", ("Ünïcode", "李")),
        ("(Senior) Cook", ("(Senior) Cook",)),
        ("(1)", ("(1)",)),
        (5, ("5",)),
        ("", None),
        ("   ", None),
        (None, None),
        (NAN, None),
    ],
)
def test_a_list_is_read_from_json_from_a_python_literal_or_as_it_is(value, items):
    assert as_texts(value) == items


@pytest.mark.parametrize(
    ("value", "separator", "items"),
    [
        ("Python;SQL", ";", ("Python", "SQL")),
        (" Python ; SQL ;", ";", ("Python", "SQL")),
        ("Python;python;;SQL", ";", ("Python", "SQL")),
        ("Python;SQL", None, ("Python;SQL",)),
        ("a | b", "|", ("a", "b")),
        ("a, b", ", ", ("a", "b")),
        ('["a;b", "c"]', ";", ("a;b", "c")),
        ("[Draft] Python;SQL", ";", ("[Draft] Python", "SQL")),
        ("(R) studio;SQL", ";", ("(R) studio", "SQL")),
        (["a;b"], ";", ("a;b",)),
        (";", ";", ()),
    ],
)
def test_a_text_is_cut_at_the_separator_that_is_stated(value, separator, items):
    assert as_texts(value, separator) == items


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("[Python, SQL]", "a list or object that is neither JSON nor a Python literal"),
        ('["Python", "SQL"', "a list or object that is neither JSON nor a Python literal"),
        ("[__import__('os').getcwd()]", "a list or object that is neither JSON nor a Python literal"),
        ("{[]: 1}", "a list or object that is neither JSON nor a Python literal"),
        ("[" * 100_000, "a list or object that is neither JSON nor a Python literal"),
        ("[9" + "9" * 5000 + "]", "a list or object that is neither JSON nor a Python literal"),
        ('{"a": 1}', "an object where a list was expected"),
        ('[["a"], ["b"]]', "a list or object where one value was expected"),
        ([{"name": "a"}], "a list or object where one value was expected"),
    ],
)
def test_a_list_that_cannot_be_read_is_unreadable_with_the_reason(value, reason):
    with pytest.raises(Unreadable) as caught:
        as_texts(value)
    assert str(caught.value) == reason


def test_a_python_literal_is_never_executed(tmp_path):
    target = tmp_path / "executed"
    with pytest.raises(Unreadable):
        decode(f"[open({str(target)!r}, 'w')]")
    assert not target.exists()


def test_objects_are_named_by_their_number():
    assert as_names('[{"role": "Cook"}, {"role": "Cook"}]') == ("1", "2")
    assert as_names([{"a": 1}]) == ("1",)
    assert as_names('["a", "b"]') == ("a", "b")
    assert as_names("a;b", ";") == ("a", "b")
    assert as_names("") is None
    assert as_names("[]") == ()


@pytest.mark.parametrize(
    ("value", "weights"),
    [
        ('{"Python": 2, "SQL": 0.5}', {"python": 2.0, "sql": 0.5}),
        ("{'Python': '2'}", {"python": 2.0}),
        ({"Python": 0}, {"python": 0.0}),
        ("{}", {}),
        ("", None),
        (None, None),
    ],
)
def test_weights_are_read_by_item_whatever_its_case(value, weights):
    assert as_weights(value) == weights


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("[1, 2]", "no object {item: weight} where one was expected"),
        ("Python", "no object {item: weight} where one was expected"),
        ('{"Python": -1}', "a weight that is no non-negative number"),
        ('{"Python": null}', "a weight that is no non-negative number"),
        ('{"Python": "much"}', "not a number"),
        ('{"Python": Infinity}', "not a finite number"),
    ],
)
def test_weights_that_cannot_be_read_are_unreadable_with_the_reason(value, reason):
    with pytest.raises(Unreadable) as caught:
        as_weights(value)
    assert str(caught.value) == reason


def test_items_are_objects():
    assert as_items('[{"a": 1}, {"b": 2}]') == ({"a": 1}, {"b": 2})
    assert as_items("[{'a': 1}]") == ({"a": 1},)
    assert as_items([]) == ()
    assert as_items("  ") is None
    for value in ('{"a": 1}', "text", "5", 5):
        with pytest.raises(Unreadable, match="no list where one was expected"):
            as_items(value)
    with pytest.raises(Unreadable, match="not all objects"):
        as_items('[{"a": 1}, "b"]')


@pytest.mark.parametrize(
    ("text", "year", "month"),
    [
        ("January 2023", 2023, 1),
        ("Jan 2023", 2023, 1),
        ("Jan. 2023", 2023, 1),
        ("january, 2023", 2023, 1),
        ("MAY 2023", 2023, 5),
        ("Sept 2020", 2020, 9),
        ("December 1999", 1999, 12),
        ("2019-05", 2019, 5),
        ("2019-5", 2019, 5),
        ("2019-05-17", 2019, 5),
        ("2019-05-17 08:30:00", 2019, 5),
        ("2019-05-17T08:30:00Z", 2019, 5),
        ("05/2019", 2019, 5),
        ("5/2019", 2019, 5),
        ("2019", 2019, 1),
        (2019, 2019, 1),
        (" 2019-05 ", 2019, 5),
    ],
)
def test_a_month_is_read_in_the_forms_that_people_write(text, year, month):
    assert as_month(text, None) == 12 * year + month - 1


@pytest.mark.parametrize("text", ["Ongoing", "ongoing", "Present", "present.", "now", "To date"])
def test_ongoing_means_the_month_that_the_feature_states(text):
    assert as_month(text, AS_OF) == AS_OF
    with pytest.raises(Unreadable, match="needs the feature's as_of"):
        as_month(text, None)


@pytest.mark.parametrize("text", [None, "", " ", NAN, "n/a", "-", "None"])
def test_a_month_that_is_not_given_is_none(text):
    assert as_month(text, AS_OF) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2019-13", "not a month of the calendar"),
        ("2019-00", "not a month of the calendar"),
        ("13/2019", "not a month of the calendar"),
        ("0019-05", "not a month of the calendar"),
        ("2019-05-32", "not a month such as 'January 2023' or '2019-05'"),
        ("Janvier 2023", "not a month such as 'January 2023' or '2019-05'"),
        ("Ma 2023", "not a month such as 'January 2023' or '2019-05'"),
        ("Ju 2023", "not a month such as 'January 2023' or '2019-05'"),
        ("May", "not a month such as 'January 2023' or '2019-05'"),
        ("05-2019", "not a month such as 'January 2023' or '2019-05'"),
        ("last summer", "not a month such as 'January 2023' or '2019-05'"),
        (["2019-05"], "not a month such as 'January 2023' or '2019-05'"),
    ],
)
def test_what_is_no_month_is_unreadable_with_the_reason(text, reason):
    with pytest.raises(Unreadable) as caught:
        as_month(text, AS_OF)
    assert str(caught.value) == reason


def test_a_month_is_known_by_its_first_letters_where_they_are_its_alone():
    assert month_number("march") == 3
    assert month_number("mar") == 3
    assert month_number("ma") is None
    assert month_number("brumaire") is None


@pytest.mark.parametrize(
    ("value", "steps", "found"),
    [
        ({"a": {"b": 1}}, ("a", "b"), 1),
        ('{"a": {"b": 1}}', ("a", "b"), 1),
        ({"a": '{"b": 1}'}, ("a", "b"), 1),
        ({"a": 1}, ("z",), None),
        ([{"a": 1}, {"a": 2}, {}], ("[]", "a"), [1, 2, None]),
        ("[{'a': 1}]", ("[]", "a"), [1]),
        ([{"a": [{"b": 1}, {"b": 2}]}, {"a": []}, {}, {"a": NAN}], ("[]", "a", "[]", "b"), [1, 2]),
        (None, ("a",), None),
        ("", ("[]",), None),
        (NAN, ("[]", "a"), None),
        ({"a": None}, ("a", "[]"), None),
        ("as it is", (), "as it is"),
    ],
)
def test_a_path_is_followed_into_nested_values(value, steps, found):
    assert follow(value, steps) == found


@pytest.mark.parametrize(
    ("value", "steps", "reason"),
    [
        ("text", ("a",), "no object with a key 'a' where one was expected"),
        ([1], ("a",), "no object with a key 'a' where one was expected"),
        ({"a": 1}, ("[]",), "no list where one was expected"),
        ([{"a": 1}, 2], ("[]", "a"), "no object with a key 'a' where one was expected"),
    ],
)
def test_a_path_into_a_value_of_another_shape_is_unreadable_with_the_reason(value, steps, reason):
    with pytest.raises(Unreadable) as caught:
        follow(value, steps)
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Python", "PYTHON"),
        (" machine   learning ", "Machine Learning"),
        ("Straße", "STRASSE"),
        ("Café", "Cafe\u0301"),
        ("Ελλάς", "ΕΛΛΆΣ"),
        ("a\u00a0b", "a b"),
    ],
)
def test_texts_compare_equal_whatever_their_case_spaces_and_composition(left, right):
    assert normal(left) == normal(right)


@pytest.mark.parametrize(
    ("left", "right"), [("C", "C++"), ("Cafe", "Café"), ("a b", "ab"), ("Java", "JavaScript")]
)
def test_different_texts_stay_different(left, right):
    assert normal(left) != normal(right)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
# What a column may hold: JSON values, those written as JSON or as Python text, and text
# that only looks like them.
written = json_values.map(repr) | json_values.map(json.dumps)
broken = st.text("[](){}'\"\\,:0eé1 -xNu.", max_size=12)
raw_values = json_values | written | broken | st.text()


@given(raw_values)
def test_no_raw_value_makes_a_reader_raise_anything_but_unreadable(value):
    for read in (as_number, as_text, as_texts, as_names, as_weights, as_items, decode):
        with suppress(Unreadable):
            read(value)


@given(raw_values, st.sampled_from([None, AS_OF]), st.sampled_from([";", ",", "x"]))
def test_no_raw_value_makes_a_reader_with_a_setting_raise_anything_but_unreadable(value, as_of, separator):
    for read, setting in ((as_month, as_of), (as_texts, separator), (as_names, separator)):
        with suppress(Unreadable):
            read(value, setting)


@given(raw_values, st.lists(st.sampled_from(["[]", "a", "b"]), max_size=3))
def test_no_raw_value_makes_following_a_path_raise_anything_but_unreadable(value, steps):
    with suppress(Unreadable):
        follow(value, steps)


@given(raw_values)
def test_a_number_that_is_read_is_finite_or_not_given(value):
    try:
        assert not math.isinf(as_number(value))
    except Unreadable:
        assert not is_missing(value)


@given(st.lists(st.text(max_size=4), max_size=6))
def test_the_items_of_a_list_are_distinct_stripped_and_none_is_invented(texts):
    found = as_texts(texts)
    assert len({normal(item) for item in found}) == len(found)
    assert all(item and item == item.strip() for item in found)
    assert {normal(item) for item in found} == {normal(t) for t in texts if t.strip()}


@given(st.lists(st.text(max_size=5), max_size=5))
def test_a_list_reads_the_same_as_json_as_a_python_literal_and_as_it_is(texts):
    assert as_texts(json.dumps(texts)) == as_texts(repr(texts)) == as_texts(texts)


@given(st.integers(1900, 2200), st.integers(1, 12))
def test_every_month_reads_the_same_in_every_form(year, month):
    count = 12 * year + month - 1
    names = ("January", "February", "March", "April", "May", "June", "July", "August",
             "September", "October", "November", "December")  # fmt: skip
    name = names[month - 1]
    forms = [
        f"{year}-{month:02}",
        f"{year}-{month:02}-28",
        f"{month:02}/{year}",
        f"{name} {year}",
        f"{name[:3]} {year}",
    ]
    assert [as_month(form, None) for form in forms] == [count] * len(forms)


@given(st.text())
def test_the_form_that_is_compared_is_a_fixed_point(text):
    assert normal(normal(text)) == normal(text)
