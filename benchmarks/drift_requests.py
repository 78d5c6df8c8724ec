"""How soon drift is found in a ranker's requests, of which each is a pool of about 100 candidates for one job.

    python -m benchmarks.drift_requests           # 100 streams, some minutes; writes results/drift_requests.json
    python -m benchmarks.drift_requests --quick   # 5 streams, on other seeds; nothing is written

Candidates of one pool are no independent draws: what a job asks for moves them together. Of each request ten
candidates are drawn, as the service does (``ranker.app.monitoring.observing``); the walks take their mean as one
step, the other tests see the first. The training part is 200 jobs with all of their candidates, worth fewer rows
than it has (``worth``, of the test score). A stream draws these jobs, and the jobs of its requests,
independently from 300. All nine features are watched; the score, which is made of them, is left out. From request
1,001 on every candidate's test score is half a standard deviation higher, or lower, within its scale.

The steps were chosen on seeds 0 .. 49 (all found within 52 requests, no false alarm); nothing was run before on
3000 .. 3099, which are written. When a single candidate of each request was watched, 40 of 50 shifts up and 49 of
50 down were found within 200 requests on seeds 2000 .. 2049, after 138 and 129 requests in the median, with
one false alarm.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.drift import AT, CLEAN, RESULTS, SHIFT, WITHIN, delays_told, false_alarms_told
from benchmarks.speed.machine import describe, pinned
from ranker.app.data import load_records
from ranker.app.monitoring.adjusted import adjusted_columns
from ranker.app.monitoring.columns import column_of
from ranker.app.monitoring.pools import MOST_DRAWN
from ranker.app.monitoring.snapshot import Snapshot
from ranker.app.monitoring.stream import Monitor, Observation
from ranker.app.task import read_task
from ranker.records import synthetic

FRESH = 3_000  # first of the seeds that nothing was chosen on
JOBS, TRAIN, POOL, PEOPLE = 300, 200, 100, 6_000
COLUMN = "test_score"


def applications(folder: Path) -> tuple[pd.DataFrame, list[np.ndarray]]:
    """Generate applications; return features with ``job`` and ``candidate``, and the rows of each job."""
    path = synthetic.generate(
        folder, n_candidates=PEOPLE, n_jobs=JOBS, applications_per_job=POOL, seed=3, outer_bags=1
    )
    task = read_task(path)
    records = load_records(task, labelled=True)
    table = task.features.compute(records).assign(job=records.job, candidate=records.candidate)
    rows = table.groupby("job", sort=True).indices
    return table, [np.asarray(one) for one in rows.values()]


def snapshot(table: pd.DataFrame, pools: list[np.ndarray], rng: np.random.Generator) -> Snapshot:
    """Draw the jobs of a training part, and describe their applications as training does."""
    drawn = [pools[job] for job in rng.integers(len(pools), size=TRAIN)]
    seen = table.iloc[np.concatenate(drawn)]
    job = np.repeat(np.arange(TRAIN), [len(rows) for rows in drawn])  # a job drawn twice is two jobs
    clusters = (job, seen["candidate"].to_numpy())
    values = {name: seen[name].tolist() for name in map(str, seen) if name not in ("job", "candidate")}
    columns = [column_of(name, name, values[name], clusters=clusters) for name in values]
    return Snapshot(tuple(columns), "a sample", adjusted=adjusted_columns(columns, values, clusters=clusters))


def requests(pools: list[np.ndarray], n: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Draw a job for each request, and some of its candidates; return their rows."""
    jobs = rng.integers(len(pools), size=n)
    return [rng.permutation(pools[job])[:MOST_DRAWN] for job in jobs]


def alarms(
    monitor: Monitor, people: list[dict[Any, Any]], asked: list[np.ndarray], *, first_only: bool = False
) -> list[tuple[int, str, str]]:
    """Let a monitor see requests; return their numbers, from 1, columns and tests of its alarms."""
    found: list[tuple[int, str, str]] = []
    for number, rows in enumerate(asked, 1):
        one, *others = (people[row] for row in rows.tolist())
        alerts = monitor.see(Observation(number, "", None, one, tuple(others)))
        found += [(number, one.column, one.test) for one in alerts]
        if found and first_only:
            break
    return found


def study(table: pd.DataFrame, pools: list[np.ndarray], seeds: range) -> dict[str, Any]:
    """Plant the shift, and none, in many streams."""
    answers = table.drop(columns=["job", "candidate"])
    least, most, spread = answers[COLUMN].min(), answers[COLUMN].max(), answers[COLUMN].std()
    moved = {
        way: answers.assign(**{COLUMN: (answers[COLUMN] + sign * SHIFT * spread).clip(least, most)}).to_dict(
            "records"
        )
        for way, sign in (("up", 1), ("down", -1))
    }
    people = answers.to_dict("records")
    found: dict[str, list[list[tuple[int, str, str]]]] = {way: [] for way in moved}
    counts, tests, worth = [], Counter[str](), []
    for seed in seeds:
        rng = np.random.default_rng([seed, 2])
        monitor = Monitor(snapshot(table, pools, rng))
        worth.append(next(one.effective for one in monitor.snapshot.columns if one.name == COLUMN))
        early = alarms(monitor, people, requests(pools, AT, rng))
        after = requests(pools, 2 * WITHIN, rng)
        for way, those in moved.items():
            found[way].append(alarms(deepcopy(monitor), those, after, first_only=True))
        late = alarms(monitor, people, requests(pools, CLEAN - AT, rng))
        counts.append(len(early) + len(late))
        tests.update(test for _, _, test in (*early, *late))
    told = {way: delays_told(streams) for way, streams in found.items()}
    return {**told, "clean": false_alarms_told(counts, tests), "worth": float(np.median(worth))}


def main(arguments: list[str] | None = None) -> int:
    """Measure, tell, and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.drift_requests", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="five streams; nothing is written")
    given = parser.parse_args(arguments)
    seeds = range(5) if given.quick else range(FRESH, FRESH + 100)
    with tempfile.TemporaryDirectory() as name, pinned(1):
        table, pools = applications(Path(name))
        figures = study(table, pools, seeds)
    for way in ("up", "down"):
        told = figures[way]
        print(
            f"{way:<5} {told['found_within']} of {told['streams']} found within {WITHIN} requests; delay median "
            f"{told['delay']['median']:.0f}, longest {told['longest']}; first by {told['first_test']}"
        )
    clean = figures["clean"]
    print(
        f"clean {clean['alarms']} alarm(s) in {clean['streams']} streams of {CLEAN:,} requests {clean['by_test']}; "
        f"{len(table):,} applications, a training part of {TRAIN} jobs worth {figures['worth']:,.0f} rows"
    )
    if not given.quick:
        out = {"machine": describe(), "seeds": [seeds.start, seeds.stop - 1], **figures}
        text = json.dumps(out, indent=1, ensure_ascii=False) + "\n"
        (RESULTS / "drift_requests.json").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
