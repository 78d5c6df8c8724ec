"""The command ``candor clean``: cleaned résumés, every change, and a report."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ranker.app.progress import shown
from ranker.app.result import Result
from ranker.app.resume_model import cleaner_for
from ranker.errors import SourceError, UsageError
from ranker.records.ledger import Ledger, report_lines
from ranker.records.resumes import read_domains, read_resumes

__all__ = ["run_clean"]

FILES = ("resumes.jsonl", "changes.jsonl", "dropped.jsonl", "report.txt", "report.json")


def run_clean(
    resumes: Path,
    domains: Path | None,
    out: Path,
    *,
    vocabulary: Path | None = None,
    embedding: bool | str = False,
    titles: Path | None = None,
) -> Result:
    """Clean résumés and write what became of them.

    Parameters
    ----------
    resumes : Path
        A file or a folder of them.
    domains : Path or None
        Domains, whose skills are the vocabulary unless another is given.
    out : Path
        The folder to write; it holds nothing else.
    vocabulary : Path, optional
        A file of ESCO's or O*NET's.
    embedding, titles
        As for :func:`ranker.app.resume_model.cleaner_for`.

    Raises
    ------
    UsageError
        If there are neither domains nor a vocabulary.
    SourceError
        If the folder holds other files, or cannot be written.
    """
    if domains is None and vocabulary is None:
        raise UsageError(
            "skills are mapped to a vocabulary: give --domains FILE, or --vocabulary FILE, or both"
        )
    _check_place(out)
    ledger = Ledger()
    with shown("cleaning"):
        known = read_domains(domains, ledger) if domains is not None else {}
        raws = read_resumes(resumes, ledger)
        cleaned = cleaner_for(known, vocabulary, embedding, titles=titles).clean_all(raws)
    records = ledger.report()
    report = {"records": records.to_json(), "cleaning": cleaned.report.to_json()}
    lines = [*report_lines(report["records"]), *cleaned.report.lines()]
    try:
        out.mkdir(parents=True, exist_ok=True)
        _write_lines(out / "resumes.jsonl", (one.to_raw() for one in cleaned.resumes))
        _write_lines(
            out / "dropped.jsonl", (one.to_raw() | {"dropped": one.dropped} for one in cleaned.dropped)
        )
        _write_lines(
            out / "changes.jsonl",
            (
                {"id": one.id, **change.to_json()}
                for one in (*cleaned.resumes, *cleaned.dropped)
                for change in one.changes
            ),
        )
        (out / "report.txt").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
        text = json.dumps(report, indent=1, ensure_ascii=False, allow_nan=False)
        (out / "report.json").write_text(text + "\n", encoding="utf-8", newline="\n")
    except OSError as error:
        raise SourceError(f"{out} cannot be written: {error.strerror}") from None
    n_unread = len([fate for fate in records.set_aside() if fate.table == "resume"])
    machine = {
        "out": str(out),
        "read": ledger.read.get("resume", 0),
        "kept": len(cleaned.resumes),
        "dropped": len(cleaned.dropped),
        "changes": sum(len(one.changes) for one in (*cleaned.resumes, *cleaned.dropped)),
        "set_aside": n_unread + len(cleaned.dropped),
        "report": report,
    }
    return Result("\n".join([*lines, "", f"written to {out}"]), machine)


def _write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write one JSON object a line."""
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n")


def _check_place(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise SourceError(f"{out} is a file: name a folder with --out")
    strays = sorted(path.name for path in out.iterdir() if path.name not in FILES) if out.is_dir() else []
    if strays:
        raise SourceError(f"{out} holds {strays[0]!r}, which cleaning does not write: name another folder")
