"""Measure the speed of the hot path beside its peers.

    python -m benchmarks                    # all rows at full size; writes results/speed.json and .md
    python -m benchmarks --only score match # rows whose names begin so; nothing is written
    python -m benchmarks --quick            # a twentieth of the work, within two minutes; nothing is written
    python -m benchmarks --readme           # put the figures of results/speed.json into README.md

All in one process, ours and peers in turn, medians of seven runs (three of what takes over ten
seconds) after one that is not counted; what takes under 20 ms is repeated within its turn. CPU seconds
on one thread, then seconds on the clock on all. Every result is compared with the peer's, in the sense
that the row states.
"""

import argparse
import json
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.speed import growth
from benchmarks.speed.bench import flat, run, table
from benchmarks.speed.machine import describe, pinned
from benchmarks.speed.measure import TIMES
from benchmarks.speed.rows import GROWS, ROWS

RESULTS = Path(__file__).parent / "results"
README = Path(__file__).parents[1] / "README.md"
START, END = "<!-- speed -->", "<!-- /speed -->"
QUICK = {"scale": 0.05, "times": 3}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; the exit code says whether all results agree."""
    given = _parser().parse_args(arguments)
    if given.readme:
        figures = json.loads((RESULTS / "speed.json").read_text("utf-8"))
        README.write_text(with_table(README.read_text("utf-8"), figures), "utf-8")
        return 0
    if given.quick:
        vars(given).update(QUICK)
    chosen = [row for row in ROWS if not given.only or row.name.startswith(tuple(given.only))]
    if not chosen:
        print(f"no row begins so; there are: {', '.join(row.name for row in ROWS)}", file=sys.stderr)
        return 2
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # those of peers
        with pinned(1):
            about = describe()
        bandwidth = about["copy_gigabytes_per_second"] * 1e9
        rows = run(chosen, scale=given.scale, times=given.times, bandwidth=bandwidth)
        whole = not given.quick and not given.only and given.scale == 1
        grown = growth.run(GROWS, times=3) if whole or given.growth else []
    figures = {"machine": about, "scale": given.scale, "times": given.times, "rows": rows, "growth": grown}
    if given.json:
        print(json.dumps({**figures, "rows": flat(rows), "table": rows}))
    else:
        print(table(rows))
    print(f"{time.perf_counter() - start:.0f} s", file=sys.stderr)
    if whole:
        write(figures)
    return 0 if all(peer["equal"] for row in rows for peer in row["peers"]) else 1


def write(figures: dict[str, Any]) -> None:
    """Write the results: figures, a table, a plot."""
    (RESULTS / "speed.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    (RESULTS / "speed.md").write_text(table(figures["rows"]) + "\n", "utf-8")
    growth.draw(figures["growth"], RESULTS / "speed_growth.svg")


def with_table(text: str, figures: dict[str, Any]) -> str:
    """Put the table between the marks of a text."""
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n{table(figures['rows'])}\n{END}{after}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", nargs="+", metavar="NAME", help="rows whose names begin so")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full size")
    parser.add_argument("--times", type=int, default=TIMES, help="runs that a median is of")
    parser.add_argument("--quick", action="store_true", help="a twentieth of the work, three runs")
    parser.add_argument("--growth", action="store_true", help="measure growth too, whatever is run")
    parser.add_argument(
        "--readme", action="store_true", help="write the table of results/speed.json to README.md"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


if __name__ == "__main__":
    sys.exit(main())
