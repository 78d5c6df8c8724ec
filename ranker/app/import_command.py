"""The command ``candor import``: résumés and postings of foreign form, read into the files that training reads."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ranker.app.progress import shown
from ranker.app.result import Result
from ranker.errors import SourceError, UsageError, did_you_mean
from ranker.records.json_resume import month_of
from ranker.records.ledger import CleaningReport, Ledger
from ranker.records.resumes import RawResume, read_domains

if TYPE_CHECKING:
    from ranker.resume.importing import ImportedResume, Imports, SkillSpotter

__all__ = ["run_import"]

RESUMES, DOMAINS, CORRECTIONS = "resumes.jsonl", "domains.json", "corrections.csv"
PERSONAL, REPORT = "personal.jsonl", "import.json"
SHOWN_TO_CHECK = 10


def run_import(
    paths: Sequence[Path],
    out: Path,
    domains: Path | None = None,
    vocabulary: Path | None = None,
    *,
    corrected: Path | None = None,
    as_of: str | None = None,
    domain: str | None = None,
) -> Result:
    """Read files of any kind and write ``resumes.jsonl``, what to correct by hand, and what was left out.

    Parameters
    ----------
    paths : sequence of Path
        PDF, DOCX, text, JSON Resume, JobPosting (JSON-LD or a page with it) or our own JSON; or folders.
    out : Path
        A folder: ``resumes.jsonl``, ``corrections.csv``, ``personal.jsonl`` (names, addresses: for audits
        only), ``domains.json`` where postings were read, ``import.json``.
    domains : Path, optional
        Domains whose required skills are looked for in running text, and whose names ``domain`` is one of.
    vocabulary : Path, optional
        A file of skills, one a line, or JSON as training writes it: looked for as well.
    corrected : Path, optional
        A corrected ``corrections.csv``: its résumés stand for those of the same id.
    as_of : str, optional
        The month, such as ``2026-01``, to which work that goes on is counted.
    domain : str, optional
        The domain of every document that names none.

    Raises
    ------
    UsageError
        If there is nothing to read, ``as_of`` is no month, or a library is not installed.
    SourceError
        If a file does not exist, or no résumé and no posting is left.
    """
    from ranker.resume.importing import Imports, Reading, import_files, read_corrections

    if not paths and corrected is None:
        raise UsageError("nothing to import: give files or folders, or --corrected FILE")
    ledger = Ledger()
    known = {} if domains is None else read_domains(domains, Ledger())
    if domain is not None and known and domain not in known:
        raise UsageError(f"there is no domain {domain!r} in {domains}{did_you_mean(domain, known)}")
    reading = Reading(month_of(as_of), _spotter(known, vocabulary), domain or "")
    with shown("importing"):
        imports = import_files(paths, ledger, reading, as_of) if paths else Imports()
    by_hand = [] if corrected is None else read_corrections(corrected, ledger)
    resumes = _together(imports.resumes, by_hand)
    required = _required(imports, reading.spotter, ledger)
    if not resumes and not required:
        first = next((f"; {f.row}: {f.reason}" for f in ledger.fates if f.action == "set_aside"), "")
        raise SourceError(f"nothing could be imported{first}")
    written = _write(out, resumes, imports, required, ledger.report())
    return _said(out, resumes, imports, by_hand, required, ledger.report(), written)


def _spotter(domains: dict[str, tuple[str, ...]], path: Path | None) -> "SkillSpotter | None":
    """Return what finds the skills of domains and of a vocabulary in running text, if there are any."""
    from ranker.resume.importing import SkillSpotter

    names, aliases = ([], {}) if path is None else _names(path)
    names += [skill for skills in domains.values() for skill in skills]
    return SkillSpotter(names, aliases) if names else None


def _names(path: Path) -> tuple[list[str], dict[str, str]]:
    """Return the skills of a file and their aliases: a line each, a JSON list, or a vocabulary's JSON."""
    from ranker.resume.cleaning.vocabulary import Vocabulary

    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix.lower() != ".json":
            return [line.strip() for line in text.splitlines() if line.strip()], {}
        value = json.loads(text)
    except FileNotFoundError:
        raise SourceError(f"the vocabulary {path} does not exist") from None
    except (ValueError, RecursionError) as error:
        raise SourceError(f"the vocabulary {path} cannot be read: {error}") from None
    if isinstance(value, dict):
        known = Vocabulary.from_json(value)
        return list(known.canonical), {o: name for name, others in known.aliases.items() for o in others}
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise SourceError(f"the vocabulary {path} holds no list of skills: write one skill a line as .txt")
    return value, {}


def _together(imported: "list[ImportedResume]", by_hand: list[RawResume]) -> list[RawResume]:
    """Return all résumés; one that was corrected stands where the one read from its document stood."""
    corrected = {str(resume.value["id"]): resume for resume in by_hand if resume.value.get("id") is not None}
    resumes = [corrected.pop(one.id, one.resume) for one in imported]
    return resumes + list(corrected.values())


def _required(imports: "Imports", spotter: "SkillSpotter | None", ledger: Ledger) -> dict[str, list[str]]:
    """Return each posting's skills: its own, else those that the vocabulary finds in its text."""
    required: dict[str, list[str]] = {}
    for posting in imports.postings:
        skills = list(posting.required_skills)
        if not skills and spotter is not None:
            skills = list(spotter.skills_in(posting.text))
        if not skills:
            reason = "no skills: state them in the posting, or give a --vocabulary to find them in its text"
            ledger.note("domain", posting.place, "set_aside", reason)
            ledger.kept["domain"] -= 1
        elif posting.domain in required:
            reason = f"another posting for {posting.domain!r}: its skills were added"
            ledger.note("domain", posting.place, "noted", reason)
            have = {skill.casefold() for skill in required[posting.domain]}
            required[posting.domain] += [skill for skill in skills if skill.casefold() not in have]
        else:
            required[posting.domain] = skills
    return required


def _write(
    out: Path,
    resumes: list[RawResume],
    imports: "Imports",
    required: dict[str, list[str]],
    report: CleaningReport,
) -> dict[str, str]:
    """Write what was read; files that would be empty are not written, and old ones go."""
    from ranker.resume.importing.correction import write_corrections, write_json_lines

    if out.exists() and not out.is_dir():
        raise UsageError(f"--out {out} is a file: name a folder")
    out.mkdir(parents=True, exist_ok=True)
    documents = [one for one in imports.resumes if one.is_document]
    people = [{"id": one.id, "file": one.resume.place, **_renamed(one.personal)} for one in imports.resumes]
    parts: dict[str, bool] = {
        RESUMES: bool(resumes), CORRECTIONS: bool(documents), DOMAINS: bool(required), PERSONAL: bool(people)
    }  # fmt: skip
    for name, wanted in parts.items():
        if not wanted:
            (out / name).unlink(missing_ok=True)  # of an earlier import, of which it would still speak
    if resumes:
        write_json_lines((resume.value for resume in resumes), out / RESUMES)
    if documents:
        write_corrections(documents, out / CORRECTIONS)
    if people:
        write_json_lines(people, out / PERSONAL)
    if required:
        listed = [{"domain": name, "required_skills": skills} for name, skills in required.items()]
        (out / DOMAINS).write_text(json.dumps(listed, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    told = {**report.to_json(), "confidence": {one.id: one.confidence() for one in imports.resumes}}
    text = json.dumps(told, ensure_ascii=False, indent=1) + "\n"
    (out / REPORT).write_bytes(text.encode("utf-8", "replace"))
    return {Path(name).stem: str(out / name) for name, wanted in parts.items() if wanted}


def _renamed(personal: Any) -> dict[str, Any]:
    """Return what is personal; an id or file of its own does not take the place of ours."""
    return {f"own_{key}" if key in ("id", "file") else key: value for key, value in personal.items()}


def _said(
    out: Path,
    resumes: list[RawResume],
    imports: "Imports",
    by_hand: list[RawResume],
    required: dict[str, list[str]],
    report: CleaningReport,
    written: dict[str, str],
) -> Result:
    corrected = {str(resume.value.get("id")) for resume in by_hand}
    to_check = {
        one.id: one.to_check() for one in imports.resumes if one.id not in corrected and one.to_check()
    }
    machine = {
        "out": str(out),
        "resumes": len(resumes),
        "domains": len(required),
        "documents": imports.n_documents,
        "corrected": len(by_hand),
        "without_domain": sum(not resume.value.get("preferred_domain") for resume in resumes),
        "to_check": {id: list(fields) for id, fields in to_check.items()},
        "set_aside": len(report.set_aside()),
        "files": written,
        "import": report.to_json()["counts"],
    }
    lines = [
        f"{len(resumes)} résumé(s) and {len(required)} domain(s): {out}",
        *_places(report),
        *report.lines(),
    ]
    if to_check:
        lines.append(
            f"to check, {len(to_check)} résumé(s): edit {out / CORRECTIONS}, then candor import --corrected it"
        )
        lines += _listed((one.id, one.resume.place, to_check.get(one.id)) for one in imports.resumes)
    if homeless := machine["without_domain"]:
        lines.append(
            f"{homeless} résumé(s) name no domain, and without one are neither trained on nor classified: "
            "give --domain D, or add rows of the field preferred_domain"
        )
    if PERSONAL in {Path(path).name for path in written.values()}:
        lines.append(f"names and addresses, for audits only: {out / PERSONAL}")
    return Result("\n".join(lines), machine)


def _places(report: CleaningReport) -> list[str]:
    return [f"{fate.row}: {fate.reason}" for fate in report.set_aside()]


def _listed(found: Iterable[tuple[str, str, tuple[str, ...] | None]]) -> list[str]:
    unsure = [f"  {id} ({place}): {', '.join(fields)}" for id, place, fields in found if fields]
    more = [f"  and {len(unsure) - SHOWN_TO_CHECK} more"] if len(unsure) > SHOWN_TO_CHECK else []
    return unsure[:SHOWN_TO_CHECK] + more
