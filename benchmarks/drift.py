"""How soon drift is found, and how often an alarm is false.

    python -m benchmarks.drift           # 100 streams of each kind; writes results/drift.json
    python -m benchmarks.drift --quick   # 10 streams of each kind, some seconds; nothing is written

A classifier is trained on generated résumés, and 6,000 fresh ones are its population. Each stream draws a
training sample of 1,000 of these for its snapshot, and its answers, independently. All features, the score and
the label are watched together, under the thresholds that the service has. *Clean* streams have 5,000 answers and
no drift. In the others test_score is half a standard deviation higher from answer 1,001 on (and 100 at most, as
scores are): in *records* score and label follow, as they do in life; in *column* nothing else moves, which is
the hardest case. *Delay* is how many answers it took to the first alarm of any column; an alarm before the
shift counts as false there.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.speed.machine import describe, pinned
from ranker.app.monitoring.columns import column_of
from ranker.app.monitoring.snapshot import Snapshot
from ranker.app.monitoring.stream import Monitor, Observation
from ranker.app.resume_model import ResumeModel, train_resumes
from ranker.app.resume_task import read_resume_task
from ranker.records.generated_resumes import generate_resumes
from ranker.records.ledger import Ledger
from ranker.records.resumes import read_resumes
from ranker.resume.classifier import Admitted

RESULTS = Path(__file__).parent / "results"
SAMPLE, CLEAN, AT, WITHIN, SHIFT = 1_000, 5_000, 1_000, 200, 0.5
COLUMN = "test_score_norm"


def population(folder: Path, n: int) -> tuple[ResumeModel, pd.DataFrame]:
    """Train a classifier, and compute features, score and label of fresh résumés."""
    task = generate_resumes(folder / "train", n=1_500, seed=1)
    with task.open("a", encoding="utf-8") as file:
        file.write("\n[training]\nouter_bags = 2\ninteractions = 2\n")
    model = train_resumes(read_resume_task(task))
    generate_resumes(folder / "fresh", n=n, seed=2)
    classifier = model.classifier
    raws = read_resumes(folder / "fresh" / "resumes.jsonl", Ledger())
    admitted = [one for raw in raws if isinstance(one := classifier.admit(raw), Admitted)]
    table = classifier.pool([one.resume for one in admitted]).table
    return model, judged(model, table)


def judged(model: ResumeModel, table: pd.DataFrame) -> pd.DataFrame:
    """Put score and label beside the features."""
    one = model.classifier
    scores = one.scorer.score(table)
    labels = np.array(one.labels.labels, dtype=object)[one.labels.predict(scores)]
    return table.assign(score=scores, label=labels)


def shifted(model: ResumeModel, table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the same people with a higher test score."""
    features = table[model.classifier.features.names]
    higher = np.minimum(table[COLUMN] + SHIFT * table[COLUMN].std(), 1.0)
    return {
        "records": judged(model, features.assign(**{COLUMN: higher})),
        "column": table.assign(**{COLUMN: higher}),
    }


def snapshot(model: ResumeModel, sample: pd.DataFrame) -> Snapshot:
    """Describe a training sample as the service would."""
    order = {"label": model.classifier.labels.labels}
    columns = [
        column_of(name, name, sample[name].tolist(), categories=order.get(name)) for name in map(str, sample)
    ]
    return Snapshot(tuple(columns), "a sample")


def alarms(
    monitor: Monitor, rows: pd.DataFrame, *, stop_after: int | None = None
) -> list[tuple[int, str, str]]:
    """Let a monitor see a stream; return the answers, from 1, columns and tests of its alarms."""
    names, found = list(map(str, rows)), []
    for number, row in enumerate(rows.itertuples(index=False, name=None), 1):
        alerts = monitor.see(Observation(number, "", None, dict(zip(names, row, strict=True))))
        found += [(number, one.column, one.test) for one in alerts]
        if found and stop_after is not None and number > stop_after:
            break
    return found


def delays(model: ResumeModel, table: pd.DataFrame, moved: pd.DataFrame, seeds: range) -> dict[str, Any]:
    """Plant the shift in many streams."""
    late, tests, columns, early = [], Counter[str](), Counter[str](), 0
    for seed in seeds:
        rng = np.random.default_rng([seed, 1])
        monitor = Monitor(snapshot(model, table.iloc[rng.integers(len(table), size=SAMPLE)]))
        before = table.iloc[rng.integers(len(table), size=AT)]
        after = moved.iloc[rng.integers(len(table), size=2 * WITHIN)]
        early += len(alarms(monitor, before))
        found = alarms(monitor, after, stop_after=0)
        late.append(found[0][0] if found else 2 * WITHIN + 1)
        tests.update([found[0][2]] if found else [])
        columns.update([found[0][1]] if found else [])
    return {
        "streams": len(late),
        "within": float(np.mean(np.array(late) <= WITHIN)),
        "delay": {
            name: float(np.quantile(late, q)) for name, q in (("median", 0.5), ("p90", 0.9), ("p99", 0.99))
        },
        "longest": max(late),
        "early": early,
        "first_test": dict(tests),
        "first_column": dict(columns),
    }


def false_alarms(model: ResumeModel, table: pd.DataFrame, seeds: range) -> dict[str, Any]:
    """Count the alarms of streams without drift."""
    counts, tests, seconds = [], Counter[str](), 0.0
    for seed in seeds:
        rng = np.random.default_rng([seed, 0])
        monitor = Monitor(snapshot(model, table.iloc[rng.integers(len(table), size=SAMPLE)]))
        rows = table.iloc[rng.integers(len(table), size=CLEAN)]
        start = time.thread_time()
        found = alarms(monitor, rows)
        seconds += time.thread_time() - start
        counts.append(len(found))
        tests.update(test for _, _, test in found)
    tens = np.array(counts)[: len(counts) // 10 * 10].reshape(-1, 10).sum(axis=1)
    return {
        "streams": len(counts),
        "alarms": int(sum(counts)),
        "alarms_of_ten_streams": tens.tolist(),
        "by_test": dict(tests),
        "milliseconds_an_answer": 1e3 * seconds / (CLEAN * len(counts)),
    }


def main(arguments: list[str] | None = None) -> int:
    """Measure, tell, and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.drift", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="ten streams of each kind; nothing is written")
    parser.add_argument("--streams", type=int, default=100, help="of each kind")
    given = parser.parse_args(arguments)
    seeds = range(10 if given.quick else given.streams)
    with tempfile.TemporaryDirectory() as name, pinned(1):
        model, table = population(Path(name), 1_500 if given.quick else 6_000)
        figures: dict[str, Any] = {"columns": table.shape[1], "people": len(table)}
        for kind, moved in shifted(model, table).items():
            figures[kind] = delays(model, table, moved, seeds)
            told = figures[kind]
            print(
                f"{kind:<8} found within {WITHIN}: {told['within']:.1%} of {told['streams']}; delay median "
                f"{told['delay']['median']:.0f}, 90 % {told['delay']['p90']:.0f}, 99 % {told['delay']['p99']:.0f}; "
                f"first by {told['first_test']}; {told['early']} alarm(s) before",
                flush=True,
            )
        figures["clean"] = false_alarms(model, table, seeds)
    told = figures["clean"]
    print(
        f"clean    {told['alarms']} alarm(s) in {told['streams']} streams of {CLEAN:,} answers, "
        f"{figures['columns']} columns; at most {max(told['alarms_of_ten_streams'])} in ten streams; "
        f"{told['by_test']}; {told['milliseconds_an_answer']:.2f} ms an answer"
    )
    if not given.quick:
        RESULTS.mkdir(exist_ok=True)
        text = json.dumps({"machine": describe(), **figures}, indent=1, ensure_ascii=False) + "\n"
        (RESULTS / "drift.json").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
