"""Train on the real tasks and check, on every candidate of each, what the README says.

    python -m benchmarks.real_tasks            # minutes; writes benchmarks/results/real_tasks.json
    python -m benchmarks.real_tasks compas     # one task anew; what was measured of the others stays
    python -m benchmarks.real_tasks --quick    # two bags, two tasks, 50 candidates each

For each task: NDCG@10 and exposure ratio on the test part, unconstrained and fair; the largest
difference between a score and the sum of its raw fields; how many people a top 10 holds; whether
interpret's own explanations work on the model; seconds of training.
"""

import argparse
import dataclasses
import json
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from ranker.app.model import Model
from ranker.app.task import Task, read_task
from ranker.app.training import train
from ranker.errors import SourceError
from ranker.scoring.attribution import attribute_pair

TASKS = (
    "findhr",
    "bertrand_mullainathan",
    "stackoverflow_applicants",
    "law_school",
    "chile_engineering",
    "compas",
    "adult",
)
HERE = Path(__file__).parent


def study(task: Task, *, candidates: int | None = None) -> dict[str, Any]:
    """Train on one task and measure it; ``candidates`` limits how many are taken apart."""
    start = time.perf_counter()
    model = train(task)
    seconds = time.perf_counter() - start
    records = model.load_records()
    table = task.features.compute(records)
    pairs = np.arange(len(records))
    if candidates is not None:
        pairs = np.random.default_rng(0).permutation(pairs)[:candidates]
    residuals = [attribute_pair(model.scorer, task.features, records, table, int(p)).residual for p in pairs]
    ranking = model.rank(records, table)
    top = [int(ranking.of(job).in_top(10).sum()) for job in ranking.jobs]
    ebm = model.scorer.to_ebm()
    return {
        "task": task.name,
        "pairs": len(records),
        "jobs": ranking.n_jobs,
        "set_aside": sum(row["rows"] for row in model.cleaning["counts"] if row["action"] == "set_aside"),
        "bags": task.training.outer_bags,
        "seconds": round(seconds, 1),
        "test": model.evaluation["test"],
        "certificate": None if model.certificate is None else _short(model),
        "candidates_checked": len(pairs),
        "largest_residual": float(max(residuals)),
        "largest_top_10": max(top),
        "explain_global_terms": len(ebm.explain_global().data()["names"]),
        "explain_local_rows": len(ebm.explain_local(table.head(3)).selector),
    }


def _short(model: Model) -> dict[str, Any]:
    keys = (
        "bound", "measured", "interval", "unit", "verdict", "sure", "objective", "way", "multiplier",
        "met_on_tune", "by_group",
    )  # fmt: skip
    return {key: (model.certificate or {})[key] for key in keys}


def main(arguments: list[str] | None = None) -> int:
    """Run the study; the exit code says whether every law held."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tasks", nargs="*", help="names of tasks; all by default")
    parser.add_argument("--quick", action="store_true", help="a small form that the tests run")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "real_tasks.json")
    given = parser.parse_args(arguments)
    rows = []
    for name in given.tasks or (("findhr", "chile_engineering") if given.quick else TASKS):
        task = read_task(HERE / "tasks" / f"{name}.toml")
        if given.quick:
            fewer = task.training.model_copy(update={"outer_bags": 2, "interactions": 2})
            task = dataclasses.replace(task, training=fewer)
        try:
            row = study(task, candidates=50 if given.quick else None)
        except SourceError as error:
            print(f"{name}: skipped, {error}", file=sys.stderr)
            continue
        rows.append(row)
        print(line(row), flush=True)
    if rows and not given.quick:
        libraries = {n: version(n) for n in ("interpret-core", "fairlearn", "numpy", "pandas")}
        machine = {"python": platform.python_version(), "system": platform.system(), "libraries": libraries}
        given.out.parent.mkdir(parents=True, exist_ok=True)
        rows = _beside_others(rows, machine, given.out) if given.tasks else rows
        given.out.write_text(json.dumps({"rows": rows, **machine}, indent=1) + "\n", encoding="utf-8")
    held = all(row["largest_residual"] <= 1e-9 and row["largest_top_10"] <= 10 for row in rows)
    return 0 if held else 1


def _beside_others(rows: list[dict[str, Any]], machine: dict[str, Any], out: Path) -> list[dict[str, Any]]:
    """Return these rows and those that earlier runs of the same libraries wrote of other tasks."""
    before = json.loads(out.read_text(encoding="utf-8")) if out.is_file() else {"rows": []}
    known = {row["task"]: row for row in before["rows"] if machine.items() <= before.items()}
    known |= {row["task"]: row for row in rows}
    return [
        known[name] for name in sorted(known, key=lambda name: TASKS.index(name) if name in TASKS else 99)
    ]


def line(row: dict[str, Any]) -> str:
    """Say one task's figures in a line."""
    before, after = row["test"]["unconstrained"], row["test"]["fair"]
    cells = [
        f"{row['task']:<25}{row['pairs']:>6} pairs",
        f"NDCG@10 {before['ndcg']['10']:.3f} -> {after['ndcg']['10']:.3f}",
        f"exposure ratio {before['exposure_ratio']:.3f} -> {after['exposure_ratio']:.3f}",
        f"residual {row['largest_residual']:.1e} over {row['candidates_checked']}",
        f"{row['seconds']} s",
    ]
    return "  ".join(cells)


if __name__ == "__main__":
    sys.exit(main())
