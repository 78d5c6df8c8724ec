"""``candor train`` and ``candor rank`` where the task or the model is about résumés."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from explain.words import counted
from ranker.app.model_directory import check_place
from ranker.app.progress import shown
from ranker.app.result import Result
from ranker.app.resume_model import ResumeModel, train_resumes
from ranker.app.resume_task import read_resume_task
from ranker.errors import EmptyPoolError
from ranker.ranking import Ranking
from ranker.ranking.output import check_ending, write_ranking
from ranker.records.ledger import Ledger, report_lines
from ranker.records.resumes import read_resumes
from ranker.records.splits import PARTS
from ranker.resume.batch import refused_by
from ranker.resume.classifier import Admitted, Refused
from ranker.resume.labels import LABELS

__all__ = ["rank_resumes", "run_train_resumes"]


def run_train_resumes(task_file: Path, out: Path, reviews: str | None = None) -> Result:
    """Train a classifier on a résumé task, and on what reviewers said, and write its directory."""
    task = read_resume_task(task_file)
    check_place(out)
    said = None
    if reviews is not None:
        from ranker.app.decisions.learning import read_reviews

        said = read_reviews(reviews)
    with shown("training"):
        model = train_resumes(task, reviewed=None if said is None else said.as_raws())
        model.save(out)
    records = model.cleaning["records"]
    n_set_aside = sum(row["rows"] for row in records["counts"] if row["action"] == "set_aside")
    machine = {
        "task": task.name,
        "model": str(out),
        "version": model.classifier.version,
        "read": records["read"],
        "kept": records["kept"],
        "set_aside": n_set_aside,
        "cleaning": model.cleaning["cleaning"],
        "evaluation": model.evaluation,
    }
    lines = [task.title, "", *report_lines(records), "", *model.cleaning["lines"], ""]
    if said is not None:
        machine["reviews"] = {"learned": len(said.labels), "without_resume": said.n_without_resume}
        lines += [said.in_words(), ""]
    return Result("\n".join([*lines, *_evaluation_lines(model.evaluation), "", f"model: {out}"]), machine)


def rank_resumes(directory: Path, out: Path, resumes: Path | None, top_k: int | None) -> Result:
    """Rank the résumés of each domain by the score that labels them.

    Parameters
    ----------
    directory : Path
        The model directory of a classifier.
    out : Path
        The file to write: domain, id, rank, score, label.
    resumes : Path or None
        Résumés to read instead of the task's.
    top_k : int or None
        Write only the first k of each domain.

    Raises
    ------
    EmptyPoolError
        If no résumé can be ranked.
    """
    model, ledger = ResumeModel.load(directory), Ledger()
    check_ending(out)
    with shown("ranking"):
        raws = read_resumes(resumes or model.task.resumes, ledger)
        results = [model.classifier.admit(raw) for raw in raws]
        admitted = [one for one in results if isinstance(one, Admitted)]
        refused = [one for one in results if isinstance(one, Refused)] + refused_by(ledger.report())
        if not admitted:
            first = f"; {refused[0].place}: {refused[0].error}" if refused else ""
            raise EmptyPoolError(f"none of {len(refused)} résumés can be ranked{first}")
        pool = model.classifier.pool([one.resume for one in admitted])
        scores = model.classifier.scorer.score(pool.table)
        frame = _ranked(model, admitted, scores)
        if top_k is not None:
            frame = frame[frame["rank"] <= top_k]
        write_ranking(frame, out)
    machine: dict[str, Any] = {
        "out": str(out),
        "pairs": len(frame),
        "jobs": int(frame["job"].nunique()),
        "set_aside": len(refused),
        "errors": [one.to_json() for one in refused],
    }
    of = counted(machine["jobs"], "domain")
    text = f"{counted(len(frame), 'résumé')} of {of} ranked: {out}"
    if refused:
        text += f"\n{len(refused):,} set aside, such as {refused[0].place}: {refused[0].error}"
    return Result(text, machine)


def _ranked(model: ResumeModel, admitted: list[Admitted], scores: np.ndarray) -> pd.DataFrame:
    """Lay the ranking out, job by job, with each résumé's label beside its rank."""
    job = np.array([one.resume.preferred_domain for one in admitted], dtype=object)
    # Ids may repeat or be absent, and a ranking needs each candidate once in a job.
    names, seen = [], set()
    for one in admitted:
        name = one.resume.id or one.raw.place
        names.append(name if (one.resume.preferred_domain, name) not in seen else f"{name} ({one.raw.place})")
        seen.add((one.resume.preferred_domain, name))
    candidate = np.array(names, dtype=object)
    ranking = Ranking.from_scores(scores, job=job, candidate=candidate)
    frame = ranking.to_frame()
    codes = model.classifier.labels.predict(scores)
    label = {key: LABELS[code] for key, code in zip(zip(job, candidate, strict=True), codes, strict=True)}
    frame["label"] = [label[key] for key in zip(frame["job"], frame["candidate"], strict=True)]
    return frame


def _evaluation_lines(evaluation: dict[str, Any]) -> list[str]:
    """Lay the figures out: a line for each part, then the test part's confusion matrix."""
    lines = [f"{'part':<6} {'rows':>6} {'accuracy':>9} {'macro F1':>9} {'ECE':>6} {'uncertain':>10}"]
    for part in PARTS:
        row = evaluation[part]
        lines.append(
            f"{part:<6} {row['n']:>6,} {row['accuracy']:>9.3f} {row['macro']['f1']:>9.3f} "
            f"{row['ece']:>6.3f} {row['uncertain']['share']:>10.1%}"
        )
    lines += ["", f"{'test: given, across':<20}" + "".join(f" {label:>12}" for label in LABELS)]
    for label, given in zip(LABELS, evaluation["test"]["confusion"], strict=True):
        lines.append(f"{f'truly {label}':<20}" + "".join(f" {n:>12,}" for n in given))
    return lines
