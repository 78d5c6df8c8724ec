import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairness.groups import Groups
from fairness.metrics import measure_gap
from fairness.moments import DiscountedGain, RankingParity, place_values
from ranker.errors import ConstraintError
from ranker.ranking import Ranking

MEASURES = [("exposure", None), ("exposure", 3), ("selection_rate", 2), ("mean_rank", None)]


def pool(seed=0, n=60, n_jobs=5, undisclosed=0.1):
    rng = np.random.default_rng(seed)
    job = rng.integers(n_jobs, size=n).astype(str)
    group = np.where(rng.random(n) < undisclosed, None, rng.choice(["a", "b", "c"], size=n)).astype(object)
    return job, group, rng.normal(size=n), rng.integers(0, 3, size=n).astype(float)


def loaded(measure, top_k, job, group, relevance, X=None):
    moment = RankingParity(measure, top_k=top_k)
    moment.load_data(
        np.zeros((len(job), 1)) if X is None else X, relevance, sensitive_features=group, job=job
    )
    return moment


@pytest.mark.parametrize(("measure", "top_k"), MEASURES)
def test_gamma_is_the_gap_that_the_metrics_measure(measure, top_k):
    job, group, scores, relevance = pool()
    moment = loaded(measure, top_k, job, group, relevance)
    gamma = moment.gamma(lambda X: scores)
    groups = Groups.from_values(group, attribute="group")
    gaps = measure_gap(Ranking.from_scores(scores, job=job), groups, measure=measure, top_k=top_k)
    for label in groups.labels:
        assert gamma["+", label] == pytest.approx(gaps[label], abs=1e-12)
        assert gamma["-", label] == pytest.approx(-gaps[label], abs=1e-12)


@given(seed=st.integers(0, 10_000))
def test_coefficients_sum_to_zero_within_each_job(seed):
    job, group, _, relevance = pool(seed)
    moment = loaded("exposure", None, job, group, relevance)
    for label in np.unique(job):
        np.testing.assert_allclose(moment.coefficients[:, job == label].sum(axis=1), 0.0, atol=1e-12)


@given(seed=st.integers(0, 10_000))
def test_permuting_the_rows_changes_no_gamma(seed):
    job, group, scores, relevance = pool(seed)
    order = np.random.default_rng(seed + 1).permutation(len(job))
    one = loaded("exposure", None, job, group, relevance).gamma(lambda X: scores)
    other = loaded("exposure", None, job[order], group[order], relevance[order]).gamma(
        lambda X: scores[order]
    )
    np.testing.assert_allclose(one, other[one.index], atol=1e-12)


def test_tied_candidates_share_the_worth_of_their_places():
    worth = place_values(np.array([1.0, 1.0, 0.0]), np.zeros(3, dtype=int))
    assert worth.tolist() == pytest.approx([(1 + 1 / np.log2(3)) / 2] * 2 + [0.5])


def test_equal_scores_for_all_give_every_group_what_the_pool_gets():
    job, group, _, relevance = pool()
    gamma = loaded("exposure", None, job, group, relevance).gamma(lambda X: np.zeros(len(job)))
    np.testing.assert_allclose(gamma, 0.0, atol=1e-12)


def test_a_constraint_has_two_rows_a_group_however_many_jobs_there_are():
    job, group, _, relevance = pool(n=400, n_jobs=90)
    assert len(loaded("exposure", None, job, group, relevance).index) == 6


def test_signed_weights_push_against_the_gap():
    job, group, scores, relevance = pool()
    moment = loaded("exposure", None, job, group, relevance)
    multipliers = pd.Series(0.0, index=moment.index)
    multipliers["-", "a"] = 1.0  # "a" gets less than the pool
    weights = moment.signed_weights(multipliers).to_numpy()
    mixed = [np.unique(group[(job == j) & (group != None)]).size > 1 for j in job]  # noqa: E711
    is_a = (group == "a") & np.array(mixed)
    assert (weights[is_a] > 0).all()
    before = moment.gamma(lambda X: scores)["+", "a"]
    assert moment.gamma(lambda X: scores + weights)["+", "a"] > before


def test_the_ideal_ranking_has_no_loss_and_a_constant_one_loses_all():
    job, _, _, relevance = pool()
    objective = DiscountedGain()
    objective.load_data(np.zeros((len(job), 1)), relevance, job=job)
    assert objective.gamma(lambda X: relevance)["all"] == pytest.approx(0.0, abs=1e-12)
    assert objective.gamma(lambda X: np.zeros(len(job)))["all"] == pytest.approx(1.0)


def test_a_group_that_meets_no_other_is_refused_by_name():
    with pytest.raises(ConstraintError, match="'b' meets no other group"):
        loaded(
            "exposure",
            None,
            np.array(["1", "1", "2"]),
            np.array(["a", "c", "b"], dtype=object),
            np.arange(3.0),
        )


def test_equal_labels_in_every_job_are_refused():
    with pytest.raises(ConstraintError, match="all equal"):
        DiscountedGain().load_data(np.zeros((4, 1)), np.ones(4), job=np.array([0, 0, 1, 1]))
