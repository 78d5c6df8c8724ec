"""``candor audit``: of a model, of anybody's ranking, or of a bare table of counts."""

import json
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from datetime import date as calendar
from pathlib import Path
from typing import Any

from ranker.app.model import Model
from ranker.app.progress import shown
from ranker.app.result import Result
from ranker.errors import DataError, SourceError, UsageError

PAGES, OBJECTS = (".html", ".htm"), (".json",)
SCHEMA = Path(__file__).parent / "report" / "audit.schema.json"
SCHEMAS = ("candor-audit/2", "candor-ranking-audit/1", "candor-counts-audit/1")


def run_audit(directory: Path, out: Path, *, compare: Path | None = None, date: str | None = None) -> Result:
    """Write the audit of a model: the page, and the figures beside it.

    Parameters
    ----------
    directory : Path
        The model.
    out : Path
        ``report.html`` writes the page and ``report.json``; ``report.json`` the figures alone.
    compare : Path, optional
        Another model, to say who moves between the two.
    date : str, optional
        Day of the audit, for the page; none is stated by default, so that the same model gives
        the same page.
    """
    from ranker.app.report import audit_figures, audit_page

    model = Model.load(directory)
    other = None if compare is None else Model.load(compare)
    check_out(out, [path for path, _ in model.task.sources.values()], models=[directory, compare])
    arguments = ["candor", "audit", str(directory)]
    arguments += [] if compare is None else ["--compare", str(compare)]
    arguments += [] if date is None else ["--date", date]
    with shown("auditing"):
        figures = {
            **audit_figures(model, other=other, date=date),
            "command": shlex.join([*arguments, "--out", str(out)]),
        }
        written = write_report(out, figures, lambda: audit_page(model, figures))
    return Result(f"{figures['in_words']}\n{written}", {"report": str(out), **figures})


def run_audit_of_ranking(
    ranking: Path, groups: Path, out: Path, *, top_k: int, date: str | None = None
) -> Result:
    """Write the audit of a ranking that anybody made, from a file of ranks and one of groups."""
    from ranker.app.report.any_ranking import ranking_figures, ranking_page

    check_out(out, [ranking, groups])
    command = ["candor", "audit", "--ranking", str(ranking), "--groups", str(groups), "--top-k", str(top_k)]
    command += [] if date is None else ["--date", date]
    with shown("auditing"):
        figures = {
            **ranking_figures(ranking, groups, top_k=top_k, date=date),
            "command": shlex.join([*command, "--out", str(out)]),
        }
        written = write_report(out, figures, lambda: ranking_page(figures))
    return Result(f"{figures['in_words']}\n{written}", {"report": str(out), **figures})


def run_audit_of_counts(counts: Path, out: Path, *, date: str | None = None) -> Result:
    """Write the audit of a table of counts: selected and total of each group."""
    from ranker.app.report.any_counts import counts_figures, counts_page

    check_out(out, [counts])
    command = ["candor", "audit", "--counts", str(counts)] + ([] if date is None else ["--date", date])
    with shown("auditing"):
        figures = {
            **counts_figures(counts, date=date),
            "command": shlex.join([*command, "--out", str(out)]),
        }
        written = write_report(out, figures, lambda: counts_page(figures))
    return Result(f"{figures['in_words']}\n{written}", {"report": str(out), **figures})


def check_subject(
    model: Path | None,
    compare: Path | None,
    ranking: Path | None,
    groups: Path | None,
    counts: Path | None,
    *,
    out: Path | None,
    top_k: int | None = None,
) -> Path:
    """Refuse anything but one subject: a model, a ranking with its groups, or counts; return `out`."""
    given = [
        name
        for name, path in (("a model", model), ("--ranking", ranking), ("--counts", counts))
        if path is not None
    ]
    if len(given) != 1:
        raise UsageError(
            f"{' and '.join(given) if given else 'nothing'} to audit: give one of a model directory, "
            "--ranking FILE with --groups FILE, or --counts FILE"
        )
    if (ranking is None) != (groups is None):
        raise UsageError("--ranking and --groups belong together: give both files, or neither")
    if compare is not None and model is None:
        raise UsageError(
            "--compare names a second model: give the first, candor audit MODEL/ --compare MODEL2/"
        )
    if top_k is not None and ranking is None:
        raise UsageError(
            "--top-k belongs to --ranking: of a model, [audit] top_k in its task says how many are selected"
        )
    if out is None:
        raise UsageError("--out is missing: name the file to write, such as --out report.html")
    return out


def check_date(date: str | None) -> None:
    """Refuse what is no day of the calendar: a report's date is what readers compare."""
    try:
        if date is not None and not (re.fullmatch(r"\d{4}-\d\d-\d\d", date) and calendar.fromisoformat(date)):
            raise ValueError
    except ValueError:
        raise UsageError(f"--date {date} is no day: write year, month and day, such as 2026-11-21") from None


def check_out(out: Path, inputs: Sequence[Path], *, models: Sequence[Path | None] = ()) -> None:
    """Refuse a name that says neither page nor figures, or that would overwrite what is audited.

    Parameters
    ----------
    out : Path
        The page, or the figures, which otherwise stand beside it.
    inputs : sequence of Path
        Files that the audit reads.
    models : sequence of Path or None
        Directories whose files no report may replace.
    """
    if out.suffix.lower() not in (*PAGES, *OBJECTS):
        raise DataError(
            f"{out}: the report is a page with its figures; name a file that ends in .html or .json"
        )
    inside = [file for model in models if model is not None for file in model.iterdir()]
    taken = {file.resolve() for file in (*inputs, *inside) if file.suffix.lower() in (*PAGES, *OBJECTS)}
    for written in {out, out.with_suffix(".json")}:
        if written.resolve() in taken and not _is_figures(written):
            raise UsageError(
                f"--out {out} would overwrite {written}, which the audit reads: give the report another name"
            )


def _is_figures(path: Path) -> bool:
    """Tell whether a file holds what an earlier audit wrote, which a new one may replace."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return path.suffix.lower() in PAGES
    return isinstance(found, dict) and str(found.get("schema", "")) in SCHEMAS


def tell_schema() -> Result:
    """Return the JSON schema of the figures: of a model, of a ranking, and of counts."""
    text = SCHEMA.read_text(encoding="utf-8")
    return Result(text.rstrip("\n"), json.loads(text))


def write_report(out: Path, figures: Mapping[str, Any], page: Callable[[], str]) -> str:
    """Write the page with its figures beside it, or the figures alone; return what was written."""
    beside = out.with_suffix(".json")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if out.suffix.lower() in PAGES:
            out.write_text(page(), encoding="utf-8")
        beside.write_text(
            json.dumps(figures, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8"
        )
    except OSError as error:
        raise SourceError(
            f"cannot write {str(out)!r}: {error.strerror or error}; give a path in a folder that may be written to"
        ) from error
    return f"report: {out}" + (f"\nfigures: {beside}" if beside != out else "")
