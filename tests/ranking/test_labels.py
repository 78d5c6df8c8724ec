import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from ranker.errors import DataError
from ranker.ranking.labels import as_labels, label_of, natural_key


@pytest.mark.parametrize(
    ("value", "label"),
    [
        ("12", "12"),
        (12, "12"),
        (np.int64(12), "12"),
        (12.0, "12"),
        (np.float32(12), "12"),
        (12.5, "12.5"),
        (float("inf"), "inf"),
        (10**20, "100000000000000000000"),
        (True, "True"),
        (np.bool_(False), "False"),
        ("Zoë", "Zoë"),
    ],
)
def test_a_value_is_labelled_the_same_however_it_is_stored(value, label):
    assert label_of(value) == label


@pytest.mark.parametrize(
    "column",
    [
        [7, 12],
        ["7", "12"],
        np.array([7, 12]),
        np.array([7.0, 12.0]),
        np.array(["7", "12"]),
        pd.Series([7, 12], index=[5, 3]),
        pd.Series(["7", "12"]),
        pd.Series([7, 12], dtype="Int64"),
        pd.Series(["7", "12"], dtype="category"),
        pa.array([7, 12]),
        pa.chunked_array([["7"], ["12"]]),
        (value for value in [7.0, "12"]),
    ],
)
def test_every_kind_of_column_gives_the_same_labels(column):
    labels = as_labels(column, what="job")
    assert labels.tolist() == ["7", "12"]
    assert {type(label) for label in labels} == {str}


def test_dates_are_labelled_as_they_are_written():
    assert as_labels(np.array(["2026-11-20"], dtype="datetime64[D]"), what="job").tolist() == ["2026-11-20"]


@pytest.mark.parametrize(
    "column",
    [["a", None], ["a", float("nan")], [1.0, np.nan], pd.Series(["a", pd.NA]), pa.array(["a", None])],
)
def test_a_missing_label_is_refused_with_its_row(column):
    with pytest.raises(DataError, match=r"job label of row 1 is missing \(1 missing in all\)"):
        as_labels(column, what="job")


@pytest.mark.parametrize("column", ["abc", 7, None, np.array([[1, 2]]), np.array(3)])
def test_what_is_no_column_is_refused(column):
    with pytest.raises(DataError, match="give one value per row"):
        as_labels(column, what="job")


def test_numeric_labels_sort_by_value_before_texts():
    labels = ["b", "10", "9", "-3", "9.5", "a10", "Ärztin", "09"]
    assert sorted(labels, key=natural_key) == ["-3", "09", "9", "9.5", "10", "a10", "b", "Ärztin"]


def test_labels_handed_out_are_not_those_taken_in():
    given = np.array(["a", "b"], dtype=object)
    labels = as_labels(given, what="job")
    labels[0] = "changed"
    assert given[0] == "a"
