"""How studies of the service are told: figures as JSON, tables in Markdown."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.speed.machine import describe

__all__ = ["RESULTS", "table", "write"]

RESULTS = Path(__file__).parents[1] / "results"


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Lay rows out as a table of Markdown; numbers stand right, what is absent is a dash."""
    written = [[_written(value) for value in row] for row in rows]
    numeric = [
        bool(written) and all(one[place] == "-" or one[place][:1].isdigit() for one in written)
        for place in range(len(header))
    ]
    lines = [header, ["---:" if right else "---" for right in numeric], *written]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def write(name: str, figures: dict[str, Any], text: str, folder: Path = RESULTS) -> None:
    """Write figures, with the machine that they were made on, and the text that tells them."""
    folder.mkdir(exist_ok=True)
    told = json.dumps({"machine": describe(), **figures}, indent=1, ensure_ascii=False)
    (folder / f"{name}.json").write_text(told + "\n", "utf-8")
    (folder / f"{name}.md").write_text(text + "\n", "utf-8")


def _written(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.2f}" if abs(value) < 10 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
