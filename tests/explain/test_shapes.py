"""The whole model: every table is shown as it scores, and what was trained stands behind it."""

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from numpy.testing import assert_allclose, assert_array_equal

from explain.shapes import SCHEMA, mean_absolute, shape_functions, shapes_csv, shapes_json
from ranker.errors import DataError, UnknownFieldError
from ranker.features import FeatureSet
from ranker.features.scalars import Category, Number
from ranker.scoring import EBMRanker
from ranker.scoring.additive import AdditiveScorer, Axis, Term
from ranker.scoring.columns import columns_of
from tests.explain.explanation_case import case
from tests.scoring.examples import rows, scorers

FEATURES = FeatureSet(
    (
        Number(name="a", field="candidate.a"),
        Number(name="b", field="candidate.b"),
        Category(name="c", field="candidate.c"),
        Category(name="d", field="candidate.d"),
    ),
    {},
)
A = Axis("a", "continuous", (np.array([1.0, 3.0]),), (0.0, 4.0))
C = Axis("c", "nominal", ({"p": 1, "q": 2},))

# interpret 0.7.8 still calls a method that plotly will drop.
DRAWN_BY_INTERPRET = pytest.mark.filterwarnings("ignore:The append_trace method:DeprecationWarning")


def shapes_of_case():
    return shape_functions(case().scorer, case().features)


def at_rows(shape, table, X):
    columns = columns_of(X, shape.change.axes)
    bins = [axis.bin(column, 0) for axis, column in zip(shape.change.axes, columns, strict=True)]
    return table[tuple(bins)]


@given(scorers(), rows())
def test_intercept_and_shapes_are_the_score(scorer, X):
    shapes = shape_functions(scorer, FEATURES)
    total = np.full(len(X), scorer.intercept)
    for shape in shapes:
        total += at_rows(shape, shape.change.after, X)
    assert_allclose(total, scorer.score(X), rtol=0, atol=1e-9)


@given(scorers(), scorers(), rows())
def test_before_and_after_are_what_either_scorer_adds(before, after, X):
    for shape in shape_functions(after, FEATURES, unconstrained=before):
        for scorer, table in ((before, shape.change.before), (after, shape.change.after)):
            own = {
                frozenset(name.split(" & ")): amounts
                for name, amounts in zip(scorer.term_names, scorer.contributions(X).T, strict=True)
            }
            expected = own.get(frozenset(shape.change.features), np.zeros(len(X)))
            assert_array_equal(at_rows(shape, table, X), expected)


def test_every_bin_has_a_name_and_ends_that_hold_its_values():
    for shape in shapes_of_case():
        for i, axis in enumerate(shape.change.axes):
            names, edges = shape.bins[i], shape.edges(i)
            assert len(names) == len(edges) == shape.change.after.shape[i]
            assert (names[0], names[-1]) == ("missing", "never seen")
            if axis.kind != "continuous":
                continue
            for position, ends in enumerate(edges):
                if ends is None:
                    assert position in (0, len(edges) - 1)
                    continue
                inside = max(ends[0], -1e9)
                assert axis.bin(np.array([inside]), 0)[0] == position


def test_weights_and_deviations_are_those_of_training():
    for shape in shapes_of_case():
        assert shape.shares.sum() == pytest.approx(1.0)
        assert shape.change.deviations[2].shape == shape.change.after.shape
    largest = shapes_of_case()[0]
    assert largest.change.deviations[2].max() > 0


def test_importance_is_the_mean_distance_from_the_mean_and_the_weightiest_comes_first():
    amounts, weights = np.array([9.0, 1.0, 4.0]), np.array([0.0, 3.0, 1.0])
    assert mean_absolute(amounts, weights) == pytest.approx((3 * 0.75 + 2.25) / 4)
    assert mean_absolute(amounts + 100.0, weights) == pytest.approx(mean_absolute(amounts, weights))
    assert mean_absolute(np.array([1.0, 3.0]), None) == 1.0
    assert mean_absolute(np.array([1.0, 3.0]), np.zeros(2)) == 1.0
    sizes = [shape.importance for shape in shapes_of_case()]
    assert sizes == sorted(sizes, reverse=True)


def test_a_shape_is_strict_json_with_a_schema_and_reads_back():
    document = shapes_json(shapes_of_case())
    assert document["schema"] == SCHEMA == "candor-shapes/1"
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    by_name = {shape.term: shape for shape in shapes_of_case()}
    for term in document["terms"]:
        assert np.array_equal(np.array(term["after"]), by_name[term["term"]].change.after)
        assert [len(axis["bins"]) for axis in term["axes"]] == list(np.shape(term["after"]))


def test_the_csv_holds_every_cell_to_the_last_bit():
    shapes = shapes_of_case()
    lines = list(csv.DictReader(io.StringIO(shapes_csv(shapes))))
    assert len(lines) == sum(shape.change.after.size for shape in shapes)
    for shape in shapes:
        own = [line for line in lines if line["term"] == shape.term]
        assert [float(line["after"]) for line in own] == shape.change.after.ravel().tolist()
        assert sum(float(line["share"]) for line in own) == pytest.approx(1.0)
        assert own[0]["bin_1"] == "missing"


def test_the_csv_of_one_term_of_one_feature_numbers_no_columns():
    [shape] = shape_functions(case().scorer, case().features, term="test")
    header = shapes_csv([shape]).splitlines()[0]
    assert header == "term,feature,bin,low,high,weight,share,before,correction,after,deviation"


def test_a_term_is_found_by_name_or_label_and_a_wrong_one_is_refused_with_a_hint():
    by_name = shape_functions(case().scorer, case().features, term="skills")
    assert by_name[0].term == "skills"
    by_label = shape_functions(case().scorer, case().features, term="required skills")
    assert by_label[0].term == "skills"
    with pytest.raises(UnknownFieldError, match="did you mean 'skills'"):
        shape_functions(case().scorer, case().features, term="skils")


def test_a_scorer_of_other_features_is_refused():
    scorer = AdditiveScorer((replace(A, name="stranger"),), (Term((0,), np.zeros(5)),), 0.0)
    with pytest.raises(DataError, match="reads 'stranger'"):
        shape_functions(scorer, FEATURES)


def test_what_the_scorer_does_not_know_is_null():
    bare = AdditiveScorer((A, C), (Term((0,), np.arange(5.0)), Term((1,), np.arange(4.0))), 0.0)
    document = shapes_json(shape_functions(bare, FEATURES))
    for term in document["terms"]:
        assert term["weight"] is None
        assert term["deviation"] is None
    category = next(term for term in document["terms"] if term["term"] == "c")
    assert [one["low"] for one in category["axes"][0]["bins"]] == [None] * 4
    assert ",,," in shapes_csv(shape_functions(bare, FEATURES))


@pytest.fixture(scope="module")
def fitted():
    c = case()
    merit = c.table["skills"].fillna(0.0) + c.table["test"].fillna(40.0) / 50
    relevance = np.round(3 * merit.to_numpy() + c.records.relevance)
    return EBMRanker(outer_bags=2, interactions=1, n_threads=1).fit(c.table, relevance, job=c.records.job)


@DRAWN_BY_INTERPRET
def test_interprets_global_explanation_shows_the_same_tables(fitted):
    whole = fitted.ebm_.explain_global()
    names = whole.data()["names"]
    shapes = {shape.term: shape for shape in shape_functions(fitted.scorer_, case().features)}
    assert set(names) == set(shapes)
    for i, name in enumerate(names):
        found = np.asarray(whole.data(i)["scores"])
        shape = shapes[name].change
        if len(shape.axes) == 1 and shape.axes[0].kind == "continuous":
            assert_array_equal(found, shape.after[1:-1])
        assert whole.visualize(i) is not None


def test_interprets_importance_of_a_term_is_ours(fitted):
    theirs = dict(zip(fitted.ebm_.term_names_, fitted.ebm_.term_importances(), strict=True))
    for shape in shape_functions(fitted.scorer_, case().features):
        assert shape.importance == pytest.approx(theirs[shape.term], abs=1e-9)


def test_interprets_local_explanation_shows_the_same_amounts(fitted):
    X = case().table.head(5)
    local = fitted.ebm_.explain_local(X)
    for row in range(5):
        assert local.data(row)["scores"] == pytest.approx(fitted.scorer_.contributions(X)[row].tolist())
        assert local.visualize(row) is not None


@DRAWN_BY_INTERPRET
def test_interprets_show_takes_the_ebm_of_a_ranker(fitted):
    """Both pages are drawn by the function that a user calls."""
    interpret = pytest.importorskip("interpret")

    class Recorder:
        seen: list = []  # noqa: RUF012

        def render(self, explanation, key=-1, **options):
            self.seen.append(explanation.visualize(None if key == -1 else key))

    earlier = interpret.get_visualize_provider()
    try:
        interpret.set_visualize_provider(Recorder())
        interpret.show(fitted.ebm_.explain_global())
        interpret.show(fitted.ebm_.explain_local(case().table.head(2)), 0)
    finally:
        interpret.set_visualize_provider(earlier)
    assert len(Recorder.seen) == 2
    assert all(figure is not None for figure in Recorder.seen)
