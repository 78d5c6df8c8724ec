"""DiCE on the same cases: what it is given, and what its answers cost in raw records.

DiCE knows features, not records, so it is given every help that we know of: the same scorer as fast
table lookups, the same threshold, the whole feature table to start from, the same features to vary, for
each the range that our raw edits can reach (for features of few values, those very values). Its
answers are then looked up among the raw edits: the cheapest of each block whose features fall into
the same bins as DiCE's. Where there is none, no raw record has such features, and the answer has no
cost. DiCE minimises its own distance between features; ours is not among its options.
"""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.counterfactual_parts.cases import Case, Setting
from benchmarks.frontier_parts.environments import python_with
from explain.change.space import Space, edited
from ranker.scoring import AdditiveScorer

VERSION = "0.12"
METHODS = ("genetic", "random")
FEW = 8  # distinct values up to which a feature is given as a category
LEAST_MARGIN = 1e-9


def dice_answers(setting: Setting, cases: list[Case], spaces: list[Space]) -> dict[str, list[dict[str, Any]]]:
    """Run DiCE in an environment of its own; only cases whose features are all given can be asked."""
    names = list(setting.table.columns)
    known = setting.table.dropna()
    few = [name for name in names if known[name].nunique() <= FEW]
    given = {
        "names": names,
        "few": few,
        "rows": known.to_numpy(dtype=float).tolist(),
        "scorer": _tables(setting.model.scorer, names),
        "methods": METHODS,
        "cases": [_case(case, space) for case, space in zip(cases, spaces, strict=True)],
    }
    python = python_with("dice-ml", VERSION)
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.json", Path(folder) / "out.json"
        source.write_text(json.dumps(given), "utf-8")
        script = Path(__file__).with_name("dice_script.py")
        subprocess.run([str(python), str(script), str(source), str(target)], check=True)
        found: dict[str, list[dict[str, Any]]] = json.loads(target.read_text("utf-8"))
    return found


def askable(case: Case) -> bool:
    """Tell whether all features are given: DiCE knows no missing values."""
    return not case.setting.table.iloc[case.person.pair].isna().any()


def _tables(scorer: AdditiveScorer, names: list[str]) -> dict[str, Any]:
    order = [names.index(name) for name in scorer.feature_names]
    levels: list[Any] = [None] * len(names)
    for axis, place in zip(scorer.axes, order, strict=True):
        levels[place] = [np.asarray(level).tolist() for level in axis.levels]
    terms = [([order[f] for f in term.features], term.scores.tolist()) for term in scorer.terms]
    return {"intercept": scorer.intercept, "levels": levels, "terms": terms}


def reach(case: Case, space: Space) -> dict[str, list[float]]:
    """Return the values of each feature that the raw edits can bring."""
    rows = [options for block in space.options for options in block]
    table = case.person.features.compute(edited(case.person.records, case.person.pair, rows))
    values = {name: sorted(set(table[name].dropna().tolist())) for name in table.columns}
    return {name: found for name, found in values.items() if len(found) > 1}


def _case(case: Case, space: Space) -> dict[str, Any]:
    now = case.setting.table.iloc[case.person.pair]
    margin = LEAST_MARGIN if case.goal.strict else -LEAST_MARGIN
    return {
        "now": {name: float(value) for name, value in now.items()},
        "threshold": case.goal.threshold + margin,
        "reach": reach(case, space),
    }


def cost_in_records(case: Case, space: Space, values: dict[str, float]) -> float | None:
    """Return the least that raw edits with these features cost; ``None`` where no record has them."""
    scorer, person = case.person.scorer, case.person
    total = 0.0
    asked = {name: float(value) for name, value in values.items()}
    seen: set[str] = set()
    for block, costs in zip(space.options, space.choices.costs, strict=True):
        table = person.features.compute(edited(person.records, person.pair, list(block)))
        moved = [name for name in table.columns if table[name].nunique(dropna=False) > 1]
        seen |= set(moved)
        fits = np.ones(len(block), dtype=bool)
        for name in moved:
            axis = scorer.axes[scorer.feature_names.index(name)]
            for level in range(len(axis.levels)):
                there = axis.bin(np.array([asked[name]]), level)[0]
                fits &= axis.bin(table[name].to_numpy(dtype=float), level) == there
        if not fits.any():
            return None
        total += float(costs[fits].min())
    return total
