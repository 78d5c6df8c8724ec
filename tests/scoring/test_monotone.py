"""Shapes that may not fall, or not rise, and never do: whatever is learned, corrected or summed."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fairness import FairnessConstraint, FairRanker
from ranker import EBMRanker
from ranker.errors import FitError
from ranker.scoring.mixture import combine
from ranker.scoring.monotone import keep_monotone

OBJECTIVES = ("centred", "pointwise", "pairwise", "lambdarank", "blend")
SMALL = {"outer_bags": 2, "interactions": 2}
MONOTONE = {"years": "increasing", "errors": -1}
GRID = np.linspace(-4, 4, 401)


def pools(seed=0, n_jobs=24, size=15):
    """Waves of two numbers, one of which should rise and one fall, and two free numbers that act together."""
    rng = np.random.default_rng(seed)
    n = n_jobs * size
    X = pd.DataFrame(rng.normal(size=(n, 4)), columns=["years", "free", "errors", "other"])
    X.loc[::19, "years"] = np.nan
    waves = (np.sin(2.5 * X["years"]) + 0.5 * X["years"]).fillna(4.0) - np.cos(2 * X["errors"])
    merit = (
        waves
        - 0.5 * X["errors"]
        + np.sign(X["free"] * X["other"])
        + 0.5 * np.sign(X["years"].fillna(2.0) * X["free"])
    )
    relevance = merit + rng.normal(scale=0.3, size=n)
    return X, relevance.to_numpy(), np.repeat(np.arange(n_jobs), size)


def assert_shapes_keep(scorer, monotone=(("years", 1), ("errors", -1))):
    """In the tables, bag by bag, and along a grid that crosses every bin."""
    rows = pd.DataFrame(0.0, index=range(len(GRID)), columns=list(scorer.feature_names))
    for name, direction in monotone:
        feature = scorer.feature_names.index(name)
        assert [term.features for term in scorer.terms if feature in term.features] == [(feature,)]
        term = scorer.terms[scorer.term_names.index(name)]
        for table in [term.scores, *([] if term.bagged is None else term.bagged)]:
            assert (direction * np.diff(table[1:-1]) >= 0).all()
        assert (direction * np.diff(scorer.score(rows.assign(**{name: GRID}))) >= 0).all()


@pytest.fixture(scope="module", params=OBJECTIVES)
def fitted(request):
    X, relevance, job = pools()
    return EBMRanker(request.param, monotone=MONOTONE, **SMALL).fit(X, relevance, job=job)


def test_monotone_features_never_turn_back(fitted):
    assert_shapes_keep(fitted.scorer_)


def test_monotone_features_still_say_something(fitted):
    years, errors = (fitted.scorer_.terms[fitted.scorer_.term_names.index(name)] for name in MONOTONE)
    assert years.scores[-2] > years.scores[1]
    assert errors.scores[-2] < errors.scores[1]


@pytest.mark.parametrize("objective", ["pairwise", "lambdarank"])
def test_without_the_demand_they_would_turn_back(objective):
    X, relevance, job = pools()
    free = EBMRanker(objective, **SMALL).fit(X, relevance, job=job).scorer_
    assert any("years" in name and "&" in name for name in free.term_names)
    assert (np.diff(free.terms[0].scores[1:-1]) < 0).any()


def test_pairs_join_free_features_only(fitted):
    assert [name for name in fitted.scorer_.term_names if "&" in name] == ["free & other"]


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_pair_with_a_monotone_feature_is_refused_where_it_is_asked_for(objective):
    X, relevance, job = pools()
    ranker = EBMRanker(objective, outer_bags=2, interactions=[("years", "free")], monotone=MONOTONE)
    with pytest.raises(FitError, match="leave such pairs out"):
        ranker.fit(X, relevance, job=job)


def test_the_missing_bin_is_free(fitted):
    # Who says nothing of years is the best in these labels, and no number comes before "missing".
    years = fitted.scorer_.terms[fitted.scorer_.term_names.index("years")].scores
    assert years[0] > years[1:-1].max()


@pytest.mark.parametrize("objective", ["centred", "pairwise"])
@pytest.mark.parametrize(
    ("monotone", "said"),
    [
        ({"yaers": 1}, "no feature.*years"),
        ({"years": "up"}, "say 'increasing'"),
        ({"years": 2}, "say 'increasing'"),
        ({"years": True}, "say 'increasing'"),
        ({"kind": "increasing"}, "categories without an order"),
    ],
)
def test_a_demand_that_means_nothing_is_refused(objective, monotone, said):
    X, relevance, job = pools(n_jobs=4)
    X["kind"] = np.where(X["free"] > 0, "x", "y")
    with pytest.raises(FitError, match=said):
        EBMRanker(objective, monotone=monotone, **SMALL).fit(X, relevance, job=job)


def test_a_feature_of_two_monotone_words_is_what_the_numbers_say():
    X, relevance, job = pools()
    words, numbers = (
        EBMRanker("pairwise", monotone=monotone, **SMALL).fit(X, relevance, job=job)
        for monotone in ({"years": "increasing", "errors": "decreasing"}, {"years": 1, "errors": -1})
    )
    assert words.scorer_.to_json() == numbers.scorer_.to_json()


def test_shapes_that_keep_their_direction_stay_as_they_are_to_the_last_bit(fitted):
    again = keep_monotone(fitted.scorer_, [1, 0, -1, 0])
    assert again.to_json() == fitted.scorer_.to_json()
    assert all(one is other for one, other in zip(again.terms, fitted.scorer_.terms, strict=True))


def test_a_shape_that_turns_back_gets_the_nearest_one_that_does_not(fitted):
    scorer = fitted.scorer_
    flat = keep_monotone(scorer, [-1, 0, 0, 0])
    position = scorer.term_names.index("years")
    before, after = scorer.terms[position], flat.terms[position]
    assert (np.diff(after.scores[1:-1]) <= 0).all()
    # Of a rising shape the nearest that falls is its weighted mean.
    mean = np.average(before.scores[1:-1], weights=before.weights[1:-1])
    np.testing.assert_allclose(after.scores[1:-1], mean, atol=1e-9)
    assert after.scores[0] == before.scores[0]
    assert after.scores[-1] == before.scores[-1]
    np.testing.assert_allclose(after.bagged.mean(axis=0), after.scores, atol=1e-12)
    for k, term in enumerate(flat.terms):
        assert k == position or term is scorer.terms[k]


def test_a_shape_without_bags_or_rows_is_straightened_too(fitted):
    scorer = fitted.scorer_
    bare = replace(
        scorer, bagged_intercept=None, bag_weights=None,
        terms=tuple(replace(t, bagged=None, deviations=None, weights=None) for t in scorer.terms),
    )  # fmt: skip
    assert_shapes_keep(keep_monotone(combine([-1.0], [bare]), [1, 0, -1, 0]))


def applications():
    """As pools; who is of the one group has fewer years and more errors."""
    X, relevance, job = pools(n_jobs=30, size=10)
    rng = np.random.default_rng(9)
    group = rng.choice(["f", "m"], size=len(job))
    X["years"] = X["years"] - 0.8 * (group == "f")
    X["errors"] = X["errors"] + 0.8 * (group == "f")
    merit = X["years"].fillna(0.0) - X["errors"] + 0.3 * relevance
    return X, merit.to_numpy(), job, group


def fair_ranker(**settings):
    constraint = FairnessConstraint("exposure", attribute="group", bound=0.03)
    ranker = EBMRanker("centred", outer_bags=2, interactions=1, monotone=MONOTONE)
    return FairRanker(ranker, constraint, **{"max_iter": 3, **settings})


@pytest.fixture(scope="module")
def fair():
    X, relevance, job, group = applications()
    return fair_ranker(strategy="response").fit(X, relevance, job=job, sensitive_features=group)


@pytest.mark.parametrize("multiplier", [0.0, 0.3, 1.0, 4.0, 30.0])
def test_corrected_shapes_never_turn_back_at_any_multiplier(fair, multiplier):
    assert_shapes_keep(fair.scorer_at(multiplier))


def test_the_model_that_ships_keeps_its_shapes_and_its_correction(fair):
    assert fair.multiplier_ > 0
    assert_shapes_keep(fair.scorer_)
    assert fair.scorer_.terms[0].bagged is not None
    first, chosen = fair.frontier_.iloc[0], fair.frontier_[fair.frontier_["chosen"]].iloc[0]
    assert chosen["gap"] < 0.7 * first["gap"]
    # The sum of the tables alone would turn back: it is the last step that holds the shapes.
    tables = [fair.unconstrained_, *fair.group_scorers_.values()]
    summed = combine([1.0, *(30.0 * m for m in fair.group_multipliers_.values())], tables)
    assert (np.diff(summed.terms[0].scores[1:-1]) < 0).any()


def test_the_name_of_a_group_does_not_decide_what_may_be_corrected(fair):
    X, relevance, job, group = applications()
    renamed = np.where(group == "f", "woman", "man")
    other = fair_ranker(strategy="response").fit(X, relevance, job=job, sensitive_features=renamed)
    np.testing.assert_allclose(other.decision_function(X), fair.decision_function(X), atol=1e-9)


def test_refitted_models_keep_their_shapes():
    X, relevance, job, group = applications()
    fair = fair_ranker(strategy="refit", max_iter=1).fit(X, relevance, job=job, sensitive_features=group)
    for multiplier in (0.0, 0.5, 1.0, 5.0):
        assert_shapes_keep(fair.scorer_at(multiplier))
    assert_shapes_keep(fair.scorer_)
