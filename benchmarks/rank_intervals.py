"""How often the intervals of ranks and scores hold what they should, where the truth is known.

    python -m benchmarks.rank_intervals           # half an hour; writes results/rank_intervals.json
    python -m benchmarks.rank_intervals --real    # two minutes: published data alone, put beside those rows
    python -m benchmarks.rank_intervals --quick   # three small fits, the small form that the tests run

People are drawn from a population whose true scores are known; `EBMRanker` is fitted on one training
set after another, and each fit ranks the same 20 unseen jobs of 30 candidates with intervals. They
are held against two references: the average model, which is the mean of all *other* fits (what this
estimator expects to say), and the true scores. Intervals are about the first; what they miss of the
second is bias, which no bag can see.

`ORDER` was chosen on this population. Published data, of which nobody knows the true scores, are the
check: fits on disjoint parts of a task's rows, held against the average model.
"""

import argparse
import json
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from ranker.app.data import load_records
from ranker.app.task import read_task
from ranker.errors import SourceError
from ranker.ranking import Ranking
from ranker.scoring import AdditiveScorer, EBMRanker
from ranker.scoring.training import centre
from ranker.scoring.uncertainty import HELD_OUT, LEVEL, ORDER, bag_scores, rank_uncertainty

HERE = Path(__file__).parent
ORDERS = (1.0, ORDER)  # the delete-d jackknife, and what ships
TOP_K = 5
REAL = {"law_school": 1700, "stackoverflow_applicants": 1300}  # rows of each of ten training sets
REAL_FITS, REAL_TEST = 10, 800
EDGES = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0)


@dataclass(frozen=True, slots=True)
class Setting:
    """What one row of the table is fitted on.

    Parameters
    ----------
    fits : int
        Training sets.
    jobs, pool : int
        Jobs of a training set, and candidates of each.
    noise : float
        Standard deviation of the labels around the true scores, whose own is 1.1.
    test_jobs : int
        Jobs that every fit ranks.
    bags : int
        As in `EBMRanker`.
    interactions : int or str
        As in `EBMRanker`.
    objective : str
        As in `EBMRanker`; other objectives than "centred" score in another unit than the labels.
    """

    fits: int
    jobs: int
    pool: int
    noise: float
    test_jobs: int = 20
    bags: int = 14
    interactions: int | str = "5x"
    objective: str = "centred"


SETTINGS = (
    Setting(fits=30, jobs=60, pool=30, noise=1.0),
    Setting(fits=20, jobs=60, pool=30, noise=0.4),
    Setting(fits=30, jobs=20, pool=30, noise=1.0),
    Setting(fits=20, jobs=60, pool=30, noise=1.0, objective="pairwise"),
    Setting(fits=20, jobs=60, pool=30, noise=1.0, objective="lambdarank"),
)
QUICK = (Setting(fits=3, jobs=8, pool=12, noise=1.0, test_jobs=2, bags=3, interactions=0),)


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Candidates of some jobs, ``n`` in all: features, true scores, and jobs."""

    X: pd.DataFrame
    truth: np.ndarray
    job: np.ndarray


def draw(rng: np.random.Generator, jobs: int, pool: int) -> Sample:
    """Draw people and say how good they are: smooth effects, a jump, one interaction, one useless feature."""
    n = jobs * pool
    skills, years, test = rng.beta(2, 2, n), rng.gamma(2, 3, n), rng.normal(size=n)
    degree = rng.choice(["none", "BSc", "MSc", "PhD"], n)
    X = pd.DataFrame(
        {
            "skills": skills,
            "years": years,
            "test": test,
            "degree": degree.astype(object),
            "gap": np.round(3 * (1 - skills) + rng.gamma(1, 4, n)),
            "distance": rng.exponential(20, n),
        }
    )
    worth = pd.Series(degree).map({"none": 0.0, "BSc": 0.3, "MSc": 0.5, "PhD": 0.6}).to_numpy()
    truth = 3 * skills + np.log1p(years) + 0.5 * np.tanh(test) + worth + 0.8 * (skills > 0.5) * (years > 6)
    return Sample(X, truth, np.repeat(np.arange(jobs), pool))


def fits_of(setting: Setting) -> list[AdditiveScorer]:
    """Fit one training set after another."""
    scorers = []
    for fit in range(setting.fits):
        rng = np.random.default_rng([1, fit])
        sample = draw(rng, setting.jobs, setting.pool)
        # A job's own level of grades, which a ranker has to see past.
        labels = sample.truth + rng.normal(0, setting.noise, sample.truth.size)
        labels += rng.normal(size=setting.jobs)[sample.job]
        ranker = EBMRanker(
            setting.objective, outer_bags=setting.bags, interactions=setting.interactions, random_state=fit
        )
        scorers.append(ranker.fit(sample.X, labels, job=sample.job).scorer_)
    return scorers


def study(setting: Setting) -> dict[str, Any]:
    """Fit, rank and count; shares are over fits x test jobs x candidates, or pairs of candidates."""
    start = time.perf_counter()
    test = draw(np.random.default_rng(0), setting.test_jobs, setting.pool)
    scorers = fits_of(setting)
    shape = (setting.test_jobs, setting.pool)
    scores = np.array([scorer.score(test.X) for scorer in scorers])
    others = (scores.sum(axis=0) - scores) / (len(scorers) - 1)
    # Of each fit: scores of each bag, and of the score itself, as differences within a job; (jobs, pairs).
    one, other = np.triu_indices(setting.pool, k=1)
    bags = [bag_scores(scorer, test.X) for scorer in scorers]
    spread = np.array([_differences(found, shape, one, other).var(axis=0, ddof=1) for found in bags])
    said = _differences(scores, shape, one, other)
    references = {"average_model": others, "truth": np.tile(test.truth, (len(scorers), 1))}
    ranks = {name: _ranks(reference, test.job) for name, reference in references.items()}
    moved = said.var(axis=0, ddof=1).mean()
    comparable = setting.objective == "centred"  # with the truth, in the labels' unit
    bias = float(((said.mean(axis=0) - _differences(test.truth, shape, one, other)) ** 2).mean())
    row: dict[str, Any] = {
        **asdict(setting),
        "seconds": round(time.perf_counter() - start, 1),
        "deviation_of_differences": {
            "over_fits": float(np.sqrt(moved)),
            "between_bags": float(np.sqrt(spread.mean())),
            "bias": float(np.sqrt(max(bias - moved / len(scorers), 0.0))) if comparable else None,
        },
        "orders": [],
    }
    for order in ORDERS:
        deviation = np.sqrt(_factor(order, setting.bags) * spread)
        tables = [
            rank_uncertainty(scorer, test.X, job=test.job, top_k=TOP_K, order=order) for scorer in scorers
        ]
        low, high, chance = (
            np.array([table[name] for table in tables]) for name in ("rank_low", "rank_high", "p_top_k")
        )
        found: dict[str, Any] = {
            "order": order,
            "deviation_over_actual": float(np.sqrt((deviation**2).mean() / moved)),
            "rank_interval_width": float((high - low + 1).mean()),
        }
        for name, reference in references.items():
            missed = np.abs(said - _differences(reference, shape, one, other))
            covered = float((missed <= norm.ppf((1 + LEVEL) / 2) * deviation).mean())
            inside = (low <= ranks[name]) & (ranks[name] <= high)
            top = ranks[name] <= TOP_K
            found[name] = {
                "differences_covered": covered if comparable or name == "average_model" else None,
                "ranks_covered": float(inside.mean()),
                "ranks_covered_of_the_top": float(inside[top].mean()),
                "top_k": _calibration(chance, top),
            }
        row["orders"].append(found)
    return row


def study_real(task_name: str, size: int) -> dict[str, Any]:
    """Fit on disjoint parts of a task's rows; each fit ranks the same rows that none has seen."""
    task = read_task(HERE / "tasks" / f"{task_name}.toml")
    records = load_records(task, labelled=True)
    table = task.features.compute(records)
    rows = np.random.default_rng(0).permutation(len(records))
    test, job = table.iloc[rows[:REAL_TEST]], records.job[rows[:REAL_TEST]]
    kinds = [feature.column for feature in task.features]
    scorers = []
    for fit in range(REAL_FITS):
        at = rows[REAL_TEST + fit * size : REAL_TEST + (fit + 1) * size]
        ranker = EBMRanker("centred", feature_types=kinds, random_state=fit)
        labels = np.asarray(records.relevance, dtype=np.float64)[at]
        ranker.fit(table.iloc[at], labels, job=records.job[at], candidate=records.candidate[at])
        scorers.append(ranker.scorer_)
    scores = np.array([scorer.score(test) for scorer in scorers])
    ranks = _ranks((scores.sum(axis=0) - scores) / (len(scorers) - 1), job)
    moved = np.array([centre(row, job) for row in scores]).var(axis=0, ddof=1).mean()
    bags = [np.array([centre(row, job) for row in bag_scores(scorer, test)]) for scorer in scorers]
    spread = np.mean([found.var(axis=0, ddof=1).mean() for found in bags])
    row: dict[str, Any] = {"task": task_name, "fits": REAL_FITS, "rows": size, "orders": []}
    for order in ORDERS:
        tables = [rank_uncertainty(scorer, test, job=job, order=order) for scorer in scorers]
        low, high = (np.array([found[name] for found in tables]) for name in ("rank_low", "rank_high"))
        row["orders"].append(
            {
                "order": order,
                "deviation_over_actual": float(np.sqrt(_factor(order, len(bags[0])) * spread / moved)),
                "ranks_covered": float(((low <= ranks) & (ranks <= high)).mean()),
                "rank_interval_width": float((high - low + 1).mean()),
            }
        )
    return row


def _factor(order: float, n_bags: int) -> float:
    """Variance of a score over variance between its bags, as `ranker.scoring.uncertainty` has it."""
    kept = (1 - HELD_OUT) ** order
    return kept / (1 - kept) + 1 / n_bags


def _differences(
    scores: np.ndarray, shape: tuple[int, int], one: np.ndarray, other: np.ndarray
) -> np.ndarray:
    by_job = scores.reshape(*scores.shape[:-1], *shape)
    return by_job[..., one] - by_job[..., other]


def _ranks(scores: np.ndarray, job: np.ndarray) -> np.ndarray:
    found = np.empty(scores.shape, np.int64)
    for fit, row in enumerate(scores):
        ranking = Ranking.from_scores(row, job=job)
        found[fit, ranking.row] = ranking.ranks
    return found


def _calibration(chance: np.ndarray, top: np.ndarray) -> list[dict[str, float]]:
    """Bin what was said; share of each bin that the reference has in its top."""
    place = np.clip(np.searchsorted(EDGES, chance, side="right") - 1, 0, len(EDGES) - 2)
    return [
        {
            "from": EDGES[b],
            "to": EDGES[b + 1],
            "candidates": int((place == b).sum()),
            "said": float(chance[place == b].mean()),
            "were": float(top[place == b].mean()),
        }
        for b in range(len(EDGES) - 1)
        if (place == b).any()
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the study."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a small form that the tests run")
    parser.add_argument("--real", action="store_true", help="published data alone")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "rank_intervals.json")
    given = parser.parse_args(arguments)
    earlier = json.loads(given.out.read_text(encoding="utf-8")) if given.real and given.out.is_file() else {}
    rows, real = earlier.get("rows", []), []
    for setting in () if given.real else QUICK if given.quick else SETTINGS:
        rows.append(study(setting))
        print(*lines(rows[-1]), sep="\n", flush=True)
    for name, size in {} if given.quick else REAL.items():
        try:
            real.append(study_real(name, size))
        except SourceError as error:
            print(f"{name}: skipped, {error}", file=sys.stderr)
            continue
        print(json.dumps(real[-1]), flush=True)
    if not given.quick:
        libraries = {name: version(name) for name in ("interpret-core", "numpy", "pandas")}
        machine = {"python": platform.python_version(), "system": platform.system(), "libraries": libraries}
        document = {
            "level": LEVEL,
            "held_out": HELD_OUT,
            "top_k": TOP_K,
            "rows": rows,
            "real": real,
            **machine,
        }
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return 0


def lines(row: dict[str, Any]) -> list[str]:
    """Say one setting's figures in a few lines."""
    deviation = row["deviation_of_differences"]
    told = [
        f"{row['objective']}, {row['fits']} fits of {row['jobs']} jobs x {row['pool']}, noise {row['noise']}: "
        f"differences move by {deviation['over_fits']:.3f} over fits, {deviation['between_bags']:.3f} between "
        f"bags; bias {_shown(deviation['bias'])} ({row['seconds']} s)"
    ]
    for found in row["orders"]:
        average, truth = found["average_model"], found["truth"]
        told.append(
            f"  order {found['order']:g}: deviation {found['deviation_over_actual']:.2f} of the actual; "
            f"ranks {average['ranks_covered']:.3f} / {truth['ranks_covered']:.3f}, their top "
            f"{average['ranks_covered_of_the_top']:.3f} / {truth['ranks_covered_of_the_top']:.3f}, differences "
            f"{_shown(average['differences_covered'])} / {_shown(truth['differences_covered'])} "
            f"(average model / truth); {found['rank_interval_width']:.1f} ranks wide"
        )
    return told


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    sys.exit(main())
