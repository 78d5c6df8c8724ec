"""The watch over a stream: what it must find, and what it must leave alone."""

import sys

import numpy as np
import pytest

pytest.importorskip("river", reason="the watch for drift needs the extra monitor")

from ranker.app.monitoring.adjusted import adjusted_columns
from ranker.app.monitoring.columns import column_of
from ranker.app.monitoring.snapshot import Snapshot
from ranker.app.monitoring.stream import Monitor, Observation
from ranker.app.monitoring.thresholds import Thresholds
from ranker.errors import UsageError

NAMES = ("test_score", "years", "degree")
DEGREES = ("none", "bachelor", "master")


def draw(rng, n: int, *, shift: float = 0.0) -> list[dict]:
    scores = rng.normal(70 + 10 * shift, 10, n)
    years = rng.gamma(2, 3, n).round()
    degrees = rng.choice(DEGREES, n, p=(0.3, 0.5, 0.2))
    return [
        dict(zip(NAMES, row, strict=True))
        for row in zip(scores.tolist(), years.tolist(), degrees, strict=True)
    ]


def snapshot_of_rows(rows: list[dict]) -> Snapshot:
    return Snapshot(tuple(column_of(name, name, [row[name] for row in rows]) for name in NAMES), "a sample")


def draw_related(rng, n: int, *, shift: float = 0.0, start: int = 0) -> list[dict]:
    skill = rng.normal(size=n)
    score = 0.7 * skill + np.sqrt(0.51) * rng.normal(size=n) + shift * (np.arange(n) >= start)
    return [{"skill": a, "score": b} for a, b in zip(skill.tolist(), score.tolist(), strict=True)]


def related(rng, n: int) -> Snapshot:
    rows = draw_related(rng, n)
    values = {name: [row[name] for row in rows] for name in ("skill", "score")}
    columns = tuple(column_of(name, name, values[name]) for name in values)
    return Snapshot(columns, "a sample", adjusted=adjusted_columns(columns, values))


def watched(seed: int, **options) -> tuple[Monitor, np.random.Generator]:
    rng = np.random.default_rng(seed)
    return Monitor(snapshot_of_rows(draw(rng, 1_000)), **options), rng


def feed(monitor: Monitor, rows: list[dict]) -> list:
    start = monitor.last
    return [
        alert
        for number, row in enumerate(rows, start + 1)
        for alert in monitor.see(Observation(number, "2026-01-01T00:00:00+00:00", None, row))
    ]


def test_half_a_standard_deviation_planted_at_1000_is_found_within_200_by_the_mean_alone():
    found = 0
    for seed in range(12):
        monitor, rng = watched(seed)
        assert not feed(monitor, draw(rng, 1_000))
        alerts = feed(monitor, draw(rng, 200, shift=0.5))
        found += any(alert.column == "test_score" for alert in alerts)
    assert found >= 10  # of so small a training part; benchmarks/drift.py has the distribution over 200


@pytest.mark.parametrize("way", [0.5, -0.5])
def test_where_other_features_foretell_it_in_part_a_shift_is_found_sooner_than_alone(way):
    found, late = [], []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        snapshot, rows = related(rng, 2_000), draw_related(rng, 1_400, shift=way, start=1_000)
        for adjusted, numbers in ((snapshot.adjusted, found), ((), late)):
            monitor = Monitor(Snapshot(snapshot.columns, "a sample", adjusted=adjusted))
            alerts = feed(monitor, rows)
            numbers.append(min((one.number for one in alerts if one.column == "score"), default=1_401))
    assert all(1_000 < number <= 1_200 for number in found)
    assert np.mean(found) < np.mean(late) - 20


def test_an_alarm_of_a_cumulative_sum_tells_since_when_and_how_far():
    monitor, rng = watched(1)
    feed(monitor, draw(rng, 1_000))
    [alert] = feed(monitor, draw(rng, 150, shift=1.0))
    assert (alert.test, alert.p) == ("mean", None)
    assert abs(alert.number - alert.window - 1_000) < 25
    assert alert.value == pytest.approx(1.0, abs=0.25)
    assert "standard deviations from the training part" in alert.in_words()


def test_ten_clean_streams_of_5000_raise_at_most_one_alarm_together():
    total = 0
    for seed in range(10):
        monitor, rng = watched(100 + seed)
        total += len(feed(monitor, draw(rng, 5_000)))
    assert total <= 1


def test_an_alarm_is_told_once_while_it_holds_and_ends_with_the_drift():
    monitor, rng = watched(1)
    alerts = feed(monitor, draw(rng, 1_500, shift=1.0))
    assert [alert.column for alert in alerts] == ["test_score"]
    assert {state.column: state.verdict for state in monitor.states()}["test_score"] == "drift"
    feed(monitor, draw(rng, 2_500))
    assert not any(state.drifting for state in monitor.states())


def test_values_that_go_missing_and_categories_never_seen_are_found():
    monitor, rng = watched(2)
    rows = draw(rng, 400)
    for row in rows[::3]:
        row["years"], row["degree"] = None, "doctor"
    assert {alert.column for alert in feed(monitor, rows)} == {"years", "degree"}


def test_a_watch_made_again_from_the_same_answers_stands_where_the_first_stood():
    monitor, rng = watched(3)
    rows = draw(rng, 700, shift=0.4)
    first, again = monitor, Monitor(monitor.snapshot)
    assert feed(first, rows) == feed(again, rows)
    assert first.states() == again.states()


def test_the_order_within_a_look_is_all_that_memory_holds():
    monitor, rng = watched(4)
    feed(monitor, draw(rng, 5_000))
    fresh = Monitor(monitor.snapshot)
    longest = max(fresh.thresholds.windows)
    rows = draw(rng, longest)
    feed(monitor, rows)
    feed(fresh, rows)
    for old, new in zip(monitor.states(), fresh.states(), strict=True):
        assert (old.psi, old.ks) == (new.psi, new.ks)  # nothing of the 5,000 is left in the measures


def test_the_same_question_asked_again_at_once_counts_once():
    monitor, rng = watched(5)
    [row] = draw(rng, 1)
    for number, key in enumerate((1, 1, 2, 1), 1):
        monitor.see(Observation(number, "", key, row))
    assert (monitor.n, monitor.n_repeats) == (2, 2)


def test_columns_that_training_never_had_are_left_alone():
    monitor, _ = watched(6)
    assert monitor.see(Observation(1, "", None, {"shoe size": 43.0})) == ()


def test_more_columns_and_more_looks_ask_for_more():
    thresholds = Thresholds()
    assert thresholds.level("ks", 20, 200) == pytest.approx(thresholds.level("ks", 10, 200) / 2)
    assert thresholds.level("ks", 10, 100) < thresholds.level("ks", 10, 200)
    assert thresholds.walk_chance(20) == pytest.approx(thresholds.walk_chance(10) / 2)
    assert "one in 1,000,000 answers" in thresholds.in_words()


def test_without_river_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "river.drift", None)
    rows = draw(np.random.default_rng(0), 50)
    with pytest.raises(UsageError, match=r"candor-rank\[monitor\]"):
        Monitor(snapshot_of_rows(rows))
