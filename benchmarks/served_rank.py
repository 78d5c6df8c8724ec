"""One request ranked in this process: milliseconds for 100 candidates, without HTTP and without a log.

    python -m benchmarks.served_rank           # two minutes; writes results/served_rank.json
    python -m benchmarks.served_rank --quick   # half a minute; nothing is written

A ranker of nine features and five pairs is trained on synthetic applications (14 bags; 2 with ``--quick``) and
warmed up. Then 40 bodies, one for each job and each with another hundred people, are answered in turn, so that
no answer can rest on the one before. *Read* is the body as JSON checked against its limits; *answer* is
``Served.rank``: joined, features, scores, order, and what else is asked; *write* is the answer as JSON.
Medians and 99th percentiles over all bodies and rounds; one thread. *cpu* is the median of the processor's
time, which other programs of the machine disturb less than the clock's.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.speed.machine import describe, pinned
from ranker.app.served import Served
from ranker.app.served.bodies import RankBody, read_body
from ranker.app.served.served import answer_bytes
from ranker.app.task import read_task
from ranker.app.training import train
from ranker.records.synthetic import generate

RESULTS = Path(__file__).parent / "results"
POOL, N_JOBS, ROUNDS = 100, 40, 20
PROTECTED = ("gender", "origin")
# What is asked for, and the milliseconds that an answer may take.
MODES: dict[str, tuple[dict[str, bool], float | None]] = {
    "ranks": ({}, 3.0),
    "ranks, intervals": ({"intervals": True}, None),
    "ranks, explanations": ({"explanations": True}, 15.0),
    "ranks, intervals, explanations": ({"intervals": True, "explanations": True}, None),
}


def served_model(folder: Path, bags: int) -> Served:
    """Train a ranker and return it, warmed up."""
    task = generate(folder, n_jobs=N_JOBS, outer_bags=bags)
    text = task.read_text(encoding="utf-8").replace("[training]\n", '[training]\nobjective = "pairwise"\n')
    task.write_text(text, encoding="utf-8")
    train(read_task(task)).save(folder / "model")
    served = Served.load(folder / "model")
    served.warm()
    return served


def bodies(folder: Path, options: dict[str, bool]) -> list[bytes]:
    """Write a body for each job, with a hundred people who meet the requirement."""
    people = [json.loads(line) for line in (folder / "candidates.jsonl").read_text("utf-8").splitlines()]
    jobs = [json.loads(line) for line in (folder / "jobs.jsonl").read_text("utf-8").splitlines()]
    rng = np.random.default_rng(0)
    out = []
    for job in jobs:
        some = [people[i] for i in rng.choice(len(people), POOL, replace=False)]
        body = {
            "job": job,
            "candidates": [{k: v for k, v in one.items() if k not in PROTECTED} for one in some],
            "applications": [{"candidate_id": one["id"], "work_permit": "yes"} for one in some],
            **options,
        }
        out.append(json.dumps(body, ensure_ascii=False).encode())
    return out


def milliseconds(work: Callable[[Any], Any], given: list[Any]) -> tuple[list[tuple[float, float]], list[Any]]:
    """Time each piece of work, by the clock and by the processor."""
    spent, results = [], []
    for one in given:
        clock, cpu = time.perf_counter(), time.thread_time()
        results.append(work(one))
        spent.append((1e3 * (time.perf_counter() - clock), 1e3 * (time.thread_time() - cpu)))
    return spent, results


def measure(served: Served, sent: list[bytes], rounds: int) -> dict[str, Any]:
    """Read, answer and write all bodies several times."""
    spent: dict[str, list[tuple[float, float]]] = {"read": [], "answer": [], "write": []}
    for number in range(rounds + 1):
        read, parsed = milliseconds(lambda raw: read_body(RankBody, raw), sent)
        answer, answers = milliseconds(served.rank, parsed)
        write, texts = milliseconds(answer_bytes, answers)
        if number:  # the first round is not counted
            for name, found in (("read", read), ("answer", answer), ("write", write)):
                spent[name] += found
    figures = {}
    for name, times in spent.items():
        clock, cpu = np.array(times).T
        found = {"median": np.median(clock), "p99": np.quantile(clock, 0.99), "cpu": np.median(cpu)}
        figures[name] = {what: round(float(value), 2) for what, value in found.items()}
    return {**figures, "bytes": int(np.median([len(text) for text in texts]))}


def main(arguments: list[str] | None = None) -> int:
    """Measure, tell, and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.served_rank", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two bags, three rounds; nothing is written")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name, pinned(1):
        served = served_model(Path(name), 2 if given.quick else 14)
        rows = []
        for mode, (options, limit) in MODES.items():
            found = measure(served, bodies(Path(name), options), 3 if given.quick else ROUNDS)
            rows.append({"asked": mode, "limit": limit, **found})
    print(
        f"{'asked for':<32}{'read':>7}{'answer':>8}{'p99':>8}{'cpu':>7}{'limit':>7}{'write':>7}{'bytes':>9}"
    )
    for row in rows:
        limit = "-" if row["limit"] is None else f"{row['limit']:.0f}"
        read, answer, write = row["read"], row["answer"], row["write"]
        print(
            f"{row['asked']:<32}{read['median']:>7.2f}{answer['median']:>8.2f}{answer['p99']:>8.2f}"
            f"{answer['cpu']:>7.2f}{limit:>7}{write['median']:>7.2f}{row['bytes']:>9,}"
        )
    print(f"milliseconds for {POOL} candidates, medians")
    if not given.quick:
        figures = {"machine": describe(), "pool": POOL, "rounds": ROUNDS, "rows": rows}
        RESULTS.mkdir(exist_ok=True)
        text = json.dumps(figures, indent=1, ensure_ascii=False) + "\n"
        (RESULTS / "served_rank.json").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
