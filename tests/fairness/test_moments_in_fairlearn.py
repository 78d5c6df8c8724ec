"""Every moment inside fairlearn's reductions, with an estimator that knows nothing of jobs."""

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import demographic_parity_difference
from fairlearn.reductions import ExponentiatedGradient, GridSearch
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from fairness.moments import StackedMoments, moment_by_name

BOUND = 0.02
# fairlearn 0.15 fills a float Series of its own with booleans.
fills_floats = pytest.mark.filterwarnings("ignore:Setting an item of incompatible dtype")
OURS = {
    "exposure": {},
    "mean_rank": {},
    "selection_rate": {"top_k": 20},
    "mean_score": {},
    "top_k_share": {"top_k": (10, 30)},
    "pairwise_equal_opportunity": {},
    "merit_exposure": {},
}


def people(n=300, n_jobs=4, seed=3):
    """Labels favour group a, and a feature betrays it."""
    rng = np.random.default_rng(seed)
    group = rng.choice(["a", "b"], size=n).astype(object)
    skill, is_a = rng.normal(size=n), (group == "a").astype(float)
    X = np.column_stack([skill + 0.3 * rng.normal(size=n), is_a + 0.5 * rng.normal(size=n)])
    y = (skill + 2.0 * (is_a - 0.5) + 0.5 * rng.normal(size=n) > 0).astype(float)
    group[rng.random(n) < 0.05] = None
    return X, y, {"sensitive_features": group, "job": rng.integers(n_jobs, size=n).astype(str)}


def case(name):
    X, y, who = people()
    # With merit 0 or 1 no list can show b as little as it merits; 1 or 2 can be matched.
    y = y + 1.0 if name == "merit_exposure" else y
    moment = moment_by_name(name, difference_bound=BOUND, **OURS[name])
    check = moment_by_name(name, difference_bound=BOUND, **OURS[name])
    check.load_data(X, y, **who)
    return X, y, who, moment, check


def linear():
    return LogisticRegression(solver="liblinear", intercept_scaling=10.0)


def largest(gamma):
    return float(gamma.abs().max())


@pytest.mark.parametrize("name", OURS)
def test_the_exponentiated_gradient_moves_the_gap_to_the_bound(name):
    X, y, who, moment, check = case(name)
    before = largest(check.gamma(linear().fit(X, y).predict))
    reduction = ExponentiatedGradient(linear(), moment, eps=0.02, max_iter=6, nu=1e-3)
    reduction.fit(X, y, **who)
    gammas = [
        weight * check.gamma(reduction.predictors_[i].predict) for i, weight in reduction.weights_.items()
    ]
    assert largest(sum(gammas)) < before / 2
    if name != "merit_exposure":  # in reach
        assert largest(sum(gammas)) <= BOUND + 1e-6
    assert set(np.unique(reduction.predict(X, random_state=0))) <= {0, 1}


@pytest.mark.parametrize("name", OURS)
def test_the_grid_holds_a_model_with_a_smaller_gap(name):
    X, y, who, moment, check = case(name)
    search = GridSearch(linear(), moment, grid_size=13, grid_limit=12.0).fit(X, y, **who)
    gaps = search.gammas_.abs().max()
    unconstrained = gaps[search.lambda_vecs_.abs().sum() == 0].iloc[0]
    assert gaps.min() < 0.75 * unconstrained
    assert search.gammas_.index.equals(check.index)


def test_another_estimator_serves_as_well():
    X, y, who, moment, check = case("mean_rank")
    tree = DecisionTreeClassifier(max_depth=3, random_state=0)
    reduction = ExponentiatedGradient(tree, moment, eps=0.02, max_iter=6, nu=1e-3).fit(X, y, **who)
    gammas = [
        weight * check.gamma(reduction.predictors_[i].predict) for i, weight in reduction.weights_.items()
    ]
    assert largest(sum(gammas)) < largest(check.gamma(tree.fit(X, y).predict)) / 2


@fills_floats
@pytest.mark.parametrize("name", ["DemographicParity", "true_positive_rate_parity", "EqualizedOdds"])
def test_fairlearns_own_run_by_name(name):
    X, y, who = people()
    group = np.array([g or "undisclosed" for g in who["sensitive_features"]])
    moment = moment_by_name(name, difference_bound=BOUND)
    reduction = ExponentiatedGradient(linear(), moment, max_iter=6, nu=1e-3)
    fair = reduction.fit(X, y, sensitive_features=group).predict(X, random_state=0)
    plain = linear().fit(X, y).predict(X)
    ab = group != "undisclosed"
    before, after = (
        demographic_parity_difference(y[ab], h[ab], sensitive_features=group[ab]) for h in (plain, fair)
    )
    assert after < before


def two_attributes():
    X, y, who = people()
    origin = np.where(X[:, 1] + np.random.default_rng(5).normal(size=len(y)) > 0.5, "north", "south")
    features = pd.DataFrame({"gender": who["sensitive_features"], "origin": origin})
    return X, y, {"sensitive_features": features, "job": who["job"]}


def stack():
    return StackedMoments(
        [
            moment_by_name("mean_score", difference_bound=BOUND),
            moment_by_name("exposure", difference_bound=0.03),
        ]
    )


def test_a_stack_keeps_the_bounds_of_both_attributes():
    X, y, who = two_attributes()
    check = stack()
    check.load_data(X, y, **who)
    before = check.gamma(linear().fit(X, y).predict)
    reduction = ExponentiatedGradient(linear(), stack(), eps=0.02, max_iter=6, nu=1e-3)
    reduction.fit(X, y, **who)
    after = sum(w * check.gamma(reduction.predictors_[i].predict) for i, w in reduction.weights_.items())
    for attribute in ("gender", "origin"):
        assert largest(after[attribute]) < largest(before[attribute]) / 2

    search = GridSearch(linear(), stack(), grid_size=13, grid_limit=6.0).fit(X, y, **who)
    gaps = search.gammas_.abs().max()
    assert gaps.min() < 0.75 * gaps[search.lambda_vecs_.abs().sum() == 0].iloc[0]


@fills_floats
def test_a_stack_takes_fairlearns_own_moments_along():
    X, y, who = two_attributes()
    who["sensitive_features"] = who["sensitive_features"][["origin", "gender"]]
    moments = StackedMoments(
        [moment_by_name("DemographicParity", difference_bound=BOUND), moment_by_name("exposure")]
    )
    reduction = ExponentiatedGradient(linear(), moments, eps=0.02, max_iter=6, nu=1e-3)
    reduction.fit(X, y, **who)
    assert reduction.constraints_.index.nlevels == 4
    gamma = reduction.constraints_.gamma
    before = gamma(linear().fit(X, y).predict)
    after = sum(w * gamma(reduction.predictors_[i].predict) for i, w in reduction.weights_.items())
    for attribute in ("origin", "gender"):
        assert largest(after[attribute]) < largest(before[attribute]) / 2
