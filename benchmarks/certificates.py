"""Do certificates tell the truth: what they promise, on people whom nothing has seen.

    python -m benchmarks.certificates              # all tasks, 20 splits; writes results/certificates.json
    python -m benchmarks.certificates --tasks compas --splits 5
    python -m benchmarks.certificates --quick      # two tasks and one split, nothing written; what the tests run

The test part of each split is cut in two halves: people within each job, or whole jobs where a task
has 20. One half is the test part that a FairRanker sees and its certificate is measured on; the
other is left alone, then measured. FairRanker is fitted once a split, for a difference of exposure of
.05, and shipped for .02 and .01 too. Finished splits are kept in results/certificates/ and not
run again unless ``--fresh``.
"""

import argparse
import json
import os
import sys
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from benchmarks.certificates_summary import summarise, told
from benchmarks.frontier_parts.cases import FEW_JOBS, TASKS, Case, Part, case_of
from benchmarks.frontier_parts.summary import machine
from benchmarks.frontier_parts.work import ONE_THREAD
from fairness import FairnessConstraint, FairRanker
from fairness._parts import statistic_of
from fairness.metrics import bootstrap_over_jobs
from ranker import EBMRanker, Ranking
from ranker.errors import CandorError, SourceError

RESULTS = Path(__file__).parent / "results"
BOUNDS = (0.05, 0.02, 0.01)
EBM: dict[str, Any] = {
    "objective": "centred",
    "outer_bags": 2,
    "interactions": 5,
    "learning_rate": 0.1,
    "n_threads": 1,
}
QUICK = {"tasks": ["chile_engineering", "findhr"], "splits": 1, "workers": 1}
PAIRS = {task: attributes for task, attributes in TASKS.items() if attributes}

Key = tuple[str, str, int]
Row = dict[str, Any]


def halves(case: Case) -> tuple[np.ndarray, np.ndarray]:
    """Cut the test part in two: whole jobs where the task has 20, else people within each job.

    A person who stands in several jobs falls into one half with all of them.
    """
    part = case.test
    rng = np.random.default_rng([case.split, 2])
    job, person = part.job.astype(str), part.person.astype(str)
    all_jobs = set(np.concatenate([case.train.job, case.tune.job, case.test.job]).astype(str))
    if len(all_jobs) >= FEW_JOBS:
        unit, pools = job, {"": sorted(set(job))}
    else:
        home: dict[str, str] = {}
        for who, where in zip(person, job, strict=True):
            home[who] = min(where, home.get(who, where))
        unit, pools = person, {where: [] for where in sorted(set(home.values()))}
        for who in sorted(home):
            pools[home[who]].append(who)
    first: set[str] = set()
    for members in pools.values():
        # Of an odd number the one left over falls by lot, so that no half is always the larger one.
        n = (len(members) + int(rng.integers(2))) // 2
        first.update(rng.permutation(members)[:n])
    seen = np.isin(unit, list(first))
    return np.flatnonzero(seen), np.flatnonzero(~seen)


def run(key: Key) -> tuple[Key, list[Row]]:
    """Fit and ship one split of one task, and measure the half that was left alone."""
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        case = case_of(*key)
        seen, unseen = (case.test.take(rows) for rows in halves(case))
        try:
            model = _fitted(case, seen)
            return key, [
                _row(model if bound == BOUNDS[0] else model.with_bound(bound), bound, case, unseen)
                for bound in BOUNDS
            ]
        except CandorError as reason:
            # Such as a part where no two groups meet: told in the results, with its reason.
            return key, [{"error": str(reason)}]


def _fitted(case: Case, seen: Part) -> FairRanker:
    parts = (case.train, case.tune, seen)
    constraint = FairnessConstraint("exposure", attribute=case.attribute, bound=BOUNDS[0])
    ranker = EBMRanker(**EBM, random_state=case.split)
    return FairRanker(ranker, constraint, strategy="response", random_state=case.split).fit(
        pd.concat([part.X for part in parts], ignore_index=True),
        np.concatenate([part.labels for part in parts]),
        job=np.concatenate([part.job for part in parts]),
        candidate=np.concatenate([part.person for part in parts]),
        sensitive_features=np.concatenate([part.groups.names() for part in parts]),
        part=np.repeat(("train", "tune", "test"), [len(part) for part in parts]).astype(object),
    )


def _row(model: FairRanker, bound: float, case: Case, unseen: Part) -> Row:
    certificate = model.certificate_
    return {
        "bound": bound,
        "verdict": certificate.verdict,
        "sure": certificate.sure,
        "met_on_tune": certificate.met_on_tune,
        "multiplier": round(model.multiplier_, 4),
        "unit": certificate.unit,
        "groups": len(certificate.by_group),
        "measured": _number(certificate.measured),
        "interval": [_number(end) for end in certificate.interval],
        "untouched": _number(_measure(model, unseen)),
        "untouched_interval": [_number(end) for end in _interval(model, unseen, case.split)],
        "whole_test": _number(_measure(model, case.test)),
        "rows": [len(case.test) - len(unseen), len(unseen)],
    }


def _measure(model: FairRanker, part: Part) -> float:
    return float(statistic_of(model.constraints[0])(_ranking(model, part), part.groups))


def _interval(model: FairRanker, part: Part, split: int) -> tuple[float, float]:
    statistic = statistic_of(model.constraints[0])
    found = bootstrap_over_jobs(
        _ranking(model, part), part.groups, statistic, random_state=np.random.default_rng([split, 1])
    )
    return found.low, found.high


def _ranking(model: FairRanker, part: Part) -> Ranking:
    return model.rank(part.X, job=part.job, candidate=part.person)


def _number(value: float) -> float | None:
    return round(float(value), 5) if np.isfinite(value) else None


def run_all(keys: list[Key], workers: int) -> Iterator[tuple[Key, list[Row]]]:
    """Run splits in processes of one thread each, and give what comes of them as it comes."""
    if workers <= 1 or len(keys) <= 1:
        yield from map(run, keys)
        return
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))  # read by the processes when they start
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for future in as_completed([pool.submit(run, key) for key in keys]):
            yield future.result()


def read_finished(folder: Path) -> dict[Key, list[Row]]:
    """Read the splits that earlier runs finished; later lines win."""
    found: dict[Key, list[Row]] = {}
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            task, attribute, split, rows = json.loads(line)
            found[task, attribute, split] = rows
    return found


def _keep(folder: Path, key: Key, rows: list[Row]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{key[0]}.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps([*key, rows]) + "\n")


def main(arguments: list[str] | None = None) -> int:
    """Run the study; the exit code says whether certificates keep their targets."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", nargs="+", choices=PAIRS, default=list(PAIRS), metavar="TASK")
    parser.add_argument("--splits", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--fresh", action="store_true", help="run finished splits again")
    parser.add_argument("--quick", action="store_true", help="two tasks and one split, nothing written")
    given = parser.parse_args(arguments)
    if given.quick:
        vars(given).update(QUICK)
    folder = RESULTS / "certificates"
    finished = {} if given.quick or given.fresh else read_finished(folder)
    wanted = [
        (task, attribute, split)
        for task in given.tasks
        for attribute, split in product(PAIRS[task], range(given.splits))
    ]
    new = [key for key in wanted if key not in finished]
    start = time.perf_counter()
    try:
        for at, (key, rows) in enumerate(run_all(new, given.workers), start=1):
            finished[key] = rows
            print(f"{at}/{len(new)}  {time.perf_counter() - start:.0f} s  {key}", file=sys.stderr, flush=True)
            if not given.quick:
                _keep(folder, key, rows)
    except SourceError as error:
        print(f"skipped, {error}", file=sys.stderr)
        return 1
    summary = summarise({key: finished[key] for key in wanted})
    print(told(summary))
    if given.quick:
        return 0
    about = {"splits": given.splits, "bounds": BOUNDS, "ebm": EBM, **machine()}
    (RESULTS / "certificates.json").write_text(json.dumps({**about, **summary}, indent=1) + "\n", "utf-8")
    return 0 if all(summary["targets_met"].values()) else 1


if __name__ == "__main__":
    sys.exit(main())
