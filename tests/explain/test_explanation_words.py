import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explain.strict_json import as_json
from explain.words import clean, counted, decimals_for, duration, listed, number, shortened, signed


@pytest.mark.parametrize(
    ("items", "words"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_lists_read_as_in_a_sentence(items, words):
    assert listed(items) == words
    assert listed(items, "or") == words.replace("and", "or")


def test_counts_agree_with_their_noun():
    assert [counted(n, "month") for n in (0, 1, 2)] == ["0 months", "1 month", "2 months"]
    assert counted(2, "person", "people") == "2 people"


@pytest.mark.parametrize(
    ("months", "words"),
    [(0, "0 months"), (1, "1 month"), (12, "1 year"), (13, "1 year 1 month"), (26.0, "2 years 2 months")],
)
def test_months_are_said_in_years(months, words):
    assert duration(months) == words


def test_zero_has_no_sign():
    assert [signed(value) for value in (-0.001, 0.0, 0.004, 0.006, -0.006)] == [
        "0.00", "0.00", "0.00", "+0.01", "-0.01",
    ]  # fmt: skip
    assert number(-0.0) == "0.00"


@given(st.floats(1e-12, 1e6))
def test_the_largest_amount_never_rounds_to_nothing(largest):
    digits = decimals_for(largest)
    assert digits >= 2
    assert float(number(largest, digits)) == pytest.approx(largest, rel=0.051)


def test_a_long_text_is_cut():
    assert shortened("x" * 100, 10) == "x" * 9 + "…"
    assert shortened("short", 10) == "short"


@given(st.text(st.characters(), max_size=40))
def test_cleaned_text_cannot_break_a_line_or_steer_a_terminal(text):
    cleaned = clean(text)
    assert len(cleaned) == len(text)
    assert len(cleaned.splitlines()) <= 1
    assert "\x1b" not in cleaned
    assert cleaned == clean(cleaned)


def test_letters_of_every_script_survive_cleaning():
    text = "Hải Yılmaz 李雷 می‌خواهم नमस्ते"
    assert clean(text) == text


def test_values_that_json_lacks_become_ones_it_has():
    given_values = {
        "nan": float("nan"), "inf": np.float64("inf"), "int": np.int64(3), "bool": np.bool_(True),
        "array": np.array([1.0, np.nan]), "none": pd.NA, "date": datetime.date(2025, 1, 2), "half": "a\ud800",
        5: (1, "x"),
    }  # fmt: skip
    assert as_json(given_values) == {
        "nan": None, "inf": None, "int": 3, "bool": True, "array": [1.0, None], "none": None,
        "date": "2025-01-02", "half": "a?", "5": [1, "x"],
    }  # fmt: skip
