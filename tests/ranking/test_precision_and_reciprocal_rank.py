import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference_pairs_and_rates import precision_reference, reciprocal_rank_reference
from sklearn.metrics import label_ranking_average_precision_score, precision_score

from ranker.errors import DataError, UnknownCandidateError
from ranker.ranking.metrics.average_precision import average_precision
from ranker.ranking.metrics.intervals import bootstrap_mean
from ranker.ranking.metrics.precision import precision, precision_per_job
from ranker.ranking.metrics.reciprocal_rank import reciprocal_rank, reciprocal_rank_per_job
from ranker.ranking.ranking import Move, Ranking

lists_of_relevance = st.lists(
    st.lists(st.sampled_from([-1.0, 0.0, 0.0, 1.0, 2.5]), min_size=1, max_size=12), min_size=1, max_size=5
)


def ranked(*lists):
    """Ranking and relevance from lists of relevance by rank, one list a job, given worst first."""
    rows = [(job, -place, value) for job, one in enumerate(lists) for place, value in enumerate(one)][::-1]
    return Ranking.from_scores([row[1] for row in rows], job=[row[0] for row in rows]), [
        row[2] for row in rows
    ]


@given(lists=lists_of_relevance, k=st.sampled_from([1, 2, 5, 20, None]))
def test_reciprocal_rank_agrees_with_its_plain_twin(lists, k):
    expected = [reciprocal_rank_reference(one, k) for one in lists]
    np.testing.assert_array_equal(reciprocal_rank_per_job(*ranked(*lists), k=k), expected)
    np.testing.assert_allclose(
        reciprocal_rank(*ranked(*lists), k=k),
        np.nanmean(expected) if not np.isnan(expected).all() else np.nan,
        rtol=1e-12,
    )


@given(lists=lists_of_relevance, k=st.sampled_from([1, 2, 5, 20]))
def test_precision_agrees_with_its_plain_twin(lists, k):
    expected = [precision_reference(one, k) for one in lists]
    np.testing.assert_array_equal(precision_per_job(*ranked(*lists), k=k), expected)
    assert precision(*ranked(*lists), k=k) == pytest.approx(np.mean(expected))


@given(lists=lists_of_relevance)
def test_a_single_relevant_candidate_has_as_much_precision_as_reciprocal_rank(lists):
    alone = [
        [0.0] * place + [1.0] + [0.0] * (len(one) - place - 1) for one in lists for place in range(len(one))
    ]
    assert reciprocal_rank(*ranked(*alone)) == pytest.approx(average_precision(*ranked(*alone)))


def test_peers_of_one_list_give_the_same():
    relevance = [0, 0, 1, 0, 1, 1]
    ranking, rows = ranked(relevance)
    chosen = [1, 1, 1, 0, 0, 0]
    assert precision(ranking, rows, k=3) == precision_score(relevance, chosen)
    # With one relevant label its label ranking precision is one over that label's rank.
    scores = [[6, 5, 4, 3, 2, 1]]
    assert reciprocal_rank(*ranked([0, 0, 0, 1, 0, 0])) == label_ranking_average_precision_score(
        [[0, 0, 0, 1, 0, 0]], scores
    )


def test_hand_computed_values():
    ranking, relevance = ranked([0, 0, 1, 1], [1], [0, 0])
    assert reciprocal_rank_per_job(ranking, relevance)[:2].tolist() == [1 / 3, 1.0]
    assert math.isnan(reciprocal_rank_per_job(ranking, relevance)[2])
    assert reciprocal_rank(ranking, relevance) == pytest.approx(2 / 3)
    assert reciprocal_rank_per_job(ranking, relevance, k=2)[:2].tolist() == [0.0, 1.0]
    assert precision_per_job(ranking, relevance, k=3).tolist() == [1 / 3, 1 / 3, 0.0]
    assert precision(ranking, relevance) == pytest.approx((0.2 + 0.1 + 0.0) / 3)


def test_they_read_the_order_after_moves():
    ranking, relevance = ranked([0, 0, 1])
    best = ranking.candidates[2]
    moved = ranking.with_order([2, 0, 1], [Move("0", best, 3, 1, rule="test", reason="best first")])
    assert reciprocal_rank(moved, relevance) == precision(moved, relevance, k=1) == 1.0


def test_jobs_without_anybody_relevant_have_a_precision_but_no_reciprocal_rank():
    ranking, relevance = ranked([0, 0])
    assert precision(ranking, relevance, k=1) == 0.0
    assert math.isnan(reciprocal_rank(ranking, relevance))


def test_an_interval_over_jobs_holds_the_mean():
    rng = np.random.default_rng(5)
    ranking, relevance = ranked(*rng.integers(0, 2, (40, 8)).tolist())
    for per_job, mean in (
        (reciprocal_rank_per_job(ranking, relevance), reciprocal_rank(ranking, relevance)),
        (precision_per_job(ranking, relevance, k=4), precision(ranking, relevance, k=4)),
    ):
        low, high = bootstrap_mean(per_job)
        assert low < mean < high


@pytest.mark.parametrize("metric", [precision, reciprocal_rank])
def test_what_cannot_be_read_is_refused(metric):
    ranking, _ = ranked([0, 1, 0])
    with pytest.raises(DataError, match="relevance of row 1 is nan"):
        metric(ranking, [1, np.nan, 0])
    with pytest.raises(UnknownCandidateError, match="2 given for the 3 rows"):
        metric(ranking, [1, 0])
    with pytest.raises(DataError, match="whole number from 1"):
        metric(ranking, [1, 0, 0], k=0)
