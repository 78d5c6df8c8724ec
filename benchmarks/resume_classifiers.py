"""Who labels résumés best: one additive score with thresholds, or models that no one can read.

    python -m benchmarks.resume_classifiers           # half an hour; writes results/resume_classifiers.*
    python -m benchmarks.resume_classifiers --quick   # a minute: one small set, no network; writes nothing

Two data sets, five seeds each: 8,000 generated résumés, cleaned, with labels of people who weigh things
in their own way; and published records of people who look for another job, split anew. Every model may
choose one of its settings on the tune part by log-loss, and its labels are judged twice: the most
probable, and those that a rule chosen on the tune part gives for macro-F1. The network is the one that
the application's document describes, trained as it says.
"""

import argparse
import json
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.frontier_parts.trials import DidNotFinish, Skipped
from benchmarks.resume_parts.cases import CASES, ROWS, Case, without_data
from benchmarks.resume_parts.explanations import BACKGROUND, coalitions, exact, network_shap, tree_shap
from benchmarks.resume_parts.figures import DECISIONS, best_of, difference, labels_of, pooled, rows_of
from benchmarks.resume_parts.models import GLASS, MODELS, Fitted, chosen
from benchmarks.resume_parts.network import NETWORK, TORCH, network
from benchmarks.resume_parts.pages import draw, page

RESULTS = Path(__file__).parent / "results"
SEEDS = (42, 43, 44, 45, 46)
QUICK_ROWS = 600
BEFORE = f"{GLASS}, before calibration"
Json = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="one small set, one setting a model, no network")
    parser.add_argument("--out", type=Path, default=RESULTS / "resume_classifiers.json")
    chosen_by_user = parser.parse_args(arguments)
    found: Json = {"cases": {}, "skipped": {}}
    for name in CASES:
        if reason := without_data(name):
            found["skipped"][name] = reason
        elif name == "generated" or not chosen_by_user.quick:
            found["cases"][name] = study(name, quick=chosen_by_user.quick, skipped=found["skipped"])
    found["machine"] = platform.processor() or platform.machine()
    packages = ("interpret-core", "lightgbm", "xgboost", "scikit-learn", "numpy")
    found["versions"] = {name: version(name) for name in packages} | {"torch": TORCH}
    print(page(found))
    if not chosen_by_user.quick:
        chosen_by_user.out.write_text(json.dumps(found, indent=1, allow_nan=False) + "\n", encoding="utf-8")
        chosen_by_user.out.with_suffix(".md").write_text(page(found), encoding="utf-8")
        draw(found, chosen_by_user.out.with_name("resume_reliability.svg"))
    return 0


def study(name: str, *, quick: bool, skipped: Json) -> Json:
    """Fit every model on every form of one data set."""
    fits: dict[str, list[Fitted]] = {}
    cases: list[Case] = []
    explained: Json = {}
    for seed in SEEDS[:1] if quick else SEEDS:
        case = CASES[name](seed, QUICK_ROWS if quick else ROWS[name])
        cases.append(case)
        for model, (fit, settings) in MODELS.items():
            try:
                tried = [fit(case, setting) for setting in (settings[:1] if quick else settings)]
            except Skipped as error:
                skipped[model] = str(error)
                continue
            fits.setdefault(model, []).append(chosen(tried, case.tune.y))
            tell(name, seed, model, fits[model][-1], case)
        first = name == "generated" and not explained
        asked = coalitions(*_row_and_others(case)) if first else None
        told = None
        if not quick:
            try:
                fitted, told = network(case, asked=asked[1] if asked else None)
                fits.setdefault(NETWORK, []).append(fitted)
                tell(name, seed, NETWORK, fitted, case)
            except (Skipped, DidNotFinish) as error:
                skipped[f"{NETWORK}, {name}"] = str(error)
        if asked:
            explained = explain(case, fits, asked[0], told)
    return {"explained": explained, **figures_of(cases, fits)}


def figures_of(cases: Sequence[Case], fits: dict[str, list[Fitted]]) -> Json:
    """Hold the models against each other on the test parts."""
    labels, y = cases[0].labels, [case.test.y for case in cases]
    fits = {model: found for model, found in fits.items() if len(found) == len(cases)}
    figures = {
        model: [
            rows_of(case.test.y, fit, case.tune.y, labels) for case, fit in zip(cases, found, strict=True)
        ]
        for model, found in fits.items()
    }
    said = {
        model: [labels_of(fit, case.tune.y) for case, fit in zip(cases, found, strict=True)]
        for model, found in fits.items()
    }
    black = [model for model in fits if model not in (GLASS, "multiclass EBM")]
    gaps = {}
    for decision in DECISIONS if black else ():
        best = best_of(figures, black, decision)
        ours, theirs = ([one[decision] for one in said[model]] for model in (GLASS, best))
        gaps[decision] = {"against": best, **difference(y, ours, theirs, len(labels))}
    calibration = {model: pooled(y, [fit.test for fit in found], labels) for model, found in fits.items()}
    raw = [fit.before for fit in fits[GLASS] if fit.before is not None]
    calibration[BEFORE] = pooled(y, raw, labels)
    rows = [len(case.train.y) for case in cases], [len(one) for one in y]
    return {
        "labels": list(labels),
        "seeds": [case.seed for case in cases],
        "train_rows": rows[0],
        "test_rows": rows[1],
        "figures": figures,
        "gap_to_best_black_box": gaps,
        "calibration": calibration,
    }


def explain(case: Case, fits: dict[str, list[Fitted]], players: list[str], told: np.ndarray | None) -> Json:
    """Explain one résumé of the test part by each model that can be."""
    row, _ = _row_and_others(case)
    found: Json = {
        "features": {str(name): float(row.X[name].iloc[0]) for name in row.X},
        "label": case.labels[int(row.y[0])],
        GLASS: exact(fits[GLASS][0].model, row.X),
    }
    if "XGBoost" in fits:
        found["XGBoost"] = tree_shap(fits["XGBoost"][0].model, case, row.X)
    if told is not None:
        found[NETWORK] = network_shap(case, players, told, fits[NETWORK][0].test[0])
    return found


def tell(name: str, seed: int, model: str, fit: Fitted, case: Case) -> None:
    """Print a line of one fit, as soon as it is there."""
    found = rows_of(case.test.y, fit, case.tune.y, case.labels)
    f1 = ", ".join(f"{decision} {found[decision]['macro_f1']:.4f}" for decision in DECISIONS)
    print(f"{name} {seed} {model}: macro-F1 {f1}; {fit.seconds:.1f} s, {dict(fit.setting)}", file=sys.stderr)


def _row_and_others(case: Case) -> tuple[Any, Any]:
    others = np.random.default_rng(0).choice(len(case.train.y), BACKGROUND, replace=False)
    return case.test.take(np.arange(1)), case.train.take(others)


if __name__ == "__main__":
    sys.exit(main())
