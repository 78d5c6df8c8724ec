"""Laws of a trained model: what may change nothing changes nothing, and sums are exact."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from fairness import FairnessConstraint, FairRanker
from ranker import EBMRanker
from ranker.scoring.mixture import combine

OBJECTIVES = ("centred", "pointwise", "pairwise", "lambdarank")
SMALL = {"outer_bags": 2, "interactions": 1}
EBM = EBMRanker("centred", **SMALL)
# On both sides of where bags, and parts, hold out candidates of every job instead of whole jobs.
SIZES = {"few jobs": (8, 20), "many jobs": (24, 8)}


def applications(n_jobs, size, seed=0):
    """People with two applications each, some rows alike in every feature, and a proxy of the group."""
    rng = np.random.default_rng(seed)
    n = n_jobs * size
    group = rng.choice(["f", "m"], size=n)
    skill = np.round(rng.normal(size=n), 1)
    X = pd.DataFrame({
        "skill": np.where(rng.random(n) < 0.1, np.nan, skill),
        "proxy": np.round((group == "f") + rng.normal(scale=0.7, size=n), 1),
        "kind": pd.Series(np.where(rng.random(n) < 0.1, None, rng.choice(["x", "y"], n)), dtype=object),
    })  # fmt: skip
    X.iloc[1::size] = X.iloc[::size].to_numpy()
    grade = np.clip(np.floor(skill - 0.8 * (group == "f") + (X["kind"] == "x") + 2.0), 0, 4).to_numpy()
    job = np.repeat([f"job {j}" for j in range(n_jobs)], size)
    person = np.tile([f"person {k}" for k in range(n // 2)], 2)
    return X, grade, job, group, person


def permutations(n, size):
    """All rows mixed up; and whole jobs in another order."""
    rng = np.random.default_rng(7)
    return rng.permutation(n), rng.permutation(np.arange(n).reshape(-1, size)).ravel()


@pytest.mark.parametrize("labelled", [False, True], ids=["no labels", "people"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_order_of_training_rows_changes_nothing(objective, size, labelled):
    X, grade, job, _, person = applications(*SIZES[size])
    weight = np.random.default_rng(1).choice([0.5, 1.0, 2.0], len(job))
    ranker = EBMRanker(objective, **SMALL)
    fitted = []
    for order in (np.arange(len(job)), *permutations(len(job), SIZES[size][1])):
        given = {"candidate": person[order]} if labelled else {}
        model = clone(ranker).fit(
            X.iloc[order], grade[order], job=job[order], sample_weight=weight[order], **given
        )
        fitted.append(model.scorer_.to_json())
    assert fitted[1] == fitted[0]
    assert fitted[2] == fitted[0]


@pytest.mark.parametrize(("size", "labelled"), [("few jobs", False), ("many jobs", True)])
def test_the_order_of_training_rows_changes_no_choice_of_auto(size, labelled):
    X, grade, job, _, person = applications(*SIZES[size])
    one, other = (
        EBMRanker("auto", **SMALL).fit(
            X.iloc[order], grade[order], job=job[order], candidate=person[order] if labelled else None
        )
        for order in (np.arange(len(job)), permutations(len(job), SIZES[size][1])[0])
    )
    assert other.quality_ == one.quality_
    assert other.scorer_.to_json() == one.scorer_.to_json()


def fair_ranker():
    return FairRanker(
        EBM, FairnessConstraint("exposure", attribute="gender", bound=0.03), strategy="response", max_iter=5
    )


@pytest.mark.parametrize("labelled", [False, True], ids=["no labels", "people"])
@pytest.mark.parametrize("size", SIZES)
def test_the_order_of_training_rows_changes_nothing_under_a_constraint(size, labelled):
    X, grade, job, group, person = applications(*SIZES[size])
    given = {"candidate": person} if labelled else {}
    one = fair_ranker().fit(X, grade, job=job, sensitive_features=group, **given)
    mixed = permutations(len(job), SIZES[size][1])[0]
    given = {"candidate": person[mixed]} if labelled else {}
    other = fair_ranker().fit(
        X.iloc[mixed], grade[mixed], job=job[mixed], sensitive_features=group[mixed], **given
    )
    assert (other.part_ == one.part_[mixed]).all()
    assert other.scorer_.to_json() == one.scorer_.to_json()
    assert other.certificate_ == one.certificate_
    pd.testing.assert_frame_equal(other.frontier_, one.frontier_)


@pytest.fixture(scope="module")
def data():
    return applications(24, 12, seed=3)


@pytest.fixture(scope="module")
def fair(data):
    X, grade, job, group, _ = data
    return fair_ranker().fit(X, grade, job=job, sensitive_features=group)


@pytest.mark.parametrize("multiplier", [0.0, 0.4, 1.0, 3.0])
def test_a_collapsed_model_scores_the_weighted_sum_of_its_members(fair, data, multiplier):
    X = data[0]
    tables = [fair.unconstrained_, *fair.group_scorers_.values()]
    weights = [1.0, *(multiplier * factor for factor in fair.group_multipliers_.values())]
    expected = sum(weight * table.score(X) for weight, table in zip(weights, tables, strict=True))
    found = combine(weights, tables)
    np.testing.assert_allclose(found.score(X), expected, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(found.to_ebm().predict(X), found.score(X))


def test_the_model_that_ships_is_the_sum_that_it_says_it_is(fair, data):
    X = data[0]
    assert fair.multiplier_ > 0
    expected = fair.unconstrained_.score(X)
    for name, table in fair.group_scorers_.items():
        expected = expected + fair.group_multipliers_[name] * table.score(X)
    np.testing.assert_allclose(fair.decision_function(X), expected, rtol=0, atol=1e-12)
    assert fair.scorer_at(fair.multiplier_).to_json() == fair.scorer_.to_json()


def test_a_score_is_its_intercept_and_terms_and_nothing_else(fair, data):
    X = data[0]
    summed = fair.scorer_.intercept + fair.scorer_.contributions(X).sum(axis=1)
    np.testing.assert_allclose(summed, fair.decision_function(X), rtol=0, atol=1e-9)


def test_multiplier_zero_is_the_unconstrained_model_bit_for_bit(fair, data):
    X, grade, job, _, _ = data
    train = fair.part_ == "train"
    alone = clone(EBM).fit(X[train], grade[train], job=job[train])
    assert fair.scorer_at(0).to_json() == fair.unconstrained_.to_json() == alone.scorer_.to_json()
    assert fair.scorer_.to_json() != alone.scorer_.to_json()


def test_swapping_protected_values_at_ranking_time_changes_nothing(fair, data):
    X, _, job, group, _ = data
    known = X.assign(gender=group)
    swapped = X.assign(gender=np.where(group == "f", "m", "f"))
    one, other = (fair.rank(frame, job=job) for frame in (known, swapped))
    np.testing.assert_array_equal(one.scores, other.scores)
    np.testing.assert_array_equal(one.candidates, other.candidates)
    np.testing.assert_array_equal(fair.decision_function(known), fair.decision_function(X))


def test_a_duplicated_candidate_ties_with_its_twin(fair, data):
    X, _, _, _, _ = data
    pool = pd.concat([X.head(12), X.iloc[[3]]], ignore_index=True)
    for model in (fair, clone(EBM).fit(*data[:2], job=data[2])):
        scores = model.decision_function(pool)
        assert scores[3] == scores[12]
        ranking = model.rank(pool, job=["j"] * 13, candidate=[f"c{i}" for i in range(13)])
        assert {"c3", "c12"} <= set(ranking.candidates[ranking.tied])
        assert not ranking.tied.all()


def test_a_rank_depends_on_the_pool_and_a_score_on_the_candidate_alone(fair, data):
    X = data[0]
    whole = fair.decision_function(X)
    np.testing.assert_array_equal(fair.decision_function(X.iloc[::5]), whole[::5])
    np.testing.assert_array_equal(fair.decision_function(X.iloc[::-1]), whole[::-1])
