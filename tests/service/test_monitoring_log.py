"""From the log of decisions to what is watched: rankings, classifications, groups by week."""

import json
from dataclasses import replace
from itertools import count

import pytest

pytest.importorskip("sqlalchemy", reason="the log of decisions needs the extra api")
pytest.importorskip("river", reason="the watch for drift needs the extra monitor")

from served_case import classifier_directory, folder, make_served, pool_body, ranker_directory, resumes

from ranker.app.decisions import NewDecision, forget, open_store
from ranker.app.monitoring.command import run_monitor
from ranker.app.monitoring.observing import Observer, key_of
from ranker.app.monitoring.reading import number_from_end, read
from ranker.app.monitoring.snapshot import Snapshot, snapshot_of
from ranker.app.monitoring.watching import Watcher
from ranker.errors import DataError, UsageError

DAYS = ("2026-11-02", "2026-11-03", "2026-11-09")


@pytest.fixture(scope="module")
def served():
    return make_served()


@pytest.fixture
def store(tmp_path):
    clock = count()
    with open_store(
        f"sqlite:///{tmp_path / 'log.db'}",
        clock=lambda: f"{DAYS[min(next(clock) // 6, 2)]}T10:00:00.000000+00:00",
    ) as opened:
        yield opened


def protected_of(people):
    lines = (folder() / "data" / "candidates.jsonl").read_text(encoding="utf-8").splitlines()
    rows = {row["id"]: row for row in map(json.loads, lines)}
    return {who: {"gender": rows[who].get("gender")} for who in people}


def recorded(store, served, endpoint, body, **more):
    people = served.people(endpoint, body)
    told = {"input": body, "answer": served.answer(endpoint, body), "people": people, **more}
    who = {"caller": "k", "role": "recruiter", "request_id": "r", "model": served.digest_of(endpoint)}
    return store.record(NewDecision(kind=endpoint, **{**who, **told}))


def observed(store, model):
    observer = Observer(model, snapshot_of(model))
    return observer, [observer.observe(entry) for entry in read(store, observer.digest)]


def test_a_ranking_shows_one_candidates_features_and_score_as_they_were(store, served):
    answer = served.rank(pool_body())
    recorded(store, served, "rank", pool_body())
    _, [seen] = observed(store, served.ranker)
    features = {
        name: value for name, value in seen.values.items() if name in served.ranker.task.features.names
    }
    assert list(features) == served.ranker.task.features.names
    assert any(abs(one["score"] - seen.values["score"]) < 1e-9 for one in answer["ranking"])


def test_a_ranking_shows_ten_different_candidates_in_the_order_of_their_hash(store, served):
    answer = served.rank(pool_body())
    recorded(store, served, "rank", pool_body())
    observer, [seen] = observed(store, served.ranker)
    scores = {one["candidate"]: one["score"] for one in answer["ranking"]}
    who = sorted(scores, key=lambda one: key_of(seen.number, one))[:10]
    assert len(scores) > len(who) == 10
    assert [one["score"] for one in (seen.values, *seen.others)] == pytest.approx(
        [scores[one] for one in who]
    )
    assert all(one.keys() >= set(served.ranker.task.features.names) for one in seen.others)
    [entry] = read(store, observer.digest)
    backwards = {**entry.input, "candidates": entry.input["candidates"][::-1]}
    again = observer.observe(replace(entry, input=backwards))
    assert [repr(one) for one in again.others] == [repr(one) for one in seen.others]


def test_a_small_pool_shows_all_and_a_snapshot_of_before_one(store, served):
    body = pool_body()
    few = {row["candidate_id"] for row in body["applications"][:4]}
    body["candidates"] = [one for one in body["candidates"] if one["id"] in few]
    body["applications"] = body["applications"][:4]
    recorded(store, served, "rank", body)
    _, [seen] = observed(store, served.ranker)
    assert len(seen.others) == served.answer("rank", body)["pool_size"] - 1 > 0
    told = snapshot_of(served.ranker).to_json()
    for column in told["columns"]:
        del column["pools"]
    older = Observer(served.ranker, Snapshot.from_json(told))
    [alone] = [older.observe(entry) for entry in read(store, older.digest)]
    assert alone.others == ()
    assert repr(alone.values) == repr(seen.values)


def test_of_whom_the_data_were_deleted_nothing_is_drawn_of_the_others_all(store, served):
    recorded(store, served, "rank", pool_body())
    observer, [before] = observed(store, served.ranker)
    people = sorted(served.people("rank", pool_body()), key=lambda one: key_of(before.number, one))
    forget(store, people[1], why="asked")
    [after] = [observer.observe(entry) for entry in read(store, observer.digest)]
    assert repr(after.values) == repr(before.values)
    assert [repr(one) for one in after.others[:-1]] == [repr(one) for one in before.others[1:]]
    assert len(after.others) == len(before.others)


def test_a_classification_shows_its_features_score_and_label(store, served):
    body = {"resume": resumes(1)[0]}
    answer = served.classify(body)
    recorded(store, served, "classify", body)
    recorded(store, served, "classify", body, keep_input=False)
    observer, [whole, bare] = observed(store, served.classifier)
    assert (whole.values["score"], whole.values["label"]) == (answer["score"], answer["label"])
    assert set(whole.values) == {column.name for column in observer.snapshot.columns}
    # Of an input that was not kept the answer tells some features, and these are the same.
    assert {"skill_match_ratio", "test_score_norm"} <= bare.values.keys()
    for name, value in bare.values.items():
        assert whole.values[name] == pytest.approx(value, nan_ok=True) if name != "label" else True
    assert observer.n_scores_only == 1


def test_a_ranking_whose_first_alone_are_shown_and_whose_input_is_not_kept_shows_nothing(store, served):
    recorded(store, served, "rank", pool_body(top_k=2), keep_input=False)
    recorded(store, served, "rank", pool_body(), keep_input=False)
    observer, [cut, whole] = observed(store, served.ranker)
    assert (cut, list(whole.values), observer.n_unread) == (None, ["score"], 1)
    assert [list(one) for one in whole.others] == [["score"]] * 9


def test_who_was_forgotten_is_not_drawn_and_nothing_breaks(store, served):
    body = pool_body()
    recorded(store, served, "rank", body)
    for who in served.people("rank", body):
        forget(store, who, why="asked")
    observer, seen = observed(store, served.ranker)
    assert (seen, observer.n_unread) == ([None], 1)


def test_other_models_and_other_kinds_are_not_read(store, served):
    body = pool_body()
    recorded(store, served, "rank", body, model="0" * 64)
    recorded(store, served, "explain", {**body, "candidate": served.rank(body)["ranking"][0]["candidate"]})
    recorded(store, served, "rank", body)
    assert [entry.number for entry in read(store, served.digest_of("rank"))] == [3]
    assert number_from_end(store, served.digest_of("rank"), 5) == 0


def test_training_keeps_a_snapshot_that_is_what_its_files_say(served):
    kept = snapshot_of(served.ranker)
    assert served.ranker.snapshot is not None
    made = snapshot_of(replace(served.ranker, snapshot=None))
    assert made.to_json() == kept.to_json() == Snapshot.from_json(kept.to_json()).to_json()
    assert [one.name for one in kept.columns[:-1]][: len(served.ranker.task.features)] == (
        served.ranker.task.features.names
    )


def test_a_classifier_keeps_what_its_whole_training_part_looked_like_an_older_one_a_sample(served):
    parts = served.classifier.parts["part"]
    kept = snapshot_of(served.classifier)
    assert {column.n for column in kept.columns} == {int((parts == "train").sum())}
    older = snapshot_of(replace(served.classifier, snapshot=None))
    assert [column.name for column in older.columns] == [column.name for column in kept.columns]
    assert {column.n for column in older.columns} == {len(served.classifier.classifier.reference)}


def test_the_command_tells_drift_and_weeks_and_writes_a_page(store, served, tmp_path):
    for job in range(8):
        body = pool_body(job)
        recorded(store, served, "rank", body, protected=protected_of(served.people("rank", body)))
    url = f"sqlite:///{tmp_path / 'log.db'}"
    told = run_monitor(ranker_directory(), url, out=tmp_path / "page.html")
    assert "8 answer(s) looked at" in told.text
    weeks = {(one["week"], one["attribute"]) for one in told.machine["weeks"]}
    assert weeks == {("2026-11-02", "gender")}
    json.dumps(told.machine, allow_nan=False)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "2026-11-02" in page
    assert "http://" not in page.split("<body>")[1]
    ids = {who for job in range(8) for who in served.people("rank", pool_body(job))}
    body = page.split("<body>")[1]
    assert not any(who in told.text or f">{who}<" in body for who in ids)  # nobody is named


def test_the_command_reads_a_classifiers_log(store, served, tmp_path):
    for one in resumes(4):
        recorded(store, served, "classify", {"resume": one})
    told = run_monitor(classifier_directory(), f"sqlite:///{tmp_path / 'log.db'}", last=2)
    assert told.machine["entries"] == 2


def test_a_log_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(UsageError, match="no log"):
        run_monitor(ranker_directory(), f"sqlite:///{tmp_path / 'typo.db'}")
    assert not (tmp_path / "typo.db").exists()


def test_a_page_is_named_as_one(tmp_path):
    with pytest.raises(DataError, match=r"\.html"):
        run_monitor(ranker_directory(), "sqlite:///x.db", out=tmp_path / "page.pdf")


def test_two_watchers_of_one_log_see_the_same_whoever_answered(store, served):
    recorded(store, served, "rank", pool_body(0))
    watchers = [Watcher(store, {"ranker": served.ranker, "classifier": served.classifier}) for _ in range(2)]
    for one in watchers:
        one.open()
    recorded(store, served, "rank", pool_body(1))
    recorded(store, served, "classify", {"resume": resumes(1)[0]})
    assert [one.look() for one in watchers] == [3, 3]
    assert watchers[0].metrics() == watchers[1].metrics()
    assert watchers[0].look() == 0
    text = watchers[0].metrics().decode()
    assert 'candor_drift_answers_total{model="ranker"} 2' in text
    assert 'candor_drift_alert{model="classifier",column="label"} 0' in text


def test_the_metrics_are_in_prometheus_format(store, served):
    parser = pytest.importorskip("prometheus_client.parser", reason="/metrics needs the extra api")
    watcher = Watcher(store, {"classifier": served.classifier})
    watcher.open()
    for one in resumes(3):
        recorded(store, served, "classify", {"resume": one})
    watcher.look()
    families = {one.name: one for one in parser.text_string_to_metric_families(watcher.metrics().decode())}
    columns = {sample.labels["column"] for sample in families["candor_drift_alert"].samples}
    assert columns == {column.name for column in snapshot_of(served.classifier).columns}
    assert families["candor_drift_behind"].samples[0].value == 0


def test_a_watcher_takes_no_more_of_a_look_than_it_may_and_says_how_far_it_is_behind(store, served):
    for job in range(5):
        recorded(store, served, "rank", pool_body(job))
    watcher = Watcher(store, {"ranker": served.ranker}, most=2)
    watcher.open()
    assert watcher.look() == 2
    assert watcher.state()["ranker"]["behind"] == 3


def test_a_watcher_ends_when_told(store, served):
    watcher = Watcher(store, {"ranker": served.ranker}, every=0.01)
    watcher.start()
    watcher.stop()
    assert watcher._thread is not None
    assert not watcher._thread.is_alive()
