"""The first k alone: who they are, and in which order."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError

from ranker import EBMRanker, Ranking
from ranker.errors import DataError
from ranker.scoring.first_k import rank_rows
from ranker.scoring.pool import MatchOf, Pool


@given(
    rows=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=30),
    k=st.integers(1, 5),
)
def test_the_first_k_stand_as_in_the_whole_ranking(rows, k):
    scores, job = np.array([float(score) for score, _ in rows]), [label for _, label in rows]
    names = [f"c{at}" for at in range(len(rows))]
    whole = Ranking.from_scores(scores, job=job, candidate=names)
    first = rank_rows(scores, job=job, candidate=names, top_k=k)
    np.testing.assert_array_equal(first.candidates[first.in_top(k)], whole.candidates[whole.in_top(k)])
    np.testing.assert_array_equal(first.tied[first.in_top(k)], whole.tied[whole.in_top(k)])


def fitted():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {"years": rng.integers(0, 9, 300).astype(float), "fit": rng.integers(0, 3, 300).astype(float)}
    )
    relevance = np.clip(np.round(X["years"] / 4 + X["fit"] + rng.normal(0, 0.4, 300)), 0, 4)
    return EBMRanker("pointwise", outer_bags=1).fit(X, relevance, job=np.repeat(np.arange(10), 30))


def test_a_pool_is_ranked_as_its_pairs_are():
    ranker = fitted()
    years, fit = np.arange(9.0), np.random.default_rng(1).integers(0, 3, (4, 9)).astype(float)
    pool = Pool(
        pd.DataFrame({"years": years}),
        pd.DataFrame(index=range(4)),
        {"fit": MatchOf(lambda job, some: fit[job, some])},
    )
    names = list("abcdefghi")
    found = ranker.rank(pool, candidate=names, top_k=3)
    pairs = pd.DataFrame({"years": np.tile(years, 4), "fit": fit.ravel()})
    whole = ranker.rank(pairs, job=np.repeat(np.arange(4), 9), candidate=np.tile(names, 4))
    np.testing.assert_array_equal(found.candidates[found.in_top(3)], whole.candidates[whole.in_top(3)])
    np.testing.assert_array_equal(found.scores[found.in_top(3)], whole.scores[whole.in_top(3)])


def test_what_cannot_be_ranked_is_said():
    ranker, pool = (
        fitted(),
        Pool(pd.DataFrame({"years": [1.0, 2.0], "fit": [0.0, 1.0]}), pd.DataFrame(index=[0]), {}),
    )
    with pytest.raises(DataError, match="give top_k"):
        ranker.rank(pool)
    with pytest.raises(DataError, match="1 candidate labels for 2 candidates"):
        ranker.rank(pool, candidate=["a"], top_k=1)
    with pytest.raises(DataError, match="two candidates of the pool have one label"):
        ranker.rank(pool, candidate=["a", "a"], top_k=1)
    with pytest.raises(DataError, match="cannot be 0 long"):
        ranker.rank(pool.candidates, job=[1, 1], top_k=0)
    with pytest.raises(DataError, match="job is missing"):
        ranker.rank(pool.candidates)
    with pytest.raises(NotFittedError):
        EBMRanker().rank(pool, top_k=1)
