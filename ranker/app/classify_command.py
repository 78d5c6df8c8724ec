"""The command ``candor classify``: one résumé answered in words or JSON, or many to a file."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ranker.app.progress import shown
from ranker.app.result import Result
from ranker.app.resume_model import ResumeModel
from ranker.errors import DataError, UsageError, did_you_mean
from ranker.ranking.drafts import draft_folder, put_in_place, unwritable
from ranker.records.ledger import Ledger
from ranker.records.resumes import RawResume, read_resumes
from ranker.resume.answer import Answer
from ranker.resume.batch import answer_batch, refused_by
from ranker.resume.classifier import Refused

__all__ = ["run_classify"]

FORMS = ("text", "json")
FAULTS_TOLD = 5


def run_classify(
    directory: Path, source: Path, out: Path | None, *, form: str = "text"
) -> tuple[Result, int]:
    """Label résumés and say why.

    Parameters
    ----------
    directory : Path
        The model directory of a classifier.
    source : Path
        One résumé in a ``.json`` file; or many, in a file or a folder, with ``out``.
    out : Path, optional
        The ``.jsonl`` file to write answers to, one a line: those of the records that could be read, in
        their order, then those that could not.
    form : {"text", "json"}
        How a single answer is shown.

    Returns
    -------
    (Result, int)
        What to show, and how many could not be answered.

    Raises
    ------
    UsageError
        If many are read and ``out`` is not given, or ``form`` is not known.
    DataError
        If there is none, or the only one cannot be answered.
    """
    if form not in FORMS:
        raise UsageError(f"--format {form}: there is no such form{did_you_mean(form, FORMS)}")
    if out is not None and out.suffix.lower() != ".jsonl":
        raise UsageError(f"--out {out}: answers are written one a line; let the name end in .jsonl")
    model, ledger = ResumeModel.load(directory), Ledger()
    raws = read_resumes(source, ledger)
    unread = refused_by(ledger.report())
    if out is not None:
        return _many(model, directory, raws, unread, out)
    if not raws and not unread:
        raise DataError(f"{source} holds no résumé: write one object, or a list of them")
    if len(raws) + len(unread) != 1:
        raise UsageError(
            f"{source} holds {len(raws) + len(unread)} résumés: give --out ANSWERS.jsonl to answer all of them"
        )
    answers: list[Answer | Refused] = [*unread, *answer_batch(model.classifier, raws)]
    answer = answers[0]
    if isinstance(answer, Refused):
        raise DataError(f"{answer.place}: {answer.error}")
    machine = answer.to_json()
    shown_as = answer.to_text() if form == "text" else json.dumps(machine, indent=1, ensure_ascii=False)
    return Result(shown_as, machine), 0


def _many(
    model: ResumeModel, directory: Path, raws: list[RawResume], unread: list[Refused], out: Path
) -> tuple[Result, int]:
    counts: Counter[str] = Counter()
    faults: list[Refused] = []
    try:
        with draft_folder(out) as folder, shown("classifying") as tell:
            draft = folder / out.name
            with draft.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
                for answer in _each(model, raws, unread, tell):
                    if isinstance(answer, Refused):
                        faults.append(answer)
                    else:
                        counts[answer.label] += 1
                        counts["uncertain"] += answer.uncertain
                    file.write(_line(answer.to_json()))
            put_in_place(draft, out)
    except OSError as error:
        raise unwritable(out, error) from error
    labels = {label: counts[label] for label in model.classifier.labels.labels}
    machine: dict[str, Any] = {
        "model": model.classifier.version,
        "out": str(out),
        "read": len(raws) + len(unread),
        "answered": len(raws) + len(unread) - len(faults),
        "labels": labels,
        "uncertain": counts["uncertain"],
        "set_aside": len(faults),
        "errors": [fault.to_json() for fault in faults],
    }
    return Result(_said(directory, machine, faults), machine), len(faults)


def _each(
    model: ResumeModel, raws: list[RawResume], unread: list[Refused], tell: Any
) -> Iterator[Answer | Refused]:
    yield from answer_batch(model.classifier, raws, tell=tell)
    yield from unread


def _line(answer: dict[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False, allow_nan=False) + "\n"


def _said(directory: Path, machine: dict[str, Any], faults: list[Refused]) -> str:
    lines = [f"{machine['answered']:,} of {machine['read']:,} résumés answered by {directory}"]
    lines += [f"  {label}: {n:,}" for label, n in reversed(machine["labels"].items())]
    lines.append(f"  uncertain, for a person to decide: {machine['uncertain']:,}")
    if faults:
        lines.append(f"{len(faults):,} could not be answered:")
        lines += [f"  {fault.place}: {fault.error}" for fault in faults[:FAULTS_TOLD]]
        if len(faults) > FAULTS_TOLD:
            lines.append(f"  and {len(faults) - FAULTS_TOLD:,} more, each in {machine['out']}")
    return "\n".join([*lines, f"answers: {machine['out']}"])
