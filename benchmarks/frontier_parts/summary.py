"""From outcomes to the figures of the study, and to tables that people read."""

import platform
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from benchmarks.frontier_parts.cases import TASKS, attributes
from benchmarks.frontier_parts.methods import FAIR, NOTES
from benchmarks.frontier_parts.ours import FAIR_OF_OURS, QUALITY_OF_OURS
from benchmarks.frontier_parts.quality import QUALITY
from benchmarks.frontier_parts.statistics import NARROW, Curve, compare_at_equal_exposure, corrected_interval
from benchmarks.frontier_parts.store import Outcome

CUT_OFFS = ("ndcg_10", "ndcg_50")
MEASURES = (*CUT_OFFS, "exposure_ratio", "mean_rank_difference", "impact_ratio_10")
LIBRARIES = ("interpret-core", "fairlearn", "lightgbm", "xgboost", "scikit-learn", "numpy", "pandas", "scipy")

Splits = dict[int, Outcome]  # outcomes of one method on one task by one attribute, by split
Figures = dict[str, Any]


def summarise(outcomes: Iterable[Outcome]) -> list[Figures]:
    """Return the figures of every task by every attribute, in the order of `TASKS`."""
    by_case: dict[tuple[str, str], dict[str, Splits]] = defaultdict(lambda: defaultdict(dict))
    for outcome in outcomes:
        by_case[outcome.task, outcome.attribute][outcome.method][outcome.split] = outcome
    order = [(task, attribute) for task in TASKS for attribute in attributes(task)]
    return [_case(*case, by_case[case]) for case in order if case in by_case]


def machine() -> Figures:
    """Versions that the figures were made with."""
    found = {}
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            found[library] = "not installed"
    return {"python": platform.python_version(), "system": platform.system(), "libraries": found}


def _case(task: str, attribute: str, methods: Mapping[str, Splits]) -> Figures:
    some = [outcome for splits in methods.values() for outcome in splits.values()]
    ratio = float(np.mean([outcome.n_test / outcome.n_train for outcome in some]))
    return {
        "task": task,
        "attribute": attribute,
        "splits": sorted({outcome.split for outcome in some}),
        "rows": {"train": some[0].n_train, "test": some[0].n_test},
        "test_over_train": round(ratio, 4),
        "quality": {name: _quality(methods, name, ratio) for name in QUALITY if name in methods},
        "fair": {name: _fair(methods, name, ratio) for name in FAIR if name in methods},
    }


def _quality(methods: Mapping[str, Splits], name: str, ratio: float) -> Figures:
    """Means of the chosen settings on test, and ours less this method on the splits that both have."""
    chosen = {split: outcome.best() for split, outcome in methods[name].items() if outcome.rows}
    ours = {split: outcome.best() for split, outcome in methods.get(QUALITY_OF_OURS, {}).items()}
    found: Figures = {
        measure: asdict(corrected_interval([row["test"][measure] for row in chosen.values()], ratio))
        for measure in MEASURES
        if all(measure in row["test"] for row in chosen.values())
    }
    found["seconds"] = _seconds(methods[name])
    if name != QUALITY_OF_OURS and ours:
        common = sorted(chosen.keys() & ours.keys())
        found["ours_less_this"] = {
            measure: asdict(
                corrected_interval(
                    [ours[s]["test"][measure] - chosen[s]["test"][measure] for s in common], ratio
                )
            )
            for measure in CUT_OFFS
        }
    return found


def _fair(methods: Mapping[str, Splits], name: str, ratio: float) -> Figures:
    """Mean points of a frontier, and ours less this method at equal exposure."""
    finished = {split: outcome for split, outcome in methods[name].items() if outcome.rows}
    reasons = [outcome.reason for _, outcome in sorted(methods[name].items()) if outcome.reason]
    n_points = max((len(outcome.rows) for outcome in finished.values()), default=0)
    found: Figures = {
        "finished": len(finished),
        "not_finished": len(methods[name]) - len(finished),
        "reason": reasons[0] if reasons else "",
        "seconds": _seconds(methods[name]),
        "points": [
            {
                measure: asdict(corrected_interval([row["test"][measure] for row in rows], ratio))
                for measure in MEASURES
            }
            for rows in (
                [outcome.rows[at] for outcome in finished.values() if at < len(outcome.rows)]
                for at in range(n_points)
            )
        ],
    }
    ours = {split: outcome for split, outcome in methods.get(FAIR_OF_OURS, {}).items() if outcome.rows}
    common = sorted(finished.keys() & ours.keys())
    if name != FAIR_OF_OURS and common:
        found["ours_less_this"] = {
            measure: asdict(
                compare_at_equal_exposure(
                    [_curve(ours[s], measure) for s in common],
                    [_curve(finished[s], measure) for s in common],
                    ratio,
                )
            )
            for measure in CUT_OFFS
        }
    return found


def _curve(outcome: Outcome, measure: str) -> Curve:
    tests = [row["test"] for row in outcome.rows]
    return Curve.through([test["exposure_ratio"] for test in tests], [test[measure] for test in tests])


def _seconds(splits: Splits) -> float:
    return round(float(np.mean([outcome.seconds for outcome in splits.values()])), 2)


def markdown(figures: list[Figures], *, trials: int, bags: int) -> str:
    """Write the tables of the study."""
    quality = _once_a_task([case for case in figures if case["quality"]])
    fair = [case for case in figures if case["fair"]]
    blocks = [f"{trials} trials a method, {bags} bags an EBM; 95 % intervals by Nadeau & Bengio (2003)."]
    if quality:
        names = _in_order(QUALITY, quality, "quality")
        blocks += [
            "## Quality without a constraint",
            "NDCG@10 / NDCG@50 of the test part, mean over splits, of the setting chosen on the tune part.",
            _table(["task", "splits", *names], [[c["task"], str(len(c["splits"])), *(_means(c, n) for n in names)]
                                                for c in quality]),
        ]  # fmt: skip
        peers = [name for name in names if name != QUALITY_OF_OURS]
        for measure in CUT_OFFS:
            blocks += [
                f"{QUALITY_OF_OURS} less each peer, {_name(measure)}; bold where the interval excludes 0.",
                _table(["task", *peers], [[c["task"], *(_difference(c["quality"].get(n, {}), measure) for n in peers)]
                                          for c in quality]),
            ]  # fmt: skip
    if fair:
        peers = [name for name in _in_order(FAIR, fair, "fair") if name != FAIR_OF_OURS]
        blocks += ["## At equal exposure", _EQUAL]
        for measure in CUT_OFFS:
            blocks += [
                f"{FAIR_OF_OURS} less each peer, {_name(measure)} at equal exposure ratio of the test part "
                "(splits compared / finished).",
                _table(["task", "attribute", *peers], [[c["task"], _field(c), *(_at_equal(c["fair"].get(n), measure)
                                                                               for n in peers)] for c in fair]),
            ]  # fmt: skip
        notes = [f"*{name}*: {NOTES[name]}" for name in peers if name in NOTES]
        blocks += ["\n".join(f"- {text}." for text in (*notes, *_reasons(fair)))]
    blocks += ["## Seconds a case", _costs(figures)]
    return "\n\n".join(block for block in blocks if block) + "\n"


_EQUAL = (
    "Each frontier is the straight lines between its points, sorted by the ratio measured on the test part, "
    "points of equal ratio averaged, without running best or envelope. Per split both are averaged over the "
    "ratios that both reach, nothing is extrapolated, and ranges narrower than .03 are left out."
)


def _once_a_task(cases: list[Figures]) -> list[Figures]:
    return list({case["task"]: case for case in reversed(cases)}.values())[::-1]


def _in_order(names: Iterable[str], cases: list[Figures], kind: str) -> list[str]:
    return [name for name in names if any(name in case[kind] for case in cases)]


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _name(measure: str) -> str:
    return measure.upper().replace("_", "@")


def _field(case: Figures) -> str:
    return case["attribute"].split(".", 1)[-1]


def _number(value: float, *, signed: bool = False) -> str:
    text = f"{value:+.3f}" if signed else f"{value:.3f}"
    return text.replace("0.", ".", 1).replace("-", "−")


def _means(case: Figures, name: str) -> str:
    found = case["quality"].get(name)
    return " / ".join(_number(found[measure]["mean"]) for measure in CUT_OFFS) if found else "–"


def _interval(of: Figures) -> str:
    if of["n"] == 0:
        return "–"
    mean = _number(of["mean"], signed=True)
    if of["n"] < 2:
        return mean
    text = f"{mean} ({_number(of['low'], signed=True)} to {_number(of['high'], signed=True)})"
    return f"**{text}**" if of["low"] > 0 or of["high"] < 0 else text


def _difference(found: Figures, measure: str) -> str:
    return _interval(found["ours_less_this"][measure]) if "ours_less_this" in found else "–"


def _at_equal(found: Figures | None, measure: str) -> str:
    if found is None:
        return "–"
    if not found["finished"]:
        return "did not finish"
    if "ours_less_this" not in found:
        return "–"
    compared = found["ours_less_this"][measure]
    if not compared["difference"]["n"]:
        return f"no common range of {NARROW} (0/{found['finished']})".replace("0.", ".")
    return f"{_interval(compared['difference'])} ({compared['difference']['n']}/{found['finished']})"


def _reasons(cases: list[Figures]) -> list[str]:
    return [
        f"*{name}*, {case['task']} ({_field(case)}): {found['not_finished']} splits not finished; {found['reason']}"
        for case in cases
        for name, found in case["fair"].items()
        if found["reason"]
    ]


def _costs(figures: list[Figures]) -> str:
    names = [*_in_order(QUALITY, figures, "quality"), *_in_order(FAIR, figures, "fair")]
    rows = [
        [case["task"], _field(case) or "–", *(f"{of[n]['seconds']:.1f}" if n in of else "–" for n in names)]
        for case in figures
        for of in (case["quality"] | case["fair"],)
    ]
    return _table(["task", "attribute", *names], rows)
