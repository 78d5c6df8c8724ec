"""The command ``candor rank``: at once where applications are few, batch by batch where they are many."""

import errno
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from ranker.app.crossing import crosses, read_both_sides, top_of_everybody
from ranker.app.engine.local import BATCH_ROWS, rank_local, set_aside_frame
from ranker.app.engine.sources import Applications, open_applications
from ranker.app.engine.tables import NOT_ASKED, Wanted, laid_out, ranked_frame
from ranker.app.engine.tally import Outcome
from ranker.app.model import Model
from ranker.app.progress import shown
from ranker.app.result import Result
from ranker.app.resume_kind import is_resume_model
from ranker.errors import DataError, SourceError, TaskError, did_you_mean
from ranker.ranking.drafts import unwritable
from ranker.ranking.output import check_ending, write_ranking
from ranker.records.ledger import CleaningReport, report_lines
from ranker.scoring.uncertainty import HELD_OUT, LEVEL, N_DRAWS

ENGINES = ("local", "spark")
MANY = 1_000_000  # pairs, from which on intervals would take most of a minute


def run_rank(
    directory: Path,
    out: Path,
    sources: Mapping[str, Path],
    top_k: int | None,
    *,
    intervals: bool | None = None,
    batch_rows: int = BATCH_ROWS,
    engine: str = "local",
    master: str | None = None,
) -> Result:
    """Rank and write the ranking, and beside it the rows that were set aside.

    Parameters
    ----------
    directory : Path
        The model directory.
    out : Path
        The file to write.
    sources : dict of str to Path
        Files to read instead of the task's; applications may also be a folder of Parquet files.
    top_k : int, optional
        Write only the first k of each job.
    intervals : bool, optional
        Whether to tell how far ranks could move; most of the time goes into that. By default wherever
        not more than a million pairs of everybody with every job are asked for their first k.
    batch_rows : int
        More applications than these are ranked batch by batch.
    engine : {"local", "spark"}
        Who does.
    master : str, optional
        Spark's, such as ``local[4]`` or ``spark://host:7077``.
    """
    if engine not in ENGINES:
        raise TaskError(f"--engine {engine}: there is no such engine{did_you_mean(engine, ENGINES)}")
    if master is not None and engine != "spark":
        raise TaskError(f"--master {master} is for --engine spark: give both, or neither")
    if is_resume_model(directory):
        return _rank_resumes(directory, out, sources, top_k, engine)
    model = Model.load(directory)
    check_ending(out)
    _check_place(out)
    wanted = Wanted(top_k, intervals is not False)
    applications = _applications(model, sources)
    with shown("ranking") as tell:
        if engine == "spark":
            from ranker.app.engine.spark import rank_spark

            if applications is None:
                raise SourceError(
                    "the Spark engine reads applications from a Parquet file or a folder of them: "
                    "give one with --applications"
                )
            outcome = rank_spark(model, directory, applications, sources, out, wanted, batch_rows, master)
        elif applications is not None and (applications.is_folder or applications.n_rows > batch_rows):
            outcome = rank_local(model, applications, sources, out, wanted, batch_rows, tell)
        elif top_k is not None and not intervals and crosses(model, sources):
            outcome = _rank_crossed(model, sources, out, top_k, asked=intervals is False)
        else:
            outcome = _rank_at_once(model, sources, out, wanted)
    return _said(directory, out, outcome)


def _rank_resumes(
    directory: Path, out: Path, sources: Mapping[str, Path], top_k: int | None, engine: str
) -> Result:
    if engine != "local" or set(sources) - {"candidate"}:
        raise DataError(
            f"{directory} labels résumés: they are ranked at once, within the domain that each prefers; give "
            "them with --candidates, and leave out --jobs, --applications and --engine"
        )
    from ranker.app.resume_commands import rank_resumes

    return rank_resumes(directory, out, sources.get("candidate"), top_k)


def _applications(model: Model, sources: Mapping[str, Path]) -> Applications | None:
    """Return the applications if they can be read in batches: a file of them there is, and jobs in it."""
    for entity in sources:
        if entity not in model.task.sources:
            raise DataError(f"the task has no {entity} file of its own that another could stand for")
    path = sources.get("application", model.task.sources["application"][0])
    if model.task.keys.job is None:
        if path.is_dir():
            raise SourceError(
                f"{path} is a folder, and the task names no job column: one list is ranked at once, from one file"
            )
        return None
    if sources and "application" not in sources and len(model.task.sources) == 3:
        return None  # candidates and jobs are all paired with each other
    return open_applications(path)


def _rank_crossed(
    model: Model, sources: Mapping[str, Path], out: Path, top_k: int, *, asked: bool
) -> Outcome:
    """Rank everybody for every job side by side, if they are many or intervals are not asked for."""
    candidates, jobs = read_both_sides(model, sources)
    n_pairs = len(candidates) * len(jobs)
    if not asked and n_pairs <= MANY:
        return _rank_at_once(model, sources, out, Wanted(top_k))
    ranking = top_of_everybody(model, candidates, jobs, top_k)
    frame = laid_out(ranking, Wanted(top_k, intervals=False), None)
    why = NOT_ASKED if asked else f"{n_pairs} pairs are too many; --intervals takes the time"
    return _written(out, frame, ranking.tie_rule, candidates.report(), (len(jobs), n_pairs), None, why)


def _rank_at_once(model: Model, sources: Mapping[str, Path], out: Path, wanted: Wanted) -> Outcome:
    records = model.load_records(sources=sources)
    frame, ranking, width, missing = ranked_frame(model, records, wanted)
    return _written(
        out, frame, ranking.tie_rule, records.report(), (ranking.n_jobs, len(ranking)), width, missing
    )


def _written(
    out: Path,
    frame: pd.DataFrame,
    tie_rule: str,
    report: CleaningReport,
    size: tuple[int, int],
    width: int | None,
    missing: str | None,
) -> Outcome:
    """Write a ranking, of so many jobs and pairs, and beside it the rows that were set aside."""
    write_ranking(frame, out)
    aside = out.with_name(out.stem + ".set_aside.csv")
    listed = report.set_aside()
    if listed:
        write_ranking(set_aside_frame(listed), aside)
    else:
        aside.unlink(missing_ok=True)  # of an earlier ranking, of which it would still speak
    return Outcome(
        *size, int(frame["tied"].sum()), width, missing, tie_rule,
        len(frame), len(listed), aside if listed else None, report.to_json(),
    )  # fmt: skip


def _check_place(out: Path) -> None:
    """Refuse a place where no file can be written; asked before ranking, which may take long."""
    check_ending(out)
    code = errno.EISDIR if out.is_dir() else None if out.parent.is_dir() else errno.ENOENT
    if code is not None:
        raise unwritable(out, OSError(code, os.strerror(code)))


def _said(directory: Path, out: Path, outcome: Outcome) -> Result:
    """Say what a run has done."""
    intervals = {"level": LEVEL, "draws": N_DRAWS, "held_out": HELD_OUT, "mean_width": None}
    if outcome.width is not None:
        intervals["mean_width"] = outcome.width / outcome.candidates
    machine = {
        "model": str(directory),
        "ranking": str(out),
        "jobs": outcome.jobs,
        "candidates": outcome.candidates,
        "rows": outcome.rows,
        "tied": outcome.tied,
        "tie_rule": outcome.tie_rule,
        "intervals": {**intervals, "missing": outcome.missing},
        "set_aside": outcome.set_aside,
        "set_aside_file": None if outcome.aside is None else str(outcome.aside),
        "cleaning": outcome.cleaning["counts"],
    }
    lines = [f"{outcome.rows} rows for {outcome.jobs} job(s): {out}", *report_lines(outcome.cleaning)]
    lines.append(f"ties ({outcome.tied} candidates): {outcome.tie_rule}")
    if outcome.missing is None:
        lines.append(
            f"rank_low to rank_high: {LEVEL:.0%} interval, {intervals['mean_width']:.1f} ranks wide on average, "
            "for how training on other data of the same kind would have ranked"
        )
    elif outcome.missing != NOT_ASKED:
        print(f"candor: no intervals of ranks: {outcome.missing}", file=sys.stderr)
    if outcome.aside is not None:
        lines.append(f"set aside, with reasons: {outcome.aside}")
    return Result("\n".join(lines), machine)
