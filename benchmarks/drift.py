"""How soon drift is found, and how often an alarm is false.

    python -m benchmarks.drift             # 200 streams of each kind, some 12 minutes; writes results/drift.json
    python -m benchmarks.drift --quick     # 10 streams of each kind, on other seeds; nothing is written

A classifier is trained on generated résumés, and 6,000 fresh ones are its population. Each stream draws a
training part from these for its snapshot, and its answers, independently: of 7,000 résumés, which 10,000 leave
for training, and as a harder case of 1,000. All features, the score and the label are watched together, under
the thresholds that the service has. *Clean* streams have 5,000 answers and no drift. In the others test_score is
half a standard deviation higher, or lower, from answer 1,001 on (within 0 .. 100, as scores are: 4 % stand at
100, so that the mean rises by .48 only): in *records* score and label follow, as they do in life; in *column*
nothing else moves, which is the hardest case. *Delay* is how many answers it took to the first alarm of any
column; an alarm before the shift counts as false there.

The tests and their settings were chosen on seeds 0 .. 99. On 1000 .. 1199, which nothing had been run on before,
197 of 200 shifts up and 199 down were found within 200 with the larger training part, with 2 false alarms; one
of these was by PSI, whose p was Pearson's then and came too often. With the likelihood ratio's in its place, and
nothing else changed, what is written is of seeds 2000 .. 2199. Intervals are Wilson's, 95 %; of a count of false
alarms, Poisson's exact one.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2

from benchmarks.speed.machine import describe, pinned
from fairness.adverse_impact.intervals import wilson
from ranker.app.monitoring.snapshot import Snapshot, snapshot_of_resumes
from ranker.app.monitoring.stream import Monitor, Observation
from ranker.app.monitoring.thresholds import Thresholds
from ranker.app.resume_model import ResumeModel, train_resumes
from ranker.app.resume_task import read_resume_task
from ranker.records.generated_resumes import generate_resumes
from ranker.records.ledger import Ledger
from ranker.records.resumes import read_resumes
from ranker.resume.classifier import Admitted

RESULTS = Path(__file__).parent / "results"
CLEAN, AT, WITHIN, SHIFT = 5_000, 1_000, 200, 0.5
SAMPLES = (7_000, 1_000)  # résumés of the training part
FRESH = 2_000  # first of the seeds that nothing was chosen on
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
    """Return the same people with a higher, and a lower, test score."""
    features = table[model.classifier.features.names]
    out = {}
    for way, sign in (("up", 1), ("down", -1)):
        moved = (table[COLUMN] + sign * SHIFT * table[COLUMN].std()).clip(0.0, 1.0)
        out[f"records {way}"] = judged(model, features.assign(**{COLUMN: moved}))
        out[f"column {way}"] = table.assign(**{COLUMN: moved})
    return out


def snapshot(model: ResumeModel, table: pd.DataFrame, size: int, rng: np.random.Generator) -> Snapshot:
    """Draw a training part, and describe it as training does."""
    rows = table.iloc[rng.integers(len(table), size=size)].reset_index(drop=True)
    return snapshot_of_resumes(model.classifier, rows, "a sample")


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


def delays(model: ResumeModel, table: pd.DataFrame, seeds: range, size: int) -> dict[str, dict[str, Any]]:
    """Plant each shift in many streams; those of one seed are the same until then."""
    moved = shifted(model, table)
    found: dict[str, list[list[tuple[int, str, str]]]] = {kind: [] for kind in moved}
    early = 0
    for seed in seeds:
        rng = np.random.default_rng([seed, 1])
        monitor = Monitor(snapshot(model, table, size, rng))
        early += len(alarms(monitor, table.iloc[rng.integers(len(table), size=AT)]))
        rows = rng.integers(len(table), size=2 * WITHIN)
        for kind, people in moved.items():
            found[kind].append(alarms(deepcopy(monitor), people.iloc[rows], stop_after=0))
    return {kind: {**delays_told(streams), "early": early} for kind, streams in found.items()}


def delays_told(streams: list[list[tuple[int, str, str]]]) -> dict[str, Any]:
    """Sum up the first alarms of streams after a shift."""
    first = [found[0] for found in streams if found]
    late = [found[0][0] if found else 2 * WITHIN + 1 for found in streams]
    soon = sum(one <= WITHIN for one in late)
    interval = wilson(soon, len(late))
    return {
        "streams": len(late),
        "found_within": soon,
        "within": soon / len(late),
        "within_interval": [interval.low, interval.high],
        "delay": {
            name: float(np.quantile(late, q)) for name, q in (("median", 0.5), ("p90", 0.9), ("p99", 0.99))
        },
        "longest": max(late),
        "first_test": dict(Counter(test for _, _, test in first)),
        "first_column": dict(Counter(column for _, column, _ in first)),
    }


def false_alarms(model: ResumeModel, table: pd.DataFrame, seeds: range, size: int) -> dict[str, Any]:
    """Count the alarms of streams without drift."""
    counts, tests, seconds = [], Counter[str](), 0.0
    for seed in seeds:
        rng = np.random.default_rng([seed, 0])
        monitor = Monitor(snapshot(model, table, size, rng))
        rows = table.iloc[rng.integers(len(table), size=CLEAN)]
        start = time.thread_time()
        found = alarms(monitor, rows)
        seconds += time.thread_time() - start
        counts.append(len(found))
        tests.update(test for _, _, test in found)
    return {
        **false_alarms_told(counts, tests),
        "milliseconds_an_answer": 1e3 * seconds / (CLEAN * len(counts)),
    }


def false_alarms_told(counts: list[int], tests: Counter[str]) -> dict[str, Any]:
    """Sum up the alarms of clean streams."""
    tens = np.array(counts)[: len(counts) // 10 * 10].reshape(-1, 10).sum(axis=1)
    total = sum(counts)
    return {
        "streams": len(counts),
        "alarms": total,
        "alarms_interval": [
            float(chi2.ppf(0.025, 2 * total) / 2) if total else 0.0,
            float(chi2.ppf(0.975, 2 * total + 2) / 2),
        ],
        "expected": Thresholds().false_alarms * len(counts),
        "alarms_of_ten_streams": tens.tolist(),
        "by_test": dict(tests),
    }


def study(model: ResumeModel, table: pd.DataFrame, seeds: range, size: int) -> dict[str, Any]:
    """Plant every shift, and none, with a training part of ``size`` résumés."""
    print(f"a training part of {size:,} résumés")
    figures: dict[str, Any] = dict(delays(model, table, seeds, size))
    for kind, told in figures.items():
        low, high = told["within_interval"]
        print(
            f"  {kind:<13} {told['found_within']} of {told['streams']} found within {WITHIN} "
            f"({low:.1%} to {high:.1%}); delay median {told['delay']['median']:.0f}, 90 % {told['delay']['p90']:.0f}, "
            f"longest {told['longest']}; first by {told['first_test']}; {told['early']} alarm(s) before",
            flush=True,
        )
    figures["clean"] = told = false_alarms(model, table, seeds, size)
    low, high = told["alarms_interval"]
    print(
        f"  clean         {told['alarms']} alarm(s) in {told['streams']} streams of {CLEAN:,} answers "
        f"({low:.2g} to {high:.2g}; {told['expected']:.2g} expected); at most "
        f"{max(told['alarms_of_ten_streams'], default=0)} in ten streams; {told['by_test']}; "
        f"{told['milliseconds_an_answer']:.2f} ms an answer",
        flush=True,
    )
    return figures


def main(arguments: list[str] | None = None) -> int:
    """Measure, tell, and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.drift", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="ten streams of each kind; nothing is written")
    parser.add_argument("--streams", type=int, default=200, help="of each kind")
    parser.add_argument("--first", type=int, default=FRESH, help="first seed; another writes nothing")
    given = parser.parse_args(arguments)
    seeds = range(10) if given.quick else range(given.first, given.first + given.streams)
    with tempfile.TemporaryDirectory() as name, pinned(1):
        model, table = population(Path(name), 1_500 if given.quick else 6_000)
        figures: dict[str, Any] = {
            "columns": table.shape[1],
            "people": len(table),
            "seeds": [seeds.start, seeds.stop - 1],
        }
        for size in SAMPLES:
            figures[f"training_{size}"] = study(model, table, seeds, size)
    if not given.quick and given.first == FRESH:
        RESULTS.mkdir(exist_ok=True)
        text = json.dumps({"machine": describe(), **figures}, indent=1, ensure_ascii=False) + "\n"
        (RESULTS / "drift.json").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
