"""What fairness costs in time: one EBM, a whole frontier of fair ones, and one stock reduction.

    python -m benchmarks.fairness_cost             # writes results/fairness_cost.json
    python -m benchmarks.fairness_cost --quick     # few rows and bags, nothing written; what the tests run

Three things learn from the same train part of 30,000 people of UCI Adult, with the same settings of
their EBMs and one thread: (a) an EBMRanker; (b) a FairRanker with one constraint on the exposure of
each of two attributes, sex and race (White or other), fitted once and shipped for 20 bounds; (c)
fairlearn's ExponentiatedGradient over interpret's classifier under demographic parity by sex, for one
bound. Once with two outer bags, where what is not boosting weighs most, and once with EBMRanker's
own number. Seconds are those of the processor, which do not count what else the machine does; the
wall clock's stand beside them in the results. A reduction is stopped at a limit, and its figure is
then a lower bound.
"""

import argparse
import json
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from fairlearn.reductions import DemographicParity, ExponentiatedGradient
from interpret.glassbox import ExplainableBoostingClassifier
from threadpoolctl import threadpool_limits

from benchmarks.frontier_parts.summary import machine
from benchmarks.stopwatch import Watch, cpu_seconds, told_stages
from fairness import FairnessConstraint, FairRanker
from ranker import EBMRanker
from ranker.app.data import groups_of, load_records
from ranker.app.task import read_task
from ranker.errors import SourceError
from ranker.records.splits import share_out

HERE = Path(__file__).parent
ROWS, BOUNDS, BOUND, LIMIT = 30_000, np.geomspace(0.2, 0.005, 20), 0.02, 900.0
BAGS = (2, EBMRanker().outer_bags)
TARGET = 4.0  # a frontier should cost no more than so many plain fits
QUICK = {"rows": 1500, "limit": 5.0, "interactions": 0}
ATTRIBUTES = ("sex", "race")


class OutOfTime(Exception):
    """A fit was asked for after the limit."""


@dataclass(frozen=True, slots=True)
class Population:
    """People of one file, shared out.

    Parameters
    ----------
    X : DataFrame of n rows
        Features.
    relevance : (n,) float64 array
        0 or 1.
    job, part : (n,) object arrays
        Occupation, and "train", "tune" or "test".
    groups : DataFrame of n rows
        Two groups of each attribute.
    """

    X: pd.DataFrame
    relevance: np.ndarray
    job: np.ndarray
    part: np.ndarray
    groups: pd.DataFrame


def read_population(rows: int, *, seed: int = 0) -> Population:
    """Draw some rows of Adult, and share them out as its task does."""
    task = read_task(HERE / "tasks" / "adult.toml")
    records = load_records(task, labelled=True)
    features = pd.DataFrame(task.features.compute(records))
    sex, race = (groups_of(records, (f"candidate.{name}",)).names() for name in ATTRIBUTES)
    drawn = np.sort(np.random.default_rng(seed).permutation(len(features))[:rows])
    white = np.where(race == "White", "White", "other").astype(object)
    job = records.job.astype(object)[drawn]
    return Population(
        features.iloc[drawn].reset_index(drop=True),
        np.asarray(records.relevance, dtype=np.float64)[drawn],
        job,
        share_out(job, records.candidate[drawn], by="candidate", seed=seed),
        pd.DataFrame({"sex": sex[drawn], "race": white[drawn]}),
    )


def plain_fit(people: Population, rows: np.ndarray, ranker: EBMRanker) -> dict[str, Any]:
    """Time one EBMRanker on some rows."""
    watch = Watch.start()
    ranker.fit(people.X[rows], people.relevance[rows], job=people.job[rows])
    return {"rows": int(rows.sum()), **watch.read()}


def frontier(people: Population, ranker: EBMRanker) -> dict[str, Any]:
    """Time one FairRanker and its frontier."""
    constraints = [FairnessConstraint("exposure", attribute=name, bound=BOUND) for name in ATTRIBUTES]
    with told_stages() as stages:
        watch = Watch.start()
        model = FairRanker(ranker, constraints).fit(
            people.X, people.relevance, job=people.job, sensitive_features=people.groups, part=people.part
        )
        fitted = watch.read()
        shipped = [model.with_bound(bound, bound) for bound in map(float, BOUNDS)]
        found = watch.read()
    points = [
        {
            "bound": round(float(bound), 4),
            "met_on_tune": bool(point.frontier_["met"].any()),
            **{c.constraint.attribute: round(c.measured, 4) for c in point.certificates_},
        }
        for bound, point in zip(BOUNDS, shipped, strict=True)
    ]
    return {
        **found,
        "fit_alone": fitted,
        "stages": {name: round(seconds, 2) for name, seconds in stages.seconds.items()},
        "oracle_points": len(model.reduction_),
        "points": points,
    }


def reduction(people: Population, rows: np.ndarray, ranker: EBMRanker, limit: float) -> dict[str, Any]:
    """Time fairlearn's reduction over interpret's classifier, up to a limit of processor seconds."""
    end, fits = cpu_seconds() + limit, 0

    class Timed(ExplainableBoostingClassifier):
        """interpret's classifier, which refuses to begin after the limit."""

        def fit(self, *given: Any, **named: Any) -> Any:
            nonlocal fits
            if cpu_seconds() > end:
                raise OutOfTime
            fits += 1
            return super().fit(*given, **named)

    stock = Timed(
        outer_bags=ranker.outer_bags, interactions=ranker.interactions, learning_rate=ranker.learning_rate,
        max_bins=ranker.max_bins, n_jobs=1, random_state=ranker.random_state,
    )  # fmt: skip
    fair = ExponentiatedGradient(stock, DemographicParity(difference_bound=BOUND))
    watch, finished = Watch.start(), True
    try:
        fair.fit(
            people.X[rows], people.relevance[rows].astype(int), sensitive_features=people.groups["sex"][rows]
        )
    except OutOfTime:
        finished = False
    return {**watch.read(), "fits": fits, "finished": finished, "limit": limit, "bound": BOUND}


def study(*, rows: int, limit: float, bags: int, interactions: Any) -> dict[str, Any]:
    """Time all three."""
    people = read_population(rows)
    ranker = EBMRanker("centred", outer_bags=bags, interactions=interactions, n_threads=1)
    train = people.part == "train"
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # those of peers and of their dependencies
        plain = plain_fit(people, train, ranker)
        plain_fit_all = plain_fit(people, np.ones(len(train), dtype=bool), ranker)
        fair = frontier(people, ranker)
        stock = reduction(people, train, ranker, limit)
    return {
        "rows": len(train),
        "train_rows": int(train.sum()),
        "ebm": {"outer_bags": bags, "interactions": interactions, "learning_rate": ranker.learning_rate},
        "plain": plain,
        "plain_all_rows": plain_fit_all,
        "frontier": fair,
        "stock": stock,
        "frontier_over_plain": round(fair["cpu"] / plain["cpu"], 2),
        "frontier_over_plain_all_rows": round(fair["cpu"] / plain_fit_all["cpu"], 2),
        "stock_over_plain": round(stock["cpu"] / plain["cpu"], 2),
    }


def main(arguments: list[str] | None = None) -> int:
    """Run the study; the exit code says whether the frontier keeps its target."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="few rows and bags, nothing written")
    parser.add_argument("--bags", type=int, nargs="+", default=BAGS, help="outer bags of each run")
    parser.add_argument("--limit", type=float, default=LIMIT, help="processor seconds of the reduction")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "fairness_cost.json")
    given = parser.parse_args(arguments)
    settings = {"rows": ROWS, "limit": given.limit, "interactions": EBMRanker().interactions}
    runs = []
    try:
        for bags in (1,) if given.quick else given.bags:
            runs.append(study(bags=bags, **(QUICK if given.quick else settings)))
            print(told(runs[-1]), flush=True)
    except SourceError as error:
        print(f"skipped, {error}", file=sys.stderr)
        return 1
    if given.quick:
        return 0
    given.out.parent.mkdir(parents=True, exist_ok=True)
    found = {"data": "adult", "bounds": len(BOUNDS), "target": TARGET, "runs": runs, **machine()}
    given.out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    return 0 if max(run["frontier_over_plain"] for run in runs) <= TARGET else 1


def told(found: dict[str, Any]) -> str:
    """Write the figures out."""
    plain, fair, stock = found["plain"], found["frontier"], found["stock"]
    kind = "" if stock["finished"] else f"stopped at the limit of {stock['limit']:.0f} s, "
    stages = "\n".join(f"     {name:<22}{seconds:9.1f}" for name, seconds in fair["stages"].items())
    return (
        f"{found['train_rows']:,} training rows of {found['rows']:,}, {found['ebm']['outer_bags']} bag(s), "
        "seconds of the processor\n"
        f"(a) EBMRanker                {plain['cpu']:9.1f}\n"
        f"(b) frontier of {len(fair['points'])} points     {fair['cpu']:9.1f}   b / a = "
        f"{found['frontier_over_plain']:.2f} (target {TARGET:.0f})\n{stages}\n"
        f"(c) reduction at one bound   {stock['cpu']:9.1f}   c / a "
        f"{'=' if stock['finished'] else '>'} {found['stock_over_plain']:.1f} ({kind}{stock['fits']} fits)"
    )


if __name__ == "__main__":
    sys.exit(main())
