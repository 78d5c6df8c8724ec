import numpy as np
import pandas as pd
import pytest
from interpret.glassbox import ExplainableBoostingClassifier, ExplainableBoostingRegressor, LinearRegression
from numpy.testing import assert_array_equal

from ranker import AdditiveScorer
from ranker.errors import ModelError
from ranker.scoring.additive import Axis, Term
from tests.scoring.examples import (
    SETTINGS,
    assert_same_bits,
    assert_same_scorer,
    fit_small,
    hard_rows,
    small_classifier,
    small_ebm,
    training_rows,
)


def fitted_attributes(ebm):
    return {name for name in vars(ebm) if name.endswith("_") and not name.startswith("_")}


def test_the_example_has_pairs_in_other_order_and_coarser_cuts_and_a_column_that_is_all_missing():
    scorer = AdditiveScorer.from_ebm(small_ebm())
    assert scorer.term_names[-3:] == ("years & salary", "degree & years", "degree & remote")
    years, gap = scorer.axes[0], scorer.axes[4]
    assert len(years.levels[0]) > len(years.levels[1]) > 0
    assert (gap.bounds, gap.n_unique, gap.levels[0].size) == (None, 0, 0)


def test_scores_equal_predict_to_the_last_bit():
    ebm = small_ebm()
    scorer = AdditiveScorer.from_ebm(ebm)
    for X in (training_rows()[0], hard_rows(scorer)):
        assert_array_equal(scorer.score(X), ebm.predict(X))
        assert_array_equal(scorer.contributions(X), ebm.eval_terms(X))


def test_a_boolean_is_the_same_category_whatever_the_other_rows_hold():
    scorer = AdditiveScorer.from_ebm(small_ebm())
    X = training_rows(3)[0].assign(remote=pd.Series([True, "never seen", 1], dtype=object))
    remote = scorer.term_names.index("remote")
    known = scorer.terms[remote].scores
    assert scorer.contributions(X)[:, remote].tolist() == [known[2], known[-1], known[2]]
    # interpret 0.7.8 looks True up as "True" here, and as "1" where all rows are booleans.
    assert small_ebm().eval_terms(X)[:, remote].tolist() == [known[-1], known[-1], known[2]]


def test_scores_equal_the_decision_function_of_a_binary_classifier():
    ebm = small_classifier()
    scorer = AdditiveScorer.from_ebm(ebm)
    X = hard_rows(scorer)
    assert_array_equal(scorer.score(X), ebm.decision_function(X))
    assert_array_equal(scorer.to_ebm().predict(X), ebm.decision_function(X))


def test_an_ebm_comes_back_to_the_last_bit():
    ebm = small_ebm()
    scorer = AdditiveScorer.from_ebm(ebm)
    back = scorer.to_ebm()
    assert_same_scorer(AdditiveScorer.from_ebm(back), scorer)
    X = hard_rows(scorer)
    assert_array_equal(back.predict(X), ebm.predict(X))
    assert_array_equal(back.eval_terms(X), ebm.eval_terms(X))
    assert_array_equal(back.predict_with_uncertainty(X), ebm.predict_with_uncertainty(X))


def test_an_ebm_comes_back_with_every_attribute_that_fit_sets():
    ebm = small_ebm()
    back = AdditiveScorer.from_ebm(ebm).to_ebm()
    assert fitted_attributes(back) == fitted_attributes(ebm)
    unknown = {"best_iteration_", "min_target_", "max_target_"}
    for name in fitted_attributes(ebm) - unknown:
        was, found = getattr(ebm, name), getattr(back, name)
        assert type(found) is type(was), name
        if isinstance(was, np.ndarray):
            assert found.dtype == was.dtype, name
            assert_same_bits(found, was)
        else:
            np.testing.assert_equal(found, was, err_msg=name)
    assert back.best_iteration_.shape == (0, 2)
    assert np.isnan(back.min_target_)


def test_global_explanations_are_those_of_the_original():
    ebm = small_ebm()
    back = AdditiveScorer.from_ebm(ebm).to_ebm()
    was, found = ebm.explain_global(), back.explain_global()
    np.testing.assert_equal(found.data(), was.data())
    for t in range(len(ebm.term_names_)):
        np.testing.assert_equal(found.data(t), was.data(t))
    assert_array_equal(back.term_importances(), ebm.term_importances())
    assert_array_equal(back.term_importances("min_max"), ebm.term_importances("min_max"))


def test_local_explanations_are_those_of_the_original():
    X, y = training_rows(20)
    ebm = small_ebm()
    back = AdditiveScorer.from_ebm(ebm).to_ebm()
    for arguments in ((X,), (X, y)):
        was, found = ebm.explain_local(*arguments), back.explain_local(*arguments)
        for row in range(len(X)):
            np.testing.assert_equal(found.data(row), was.data(row))


def test_json_of_the_rebuilt_ebm_is_that_of_the_original(tmp_path):
    ebm = small_ebm()
    back = AdditiveScorer.from_ebm(ebm).to_ebm()
    was, found = ebm.to_jsonable("mergeable")["ebm"], back.to_jsonable("mergeable")["ebm"]
    assert found == was
    back.to_json(tmp_path / "ebm.json")
    assert (tmp_path / "ebm.json").stat().st_size > 0


def test_scorer_and_ebm_share_no_memory():
    scorer = AdditiveScorer.from_ebm(small_ebm())
    before = scorer.terms[0].scores.copy()
    ebm = scorer.to_ebm()
    copy = AdditiveScorer.from_ebm(ebm)
    ebm.scale(0, 2.0)
    assert_array_equal(scorer.terms[0].scores, before)
    assert_array_equal(copy.terms[0].scores, before)
    assert_array_equal(ebm.term_scores_[0], 2.0 * before)


def test_an_edited_ebm_without_bags_still_converts():
    ebm = AdditiveScorer.from_ebm(small_ebm()).to_ebm()
    ebm.monotonize("years", increasing=True)
    scorer = AdditiveScorer.from_ebm(ebm)
    assert scorer.terms[0].bagged is None
    assert scorer.bagged_intercept is None
    back = scorer.to_ebm()
    X = hard_rows(scorer)
    assert_array_equal(back.predict(X), ebm.predict(X))
    back.explain_global()


def test_a_feature_without_a_term_keeps_its_place():
    X, y = training_rows()
    settings = SETTINGS | {"interactions": 0, "exclude": ["salary"]}
    ebm = fit_small(ExplainableBoostingRegressor(**settings), X, y)
    scorer = AdditiveScorer.from_ebm(ebm)
    assert scorer.axes[1].levels == ()
    assert_array_equal(scorer.score(X), ebm.predict(X))
    assert_array_equal(scorer.to_ebm().predict(X), ebm.predict(X))
    assert_same_scorer(AdditiveScorer.from_json(scorer.to_json()), scorer)


def test_a_scorer_made_by_hand_becomes_an_ebm_that_explains_itself():
    years = Axis("years", "continuous", (np.array([2.0, 5.0]),))
    degree = Axis("degree", "nominal", ({"MSc": 1, "PhD": 2},))
    empty = Axis("empty", "nominal", ({},))
    scores = np.arange(20.0).reshape(5, 4)
    terms = (
        Term((0,), np.arange(5.0)),
        Term((1,), np.arange(4.0)),
        Term((2,), np.ones(2)),
        Term((0, 1), scores),
    )
    scorer = AdditiveScorer((years, degree, empty), terms, 0.5)
    ebm = scorer.to_ebm()
    X = pd.DataFrame({"years": [1.0, np.nan], "degree": ["PhD", "BSc"], "empty": ["a", None]})
    assert_array_equal(ebm.predict(X), [0.5 + 1 + 2 + 1 + 6, 0.5 + 0 + 3 + 1 + 3])
    assert_array_equal(ebm.predict(X), scorer.score(X))
    assert ebm.unique_val_counts_.tolist() == [3, 2, 0]
    assert ebm.explain_global().data(0)["scores"].tolist() == [1.0, 2.0, 3.0]
    assert ebm.explain_local(X).data(0)["scores"] == [1.0, 2.0, 1.0, 6.0]
    assert ebm.term_importances()[0] == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (LinearRegression, "a LinearRegression cannot become a scorer: pass an ExplainableBoostingRegressor"),
        (ExplainableBoostingRegressor, "the ExplainableBoostingRegressor is not fitted: call its fit first"),
    ],
)
def test_what_is_no_fitted_ebm_is_refused(make, message):
    with pytest.raises(ModelError, match=message):
        AdditiveScorer.from_ebm(make())


def test_more_than_two_classes_are_refused():
    X, _ = training_rows(60)
    ebm = ExplainableBoostingClassifier(interactions=0, outer_bags=1, max_rounds=5, n_jobs=1)
    ebm.fit(X[["salary"]], np.arange(60) % 3)
    with pytest.raises(
        ModelError, match=r"the classifier has 3 classes \(0, 1, 2\) .* two classes, or a reg"
    ):
        AdditiveScorer.from_ebm(ebm)


def test_another_link_is_refused():
    X, y = training_rows(60)
    ebm = ExplainableBoostingRegressor(
        objective="poisson_deviance", interactions=0, outer_bags=1, max_rounds=5, n_jobs=1
    )
    ebm.fit(X[["salary"]], np.abs(y))
    with pytest.raises(ModelError, match=r"the regressor's link is 'log'.*train it with objective='rmse'"):
        AdditiveScorer.from_ebm(ebm)
