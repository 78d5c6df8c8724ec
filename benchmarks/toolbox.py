"""Measure the fairness toolbox beside its peers.

    python -m benchmarks.toolbox           # two minutes, more where the peers must be installed first;
                                           # writes results/toolbox.json and .md
    python -m benchmarks.toolbox --quick   # small cases of ours, without peers; nothing is written

Seconds are of the processor, on one thread, for the call alone: from what each package takes to what it
returns. Ours are the least of several calls after one that compiles; a peer's the least of three (NDKL: the
median of seven, hyperfair: of three seeds). Peers run in environments of their own, made when they are first
asked for. Where results differ, the row says which one is wrong by the algorithm's own criterion, worked
out exactly; a difference without such a proof, and a target that is missed, make the exit code 1.
"""

import argparse
import json
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.speed.machine import describe, pinned
from benchmarks.toolbox_parts.rows import FULL, QUICK, Row, all_rows

RESULTS = Path(__file__).parent / "results" / "toolbox.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; the exit code says whether all targets are met and all differences explained."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small cases without peers; nothing is written")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--out", type=Path, default=RESULTS)
    given = parser.parse_args(arguments)
    start = time.perf_counter()
    rows = []
    with pinned(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # those of peers
        about = {} if given.quick else describe()
        for row in all_rows(QUICK if given.quick else FULL):
            print(f"{row.name}: {row.work}", file=sys.stderr, flush=True)
            rows.append(row)
    figures = {"machine": about, "rows": [row.to_json() for row in rows]}
    print(json.dumps(figures) if given.json else table(rows))
    print(f"{time.perf_counter() - start:.0f} s", file=sys.stderr)
    if not given.quick:
        write(given.out, rows, figures)
    return 0 if all(row.in_order for row in rows) else 1


def write(out: Path, rows: Sequence[Row], figures: dict[str, Any]) -> None:
    """Write the figures, and the table with the machine and what the rows note."""
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    about = figures["machine"]
    libraries = ", ".join(f"{name} {version}" for name, version in about.get("libraries", {}).items())
    lines = [
        "# The fairness toolbox beside its peers",
        "",
        f"Processor seconds on one thread. {about.get('processor', '')}, Python {about.get('python', '')}, "
        f"{libraries}.",
        "",
        table(rows),
    ]
    out.with_suffix(".md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def table(rows: Sequence[Row]) -> str:
    """Write the rows as a Markdown table."""
    lines = [
        "| work | ours | peer | theirs | times as fast | asked | results | note |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        cells = (
            row.work,
            _seconds(row.seconds),
            row.peer or "–",
            "–" if row.peer_seconds is None else _seconds(row.peer_seconds),
            "–" if row.ratio is None else f"{row.ratio:,.0f}",
            _asked(row),
            "–" if row.equal is None else f"{'equal' if row.equal else '**differ**'}: {row.agreement}",
            "; ".join(text for text in (row.note, row.proof) if text),
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _seconds(seconds: float) -> str:
    for size, unit in ((1, "s"), (1e-3, "ms")):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"


def _asked(row: Row) -> str:
    if not row.target:
        return ""
    said = {True: "met", False: "**missed**", None: "**not measured**"}[row.met]
    return f"{row.target}: {said}"


if __name__ == "__main__":
    sys.exit(main())
