"""Ranking on one machine in bounded memory: buckets of jobs, read, ranked and written one by one."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path

import pandas as pd
import pyarrow as pa

from ranker.app.engine.columns import labels_of, list_marks, text_columns
from ranker.app.engine.partition import JobCounter, buckets, spill, whole_jobs
from ranker.app.engine.sources import Applications
from ranker.app.engine.tables import TableRanker, Wanted, needed_columns, read_pools, unread
from ranker.app.engine.tally import Outcome, Report, Tally
from ranker.app.model import Model
from ranker.errors import EmptyPoolError, SourceError, did_you_mean
from ranker.ranking.drafts import draft_folder, put_in_place, unwritable
from ranker.ranking.output import RankingFile
from ranker.records.ledger import Fate, Ledger, report_lines

# 20 million rows and a million candidates then peak at 1.2 GB (benchmarks/large_pool.py).
BATCH_ROWS = 250_000

Tell = Callable[[int, int], None]


def rank_local(
    model: Model,
    applications: Applications,
    sources: Mapping[str, Path],
    out: Path,
    wanted: Wanted,
    batch_rows: int,
    tell: Tell,
) -> Outcome:
    """Rank applications that need not fit into memory.

    Memory grows with the pools of candidates and jobs, with ``batch_rows``, and with the largest
    job, which is ranked whole whatever its size; not with the number of applications.

    Parameters
    ----------
    model : Model
        What ranks.
    applications : Applications
        Read twice: once for the jobs they name, once into bucket files beside ``out``; rows that
        come job by job, in the order of the ranking, go without bucket files.
    sources : dict of str to Path
        Files of candidates and jobs to read instead of the task's.
    out : Path
        The file to write.
    wanted : Wanted
        What is asked for.
    batch_rows : int
        Rows that are ranked at a time, from 1.
    tell : callable
        Told how many rows are done, of how many.

    Raises
    ------
    CandorError
        As for ranking at once; nothing is left where the run ends before its time.
    """
    with draft_folder(out) as folder:
        ledger = Ledger()
        pools = read_pools(model.task, sources, ledger)
        tally = Tally({entity: len(pool) for entity, pool in pools.items()})
        columns = columns_read(model, applications)
        job = str(model.task.keys.job)
        counter, marks = _first_pass(applications, job, columns, ledger)
        plan = counter.plan(batch_rows)
        ranker = TableRanker(model, pools, wanted, marks)
        if counter.in_order:
            parts = whole_jobs(applications.batches(columns), job, batch_rows)
        else:
            paths = spill(applications.batches(columns), job, plan, folder)
            parts = buckets(paths)
        tally.read = ledger.read
        ranked = _ranked(ranker, parts, ledger.read["application"], tell)
        rest = unread(ranker, columns, tally, batch_rows)
        return write_parts(chain(ranked, rest), out, folder, tally, ledger.fates)


def columns_read(model: Model, applications: Applications) -> list[str]:
    """Return the columns of the applications that are read.

    Raises
    ------
    TaskError, SourceError
        If one is not there.
    """
    names, keys = applications.schema.names, model.task.keys
    for key in (keys.job, keys.candidate):
        if key is not None and key not in names:
            raise SourceError(f"the application table has no column {key!r}{did_you_mean(key, names)}")
    if keys.candidate is None:
        return list(names)  # whoever has no label has the lot of all that the row says
    needed = {str(keys.job), keys.candidate, *needed_columns(model.task, "application", list(names))}
    return [name for name in names if name in needed]


def write_parts(
    ranked: Iterable[tuple[pd.DataFrame, Report]], out: Path, folder: Path, tally: Tally, fates: list[Fate]
) -> Outcome:
    """Write the parts' rankings one after the other, then let the files take their places.

    Parameters
    ----------
    ranked : iterable of (DataFrame, Report)
        In the order of the ranking.
    out : Path
        The file.
    folder : Path
        Where drafts stand.
    tally : Tally
        Takes the reports.
    fates : list of Fate
        Those of reading.

    Raises
    ------
    EmptyPoolError
        If nobody is left to rank.
    """
    draft, aside = folder / out.name, out.with_name(out.stem + ".set_aside.csv")
    listed = _Listed(folder / aside.name, aside)
    rows = 0
    with listed, RankingFile(draft, out) as file:
        listed.add(tally.note(fates))
        for frame, report in ranked:
            listed.add(tally.add(report))
            if len(frame):
                file.add(frame)
                rows += len(frame)
        tally.close()
        if not rows:
            why = [one for one in report_lines(tally.to_json()) if not one.startswith(("changed", "missing"))]
            raise EmptyPoolError("nobody is left to rank: " + "; ".join(why[:6]))
    try:
        put_in_place(draft, out)
        if listed.file is not None:
            put_in_place(folder / aside.name, aside)
        else:
            aside.unlink(missing_ok=True)  # of an earlier ranking, of which it would still speak
    except OSError as error:
        raise unwritable(out, error) from error
    return tally.outcome(rows, None if listed.file is None else aside)


class _Listed:
    """The list of rows that are set aside, begun with the first of them."""

    def __init__(self, draft: Path, path: Path) -> None:
        self.draft, self.path = draft, path
        self.file: RankingFile | None = None

    def __enter__(self) -> "_Listed":
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if self.file is not None:
            self.file.__exit__(kind, *rest)

    def add(self, fates: list[Fate]) -> None:
        if fates:
            if self.file is None:
                self.file = RankingFile(self.draft, self.path)
            self.file.add(set_aside_frame(fates))


def set_aside_frame(fates: Iterable[Fate]) -> pd.DataFrame:
    """Return the rows that were set aside, as a table."""
    rows = [(f.table, f.row, f.field, f.reason, f.before) for f in fates]
    return pd.DataFrame(rows, columns=["table", "row", "field", "reason", "value"], dtype=object)


def _first_pass(
    applications: Applications, job: str, columns: list[str], ledger: Ledger
) -> tuple[JobCounter, dict[str, str]]:
    """Count the rows of each job, and find which columns hold lists written as text."""
    texts = [name for name in text_columns(applications.schema, columns) if name != job]
    counter, n_rows = JobCounter(), 0
    marks: dict[str, str] = {}
    for table in applications.batches([job, *texts], ledger):
        n_rows += table.num_rows
        counter.add(labels_of(table.column(job)))
        marks |= list_marks(table, [name for name in texts if name not in marks])
    ledger.read["application"] = n_rows + sum(fate.table == "application" for fate in ledger.fates)
    return counter, marks


def _ranked(
    ranker: TableRanker, parts: Iterable[pa.Table], n_rows: int, tell: Tell
) -> Iterator[tuple[pd.DataFrame, Report]]:
    done = 0
    for part in parts:
        yield ranker.rank(part)
        done += part.num_rows
        tell(done, n_rows)
