"""``candor model``: the whole model laid open, and what it leans on."""

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from explain.field_comparison import compare_fields
from explain.importance import Importance, importance_of
from explain.leaning import Leaning, field_leaning
from explain.page import Page, Row, Section, Table
from explain.page_text import as_text
from explain.shapes import Shape, shape_functions, shapes_csv, shapes_json
from explain.words import counted, number
from ranker.app.model import Model
from ranker.app.model_findings import Findings, percent
from ranker.app.progress import shown
from ranker.app.result import Result
from ranker.errors import DataError

FORMATS = (".html", ".htm", ".csv", ".json")
MOST_LINES = 20


def run_model(
    directory: Path,
    out: Path | None = None,
    *,
    term: str | None = None,
    job: str | None = None,
    compare: tuple[str, str] | None = None,
    top_k: int = 10,
    seed: int = 0,
    sources: Mapping[str, Path] | None = None,
) -> Result:
    """Lay a model open; write it to a file where one is named.

    Parameters
    ----------
    directory : Path
        A model directory.
    out : Path, optional
        A page (``.html``), the tables of all terms (``.csv``), or all of it (``.json``). With
        `job`, a ``.csv`` holds what mattered for that job instead.
    term : str, optional
        The only term that is wanted; no records are read then unless `job` or `compare` asks for them.
    job : str, optional
        The job to say what mattered for.
    compare : (str, str), optional
        Two fields, or two lists of fields with commas between, by path or label.
    top_k : int
        Length of the list whose turnover is measured.
    seed : int
        Of the shuffling.
    sources : dict of str to Path, optional
        Files to read instead of the task's.

    Raises
    ------
    DataError
        If the file is of no known kind.
    """
    if out is not None and out.suffix.lower() not in FORMATS:
        raise DataError(f"{out}: name a file that ends in .html (a page), .csv (tables) or .json (all of it)")
    model = Model.load(directory)
    found = _find(model, term, job, compare, top_k, seed, sources)
    machine = found.to_json()
    if term is not None:
        machine["shapes"] = shapes_json(found.shapes)
    lines = [as_text(summary_page(found))]
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(_file(found, out, directory, term, job), encoding="utf-8", newline="\n")
        lines.append(f"{'page' if out.suffix.lower() in ('.html', '.htm') else 'file'}: {out}")
    return Result("\n\n".join(lines), {**machine, "out": None if out is None else str(out)})


def _find(
    model: Model,
    term: str | None,
    job: str | None,
    compare: tuple[str, str] | None,
    top_k: int,
    seed: int,
    sources: Mapping[str, Path] | None,
) -> Findings:
    features = model.task.features
    shapes = shape_functions(model.scorer, features, unconstrained=model.unconstrained, term=term)
    if term is not None and job is None and compare is None:
        return Findings(model, shapes, None, None, None, None)
    with shown("measuring"):
        records = model.load_records(sources=sources)
        table = features.compute(records)
        of_job = None if job is None else importance_of(model.scorer, features, records, table, job=job)
        options: dict[str, Any] = {"top_k": top_k, "random_state": seed}
        both = None
        if compare is not None:
            first, second = ([word.strip() for word in side.split(",")] for side in compare)
            both = compare_fields(
                model.scorer, features, records, table, first=first, second=second, **options
            )
        leaning = field_leaning(model.scorer, features, records, table, **options)
        before = importance_of(model.unconstrained, features, records, table)
    return Findings(model, shapes, leaning, before, of_job, both)


def _file(found: Findings, out: Path, directory: Path, term: str | None, job: str | None) -> str:
    kind = out.suffix.lower()
    if kind == ".csv":
        return shapes_csv(found.shapes) if found.job is None else _importance_csv(found.job)
    if kind == ".json":
        document = {**found.to_json(), "shapes": shapes_json(found.shapes)}
        return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
    from ranker.app.report.model_page import model_page

    asked = [*(["--term", term] if term else []), *(["--job", job] if job else [])]
    command = shlex.join(["candor", "model", str(directory), *asked, "--out", str(out)])
    return model_page(found, command=command)


def _importance_csv(importance: Importance) -> str:
    rows = [
        {"level": level, "name": part.name, "label": part.label, "size": part.size, "share": part.share}
        for level in ("terms", "features", "fields", "items")
        for part in getattr(importance, level)
    ]
    return pd.DataFrame(rows).to_csv(index=False, lineterminator="\n")


def summary_page(found: Findings) -> Page:
    """Tell the findings, to be written as text."""
    sections = []
    if found.comparison is not None:
        sections.append(Section("In comparison", (found.comparison.in_words,)))
    if found.leaning is not None:
        sections.append(Section("What the score leans on", _leaning_blocks(found.leaning)))
    if found.job is not None:
        sections.append(Section(f"What mattered for job {found.job.job}", _job_blocks(found.job)))
    sections.append(Section("Terms", _term_blocks(found.shapes)))
    lead = (found.headline,) if found.headline else ()
    return Page(found.model.task.title, lead, tuple(sections))


def _leaning_blocks(leaning: Leaning) -> tuple[str | Table, ...]:
    shown_fields = leaning.fields[:MOST_LINES]
    rows = [
        Row(
            (
                one.label,
                percent(one.share),
                ranks(one.rank_change.value),
                percent(one.turnover.value),
            )
        )
        for one in [*shown_fields, leaning.by_lot]
    ]
    told = (
        f"Measured on {counted(leaning.n_pairs, 'application')} for {counted(leaning.n_jobs, 'job')}. Share: of "
        "the variance of scores within jobs; all fields sum to 100 %. Moved: ranks by which a candidate moves on "
        f"average when the candidates of each job exchange the field by lot ({leaning.n_draws} times, seed "
        f"{leaning.random_state}); others: how many of the first {leaning.top_k} are others then."
    )
    left = len(leaning.fields) - len(shown_fields)
    more = (f"and {counted(left, 'further field')}: see --out FILE.html or .json",) if left else ()
    return (told, Table(("field", "share", "moved", "others"), tuple(rows), right=(1, 2, 3)), *more)


def _job_blocks(job: Importance) -> tuple[str | Table, ...]:
    parts = job.fields[:MOST_LINES]
    if not parts or parts[0].share != parts[0].share:
        return (f"Nothing told the {counted(job.n_pairs, 'candidate')} apart: all have the same score.",)
    told = (
        f"{counted(job.n_pairs, 'candidate')}. Share: of the variance of their scores. Apart: how far the field's "
        "amount lies from the pool's mean on average, in score units."
    )
    rows = [Row((part.label, percent(part.share), number(part.size, 3))) for part in parts]
    fields = {part.name for part in job.fields}
    entries = sorted((p for p in job.items if p.name not in fields), key=lambda p: -p.size)[:8]
    blocks: tuple[str | Table, ...] = (
        told, Table(("field", "share", "apart"), tuple(rows), right=(1, 2))
    )  # fmt: skip
    if entries:
        lines = tuple(Row((part.label, number(part.size, 3))) for part in entries)
        blocks += ("Single entries of the records, those that at least 5 candidates have:",)
        blocks += (Table(("entry", "apart"), lines, right=(1,)),)
    return blocks


def _term_blocks(shapes: tuple[Shape, ...]) -> tuple[str | Table, ...]:
    rows = [
        Row(
            (
                shape.label,
                number(shape.importance_before, 3),
                number(shape.importance, 3),
                number(shape.change.size, 3),
            )
        )
        for shape in shapes[:MOST_LINES]
    ]
    told = "Mean absolute amount about the mean over the training rows, in score units, before and after fairness."
    left = len(shapes) - len(rows)
    more = (f"and {counted(left, 'further term')}: see --out FILE.html, .csv or .json",) if left else ()
    return (told, Table(("term", "before", "after", "correction"), tuple(rows), right=(1, 2, 3)), *more)


def ranks(value: float) -> str:
    """Write a number of ranks."""
    return number(value, 1)
