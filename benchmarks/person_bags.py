"""What bags that hold out whole jobs do to the EBM of a group's signal, where people apply more than once.

    python -m benchmarks.person_bags           # about two minutes
    python -m benchmarks.person_bags --quick   # fewer people, the small form that the tests run

Fits the signal of the largest group of the synthetic task twice, on bags that hold out jobs and on
bags that hold out people, and prints the rounds of boosting and the seconds of each.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from fairness.moments import RankingParity
from ranker.app.data import groups_of, load_records
from ranker.app.task import read_task
from ranker.records.synthetic import generate
from ranker.scoring import EBMRanker


def study(*, n_candidates: int, n_jobs: int, bags: int) -> dict[str, tuple[float, float]]:
    """Return mean rounds and seconds, by what is held out."""
    with tempfile.TemporaryDirectory() as folder:
        task = read_task(generate(Path(folder) / "data", n_candidates=n_candidates, n_jobs=n_jobs))
        records = load_records(task, labelled=True)
        table = task.features.compute(records)
        groups = groups_of(records, ("candidate.gender",))
    moment = RankingParity()
    names = groups.only(groups.large()).names()
    moment.load_data(table, records.relevance, sensitive_features=names, job=records.job)
    signal = moment.coefficients[0] / np.sqrt((moment.coefficients[0] ** 2).mean())
    ranker = EBMRanker(outer_bags=bags)
    found = {}
    for held, candidate in (("people", records.candidate), ("jobs", None)):
        plan = ranker.design(table, records.job, candidate=candidate)
        start = time.perf_counter()
        ebm = ranker.fit_table(plan, signal, interactions=[])
        found[held] = (float(ebm.best_iteration_.mean()), time.perf_counter() - start)
    return found


def main(arguments: list[str] | None = None) -> int:
    """Run the study."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a small form that the tests run")
    quick = parser.parse_args(arguments).quick
    size = (
        {"n_candidates": 90, "n_jobs": 8, "bags": 1}
        if quick
        else {"n_candidates": 600, "n_jobs": 40, "bags": 2}
    )
    for held, (rounds, seconds) in study(**size).items():
        print(f"bags hold out {held:<7} {rounds:>10,.0f} rounds {seconds:>8.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
