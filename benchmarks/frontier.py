"""Compare ways to rank, and to rank fairly, on real data over resampled splits.

    python -m benchmarks.frontier                  # all tasks and methods, 20 splits; writes results/
    python -m benchmarks.frontier --methods lightgbm ebm_raw --tasks compas --splits 5
    python -m benchmarks.frontier --quick          # two tasks and splits, nothing written; what the tests run

Every method has the same splits, the same number of trials and, if it is an EBM, the same bags; it fits on
the train part, chooses on the tune part, and is measured on the test part. What is finished is kept in
results/frontier/ and not run again unless ``--fresh``.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from benchmarks.frontier_parts.cases import TASKS
from benchmarks.frontier_parts.drawing import draw
from benchmarks.frontier_parts.methods import FAIR, METHODS, splits_of
from benchmarks.frontier_parts.quality import QUALITY
from benchmarks.frontier_parts.store import Store
from benchmarks.frontier_parts.summary import machine, markdown, summarise
from benchmarks.frontier_parts.trials import BAGS, ROUNDS, TRIALS, Settings
from benchmarks.frontier_parts.work import Done, Piece, attributes_of, run_all

RESULTS = Path(__file__).parent / "results"
QUICK = {
    "tasks": ["chile_engineering", "findhr"],
    "methods": [name for name in METHODS if name != "deltr"],  # it installs an environment of its own
    "splits": 2,
    "trials": 2,
    "bags": 1,
    "rounds": 1,
    "workers": 1,
}
QUICK_ATTRIBUTES = ("candidate.highschool", "candidate.gender_c")


def main(arguments: list[str] | None = None) -> int:
    """Run the study; the exit code says whether every piece ran or was skipped for a stated reason."""
    given = _parser().parse_args(arguments)
    if given.quick:
        vars(given).update(QUICK)
    store = Store(None if given.quick else RESULTS / "frontier", trials=given.trials, bags=given.bags)
    settings = Settings(trials=given.trials, bags=given.bags, rounds=given.rounds, limit=given.limit)
    start = time.perf_counter()
    failed = 0
    # Fair methods read what the quality methods of the same split chose.
    for methods in (QUALITY, FAIR):
        wanted = [name for name in methods if name in given.methods]
        pieces = _pieces(given, wanted, settings, store)
        failed += _work(pieces, given.workers, store)
    figures = summarise(store)
    text = markdown(figures, trials=given.trials, bags=given.bags)
    print(text)
    print(f"{time.perf_counter() - start:.0f} s", file=sys.stderr)
    if figures and not given.quick:
        about = {
            "trials": given.trials,
            "bags": given.bags,
            "rounds": given.rounds,
            "limit_seconds": given.limit,
            **machine(),
        }
        (RESULTS / "frontier.json").write_text(
            json.dumps({**about, "cases": figures}, indent=1) + "\n", "utf-8"
        )
        (RESULTS / "frontier.md").write_text(text, "utf-8")
        draw(figures, RESULTS)
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS), metavar="TASK")
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS), metavar="METHOD")
    parser.add_argument("--splits", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2, help="processes, of one thread each")
    parser.add_argument("--trials", type=int, default=TRIALS, help="settings or points of every method")
    parser.add_argument("--bags", type=int, default=BAGS, help="outer bags of every EBM")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of fairlearn's reduction, at most")
    parser.add_argument("--limit", type=float, default=Settings().limit, help="seconds a case of DELTR")
    parser.add_argument("--fresh", action="store_true", help="run again what is finished")
    parser.add_argument("--quick", action="store_true", help="a small form that the tests run")
    return parser


def _pieces(
    given: argparse.Namespace, methods: Iterable[str], settings: Settings, store: Store
) -> list[Piece]:
    """List what is still to be run, costly tasks first and whole splits one after the other."""
    pieces = []
    for task in [task for task in TASKS if task in given.tasks]:
        for split in range(given.splits):
            for method in methods:
                if split >= splits_of(method, task, given.splits):
                    continue
                for found in attributes_of(task, method):
                    if given.quick and not set(found) & set(QUICK_ATTRIBUTES):
                        continue
                    best = store.choices(task, found[0], split, QUALITY)
                    chosen = {name: row["setting"] for name, row in best.items()}
                    read = replace(settings, chosen=chosen, best=next(iter(chosen), ""))
                    piece = Piece(task, split, method, found, read)
                    if given.fresh or not all(key in store for key in piece.keys):
                        pieces.append(piece)
    return pieces


def _work(pieces: list[Piece], workers: int, store: Store) -> int:
    """Run pieces, keep and tell what comes of them; the number that failed is returned."""
    skipped: Counter[str] = Counter()
    failed = 0
    for number, done in enumerate(run_all(pieces, workers), start=1):
        for outcome in done.outcomes:
            store.add(outcome)
        if done.skipped:
            skipped[f"{done.piece.method}, {done.piece.task}: skipped, {done.skipped}"] += 1
        failed += bool(done.error)
        print(f"{number}/{len(pieces)}  {_line(done)}", file=sys.stderr, flush=True)
    for reason, times in skipped.items():
        print(f"{reason} ({times} splits)")
    return failed


def _line(done: Done) -> str:
    piece = done.piece
    told = done.error or done.skipped or f"{done.outcomes[0].seconds:.1f} s {done.outcomes[0].reason}"
    return f"{piece.task:<25}{piece.method:<18}split {piece.split:>2}  {told}"


if __name__ == "__main__":
    sys.exit(main())
