"""What each command does: a text for people and an object for machines."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ranker.app.audit_command import run_audit
from ranker.app.data import groups_of, parts_from
from ranker.app.evaluation import evaluate
from ranker.app.explain_command import run_explain
from ranker.app.model import Model
from ranker.app.model_directory import check_place
from ranker.app.objectives import objective_in_words
from ranker.app.progress import shown
from ranker.app.ranking_command import run_rank
from ranker.app.result import Result
from ranker.app.resume_kind import is_resume_task
from ranker.app.task import read_task
from ranker.app.training import train
from ranker.errors import DataError, UsageError
from ranker.records.ledger import report_lines
from ranker.records.splits import PARTS

DEMO_BAGS = 8  # 50 s on two busy cores where the usual 14 take 75


def run_train(task_file: Path, out: Path, reviews: str | None = None) -> Result:
    """Train on a task file and write the model directory: of a ranker, or of a classifier of résumés.

    Parameters
    ----------
    task_file, out : Path
        What to read, and where to write.
    reviews : str, optional
        The URL of a log of decisions, whose reviewers' labels a classifier learns, too.

    Raises
    ------
    UsageError
        If reviews are given for a ranker: they label résumés, and it learns orders.
    """
    if is_resume_task(task_file):
        from ranker.app.resume_commands import run_train_resumes

        return run_train_resumes(task_file, out, reviews)
    if reviews is not None:
        raise UsageError(
            f"--with-reviews: {task_file} is a task of ranking, and reviewers label résumés; a ranker learns from "
            "the relevance in its applications: write what reviewers found there"
        )
    task = read_task(task_file)
    check_place(out)
    with shown("training"):
        model = train(task)
        model.save(out)
    cleaning = model.cleaning
    n_set_aside = sum(row["rows"] for row in cleaning["counts"] if row["action"] == "set_aside")
    machine = {
        "task": task.name,
        "model": str(out),
        "read": cleaning["read"],
        "kept": cleaning["kept"],
        "set_aside": n_set_aside,
        "cleaning": cleaning["counts"],
        "evaluation": model.evaluation,
        "certificate": model.certificate,
        **model.facts["training"],
    }
    lines = [f"{task.title}", "", *report_lines(cleaning), "", *evaluation_lines(model.evaluation)]
    lines += ["", objective_in_words(model.facts["training"])]
    notes = [note for certificate in model.certificates for note in certificate["notes"]]
    if model.certificates:
        lines += ["", *(certificate["in_words"] for certificate in model.certificates), *dict.fromkeys(notes)]
    lines += ["", f"model: {out}"]
    return Result("\n".join(lines), machine)


def run_evaluate(directory: Path) -> Result:
    """Measure again, on the parts of training."""
    model = Model.load(directory)
    with shown("evaluating"):
        records = model.load_records(labelled=True)
        parts = parts_from(model.parts, records)
        if not all((parts == part).any() for part in PARTS):
            raise DataError(f"the task's files no longer hold the pairs that {directory} was trained on")
        groups = groups_of(records, model.attributes) if model.attributes else None
        scorers = {"unconstrained": model.unconstrained, "fair": model.scorer}
        figures = evaluate(scorers, model.task.features.compute(records), records, parts, groups)
    changed = model.changed_sources()
    n_new = int((parts == "").sum())
    n_gone = len(model.parts) - (len(parts) - n_new)
    machine = {
        "task": model.task.name,
        "attribute": " × ".join(model.attributes) or None,
        "pairs_new": n_new,
        "pairs_gone": n_gone,
        "sources_changed": changed,
        **model.facts["training"],
        **figures,
    }
    lines = [*evaluation_lines(figures), objective_in_words(model.facts["training"])]
    if changed:
        lines.append(f"changed since training: {', '.join(changed)}; these figures are of what they hold now")
    if n_new or n_gone:
        lines.append(f"since training {n_new} pair(s) came, which are not measured, and {n_gone} went")
    return Result("\n".join(lines), machine)


def run_demo(out: Path, seed: int) -> Result:
    """Generate, train, rank, explain, audit."""
    from ranker.records.synthetic import generate

    if out.exists() and (
        not out.is_dir() or (any(out.iterdir()) and not (out / "data" / "truth.csv").is_file())
    ):
        raise DataError(f"{out} exists and is no earlier demo: name another place with --out")
    task = generate(out / "data", seed=seed, outer_bags=DEMO_BAGS)
    model, ranking_file, report = out / "model", out / "ranking.csv", out / "report.html"
    trained = run_train(task, model)
    ranked = run_rank(model, ranking_file, {}, None)
    first = pd.read_csv(ranking_file, dtype=str).iloc[0]
    explained = run_explain(model, first["job"], first["candidate"], "candidate", "text", 10)
    audited = run_audit(model, report)
    text = "\n\n".join(
        [
            trained.text,
            ranked.text,
            f"--- what candidate {first['candidate']} is told about job {first['job']} ---\n\n{explained.text}",
            audited.text,
        ]
    )
    machine = {
        "data": str(task.parent),
        "train": trained.machine,
        "rank": ranked.machine,
        "explain": explained.machine,
        "audit": audited.machine,
    }
    return Result(text, machine)


def evaluation_lines(figures: Mapping[str, Any]) -> list[str]:
    """Lay the figures out as a table."""
    lines = [f"{'part':<6} {'model':<14} {'NDCG@10':>8} {'NDCG@50':>8} {'exposure':>9} {'top 10':>7}"]
    for part in PARTS:
        for name, row in figures[part].items():
            cells = (row["ndcg"]["10"], row["ndcg"]["50"], row["exposure_ratio"], row["impact_ratio"]["10"])
            shown_cells = ["-" if value is None else f"{value:.3f}" for value in cells]
            lines.append(
                f"{part:<6} {name:<14} {shown_cells[0]:>8} {shown_cells[1]:>8} {shown_cells[2]:>9} {shown_cells[3]:>7}"
            )
    lines.append(
        "exposure, top 10: least-served group over best-served one, of those with 2 % of the train part"
    )
    return lines
