import numpy as np
import pytest
from feature_examples import shapley_reference, steps
from hypothesis import given, settings
from hypothesis import strategies as st

from ranker.features.shares import EXACT, proportional_shares, rule_of_sum, shapley_shares, sum_shares

amounts = st.integers(-8, 8).map(lambda n: n / 4)
sizes = st.lists(st.integers(0, 5).map(float), min_size=1, max_size=6)


@st.composite
def step_functions(draw, highest=30):
    cuts = sorted(
        draw(st.lists(st.integers(0, 2 * highest).map(lambda n: n / 2 + 0.25), max_size=5, unique=True))
    )
    return steps(cuts, [draw(amounts) for _ in range(len(cuts) + 1)], draw(amounts))


@st.composite
def games(draw):
    """Draw any game at all: an amount for each set of up to six parts."""
    n_parts = draw(st.integers(1, 6))
    table = np.array(draw(st.lists(amounts, min_size=2**n_parts, max_size=2**n_parts)))
    return n_parts, lambda sets: table[np.asarray(sets) @ (1 << np.arange(n_parts))]


def of_set(game, n_parts):
    """Turn a game of rows of presences into one of a set of parts."""
    return lambda present: float(game(np.array([[part in present for part in range(n_parts)]]))[0])


@given(games())
def test_shapley_shares_equal_the_average_over_all_orders_of_arrival(drawn):
    n_parts, game = drawn
    expected = shapley_reference(of_set(game, n_parts), n_parts)
    assert shapley_shares(game, n_parts) == pytest.approx(expected, abs=1e-9)


@settings(max_examples=8)  # each walks all 40,320 orders of arrival
@given(st.lists(st.integers(0, 5).map(float), min_size=7, max_size=8), step_functions(highest=40))
def test_shares_of_up_to_eight_sizes_equal_the_average_over_all_orders_of_arrival(drawn, amount_of):
    def worth(present):
        return float(amount_of(np.array([sum(drawn[part] for part in present)]))[0])

    expected = shapley_reference(worth, len(drawn))
    assert sum_shares(amount_of, np.array(drawn)) == pytest.approx(expected, abs=1e-9)
    assert rule_of_sum(np.array(drawn)) == "Shapley"


def test_more_parts_than_can_be_enumerated_are_split_by_size_and_say_so():
    many = np.arange(1.0, EXACT + 2)
    assert rule_of_sum(many) == "Aumann-Shapley"
    assert rule_of_sum(many[:-1]) == "Shapley"
    assert rule_of_sum(np.full(50, 2.0)) == "Shapley"


@given(games())
def test_shapley_shares_sum_to_all_less_nothing(drawn):
    n_parts, game = drawn
    whole = game(np.ones((1, n_parts), dtype=int))[0] - game(np.zeros((1, n_parts), dtype=int))[0]
    assert shapley_shares(game, n_parts).sum() == pytest.approx(whole, abs=1e-9)


@given(sizes, step_functions())
def test_shares_of_a_sum_equal_the_average_over_all_orders_of_arrival(drawn, amount_of):
    def worth(present):
        return float(amount_of(np.array([sum(drawn[part] for part in present)]))[0])

    expected = shapley_reference(worth, len(drawn))
    assert sum_shares(amount_of, np.array(drawn)) == pytest.approx(expected, abs=1e-9)


@given(st.lists(st.integers(0, 5).map(float), min_size=1, max_size=EXACT + 4), step_functions(highest=80))
def test_shares_of_a_sum_are_complete_symmetric_and_give_a_dummy_nothing(drawn, amount_of):
    shares = sum_shares(amount_of, np.array(drawn))
    whole = float(amount_of(np.array([sum(drawn)]))[0] - amount_of(np.zeros(1))[0])
    assert shares.sum() == pytest.approx(whole, abs=1e-9)
    for size in set(drawn):
        equal = [share for share, s in zip(shares, drawn, strict=True) if s == size]
        assert equal == pytest.approx([equal[0]] * len(equal), abs=1e-9)
    assert not any(abs(share) > 1e-9 for share, s in zip(shares, drawn, strict=True) if s == 0)


def test_many_equal_parts_share_equally():
    assert sum_shares(steps([49.5], [0.0, 1.0]), np.full(50, 1.0)) == pytest.approx(np.full(50, 0.02))


def test_proportional_shares_follow_the_sizes_and_are_equal_where_all_are_zero():
    assert proportional_shares(6.0, np.array([1.0, 2.0, 0.0])).tolist() == [2.0, 4.0, 0.0]
    assert proportional_shares(6.0, np.zeros(3)).tolist() == [2.0, 2.0, 2.0]
