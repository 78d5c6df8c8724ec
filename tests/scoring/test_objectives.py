"""What every objective must do: learn an order, be a genuine EBM, and answer to the data alone."""

import resource
import sys
import tracemalloc

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from ranker import EBMRanker, Ranking
from ranker.errors import EmptyPoolError
from ranker.ranking.metrics import ndcg
from ranker.scoring import ranking_booster

OBJECTIVES = ("centred", "pointwise", "pairwise", "lambdarank")
ON_PAIRS = ("pairwise", "lambdarank")
KINDS = ["continuous", "nominal", "ordinal", "continuous"]
SMALL = {"outer_bags": 2, "interactions": 1, "feature_types": KINDS}
# interpret says that ordered texts without a stated order are in that of the alphabet; these are.
pytestmark = pytest.mark.filterwarnings("ignore:During fitting you should usually specify the ordered")


def pools(seed=0, n_jobs=24, size=15):
    """Grades 0 to 4 from a number, a category and an ordered text; whose number is missing is worse."""
    rng = np.random.default_rng(seed)
    n = n_jobs * size
    number = rng.normal(size=n)
    missing = rng.random(n) < 0.15
    X = pd.DataFrame({
        "number": np.where(missing, np.nan, number),
        "kind": pd.Series(np.where(rng.random(n) < 0.1, None, rng.choice(["x", "y", "z"], n)), dtype=object),
        "step": rng.choice(["1", "2", "3"], n),
        "noise": rng.normal(size=n),
    })  # fmt: skip
    merit = np.where(missing, -1.5, number) + (X["kind"] == "x") + 0.8 * X["step"].astype(float)
    grade = np.clip(np.floor(merit + rng.normal(scale=0.5, size=n)), 0, 4)
    return X, grade.to_numpy(), np.repeat([f"job {j}" for j in range(n_jobs)], size)


@pytest.fixture(scope="module", params=OBJECTIVES)
def fitted(request):
    X, grade, job = pools()
    return EBMRanker(request.param, **SMALL).fit(X, grade, job=job)


def quality(scores, grade, job, k=5):
    return ndcg(Ranking.from_scores(scores, job=job), grade, k=k)


def test_an_objective_orders_pools_that_it_has_not_seen(fitted):
    X, grade, job = pools(seed=1)
    rng = np.random.default_rng(0)
    chance = np.mean([quality(rng.normal(size=len(job)), grade, job) for _ in range(20)])
    assert chance < 0.6
    assert quality(fitted.decision_function(X), grade, job) > 0.85


def test_scores_rise_from_grade_to_grade(fitted):
    X, grade, _ = pools(seed=1)
    means = pd.Series(fitted.decision_function(X)).groupby(grade).mean()
    assert list(means.index) == [0, 1, 2, 3, 4]
    assert means.is_monotonic_increasing


def test_the_model_predicts_what_its_scorer_scores_to_the_last_bit(fitted):
    X, _, _ = pools(seed=1)
    np.testing.assert_array_equal(fitted.ebm_.predict(X), fitted.scorer_.score(X))
    np.testing.assert_array_equal(fitted.decision_function(X), fitted.scorer_.score(X))


def test_interpret_explains_the_model(fitted):
    X, grade, _ = pools()
    scorer = fitted.scorer_
    whole = fitted.ebm_.explain_global()
    assert tuple(whole.data()["names"]) == scorer.term_names
    # interpret leaves "missing" and "unknown" out of its graphs.
    np.testing.assert_array_equal(whole.data(0)["scores"], scorer.terms[0].scores[1:-1])
    local = fitted.ebm_.explain_local(X.head(4), grade[:4])
    for row, score in enumerate(fitted.decision_function(X.head(4))):
        data = local.data(row)
        assert sum(data["scores"]) + data["extra"]["scores"][0] == pytest.approx(score, abs=1e-9)


def test_every_term_has_its_bags_their_spread_and_the_rows_of_its_bins(fitted):
    X, _, _ = pools()
    for position, term in enumerate(fitted.scorer_.terms):
        assert term.bagged.shape == (2, *term.scores.shape)
        np.testing.assert_allclose(term.bagged.mean(axis=0), term.scores, atol=1e-12)
        np.testing.assert_allclose(term.bagged.std(axis=0), term.deviations, atol=1e-12)
        assert term.weights.sum() == len(X)
        np.testing.assert_array_equal(fitted.ebm_.standard_deviations_[position], term.deviations)
        np.testing.assert_array_equal(fitted.ebm_.bin_weights_[position], term.weights)
    assert fitted.scorer_.terms[0].deviations.max() > 0


def test_terms_are_centred_over_the_training_rows(fitted):
    for term in fitted.scorer_.terms:
        assert np.average(term.scores, weights=term.weights) == pytest.approx(0.0, abs=1e-9)


def test_a_missing_number_is_a_value_of_its_own(fitted):
    X, _, _ = pools()
    rows = pd.concat([X[X["number"].notna()].head(1)] * 2, ignore_index=True)
    rows.loc[0, "number"], rows.loc[1, "number"] = np.nan, 0.0
    missing, zero = fitted.decision_function(rows)
    assert missing < zero


def test_a_category_that_was_never_seen_adds_nothing(fitted):
    X, _, _ = pools()
    names = list(fitted.scorer_.term_names)
    unseen = fitted.scorer_.contributions(X.assign(kind="never seen", step="9"))
    np.testing.assert_array_equal(unseen[:, [names.index("kind"), names.index("step")]], 0.0)
    assert np.isfinite(fitted.decision_function(X.assign(kind="never seen", step="9", number=np.inf))).all()


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_value_that_was_never_missing_adds_nothing_where_it_is(objective):
    X, grade, job = pools()
    X["noise"] = X["number"].fillna(-1.5)
    settings = SMALL | {"interactions": [("noise", "kind")]}
    ranker = EBMRanker(objective, **settings).fit(X, grade, job=job)
    names = list(ranker.scorer_.term_names)
    found = ranker.scorer_.contributions(X.assign(noise=np.nan))
    np.testing.assert_array_equal(found[:, [names.index("noise"), names.index("noise & kind")]], 0.0)


def test_nominal_categories_are_told_apart_and_ordered_ones_keep_their_order(fitted):
    kinds = {axis.name: axis.kind for axis in fitted.scorer_.axes}
    assert kinds == dict(zip(pools()[0].columns, KINDS, strict=True))
    row = pools()[0].head(1)
    x, y, z = (fitted.decision_function(row.assign(kind=kind))[0] for kind in "xyz")
    assert x > max(y, z)
    steps = [fitted.decision_function(row.assign(step=step))[0] for step in "123"]
    assert steps == sorted(steps)
    assert steps[0] < steps[2]


def test_rows_of_weight_zero_do_not_matter(fitted):
    X, grade, job = pools()
    some = np.random.default_rng(2).random(len(job)) < 0.2
    without = clone(fitted).fit(X[~some], grade[~some], job=job[~some])
    nonsense = np.where(some, 99.0, grade)
    weighed = clone(fitted).fit(X, nonsense, job=job, sample_weight=np.where(some, 0.0, 1.0))
    assert weighed.scorer_.to_json() == without.scorer_.to_json()


def test_weights_pull_the_order_their_way(fitted):
    X, grade, job = pools()
    jobs = pd.factorize(job)[0]
    contrary = np.where(jobs % 2, grade, 4 - grade)  # half of the jobs want the opposite
    for parity in (0, 1):
        heavy = np.where(jobs % 2 == parity, 50.0, 0.02)
        scores = clone(fitted).fit(X, contrary, job=job, sample_weight=heavy).decision_function(X)
        assert (np.corrcoef(scores, grade)[0, 1] > 0) == (parity == 1)


def test_doubling_all_weights_changes_nothing_but_rounding(fitted):
    X, grade, job = pools()
    weight = np.random.default_rng(3).uniform(0.5, 2.0, len(job))
    one, two = (clone(fitted).fit(X, grade, job=job, sample_weight=w) for w in (weight, 2 * weight))
    np.testing.assert_allclose(one.decision_function(X), two.decision_function(X), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(2 * one.scorer_.terms[0].weights, two.scorer_.terms[0].weights)


@pytest.mark.parametrize("objective", ON_PAIRS)
def test_only_differences_of_labels_within_a_job_count(objective):
    X, grade, job = pools()
    level = 8.0 * pd.factorize(job)[0]
    plain = EBMRanker(objective, **SMALL).fit(X, grade, job=job)
    raised = EBMRanker(objective, **SMALL).fit(X, grade + level, job=job)
    assert raised.scorer_.to_json() == plain.scorer_.to_json()


def test_the_seed_decides_the_model(fitted):
    X, grade, job = pools()
    assert clone(fitted).fit(X, grade, job=job).scorer_.to_json() == fitted.scorer_.to_json()
    other = clone(fitted).set_params(random_state=1).fit(X, grade, job=job)
    assert other.scorer_.to_json() != fitted.scorer_.to_json()


@pytest.mark.parametrize("objective", ON_PAIRS)
def test_threads_change_nothing(objective):
    X, grade, job = pools()
    one, two = (EBMRanker(objective, **SMALL, n_threads=n).fit(X, grade, job=job) for n in (1, 2))
    assert one.scorer_.to_json() == two.scorer_.to_json()


@pytest.mark.parametrize("objective", ON_PAIRS)
def test_the_pair_of_features_that_act_together_gets_a_term(objective):
    rng = np.random.default_rng(4)
    X = pd.DataFrame(rng.normal(size=(450, 4)), columns=list("abcd"))
    together = np.sign(X["b"] * X["d"]).to_numpy()
    relevance = together + 0.5 * X["a"].to_numpy() + rng.normal(scale=0.3, size=450)
    ranker = EBMRanker(objective, outer_bags=2, interactions=1)
    ranker.fit(X, relevance, job=np.repeat(np.arange(30), 15))
    assert ranker.scorer_.term_names[4:] == ("b & d",)
    pair = ranker.scorer_.contributions(X)[:, 4]
    assert np.corrcoef(pair, together)[0, 1] > 0.8


@pytest.mark.parametrize("objective", ON_PAIRS)
def test_a_job_of_20_000_candidates_takes_memory_for_rows_and_not_for_pairs(objective, monkeypatch):
    monkeypatch.setattr(ranking_booster, "MAX_ROUNDS", 3)
    rng = np.random.default_rng(5)
    X = pd.DataFrame(rng.normal(size=(20_000, 2)), columns=["a", "b"])
    relevance = np.floor(2 * X["a"].to_numpy())
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tracemalloc.start()
    try:
        ranker = EBMRanker(objective, outer_bags=2, interactions=0)
        ranker.fit(X, relevance, job=np.zeros(len(X), dtype=int))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 400e6
    # What compiled code takes is seen from outside only: kilobytes, on a Mac bytes.
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - resident
    assert grown * (1 if sys.platform == "darwin" else 1024) < 400e6
    assert np.corrcoef(ranker.decision_function(X), X["a"])[0, 1] > 0.5


def tune_quality(ranker, X, grade, job):
    scores = ranker.decision_function(X)
    return (quality(scores, grade, job, k=10) + quality(scores, grade, job, k=50)) / 2


def hidden_levels(n_jobs=30, size=10):
    """Jobs whose levels hide that a low number is good: relevance itself says the reverse."""
    rng = np.random.default_rng(6)
    job = np.repeat(np.arange(n_jobs), size)
    level, own = 3.0 * rng.normal(size=n_jobs)[job], rng.normal(size=len(job))
    X = pd.DataFrame({"number": level + own, "noise": rng.normal(size=len(job))})
    part = np.where(job < n_jobs / 2, "train", np.where(job < n_jobs * 5 / 6, "tune", "test"))
    return X, 5 * level - own, job, part


def test_auto_ships_what_ranks_the_tune_part_clearly_best():
    X, relevance, job, part = hidden_levels()
    auto = EBMRanker("auto", outer_bags=2, interactions=0).fit(X, relevance, job=job, part=part)
    train, tune = part == "train", part == "tune"
    for objective in OBJECTIVES:
        alone = EBMRanker(objective, outer_bags=2, interactions=0)
        alone.fit(X[train], relevance[train], job=job[train])
        lowest = pd.Series(relevance[tune]).groupby(job[tune]).transform("min").to_numpy()
        expected = tune_quality(alone, X[tune], relevance[tune] - lowest, job[tune])
        # Rows without candidate labels draw other lots for ties once they stand in another order.
        assert auto.quality_[objective] == pytest.approx(expected, abs=1e-5)
    assert auto.quality_["pointwise"] < auto.quality_["centred"]
    assert auto.objective_ == max(auto.quality_, key=auto.quality_.get) == "pairwise"
    alone = EBMRanker("pairwise", outer_bags=2, interactions=0)
    assert auto.scorer_.to_json() == alone.fit(X[train], relevance[train], job=job[train]).scorer_.to_json()


def test_the_tune_part_decides_and_the_test_part_does_not():
    X, grade, job = pools(n_jobs=30)
    part = np.repeat(["train", "tune", "test"], [20 * 15, 5 * 15, 5 * 15])
    auto = EBMRanker("auto", **SMALL).fit(X, grade, job=job, part=part)
    changed = np.where(part == "test", grade[::-1] - 7, grade)
    again = clone(auto).fit(X, changed, job=job, part=part)
    assert again.quality_ == auto.quality_
    assert again.scorer_.to_json() == auto.scorer_.to_json()
    changed = np.where(part == "tune", 4 - grade, grade)
    assert clone(auto).fit(X, changed, job=job, part=part).quality_ != auto.quality_


def test_without_parts_auto_fits_its_choice_to_all_rows():
    X, grade, job = pools()
    auto = EBMRanker("auto", **SMALL).fit(X, grade, job=job)
    assert set(OBJECTIVES) <= set(auto.quality_)
    alone = EBMRanker(auto.objective_, **SMALL).fit(X, grade, job=job)
    assert auto.scorer_.to_json() == alone.scorer_.to_json()
    assert auto.scorer_.terms[0].weights.sum() == len(X)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_named_objective_fits_the_train_part_alone(objective):
    X, grade, job = pools()
    part = np.where(np.arange(len(job)) < 20 * 15, "train", "tune")
    parted = EBMRanker(objective, **SMALL).fit(X, grade, job=job, part=part)
    alone = EBMRanker(objective, **SMALL).fit(X[: 20 * 15], grade[: 20 * 15], job=job[: 20 * 15])
    assert parted.scorer_.to_json() == alone.scorer_.to_json()


@pytest.mark.parametrize("given", [{"part": ["tune"] * 360}, {"sample_weight": [0.0] * 360}])
def test_nothing_to_train_on_is_refused(given):
    X, grade, job = pools()
    with pytest.raises(EmptyPoolError, match="no row"):
        EBMRanker("centred", **SMALL).fit(X, grade, job=job, **given)
