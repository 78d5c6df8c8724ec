"""Post-hoc explanations beside the exact answer of the white box: how far they agree, and what they cost.

    python -m benchmarks.posthoc           # two minutes; writes results/posthoc.json
    python -m benchmarks.posthoc --quick   # two candidates, one bag, the small form that the tests run

An EBM and LightGBM are trained on the train part of the FINDHR applications (seed 0; the EBM quickly:
centred grades, four bags). Candidates drawn from the test part are then explained by each method as a
stranger to the model would, over raw records, or over features with the pull-back through this project's
features, and each answer is held against the exact one at the same level:

* columns and features: exact amounts less their mean over the same 92 background records,
* entries of lists: exact shares of the entries; what an empty list gives belongs to no entry.

The EBM has interactions, so what one part of a record brings depends on the others, and there is more than
one way to share it out: the exact answer halves each interaction, Shapley values of whole records average
over who comes first. Where methods without drawing differ from the exact answer, that is why; the check
shows it, with the same EBM less its interactions.

Times are of the processor, on one core. A method's are its own: reading mixed records, features and scores,
but neither the candidate's rank nor the search for protected fields that the model may read. The first rows
are exact and of a whole pool, 734 people for one job, features included; the last column says how many such
pools' exact answers at the same level take as long as one candidate by the method. The last row is a list as
a whole, RankingSHAP-like.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import kendalltau

from benchmarks.posthoc_parts.agreement import Agreement
from benchmarks.posthoc_parts.levels import by_column, exact, exact_arrays
from benchmarks.posthoc_parts.methods import CHECKED, METHODS, Method, compared
from benchmarks.posthoc_parts.setting import BACKGROUND, POOL, SEED, Counted, Setting
from benchmarks.speed.machine import describe, pinned
from explain.posthoc import list_importance
from ranker.errors import SourceError
from ranker.records.ledger import Ledger
from ranker.records.memo import Memo

RESULTS = Path(__file__).parent / "results" / "posthoc.json"
CANDIDATES, BAGS, LIST_BACKGROUND = 20, 4, 10
REPEATS = 3


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return what comes out, and the seconds of the processor that it took."""
    start = time.process_time()
    out = work()
    return out, time.process_time() - start


def row(setting: Setting, method: Method) -> dict[str, Any]:
    """Explain every drawn candidate by one method; figures are means over candidates, times medians."""
    method.explain(setting, int(setting.drawn[0]))  # imports and compiles
    seconds, whole, agreements, residuals, rows = [], [], [], [], 0
    for pair in setting.drawn.tolist():
        said, taken = timed(lambda pair=pair: method.explain(setting, pair))  # type: ignore[misc]
        seconds.append(said.seconds)
        whole.append(taken)
        residuals.append(said.found.residual)
        agreements.append(Agreement.of(*compared(setting, pair, method, said)))
        rows += said.rows or 0
    return {
        "name": method.name,
        "level": method.level,
        "same_model": method.same_model,
        "method": said.found.method,
        "background": said.found.background,
        "candidates": len(setting.drawn),
        "seconds": float(np.median(seconds)),
        "seconds_with_rank_and_search": float(np.median(whole)),
        "model_rows": rows / len(setting.drawn) if rows else None,
        "sum_error": float(np.max(residuals)),
        **{name: _mean([asdict(one)[name] for one in agreements]) for name in ("tau", "signs", "distance")},
    }


def exact_row(setting: Setting, size: int) -> dict[str, Any]:
    """Explain a whole pool exactly at each level, features included; seconds are the least of some."""
    pool = setting.pool(size)
    works: dict[str, Callable[[], Any]] = {
        "features": lambda: exact_arrays(setting, pool, "features"),
        "columns": lambda: exact_arrays(setting, pool, "columns"),
        "entries": lambda: exact(setting, pool),
        "entries, texts read anew": lambda: exact(
            setting, replace(pool, ledger=Ledger(), memo=Memo(), _read={})
        ),
    }
    for work in works.values():
        work()  # compiles, and reads the texts
    seconds = {level: min(timed(work)[1] for _ in range(REPEATS)) for level, work in works.items()}
    parts = exact(setting, pool)
    arrays = setting.scorer.intercept + exact_arrays(setting, pool, "columns").sum(axis=1)
    scores = np.array([one.score for one in parts])
    return {
        "candidates": len(parts),
        "seconds": seconds,
        "sum_error": float(max(*(one.residual for one in parts), *np.abs(scores - arrays))),
    }


def list_row(setting: Setting) -> dict[str, Any]:
    """Share the order of one job's list out over raw fields, beside what the exact amounts say."""
    jobs, counts = np.unique(setting.records.job.astype(str), return_counts=True)
    job = jobs[counts.argmin()]
    list_importance(setting.predict, setting.records, job=job, background=1)  # imports and compiles
    model = Counted(setting.predict)
    found, seconds = timed(
        lambda: list_importance(
            model, setting.records, job=job, background=LIST_BACKGROUND, random_state=SEED
        )
    )
    parts = exact(setting, setting.records.take(np.flatnonzero(setting.records.job == job)))
    columns = [by_column(setting.records, one.fields) for one in parts]
    spread = {path: float(np.std([one.get(path, 0.0) for one in columns])) for path in found.fields}
    tau = kendalltau([found.fields[path] for path in spread], list(spread.values())).statistic
    return {
        **found.to_json(),
        "seconds": seconds,
        "model_rows": model.rows,
        "exact_deviation_within_the_list": spread,
        "tau_with_exact_deviation": float(tau),
    }


def study(n_candidates: int, bags: int, pool: int) -> dict[str, Any]:
    """Run it all."""
    setting = Setting.of(n_candidates, bags)
    document: dict[str, Any] = {
        "task": setting.task.name,
        "seed": SEED,
        "background": BACKGROUND,
        "bags": bags,
        "interactions": sum(len(term.features) > 1 for term in setting.scorer.terms),
        "rows": [],
    }
    with pinned(1):
        document["exact_pool"] = exact_row(setting, pool)
        for method in METHODS:
            document["rows"].append(row(setting, method))
            print(f"{method.name}: {document['rows'][-1]['seconds']:.3f} s", file=sys.stderr, flush=True)
        document["without_interactions"] = [row(setting.without_interactions(), method) for method in CHECKED]
        document["list"] = list_row(setting)
    for one in document["rows"]:
        one["times_exact_pool"] = one["seconds"] / document["exact_pool"]["seconds"][one["level"]]
    return document


def table(document: dict[str, Any]) -> list[str]:
    """Write the figures as a Markdown table."""
    whole, listed = document["exact_pool"], document["list"]
    size = whole["candidates"]
    lines = [
        "| method | level | tau | signs | largest difference | sum error | model rows | CPU a candidate | "
        "times the exact answer for all |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| exact, white box, all {size} of a pool | {level} | 1 | 1 | 0 | {whole['sum_error']:.0e} | {size} in all | "
        f"{_time(seconds / size)}, all {_time(seconds)} | |"
        for level, seconds in whole["seconds"].items()
    ]
    lines += [
        *map(_line, document["rows"]),
        *(_line(one, "; EBM without interactions") for one in document["without_interactions"]),
    ]
    lines.append(
        f"| RankingSHAP-like, list of {listed['pool_size']} | columns | {listed['tau_with_exact_deviation']:.2f} | | | "
        f"{listed['residual']:.0e} | {listed['model_rows']:,} | {_time(listed['seconds'])} the list | |"
    )
    return lines


def _line(one: dict[str, Any], note: str = "") -> str:
    rows = "" if one["model_rows"] is None else f"{one['model_rows']:,.0f}"
    other = "" if one["same_model"] else ", another model"
    times = f"{one['times_exact_pool']:,.1f}" if "times_exact_pool" in one else ""
    figures = " | ".join(f"{one[name]:.2f}" for name in ("tau", "signs", "distance"))
    return (
        f"| {one['name']}{note} | {one['level']}{other} | {figures} | {one['sum_error']:.0e} | {rows} | "
        f"{_time(one['seconds'])} | {times} |"
    )


def _time(seconds: float) -> str:
    return f"{seconds * 1e6:,.0f} us" if seconds < 1e-3 else f"{seconds * 1e3:,.1f} ms"


def _mean(values: list[float]) -> float | None:
    """Mean of what has a value; ``None`` where nothing has."""
    some = [value for value in values if not np.isnan(value)]
    return float(np.mean(some)) if some else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the study."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a small form that the tests run")
    parser.add_argument(
        "--out", type=Path, default=None, help=f"{RESULTS.name} by default; none with --quick"
    )
    given = parser.parse_args(arguments)
    try:
        import lightgbm  # noqa: F401
        import shap  # noqa: F401
    except ImportError as error:
        print(f"skipped, {error}: pip install 'candor-rank[posthoc,bench]'", file=sys.stderr)
        return 1
    try:
        document = study(2, 1, 60) if given.quick else study(CANDIDATES, BAGS, POOL)
    except SourceError as error:
        print(f"skipped, {error}", file=sys.stderr)
        return 1
    print(*table(document), sep="\n")
    out = given.out or (None if given.quick else RESULTS)
    if out is not None:
        document["machine"] = {**describe(), "shap": version("shap")}
        out.write_text(json.dumps(document, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
