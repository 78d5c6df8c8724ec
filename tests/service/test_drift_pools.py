"""Several candidates of one request: how alike they are, what their mean may show, and how rarely it errs."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("river", reason="the watch for drift needs the extra monitor")

from ranker.app.monitoring.column_watch import Watch
from ranker.app.monitoring.columns import Column, column_of
from ranker.app.monitoring.cusum import Cusum, Design, Steps, limit_for
from ranker.app.monitoring.pools import GRID, MOST_DRAWN, PoolMeans, pool_means
from ranker.app.monitoring.snapshot import Snapshot
from ranker.app.monitoring.stream import Monitor, Observation
from ranker.app.monitoring.thresholds import Thresholds
from ranker.errors import ModelError


def pools_of(rng, n_jobs: int, size: int, alike: float) -> np.ndarray:
    """Candidates of jobs, a row each: standard normal, a share of the variance between jobs."""
    between, within = rng.normal(size=(n_jobs, 1)), rng.normal(size=(n_jobs, size))
    return np.sqrt(alike) * between + np.sqrt(1 - alike) * within


def described(values: np.ndarray) -> Column:
    job = np.repeat(np.arange(len(values)), values.shape[1])
    return column_of("x", "x", values.ravel().tolist(), clusters=(job, np.arange(values.size)))


def told(values: np.ndarray) -> PoolMeans:
    found = pool_means(values.ravel(), np.repeat(np.arange(len(values)), values.shape[1]))
    assert found is not None
    return found


@pytest.mark.parametrize("alike", [0.05, 0.4])
def test_jobs_are_no_more_alike_than_reckoned_with_in_19_of_20_training_parts(alike):
    rng = np.random.default_rng(0)
    few = [told(pools_of(rng, 15, 12, alike)).alike for _ in range(400)]
    assert 0.92 < np.mean(np.array(few) >= alike) < 0.98
    many = told(pools_of(rng, 4_000, 12, alike)).alike
    assert alike < many < alike + 0.03


def test_a_few_jobs_that_stand_apart_leave_more_room_than_as_much_variance_of_all():
    rng = np.random.default_rng(1)
    apart = np.where(np.arange(100)[:, None] < 3, 3.0, 0.0) + rng.normal(size=(100, 20))
    effect = np.where(np.arange(100)[:, None] % 2, 1, -1) * np.std(np.repeat([3.0, 0.0], [3, 97]))
    spread = effect + rng.normal(size=(100, 20))
    assert told(apart).alike > 1.3 * told(spread).alike


def test_the_deviation_of_a_mean_is_what_draws_from_jobs_have():
    rng = np.random.default_rng(2)
    fresh = pools_of(rng, 40_000, 10, 0.2)
    pools = PoolMeans(10, 0.2, 1.0, (0.0,) * GRID.size)
    for n in (1, 3, 10):
        assert pools.deviation(n) == pytest.approx(fresh[:, :n].mean(axis=1).std(), rel=0.02)


def test_the_growth_is_that_of_simulated_means_whatever_the_jobs():
    rng = np.random.default_rng(3)
    values = rng.gamma(0.3, size=(60, 1)) + rng.gamma(1.0, size=(60, 15))  # a few jobs far out
    n, draws = 10, 200_000
    jobs = rng.integers(60, size=draws)
    means = values[jobs[:, None], rng.integers(15, size=(draws, n))].mean(axis=1)
    steps = (means - means.mean()) / means.std()
    found = dict(zip(GRID.round(1).tolist(), told(values).growth, strict=True))
    for tilt in (-1.5, -0.5, 0.5, 1.0):
        assert found[tilt] == pytest.approx(np.log(np.exp(tilt * steps).mean()) / tilt, rel=0.05)
    assert found[1.0] > 1.2 * -found[-1.0]  # the tail is above


def test_steps_that_are_means_have_no_lighter_tail_than_single_scores_means_or_jobs():
    rng = np.random.default_rng(4)
    column = described(rng.gamma(0.3, size=(60, 1)) + rng.gamma(1.0, size=(60, 15)))
    assert column.pools is not None
    for upwards in (True, False):
        alone = Steps.of(replace(column, pools=None), upwards=upwards)
        means = Steps.of(column, upwards=upwards)
        growth = np.array(column.pools.growth if upwards else [-one for one in column.pools.growth[::-1]])
        assert (np.abs(means.drifts) >= np.abs(alone.drifts) - 1e-12).all()
        assert (np.abs(means.drifts[::10]) >= np.abs(growth) - 1e-12).all()
        assert (np.diff(means.drifts) > 0).all()
        assert means.effective < alone.effective


def share_of_false_alarms(column: Column, fresh: np.ndarray, chance: float, horizon: int, rng) -> float:
    """Of walks in either direction over requests of the true process."""
    grid = np.linspace(-4, 4, 801)
    scores = np.interp(fresh, grid, [column.place(value).score for value in grid.tolist()])
    steps = scores.mean(axis=1) / column.deviation_of(fresh.shape[1])
    over = []
    for sign in (1, -1):
        design = limit_for(Steps.of(column, upwards=sign > 0), chance, horizon, 200)
        height, alarm = np.zeros(400), np.zeros(400, dtype=bool)
        for _ in range(horizon):
            height = np.maximum(height + sign * rng.choice(steps, 400) - design.slack, 0)
            alarm |= height >= design.limit
        over.append(alarm.mean())
    return float(np.mean(over))


def test_walks_over_means_err_no_more_often_than_they_may_and_as_independent_ones_they_would():
    kept, naive = [], []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        column = described(pools_of(rng, 600, 12, 0.4))
        fresh = pools_of(rng, 20_000, 10, 0.4)
        assert column.pools is not None
        blind = replace(column, pools=replace(column.pools, alike=0.0))
        kept.append(share_of_false_alarms(column, fresh, 0.05, 300, rng))
        naive.append(share_of_false_alarms(blind, fresh, 0.05, 300, rng))
    assert np.mean(kept) < 0.05
    assert np.mean(naive) > 0.25


def test_where_few_jobs_tell_little_of_means_the_first_candidate_is_watched_alone():
    rng = np.random.default_rng(10)
    drawn = {}
    for n_jobs in (8, 300):
        column = described(pools_of(rng, n_jobs, 20, 0.2))
        watch = Watch(column, None, Thresholds(), n_columns=1, n_walks=1)
        drawn[n_jobs] = watch.stepped["mean"].drawn
        found = [
            design.limit / 200 + design.slack for design in (walk.design for walk in watch.walks["mean"])
        ]
        assert max(found) < 1
    assert drawn == {8: 1, 300: MOST_DRAWN}


@pytest.mark.parametrize("size", [1, 4])
def test_smaller_pools_than_in_training_err_no_more_often(size):
    found = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        column = described(pools_of(rng, 80, 20, 0.1))
        fresh = pools_of(rng, 20_000, size, 0.1)
        found.append(share_of_false_alarms(column, fresh, 0.05, 300, rng))
    assert np.mean(found) < 0.05


def test_one_job_or_one_candidate_for_each_tells_nothing_of_pools():
    rng = np.random.default_rng(5)
    values = rng.normal(size=60)
    assert pool_means(values, np.zeros(60)) is None
    assert pool_means(values, np.arange(60)) is None
    assert pool_means(values, np.repeat(np.arange(30), 2)).n == 2
    assert pool_means(values, np.repeat(np.arange(2), 30)).n == MOST_DRAWN


def test_candidates_that_are_one_within_each_job_are_worth_one():
    column = described(np.repeat(np.random.default_rng(6).normal(size=(50, 1)), 8, axis=1))
    assert column.pools is not None
    assert column.pools.alike == 1
    assert column.deviation_of(8) == 1
    assert Steps.of(column).effective == pytest.approx(50)


def test_a_walk_tells_the_mean_in_deviations_of_a_candidate():
    walk = Cusum(Design(0.5, 10.0), 1)
    rises = [walk.take(0.6, 0.3) for _ in range(7)]  # 2 - .5 each
    assert rises[:6] == [None] * 6
    assert (rises[6].n, rises[6].mean) == (7, pytest.approx(0.6))


def requests(rng, n: int, shift: float = 0.0) -> list[Observation]:
    values = pools_of(rng, n, 10, 0.05) + shift
    rows = [[{"x": value} for value in row] for row in values.tolist()]
    return [Observation(number, "", None, row[0], tuple(row[1:])) for number, row in enumerate(rows, 1)]


def first_alarm(monitor: Monitor, seen: list[Observation]) -> int | None:
    return next((n for n, one in enumerate(seen, 1) if monitor.see(one)), None)


@pytest.mark.parametrize("way", [0.5, -0.5])
def test_half_a_standard_deviation_is_found_by_the_mean_of_a_request_in_half_of_the_requests(way):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        column = described(pools_of(rng, 200, 30, 0.05))
        before, after = requests(rng, 1_000), requests(rng, 200, way)
        delays = []
        for pools in (column.pools, None):
            monitor = Monitor(Snapshot((replace(column, pools=pools),), "a sample"))
            assert first_alarm(monitor, before) is None
            delays.append(first_alarm(monitor, after) or 201)
        assert delays[0] <= 60
        assert delays[0] < delays[1] / 2


def test_a_snapshot_of_before_reads_and_sees_the_first_candidate_alone():
    rng = np.random.default_rng(7)
    column = described(pools_of(rng, 100, 20, 0.05))
    snapshot = Snapshot((column,), "a sample")
    now = snapshot.to_json()
    assert Snapshot.from_json(now).to_json() == now
    assert Snapshot.from_json(now).columns[0].drawn == MOST_DRAWN
    older = {**now, "columns": [{k: v for k, v in one.items() if k != "pools"} for one in now["columns"]]}
    snapshot = Snapshot.from_json(older)
    assert snapshot.columns[0].drawn == 1
    with_others, without = Monitor(snapshot), Monitor(snapshot)
    seen = requests(rng, 400, 0.5)
    alone = [replace(one, others=()) for one in seen]
    assert first_alarm(with_others, seen) == first_alarm(without, alone) is not None
    assert with_others.states() == without.states()


@pytest.mark.parametrize(
    "wrong", [{"alike": 1.5}, {"n": 1}, {"growth": [0.0]}, {"worth": 0.0}, {"worth": None}]
)
def test_pools_that_are_none_are_refused(wrong):
    column = described(pools_of(np.random.default_rng(8), 30, 10, 0.1))
    snapshot = Snapshot((column,), "a sample").to_json()
    snapshot["columns"][0]["pools"] |= wrong
    with pytest.raises(ModelError, match="train anew"):
        Snapshot.from_json(snapshot)


def test_a_candidate_of_whom_a_column_is_not_known_leaves_the_mean_to_the_others():
    rng = np.random.default_rng(9)
    snapshot = Snapshot((described(pools_of(rng, 100, 20, 0.05)),), "a sample")
    full, gaps = Monitor(snapshot), Monitor(snapshot)
    for one in requests(rng, 300, 0.3):
        full.see(replace(one, others=one.others[:4]))
        gaps.see(replace(one, others=(one.others[0], {}, *one.others[1:4], {"else": 1.0})))
    assert full.states() == gaps.states()
    assert full.alerts == gaps.alerts != []
