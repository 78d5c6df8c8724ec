"""The audit of 2004, and rankers that learn from its callbacks: with and without the name.

    python -m benchmarks.callback_audit            # 10 splits; writes results/callback_audit.json and .md
    python -m benchmarks.callback_audit --quick    # two small splits, nothing written; what the tests run

Bertrand & Mullainathan sent résumés to ads and put names on them by lot that sound White or Black.
First their callback rates are counted again. Then EBMs learn from the callbacks of 60 % of the ads, and
are tested on 20 %: on what résumés say, without and under a bound of .05 on exposure by race; and, as
controls that no FeatureSet would let through, with the race or the first name as one more column. Last,
first names and races are swapped in the raw records of the test part, one person at a time. Split s
has seed s everywhere.

The controls have no bound of their own: where a column tells the group outright, the EBM of the group's
signal never stops improving, and FairRanker boosts to its last round (one bag with the name: over a minute).
"""

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from benchmarks.callback_rates import PUBLISHED, compared, rates_by
from benchmarks.callback_words import told
from benchmarks.frontier_parts.cases import SHARES, parts_of
from benchmarks.frontier_parts.statistics import corrected_interval
from benchmarks.frontier_parts.summary import machine
from benchmarks.stopwatch import Watch
from fairness import FairnessConstraint, FairRanker, Groups
from fairness.metrics import exposure_gap, exposure_ratio
from fairness.swaps import FieldSwap, NameSwap, SwapResult, listed, swap_test
from ranker import EBMRanker, Ranking
from ranker.app.data import groups_of, load_records
from ranker.app.task import Task, read_task
from ranker.errors import SourceError
from ranker.ranking.metrics import ndcg
from ranker.records import Records
from ranker.scoring import AdditiveScorer

HERE = Path(__file__).parent
TASK = HERE / "tasks" / "bertrand_mullainathan.toml"
NAME, RACE = "candidate.firstname", "candidate.race"
BOUND = 0.05
PLAIN, FAIR, READS_NAMES = "résumé", "résumé, bound .05", "résumé and first name"
CONTROLS = {"résumé and race": RACE, READS_NAMES: NAME}
FULL: dict[str, Any] = {"splits": 10, "outer_bags": 8, "learning_rate": 0.04, "n_resamples": 2000}
QUICK: dict[str, Any] = {"splits": 2, "outer_bags": 1, "learning_rate": 0.2, "n_resamples": 100}
N_SWAPS = 3

Figures = dict[str, Any]
Score = Callable[[Records], np.ndarray]


def rankers(
    task: Task, records: Records, parts: np.ndarray, split: int, settings: Figures
) -> tuple[dict[str, Score], float]:
    """Train the four on one split; each scores records. Also the multiplier that the bound ships with."""
    relevance, train = np.asarray(records.relevance), parts == "train"

    def unfitted() -> EBMRanker:
        ebm = {setting: settings[setting] for setting in ("outer_bags", "learning_rate")}
        return EBMRanker("centred", **ebm, n_threads=1, random_state=split)

    fair = FairRanker(
        unfitted(),
        FairnessConstraint("exposure", attribute="race", bound=BOUND),
        strategy="response",
        random_state=split,
    ).fit(
        columns(task, "", records),
        relevance,
        job=records.job,
        candidate=records.candidate,
        sensitive_features=groups_of(records, (RACE,)).names(),
        part=parts,
        lot=records.lots(),
    )
    scorers = {PLAIN: (fair.unconstrained_, ""), FAIR: (fair.scorer_, "")}
    for name, path in CONTROLS.items():
        table = columns(task, path, records)[train]
        control = unfitted().fit(table, relevance[train], job=records.job[train])
        scorers[name] = (control.scorer_, path)
    return {
        name: partial(scored, scorer, partial(columns, task, path))
        for name, (scorer, path) in scorers.items()
    }, float(fair.multiplier_)


def columns(task: Task, path: str, records: Records) -> pd.DataFrame:
    """Compute the task's features, and put a field beside them that they may not read, if one is named."""
    table = task.features.compute(records)
    return table.assign(given=records.at(path, "text")) if path else table


def scored(scorer: AdditiveScorer, reads: Callable[[Records], pd.DataFrame], records: Records) -> np.ndarray:
    """Score records by what a ranker reads of them."""
    return scorer.score(reads(records))


def quality(records: Records, score: Score) -> Figures:
    """Measure one ranker on a test part."""
    ranking = Ranking.from_scores(
        score(records), job=records.job, candidate=records.candidate, lot=records.lots()
    )
    groups = Groups.from_values(records.at(RACE, "text"), attribute="race")
    return {
        "ndcg": float(ndcg(ranking, records.relevance, k=10)),
        "exposure_ratio": float(exposure_ratio(ranking, groups)),
        "gap_of_black_names": float(exposure_gap(ranking, groups)["black"]),
    }


def moved(result: SwapResult) -> Figures:
    """Say how far one swap moved people."""
    black = result.between_groups(n_resamples=1).loc[("black", "white")]
    overall = result.overall()
    return {
        "changes": result.n_changes,
        "moved": result.n_moved,
        "largest_score_change": result.largest_score_change,
        "abs_rank_change": float(overall["abs_rank_change"]),
        "max_rank_change": int(overall["max_abs_rank_change"]),
        "ranks_lower_as_black": float(black["rank_difference"]),
        "share_lower_as_black": float(black["share_first_lower"]),
        "share_lower_as_white": float(black["share_second_lower"]),
        "lots_changed": result.n_lots_changed,
    }


def one_split(
    task: Task, records: Records, names: dict[str, str], split: int, settings: Figures
) -> tuple[dict[str, Figures], pd.DataFrame]:
    """Train, measure and swap; also each rank change of the ranker that reads the name."""
    parts = parts_of(records.job, records.candidate, split)
    models, multiplier = rankers(task, records, parts, split, settings)
    test = records.take(np.flatnonzero(parts == "test"))
    found, of_names = {}, pd.DataFrame()
    for model, score in models.items():
        figures: Figures = quality(test, score)
        for what, swap in (("first name", NameSwap(NAME, names)), ("race", FieldSwap(RACE))):
            result = swap_test(test, score, swap, n_swaps=N_SWAPS, random_state=split)
            figures[what] = moved(result)
            if model == READS_NAMES and what == "first name":
                of_names = result.changes[["given", "rank_before", "rank_after"]]
        if model == FAIR:
            figures["as_unconstrained"] = float(multiplier == 0)
        found[model] = figures
    return found, of_names


def over_splits(splits: list[dict[str, Figures]]) -> dict[str, Figures]:
    """Mean of each figure over splits with its interval; splits share rows, which the interval knows."""
    test_over_train = SHARES["test"] / (1 - sum(SHARES.values()))

    def summary(values: list[float]) -> Figures:
        interval = corrected_interval(values, test_over_train)
        return {
            "mean": interval.mean,
            "interval": [interval.low, interval.high],
            "least": min(values),
            "most": max(values),
        }

    out: dict[str, Figures] = {}
    for model, first in splits[0].items():
        out[model] = {
            name: {inner: summary([split[model][name][inner] for split in splits]) for inner in value}
            if isinstance(value, dict)
            else summary([split[model][name] for split in splits])
            for name, value in first.items()
        }
        # The same splits for all: what a column adds is a difference within a split.
        out[model]["ndcg_less_résumé"] = summary(
            [split[model]["ndcg"] - split[PLAIN]["ndcg"] for split in splits]
        )
    return out


def study(settings: Figures) -> Figures:
    """Count the rates, train and swap."""
    task = read_task(TASK)
    records = load_records(task, labelled=True)
    table = records.tables["application"].iloc[records.rows["application"]]
    table = table.assign(received_callback=np.asarray(records.relevance, dtype=np.int64))
    names = listed(table[["firstname", "race"]].drop_duplicates(), name="firstname", group="race")
    n_resamples = settings["n_resamples"]
    by_name = rates_by(table, ["firstname"], n_resamples=n_resamples)
    with threadpool_limits(1):
        splits, changes = zip(
            *[one_split(task, records, names, split, settings) for split in range(settings["splits"])],
            strict=True,
        )
    given = pd.concat(changes)
    shift = (given["rank_after"] - given["rank_before"]).groupby(given["given"]).mean()
    sex = dict(zip(table["firstname"], table["gender"], strict=True))
    for row in by_name:
        name = row["firstname"]
        row |= {
            "race": names[name],
            "sex": sex[name],
            "rank_change_when_given": float(shift.get(name, np.nan)),
        }
    ranks = [row["rank_change_when_given"] for row in by_name]
    rank_of = pd.Series(ranks).corr(pd.Series([row["rate"] for row in by_name]), method="spearman")
    return {
        "settings": {**settings, "objective": "centred", "n_swaps": N_SWAPS, "bound": BOUND},
        "published": PUBLISHED,
        "by_race": rates_by(table, ["race"], n_resamples=n_resamples),
        "by_race_and_sex": rates_by(table, ["race", "gender"], n_resamples=n_resamples),
        "by_name": sorted(by_name, key=lambda row: -row["rate"]),
        "compared": compared(table, n_resamples=n_resamples),
        "rankers": over_splits(list(splits)),
        "names_rank_correlation": float(rank_of),
        "splits": list(splits),
    }


def main(arguments: list[str] | None = None) -> int:
    """Run the study; the exit code says whether the rates are those published and no name moves our ranks."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="two small splits, nothing written")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "callback_audit.json")
    given = parser.parse_args(arguments)
    watch = Watch.start()
    try:
        found = study(QUICK if given.quick else FULL)
    except SourceError as error:
        print(f"skipped, {error}", file=sys.stderr)
        return 1
    text = told(found)
    print(text)
    rates = {
        " ".join(cell[name] for name in ("race", "gender") if name in cell): round(cell["rate"], 2)
        for cell in [*found["by_race"], *found["by_race_and_sex"]]
    }
    still = all(
        found["rankers"][model][what][figure]["most"] == 0
        for model in (PLAIN, FAIR)
        for what in ("first name", "race")
        for figure in ("moved", "largest_score_change", "lots_changed")
    )
    if not given.quick:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        found |= {"seconds": watch.read(), **machine()}
        given.out.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
        given.out.with_suffix(".md").write_text(text + "\n", "utf-8")
    return 0 if rates == PUBLISHED and still else 1


if __name__ == "__main__":
    sys.exit(main())
