"""``candor audit``: of a model, of anybody's ranking, or of a bare table of counts."""

import json
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ranker.app.model import Model
from ranker.app.progress import shown
from ranker.app.result import Result
from ranker.errors import DataError, SourceError, UsageError

PAGES, OBJECTS = (".html", ".htm"), (".json",)


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

    check_out(out)
    model = Model.load(directory)
    other = None if compare is None else Model.load(compare)
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

    check_out(out)
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

    check_out(out)
    command = ["candor", "audit", "--counts", str(counts)] + ([] if date is None else ["--date", date])
    with shown("auditing"):
        figures = {
            **counts_figures(counts, date=date),
            "command": shlex.join([*command, "--out", str(out)]),
        }
        written = write_report(out, figures, lambda: counts_page(figures))
    return Result(f"{figures['in_words']}\n{written}", {"report": str(out), **figures})


def check_subject(
    model: Path | None, compare: Path | None, ranking: Path | None, groups: Path | None, counts: Path | None
) -> None:
    """Refuse anything but one subject: a model, a ranking with its groups, or counts."""
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


def check_out(out: Path) -> None:
    """Refuse a name that says neither page nor figures."""
    if out.suffix.lower() not in (*PAGES, *OBJECTS):
        raise DataError(
            f"{out}: the report is a page with its figures; name a file that ends in .html or .json"
        )


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
