import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.base import clone

from ranker import EBMRanker
from ranker.errors import DataError, EmptyPoolError, FitError, UnknownFieldError
from ranker.ranking.metrics import ndcg
from ranker.scoring.training import centre, draw_bags

FAST = {"outer_bags": 2, "interactions": 1}


def pools(seed=0, n_jobs=25, size=20):
    rng = np.random.default_rng(seed)
    n = n_jobs * size
    X = pd.DataFrame({"a": rng.normal(size=n), "b": rng.choice(["x", "y", "z"], size=n)})
    X.loc[::17, "a"] = np.nan
    X.loc[::23, "b"] = None
    job = np.repeat(np.arange(n_jobs), size)
    level = rng.normal(scale=5, size=n_jobs)[job]
    relevance = level + np.nan_to_num(X["a"].to_numpy()) + (X["b"] == "x") + rng.normal(scale=0.3, size=n)
    return X, relevance, job


@pytest.fixture(scope="module")
def fitted():
    X, relevance, job = pools()
    return EBMRanker(**FAST).fit(X, relevance, job=job), X, relevance, job


def test_the_scores_are_those_of_the_interpret_model(fitted):
    ranker, X, _, _ = fitted
    np.testing.assert_array_equal(ranker.decision_function(X), ranker.ebm_.predict(X))


def test_interprets_own_explanations_work_on_the_model(fitted):
    ranker, X, relevance, _ = fitted
    assert ranker.ebm_.explain_global().data()["names"][:2] == ["a", "b"]
    local = ranker.ebm_.explain_local(X.head(2), relevance[:2]).data(0)
    assert sum(local["scores"]) + local["extra"]["scores"][0] == pytest.approx(
        ranker.decision_function(X.head(2))[0]
    )


def test_no_term_is_spent_on_telling_jobs_apart(fitted):
    ranker, X, relevance, job = fitted
    ranking = ranker.rank(X, job=job)
    shifted = relevance - relevance.min()
    assert ndcg(ranking, shifted, k=5) > 0.9
    assert abs(ranker.decision_function(X).mean()) < 0.2


def test_frames_arrays_and_arrow_tables_score_alike(fitted):
    ranker, X, _, _ = fitted
    expected = ranker.decision_function(X)
    np.testing.assert_array_equal(ranker.decision_function(pa.Table.from_pandas(X)), expected)
    np.testing.assert_array_equal(ranker.decision_function(X[["b", "a"]]), expected)
    np.testing.assert_array_equal(ranker.decision_function(X.to_numpy(dtype=object)), expected)


def test_the_same_seed_gives_the_same_model(fitted):
    ranker, X, relevance, job = fitted
    again = clone(ranker).fit(X, relevance, job=job)
    assert again.scorer_.to_json() == ranker.scorer_.to_json()


def test_processes_change_nothing(fitted):
    ranker, X, relevance, job = fitted
    again = EBMRanker(**FAST, n_threads=2).fit(X, relevance, job=job)
    assert again.scorer_.to_json() == ranker.scorer_.to_json()


def test_a_duplicated_candidate_ties_with_its_twin(fitted):
    ranker, X, _, _ = fitted
    twins = pd.concat([X.head(5), X.head(1)], ignore_index=True)
    ranking = ranker.rank(twins, job=["j"] * 6, candidate=list("abcdef"))
    assert ranking.tied.sum() == 2


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"relevance": [1.0, np.nan, 2.0, 3.0]}, FitError, "relevance of row 1 is nan"),
        ({"relevance": [1.0, np.inf, 2.0, 3.0]}, FitError, "relevance of row 1 is inf"),
        ({"relevance": ["a", "b", "c", "d"]}, FitError, "no number"),
        ({"relevance": [1.0, 2.0]}, DataError, "one label a row"),
        ({"relevance": [1.0, 1.0, 5.0, 5.0]}, FitError, "labels of every job are all equal"),
        ({"job": [1, 1]}, DataError, "one job label a row"),
        ({"objective": "lambada"}, FitError, "'lambada' is not known"),
        ({"sample_weight": [1, 1, 1, -1]}, DataError, "none negative"),
        ({"feature_types": ["continuous"] * 3}, DataError, "3 feature kinds for 1 columns"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(change, error, said):
    given = {"relevance": [1.0, 2.0, 3.0, 4.0], "job": [1, 1, 2, 2], "sample_weight": None, **change}
    ranker = EBMRanker(given.pop("objective", "auto"), **FAST, feature_types=given.pop("feature_types", None))
    with pytest.raises(error, match=said):
        ranker.fit(pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0]}), given.pop("relevance"), **given)


def test_no_rows_are_refused():
    with pytest.raises(EmptyPoolError, match="no row"):
        EBMRanker().fit(pd.DataFrame({"a": []}), [], job=[])


def test_a_missing_column_is_named(fitted):
    ranker, X, _, _ = fitted
    with pytest.raises(UnknownFieldError, match="no column 'b'"):
        ranker.decision_function(X[["a"]])


def test_bags_hold_out_whole_jobs_where_there_are_many():
    job = np.repeat(np.arange(40), 5)
    bags = draw_bags(job, 4, validation_size=0.15, random_state=0)
    for bag in bags.T:
        assert {len(set(bag[job == j])) for j in range(40)} == {1}
        assert (bag == -1).sum() == 30


def test_bags_hold_out_candidates_of_each_job_where_jobs_are_few():
    job = np.repeat(np.arange(3), 40)
    for bag in draw_bags(job, 4, validation_size=0.15, random_state=0).T:
        assert [(bag[job == j] == -1).sum() for j in range(3)] == [6, 6, 6]


def test_bags_hold_out_whole_people_where_people_apply_twice():
    rng = np.random.default_rng(0)
    job, person = np.repeat(np.arange(40), 10), rng.integers(120, size=400)
    for bag in draw_bags(job, 4, candidate=person, validation_size=0.15, random_state=0).T:
        assert all(len(set(bag[person == p])) == 1 for p in set(person))
        assert (bag == -1).any()


def test_every_bag_holds_something_out_even_of_tiny_pools():
    for bag in draw_bags(np.array([0, 0, 1, 1]), 5, validation_size=0.15, random_state=0).T:
        assert set(bag) == {1, -1}


def test_centring_takes_weighted_means_away():
    values = centre(np.array([1.0, 3.0, 10.0]), np.array([0, 0, 1]), np.array([1.0, 3.0, 2.0]))
    assert values.tolist() == [-1.5, 0.5, 0.0]
