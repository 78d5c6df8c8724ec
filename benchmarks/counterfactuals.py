"""The cheapest change of a raw record: valid, allowed, exactly minimal, and how fast; beside DiCE.

    python -m benchmarks.counterfactuals           # ten minutes; writes results/counterfactuals.json
    python -m benchmarks.counterfactuals --quick   # 10 cases of each task, 2 of them for DiCE

On findhr and on the synthetic task 200 candidates are drawn who are not among the first ten of their
job. For each the cheapest change that brings them there is solved for, written into the raw record
and ranked again by the whole pipeline. Brute force then writes out every raw record that costs less
and shows that none reaches the goal, wherever they are few enough. DiCE answers the same cases in
the same run; `counterfactual_parts/dice.py` says how it is given all that helps it.

Seconds are of the processor. "solving" is the search; "preparing" is writing out what could be done and
computing its features. DiCE's are those of `generate_counterfactuals` alone, its preparing left out.
"""

import argparse
import json
import platform
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.counterfactual_parts.brute_force import beaten
from benchmarks.counterfactual_parts.cases import TOP_K, Case, Setting, drawn, setting_of
from benchmarks.counterfactual_parts.dice import METHODS, VERSION, askable, cost_in_records, dice_answers
from benchmarks.frontier_parts.trials import Skipped
from explain.change.cheapest_change import answers_in, check
from explain.change.choices import Found
from explain.change.space import Space
from ranker.errors import CandorError
from ranker.records.field import REFUSED, declared_field

HERE = Path(__file__).parent
SAME = 1e-9


def solved(case: Case) -> dict[str, Any]:
    """Solve a case, check it, and say how long each step took."""
    start = time.process_time()
    space = case.space()
    prepared = time.process_time()
    found, possible = answers_in(space, case.goal, case.pool)
    done = time.process_time()
    row: dict[str, Any] = {
        "job": case.pool.job,
        "candidate": str(case.pool.candidates[case.pool.at]),
        "rank_before": case.pool.rank(),
        "possible": possible,
        "optimal": found[0].proven,
        "cost": found[0].cost,
        "changes": len(space.chosen(found[0].choice.tolist())) if found[0].choice is not None else 0,
        "states": found[0].n_states,
        "records_tried": space.n_tried,
        "preparing": prepared - start,
        "solving": done - prepared,
    }
    try:
        answer = check(case.person, space, found[0], case.pool, case.pairs, case.goal if possible else None)
        row |= {
            "valid": possible is False or answer.rank <= TOP_K,
            "rank_after": answer.rank,
            "clean": _clean(case, space, found[0]),
        }
    except CandorError as error:
        row |= {"valid": False, "clean": True, "fault": str(error)}
    row["verifying"] = time.process_time() - done
    return {"row": row, "space": space, "found": found[0]}


def _clean(case: Case, space: Space, found: Found) -> bool:
    """Tell whether an answer touches nothing but what the task allows."""
    assert found.choice is not None
    allowed = {action.path for action in case.setting.model.task.actions or ()}
    fields = case.setting.model.task.features.fields
    paths = [option.path for option in space.chosen(found.choice.tolist())]
    return all(path in allowed and declared_field(path, fields).usage not in REFUSED for path in paths)


def proven(cases: list[Case], rows: list[dict[str, Any]], limit: int) -> None:
    """Write beside each row what brute force says."""
    for case, row in zip(cases, rows, strict=True):
        outcome = beaten(case, row["cost"] if row["possible"] else np.inf, limit)
        row["brute_force"] = outcome.tried
        row["beaten_by"] = outcome.cheaper


def beside(setting: Setting, cases: list[Case], spaces: list[Space], rows: list[dict[str, Any]]) -> None:
    """Write beside each row what DiCE answered."""
    answers = dice_answers(setting, cases, spaces)
    for method in METHODS:
        for case, space, row, answer in zip(cases, spaces, rows, answers[method], strict=True):
            if values := answer.pop("values", None):
                margin = case.person.scorer.score(_frame(case, values))[0]
                answer["valid"] = case.goal.met(float(margin))
                answer["cost"] = cost_in_records(case, space, values)
            row[method] = answer


def _frame(case: Case, values: dict[str, float]) -> Any:
    row = case.setting.table.iloc[[case.person.pair]].copy()
    for name, value in values.items():
        row[name] = value
    return row


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Reduce rows to what is claimed."""
    checked = [row for row in rows if row["brute_force"] is not None]
    out: dict[str, Any] = {
        "cases": len(rows),
        "valid": sum(row["valid"] for row in rows),
        "clean": sum(row["clean"] for row in rows),
        "possible": sum(row["possible"] for row in rows),
        "proven_optimal": sum(row["optimal"] for row in rows),
        "brute_force_cases": len(checked),
        "brute_force_records": sum(row["brute_force"] for row in checked),
        "beaten_by_brute_force": sum(row["beaten_by"] is not None for row in checked),
    }
    for step in ("preparing", "solving", "verifying"):
        times = np.array([row[step] for row in rows]) * 1000
        out[f"{step}_ms"] = {"median": float(np.median(times)), "p95": float(np.quantile(times, 0.95))}
    both = np.array([row["preparing"] + row["solving"] for row in rows]) * 1000
    out["preparing_and_solving_ms"] = {
        "median": float(np.median(both)),
        "p95": float(np.quantile(both, 0.95)),
    }
    for method in METHODS:
        if asked := [row for row in rows if method in row]:
            out[method] = _against(asked, method)
    return out


def _against(rows: list[dict[str, Any]], method: str) -> dict[str, Any]:
    answers = [(row, row[method]) for row in rows]
    timed = [(row, answer) for row, answer in answers if "seconds" in answer]
    valid = [(row, answer) for row, answer in answers if answer.get("valid")]
    priced = [(row, answer) for row, answer in valid if answer.get("cost") is not None]
    seconds = sum(answer["seconds"] for _, answer in timed)
    solving = sum(row["solving"] for row, _ in timed)
    both = sum(row["solving"] + row["preparing"] for row, _ in timed)
    ratios = [answer["seconds"] / row["solving"] for row, answer in timed]
    return {
        "asked": len(rows),
        "answered": sum("valid" in answer for _, answer in answers),
        "valid": len(valid),
        "a_raw_record_has_it": len(priced),
        "ours_cheaper": sum(row["cost"] < answer["cost"] - SAME for row, answer in priced),
        "ours_dearer": sum(row["cost"] > answer["cost"] + SAME for row, answer in priced),
        "cost_ratio_median": float(np.median([a["cost"] / r["cost"] for r, a in priced])) if priced else None,
        "median_ms": float(np.median([answer["seconds"] for _, answer in timed]) * 1000) if timed else None,
        "share_in_the_model": sum(answer["in_model"] for _, answer in timed) / seconds if seconds else None,
        "times_our_solving": seconds / solving if solving else None,
        "times_our_solving_median": float(np.median(ratios)) if ratios else None,
        "times_our_preparing_and_solving": seconds / both if both else None,
    }


def study(name: str, folder: Path, *, cases: int, dice: int, limit: int, bags: int) -> dict[str, Any]:
    """Do all of it for one task."""
    setting = setting_of(name, folder, bags=bags)
    chosen = drawn(setting, cases)
    solved(chosen[0])  # compiles, reads
    found = [solved(case) for case in chosen]
    rows = [one["row"] for one in found]
    for case, one in zip(chosen, found, strict=True):
        # Case after case, as DiCE is timed; between reading and ranking records it takes half as long again.
        start = time.process_time()
        answers_in(one["space"], case.goal, case.pool)
        one["row"]["solving"] = time.process_time() - start
    print(f"{name}: {len(rows)} cases solved", flush=True)
    proven(chosen, rows, limit)
    print(f"{name}: brute force done", flush=True)
    asked = [place for place, case in enumerate(chosen) if askable(case) and rows[place]["possible"]][:dice]
    note = ""
    try:
        beside(
            setting, [chosen[p] for p in asked], [found[p]["space"] for p in asked], [rows[p] for p in asked]
        )
    except Skipped as error:
        note = str(error)
    return {"task": name, **summary(rows), "dice_left_out": note, "rows": rows}


def main() -> None:
    """Run both tasks."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="few cases; writes nothing")
    parser.add_argument("--models", type=Path, default=HERE / ".models", help="where trained models are kept")
    parser.add_argument("--dice", type=int, default=200, help="cases of each task that DiCE is asked")
    given = parser.parse_args()
    few = {"cases": 10, "dice": 2, "limit": 2_000, "bags": 2}
    many = {"cases": 200, "dice": given.dice, "limit": 30_000, "bags": 4}
    studies = [
        study(name, given.models, **(few if given.quick else many)) for name in ("findhr", "synthetic")
    ]
    result = {
        "machine": platform.machine(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("numpy", "pandas", "scipy")} | {"dice-ml": VERSION},
        "goal": f"rank {TOP_K} or better",
        "tasks": studies,
    }
    for one in studies:
        print(json.dumps({key: value for key, value in one.items() if key != "rows"}, indent=2))
    if not given.quick:
        target = HERE / "results" / "counterfactuals.json"
        target.write_text(json.dumps(result, indent=1, allow_nan=False) + "\n", "utf-8")
        print(f"written: {target}")


if __name__ == "__main__":
    main()
