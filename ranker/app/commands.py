"""What each command does: a text for people and an object for machines."""

import json
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ranker.app.data import groups_of, parts_from
from ranker.app.evaluation import evaluate
from ranker.app.model import Model, train
from ranker.app.model_directory import check_place
from ranker.app.objectives import objective_in_words
from ranker.app.progress import shown
from ranker.app.task import read_task
from ranker.errors import DataError, ModelError, UnknownCandidateError, UnknownJobError, did_you_mean
from ranker.ranking import Ranking
from ranker.ranking.output import write_ranking
from ranker.records import CleaningReport, Records
from ranker.records.ledger import report_lines
from ranker.records.splits import PARTS
from ranker.scoring.uncertainty import HELD_OUT, LEVEL, N_DRAWS, rank_uncertainty

DEMO_BAGS = 8  # 50 s on two busy cores where the usual 14 take 75


@dataclass(frozen=True, slots=True)
class Result:
    """What a command has to say."""

    text: str
    machine: dict[str, Any]


def run_train(task_file: Path, out: Path) -> Result:
    """Train on a task file and write the model directory."""
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


def run_rank(directory: Path, out: Path, sources: Mapping[str, Path], top_k: int | None) -> Result:
    """Rank and write the ranking, and beside it the rows that were set aside."""
    model = Model.load(directory)
    with shown("ranking"):
        records = model.load_records(sources=sources)
        table = model.task.features.compute(records)
        ranking = model.rank(records, table)
        frame = ranking.to_frame()
        # The rule is stated where it decided.
        frame["tie_rule"] = np.where(ranking.tied, ranking.tie_rule, "")
        intervals = _add_uncertainty(frame, model, records, table, ranking, top_k)
        if top_k is not None:  # after the intervals, which are of the whole pool
            frame = frame[ranking.in_top(top_k)]
        write_ranking(frame, out)
    report = records.report()
    aside = out.with_name(out.stem + ".set_aside.csv")
    if report.set_aside():
        write_ranking(set_aside_frame(report), aside)
    else:
        aside.unlink(missing_ok=True)  # of an earlier ranking, of which it would still speak
    machine = {
        "model": str(directory),
        "ranking": str(out),
        "jobs": ranking.n_jobs,
        "candidates": len(ranking),
        "rows": len(frame),
        "tied": int(ranking.tied.sum()),
        "tie_rule": ranking.tie_rule,
        "intervals": intervals,
        "set_aside": len(report.set_aside()),
        "set_aside_file": str(aside) if report.set_aside() else None,
        "cleaning": report.to_json()["counts"],
    }
    lines = [f"{len(frame)} rows for {ranking.n_jobs} job(s): {out}", *report.lines()]
    lines.append(f"ties ({machine['tied']} candidates): {ranking.tie_rule}")
    if intervals["missing"]:
        print(f"candor: no intervals of ranks: {intervals['missing']}", file=sys.stderr)
    else:
        lines.append(
            f"rank_low to rank_high: {LEVEL:.0%} interval, {intervals['mean_width']:.1f} ranks wide on average, "
            "for how training on other data of the same kind would have ranked"
        )
    if report.set_aside():
        lines.append(f"set aside, with reasons: {aside}")
    return Result("\n".join(lines), machine)


def _add_uncertainty(
    frame: pd.DataFrame,
    model: Model,
    records: Records,
    table: pd.DataFrame,
    ranking: Ranking,
    top_k: int | None,
) -> dict[str, Any]:
    """Add ``score_deviation``, ``rank_low``, ``rank_high`` and ``p_top_{k}`` after the score.

    The columns stay empty where the scorer keeps no bags.

    Returns
    -------
    dict
        ``level``, ``draws``, ``held_out``; ``mean_width`` of the intervals, in ranks; and why they
        are ``missing``, or ``None``.
    """
    said: dict[str, Any] = {"level": LEVEL, "draws": N_DRAWS, "held_out": HELD_OUT}
    names = {"score_deviation": "score_deviation", "rank_low": "rank_low", "rank_high": "rank_high"}
    if top_k is not None:
        names["p_top_k"] = f"p_top_{top_k}"
    try:
        found = rank_uncertainty(
            model.scorer, table, job=records.job, candidate=records.candidate, lot=records.lots(), top_k=top_k
        ).iloc[ranking.row]
        width = float((found["rank_high"] - found["rank_low"] + 1).mean())
        said |= {"mean_width": width, "missing": None}
    except ModelError as error:
        kinds = {name: "Int64" if name.startswith("rank") else "float64" for name in names}
        found = pd.DataFrame(index=range(len(frame)), columns=[*names], dtype="float64").astype(kinds)
        said |= {"mean_width": None, "missing": str(error)}
    place = frame.columns.to_list().index("score")
    for offset, (name, written) in enumerate(names.items(), start=1):
        frame.insert(place + offset, written, found[name].array)
    return said


def run_explain(
    directory: Path,
    job: str,
    candidate: str,
    audience: str,
    form: str,
    top_k: int,
    sources: Mapping[str, Path] | None = None,
) -> Result:
    """Explain one candidate's rank for one job; ``sources`` are files to read instead of the task's."""
    from explain import explain, render

    model = Model.load(directory)
    records = model.load_records(sources=sources)
    _say_if_set_aside(records, job, candidate)
    ranked = records.take(_rows_of(records, job))
    table = model.task.features.compute(ranked)
    ranking = model.rank(ranked, table)
    explanation = explain(
        model.scorer, model.task.features, ranked, ranking,
        job=job, candidate=candidate, top_k=top_k, table=table, promise=model.promise,
    )  # fmt: skip
    # For machines, too, a candidate's answer holds nothing about others.
    machine = json.loads(render(explanation, audience=audience, format="json"))
    return Result(render(explanation, audience=audience, format=form), machine)


def _say_if_set_aside(records: Records, job: str, candidate: str) -> None:
    """Tell who was shut out why, instead of not knowing them."""
    if ((records.job == job) & (records.candidate == candidate)).any():
        return
    row = f"candidate {candidate} for job {job}"
    reasons = [fate.reason for fate in records.report().set_aside() if fate.row == row]
    if reasons:
        raise UnknownCandidateError(f"{row} was set aside and is not ranked: {'; '.join(reasons)}")


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


def run_audit(directory: Path, out: Path) -> Result:
    """Write the audit page."""
    from ranker.app.report import audit_figures, audit_page

    if out.suffix.lower() not in (".html", ".htm"):
        raise DataError(f"{out}: the report is a page; name a file that ends in .html")
    model = Model.load(directory)
    with shown("auditing"):
        command = shlex.join(["candor", "audit", str(directory), "--out", str(out)])
        figures = {**audit_figures(model), "command": command}
        page = audit_page(model, figures)
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(page, encoding="utf-8")
    return Result(f"{figures['in_words']}\nreport: {out}", {"report": str(out), **figures})


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


def _rows_of(records: Records, job: str) -> np.ndarray:
    mask = records.job == job
    if not mask.any():
        raise UnknownJobError(f"no pair has a job {job!r}{did_you_mean(job, map(str, set(records.job)))}")
    return mask


def set_aside_frame(report: CleaningReport) -> pd.DataFrame:
    """Return the rows that were set aside, as a table."""
    rows = [(f.table, f.row, f.field, f.reason, f.before) for f in report.set_aside()]
    return pd.DataFrame(rows, columns=["table", "row", "field", "reason", "value"], dtype=object)


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
