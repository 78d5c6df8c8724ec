"""The cumulative sum and its limit: against an exact Markov chain, simulation, and the law of its walk."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranker.app.monitoring.adjusted import Adjusted, adjusted_columns
from ranker.app.monitoring.columns import column_of
from ranker.app.monitoring.cusum import Cusum, Design, Steps, false_alarm_chance, limit_for
from ranker.app.monitoring.snapshot import Snapshot
from ranker.errors import ModelError

RNG = np.random.default_rng(0)
COLUMNS = {
    "normal": RNG.normal(size=200).tolist(),
    "three grades": ["a"] * 60 + ["b"] * 100 + ["c"] * 40,
    "a flag of 15 %": [1.0] * 30 + [0.0] * 170,
    "a half flag": [1.0, 0.0] * 100,
    "mostly zero": [0.0] * 160 + RNG.random(40).tolist(),
}


def exact_time(column, design, *, upwards, states=300):
    """Mean time to an alarm by a Markov chain over the heights, steps split between two states.

    Brook & Evans (1972), An approach to the probability distribution of CUSUM run length, Biometrika 59.
    """
    weights, scores = column.atoms()
    width = design.limit / states
    start = np.arange(states) * width
    moves = np.zeros((states, states + 2))
    for weight, score in zip(weights, scores if upwards else -scores, strict=True):
        at = np.clip(start + score - design.slack, 0, design.limit) / width
        low = np.floor(at).astype(int)
        np.add.at(moves, (np.arange(states), low), weight * (1 - at + low))
        np.add.at(moves, (np.arange(states), low + 1), weight * (at - low))
    return np.linalg.solve(np.eye(states) - moves[:, :states], np.ones(states))[0]


@pytest.mark.parametrize("upwards", [True, False])
@pytest.mark.parametrize("name", COLUMNS)
def test_a_limit_errs_as_often_as_it_was_made_for_whatever_the_column(name, upwards):
    column = replace(column_of(name, name, COLUMNS[name]), effective=1e12)  # a training part without error
    chance = 0.002
    design = limit_for(Steps.of(column, upwards=upwards), chance, 5_000, 200)
    found = -np.expm1(-5_000 / exact_time(column, design, upwards=upwards))
    assert 0.7 * chance < found < 1.35 * chance


def test_a_small_training_part_is_reckoned_with():
    rng = np.random.default_rng(1)
    n, size, design = 3_000, 50, Design(0.5, 8.0)
    column = replace(column_of("x", "x", rng.normal(size=900).tolist()), effective=float(size))
    error = rng.normal(size=n) / np.sqrt(size)
    height, over = np.zeros(n), np.zeros(n, dtype=bool)
    for _ in range(500):
        height = np.maximum(height + rng.normal(size=n) - error - design.slack, 0)
        over |= height >= design.limit
    [chance] = false_alarm_chance(np.array([0.5]), np.array([8.0]), Steps.of(column), 500)
    assert chance == pytest.approx(over.mean(), abs=0.03)
    known = Steps.of(replace(column, effective=1e12))
    [certain] = false_alarm_chance(np.array([0.5]), np.array([8.0]), known, 500)
    assert certain < over.mean() / 1.5


def test_the_less_training_saw_the_higher_the_limit():
    column = column_of("x", "x", np.random.default_rng(2).normal(size=500).tolist())
    finds = [
        design.slack + design.limit / 200
        for effective in (20.0, 200.0, 2_000.0, 20_000.0)
        for design in [limit_for(Steps.of(replace(column, effective=effective)), 1e-4, 5_000, 200)]
    ]
    assert finds == sorted(finds, reverse=True)
    assert finds[0] > 2 * finds[-1]


@given(st.lists(st.floats(-3, 3), max_size=60), st.sampled_from([1, -1]))
@settings(max_examples=80, deadline=None)
def test_before_its_first_alarm_a_walk_is_the_largest_sum_of_late_values_less_their_slack(values, sign):
    walk = Cusum(Design(0.25, 1e9), sign)
    for value in values:
        walk.take(value)
    steps = [sign * value - 0.25 for value in values]
    assert walk.height == pytest.approx(max(sum(steps[at:]) for at in range(len(steps) + 1)), abs=1e-9)


def test_an_alarm_holds_until_its_evidence_is_gone_and_no_longer_after_a_long_drift():
    back = []
    for n in (20, 2_000):
        walk = Cusum(Design(0.25, 5.0), 1)
        told = [walk.take(1.0) for _ in range(n)]
        assert sum(one is not None for one in told) == 1
        assert walk.holds
        back.append(next(k for k in range(1, 999) if walk.take(0.0) is None and not walk.holds))
    assert back == [20, 20]  # 5 / .25


def test_what_is_left_beside_the_others_is_theirs_no_more():
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(2, 3_000))
    values = {"a": a.tolist(), "sum": (a + b).tolist(), "alone": rng.normal(size=3_000).tolist()}
    columns = [column_of(name, name, values[name]) for name in values]
    adjusted = adjusted_columns(columns, values)
    assert [one.name for one in adjusted] == ["a", "sum"]  # nothing foretells the third
    scores = {one.name: [one.place(value).score for value in values[one.name]] for one in columns}
    rest = [adjusted[1].score({name: scores[name][row] for name in scores}) for row in range(3_000)]
    assert abs(np.corrcoef(rest, scores["a"])[0, 1]) < 0.02
    assert np.std(rest) == pytest.approx(1, abs=0.02)
    assert np.corrcoef(rest, b)[0, 1] > 0.98


def test_a_feature_that_repeats_another_is_not_adjusted_nor_are_too_few_rows():
    rng = np.random.default_rng(4)
    a = rng.normal(size=600)
    values = {"a": a.tolist(), "twice": (2 * a).tolist(), "near": (a + rng.normal(size=600)).tolist()}
    columns = [column_of(name, name, values[name]) for name in values]
    assert "a" not in {one.name for one in adjusted_columns(columns, values)}
    few = {name: some[:150] for name, some in values.items()}
    assert adjusted_columns([column_of(name, name, some) for name, some in few.items()], few) == ()


def test_an_answer_that_lacks_a_feature_says_nothing_of_what_it_foretells():
    rest = column_of("a", "a", [-1.0, 0.0, 1.0])
    adjusted = Adjusted("a", (("b", 0.5),), rest)
    assert adjusted.score({"a": 1.0}) is None
    assert adjusted.score({"a": 1.0, "b": 2.0}) == rest.place(0.0).score


def test_a_snapshot_reads_back_with_what_it_adjusts_and_one_of_before_without():
    rng = np.random.default_rng(5)
    a = rng.normal(size=900)
    values = {"a": a.tolist(), "b": (a + rng.normal(size=900)).tolist()}
    columns = tuple(column_of(name, name, values[name]) for name in values)
    snapshot = Snapshot(columns, "a sample", adjusted=adjusted_columns(columns, values))
    told = snapshot.to_json()
    again = Snapshot.from_json(told)
    assert len(again.adjusted) == 2
    assert again.to_json() == told
    assert Snapshot.from_json({k: v for k, v in told.items() if k != "adjusted"}).adjusted == ()
    with pytest.raises(ModelError, match="'b'"):
        Snapshot.from_json({**told, "columns": told["columns"][:1]})
