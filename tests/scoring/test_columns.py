import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from ranker.errors import DataError, UnknownFieldError
from ranker.scoring.additive import Axis
from ranker.scoring.columns import columns_of, infer_kinds

YEARS = Axis("years", "continuous", ())
DEGREE = Axis("degree", "nominal", ())


def numbers(values):
    return columns_of(values, [YEARS])[0].tolist()


def texts(values, axis=DEGREE):
    return columns_of(values, [axis])[0].tolist()


@pytest.mark.parametrize(
    "X",
    [
        pd.DataFrame({"extra": [0, 0], "degree": ["PhD", None], "years": [1.5, np.nan]}),
        pd.DataFrame({"degree": pd.Categorical(["PhD", None]), "years": pd.array([1.5, None], "Float64")}),
        pd.DataFrame({"degree": pd.Series(["PhD", pd.NA], dtype=object), "years": ["1.5", None]}),
        pd.DataFrame({"degree": ["PhD", np.nan], "years": pd.array([1.5, None], "float32[pyarrow]")}),
        pa.table({"extra": [0, 0], "degree": ["PhD", None], "years": [1.5, None]}),
        pa.table({"degree": pa.array(["PhD", None]).dictionary_encode(), "years": ["1.5", None]}),
        pa.table({"degree": pa.array(["PhD", None], pa.string_view()), "years": [1.5, None]}),
        pa.record_batch({"degree": ["PhD", None], "years": [1.5, None]}),
        np.array([[1.5, "PhD"], [None, None]], dtype=object),
    ],
)
def test_every_form_of_a_table_gives_the_same_columns(X):
    years, degree = columns_of(X, [YEARS, DEGREE])
    assert (years.dtype, degree.dtype) == (np.float64, np.object_)
    assert years[0] == 1.5
    assert np.isnan(years[1])
    assert degree.tolist() == ["PhD", None]


@pytest.mark.parametrize("dtype", ["int8", "uint64", "float32", "bool", "Int64", "boolean", "int64[pyarrow]"])
def test_numbers_of_every_type_become_floats(dtype):
    assert numbers(pd.DataFrame({"years": pd.array([1, 0], dtype)})) == [1.0, 0.0]


def test_numbers_of_an_array_are_found_by_position():
    X = np.array([[1, 2], [3, 4]], dtype=np.int32)
    found = columns_of(X, [Axis("right", "continuous", ()), Axis("left", "continuous", ())])
    assert [column.tolist() for column in found] == [[1.0, 3.0], [2.0, 4.0]]


def test_whole_floats_are_spelled_as_integers_so_that_a_missing_value_changes_no_other():
    whole = texts(pd.DataFrame({"degree": [3, 0]}))
    assert whole == ["3", "0"]
    assert texts(pd.DataFrame({"degree": [3.0, np.nan]})) == ["3", None]
    assert texts(np.array([[3.0], [-0.0]])) == whole
    assert texts(pd.DataFrame({"degree": [2.5, 1e300]})) == ["2.5", "1e+300"]


def test_booleans_are_spelled_as_interpret_spells_them():
    assert texts(pd.DataFrame({"degree": [True, False]})) == ["1", "0"]
    assert texts(pa.table({"degree": [True, None]})) == ["1", None]


def test_booleans_are_spelled_as_the_axis_spells_them():
    digits = Axis("degree", "nominal", ({"0": 1, "1": 2},))
    words = Axis("degree", "nominal", ({"False": 1, "True": 2},))
    both = Axis("degree", "nominal", ({"False": 1, "True": 2, "1": 3},))
    X = np.array([[True], [np.False_]], dtype=object)
    assert texts(X, digits) == ["1", "0"]
    assert texts(X, words) == ["True", "False"]
    assert texts(X, both) == ["1", "0"]


def test_texts_are_taken_as_they_are():
    assert texts(pd.DataFrame({"degree": ["", " PhD ", "nan"]})) == ["", " PhD ", "nan"]


def test_column_names_need_not_be_texts():
    assert columns_of(pd.DataFrame({7: [1.0]}), [Axis("7", "continuous", ())])[0].tolist() == [1.0]


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        (pd.DataFrame({"year": [1.0]}), UnknownFieldError, r"X has no column 'years'; did you mean 'year'\?"),
        (
            np.zeros((1, 2)),
            DataError,
            "X has 2 columns where 1 are wanted: give an array the columns",
        ),
        (pd.DataFrame([[1, 2]], columns=["years"] * 2), DataError, "'years' occurs 2 times in X: keep one"),
        ([[1.0]], DataError, "X is of type list: pass a pandas DataFrame, an Arrow table or a 2-D array"),
        (np.zeros(3), DataError, r"X is of type ndarray and shape \(3,\): pass a pandas DataFrame"),
        (
            pd.DataFrame({"years": ["1", "ten"]}),
            DataError,
            "'years', row 1 .the first is 0.: 'ten' is not a n",
        ),
        (
            pd.DataFrame({"years": [""]}),
            DataError,
            "'years', row 0 .the first is 0.: '' is not a number: corr",
        ),
        (np.array([[10**400]], dtype=object), DataError, "column 'years', row 0 .* is not a number"),
        (pd.DataFrame({"years": [1j]}), DataError, "column 'years', row 0 .*: 1j is not a number"),
        (
            pd.DataFrame({"years": pd.to_datetime(["2020-01-01"])}),
            DataError,
            "row 0 .*: Timestamp.* is not a",
        ),
    ],
)
def test_what_cannot_be_read_is_named(X, error, message):
    with pytest.raises(error, match=message):
        columns_of(X, [YEARS])


def test_kinds_are_read_off_the_columns():
    X = pd.DataFrame(
        {
            "int": [1, 2],
            "nullable": pd.array([1, None], "Int64"),
            "flag": [True, False],
            "text": ["a", None],
            "category": pd.Categorical([1, 2]),
            "numbers": pd.Series([1, None], dtype=object),
            "mixed": pd.Series([1, "a"], dtype=object),
            "flags": pd.Series([True, None], dtype=object),
            "nothing": pd.Series([None, None], dtype=object),
            "missing": [np.nan, np.nan],
        }
    )
    continuous = {"int", "nullable", "numbers", "missing"}
    names, kinds = infer_kinds(X)
    assert names == tuple(X.columns)
    assert kinds == tuple("continuous" if name in continuous else "nominal" for name in names)


def test_kinds_of_arrow_columns():
    nothing, codes = pa.nulls(2), pa.array(["a", "b"]).dictionary_encode()
    X = pa.table({"int": [1, None], "flag": [True, None], "text": ["a", "b"], "no": nothing, "codes": codes})
    assert infer_kinds(X)[1] == ("continuous", "nominal", "nominal", "nominal", "nominal")


def test_columns_of_an_array_are_numbered():
    assert infer_kinds(np.zeros((1, 2))) == (("x0", "x1"), ("continuous", "continuous"))
    assert infer_kinds(np.array([[1, "a", 2.5, None]], dtype=object)) == (
        ("x0", "x1", "x2", "x3"),
        ("continuous", "nominal", "continuous", "nominal"),
    )


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (pd.DataFrame({"born": pd.to_datetime(["2020"])}), "'born' holds datetime64.*: turn it into numbers"),
        (
            pa.table({"born": [datetime.date(2020, 1, 1)]}),
            "column 'born' holds date32.*: turn it into numbers",
        ),
        (pa.table({"skills": [["a"]]}), "column 'skills' holds list.*: turn it into numbers .* or text"),
        (pd.DataFrame({"z": [1j]}), "column 'z' holds complex numbers: split it into real columns"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "column 'a' occurs 2 times in X: keep one of them"),
    ],
)
def test_columns_that_are_neither_numbers_nor_texts_are_refused(X, message):
    with pytest.raises(DataError, match=message):
        infer_kinds(X)
