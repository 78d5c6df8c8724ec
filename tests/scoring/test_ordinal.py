import itertools
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from ranker.errors import DataError, FitError, ModelError
from ranker.scoring.additive import AdditiveScorer
from ranker.scoring.calibration import Calibration
from ranker.scoring.ordinal import OrdinalEBM
from ranker.scoring.ordinal_labels import OrdinalLabels, best_thresholds, median_thresholds
from ranker.scoring.uncertainty import bag_scores

LABELS = ("Not Fit", "Partial Fit", "Fit")
FAST = {"outer_bags": 2, "interactions": 1, "rounds": 1, "n_threads": 1, "max_bins": 32}
TRUE = Calibration(2.0, (-1.5, 2.0), (0.05, 0.02), (0.97, 0.95))


def people(n=900, seed=0):
    """Labels drawn from a score that is a sum of two features, by curves that are known."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {"match": rng.uniform(-1, 1, n), "years": rng.uniform(-1, 1, n), "idle": rng.normal(size=n)}
    )
    X["degree"] = pd.Series(rng.choice(["none", "MSc"], n), dtype=object)
    X.loc[::19, "years"] = np.nan
    X.loc[::23, "degree"] = None
    score = 1.5 * X["match"] + np.nan_to_num(X["years"]) + 0.5 * (X["degree"] == "MSc")
    lot = rng.random(n)[:, np.newaxis]
    return X, (lot < TRUE.above(score.to_numpy())).sum(axis=1)


def parts(n):
    return np.array(["train", "train", "tune"] * n, dtype=object)[:n]


@pytest.fixture(scope="module")
def fitted():
    X, y = people()
    return OrdinalEBM(LABELS, **FAST).fit(X, y, part=parts(len(y))), X, y


def test_one_additive_score_gives_every_label(fitted):
    model, X, _ = fitted
    score = model.scorer_.intercept + model.scorer_.contributions(X).sum(axis=1)
    low, high = model.labels_.thresholds
    np.testing.assert_allclose(score, model.decision_function(X), atol=1e-9)
    np.testing.assert_array_equal(model.predict(X), (score >= low).astype(int) + (score >= high))


def test_the_score_is_that_of_a_genuine_interpret_model(fitted):
    model, X, _ = fitted
    np.testing.assert_array_equal(model.ebm_.predict(X), model.decision_function(X))
    assert model.ebm_.explain_global().data()["names"][:4] == ["match", "years", "idle", "degree"]


def test_what_matters_is_found(fitted):
    model, X, y = fitted
    by_label = pd.Series(model.decision_function(X)).groupby(y).mean()
    assert by_label.is_monotonic_increasing
    spread = dict(zip(model.scorer_.term_names, model.scorer_.contributions(X).std(axis=0), strict=True))
    assert spread["match"] > spread["years"] > 3 * spread["idle"]


def test_the_bags_are_kept_and_their_mean_is_the_score(fitted):
    model, X, _ = fitted
    mean = np.average(bag_scores(model.scorer_, X), axis=0, weights=np.ravel(model.scorer_.bag_weights))
    np.testing.assert_allclose(mean, model.decision_function(X), atol=1e-9)


def test_a_unit_of_the_score_is_a_logit_of_the_training_curves(fitted):
    model, _, _ = fitted
    assert model.uncalibrated_.calibration.slope == pytest.approx(1.0)


def test_probabilities_on_new_people_are_close_to_the_true_ones():
    X, y = people(6000, seed=1)
    model = OrdinalEBM(LABELS, **FAST).fit(X, y, part=parts(len(y)))
    new, label = people(4000, seed=2)
    chance = model.predict_proba(new)
    np.testing.assert_allclose(chance.sum(axis=1), 1.0)
    for code in range(3):
        for sure in (chance[:, code] > 0.5, chance[:, code] <= 0.5):
            assert chance[sure, code].mean() == pytest.approx((label[sure] == code).mean(), abs=0.05)


def test_the_tune_part_undoes_what_balancing_did_to_the_probabilities():
    X, y = people(3000, seed=3)
    weight = np.where(y == 2, 8.0, 1.0)
    model = OrdinalEBM(LABELS, **FAST).fit(X, y, part=parts(len(y)), sample_weight=weight)
    scores = model.decision_function(people(3000, seed=4)[0])
    share = (people(3000, seed=4)[1] == 2).mean()
    assert model.labels_.predict_proba(scores)[:, 2].mean() == pytest.approx(share, abs=0.03)
    assert model.uncalibrated_.predict_proba(scores)[:, 2].mean() > share + 0.1


def test_the_order_of_the_rows_changes_nothing(fitted):
    model, X, y = fitted
    order = np.random.default_rng(0).permutation(len(y))
    again = clone(model).fit(X.iloc[order].reset_index(drop=True), y[order], part=parts(len(y))[order])
    assert again.scorer_.to_json() == model.scorer_.to_json()
    assert again.labels_ == model.labels_


def test_frames_and_arrow_tables_are_alike(fitted):
    model, X, y = fitted
    table = pa.Table.from_pandas(X)
    again = clone(model).fit(table, y, part=parts(len(y)))
    np.testing.assert_array_equal(again.decision_function(table), model.decision_function(X))


def test_rows_of_other_parts_are_left_alone(fitted):
    model, X, y = fitted
    more = pd.concat([X, X.head(50)], ignore_index=True)
    part = np.concatenate([parts(len(y)), np.full(50, "test", dtype=object)])
    again = clone(model).fit(more, np.concatenate([y, (y[:50] + 1) % 3]), part=part)
    assert again.scorer_.to_json() == model.scorer_.to_json()


def test_without_parts_some_people_are_kept_for_the_calibration(fitted):
    _, X, y = fitted
    model = OrdinalEBM(LABELS, **FAST).fit(X, y, candidate=np.arange(len(y)) // 2)
    assert (model.predict(X) == y).mean() > 0.6


def test_copies_of_a_person_never_straddle_a_bag(monkeypatch):
    X, y = people(300)
    copied = np.repeat(np.arange(300), 3)
    seen = []

    def look(self, plan, *args):
        seen.append(plan.bags)
        return fit_table(self, plan, *args)

    fit_table = OrdinalEBM._fit_table
    monkeypatch.setattr(OrdinalEBM, "_fit_table", look)
    part = np.where(copied % 3, "train", "tune").astype(object)
    order = np.argsort(copied % 3 == 0, kind="stable")
    rows = copied[order]
    OrdinalEBM(LABELS, **FAST).fit(
        X.iloc[rows].reset_index(drop=True), y[rows], part=part[order], candidate=rows
    )
    # Two of three people train, in three copies each: a bag that split them would hold out other shares.
    assert len(seen) == 2
    for bags in seen:
        assert (bags == -1).any()
        assert ((bags == -1).sum(axis=0) % 3 == 0).all()


def test_a_shape_that_must_not_fall_does_not():
    X, y = people(600)
    model = OrdinalEBM(LABELS, **FAST, monotone={"idle": 1}).fit(X, y, part=parts(len(y)))
    grid = pd.DataFrame({"match": 0.0, "years": 0.0, "idle": np.linspace(-3, 3, 50), "degree": "MSc"})
    assert (np.diff(model.decision_function(grid)) >= 0).all()
    assert all("idle" not in name for name in model.scorer_.term_names if " & " in name)


def test_two_labels_are_enough():
    X, y = people(600)
    model = OrdinalEBM(("stays", "leaves"), **FAST).fit(X, y > 0, part=parts(len(y)))
    assert model.predict_proba(X).shape == (600, 2)
    assert (model.predict(X) == (model.predict_proba(X)[:, 1] >= 0.5)).all()


def test_few_rows_are_fitted_all_the_same():
    X, y = people(30)
    y[:6] = [0, 1, 2, 0, 1, 2]
    model = OrdinalEBM(LABELS, **FAST).fit(X, y, part=parts(30))
    assert np.isfinite(model.predict_proba(X)).all()


@pytest.mark.parametrize("value", [1.0, np.nan])
def test_features_that_tell_nothing_leave_everybody_the_shares_of_the_labels(value):
    y = np.arange(300) % 3
    X = pd.DataFrame({"idle": np.full(300, value)})
    model = OrdinalEBM(LABELS, **FAST).fit(
        X, y, part=np.repeat(np.array(["train", "tune"], dtype=object), 150)
    )
    assert np.abs(model.labels_.thresholds).max() < 100
    np.testing.assert_allclose(model.predict_proba(X), 1 / 3, atol=0.05)


def test_scorer_and_labels_survive_their_json(fitted):
    model, X, _ = fitted
    scorer = AdditiveScorer.from_json(json.loads(json.dumps(model.scorer_.to_json(), allow_nan=False)))
    labels = OrdinalLabels.from_json(json.loads(json.dumps(model.labels_.to_json(), allow_nan=False)))
    assert labels == model.labels_
    np.testing.assert_array_equal(labels.predict_proba(scorer.score(X)), model.predict_proba(X))


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"y": [0] * 60}, FitError, "no row of the train part is labelled 'Partial Fit'"),
        ({"y": [0, 3] * 30}, FitError, "y of row 1 is 3"),
        ({"y": ["Fit"] * 60}, FitError, "give the position of the label"),
        ({"y": [0, 1, 2]}, DataError, "X has 60 rows and y has 3"),
        ({"part": ["train"] * 60}, FitError, "the tune part is empty"),
        ({"part": ["train"] * 3}, DataError, "part has 3 rows"),
        ({"candidate": ["ann"] * 60}, DataError, "'ann' stands in the train and the tune part"),
        ({"sample_weight": [-1.0] * 60}, DataError, "none negative"),
    ],
)
def test_what_cannot_be_learned_from_is_named(change, error, words):
    X, _ = people(60)
    given = {"y": [0, 1, 2] * 20, "part": ["train", "train", "train", "tune"] * 15} | change
    with pytest.raises(error, match=words):
        OrdinalEBM(LABELS, **FAST).fit(X, given.pop("y"), **given)


@pytest.mark.parametrize(
    ("labels", "settings", "words"),
    [
        (("only",), {}, "2 to 19 different ones"),
        (("a", "a"), {}, "2 to 19 different ones"),
        (tuple("abcdefghijklmnopqrstuvwxyz"), {}, "EBMRanker"),
        (LABELS, {"decision": "mediam"}, "did you mean 'median'"),
    ],
)
def test_settings_that_mean_nothing_are_named(labels, settings, words):
    X, y = people(30)
    with pytest.raises(FitError, match=words):
        OrdinalEBM(labels, **settings).fit(X, y)


@st.composite
def curves(draw):
    cuts = draw(st.integers(1, 4))
    number = st.floats(0.0, 1.0)
    lower = sorted(draw(st.lists(number, min_size=cuts, max_size=cuts)), reverse=True)
    upper = sorted(draw(st.lists(number, min_size=cuts, max_size=cuts)), reverse=True)
    centres = sorted(draw(st.lists(st.floats(-20, 20), min_size=cuts, max_size=cuts)))
    return Calibration(
        draw(st.floats(0.05, 20)), tuple(centres),
        tuple(0.49 * value for value in lower), tuple(1 - 0.49 * (1 - value) for value in upper),
    )  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(curves(), st.lists(st.floats(-100, 100), min_size=1, max_size=20))
def test_curves_rise_with_the_score_and_never_cross(calibration, scores):
    above = calibration.above(np.sort(np.array(scores)))
    assert (np.diff(above, axis=0) >= -1e-12).all()
    assert (np.diff(above, axis=1) <= 1e-12).all()
    chance = calibration.probabilities(np.array(scores))
    assert (chance > 0).all()
    np.testing.assert_allclose(chance.sum(axis=1), 1.0)


@settings(max_examples=100, deadline=None)
@given(curves(), st.lists(st.floats(-60, 60), min_size=1, max_size=20))
def test_a_label_of_more_than_a_half_is_the_label_that_is_given(calibration, scores):
    names = tuple("abcde"[: calibration.n_labels])
    labels = OrdinalLabels(names, median_thresholds(calibration), calibration)
    chance = labels.predict_proba(scores)
    sure = chance.max(axis=1) > 0.5 + 1e-6
    np.testing.assert_array_equal(labels.predict(scores)[sure], chance.argmax(axis=1)[sure])


def test_the_fit_finds_the_curves_that_labels_were_drawn_from():
    rng = np.random.default_rng(0)
    scores = rng.normal(0, 3, 60_000)
    y = (rng.random(60_000)[:, np.newaxis] < TRUE.above(scores)).sum(axis=1)
    found = Calibration.fit(scores, y, 3)
    assert found.slope == pytest.approx(TRUE.slope, rel=0.06)
    np.testing.assert_allclose(found.centres, TRUE.centres, atol=0.15)
    np.testing.assert_allclose(found.lower + found.upper, TRUE.lower + TRUE.upper, atol=0.01)


def test_the_steps_are_the_slope_of_the_log_likelihood():
    scores, y = np.linspace(-4, 4, 30), np.arange(30) % 3
    slope, curvature = TRUE.steps(scores, y)
    own = lambda at: np.log(TRUE.probabilities(at))[np.arange(30), y]  # noqa: E731
    np.testing.assert_allclose(slope, (own(scores + 1e-6) - own(scores - 1e-6)) / 2e-6, rtol=1e-4, atol=1e-7)
    expected = sum(
        TRUE.probabilities(scores)[:, k] * TRUE.steps(scores, np.full(30, k))[0] ** 2 for k in range(3)
    )
    np.testing.assert_allclose(curvature, expected)


def test_few_rows_move_a_calibration_little():
    few = Calibration.fit(np.array([0.0, 1.0]), np.array([2, 0]), 3, near=TRUE)
    scores = np.linspace(-3, 3, 20)
    assert np.abs(few.probabilities(scores) - TRUE.probabilities(scores)).max() < 0.4
    assert Calibration.fit(scores[:1], np.array([1]), 3).n_labels == 3


def test_a_score_at_a_probability_has_that_probability():
    labels = OrdinalLabels(LABELS, median_thresholds(TRUE), TRUE)
    for label, chance in (("Partial Fit", 0.3), ("Fit", 0.9)):
        at = labels.score_at(label, chance)
        assert labels.predict_proba([at])[0, LABELS.index(label) :].sum() == pytest.approx(chance)
    assert labels.score_at("Fit", 0.96) == np.inf
    assert labels.score_at("Fit", 0.01) == -np.inf
    assert labels.predict([labels.score_at("Fit"), np.nextafter(labels.score_at("Fit"), -9)]).tolist() == [
        2,
        1,
    ]


@pytest.mark.parametrize(
    ("label", "words"), [("Not Fit", "the lowest"), ("Part Fit", "did you mean 'Partial Fit'")]
)
def test_a_label_without_a_least_score_is_named(label, words):
    with pytest.raises(DataError, match=words):
        OrdinalLabels(LABELS, (0.0, 1.0), TRUE).score_at(label)


def test_the_best_thresholds_are_those_of_an_exhaustive_search():
    scores = np.random.default_rng(1).normal(0, 2, 40)
    chance = TRUE.probabilities(scores)

    def promise(cuts):
        code = np.searchsorted(cuts, scores, side="right")
        of = [(chance[code == k, k].sum(), (code == k).sum(), chance[:, k].sum()) for k in range(3)]
        return sum(2 * hits / (said + there) for hits, said, there in of) / 3

    found = promise(best_thresholds(TRUE, scores))
    every = max(promise(cuts) for cuts in itertools.combinations(np.sort(scores), 2))
    assert found == pytest.approx(every, abs=1e-9)


def test_macro_f1_gives_rare_labels_more_often():
    rare = Calibration(1.0, (0.0, 4.0), (0.01, 0.005), (0.99, 0.985))
    scores = np.random.default_rng(2).normal(0, 1.5, 2000)
    low, high = best_thresholds(rare, scores)
    assert low < high < median_thresholds(rare)[1]


def test_scores_that_are_all_alike_have_thresholds_too():
    assert best_thresholds(TRUE, np.zeros(5)) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format", "candor ordinal labels 0"),
        ("labels", ["Fit", "Fit", "Fit"]),
        ("thresholds", [1.0, 0.0]),
        ("thresholds", [1.0]),
        ("thresholds", ["high", 2]),
        ("calibration", {"slope": 1}),
        ("calibration", None),
        ("calibration", {**TRUE.to_json(), "slope": -1}),
        ("calibration", {**TRUE.to_json(), "centres": [2.0, 1.0]}),
        ("calibration", {**TRUE.to_json(), "centres": [-2.0, "inf"]}),
        ("calibration", {**TRUE.to_json(), "upper": [0.9]}),
    ],
)
def test_labels_that_were_altered_are_refused(key, value):
    document = OrdinalLabels(LABELS, (0.0, 1.0), TRUE).to_json() | {key: value}
    with pytest.raises(ModelError):
        OrdinalLabels.from_json(document)


@pytest.mark.parametrize("document", [None, [], "x", {}, {"format": "candor ordinal labels 1"}])
def test_labels_that_are_none_are_refused(document):
    with pytest.raises(ModelError, match="missing"):
        OrdinalLabels.from_json(document)
