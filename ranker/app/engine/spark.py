"""Ranking on Spark: a shuffle brings each job together, and the same function ranks it there."""

import os
import shutil
import socket
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from ranker.app.engine.columns import ROW, labels_of, text_columns
from ranker.app.engine.local import columns_read, write_parts
from ranker.app.engine.partition import JobCounter, Plan
from ranker.app.engine.sources import Applications
from ranker.app.engine.tables import TableRanker, Wanted, read_pools, unread
from ranker.app.engine.tally import Outcome, Report, Tally
from ranker.app.model import Model
from ranker.app.model_directory import MANIFEST
from ranker.errors import DataError, SourceError, TaskError
from ranker.ranking.drafts import draft_folder
from ranker.records.ledger import Ledger

BUCKET, PLACE, REPORT = "__candor_bucket", "__candor_place", "__candor_report"
EVERY_CORE = "local[*]"
PYTHON = "PYSPARK_PYTHON"
SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "OFF",  # what fails is raised here, and told in one line
    "spark.sql.session.timeZone": "UTC",
}
MOST_TASKS = 2_000
MASTERS = ("local", "spark://", "k8s://", "yarn")
PATIENCE = 10.0  # seconds until a master that does not answer is told of; Spark itself tries for minutes


def rank_spark(
    model: Model,
    directory: Path,
    applications: Applications,
    sources: Mapping[str, Path],
    out: Path,
    wanted: Wanted,
    batch_rows: int,
    master: str | None,
) -> Outcome:
    """Rank applications on Spark; the result is the local engine's, to the last bit.

    The driver reads candidates and jobs and broadcasts them, with the files of the model. Executors
    read the applications, shuffle them into buckets of whole jobs, rank each bucket and write it
    as Parquet beside ``out``. The driver then copies the buckets, in order and one at a time, into
    ``out``: a ranking is one file or none, and needs no more memory there than a bucket.

    Parameters
    ----------
    model : Model
        What ranks.
    directory : Path
        Where it was read from.
    applications : Applications
        Parquet; executors read it, and write beside ``out``, under the paths that the driver knows,
        so on several machines both stand on storage that they share.
    sources : dict of str to Path
        Files of candidates and jobs to read instead of the task's; the driver's own.
    out : Path
        The file to write.
    wanted : Wanted
        What is asked for.
    batch_rows : int
        Rows of a bucket, from 1; a job with more is a bucket of its own.
    master : str or None
        Spark's; all cores of this machine by default. Executors need Candor installed.

    Raises
    ------
    TaskError
        If pyspark or Java is missing, or the master does not answer.
    SourceError
        If applications are no Parquet.
    """
    if applications.is_csv:
        raise SourceError(
            f"{applications.path}: the Spark engine reads applications from Parquet, whose rows have numbers "
            "wherever they are read: write it as Parquet, or use --engine local"
        )
    with draft_folder(out) as folder:
        ledger = Ledger()
        pools = read_pools(model.task, sources, ledger)
        tally = Tally({entity: len(pool) for entity, pool in pools.items()})
        columns = columns_read(model, applications)
        ledger.read["application"] = applications.n_rows
        tally.read = ledger.read
        with _session(master or EVERY_CORE) as spark:
            n_buckets = _rank(
                spark, model, directory, pools, applications, columns, folder, wanted, batch_rows
            )
        rest = unread(TableRanker(model, pools, wanted), columns, tally, batch_rows)
        parts = chain(_parts(folder / "buckets", n_buckets), rest)
        return write_parts(parts, out, folder, tally, ledger.fates)


def _rank(
    spark: Any,
    model: Model,
    directory: Path,
    pools: Mapping[str, Any],
    applications: Applications,
    columns: list[str],
    folder: Path,
    wanted: Wanted,
    batch_rows: int,
) -> int:
    """Let the executors rank into a folder; return how many buckets there are."""
    from pyspark.sql import functions
    from pyspark.sql.pandas.types import from_arrow_schema

    job = str(model.task.keys.job)
    read = spark.read.parquet(*[_uri(file) for file in applications.files])
    schema = pa.schema([applications.schema.field(name) for name in columns])
    counter = JobCounter()
    counted = read.groupBy(_name(job)).count().toArrow()
    labels = labels_of(counted.column(job).cast(schema.field(job).type))
    for label, count in zip(labels.to_pylist(), counted.column("count").to_pylist(), strict=True):
        counter.count(label, count)
    plan = counter.plan(batch_rows)
    # A task for each bucket; Spark's own 200 cost a small run more than the ranking.
    cores = spark.sparkContext.defaultParallelism
    spark.conf.set("spark.sql.shuffle.partitions", max(cores, min(plan.n_buckets, MOST_TASKS)))
    marks = {}
    for name in text_columns(schema, columns):
        if name != job:
            lists = read.filter(functions.col(_name(name)).rlike(r"^\s*\["))
            if found := lists.select(_name(name)).limit(1).collect():
                marks[name] = found[0][0]

    context = spark.sparkContext
    files = {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}
    ranker = _Bucket(context.broadcast(files), context.broadcast(dict(pools)), wanted, marks, schema)
    place = _Place(job, plan, _first_rows(applications), schema)
    numbered = read.select(
        *[functions.col(_name(name)) for name in columns],
        functions.col("_metadata.file_name").alias(BUCKET),
        functions.col("_metadata.row_index").alias(ROW),
    )
    kinds = numbered.select(*[_name(name) for name in columns]).schema
    placed = numbered.mapInArrow(place, kinds.add(ROW, "long").add(BUCKET, "long"))
    ranked = placed.groupBy(_name(BUCKET)).applyInArrow(_function(ranker), from_arrow_schema(ranker.schema))
    ranked.write.partitionBy(BUCKET).parquet(_uri(folder / "buckets"))
    return plan.n_buckets


@dataclass(frozen=True, slots=True)
class _Place:
    """Gives each row its number and its bucket; runs where the rows are."""

    job: str
    plan: Plan
    first_rows: Mapping[str, int]
    schema: pa.Schema

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            files = batch.column(BUCKET).to_pylist()  # Spark writes a blank as %20
            firsts = np.array([self.first_rows[unquote(name)] for name in files], np.int64)
            numbers = firsts + batch.column(ROW).to_numpy() + 1
            column = pa.chunked_array([batch.column(self.job)]).cast(self.schema.field(self.job).type)
            bucket = self.plan.buckets_of(labels_of(column))
            arrays = [batch.column(name) for name in self.schema.names]
            yield pa.RecordBatch.from_arrays(
                [*arrays, pa.array(numbers), pa.array(bucket)], [*self.schema.names, ROW, BUCKET]
            )


@dataclass(frozen=True, slots=True)
class _Bucket:
    """Ranks one bucket; runs on an executor."""

    files: Any
    pools: Any
    wanted: Wanted
    marks: Mapping[str, str]
    applications: pa.Schema

    @property
    def schema(self) -> pa.Schema:
        """The ranking, where each row belongs, and in one row besides the report."""
        ranking = TableRanker(None, {}, self.wanted).schema  # type: ignore[arg-type]
        texts = [f.with_type(pa.string()) if pa.types.is_large_string(f.type) else f for f in ranking]
        own = [(PLACE, pa.int64()), (BUCKET, pa.int64()), (REPORT, pa.binary())]
        return pa.schema([*texts, *[pa.field(name, kind) for name, kind in own]])

    def __call__(self, table: pa.Table) -> pa.Table:
        bucket = table.column(BUCKET)[0].as_py()
        table = table.sort_by(ROW)  # a shuffle keeps no order, and of rows that repeat the first counts
        numbers = table.column(ROW)
        table = table.select(self.applications.names).cast(self.applications).append_column(ROW, numbers)
        ranker = TableRanker(_model(self.files), self.pools.value, self.wanted, self.marks)
        frame, report = ranker.rank(table)
        ranked = pa.Table.from_pandas(frame, schema=ranker.schema, preserve_index=False)
        n = ranked.num_rows
        columns = {
            name: pa.concat_arrays([*ranked.column(name).chunks, pa.nulls(1, ranked.schema.field(name).type)])
            for name in ranked.column_names
        }
        columns[PLACE] = pa.array(range(n + 1))
        columns[BUCKET] = pa.array([bucket] * (n + 1))
        columns[REPORT] = pa.array([None] * n + [report.to_bytes()], pa.binary())
        return pa.table(columns).cast(self.schema)


def _function(ranker: _Bucket) -> Any:
    # applyInArrow looks at the signature of a plain function.
    def rank_bucket(table: pa.Table) -> pa.Table:
        return ranker(table)

    return rank_bucket


_models: dict[bytes, Model] = {}  # of this process, by manifest, which holds the hash of every other file


def _model(files: Any) -> Model:
    """Read the model that was broadcast, once in each process."""
    held = files.value
    manifest = held[MANIFEST]
    if manifest not in _models:
        with tempfile.TemporaryDirectory() as folder:
            for name, content in held.items():
                (Path(folder) / name).write_bytes(content)
            _models[manifest] = Model.load(Path(folder))
    return _models[manifest]


def _parts(folder: Path, n_buckets: int) -> Iterator[tuple[pd.DataFrame, Report]]:
    """Read what the executors wrote, bucket by bucket, each in the order of the ranking."""
    for number in range(n_buckets):
        files = sorted((folder / f"{BUCKET}={number}").glob("*.parquet"))
        if not files:
            continue
        table = pa.concat_tables([pa.parquet.ParquetFile(file).read() for file in files]).sort_by(PLACE)
        report = Report.from_bytes(table.column(REPORT).drop_null()[0].as_py())
        table = table.slice(0, table.num_rows - 1).drop_columns([PLACE, REPORT])
        frame = table.to_pandas()
        for name in ("rank_low", "rank_high"):
            if frame[name].isna().all():
                frame[name] = frame[name].astype("Int64")
        yield frame, report


@contextmanager
def _session(master: str) -> Iterator[Any]:
    """Start Spark, or say what it lacks."""
    if find_spec("pyspark") is None:
        raise TaskError("--engine spark needs pyspark: install the extra, pip install 'candor-rank[spark]'")
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java", path=str(Path(home) / "bin") if home else None) is None:
        where = f"JAVA_HOME, {home}, has no bin/java" if home else "there is no java on the path"
        raise TaskError(f"--engine spark needs a Java runtime, 17 or later: {where}")
    _reach(master)
    given = os.environ.get(PYTHON)
    with warnings.catch_warnings():
        # pyspark 4 says so of pandas 3; what goes between them here is Arrow.
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.master(master).appName("candor rank")
        for name, value in SETTINGS.items():
            builder = builder.config(name, value)
        if master.startswith("local"):  # where workers are to be what this process is
            os.environ.setdefault(PYTHON, sys.executable)
            builder = builder.config("spark.executorEnv.PYTHONPATH", str(Path(__file__).parents[3]))
        try:
            spark = builder.getOrCreate()
        except Exception as error:
            raise TaskError(f"--master {master}: Spark does not start: {_last_line(error)}") from None
        try:
            yield spark
        except PySparkException as error:
            raise DataError(f"Spark could not rank: {_last_line(error)}") from error
        finally:
            spark.stop()
            if given is None:
                os.environ.pop(PYTHON, None)


def _last_line(error: Exception) -> str:
    """Return what a trace of Python or Java ends in, which is the error itself."""
    lines = [line.strip() for line in str(error).splitlines()]
    own = [line for line in lines if line and not line.startswith(("at ", "File ", "JVM stacktrace"))]
    return own[-1] if own else type(error).__name__


def _reach(master: str) -> None:
    """Refuse a master that no one answers for."""
    if not master.startswith(MASTERS):
        raise TaskError(
            f"--master {master}: Spark knows no such master: write local, local[4], spark://host:7077, "
            "k8s://... or yarn"
        )
    if master.startswith("spark://"):
        address = urlsplit(master.partition(",")[0])
        try:
            socket.create_connection((str(address.hostname), address.port or 7077), PATIENCE).close()
        except (OSError, ValueError) as error:
            raise TaskError(
                f"--master {master}: no one answers there ({error}): start the master, or name another"
            ) from None


def _first_rows(applications: Applications) -> dict[str, int]:
    """Return how many rows stand before each file's."""
    found, before = {}, 0
    for file in applications.files:
        found[file.name] = before
        before += pa.parquet.read_metadata(file).num_rows
    return found


def _uri(path: Path) -> str:
    """Write a path for Spark, which takes percent signs as they are."""
    return f"file://{path.absolute()}"


def _name(column: str) -> str:
    """Quote a column's name for Spark, to which a dot means a part of a struct."""
    return "`" + column.replace("`", "``") + "`"
