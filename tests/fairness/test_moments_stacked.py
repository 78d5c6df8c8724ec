import numpy as np
import pandas as pd
import pytest

from fairness.moments import (
    ExposureParity,
    MeanRankParity,
    MeanScoreParity,
    StackedMoments,
    TopKShareParity,
    moment_by_name,
)
from ranker.errors import ConstraintError, DataError

N = 50


def table(seed=0):
    rng = np.random.default_rng(seed)
    features = pd.DataFrame(
        {"gender": rng.choice(["f", "m"], size=N), "origin": rng.choice(["x", "y", "z"], size=N)},
        dtype=object,
    )
    features.loc[3, "gender"] = None
    return features, rng.integers(3, size=N), rng.integers(3, size=N).astype(float), rng.normal(size=N)


def stacked(moments, features=None):
    default, job, y, _ = table()
    stack = StackedMoments(moments)
    stack.load_data(
        np.zeros((N, 1)), y, sensitive_features=default if features is None else features, job=job
    )
    return stack


def single(moment, attribute):
    features, job, y, _ = table()
    moment.load_data(np.zeros((N, 1)), y, sensitive_features=features[attribute].to_numpy(), job=job)
    return moment


def make():
    return [ExposureParity(difference_bound=0.1), TopKShareParity(top_k=(2, 5), difference_bound=0.2)]


def parts():
    one, two = make()
    return single(one, "gender"), single(two, "origin")


def test_rows_stand_under_their_attribute():
    stack = stacked(make())
    assert stack.index.names == ["attribute", "top_k", "sign", "group_id"]
    assert list(stack.index.get_level_values(0).unique()) == ["gender", "origin"]
    assert len(stack.index) == 2 * 2 + 2 * 2 * 3
    assert ("gender", "", "+", "f") in stack.index
    assert ("origin", 5, "-", "z") in stack.index


def test_a_stack_measures_and_bounds_what_its_moments_do():
    stack, scores = stacked(make()), table()[3]
    for name in ("gender", "origin"):
        moment = parts()[name == "origin"]
        np.testing.assert_array_equal(stack.gamma(lambda X: scores)[name], moment.gamma(lambda X: scores))
        np.testing.assert_array_equal(stack.bound()[name], moment.bound())


def test_weights_add_up_and_projection_keeps_them():
    stack = stacked(make())
    lambdas = pd.Series(np.random.default_rng(1).random(len(stack.index)), index=stack.index)
    own = [
        moment.signed_weights(pd.Series(lambdas[name].to_numpy(), index=moment.index))
        for name, moment in zip(("gender", "origin"), parts(), strict=True)
    ]
    np.testing.assert_allclose(stack.signed_weights(lambdas), own[0] + own[1], atol=1e-12)
    projected = stack.project_lambda(lambdas)
    assert projected.index.equals(stack.index)
    assert projected.sum() < lambdas.sum()
    np.testing.assert_allclose(stack.signed_weights(projected), stack.signed_weights(lambdas), atol=1e-9)


def test_bases_stand_on_a_diagonal():
    stack = stacked(make())
    one, two = parts()
    for name in ("pos_basis", "neg_basis"):
        basis = getattr(stack, name)
        assert basis.shape == (16, 1 + 4)
        np.testing.assert_array_equal(basis.to_numpy()[:4, :1], getattr(one, name))
        np.testing.assert_array_equal(basis.to_numpy()[4:, 1:], getattr(two, name))
        assert basis.to_numpy()[:4, 1:].sum() == basis.to_numpy()[4:, :1].sum() == 0
    assert stack.neg_basis_present.tolist() == [True] * 5


@pytest.mark.parametrize("as_array", [False, True])
def test_columns_without_names_go_by_their_position(as_array):
    features = table()[0]
    columns = features.to_numpy() if as_array else [features["gender"].to_numpy(), list(features["origin"])]
    stack = stacked([MeanScoreParity(), MeanRankParity()], columns)
    assert stack.index.names == ["attribute", "sign", "group_id"]
    assert list(stack.index.get_level_values(0).unique()) == [0, 1]
    assert list(stack.gamma(lambda X: table()[3])[1].index.get_level_values("group_id").unique()) == list(
        "xyz"
    )


def test_one_attribute_may_be_held_to_two_moments():
    stack = stacked([MeanScoreParity(), MeanRankParity()], table()[0][["gender", "gender"]])
    assert list(stack.index.get_level_values(0).unique()) == [0, 1]


def test_the_moments_given_stay_without_data():
    moment = MeanScoreParity()
    stacked([moment, moment])
    assert not moment.data_loaded


def test_a_column_too_few_is_refused():
    with pytest.raises(DataError, match="1 columns for 2 moments: give one column a moment"):
        stacked(make(), table()[0][["gender"]])
    with pytest.raises(DataError, match="1 columns for 2 moments"):
        stacked(make(), table()[0]["gender"])


def test_a_stack_of_nothing_or_of_stacks_is_refused():
    with pytest.raises(ConstraintError, match="needs a moment"):
        StackedMoments([])
    with pytest.raises(ConstraintError, match="entry 1 of the stack is a str"):
        StackedMoments([moment_by_name("exposure"), "exposure"])
    with pytest.raises(ConstraintError, match="entry 0 of the stack is a StackedMoments"):
        StackedMoments([StackedMoments(make())])
