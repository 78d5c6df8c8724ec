"""Files of any kind, read into résumés and job postings."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ranker.errors import SourceError, did_you_mean
from ranker.records.job_posting import JobPosting, is_job_posting, linked_data, read_job_postings
from ranker.records.json_resume import content_id, is_json_resume, read_json_resume, resume_id
from ranker.records.ledger import Ledger
from ranker.records.resumes import RawResume, fault_of, values_in
from ranker.records.values import Unreadable
from ranker.resume.importing.document import LARGEST_FILE, read_document
from ranker.resume.importing.fields import Reading, read_fields
from ranker.resume.importing.imported import ImportedResume

DOCUMENTS = (".pdf", ".docx", ".txt", ".md", ".doc", ".rtf")
STATED = (".json", ".jsonl", ".ndjson")
PAGES = (".html", ".htm", ".jsonld")
KNOWN = DOCUMENTS + STATED + PAGES


@dataclass(slots=True)
class Imports:
    """What files held.

    Parameters
    ----------
    resumes : list of ImportedResume
        Each id once.
    postings : list of JobPosting
        In the order of reading.
    n_documents : int
        How many of the résumés were read from running text.
    """

    resumes: list[ImportedResume] = field(default_factory=list)
    postings: list[JobPosting] = field(default_factory=list)
    n_documents: int = 0


def import_files(
    paths: Iterable[Path], ledger: Ledger, reading: Reading, as_of: str | None = None
) -> Imports:
    """Read files and folders of résumés and job postings.

    Parameters
    ----------
    paths : iterable of Path
        Files, and folders whose own files are read by name.
    ledger : Ledger
        Takes every file and record that is set aside, with its reason, and what was left out of the others.
    reading : Reading
        How documents are read.
    as_of : str, optional
        The month that ongoing work is counted to, as ``reading`` has it, in words.

    Returns
    -------
    Imports

    Raises
    ------
    SourceError
        If a path does not exist, or nothing can be read at all.
    UsageError
        If a library that a file needs is not installed.
    """
    imports = Imports()
    places: dict[str, str] = {}
    n_read = {"resume": 0, "domain": 0}
    for file in _files(paths, ledger):
        n_domains = len(imports.postings)
        for imported in _read(file, ledger, reading, as_of, imports.postings):
            n_read["resume"] += 1
            if imported is None:
                continue
            place, id = imported.resume.place, imported.id
            if fault := fault_of(imported.resume.value):
                ledger.note("resume", place, "set_aside", fault)
            elif id in places:
                reason = f"the same id or content as {places[id]}"
                ledger.note("resume", place, "set_aside", reason)
            else:
                places[id] = place
                imports.resumes.append(imported)
                imports.n_documents += imported.is_document
        n_read["domain"] += len(imports.postings) - n_domains
    n_aside = sum(fate.table == "domain" and fate.action == "set_aside" for fate in ledger.fates)
    _count(ledger, "resume", n_read["resume"], len(imports.resumes))
    if n_read["domain"] or n_aside:
        _count(ledger, "domain", n_read["domain"] + n_aside, len(imports.postings))
    return imports


def _count(ledger: Ledger, table: str, n_read: int, n_kept: int) -> None:
    ledger.read[table] = ledger.read.get(table, 0) + n_read
    ledger.kept[table] = ledger.kept.get(table, 0) + n_kept


def _files(paths: Iterable[Path], ledger: Ledger) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if not p.name.startswith("."))
            for file in inside:
                if file.is_file() and file.suffix.lower() in KNOWN:
                    yield file
                else:
                    reason = "a folder in a folder" if file.is_dir() else "a kind of file that is not read"
                    ledger.note("resume", _place(file), "noted", f"not read: {reason}")
        elif path.exists():
            yield path
        else:
            near = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
            raise SourceError(f"there is no file or folder {path}{did_you_mean(path.name, near)}")


def _read(
    file: Path, ledger: Ledger, reading: Reading, as_of: str | None, postings: list[JobPosting]
) -> Iterator[ImportedResume | None]:
    """Yield a file's résumés, ``None`` for each that could not be read; its postings go to a list."""
    place = _place(file)
    try:
        if file.suffix.lower() in STATED:
            for where, value, fault in values_in(file, "resume", ledger):
                if fault:
                    ledger.note("resume", where, "set_aside", fault)
                    yield None
                elif is_job_posting(value):
                    postings += _writable(read_job_postings(value, where, ledger), ledger)
                else:
                    yield _stated(value, where, ledger, as_of)
        elif file.suffix.lower() in PAGES:
            if file.stat().st_size > LARGEST_FILE:
                raise Unreadable(f"more than {LARGEST_FILE:,} bytes, which no page needs")
            page = file.read_text(encoding="utf-8-sig", errors="replace")
            values = linked_data(page if file.suffix.lower() != ".jsonld" else _as_script(page))
            if not any(map(is_job_posting, values)):
                raise Unreadable("no JobPosting in its JSON-LD")
            for value in values:
                postings += _writable(read_job_postings(value, place, ledger), ledger)
        else:
            document = read_document(file)
            for remark in document.remarks:
                ledger.note("resume", place, "noted", f"not read: {remark}")
            imported = read_fields(document, content_id(file.read_bytes()), place, reading)
            for item in imported.items:
                if item.field == "work_experience" and item.years is None:
                    ledger.note("resume", place, "missing", f"no years: {item.rule}", path="work_experience")
            for _ in imported.left_out:
                ledger.note("resume", place, "noted", "a line that was not understood: see corrections.csv")
            yield imported
    except Unreadable as error:
        ledger.note("resume", place, "set_aside", str(error))
        yield None
    except OSError as error:
        ledger.note("resume", place, "set_aside", f"cannot be read: {error.strerror}")
        yield None


def _as_script(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


def _stated(value: Any, where: str, ledger: Ledger, as_of: str | None) -> ImportedResume | None:
    """Return a résumé that states its fields: JSON Resume's, or cleaning's own."""
    if is_json_resume(value):
        converted = read_json_resume(value, where, ledger, as_of=as_of)
        return ImportedResume(converted.resume, personal=converted.personal)
    if fault := fault_of(value):
        ledger.note("resume", where, "set_aside", fault)
        return None
    return ImportedResume(RawResume(where, {**value, "id": resume_id(value)}))


def _writable(postings: list[JobPosting], ledger: Ledger) -> list[JobPosting]:
    good = []
    for posting in postings:
        try:
            "\n".join((posting.domain, *posting.required_skills)).encode()
        except UnicodeEncodeError:
            ledger.note("domain", posting.place, "set_aside", "a text that holds half a character")
        else:
            good.append(posting)
    return good


def _place(path: Path) -> str:
    """Return a file's name and its folder's so that they can be written."""
    return os.fsencode(f"{path.resolve().parent.name}/{path.name}").decode("utf-8", "replace")
