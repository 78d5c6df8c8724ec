import numpy as np
import pandas as pd
import pytest

from fairness.groups import Groups
from ranker.errors import DataError


def test_labels_are_sorted_and_codes_follow_the_rows():
    groups = Groups.from_values(["m", "f", "x", "f"], attribute="gender")
    assert groups.labels == ("f", "m", "x")
    assert groups.codes.tolist() == [1, 0, 2, 0]
    assert groups.codes.dtype == np.int32
    assert groups.counts() == {"f": 2, "m": 1, "x": 1}
    assert (len(groups), groups.n_undisclosed) == (4, 0)


@pytest.mark.parametrize(
    "silence",
    [
        "",
        "  ",
        "unknown",
        "UNKNOWN",
        "Undisclosed",
        "prefer not to say",
        "N/A",
        "na",
        "None",
        "NaN",
        None,
        np.nan,
        pd.NA,
    ],
)
def test_who_does_not_say_is_in_no_group(silence):
    groups = Groups.from_values(["f", silence, "m"], attribute="gender")
    assert groups.codes.tolist() == [0, -1, 1]
    assert (groups.counts(), groups.n_undisclosed) == ({"f": 1, "m": 1}, 1)


def test_what_counts_as_silence_can_be_said():
    groups = Groups.from_values(["0", "9", "NA"], attribute="origin", undisclosed=["9"])
    assert groups.labels == ("0", "NA")
    assert groups.n_undisclosed == 1


@pytest.mark.parametrize(
    "column",
    [
        [1, 2, None],
        np.array([1.0, 2.0, np.nan]),
        pd.Series([1, 2, None], dtype="Int64", index=[9, 8, 7]),
        pd.Series(["1", "2", None]),
        pd.Categorical(["1", "2", None]),
        np.array(["1", " 2", "nan"]),
    ],
)
def test_groups_are_the_same_however_the_column_is_stored(column):
    groups = Groups.from_values(column, attribute="code")
    assert groups.labels == ("1", "2")
    assert groups.codes.tolist() == [0, 1, -1]


def test_labels_may_be_in_any_script():
    groups = Groups.from_values(["žena", "女性", "žena"], attribute="pohlaví")
    assert groups.counts() == {"žena": 2, "女性": 1}
    assert repr(groups) == "Groups('pohlaví', {'žena': 2, '女性': 1}, 0 undisclosed)"


def test_case_makes_groups_and_space_does_not():
    assert Groups.from_values(["F", "f ", " f"], attribute="gender").counts() == {"F": 1, "f": 2}


def test_one_group_or_none_is_allowed():
    assert Groups.from_values(["f", "f"], attribute="gender").counts() == {"f": 2}
    assert Groups.from_values([None, ""], attribute="gender").counts() == {}
    assert len(Groups.from_values([], attribute="gender")) == 0


def test_booleans_are_groups():
    assert Groups.from_values([True, False, True], attribute="disabled").counts() == {"False": 1, "True": 2}


def test_an_intersection_needs_both_and_names_both():
    gender = Groups.from_values(["f", "f", "m", "", "m"], attribute="gender")
    origin = Groups.from_values(["a b", "a", "a", "a", None], attribute="origin")
    both = gender.intersect(origin)
    assert both.attribute == "gender × origin"
    assert both.counts() == {"f × a": 1, "f × a b": 1, "m × a": 1}
    assert both.codes.tolist() == [1, 0, 2, -1, -1]


def test_an_intersection_is_sorted_by_its_own_labels():
    first = Groups.from_values(["a", "a!"], attribute="x")
    both = first.intersect(Groups.from_values(["z", "b"], attribute="y"))
    assert both.labels == tuple(sorted(both.labels))
    assert [both.labels[code] for code in both.codes] == ["a × z", "a! × b"]


def test_an_intersection_of_nobody_is_empty():
    none = Groups.from_values(["", ""], attribute="x").intersect(
        Groups.from_values(["a", "b"], attribute="y")
    )
    assert (none.labels, none.n_undisclosed) == ((), 2)


def test_groups_of_other_rows_cannot_be_crossed():
    with pytest.raises(DataError, match="'gender' has 2 rows and 'origin' 1"):
        Groups.from_values(["f", "m"], attribute="gender").intersect(
            Groups.from_values(["a"], attribute="origin")
        )


def test_taking_rows_keeps_what_codes_mean():
    groups = Groups.from_values(["f", "m", "x"], attribute="gender")
    assert groups.take([2, 1]).codes.tolist() == [2, 1]
    assert groups.take(np.array([False, True, False])).counts() == {"f": 0, "m": 1, "x": 0}


def test_groups_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        Groups.from_values(["f", "m"], attribute="gender").codes[0] = 1


@pytest.mark.parametrize("values", ["female", None, np.array([["f"]])])
def test_what_is_no_column_has_no_groups(values):
    with pytest.raises(DataError, match="values of 'gender'"):
        Groups.from_values(values, attribute="gender")


def test_taking_nobody_leaves_the_labels():
    taken = Groups.from_values(["f", "m"], attribute="gender").take([])
    assert (len(taken), taken.labels) == (0, ("f", "m"))
