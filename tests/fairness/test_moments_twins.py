"""Each moment against its plain twin, and the laws that hold for all of them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_moments import (
    comparisons_won_reference,
    mean_score_reference,
    merit_reference,
    pairwise_reference,
    parity_reference,
)

from fairness.moments import moment_by_name, place_values
from ranker.errors import ConstraintError

CUTS = (1, 3, 9)
# name: (settings, gaps of a group by the twin)
TWINS = {
    "exposure": ({"top_k": 3}, lambda people, g: [parity_reference(people, g, "exposure", 3)]),
    "mean_rank": ({}, lambda people, g: [comparisons_won_reference(people, g)]),
    "selection_rate": ({"top_k": 2}, lambda people, g: [parity_reference(people, g, "selection_rate", 2)]),
    "mean_score": ({}, lambda people, g: [mean_score_reference(people, g)]),
    "top_k_share": (
        {"top_k": CUTS},
        lambda people, g: [parity_reference(people, g, "selection_rate", k) for k in CUTS],
    ),
    "merit_exposure": ({}, lambda people, g: [merit_reference(people, g)]),
    "pairwise_equal_opportunity": ({}, lambda people, g: [pairwise_reference(people, g)]),
}
person = st.tuples(
    st.integers(0, 3), st.sampled_from(["a", "b", "c", None]), st.integers(0, 3), st.integers(0, 2)
)
crowds = st.lists(person, min_size=2, max_size=24)  # ragged jobs, ties, undisclosed members


def crowd(n=60, n_jobs=5, seed=0):
    rng = np.random.default_rng(seed)
    groups = rng.choice(np.array(["a", "b", "c", None], dtype=object), size=n, p=[0.4, 0.3, 0.2, 0.1])
    columns = (rng.integers(n_jobs, size=n), groups, rng.normal(size=n), rng.integers(3, size=n))
    return list(zip(*columns, strict=True))


def loaded(name, people, **settings):
    job, group, _, label = zip(*people, strict=True)
    moment = moment_by_name(name, **{**TWINS[name][0], **settings})
    moment.load_data(
        np.zeros((len(people), 1)),
        np.array(label, dtype=float),
        sensitive_features=np.array(group, dtype=object),
        job=np.array(job),
    )
    return moment


def scores_of(people):
    return np.array([p[2] for p in people], dtype=float)


def multipliers(moment, seed=0):
    return pd.Series(np.random.default_rng(seed).random(len(moment.index)), index=moment.index)


@pytest.mark.parametrize("name", TWINS)
@given(people=crowds)
def test_a_moment_agrees_with_its_plain_twin(name, people):
    labels = sorted({p[1] for p in people} - {None})
    expected = {label: TWINS[name][1](people, label) for label in labels}
    if len(labels) < 2 or any(None in gaps for gaps in expected.values()):
        with pytest.raises(ConstraintError, match="nothing to compare"):
            loaded(name, people)
        return
    moment = loaded(name, people)
    gamma = moment.gamma(lambda X: scores_of(people))
    for label, gaps in expected.items():
        sign, group = gamma.index.get_level_values("sign"), gamma.index.get_level_values("group_id")
        above, below = (gamma[(group == label) & (sign == way)].tolist() for way in "+-")
        assert above == pytest.approx(gaps, abs=1e-9)
        assert below == pytest.approx([-gap for gap in gaps], abs=1e-9)


@pytest.mark.parametrize("name", TWINS)
def test_a_moment_has_two_rows_a_group_however_many_jobs_there_are(name):
    entries = 3 * (len(CUTS) if name == "top_k_share" else 1)
    for n_jobs in (2, 40):
        moment = loaded(name, crowd(n=400, n_jobs=n_jobs))
        assert len(moment.index) == len(moment.bound()) == 2 * entries
        assert moment.index.is_unique


@pytest.mark.parametrize("name", TWINS)
@settings(max_examples=15)
@given(seed=st.integers(0, 1000))
def test_coefficients_and_weights_sum_to_zero_within_each_job(name, seed):
    people = crowd(seed=seed)
    moment = loaded(name, people)
    weights = moment.signed_weights(multipliers(moment)).to_numpy() / len(people)
    job = np.array([p[0] for p in people])
    for j in np.unique(job):
        np.testing.assert_allclose(moment.coefficients[:, job == j].sum(axis=1), 0.0, atol=1e-12)
        assert weights[job == j].sum() == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("name", TWINS)
def test_who_shares_no_job_with_another_group_weighs_nothing(name):
    alone = [(99, "a", 5.0, 0), (99, "a", 1.0, 2), (99, None, 3.0, 1)]
    people = crowd() + alone
    moment = loaded(name, people)
    assert np.abs(moment.coefficients[:, -3:]).max() == 0.0
    before = loaded(name, crowd()).gamma(lambda X: scores_of(crowd()))
    np.testing.assert_allclose(moment.gamma(lambda X: scores_of(people)), before, atol=1e-12)


@pytest.mark.parametrize("name", TWINS)
def test_undisclosed_members_keep_their_places(name):
    people = crowd()
    moment = loaded(name, people)
    silent = np.array([p[1] is None for p in people])
    first, last = (np.where(silent, extreme, scores_of(people)) for extreme in (9.0, -9.0))
    gap = moment.gamma(lambda X: first) - moment.gamma(lambda X: last)
    assert gap.abs().max() > 1e-3


@pytest.mark.parametrize("name", TWINS)
def test_projecting_multipliers_keeps_the_signed_weights_and_lowers_the_norm(name):
    moment = loaded(name, crowd())
    given_ = multipliers(moment)
    projected = moment.project_lambda(given_)
    assert projected.index.equals(moment.index)
    assert (projected >= 0).all()
    assert projected.sum() < given_.sum()
    np.testing.assert_allclose(
        moment.signed_weights(projected), moment.signed_weights(given_), atol=1e-9, rtol=1e-9
    )


@pytest.mark.parametrize("name", TWINS)
def test_multipliers_are_read_by_their_labels_not_by_their_order(name):
    moment = loaded(name, crowd())
    given_ = multipliers(moment)
    shuffled = given_.iloc[np.random.default_rng(1).permutation(len(given_))]
    np.testing.assert_array_equal(moment.signed_weights(shuffled), moment.signed_weights(given_))


@pytest.mark.parametrize("name", TWINS)
def test_the_basis_spans_a_multiplier_a_group_but_the_last(name):
    moment = loaded(name, crowd())
    assert moment.pos_basis.shape == moment.neg_basis.shape == (len(moment.index), len(moment.index) // 3)
    assert moment.pos_basis.xs("-", level="sign").to_numpy().sum() == 0
    assert moment.neg_basis.xs("+", level="sign").to_numpy().sum() == 0
    assert moment.pos_basis.sum().eq(1).all()
    assert moment.neg_basis.sum().eq(1).all()
    assert moment.pos_basis.xs("c", level="group_id").to_numpy().sum() == 0
    assert moment.neg_basis_present.tolist() == [True] * moment.pos_basis.shape[1]


@pytest.mark.parametrize("name", ["mean_score", "pairwise_equal_opportunity"])
@settings(max_examples=15)
@given(seed=st.integers(0, 1000))
def test_signed_weights_are_what_changing_one_prediction_does(name, seed):
    """Exact for 0/1 predictions, where the surrogate of a pair is its indicator."""
    people = crowd(n_jobs=3, seed=seed)
    moment = loaded(name, people)
    lambdas = multipliers(moment, seed)
    weights = moment.signed_weights(lambdas).to_numpy()
    hard = np.random.default_rng(seed).integers(2, size=len(people)).astype(float)
    for i in range(0, len(people), 12):
        on, off = hard.copy(), hard.copy()
        on[i], off[i] = 1.0, 0.0
        difference = lambdas @ (moment.gamma(lambda X, h=on: h) - moment.gamma(lambda X, h=off: h))
        assert weights[i] == pytest.approx(-len(people) * difference, abs=1e-8)


@pytest.mark.parametrize(
    ("name", "measure"),
    [("exposure", "exposure"), ("mean_rank", "mean_rank"), ("merit_exposure", "exposure")],
)
def test_gaps_of_places_are_linear_in_the_worth_of_places(name, measure):
    people = crowd()
    settings = {"top_k": None} if name == "exposure" else {}
    moment = loaded(name, people, **settings)
    job = np.array([p[0] for p in people])

    def gap_and_worth(seed):
        scores = np.random.default_rng(seed).normal(size=len(people))
        plus = moment.gamma(lambda X: scores)["+"].to_numpy()
        return plus, place_values(scores, job, measure=measure)

    (one, one_worth), (other, other_worth) = gap_and_worth(1), gap_and_worth(2)
    np.testing.assert_allclose(one - other, moment.coefficients @ (one_worth - other_worth), atol=1e-12)


def test_exposure_in_the_order_of_merit_leaves_no_gap_where_merit_is_worth_of_places():
    worth = [1.0, 1 / np.log2(3), 0.5, 1 / np.log2(5)]
    people = [(0, g, s, w) for g, s, w in zip("abab", [4, 3, 2, 1], worth, strict=True)]
    gamma = loaded("merit_exposure", people).gamma(lambda X: scores_of(people))
    np.testing.assert_allclose(gamma, 0.0, atol=1e-12)


def test_scores_in_one_column_are_read_as_a_vector():
    people = crowd()
    moment = loaded("mean_score", people)
    np.testing.assert_array_equal(
        moment.gamma(lambda X: scores_of(people)[:, None]), moment.gamma(lambda X: scores_of(people))
    )
