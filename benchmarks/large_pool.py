"""Twenty million applications ranked on one machine: rows a second, peak memory, seconds of each stage.

    python -m benchmarks.large_pool                # 20 million rows, with intervals and without
    python -m benchmarks.large_pool --rows 2000000
    python -m benchmarks.large_pool --quick        # a small form that the tests run; writes no results

Draws a million candidates, 4,000 jobs and applications that come in no order of jobs, as Parquet;
trains on a sample; ranks with ``candor rank`` in a process of its own, whose peak memory the system
tells. Stages are timed on one batch, in this process. Writes ``results/large_pool.json``.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ranker.app.engine.columns import ROW, frame_of, labels_of
from ranker.app.engine.local import BATCH_ROWS, columns_read
from ranker.app.engine.partition import JobCounter, buckets, spill
from ranker.app.engine.sources import open_applications
from ranker.app.engine.tables import TableRanker, Wanted, read_pools
from ranker.app.model import Model
from ranker.app.task import read_task
from ranker.app.training import train
from ranker.ranking.output import write_ranking
from ranker.records import join_records
from ranker.records.ledger import Ledger
from ranker.scoring.uncertainty import rank_uncertainty

RESULTS = Path(__file__).with_name("results")
GROUP = 500_000  # rows drawn and written at a time
SKILLS = np.array([f"skill {n:03}" for n in range(200)])
CITIES = np.array([f"city {n:02}" for n in range(40)])
TASK = """
name = "large pool"
[candidates]
path = "candidates.parquet"
id = "id"
[jobs]
path = "jobs.parquet"
id = "id"
[applications]
path = "applications.parquet"
candidate = "candidate"
job = "job"
relevance = "grade"
[fields."candidate.gender"]
usage = "protected"
[[features]]
name = "years"
kind = "number"
field = "candidate.years"
[[features]]
name = "city"
kind = "category"
field = "candidate.city"
[[features]]
name = "skills"
kind = "coverage"
has = "candidate.skills"
wants = "job.skills"
[[features]]
name = "experience"
kind = "at_least"
field = "candidate.years"
required = "job.years"
[[features]]
name = "test score"
kind = "number"
field = "application.score"
[training]
objective = "pointwise"
interactions = 2
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is drawn: applications, candidates, jobs."""

    rows: int
    candidates: int
    jobs: int


def draw_people(n: int, seed: int) -> pa.Table:
    """Draw candidates: years, a city, 1 to 8 skills, and a gender that nothing reads."""
    rng = np.random.default_rng(seed)
    ends = np.append(0, np.cumsum(rng.integers(1, 9, n))).astype(np.int32)
    start = np.repeat(rng.integers(0, SKILLS.size, n), np.diff(ends))
    step = np.arange(ends[-1]) - np.repeat(ends[:-1], np.diff(ends))
    skills = pa.DictionaryArray.from_arrays((start + 7 * step) % SKILLS.size, SKILLS).cast(pa.string())
    return pa.table(
        {
            "id": [f"c{number:07}" for number in range(n)],
            "years": pa.array(rng.gamma(3, 2, n).round(), mask=rng.random(n) < 0.03),
            "city": CITIES[rng.integers(0, CITIES.size, n)],
            "skills": pa.ListArray.from_arrays(ends, skills),
            "gender": np.array(["woman", "man"])[rng.integers(0, 2, n)],
        }
    )


def draw_jobs(n: int, seed: int) -> pa.Table:
    """Draw jobs: skills and years that they ask for."""
    rng = np.random.default_rng(seed)
    rows = [
        {
            "id": f"job {number}",
            "skills": SKILLS[(first + 7 * np.arange(rng.integers(3, 8))) % SKILLS.size].tolist(),
            "years": int(rng.integers(0, 8)),
        }
        for number, first in enumerate(rng.integers(0, SKILLS.size, n))
    ]
    return pa.Table.from_pylist(rows)


def draw_applications(size: Size, start: int, stop: int) -> pa.Table:
    """Draw rows ``start .. stop - 1``: one for each job in turn, nobody twice for the same job."""
    k = np.arange(start, stop)
    job = k % size.jobs
    person = (k // size.jobs * 611_953 + job * 7_919) % size.candidates  # 611,953 is prime
    rng = np.random.default_rng(start)
    people = pa.DictionaryArray.from_arrays(person, [f"c{n:07}" for n in range(size.candidates)])
    jobs = pa.DictionaryArray.from_arrays(job, [f"job {n}" for n in range(size.jobs)])
    return pa.table(
        {
            "candidate": people.cast(pa.string()),
            "job": jobs.cast(pa.string()),
            "score": pa.array(rng.normal(60, 15, k.size).round(1), mask=rng.random(k.size) < 0.05),
        }
    )


def write_pool(folder: Path, size: Size) -> None:
    """Write the files, one row group at a time."""
    folder.mkdir()
    pq.write_table(draw_people(size.candidates, 0), folder / "candidates.parquet")
    pq.write_table(draw_jobs(size.jobs, 1), folder / "jobs.parquet")
    writer = None
    for start in range(0, size.rows, GROUP):
        table = draw_applications(size, start, min(start + GROUP, size.rows))
        writer = writer or pq.ParquetWriter(folder / "applications.parquet", table.schema)
        writer.write_table(table)
    if writer:
        writer.close()


def write_sample(folder: Path, size: Size) -> Path:
    """Write a small pool with grades to train on; return its task file."""
    write_pool(folder, size)
    table = pq.read_table(folder / "applications.parquet")
    rng = np.random.default_rng(2)
    score = np.nan_to_num(table.column("score").to_numpy(), nan=60.0)
    grade = np.clip((score - 50) / 10 + rng.normal(0, 1, score.size), 0, 4).round()
    pq.write_table(table.append_column("grade", pa.array(grade)), folder / "applications.parquet")
    (folder / "task.toml").write_text(TASK, encoding="utf-8")
    return folder / "task.toml"


def run(arguments: list[str]) -> dict[str, float]:
    """Run ``candor`` in a process of its own: seconds on the clock, CPU seconds, peak memory in MB."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "ranker.app.cli", *arguments, "--json"], stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"candor {' '.join(arguments)} left with {process.returncode}")
    return {
        "seconds": time.perf_counter() - start,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss / 1024,
    }


def stages(model: Model, data: Path, batch_rows: int) -> dict[str, float]:
    """Time the stages of ranking, in CPU microseconds a row: reading over all rows, the others on a batch."""
    found: dict[str, float] = {}

    def timed(name: str, rows: int, work: Callable[[], Any]) -> Any:
        start = time.process_time()
        result = work()
        found[name] = (time.process_time() - start) / max(1, rows) * 1e6
        return result

    applications = open_applications(data / "applications.parquet")
    if applications is None:
        raise RuntimeError("the applications were not written")
    n, columns, task = applications.n_rows, columns_read(model, applications), model.task
    counter = JobCounter()

    def count() -> None:
        for table in applications.batches(["job"]):
            counter.add(labels_of(table.column("job")))

    timed("read the jobs of all rows", n, count)
    sources = {"candidate": data / "candidates.parquet", "job": data / "jobs.parquet"}
    pools = timed("read candidates and jobs", n, lambda: read_pools(task, sources, Ledger()))
    with tempfile.TemporaryDirectory(dir=data) as folder:
        plan = counter.plan(batch_rows)
        paths = timed(
            "read and spill", n, lambda: spill(applications.batches(columns), "job", plan, Path(folder))
        )
        batch = timed("read a bucket", batch_rows, lambda: next(buckets(paths[:1])))
        ranker, rows = TableRanker(model, pools), batch.num_rows

        def values() -> tuple[Any, dict[str, Any]]:
            frames = {}
            for entity, pool in pools.items():
                labels = labels_of(batch.column(entity)).unique()
                frames[f"{entity}s"] = (pool.frame(pool.rows_named(labels)), pool.key)
            return frame_of(batch.drop_columns([ROW])), frames

        given, frames = timed("values", rows, values)
        records = timed(
            "join", rows, lambda: join_records(given, ranker.keys, fields=task.features.fields, **frames)
        )
        table = timed("features", rows, lambda: task.features.compute(records))
        timed("score", rows, lambda: model.scorer.score(table))
        ranking = timed("rank", rows, lambda: model.rank(records, table))
        timed("lay out", rows, ranking.to_frame)
        some = np.isin(records.job, ranking.jobs[: max(1, ranking.n_jobs // 10)])
        part = records.take(some)
        timed(
            "intervals",
            len(part),
            lambda: rank_uncertainty(model.scorer, table[some], job=part.job, candidate=part.candidate),
        )
        frame, _ = TableRanker(model, pools, Wanted(intervals=False)).rank(batch)
        timed("write", rows, lambda: write_ranking(frame, Path(folder) / "r.parquet"))
    return found


def study(
    size: Size, sample: Size, *, batch_rows: int, intervals: list[bool], folder: Path
) -> dict[str, Any]:
    """Draw, train, rank with and without intervals, time the stages."""
    write_pool(folder / "pool", size)
    model = train(read_task(write_sample(folder / "sample", sample)))
    model.save(folder / "model")
    data = folder / "pool"
    files = [f"--{name}={data / name}.parquet" for name in ("candidates", "jobs", "applications")]
    runs = {}
    for wanted in intervals:
        name = "with intervals" if wanted else "without intervals"
        options = ["--batch-rows", str(batch_rows), *([] if wanted else ["--no-intervals"])]
        out = folder / "ranking.parquet"
        runs[name] = run(["rank", str(folder / "model"), "--out", str(out), *files, *options])
        runs[name]["rows_per_second"] = size.rows / runs[name]["seconds"]
        if pq.read_metadata(out).num_rows != size.rows:
            raise RuntimeError(f"{size.rows} rows were to be ranked, and {out} holds fewer")
    return {
        **asdict(size),
        "batch_rows": batch_rows,
        "bags": len(np.ravel(model.scorer.bagged_intercept)),
        "runs": runs,
        "stages_us_per_row": stages(model, data, batch_rows),
        "machine": {
            "cores": os.cpu_count(),
            "system": platform.platform(),
            "python": platform.python_version(),
        },
    }


def main(arguments: list[str] | None = None) -> int:
    """Run the study."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a small form that the tests run")
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--batch-rows", type=int, default=BATCH_ROWS)
    parser.add_argument("--no-intervals", action="store_true", help="only the run without them")
    parser.add_argument("--folder", type=Path, help="where the data are drawn; a temporary folder by default")
    given = parser.parse_args(arguments)
    size = Size(3_000, 1_000, 20) if given.quick else Size(given.rows, 1_000_000, 4_000)
    sample = Size(600, 300, 20) if given.quick else Size(6_000, 2_000, 60)
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        found = study(
            size,
            sample,
            batch_rows=1_000 if given.quick else given.batch_rows,
            intervals=[False] if given.no_intervals else [False, True],
            folder=Path(folder),
        )
    for name, one in found["runs"].items():
        print(
            f"{size.rows:,} rows {name:<18} {one['seconds']:>8,.0f} s  {one['rows_per_second']:>10,.0f} rows/s  "
            f"{one['cpu_seconds']:>8,.0f} CPU s  {one['peak_mb']:>7,.0f} MB"
        )
    for name, microseconds in found["stages_us_per_row"].items():
        print(f"{name:<26} {microseconds:>8.2f} us/row")
    if not given.quick:
        RESULTS.mkdir(exist_ok=True)
        text = json.dumps(found, indent=1, ensure_ascii=False)
        (RESULTS / "large_pool.json").write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
