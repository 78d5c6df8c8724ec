import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal

from ranker import AdditiveScorer
from ranker.errors import DataError, ModelError, UnknownFieldError
from ranker.scoring.additive import Axis, Term
from tests.reference import score_reference
from tests.scoring.examples import assert_same_bits, assert_same_scorer, hard_rows, rows, scorers, small_ebm

YEARS = Axis("years", "continuous", (np.array([1.0, 3.0]), np.array([2.0])), (0.0, 9.0), np.arange(5.0), 7)
DEGREE = Axis("degree", "nominal", ({"MSc": 1, "PhD": 2},))
SCORER = AdditiveScorer(
    (YEARS, DEGREE),
    (
        Term((0,), np.array([0.5, 1.0, 2.0, 4.0, 9.0])),
        Term((1, 0), np.arange(16.0).reshape(4, 4), bagged=np.zeros((1, 4, 4))),
    ),
    intercept=10.0,
    bagged_intercept=np.array([10.0]),
    bag_weights=np.array([2.0]),
)


@settings(deadline=None)
@given(scorers(), rows())
def test_scores_equal_the_plain_twin(scorer, X):
    assert scorer.score(X).tolist() == score_reference(scorer, X.to_dict("records"))


def test_scores_of_an_ebm_equal_the_plain_twin():
    scorer = AdditiveScorer.from_ebm(small_ebm())
    X = hard_rows(scorer, n=200)
    spelled = X.assign(remote=X["remote"].map({True: "1", False: "0", None: None}, na_action=None))
    assert scorer.score(X).tolist() == score_reference(scorer, spelled.to_dict("records"))


@settings(deadline=None)
@given(scorers(), rows())
def test_a_score_is_the_intercept_plus_its_contributions_in_order(scorer, X):
    contributions = scorer.contributions(X)
    assert contributions.shape == (len(X), len(scorer.terms))
    total = np.full(len(X), scorer.intercept)
    for t in range(len(scorer.terms)):
        total += contributions[:, t]
    assert_array_equal(scorer.score(X), total)


@settings(deadline=None)
@given(scorers(), rows(), st.randoms())
def test_a_score_depends_on_its_own_row_alone(scorer, X, random):
    order = list(range(len(X)))
    random.shuffle(order)
    assert_array_equal(scorer.score(X.iloc[order]), scorer.score(X)[order])
    for row in range(len(X)):
        assert_array_equal(scorer.score(X.iloc[[row]]), scorer.score(X)[[row]])


@settings(deadline=None)
@given(scorers(), rows())
def test_bins_index_the_tables(scorer, X):
    contributions = scorer.contributions(X)
    for t, (term, bins) in enumerate(zip(scorer.terms, scorer.bin(X), strict=True)):
        assert_array_equal(term.scores[bins], contributions[:, t])
        for feature, where in zip(term.features, bins, strict=True):
            axis = scorer.axes[feature]
            assert where.dtype == np.int64
            assert ((where >= 0) & (where < axis.n_bins(axis.level(len(bins))))).all()


def test_a_value_on_a_cut_falls_right_of_it_and_the_odd_ones_have_bins_of_their_own():
    values = np.array([np.nan, -np.inf, 0.9, 1.0, 2.9, 3.0, np.inf])
    assert YEARS.bin(values, 0).tolist() == [0, 1, 1, 2, 2, 3, 3]
    assert DEGREE.bin(np.array([None, "PhD", "BSc", "MSc"], dtype=object), 0).tolist() == [0, 2, 3, 1]


def test_pairs_read_the_second_level_where_there_is_one():
    assert [YEARS.level(d) for d in (1, 2, 3)] == [0, 1, 1]
    assert [DEGREE.level(d) for d in (1, 2, 3)] == [0, 0, 0]
    assert (YEARS.n_bins(0), YEARS.n_bins(1), DEGREE.n_bins(0)) == (5, 4, 4)
    assert Axis("empty", "nominal", ({},)).n_bins(0) == 2
    X = pd.DataFrame({"years": [1.5, 2.0], "degree": ["PhD", None]})
    assert SCORER.contributions(X).tolist() == [[2.0, 9.0], [2.0, 2.0]]
    assert SCORER.score(X).tolist() == [21.0, 14.0]


def test_terms_are_named_as_interpret_names_them():
    assert SCORER.feature_names == ("years", "degree")
    assert SCORER.term_names == ("years", "degree & years")


def test_no_rows_have_no_scores_and_no_terms_leave_the_intercept():
    X = pd.DataFrame({"years": [1.0], "degree": ["PhD"]})
    assert SCORER.score(X.iloc[:0]).shape == (0,)
    assert SCORER.contributions(X.iloc[:0]).shape == (0, 2)
    bare = AdditiveScorer((YEARS, DEGREE), (), 1.5)
    assert bare.score(X).tolist() == [1.5]
    assert bare.contributions(X).shape == (1, 0)


def test_frames_tables_and_arrays_score_alike():
    X = pd.DataFrame({"years": [1.5, np.nan, 4.0], "degree": ["PhD", None, "BSc"]})
    scores = SCORER.score(X)
    assert_array_equal(SCORER.score(X[["degree", "years"]].assign(extra=1)), scores)
    assert_array_equal(SCORER.score(pa.Table.from_pandas(X)), scores)
    assert_array_equal(SCORER.score(X.astype(object).to_numpy()), scores)


@pytest.mark.parametrize("method", ["bin", "contributions", "score"])
def test_rows_that_do_not_fit_are_refused(method):
    score = getattr(SCORER, method)
    with pytest.raises(UnknownFieldError, match="X has no column 'degree'"):
        score(pd.DataFrame({"years": [1.0]}))
    with pytest.raises(DataError, match=r"column 'years', row 0 .*: 'ten' is not a number"):
        score(pd.DataFrame({"years": ["ten"], "degree": ["PhD"]}))
    with pytest.raises(DataError, match="X is of type int: pass a pandas DataFrame"):
        score(3)


@settings(deadline=None)
@given(scorers(), rows())
def test_json_gives_a_scorer_back_to_the_last_bit(scorer, X):
    back = AdditiveScorer.from_json(json.loads(json.dumps(scorer.to_json(), allow_nan=False)))
    assert_same_scorer(back, scorer)
    assert_array_equal(back.score(X), scorer.score(X))


@settings(deadline=None)
@given(arrays(np.float64, 3, elements=st.floats()), st.floats())
def test_json_keeps_every_float(scores, intercept):
    axis = Axis("years", "continuous", (np.empty(0),), (-np.inf, np.inf))
    term = Term((0,), scores, scores, scores, scores[np.newaxis])
    scorer = AdditiveScorer((axis,), (term,), intercept, scores[:1], scores[:1])
    back = AdditiveScorer.from_json(json.loads(json.dumps(scorer.to_json(), allow_nan=False)))
    assert_same_bits(back.terms[0].scores, scores)
    assert_same_bits(back.terms[0].bagged, scores[np.newaxis])
    assert_same_bits(back.intercept, intercept)
    assert back.axes[0].bounds == (-np.inf, np.inf)


def test_json_of_an_ebm_is_strict_and_exact():
    scorer = AdditiveScorer.from_ebm(small_ebm())
    document = scorer.to_json()
    assert (document["format"], document["version"]) == ("candor-scorer", 1)
    assert_same_scorer(AdditiveScorer.from_json(json.loads(json.dumps(document, allow_nan=False))), scorer)


def altered(path, value):
    """SCORER's JSON with one entry replaced, or deleted where the value is ``...``."""
    document = json.loads(json.dumps(SCORER.to_json()))
    *parents, last = path
    entry = document
    for step in parents:
        entry = entry[step]
    if value is ...:
        del entry[last]
    else:
        entry[last] = value
    return document


AXIS, TERM = ("axes", 0), ("terms", 1)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["format"], ..., "scorer.format: None is not 'candor-scorer': this is no scorer of Candor's"),
        (["format"], "onnx", "scorer.format: 'onnx' is not 'candor-scorer'"),
        (["version"], 2, "scorer.version: 2 is not 1: read it with the Candor that wrote it"),
        (["intercept"], ..., "scorer: key 'intercept' is missing: the model was altered or cut short"),
        (["intercept"], "ten", "scorer.intercept: 'ten' is not a number"),
        (["intercept"], True, "scorer.intercept: True is not a number"),
        (["intercept"], 10**400, "scorer.intercept: a number is too large for a float"),
        (["bag_weights"], 1.0, "scorer.bag_weights: a list of numbers is due, not float"),
        (["bag_weights"], [[1.0]], "scorer.bag_weights: 1 dimension is due, not 2"),
        (
            ["bagged_intercept"],
            [1.0, 2.0],
            r"scorer.bagged_intercept: shape \(2,\) does not fit: bag_weights giv",
        ),
        (["axes"], None, "scorer.axes: a list is due, not null"),
        (["axes", 1, "name"], "years", "scorer.axes: the name 'years' stands 2 times"),
        (["axes", 0], 7, r"scorer.axes\[0\]: a JSON object is due, not int"),
        ([*AXIS, "name"], ..., r"scorer.axes\[0\]: key 'name' is missing"),
        ([*AXIS, "name"], 7, r"scorer.axes\[0\].name: a text is due, not int"),
        (
            [*AXIS, "kind"],
            "cyclic",
            r"scorer.axes\[0\].kind: 'cyclic' is none of continuous, nominal, ordinal",
        ),
        (
            [*AXIS, "levels", 0],
            {"a": 1},
            r"scorer.axes\[0\].levels\[0\]: a list of numbers is due, not dict",
        ),
        (
            [*AXIS, "levels", 0],
            [3.0, 1.0],
            r"scorer.axes\[0\].levels\[0\]: cuts must be finite and increasing",
        ),
        (
            [*AXIS, "levels", 0],
            [1.0, "nan"],
            r"scorer.axes\[0\].levels\[0\]: cuts must be finite and increasing",
        ),
        ([*AXIS, "bounds"], [1.0], r"scorer.axes\[0\].bounds: shape \(1,\) does not fit: least and greatest"),
        ([*AXIS, "n_unique"], -1, r"scorer.axes\[0\].n_unique: a count is due, not -1"),
        (["axes", 1, "levels", 0], [1.0], r"scorer.axes\[1\].levels\[0\]: an object category -> bin is due"),
        (["axes", 1, "levels", 0, "PhD"], 0, r"levels\[0\]\['PhD'\]: a bin, 1 or greater, is due, not 0"),
        ([*TERM, "features"], [], r"scorer.terms\[1\].features: a term needs at least one feature"),
        (
            [*TERM, "features", 0],
            "degre",
            r"terms\[1\].features\[0\]: no axis is called 'degre'; did you mean 'deg",
        ),
        ([*TERM, "features", 0], "years", r"scorer.terms\[1\].features\[1\]: axis 'years' stands twice"),
        (["axes", 1, "levels"], [], r"scorer.terms\[1\].features\[0\]: axis 'degree' has no level"),
        ([*TERM, "scores"], None, r"scorer.terms\[1\].scores: a list of numbers is due, not null"),
        ([*TERM, "scores", 0], [1.0], r"scorer.terms\[1\].scores: its rows differ in length"),
        ([*TERM, "scores", 0, 0], None, r"scorer.terms\[1\].scores: None is not a number"),
        (
            [*TERM, "scores"],
            [[1.0]],
            r"scores: shape \(1, 1\) does not fit: the axes degree, years give \(4, 4\)",
        ),
        ([*TERM, "weights"], [1.0], r"scorer.terms\[1\].weights: shape \(1,\) does not fit"),
        ([*TERM, "deviations"], [1.0], r"scorer.terms\[1\].deviations: shape \(1,\) does not fit"),
        (
            [*TERM, "bagged"],
            [1.0],
            r"scorer.terms\[1\].bagged: shape \(1,\) does not fit: the bags and the axes",
        ),
    ],
)
def test_json_that_does_not_fit_is_refused_with_its_place(path, value, message):
    with pytest.raises(ModelError, match=message):
        AdditiveScorer.from_json(altered(path, value))


def test_json_that_is_no_object_is_refused():
    with pytest.raises(ModelError, match="scorer: a JSON object is due, not list"):
        AdditiveScorer.from_json([])
