import gc
import weakref
from fractions import Fraction

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from ranker import AdditiveScorer
from ranker.errors import DataError, UnknownFieldError
from ranker.kernels.tables import TILE
from ranker.scoring import blocks
from ranker.scoring.additive import Axis, Term
from ranker.scoring.blocks import FEW, codes_of
from ranker.scoring.columns import columns_of
from ranker.scoring.packed import BLOCK, LEAST
from tests.reference import score_reference
from tests.scoring.examples import assert_same_bits, hard_rows, rows, scorers, small_classifier, small_ebm

N = BLOCK + 3  # more than a block
SCORER = AdditiveScorer.from_ebm(small_ebm())
NUMBERS = ("years", "salary", "gap")


def slow(scorer, X):
    """Scores by way of the plain columns and bins: one array per feature and term."""
    scores = np.full(len(X), scorer.intercept)
    for term, bins in zip(scorer.terms, scorer.bin(X), strict=True):
        scores += term.scores[bins]
    return scores


def singles(X):
    with np.errstate(over="ignore"):  # 1e308 becomes infinite
        return X.astype({name: np.float32 for name in NUMBERS})


@pytest.mark.parametrize("ebm", [small_ebm, small_classifier])
def test_an_ebm_is_met_to_the_last_bit_by_columns_and_by_a_pool(ebm):
    fitted = ebm()
    scorer = AdditiveScorer.from_ebm(fitted)
    X = hard_rows(scorer, N)
    expected = fitted.predict(X) if ebm is small_ebm else fitted.decision_function(X)
    assert_same_bits(scorer.score(X), expected)
    assert_same_bits(scorer.score(scorer.packed.bin(X)), expected)
    assert_array_equal(scorer.contributions(X), fitted.eval_terms(X))
    assert_array_equal(scorer.contributions(scorer.packed.bin(X)), fitted.eval_terms(X))


@settings(deadline=None)
@given(scorers(), rows())
def test_a_pool_and_float32_columns_score_as_the_plain_twin(scorer, X):
    """The numbers of these rows are the same in both precisions; the cuts are rounded."""
    expected = score_reference(scorer, X.to_dict("records"))
    narrow = X.astype({"a": np.float32, "b": np.float32})
    for rows_ in (X, narrow):
        assert scorer.score(rows_).tolist() == expected
        assert scorer.score(scorer.packed.bin(rows_)).tolist() == expected


@settings(deadline=None)
@given(scorers(), rows())
def test_float32_scores_stay_within_their_error(scorer, X):
    found = scorer.packed.score(X, dtype=np.float32)
    assert found.dtype == np.float32
    bound = Fraction(scorer.packed.program.error)
    for row in range(len(X)):
        cells = [Fraction(term) for term in scorer.contributions(X.iloc[[row]])[0].tolist()]
        exact = Fraction(scorer.intercept) + sum(cells, Fraction(0))
        assert abs(Fraction(float(found[row])) - exact) <= bound


def test_float32_columns_fall_where_their_float64_values_fall():
    X = singles(hard_rows(SCORER, 3000))
    wide = X.astype({name: np.float64 for name in NUMBERS})
    assert_same_bits(SCORER.score(X), SCORER.score(wide))
    for mine, yours in zip(SCORER.packed.bin(X).codes, SCORER.packed.bin(wide).codes, strict=True):
        assert_array_equal(mine, yours)


@pytest.mark.parametrize("n", [0, 1, FEW, TILE + 1, 3 * LEAST + 1])
@pytest.mark.parametrize("n_threads", [2, 3])
def test_threads_change_no_bit(n, n_threads):
    X = hard_rows(SCORER, n)
    packed = SCORER.packed
    for ask in (packed.score, packed.contributions):
        assert_same_bits(ask(X, n_threads=n_threads), ask(X))
        assert_same_bits(ask(packed.bin(X, n_threads=n_threads), n_threads=n_threads), ask(X))


def forms(X):
    """One table in many forms, in their own order of columns and with columns that nobody reads."""
    table = pa.Table.from_pandas(X.assign(other=1.5)[["other", *reversed(X.columns)]], preserve_index=False)
    text = [name for name in X.columns if name not in NUMBERS]
    coded = table
    for name in text:
        at = table.column_names.index(name)
        coded = coded.set_column(at, name, table.column(name).combine_chunks().dictionary_encode())
    chunked = pa.concat_tables([table.slice(0, 700), table.slice(700, 0), table.slice(700)])
    yield "frame", X
    yield "single precision", singles(X)
    yield "categorical", X.astype({name: "category" for name in text})
    yield "texts", X.astype({"degree": "str", "grade": "string"})
    yield "arrow frame", table.to_pandas(types_mapper=pd.ArrowDtype)
    yield "nullable", X.astype({name: "Float64" for name in NUMBERS})
    yield "table", table
    yield "chunks", chunked
    yield "dictionaries", coded
    yield "dictionaries of chunks", pa.concat_tables([coded.slice(5, 9), coded]).slice(9)
    yield "batch", table.to_batches()[0]
    yield "objects", X.astype(object)
    yield "array", X.to_numpy(dtype=object)


@pytest.mark.parametrize("n", [20, 2000])
def test_every_form_of_a_table_scores_as_its_plain_columns_do(n):
    # Values that are the same in both precisions.
    X = singles(hard_rows(SCORER, n)).astype({name: np.float64 for name in NUMBERS})
    expected = slow(SCORER, X)
    names = set()
    for name, form in forms(X):
        names.add(name)
        assert_same_bits(SCORER.score(form), expected), name
        sliced = form[3 : n - 2] if not isinstance(form, pa.Table | pa.RecordBatch) else form.slice(3, n - 5)
        assert_same_bits(SCORER.score(sliced), expected[3 : n - 2])
        assert_same_bits(SCORER.score(SCORER.packed.bin(sliced)), expected[3 : n - 2])
    assert len(names) == 13


NUMERIC = AdditiveScorer(
    tuple(Axis(name, "continuous", (np.array([-1.0, 0.5, 2.0]),)) for name in "abc"),
    tuple(Term((f,), np.arange(6.0) * 10.0**f) for f in (2, 0, 1)),
    0.0,
)


@pytest.mark.parametrize("n", [7, FEW + 7])
@pytest.mark.parametrize(
    "dtype", ["f8", "f4", "f2", "i1", "i8", "u8", "u2", "?", ">f8", "Int64", "boolean", "float[pyarrow]", "O"]
)
def test_numbers_of_every_type_and_stride_are_read_alike(dtype, n):
    whole = np.random.default_rng(0).integers(0, 2 if dtype in ("?", "boolean") else 4, (n, 6))
    expected = slow(NUMERIC, whole[:, ::2].astype(float))
    X = pd.DataFrame(whole, columns=list("aybxcz")).astype(dtype)
    assert_same_bits(NUMERIC.score(X), expected)
    assert_same_bits(NUMERIC.score(X[::-1]), expected[::-1])
    if dtype in ("f8", "f4", "f2", "i1", "i8", "u8", "u2", "?", ">f8", "O"):
        for values in (whole.astype(dtype), np.asfortranarray(whole.astype(dtype))):
            assert_same_bits(NUMERIC.score(values[:, ::2]), expected)
            assert_same_bits(NUMERIC.score(values[::-3, ::2]), expected[::-3])


def test_a_frame_of_mixed_numbers_is_read_column_by_column_after_the_first_look():
    """Texts that nobody reads make the frame no array of numbers."""
    X = pd.DataFrame({"a": [1, -7], "text": ["x", "y"], "b": [np.nan, 2.0], "c": [True, False]})
    for _ in range(2):
        assert NUMERIC.score(X).tolist() == slow(NUMERIC, X).tolist()


def test_frames_that_share_names_share_nothing_else():
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(9, 3)), columns=list("cab"))
    first = NUMERIC.score(X.iloc[:4])
    turned = X.iloc[4:, [1, 2, 0]]
    assert_same_bits(NUMERIC.score(turned), slow(NUMERIC, turned))
    assert_same_bits(NUMERIC.score(X.iloc[:4]), first)
    with pytest.raises(UnknownFieldError, match="X has no column 'b'"):
        NUMERIC.score(X[["a", "c"]])


TEXTS = st.one_of(st.sampled_from(["p", "q", "", "1", "True", "3", "never"]), st.none())
OTHERS = st.sampled_from([True, False, 3, 3.0, -0.0, 0, 1, 2.5, np.nan, pd.NA, b"p", np.str_("q"), "\ud800"])


@settings(deadline=None)
@given(st.lists(st.one_of(TEXTS, OTHERS), max_size=12), st.lists(TEXTS, max_size=12), st.booleans())
def test_texts_are_coded_as_they_are_spelled(mixed, texts, words):
    known = ("p", "q", "True", "False", "3") if words else ("p", "1", "0", "3", "2.5")
    axis = Axis("d", "nominal", ({category: k for k, category in enumerate(known, start=1)},))
    for values in (mixed * 20, texts * 20):
        column = np.array([*values, None], dtype=object)[:-1]
        spelled = columns_of(column[:, np.newaxis], [axis])[0]
        expected = [0 if text is None else axis.levels[0].get(text, 6) for text in spelled]
        found = codes_of(column, axis.levels[0], 6, ("True", "False") if words else ("1", "0"))
        assert found.tolist() == expected


def test_many_texts_are_looked_up_once_each(monkeypatch):
    looked_up = []
    plain = blocks.text_column
    monkeypatch.setattr(
        blocks,
        "text_column",
        lambda column, *spelling: looked_up.append(len(column)) or plain(column, *spelling),
    )
    X = hard_rows(SCORER, 5000).astype({"remote": object})
    table = pa.table({name: X[name].astype("category") if name == "grade" else X[name] for name in X})
    expected = slow(SCORER, X)
    looked_up.clear()
    assert_same_bits(SCORER.score(table), expected)
    assert 0 < sum(looked_up) < 50


def test_floats_without_nulls_are_read_where_they_lie():
    column = pa.chunked_array([pa.array(np.arange(9.0))])
    there = column.chunk(0).to_numpy()
    found = blocks.block_of(blocks.numbers_of(column.slice(2, 5), "a"), 1, 4)
    assert found.tolist() == [3.0, 4.0, 5.0]
    assert np.shares_memory(found, there)
    frame = pd.DataFrame({"a": np.arange(9.0), "b": "x"})
    assert np.shares_memory(blocks.block_of(blocks.numbers_of(frame["a"], "a"), 0, 9), frame["a"].to_numpy())
    given_ = np.arange(9.0)
    blocks.block_of(given_, 0, 9)
    assert given_.flags.writeable


def test_out_is_filled_and_returned():
    X = hard_rows(SCORER, 50)
    out, wide = np.empty(50), np.empty((50, len(SCORER.terms)))
    assert SCORER.score(X, out=out) is out
    assert_same_bits(out, slow(SCORER, X))
    assert SCORER.contributions(X, out=wide) is wide
    assert_same_bits(wide, SCORER.contributions(X))


@pytest.mark.parametrize(
    "out", [np.empty(4), np.empty(3, np.float32), np.empty(6)[::2], np.empty((3, 1)), np.broadcast_to(0.0, 3)]
)
def test_an_out_that_does_not_fit_is_refused(out):
    with pytest.raises(DataError, match=r"pass a contiguous array of shape \(3,\) and type float64"):
        NUMERIC.score(np.zeros((3, 3)), out=out)


def test_other_types_of_score_are_refused():
    with pytest.raises(DataError, match="no scores of type int64 are made: ask for float64"):
        NUMERIC.packed.score(np.zeros((3, 3)), dtype=int)


def rescored(axes, features):
    rng = np.random.default_rng(3)
    shapes = [[axes[f].n_bins(axes[f].level(len(own))) for f in own] for own in features]
    terms = tuple(
        Term(tuple(own), rng.normal(size=shape)) for own, shape in zip(features, shapes, strict=True)
    )
    return AdditiveScorer(axes, terms, 0.5)


def test_a_pool_serves_every_scorer_of_the_same_cuts():
    X = hard_rows(SCORER, 400)
    pool = SCORER.packed.bin(X)
    assert len(pool) == 400
    other = rescored(SCORER.axes, [(1,), (0, 2)])
    assert_same_bits(other.score(pool), slow(other, X))
    turned = rescored(SCORER.axes[::-1], [(5,), (1,), (3, 5, 0)])
    assert_same_bits(turned.score(pool), slow(turned, X))


def test_a_pool_of_other_cuts_is_refused():
    pool = NUMERIC.packed.bin(np.zeros((2, 3)))
    a, b, c = NUMERIC.axes
    moved = rescored((a, Axis("b", "continuous", (np.array([-1.0, 0.5, 2.5]),)), c), [(1,)])
    with pytest.raises(
        DataError, match="binned with other bins of 'b' than this scorer's: bin its rows anew"
    ):
        moved.score(pool)
    texts = rescored((a, Axis("b", "nominal", ({"x": 1},)), c), [(1,)])
    with pytest.raises(DataError, match="other bins of 'b'"):
        texts.score(pool)
    named = rescored((a, b, Axis("d", "continuous", c.levels)), [(0,), (2,)])
    with pytest.raises(UnknownFieldError, match="the pool holds no codes of 'd'"):
        named.score(pool)
    unread = rescored((a, b, Axis("d", "continuous", c.levels)), [(0,)])
    assert unread.score(pool).shape == (2,)


def test_codes_are_as_small_as_they_fit():
    axes = tuple(
        Axis(name, "continuous", (np.arange(float(n)),))
        for name, n in (("a", 253), ("b", 254), ("c", 70_000))
    )
    small, large = rescored(axes[:2], [(0,), (1,)]), rescored(axes, [(0,), (1,), (2,)])
    X = pd.DataFrame({"a": [252.0, np.nan], "b": [253.0, -1.0], "c": [69_999.0, 65_535.5]})
    codes = small.packed.bin(X).codes
    assert (codes.narrow.dtype, codes.wide.dtype) == (np.uint8, np.uint16)
    assert codes.narrow.tolist() == [[254, 0]]
    assert codes.wide.tolist() == [[255, 1]]
    assert large.packed.bin(X).codes.wide.dtype == np.uint32
    for scorer in (small, large):
        assert_same_bits(scorer.score(X), slow(scorer, X))
        assert_same_bits(scorer.score(scorer.packed.bin(X)), slow(scorer, X))


def test_a_scorer_is_laid_out_once_and_forgotten_with_it():
    scorer = rescored(NUMERIC.axes, [(0,)])
    assert scorer.packed is scorer.packed
    there = weakref.ref(scorer.packed.program.tables[np.dtype(float)][1])
    del scorer
    gc.collect()
    assert there() is None


def test_columns_that_no_term_reads_need_a_place_but_no_numbers():
    scorer = rescored(NUMERIC.axes, [(0,)])
    X = pd.DataFrame({"a": [0.0], "b": ["text"], "c": [None]})
    assert scorer.score(X).shape == (1,)
    with pytest.raises(DataError, match="column 'b', row 0"):
        NUMERIC.score(X)
    with pytest.raises(UnknownFieldError, match="no column 'c'"):
        scorer.score(X[["a", "b"]])
