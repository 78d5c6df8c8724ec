"""The file in which a person corrects what was read from documents: one row for each item.

Change a value or years, take rows out, add some: rows of one id are one résumé. Confidence and rule say
what to look at first; they are not read back.
"""

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ranker.errors import SourceError, did_you_mean
from ranker.records.ledger import Ledger
from ranker.records.resumes import RawResume, read_resumes
from ranker.resume.importing.imported import FIELDS, STATED, ImportedResume, Item, fields_of

COLUMNS = ("id", "file", "field", "value", "years", "confidence", "rule")
NEEDED = ("id", "field", "value")
LEFT_OUT = "left out"  # rows that show lines which were not understood; they are not read back
BY_HAND = "by hand"
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet would run
EMPTY = "résumé"  # a row that says a résumé is there, of which nothing was understood


def write_corrections(resumes: Iterable[ImportedResume], path: Path) -> int:
    """Write what was read from documents, an item a row, UTF-8 with the mark that Excel looks for.

    Parameters
    ----------
    resumes : iterable of ImportedResume
        Those that were read from documents; files that state their fields need no correction.
    path : Path
        A CSV file to write.

    Returns
    -------
    int
        Rows written.
    """
    rows = [row for resume in resumes for row in _rows(resume)]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows([[_guarded(cell) for cell in row] for row in rows])
    return len(rows)


def read_corrections(path: Path, ledger: Ledger) -> list[RawResume]:
    """Read a corrected file back.

    Parameters
    ----------
    path : Path
        The CSV file, or a JSON or JSON Lines file of résumés as ``resumes.jsonl`` holds them.
    ledger : Ledger
        Takes rows that name no résumé or no field.

    Returns
    -------
    list of RawResume
        In the order of their first rows.

    Raises
    ------
    SourceError
        If the file is missing, of another kind, or lacks a column.
    """
    if not path.is_file():
        raise SourceError(f"the corrected file {path} does not exist")
    if path.suffix.lower() != ".csv":
        inner = Ledger()
        resumes = read_resumes(path, inner)
        ledger.fates += inner.fates
        _count(ledger, len(resumes))
        return resumes
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(f"{path} is not UTF-8 (byte {error.start}): save it as CSV UTF-8") from None
    first = text.partition("\n")[0]
    # Spreadsheets of some countries write semicolons.
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.DictReader(text.splitlines(keepends=True), delimiter=delimiter)
    try:
        columns = [name.strip().lower() for name in reader.fieldnames or ()]
        reader.fieldnames = columns
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise SourceError(f"{path}, line {reader.line_num}: {error}") from None
    if missing := [name for name in NEEDED if name not in columns]:
        raise SourceError(f"{path} has no column {missing[0]!r}{did_you_mean(missing[0], columns)}")
    return _resumes(rows, path.name, ledger)


def _rows(resume: ImportedResume) -> list[tuple[Any, ...]]:
    head = (resume.id, resume.resume.place)
    rows: list[tuple[Any, ...]] = [
        (*head, item.field, item.value, _years(item.years), item.confidence, item.rule)
        for item in resume.items
    ]
    rows = rows or [(*head, EMPTY, "", "", 0.0, "nothing was understood: add rows for its fields")]
    return rows + [
        (*head, LEFT_OUT, line, "", "", "not understood; not read back") for line in resume.left_out
    ]


def _years(years: Any) -> str:
    return "" if years is None else str(round(years, 4)) if isinstance(years, float) else str(years)


def _guarded(cell: Any) -> str:
    """Return a cell that no spreadsheet takes for a formula; :func:`_bare` takes the guard off again."""
    text = str(cell)
    return "'" + text if text.startswith((*FORMULA, "'")) else text


def _bare(cell: Any) -> str:
    text = cell.strip() if isinstance(cell, str) else ""
    return text[1:].strip() if text.startswith("'") else text


def _resumes(rows: list[tuple[int, dict[str, Any]]], name: str, ledger: Ledger) -> list[RawResume]:
    items: dict[str, list[Item]] = {}
    places: dict[str, str] = {}
    for number, row in rows:
        place = f"{name}, line {number}"
        id, field, value = (_bare(row.get(key)) for key in NEEDED)
        field = field.lower().replace(" ", "_")
        if not (id or field or value):
            continue
        if not id:
            ledger.note("resume", place, "set_aside", "a row without an id")
            continue
        places.setdefault(id, place)
        found = items.setdefault(id, [])
        if field in (LEFT_OUT.replace(" ", "_"), EMPTY):
            continue
        if field not in FIELDS:
            reason = f"there is no field {field!r}{did_you_mean(field, FIELDS)}"
            ledger.note("resume", place, "set_aside", reason)
        elif not value and field != "work_experience":
            ledger.note("resume", place, "noted", "a row without a value was left out", path=field)
        elif field in ("test_score", "preferred_domain") and any(item.field == field for item in found):
            ledger.note("resume", place, "set_aside", f"a second {field} of one résumé: take one out")
        else:
            years = _bare(row.get("years")) or None
            if years and field != "work_experience":
                ledger.note("resume", place, "noted", "years belong to work_experience only", path=field)
            found.append(Item(field, value, STATED, BY_HAND, years))
    resumes = [RawResume(places[id], fields_of(id, found)) for id, found in items.items()]
    _count(ledger, len(resumes))
    return resumes


def _count(ledger: Ledger, n: int) -> None:
    """Count corrected résumés by themselves: those of the same id that they stand for are counted as read."""
    ledger.read["corrected"] = ledger.kept["corrected"] = n


def write_json_lines(values: Iterable[Any], path: Path) -> None:
    """Write one JSON object a line; half a character, which no file can hold, becomes a question mark."""
    text = "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values)
    path.write_bytes(text.encode("utf-8", "replace"))
